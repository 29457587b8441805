"""Running a simulation: day by day the habits and the scenario, sorted by arrival, into files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

from windshear.simulate.background.habits import HABITS
from windshear.simulate.context import write_context
from windshear.simulate.day import make_day
from windshear.simulate.files import LABELS, LogFiles, write_first_label
from windshear.simulate.page import write_page
from windshear.simulate.plan import Plan
from windshear.simulate.record import Log, Record
from windshear.simulate.world.world import World, make_world

LOGS, HISTORY, CONTEXT = "logs", "history", "context"
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
            _write_days(_Period(plan, world, story, 0, plan.days), files, advance)
            summary.counts, summary.marked = files.counts, files.marked
    if plan.history_days:
        summary.history = _write_history(plan, world, folder, advance)
    write_context(world, _midnight(plan, 0), folder / CONTEXT)
    write_page(plan, summary.counts, summary.history, folder)
    return summary


@dataclass(frozen=True, slots=True)
class _Period:
    """Some days, counted from the simulation's first. story: what is not background."""

    plan: Plan
    world: World
    story: Sequence[Record]
    first: int
    count: int
    is_history: bool = False


def _write_history(plan: Plan, world: World, folder: Path, advance: Callable[[int], None]) -> Counter[Log]:
    period = _Period(plan, world, (), -plan.history_days, plan.history_days, is_history=True)
    with LogFiles(folder / HISTORY, None, is_compressed=plan.is_compressed, root=folder) as files:
        _write_days(period, files, advance)
    return files.counts


def _story(plan: Plan, world: World) -> list[Record]:
    if plan.scenario is None:
        return []
    return list(plan.scenario(world).records(_midnight(plan, plan.first_attack_day)))


def _midnight(plan: Plan, day: int) -> datetime:
    first = datetime(plan.start.year, plan.start.month, plan.start.day, tzinfo=UTC)
    return first + timedelta(days=day)


def _write_days(period: _Period, files: LogFiles, advance: Callable[[int], None]) -> None:
    """Write a period, one day in memory at a time; what arrives on a later day waits for it."""
    waiting: list[Record] = list(period.story)
    for number in range(period.count):
        end = _midnight(period.plan, period.first + number + 1)
        waiting.extend(_background(period, period.first + number))
        waiting.sort(key=attrgetter("arrival"))
        split = next((place for place, record in enumerate(waiting) if record.arrival >= end), len(waiting))
        files.write(waiting[:split])
        del waiting[:split]
        advance(1)
    files.write(waiting)


def _background(period: _Period, number: int) -> Iterator[Record]:
    if not period.plan.has_background:
        return
    day = make_day(period.world, _midnight(period.plan, number).date(), is_history=period.is_history)
    again = day.chance("delivered twice")
    for habit in HABITS:
        for record in habit(day):
            yield record
            if record.log in _DELIVERED_TWICE and record.mark is None and again.is_true(_REPEATED):
                yield _later(record, again.minutes(1, 30))


def _later(record: Record, delay: timedelta) -> Record:
    return Record(record.log, record.time, record.arrival + delay, record.text, record.id)
