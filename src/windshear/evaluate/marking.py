"""Marking: which records of the data a label is about, found while the data is read.

A record that has a line of its own is known by its identity, so that it counts once however often it occurs. All
others are known by their file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.detections.detection import EventReference
from windshear.engine.batch import EventBatch
from windshear.engine.identities import HANDLES, event_ids
from windshear.evaluate.labels import Label, Labels
from windshear.logs.readers.read import source_name
from windshear.logs.record import Indices, RecordBatch
from windshear.udm.columns import Columns, ScalarColumn

IN_ARCHIVE = "!"  # between an archive and a file in it


@dataclass(frozen=True, slots=True)
class Marked:
    """A record that a label names: the label, the record's identities, its time (µs), log type and place.

    It has several identities if the data holds it in several wordings, as when a product wrote it twice.
    """

    label: Label
    ids: tuple[str, ...]
    time: int
    log_type: str
    place: str


@dataclass(frozen=True, slots=True)
class _File:
    """What is known of one file: its records with lines of their own, and the label of the rest, if there is one."""

    by_id: Mapping[str, Label]
    by_number: Mapping[int, Label]
    rest: Label | None


@dataclass(slots=True)
class Marker:
    """Finds the labelled records among the batches of a feed that was asked for `columns`.

    rest: how many events each label of a whole file is about. unlabelled: events that no label is about.
    """

    labels: Labels
    _marked: dict[str, Marked] = field(default_factory=dict)
    rest: Counter[Label] = field(default_factory=Counter)
    unlabelled: int = 0
    _files: dict[str, _File] = field(default_factory=dict)
    _found: set[Label] = field(default_factory=set)

    columns: Columns = field(default_factory=lambda: {HANDLES["udm"]: ScalarColumn("text")})

    def add(self, batch: EventBatch) -> None:
        """Look at the events of a batch."""
        records = batch.records
        present = np.unique(records.source_of).tolist()
        files = {index: self._file(records.sources[index]) for index in present}
        own = self._own_rows(batch, files)
        counts = np.bincount(records.source_of, minlength=len(records.sources))
        own_counts = np.bincount(records.source_of[list(own)], minlength=len(records.sources)) if own else counts * 0
        for index, file in files.items():
            number = int(counts[index] - own_counts[index])
            if file.rest is None:
                self.unlabelled += number
            elif number:
                self.rest[file.rest] += number
                self._found.add(file.rest)
        if own:
            self._mark(batch, own)

    def label_of(self, reference: EventReference) -> Label | None:
        """Return the label of a record that a detection holds, None without one."""
        found = self._marked.get(reference.id)
        return found.label if found else self._file(reference.source.rpartition(":")[0]).rest

    def records(self) -> list[Marked]:
        """Return the records that labels name, and all of attacks, by time; each once."""
        found: dict[Label | str, Marked] = {}
        for identity, marked in self._marked.items():
            key = identity if marked.label.is_rest else marked.label
            known = found.setdefault(key, marked)
            if known is not marked:
                found[key] = replace(known, ids=(*known.ids, identity))
        return sorted(found.values(), key=lambda one: (one.time, one.place))

    def without_records(self) -> Iterator[Label]:
        """Yield the labels that are about no event that was read; the label of the background may be."""
        for label in self.labels.labels:
            if label not in self._found and not label.is_background:
                yield label

    def _own_rows(self, batch: EventBatch, files: Mapping[int, _File]) -> dict[int, Label]:
        """Return the rows that are known one by one, and their labels: those with own lines, and all of an attack."""
        records = batch.records
        found: dict[int, Label] = {}
        for index, file in files.items():
            if file.rest is not None and file.rest.verdict.is_attack:
                found |= dict.fromkeys(np.flatnonzero(records.source_of == index).tolist(), file.rest)
        ids = {name for file in files.values() for name in file.by_id}
        if ids and HANDLES["udm"] in batch.table.column_names:
            handles = batch.table.column(HANDLES["udm"])
            for row in np.flatnonzero(pc.is_in(handles, value_set=pa.array(sorted(ids))).to_numpy()).tolist():
                label = files[int(records.source_of[row])].by_id.get(handles[row].as_py())
                if label is not None:
                    found[row] = label
        numbers = [number for file in files.values() for number in file.by_number]
        if numbers:
            for row in np.flatnonzero(np.isin(records.numbers, numbers)).tolist():
                label = files[int(records.source_of[row])].by_number.get(int(records.numbers[row]))
                if label is not None:
                    found[row] = label
        return found

    def _mark(self, batch: EventBatch, own: Mapping[int, Label]) -> None:
        rows = np.array(sorted(own), np.int64)
        records = batch.records.take(rows)
        times = batch.table.column("ts_us").take(pa.array(rows)).to_pylist()
        for place, (row, identity) in enumerate(
            zip(rows.tolist(), event_ids(batch.log_type, records.texts), strict=True)
        ):
            label = own[row]
            self._found.add(label)
            if identity not in self._marked:
                where = _place(records, place)
                self._marked[identity] = Marked(label, (identity,), times[place] or 0, batch.log_type, where)

    def _file(self, source: str) -> _File:
        known = self._files.get(source)
        if known is None:
            known = self._files[source] = self._labels_of(source)
        return known

    def _labels_of(self, source: str) -> _File:
        name = below(source, self.labels.folder)
        mine = [label for label in self.labels.labels if _is_about(label, name)]
        rest = max((label for label in mine if label.is_rest), key=lambda label: len(label.file), default=None)
        own = [label for label in mine if not label.is_rest]
        return _File(
            {label.record_id: label for label in own},
            {label.number: label for label in own if label.number is not None},
            rest,
        )


def below(source: str, folder: Path) -> str:
    """Return the path of a file that was read, below a folder.

    >>> below("data/aws/trail.json", Path("data"))
    'aws/trail.json'
    """
    path = PurePath(source)
    base = PurePath(source_name(str(folder)))
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


def _is_about(label: Label, name: str) -> bool:
    return (
        label.file in (name, "*") or fnmatchcase(name, label.file) or fnmatchcase(name, label.file + IN_ARCHIVE + "*")
    )


def _place(records: RecordBatch, row: int | Indices) -> str:
    origin = records.origin(int(row))
    return f"{origin.source}:{origin.number}"
