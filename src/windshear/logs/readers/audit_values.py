"""What stands at some places of events of the Linux audit log, read from their lines without writing the events.

It is the same that their JSON would tell (`audit_text`). A scan asks for few places, and most events say at these what
others have said: a machine does the same things again and again, and what is always new, such as the number of a
process, is seldom asked for. So events are first told apart by their fields as they stand there, and only those that
differ are read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_cut import UNCUT, Fields, find_fields, read_fields
from windshear.logs.audit_fields import SPECIAL, object_of
from windshear.logs.audit_types import call_name
from windshear.logs.readers.audit_layout import Layout
from windshear.logs.record import Indices, Path, Values
from windshear.logs.text_slices import places
from windshear.logs.values import Each, Item

LOG = "linux audit"
OWN = frozenset([("ID",)])  # places at which each event has a value of its own
_CALL = (("SYSCALL", "arch"), ("SYSCALL", "syscall"))
_OTHER_FORMS = frozenset(["HostName", "seq", "time"])  # keys of the log's other forms, which these events lack
_NONE = -1
_BLANK = pa.scalar(" ")
_FORM_BITS, _COLUMN_BITS = 1, 15  # of a number that also holds the size of a text


def values_of(lines: pa.Table, layout: Layout, own: Sequence[Path], shared: Sequence[Path]) -> Values | None:
    """Return what stands at some places, for each event; None if something is asked for that lines do not tell.

    lines: with `serial`, `node`, `kind` and `body`, as laid out.
    """
    fields = [path for path in shared if _is_field(path)]
    tops = [path for path in shared if path not in fields and path != ("CALL",)]
    if any(path in OWN for path in shared) or not all(map(_is_top, (*own, *tops))):
        return None
    if ("CALL",) in shared:
        fields += [path for path in _CALL if path not in fields]
    events = np.arange(len(layout.starts))
    values, first, row = _fields(lines, layout, fields)
    values |= {path: _top(lines, layout, path, first) for path in tops}
    if ("CALL",) in shared:
        values["CALL",] = _call_names(*(values[path] for path in _CALL))
    return Values({path: _top(lines, layout, path, events) for path in own}, values, row)


def call_names(lines: pa.Table, layout: Layout) -> pa.StringArray:
    """Return the names of the system calls of events; null where it is not known."""
    values, _, row = _fields(lines, layout, _CALL)
    return _call_names(*(values[path] for path in _CALL)).take(pa.array(row))


def _call_names(architectures: pa.StringArray, calls: pa.StringArray) -> pa.StringArray:
    pairs = pc.binary_join_element_wise(architectures, calls, _BLANK).dictionary_encode()
    names = [call_name(*pair.rsplit(" ", 1)) for pair in pairs.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(pairs.indices)


def _is_top(path: Path) -> bool:
    return len(path) == 1 and (path[0] in _OTHER_FORMS or path[0] in ("LOG", "ID", "NODE", "TYPE"))


def _top(lines: pa.Table, layout: Layout, path: Path, events: Indices) -> pa.Array:
    """Return what stands at the top of some events."""
    first = pa.array(layout.starts[events])
    match path[0]:
        case "LOG":
            return pa.repeat(LOG, len(events))
        case "ID":
            return lines.column("serial").chunk(0).take(first)
        case "NODE":
            return lines.column("node").chunk(0).take(first)
        case "TYPE":
            return pa.array(layout.names).take(pa.array(layout.kind[layout.primary[events]]))
        case _:
            return pa.nulls(len(events), pa.string())


def _is_field(path: Path) -> bool:
    """Tell a field of a record (`SYSCALL`, `uid`), or of an element of `PATH`, that lines tell."""
    match path:
        case (record, name):
            is_told = record.isupper() and record != "PATH" and not record.endswith("_MORE")
        case ("PATH", Item() as step, name):
            is_told = not isinstance(step, Each)
        case _:
            return False
    return is_told and name not in UNCUT and not isinstance(name, Item)


def _fields(lines: pa.Table, layout: Layout, asked: Sequence[Path]) -> tuple[dict[Path, pa.Array], Indices, Indices]:
    """Return fields of the events that differ, the first of each that differ, and which of them each event is like."""
    bodies, count = lines.column("body").chunk(0), len(layout.starts)
    cut = [path for path in asked if path[0] not in SPECIAL]
    fields = _found(bodies, layout, cut)
    specials = {
        kind: _encoded(bodies, layout, kind) for kind in dict.fromkeys(path[0] for path in asked) if kind in SPECIAL
    }
    nodes = lines.column("node").chunk(0).take(pa.array(layout.starts)).dictionary_encode()
    first, row = _distinct(
        [
            layout.kind[layout.primary],
            pc.fill_null(nodes.indices, _NONE).to_numpy(),
            *_told_apart(fields, count),
            *(places_ for places_, _ in specials.values()),
        ]
    )
    is_first = np.zeros(count, np.bool_)
    is_first[first] = True
    fields = fields.take(np.flatnonzero(is_first[fields.row]))
    fields = Fields(row[fields.row], fields.column, fields.form, fields.texts)
    read = read_fields(fields, [path[-1] for path in cut])
    found = {path: _spread(rows, values, len(first)) for path, (rows, values) in zip(cut, read, strict=True)}
    for kind, (place, texts) in specials.items():
        used, chosen = np.unique(place[first], return_inverse=True)
        records = [object_of(kind, texts[one].as_py().encode()) if one != _NONE else {} for one in used.tolist()]
        for name in (path[-1] for path in asked if path[0] == kind):
            told = pa.array([record.get(name) or None for record in records], pa.string())
            found[kind, name] = told.take(pa.array(chosen))
    return found, first, row


def _found(bodies: pa.StringArray, layout: Layout, asked: Sequence[Path]) -> Fields:
    """Find fields; their rows are events."""
    kinds: dict[Path, int] = {}
    kind_of = np.full(len(bodies), _NONE, np.int64)
    columns: dict[tuple[int, str], int] = {}
    for column, path in enumerate(asked):
        *record, name = path
        if tuple(record) not in kinds:
            place = int(record[1][1:-1]) if len(record) > 1 else 0
            kinds[tuple(record)] = len(kinds)
            kind_of[layout.lines_of(record[0], place)] = kinds[tuple(record)]
        columns[kinds[tuple(record)], name] = column
    lines = np.flatnonzero(kind_of != _NONE)
    found = find_fields(bodies.take(pa.array(lines)), kind_of[lines], columns)
    return Fields(layout.owner[lines[found.row]], found.column, found.form, found.texts)


def _encoded(bodies: pa.StringArray, layout: Layout, kind: str) -> tuple[Indices, pa.StringArray]:
    """Return which of the distinct bodies of a type each event has, and these."""
    lines = layout.lines_of(kind)
    distinct = bodies.take(pa.array(lines)).dictionary_encode()
    place = np.full(len(layout.starts), _NONE, np.int64)
    place[layout.owner[lines]] = distinct.indices.to_numpy()
    return place, distinct.dictionary


def _told_apart(fields: Fields, count: int) -> list[Indices]:
    """Return numbers that are the same for events whose fields are: of their texts, and of what these are of."""
    data, ends = places(fields.texts)
    cuts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(fields.row, minlength=count))])
    sizes = np.diff(ends) << (_FORM_BITS + _COLUMN_BITS)
    shapes = pa.py_buffer(sizes | (fields.column << _FORM_BITS) | fields.form)
    both = ((data, ends[cuts]), (shapes, cuts * np.dtype(np.int64).itemsize))
    return [
        pa.BinaryArray.from_buffers(pa.binary(), count, [None, pa.py_buffer(offsets.astype(np.int32)), buffer])
        .dictionary_encode()
        .indices.to_numpy()
        for buffer, offsets in both
    ]


def _distinct(numbers: Sequence[Indices]) -> tuple[Indices, Indices]:
    """Return where combinations of numbers occur first, and which of them stands at each place."""
    row = np.zeros(len(numbers[0]), np.int64)
    for column in numbers:
        pair = row * (int(column.max()) + 2) + column + 1
        row = pa.array(pair).dictionary_encode().indices.to_numpy().astype(np.int64)
    first = np.zeros(int(row.max()) + 1, np.int64)
    first[row[::-1]] = np.arange(len(row))[::-1]
    return first, row


def _spread(rows: Indices, values: pa.StringArray, count: int) -> pa.Array:
    """Give values to the rows that have them; null to the others."""
    places_ = np.full(count, _NONE, np.int64)
    places_[rows] = np.arange(len(rows))
    return values.take(pa.array(places_, mask=places_ == _NONE))
