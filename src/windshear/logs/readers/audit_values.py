"""What stands at some places of events of the Linux audit log, read from their lines without writing the events.

It is the same that their JSON would tell (`audit_text`). A scan asks for few places, and most records have none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_cut import UNCUT, cut_fields
from windshear.logs.audit_fields import SPECIAL, object_of
from windshear.logs.audit_types import call_name
from windshear.logs.readers.audit_layout import Layout
from windshear.logs.record import Indices, Path
from windshear.logs.text_slices import places
from windshear.logs.values import Each, Item

LOG = "linux audit"
_CALL = (("SYSCALL", "arch"), ("SYSCALL", "syscall"))
_OTHER_FORMS = frozenset(["HostName", "seq", "time"])  # keys of the log's other forms, which these events lack
_NONE = -1


def values_of(lines: pa.Table, layout: Layout, asked: Sequence[Path]) -> dict[Path, pa.Array] | None:
    """Return what stands at some places, for each event; None if something is asked for that lines do not tell.

    lines: with `serial`, `node`, `kind` and `body`, as laid out.
    """
    fields = [path for path in asked if _is_field(path)]
    first, count = pa.array(layout.starts), len(layout.starts)
    found: dict[Path, pa.Array] = {}
    for path in asked:
        match path:
            case ("LOG",):
                found[path] = pa.repeat(LOG, count)
            case ("ID",):
                found[path] = lines.column("serial").chunk(0).take(first)
            case ("NODE",):
                found[path] = lines.column("node").chunk(0).take(first)
            case ("TYPE",):
                found[path] = pa.array(layout.names).take(pa.array(layout.kind[layout.primary]))
            case ("CALL",):
                fields += [place for place in _CALL if place not in fields]
            case (name,) if name in _OTHER_FORMS:
                found[path] = pa.nulls(count, pa.string())
            case _ if not _is_field(path):
                return None
    found |= _fields(lines.column("body").chunk(0), layout, fields)
    if ("CALL",) in asked:
        found["CALL",] = call_names(*(found[place] for place in _CALL))
    return found


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


def call_names(architectures: pa.StringArray, calls: pa.StringArray) -> pa.StringArray:
    """Return the names of system calls, given what records say of them; null where it is not known."""
    pairs = pc.binary_join_element_wise(architectures, calls, " ").dictionary_encode()
    names = [call_name(*pair.rsplit(" ", 1)) for pair in pairs.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(pairs.indices)


def _fields(bodies: pa.StringArray, layout: Layout, asked: Sequence[Path]) -> dict[Path, pa.Array]:
    """Return fields of records, for each event."""
    found: dict[Path, pa.Array] = {}
    kinds: dict[Path, int] = {}
    kind_of = np.full(len(bodies), _NONE, np.int64)
    columns: dict[tuple[int, str], int] = {}
    paths = [path for path in asked if path[0] not in SPECIAL]
    for path in asked:
        record, name = path[:-1], path[-1]
        place = int(record[1][1:-1]) if len(record) > 1 else 0
        lines = layout.lines_of(record[0], place)
        if record[0] in SPECIAL:
            values = _each(bodies.take(pa.array(lines)), record[0], name)
            events = layout.owner[lines[values.is_valid().to_numpy(zero_copy_only=False)]]
            found[path] = _spread(events, values.drop_null(), len(layout.starts))
            continue
        kind_of[lines] = kinds.setdefault(record, len(kinds))
        columns[kinds[record], name] = len(columns)
    chosen = np.flatnonzero(kind_of != _NONE)
    cut = cut_fields(bodies.take(pa.array(chosen)), kind_of[chosen], columns)
    for path, (rows, values) in zip(paths, cut, strict=True):
        found[path] = _spread(layout.owner[chosen[rows]], values, len(layout.starts))
    return found


def _each(bodies: pa.StringArray, kind: str, name: str) -> pa.StringArray:
    """Read a field of records of a type with a reader of its own, of equal ones once."""
    distinct = bodies.dictionary_encode()
    values = [object_of(kind, body.encode()).get(name) or None for body in distinct.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(distinct.indices)


def _spread(events: Indices, values: pa.StringArray, count: int) -> pa.Array:
    """Give values to the events that have them; null to the others."""
    if len(events) == count:
        return values
    if not len(events):
        return pa.nulls(count, pa.string())
    is_there = np.zeros(count, np.bool_)
    is_there[events] = True
    data, ends = places(values)
    offsets = ends[np.concatenate([np.zeros(1, np.int64), np.cumsum(is_there)])].astype(np.int32)
    has_value = np.packbits(is_there, bitorder="little")
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), data, pa.py_buffer(has_value))
