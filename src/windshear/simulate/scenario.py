"""What a scenario is: somebody's story in steps, and each step's records.

A scenario is a class with one method per step, in the order of the story:

    class AzLogin(Scenario):
        \"\"\"Azure CLI on a compromised workstation.\"\"\"

        def __init__(self, world: World) -> None:
            super().__init__(world)
            self.victim = world.find("victim", lambda person: person.kind is Kind.OFFICE)

        @step(minute=0, stage="endpoint", behaviours="B01", why="the device code flow is started by a shell")
        def starts_the_cli(self, at: datetime, draw: Chance) -> Iterator[Record]:
            yield launched(...)

A step's records get its behaviours, and the verdict `flag_if_covered`. What differs is said where it is made:
`must(record)` for what a detection must hold, `beside(record)` for what only goes with it and is not scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from windshear.simulate.chance import Chance
from windshear.simulate.record import Mark, Record
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import World

STAGES = (
    "endpoint", "access", "federation", "token", "enumeration", "credentials", "roles", "controls", "secrets",
    "compute", "data", "impact", "enrolment",
)  # fmt: skip
_DAY_MINUTES = 24 * 60


Draws = Callable[[Any, datetime, Chance], Iterator[Record]]  # a method that makes a step's records


@dataclass(frozen=True, slots=True)
class Step:
    """What a step declares. minute: since the scenario's beginning. behaviours: ids (`B01`)."""

    minute: float
    stage: str
    behaviours: tuple[str, ...]
    why: str
    method: Draws


class Scenario:
    """A story of an attack. Subclasses set `victim` (whose `person_id` its labels name) and have steps."""

    hour: ClassVar[int] = 10  # at which it begins, in the victim's own time
    also: ClassVar[tuple[str, ...]] = ()  # what it uses besides people, as records name it: a key, a machine
    unlisted: frozenset[str] = frozenset()  # names of computers that the company forgot to write into its tables

    def __init__(self, world: World) -> None:
        self.world = world
        self.victim: Person = world.people[0]

    @property
    def who(self) -> str:
        """The `person_id` that labels name, or the workload's name if no person is attacked."""
        return self.victim.upn

    @classmethod
    def name(cls) -> str:
        """Give the name by which it is run, which is its module's."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def steps(cls) -> tuple[Step, ...]:
        """Give what its steps declare, in the order in which they are written."""
        stories = [vars(part).values() for part in reversed(cls.__mro__)]  # what it goes on with comes first
        return tuple(value for story in stories for value in story if isinstance(value, Step))

    @classmethod
    def days(cls) -> int:
        """Give how many days it takes, counted from midnight before its beginning."""
        last = max((step.minute for step in cls.steps()), default=0)
        return int((cls.hour * 60 + last) // _DAY_MINUTES) + 1

    def names(self) -> list[str]:
        """Give the names by which records call the people and things that the attack uses."""
        cast = [value for value in vars(self).values() if isinstance(value, Person)]
        return [name for person in cast for name in (person.upn, person.object_id, person.sid, person.sam)] + [
            *self.also
        ]

    def begin(self, midnight: datetime) -> datetime:
        """Give when it begins. midnight: the beginning of its first day, in UTC."""
        return midnight + timedelta(hours=self.hour - self.victim.place.utc_offset)

    def records(self, midnight: datetime) -> Iterator[Record]:
        """Yield the marked records of all steps. midnight: the beginning of the first day, in UTC."""
        begin = self.begin(midnight)
        for number, step in enumerate(self.steps(), 1):
            draw = self.world.chance(self.name(), step.method.__name__)
            mark = Mark(
                "flag_if_covered",
                step.behaviours,
                step.why,
                campaign=self.name(),
                stage=step.stage,
                step=number,
                person=self.who,
            )
            for record in step.method(self, begin + timedelta(minutes=step.minute), draw):
                yield record.marked(_merged(mark, record.mark))


def step(*, minute: float, stage: str, behaviours: str, why: str) -> Callable[[Draws], Step]:
    """Declare a step. minute: of its beginning, since the scenario's. behaviours: ids with blanks between."""

    def declared(method: Draws) -> Step:
        return Step(minute, stage, tuple(behaviours.split()), why, method)

    return declared


def must(record: Record, behaviours: str = "", *, person: str = "", why: str = "") -> Record:
    """Say that some detection must hold the record; with behaviours, a person or a reason other than the step's."""
    return record.marked(Mark("flag", tuple(behaviours.split()), why, person=person))


def covered(record: Record, behaviours: str = "", *, person: str = "", why: str = "") -> Record:
    """Say what differs from the step in a record that some detection must hold if the behaviour is covered."""
    return record.marked(Mark("flag_if_covered", tuple(behaviours.split()), why, person=person))


def beside(record: Record, why: str = "") -> Record:
    """Say that a record goes with the step, but that finding it or not is no merit."""
    return record.marked(Mark("neutral", (), why))


def _merged(mark: Mark, own: Mark | None) -> Mark:
    """Put what a record says of itself over what its step says."""
    if own is None:
        return mark
    return replace(
        mark,
        verdict=own.verdict,
        behaviours=own.behaviours or mark.behaviours,
        why=own.why or mark.why,
        person=own.person or mark.person,
    )
