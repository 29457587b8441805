"""Columns of UDM events in the usual spelling of proto-JSON, taken straight from what was parsed.

Most events are spelled alike: no wrapper, lowerCamelCase, values of the type that the schema says. Their columns are
taken out of all events together, message by message, and nothing else of them is looked at. `proto_json` says how an
event is read: one that is spelled otherwise at a place that is asked for is *odd* here, and left to it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.udm.columns import Column, Columns, ListColumn, MessagesColumn, ScalarColumn, arrow_type
from windshear.udm.places import Place, places
from windshear.udm.rows import TIME
from windshear.udm.scalars import Refusal, read_scalar, read_time
from windshear.udm.schema import DURATION, STRUCT, TIMESTAMP, Message, UdmField, enumeration, message, schema

Json = dict[str, object]
_Rows = Sequence[int]
Truths = npt.NDArray[np.bool_]
T = TypeVar("T")

_TIME = ("metadata.event_timestamp.seconds", "metadata.event_timestamp.nanos")
_MICROS = 1_000_000
_USUAL_TIME = r"^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$"


class UnusualColumnError(ValueError):
    """A column of a kind that only whole events are read for."""


@dataclass(slots=True)
class _Node:
    """What is asked for of a message, by the names of its fields."""

    kind: Message
    columns: dict[str, tuple[str, Column]] = field(default_factory=dict)  # scalars and lists of such
    times: dict[str, dict[str, str]] = field(default_factory=dict)  # parts by column
    keys: dict[str, dict[str, str]] = field(default_factory=dict)  # columns by key of a map
    messages: dict[str, _Node] = field(default_factory=dict)
    lists: dict[str, tuple[str, MessagesColumn, _Node]] = field(default_factory=dict)

    @property
    def other_names(self) -> frozenset[str]:
        """Other spellings of fields that are asked for."""
        names = {*self.columns, *self.times, *self.keys, *self.messages, *self.lists}
        return frozenset(name for name in names if self.kind.fields[name].json_name != name)


class UsualColumns:
    """Takes columns out of parsed events."""

    def __init__(self, columns: Columns) -> None:
        """Prepare to take them out; `UnusualColumnError` if one of them needs whole events."""
        self._columns = columns
        self._root = _node(schema().roots["udm"], {**columns, **dict.fromkeys(_TIME, ScalarColumn("int"))})

    def table(self, events: Sequence[Json]) -> tuple[pa.Table, Truths]:
        """Return the time of some events and those of the columns that one of them fills, and which of them are odd.

        The rows of odd events say nothing.
        """
        reading = _Reading(np.zeros(len(events), np.bool_))
        arrays = reading.message(self._root, events, range(len(events)))
        for name, cells in reading.cells.items():
            arrays[name] = pa.array(cells, pa.string())
        seconds, nanos = (arrays.get(part, pa.nulls(len(events), pa.int64())) for part in _TIME)
        times = pc.add(pc.multiply(seconds, _MICROS), pc.divide(nanos, 1000))
        reading.odd |= times.is_null().to_numpy(zero_copy_only=False)
        filled = {
            name: arrays[name] for name in self._columns if name in arrays and arrays[name].null_count < len(events)
        }
        return pa.table({TIME: times, **filled}), reading.odd


def _node(kind: Message, columns: Columns) -> _Node:
    root = _Node(kind)
    for name, column in columns.items():
        *above, last = places(kind.name, name)
        node, is_in_list = root, False
        for step in above:
            found = node.kind.fields[step.name]
            if step.key is not None or found.ref is None:
                raise UnusualColumnError(name)
            if found.ref in (TIMESTAMP, DURATION):
                node.times.setdefault(step.name, {})[name] = last.name
                break
            is_in_list |= found.is_repeated
            node = node.messages.setdefault(step.name, _Node(message(found.ref)))
        else:
            _put(node, last, name, column, is_in_list=is_in_list)
    return root


def _put(node: _Node, last: Place, name: str, column: Column, *, is_in_list: bool) -> None:
    if last.key is not None:
        if last.holds == "map" or last.entry is None or column != ScalarColumn("text"):
            raise UnusualColumnError(name)
        if last.holds == "list" and last.entry.fields["value"].type != "string":
            raise UnusualColumnError(name)
        node.keys.setdefault(last.name, {})[last.key] = name
    elif is_in_list:
        raise UnusualColumnError(name)
    elif last.entry is None:
        node.columns[last.name] = name, column
    elif last.holds == "list" and isinstance(column, MessagesColumn):
        inner = _node(last.entry, column.members)
        if _has_keys(inner):
            raise UnusualColumnError(name)
        node.lists[last.name] = name, column, inner
    else:
        raise UnusualColumnError(name)


def _has_keys(node: _Node) -> bool:
    return bool(node.keys) or any(map(_has_keys, node.messages.values()))


@dataclass(slots=True)
class _Reading:
    """One pass over events. cells: of columns that are keys of maps and filled, one for each event."""

    odd: Truths
    cells: dict[str, list[str | None]] = field(default_factory=dict)

    def message(self, node: _Node, messages: Sequence[Json], rows: _Rows) -> dict[str, pa.Array]:
        """Return the columns below some messages, each with the row of its event.

        Columns below a message that none of them has are left out.
        """
        others = node.other_names
        if others:
            self._note(rows, [not others.isdisjoint(one) for one in messages])
        arrays: dict[str, pa.Array] = {}
        for name, (column, kind) in node.columns.items():
            found = node.kind.fields[name]
            cells = self._cells(found, kind, _members(found, messages), rows)
            arrays[column] = pa.array(cells, arrow_type(kind))
        for name, parts in node.times.items():
            found = node.kind.fields[name]
            seconds, nanos = self._times(found, _members(found, messages), rows)
            arrays |= {column: seconds if part == "seconds" else nanos for column, part in parts.items()}
        for name, columns in node.keys.items():
            if node.kind.name == STRUCT:
                self._struct(columns, messages, rows)
            else:
                self._labels(columns, *_flat(self._lists(_members(node.kind.fields[name], messages), rows), rows))
        for name, (column, listed, inner) in node.lists.items():
            arrays[column] = self._list(listed, inner, _members(node.kind.fields[name], messages), rows)
        for name, below in node.messages.items():
            found = node.kind.fields[name]
            members = _members(found, messages)
            if found.is_repeated:
                self.message(below, *_flat(self._lists(members, rows), rows))
            else:
                arrays |= self._below(below, self._of_type(members, rows, dict), rows)
        return arrays

    def _below(self, node: _Node, messages: Sequence[Json | None], rows: _Rows) -> dict[str, pa.Array]:
        """Return the columns below messages of which some are not there."""
        is_there = np.array([one is not None for one in messages], np.bool_)
        if is_there.all():
            return self.message(node, cast("Sequence[Json]", messages), rows)
        if not is_there.any():
            return {}
        arrays = self.message(node, [one for one in messages if one is not None], [*compress(rows, is_there)])
        places = pa.array(np.cumsum(is_there) - 1, mask=~is_there)
        return {name: array.take(places) for name, array in arrays.items()}

    def _cells(self, found: UdmField, column: Column, values: Sequence[object], rows: _Rows) -> Sequence[object]:
        """Return scalars, or lists of such."""
        known = enumeration(found.ref or "").members if found.type == "enum" else None
        if isinstance(column, ListColumn):
            return [
                None if value is None else self._scalars(found, known, value, row)
                for value, row in zip(values, rows, strict=True)
            ]
        if found.type not in ("string", "enum"):
            return [
                None if value is None else self._scalar(found, value, row)
                for value, row in zip(values, rows, strict=True)
            ]
        texts = self._of_type(values, rows, str)
        if known is not None and (strange := {*texts} - {*known, None}):
            self._note(rows, [text in strange for text in texts])
        zero = "" if found.type == "string" else enumeration(found.ref or "").zero_member
        return texts if found.has_presence or zero not in texts else [None if text == zero else text for text in texts]

    def _scalar(self, found: UdmField, value: object, row: int) -> object:
        read = read_scalar(found, value)
        if isinstance(read, Refusal):
            self.odd[row] = True
            return None
        return read if read or found.has_presence else None

    def _scalars(self, found: UdmField, known: Container[str] | None, value: object, row: int) -> object:
        is_list = isinstance(value, list) and found.type in ("string", "enum")
        if not is_list or not all(
            type(text) is str and (known is None or text in known) for text in cast("list[object]", value)
        ):
            self.odd[row] = True
            return None
        return value or None

    def _times(self, found: UdmField, values: Sequence[object], rows: _Rows) -> tuple[pa.Array, pa.Array]:
        """Return seconds and nanoseconds."""
        usual = _usual_times(values) if found.ref == TIMESTAMP else None
        if usual is not None:
            return usual
        pairs = [None if value is None else read_time(found.ref or "", value) for value in values]
        self._note(rows, [isinstance(pair, Refusal) for pair in pairs])
        read = [pair if isinstance(pair, dict) else {} for pair in pairs]
        seconds, nanos = (pa.array([pair.get(part) for pair in read], pa.int64()) for part in ("seconds", "nanos"))
        return seconds, nanos

    def _struct(self, columns: Mapping[str, str], structs: Sequence[Json], rows: _Rows) -> None:
        """Take the texts under some keys."""
        for struct, row in zip(structs, rows, strict=True):
            for key in columns.keys() & struct:
                text = struct[key]
                if isinstance(text, str):
                    self._fill(columns[key], row, text)

    def _labels(self, columns: Mapping[str, str], labels: Sequence[Json], rows: _Rows) -> None:
        """Take the values of the first labels with some keys."""
        for label, row in zip(labels, rows, strict=True):
            key, value = label.get("key"), label.get("value", "")
            if isinstance(key, str) and isinstance(value, str):
                if key in columns:
                    self._fill(columns[key], row, value)
            else:
                self.odd[row] = True

    def _fill(self, column: str, row: int, text: str) -> None:
        """Fill a cell, if it is not filled."""
        cells = self.cells.setdefault(column, [])
        cells += [None] * (len(self.odd) - len(cells))
        if cells[row] is None:
            cells[row] = text

    def _list(self, column: MessagesColumn, inner: _Node, values: Sequence[object], rows: _Rows) -> pa.Array:
        """Return lists of messages."""
        lists = self._lists(values, rows)
        lengths = np.array([len(messages or ()) for messages in lists], np.int32)
        arrays = self.message(inner, *_flat(lists, rows))
        names = sorted(column.members)
        offsets = np.concatenate((np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)))
        count = int(offsets[-1])
        members = [arrays.get(name, pa.nulls(count, arrow_type(column.members[name]))) for name in names]
        messages = pa.StructArray.from_arrays(members, names)
        return pa.ListArray.from_arrays(pa.array(offsets), messages, mask=pa.array(lengths == 0))

    def _lists(self, values: Sequence[object], rows: _Rows) -> list[list[Json] | None]:
        lists: list[list[Json] | None] = []
        for value, row in zip(values, rows, strict=True):
            if value is None:
                lists.append(None)
            elif isinstance(value, list) and {*map(type, value)} <= {dict}:
                lists.append(value)
            else:
                lists.append(None)
                self.odd[row] = True
        return lists

    def _of_type(self, values: Sequence[object], rows: _Rows, wanted: type[T]) -> Sequence[T | None]:
        """Return the values of a type; those of others are odd."""
        if not {*map(type, values)} <= {wanted, type(None)}:
            self._note(rows, [value is not None and type(value) is not wanted for value in values])
            return [value if isinstance(value, wanted) else None for value in values]
        return cast("Sequence[T | None]", values)

    def _note(self, rows: _Rows, are_odd: Sequence[bool]) -> None:
        """Note which rows are odd."""
        self.odd[list(compress(rows, are_odd))] = True


def _members(found: UdmField, messages: Sequence[Json]) -> list[object]:
    name = found.json_name
    return [one.get(name) for one in messages]


def _flat(lists: Sequence[Sequence[Json] | None], rows: _Rows) -> tuple[list[Json], list[int]]:
    """Return the messages of lists, each with the row of its list."""
    filled = [(messages, row) for messages, row in zip(lists, rows, strict=True) if messages]
    return [one for messages, _ in filled for one in messages], [row for messages, row in filled for _ in messages]


def _usual_times(values: Sequence[object]) -> tuple[pa.Array, pa.Array] | None:
    """Return seconds and nanoseconds of times that are all written in the most usual way; None if they are not."""
    try:
        texts = pa.array(values, pa.string())
        if pc.all(pc.match_substring_regex(texts, _USUAL_TIME)).as_py() is False:
            return None
        micros = texts.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    except pa.ArrowException:
        return None
    whole, is_there = micros.fill_null(0).to_numpy(), micros.is_valid().to_numpy(zero_copy_only=False)
    seconds, rest = np.divmod(whole, _MICROS)
    return pa.array(seconds, mask=~is_there), pa.array(rest * 1000, mask=~is_there)
