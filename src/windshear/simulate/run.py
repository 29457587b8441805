"""Running a simulation: day by day the habits and the scenario, sorted by arrival, into files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryFile

import orjson

from windshear.simulate.background.habits import HABITS
from windshear.simulate.context import write_context
from windshear.simulate.day import make_day
from windshear.simulate.files import LABELS, LogFiles, write_first_label
from windshear.simulate.page import write_page
from windshear.simulate.plan import Plan
from windshear.simulate.record import Log, Mark, Record
from windshear.simulate.spool import Spool
from windshear.simulate.world.world import World, make_world

LOGS, HISTORY, CONTEXT = "logs", "history", "context"
_BEFORE_ATTACK = timedelta(days=1)  # what a detection may still hold
_REPEATED = 0.01  # the share of cloud records that are delivered twice
_DELIVERED_TWICE = frozenset((Log.ENTRA_SIGN_INS, Log.CLOUDTRAIL, Log.OKTA, Log.OFFICE, Log.GRAPH))


@dataclass(slots=True)
class Summary:
    """What was written. counts: records per log; history: of the earlier period; marked: labels per verdict."""

    counts: Counter[Log] = field(default_factory=Counter)
    history: Counter[Log] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)


def simulate(plan: Plan, folder: Path, *, advance: Callable[[int], None] = lambda _days: None) -> Summary:
    """Write a simulation into an empty folder.

    advance: is told of each day that is done. Errors of the disk come as `OSError`.
    """
    world = make_world(plan.seed, plan.users)
    story = _story(plan, world)
    summary = Summary()
    with (folder / LABELS).open("wb") as labels:
        write_first_label(labels)
        with LogFiles(folder / LOGS, labels, is_compressed=plan.is_compressed, root=folder) as files:
            _write_days(_Period(plan, world, story, 0, plan.days), files, folder, advance)
            summary.counts, summary.marked = files.counts, files.marked
    if plan.history_days:
        summary.history = _write_history(plan, world, folder, advance)
    write_context(world, _midnight(plan, 0), folder / CONTEXT, story.unlisted)
    write_page(plan, summary.counts, summary.history, folder)
    return summary


@dataclass(frozen=True, slots=True)
class _Story:
    """What is not background. records: of the attack. doubt: finds names of its people and things in other records.

    mark: of such records, from `since` on: what the accounts of an attack do besides may rightly be in a detection.
    unlisted: computers that the company's tables do not know.
    """

    records: Sequence[Record] = ()
    doubt: re.Pattern[bytes] | None = None
    mark: Mark | None = None
    since: datetime | None = None
    unlisted: frozenset[str] = frozenset()

    def judged(self, record: Record) -> Record:
        """Return a record of the background, marked if nobody can say whether it belongs to the attack."""
        if self.doubt is None or self.mark is None or self.since is None or record.time < self.since:
            return record
        return record.marked(self.mark) if self.doubt.search(record.text) else record


def _story(plan: Plan, world: World) -> _Story:
    if plan.scenario is None:
        return _Story()
    scenario, midnight = plan.scenario(world), _midnight(plan, plan.first_attack_day)
    names = b"|".join(re.escape(orjson.dumps(name)[1:-1]) for name in scenario.names())
    why = "done by an account that the attack uses, too"
    mark = Mark("neutral", scenario.steps()[0].behaviours, why, ("account_of_a_victim",), person=scenario.who)
    since = scenario.begin(midnight) - _BEFORE_ATTACK
    return _Story(list(scenario.records(midnight)), re.compile(names), mark, since, scenario.unlisted)


@dataclass(frozen=True, slots=True)
class _Period:
    """Some days, counted from the simulation's first. story: what is not background."""

    plan: Plan
    world: World
    story: _Story
    first: int
    count: int
    is_history: bool = False


def _write_history(plan: Plan, world: World, folder: Path, advance: Callable[[int], None]) -> Counter[Log]:
    period = _Period(plan, world, _Story(), -plan.history_days, plan.history_days, is_history=True)
    with LogFiles(folder / HISTORY, None, is_compressed=plan.is_compressed, root=folder) as files:
        _write_days(period, files, folder, advance)
    return files.counts


def _midnight(plan: Plan, day: int) -> datetime:
    first = datetime(plan.start.year, plan.start.month, plan.start.day, tzinfo=UTC)
    return first + timedelta(days=day)


def _write_days(period: _Period, files: LogFiles, folder: Path, advance: Callable[[int], None]) -> None:
    """Write a period day by day; what arrives on a later day waits for it."""
    waiting: Sequence[Record] = period.story.records
    for number in range(period.count):
        end = _midnight(period.plan, period.first + number + 1)
        with TemporaryFile(dir=folder) as file:
            spool = Spool(file)
            for record in chain(waiting, _background(period, period.first + number)):
                spool.add(record)
            files.write(spool.arrived(end))
            waiting = spool.late(end)
        advance(1)
    files.write(sorted(waiting, key=attrgetter("arrival")))


def _background(period: _Period, number: int) -> Iterator[Record]:
    if not period.plan.has_background:
        return
    day = make_day(period.world, _midnight(period.plan, number).date(), is_history=period.is_history)
    again = day.chance("delivered twice")
    for habit in HABITS:
        for made in habit(day):
            record = period.story.judged(made)
            yield record
            if record.log in _DELIVERED_TWICE and record.mark is None and again.is_true(_REPEATED):
                yield _later(record, again.minutes(1, 30))


def _later(record: Record, delay: timedelta) -> Record:
    return Record(record.log, record.time, record.arrival + delay, record.text, record.id)
