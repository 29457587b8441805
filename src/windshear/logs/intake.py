"""Intake: from read batches to events, whatever log types stand in them.

A source whose first records are all of one type is handed to that type's parser as a whole; a record in it that turns
out to be something else, and those of a mixed source, are sorted out type by type: the first that is left names a
type, and all that look like it go along. Every record ends as an event, in quarantine, or counted as skipped with a
reason: one that no log type claims is broken if its source holds logs, and no log if it does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import pyarrow as pa

from windshear.logs.catalogue import parser_of
from windshear.logs.detect import Miss, Recognised, Unknown, identify, misses
from windshear.logs.evidence import evidence_text
from windshear.logs.normalise import Normaliser
from windshear.logs.normalised import json_problem, quarantined_record
from windshear.logs.parser import Shape
from windshear.logs.quarantine import Quarantined, Skipped
from windshear.logs.record import Indices, RecordBatch
from windshear.logs.splitting import split_records
from windshear.logs.unclaimed import Unclaimed
from windshear.udm.columns import Columns

# The columns asked for of a log type's events. Statements are kept by identity: equal columns are the same object.
ColumnsOf = Callable[[str], Columns]

_SAMPLE = 8


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one log type: their columns (`ts_us` first), and the raw record of each row.

    shape: in which the records stand; None if each may stand in any that the log type knows.
    """

    log_type: str
    shape: str | None
    table: pa.Table
    records: RecordBatch


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of the records of a batch; `added` counts those that came out of records with several events."""

    events: tuple[Events, ...]
    quarantined: tuple[Quarantined, ...]
    skipped: tuple[Skipped, ...]
    added: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """How a source is read: as one log type and why, or record by record.

    misses: other log types that its first record shows something of. sorted_out: of those that are read record by
    record, how many are of which log type, in which shape and why.
    """

    source: str
    recognised: Recognised | None
    misses: tuple[Miss, ...] = ()
    sorted_out: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class Intake:
    """Takes in batches; remembers what each source was found to be."""

    def __init__(self, normaliser: Normaliser, columns: ColumnsOf, log_type: str | None = None) -> None:
        """Ask for some columns of each log type; `log_type` reads everything as that type."""
        self._normaliser = normaliser
        self._columns = columns
        self._log_type = log_type
        self._decisions: dict[str, Decision] = {}
        self._unclaimed = Unclaimed()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """How the sources seen so far are read."""
        return tuple(self._decisions.values())

    def take_in(self, batch: RecordBatch) -> TakenIn:
        """Return the events of a batch, and what is none."""
        gathered = _Gathered(self._normaliser, self._columns, batch)
        if self._log_type is not None:
            gathered.normalise(self._log_type, None, np.arange(len(batch), dtype=np.int64), is_forced=True)
        else:
            unsure = [gathered.normalise(log_type, shape, rows) for log_type, shape, rows in self._whole_sources(batch)]
            unsure += [rows for source, rows in _by_source(batch) if self._decisions[source].recognised is None]
            gathered.sort_out(np.sort(np.concatenate([np.zeros(0, np.int64), *unsure])))
            for (source, found), number in gathered.sorted_out.items():
                self._decisions[source].sorted_out[found] += number
        present = [batch.sources[place] for place in np.unique(batch.source_of)]
        claimed = [name for name in present if self._is_claimed(name) or name in gathered.claimed]
        broken, skipped = self._unclaimed.decide(present, claimed, gathered.unclaimed)
        return gathered.result(broken, skipped)

    def finish(self) -> tuple[Skipped, ...]:
        """Return the records that were kept back at the end: their sources turned out to hold no logs."""
        return tuple(self._unclaimed.finish())

    def _is_claimed(self, source: str) -> bool:
        decision = self._decisions.get(source)
        return decision is not None and bool(decision.recognised or decision.sorted_out)

    def _whole_sources(self, batch: RecordBatch) -> Iterator[tuple[str, str, Indices]]:
        """Yield the rows that are read as one log type, taken together over sources."""
        groups: dict[tuple[str, str], list[Indices]] = {}
        for source, rows in _by_source(batch):
            decision = self._decisions.get(source)
            if decision is None:
                decision = self._decisions[source] = _decided(batch.take(rows[:_SAMPLE]), source)
            if decision.recognised is not None:
                groups.setdefault((decision.recognised.log_type, decision.recognised.shape), []).append(rows)
        for (log_type, shape), parts in groups.items():
            yield log_type, shape, np.concatenate(parts)


class _Gathered:
    """Collects what becomes of one batch."""

    def __init__(self, normaliser: Normaliser, columns: ColumnsOf, batch: RecordBatch) -> None:
        self._normaliser = normaliser
        self._columns = columns
        self._batch = batch
        self.sorted_out: Counter[tuple[str, tuple[str, str, str]]] = Counter()
        self._events: list[Events] = []
        self._quarantined: list[Quarantined] = []
        self._added = 0
        self.unclaimed: list[Quarantined] = []
        self.claimed: set[str] = set()

    def normalise(self, log_type: str, shape: str | None, rows: Indices, *, is_forced: bool = False) -> Indices:
        """Normalise some records; return those that turn out to be something else."""
        part = self._batch if len(rows) == len(self._batch) else self._batch.take(rows)
        strangers = self._take_part(part, log_type, shape)
        if is_forced:
            self._refuse(part, strangers, log_type)
        return rows[strangers]

    def _take_part(self, part: RecordBatch, log_type: str, shape: str | None) -> Indices:
        result = self._normaliser.normalise(part, log_type, self._columns(log_type), shape)
        self._quarantined += result.quarantined
        if len(result.rows):
            records = part if len(result.rows) == len(part) else part.take(result.rows)
            self._events.append(Events(log_type, shape, result.table, records))
        for held_in, held in result.several:
            self._take_pieces(part.take(held), log_type, held_in)
        return result.strangers

    def _take_pieces(self, part: RecordBatch, log_type: str, shape: Shape) -> None:
        """Normalise what records with several events hold."""
        if shape.split is None:
            return
        found, bad = split_records(part, shape.split)
        self._quarantined += bad
        self._added += len(found) + len(bad) - len(part)
        if len(found):
            self._refuse(found, self._take_part(found, log_type, None), log_type)

    def _refuse(self, part: RecordBatch, rows: Indices, log_type: str) -> None:
        reason = f"does not look like {log_type}: expected {evidence_text(parser_of(log_type).shapes[0])}"
        self._quarantined += [quarantined_record(part, int(row), reason) for row in rows]

    def sort_out(self, rows: Indices) -> None:
        """Find the log types of records one after the other, each time taking along all that look the same."""
        tried: set[tuple[str, str]] = set()
        while len(rows):
            row, rest = int(rows[0]), rows[1:]
            match _identified(self._batch.text(row)):
                case Recognised(log_type, shape, reason) if (log_type, shape) not in tried:
                    tried.add((log_type, shape))
                    rest = self.normalise(log_type, shape, rows)
                    self._note(np.setdiff1d(rows, rest, assume_unique=True), (log_type, shape, reason))
                case Recognised(log_type, _, _):
                    self.claimed.add(self._batch.origin(row).source)
                    self._leave(row, f"looks like {log_type}, but only by a repeated key")
                case Unknown(reason):
                    self._leave(row, reason)
                case reason if _begins_json(self._batch.text(row)):
                    self._quarantined.append(quarantined_record(self._batch, row, reason))
                case reason:
                    self._leave(row, reason)
            rows = rest

    def _note(self, rows: Indices, found: tuple[str, str, str]) -> None:
        places, counts = np.unique(self._batch.source_of[rows], return_counts=True)
        for place, number in zip(places.tolist(), counts.tolist(), strict=True):
            self.sorted_out[self._batch.sources[place], found] += number

    def result(self, broken: Sequence[Quarantined], skipped: Sequence[Skipped]) -> TakenIn:
        """Return what was collected, and what is known now of records that no log type claims."""
        return TakenIn(tuple(self._events), (*self._quarantined, *broken), tuple(skipped), self._added)

    def _leave(self, row: int, reason: str) -> None:
        self.unclaimed.append(quarantined_record(self._batch, row, reason))


def _by_source(batch: RecordBatch) -> Iterable[tuple[str, Indices]]:
    """Give each source's rows; records of one source stand together."""
    cuts = np.flatnonzero(np.diff(batch.source_of)) + 1
    for rows in np.split(np.arange(len(batch), dtype=np.int64), cuts):
        if len(rows):
            yield batch.sources[int(batch.source_of[rows[0]])], rows


def _begins_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _decided(sample: RecordBatch, source: str) -> Decision:
    recognised = _common_type(sample)
    first = _parsed(sample.text(0))
    found = () if first is None else misses(first)
    others = tuple(miss for miss in found if recognised is None or miss.log_type != recognised.log_type)
    return Decision(source, recognised, others)


def _parsed(text: str) -> dict[str, object] | None:
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def _common_type(sample: RecordBatch) -> Recognised | None:
    """Return the log type of some records if all that can be read are of one, and in one shape."""
    found = {found for row in range(len(sample)) if not isinstance(found := _identified(sample.text(row)), str)}
    only = found.pop() if len(found) == 1 else None
    return only if isinstance(only, Recognised) else None


def _identified(text: str) -> Recognised | Unknown | str:
    """Tell what a raw record is, or why it is no JSON object."""
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return json_problem(text)
    return identify(record) if isinstance(record, dict) else json_problem(text)
