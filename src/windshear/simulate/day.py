"""A day of the simulated world: who works, when, and from where. All habits agree on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.world.networks import MOBILE, VPN_EXITS, Origin
from windshear.simulate.world.people import Kind, Person
from windshear.simulate.world.world import World

_SATURDAY = 5
_AWAY, _ON_THE_WAY = frozenset((2, 3)), frozenset((1, 4))  # days of the week of a trip


@dataclass(frozen=True, slots=True)
class WorkDay:
    """Somebody's day. origins: of the computer, one of them at a time. phone: of the phone. session: in the browser."""

    person: Person
    begin: datetime
    end: datetime
    origins: tuple[Origin, ...]
    phone: Origin
    session: str
    is_abroad: bool = False

    def moment(self, draw: Chance) -> datetime:
        """Give some moment of the working hours."""
        return self.begin + (self.end - self.begin) * draw.random()

    def origin(self, draw: Chance) -> Origin:
        """Give the address from which the computer is seen: of a VPN with two exits either."""
        return self.origins[0] if len(self.origins) == 1 else draw.choice(self.origins)


@dataclass(frozen=True, slots=True)
class Day:
    """A day. work: of everybody who works. is_history: before the simulation's first day, told in less detail."""

    world: World
    date: date
    work: tuple[WorkDay, ...]
    is_history: bool = False

    @property
    def midnight(self) -> datetime:
        """Its beginning in UTC."""
        return _midnight(self.date)

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
    is_weekend = on.weekday() >= _SATURDAY
    for person in world.people:
        draw = world.chance("day", person.number, on.isoformat())
        is_on_the_way = on.weekday() in _ON_THE_WAY and person.trip(on.isocalendar().week) is not None
        often = (0.12 if person.kind is Kind.ADMIN else 0.04) if is_weekend else 0.93
        if draw.is_true(often) and not is_on_the_way:
            yield _work_day(person, on, draw)


def _work_day(person: Person, on: date, draw: Chance) -> WorkDay:
    trip = person.trip(on.isocalendar().week) if on.weekday() in _AWAY else None
    place = trip.place if trip else person.place
    begin = _midnight(on) + timedelta(hours=8 - place.utc_offset) + draw.minutes(-50, 90)
    carrier = MOBILE[{"NO": 0, "DE": 1, "US": 2}[person.place.code]]
    number = person.number * 7 + on.toordinal()
    if trip:
        origins: tuple[Origin, ...] = (trip.origin(person.number),)
    elif person.uses_vpn:
        origins = tuple(network.origin(number) for network in VPN_EXITS)
    elif person.is_mobile and draw.is_true(0.5):
        origins = (carrier.origin(number),)
    else:
        origins = (person.home if draw.is_true(0.35) else person.office.origin(6),)
    end = begin + draw.minutes(8 * 60, 9.5 * 60)
    return WorkDay(person, begin, end, origins, carrier.origin(number + 13), draw.uuid(), is_abroad=trip is not None)


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=UTC)
