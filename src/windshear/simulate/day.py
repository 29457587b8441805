"""A day of the simulated world: who works, when, and from where. All habits agree on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from windshear.simulate.chance import Chance
from windshear.simulate.world.networks import MOBILE, VPN_EXITS, Origin
from windshear.simulate.world.people import Kind, Person
from windshear.simulate.world.world import World

Whereabouts = Literal["office", "home", "vpn", "mobile", "abroad"]
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkDay:
    """Somebody's day. origin: of the computer. phone: of the phone. session: of Entra ID in the browser."""

    person: Person
    begin: datetime
    end: datetime
    where: Whereabouts
    origin: Origin
    phone: Origin
    session: str

    def moment(self, draw: Chance) -> datetime:
        """Give some moment of the working hours."""
        return self.begin + (self.end - self.begin) * draw.random()


@dataclass(frozen=True, slots=True)
class Day:
    """A day. number: from the first day on, negative in the history. work: of everybody who works."""

    world: World
    date: date
    work: tuple[WorkDay, ...]
    is_history: bool = False

    @property
    def midnight(self) -> datetime:
        """Its beginning in UTC."""
        return datetime(self.date.year, self.date.month, self.date.day, tzinfo=UTC)

    @property
    def is_weekend(self) -> bool:
        """Whether most people are free."""
        return self.date.weekday() >= _SATURDAY

    def chance(self, habit: str, *names: object) -> Chance:
        """Make the chance of a habit on this day."""
        return self.world.chance(habit, self.date.isoformat(), *names)


def make_day(world: World, on: date, *, is_history: bool = False) -> Day:
    """Make a day of a world, the same for everybody who asks."""
    return Day(world, on, tuple(_work(world, on)), is_history)


def _work(world: World, on: date) -> Iterator[WorkDay]:
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    is_weekend = on.weekday() >= _SATURDAY
    for person in world.people:
        draw = world.chance("day", person.number, on.isoformat())
        works = draw.is_true((0.12 if person.kind is Kind.ADMIN else 0.04) if is_weekend else 0.93)
        if works:
            yield _work_day(person, midnight, on, draw)


def _work_day(person: Person, midnight: datetime, on: date, draw: Chance) -> WorkDay:
    where = _whereabouts(person, on, draw)
    zone = person.abroad.place.utc_offset if where == "abroad" and person.abroad else person.place.utc_offset
    begin = midnight + timedelta(hours=8 - zone) + draw.minutes(-50, 90)
    site = person.office.place
    mobile = MOBILE[0 if site.code == "NO" else 1 if site.code == "DE" else 2]
    return WorkDay(
        person=person,
        begin=begin,
        end=begin + draw.minutes(8 * 60, 9.5 * 60),
        where=where,
        origin=_origin(person, where, mobile.origin(person.number * 7 + on.toordinal()), draw),
        phone=mobile.origin(person.number * 7 + on.toordinal() + 13),
        session=draw.uuid(),
    )


def _whereabouts(person: Person, on: date, draw: Chance) -> Whereabouts:
    # A traveller is away on two days of the second half of the week, every other week.
    if person.abroad and on.weekday() in {2, 3} and on.isocalendar().week % 2 == 0:
        return "abroad"
    if person.uses_vpn:
        return "vpn"
    is_mobile = person.is_mobile and draw.is_true(0.5)
    return "mobile" if is_mobile else "home" if draw.is_true(0.35) else "office"


def _origin(person: Person, where: Whereabouts, mobile: Origin, draw: Chance) -> Origin:
    match where:
        case "office":
            return person.office.origin(6)
        case "vpn":
            return draw.choice(VPN_EXITS).origin(draw.randrange(4))
        case "mobile":
            return mobile
        case "abroad" if person.abroad:
            return person.abroad.origin(person.number)
        case _:
            return person.home
