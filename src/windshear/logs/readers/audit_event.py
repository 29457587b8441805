"""How an event of the Linux audit log is written: as one JSON object, put together for many events at once.

The object has the form that Laurel writes: `LOG` (what it is), `ID`, `NODE`, then each record under its type, `PATH` as
an array. `CALL` is the name of the system call, `TYPE` the type of the record that tells what the event is about, and
`MESSAGE` that record if it is neither a system call nor a part of one. More records of a type stand under `..._MORE`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_fields import SPECIAL, members_of
from windshear.logs.audit_plain import are_plain, plain_members
from windshear.logs.audit_types import KERNEL_PARTS, call_name
from windshear.logs.record import Indices
from windshear.logs.text_slices import places

EVENT_END = "EOE"

_Mask = npt.NDArray[np.bool_]
_LINES_TOGETHER = 8_000  # few enough for the processor to keep at hand what is worked on
_CALL = re.compile(rb'"arch":"(\w+)",(?:"per":"\w+",)?"syscall":"(\w+)"')
_CALL_BYTES = 50
_BEGINNING = '{"LOG":"linux audit","ID":"'
_NONE = -1
_BITS = 64


def written_events(lines: pa.Table, events: Indices) -> pa.StringArray:
    """Return the events that some lines belong to, in the order of their numbers.

    lines: with `serial`, `node`, `kind` and `body`. events: the number of each line's event, none without lines.
    """
    kinds = lines.column("kind").chunk(0).dictionary_encode()
    names, kind = kinds.dictionary.to_pylist(), kinds.indices.to_numpy().astype(np.int64)
    order = _order(events, kind)
    if order is not None:
        lines, events, kind = lines.take(pa.array(order)).combine_chunks(), events[order], kind[order]
    bodies = lines.column("body").chunk(0)
    if "EXECVE" in names:
        kept, bodies = _whole_arguments(bodies, events, kind == names.index("EXECVE"))
        lines, events, kind = lines.filter(pa.array(kept)).combine_chunks(), events[kept], kind[kept]
    members = _members(bodies, kind, names)
    return _put_together(lines, events, kind, names, members)


def _order(events: Indices, kind: Indices) -> Indices | None:
    """Give the order in which an event's lines stand together, those of a type, too; None if they do already."""
    pair = events * (int(kind.max()) + 1) + kind
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    if (np.diff(events) >= 0).all() and _are_distinct(events[begins], kind[begins]):
        return None
    _, first, group = np.unique(pair, return_index=True, return_inverse=True)
    return np.lexsort((np.arange(len(events)), first[group], events))


def _are_distinct(events: Indices, kind: Indices) -> bool:
    """Tell whether no event has a type twice, given its types one after the other."""
    if int(kind.max()) >= _BITS:
        return False
    starts = np.flatnonzero(np.diff(events, prepend=-1))
    types = np.bitwise_or.reduceat(np.uint64(1) << kind.astype(np.uint64), starts)
    return bool((np.bitwise_count(types) == np.diff(np.append(starts, len(events)))).all())


def _whole_arguments(bodies: pa.StringArray, events: Indices, is_execve: _Mask) -> tuple[_Mask, pa.StringArray]:
    """Put arguments that go on in further lines behind each other; return which lines are left, and their bodies."""
    goes_on = is_execve & (np.diff(events, prepend=-1) == 0)
    goes_on[1:] &= is_execve[:-1]
    if not goes_on.any():
        return ~goes_on, bodies
    starts = np.flatnonzero(~goes_on)
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(np.append(starts, len(bodies)), pa.int32()), bodies), " ")
    return ~goes_on, joined


def _members(bodies: pa.StringArray, kind: Indices, names: list[str]) -> pa.StringArray:
    """Return the records as members of JSON objects."""
    is_special = np.isin(kind, [number for number, name in enumerate(names) if name in SPECIAL])
    rest = np.flatnonzero(~is_special)
    parts = [(rest, _plainly(bodies.take(pa.array(rest))))] if len(rest) else []
    for number, name in enumerate(names):
        rows = np.flatnonzero(kind == number)
        if name in SPECIAL and len(rows):
            parts.append((rows, _of_each(bodies.take(pa.array(rows)), name)))
    if len(parts) == 1:
        return parts[0][1]
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    return pa.concat_arrays([found for _, found in parts]).take(pa.array(order))


def _plainly(bodies: pa.StringArray) -> pa.StringArray:
    parts = [_some(bodies.slice(start, _LINES_TOGETHER)) for start in range(0, len(bodies), _LINES_TOGETHER)]
    return pa.concat_arrays(parts)


def _some(bodies: pa.StringArray) -> pa.StringArray:
    """Read the plain records together, the others one by one."""
    is_plain = are_plain(bodies)
    rows = np.flatnonzero(is_plain)
    if not len(rows):
        return _of_each(bodies, "")
    members, is_read = plain_members(bodies if is_plain.all() else bodies.filter(pa.array(is_plain)))
    is_plain[rows[~is_read]] = False
    if is_plain.all():
        return members
    others = np.flatnonzero(~is_plain)
    order = np.argsort(np.concatenate([rows[is_read], others]))
    careful = _of_each(bodies.take(pa.array(others)), "")
    return pa.concat_arrays([members.filter(pa.array(is_read)), careful]).take(pa.array(order))


def _of_each(bodies: pa.StringArray, kind: str) -> pa.StringArray:
    """Read records one by one, but equal ones once."""
    distinct = bodies.dictionary_encode()
    found = [members_of(kind, body.encode()) for body in distinct.dictionary.to_pylist()]
    return pa.array(found, pa.binary()).cast(pa.string()).take(distinct.indices)


def _put_together(
    lines: pa.Table, events: Indices, kind: Indices, names: list[str], members: pa.StringArray
) -> pa.StringArray:
    count, all_lines = len(events), np.arange(len(events))
    is_first = np.diff(events, prepend=-1) != 0
    starts = np.flatnonzero(is_first)
    owner = np.cumsum(is_first) - 1
    is_part = np.array([name in KERNEL_PARTS for name in names])[kind]
    about = np.minimum.reduceat(np.where(is_part, count, all_lines), starts)  # the line; `count` if there is none
    is_call = kind == (names.index("SYSCALL") if "SYSCALL" in names else _NONE)
    call = np.minimum.reduceat(np.where(is_call, all_lines, count), starts)
    primary = np.where(about < count, about, np.where(call < count, call, starts))
    about_kind = np.where(about < count, kind[np.minimum(about, count - 1)], _NONE)

    is_new = np.diff(kind, prepend=-1) != 0
    is_new |= is_first
    in_kind = all_lines - np.maximum.accumulate(np.where(is_new, all_lines, 0))  # 0 for the first of its type
    is_last = np.append(is_new[1:], True)
    is_end = np.append(is_first[1:], True)
    is_path = kind == (names.index("PATH") if "PATH" in names else _NONE)

    calls, call_of = _calls(members, np.flatnonzero(is_call), count)
    nodes = lines.column("node").chunk(0).dictionary_encode()
    node_of = pc.fill_null(nodes.indices, _NONE).to_numpy().astype(np.int64)
    parts = {
        "primary": np.where(is_first, kind[primary[owner]], _NONE),
        "call": np.where(is_first, np.append(call_of, _NONE)[call[owner]], _NONE),
        "node": np.where(is_first, node_of, _NONE),
        "kind": kind,
        "is_about": (kind == about_kind[owner]).astype(np.int64),
        "place": np.minimum(in_kind, 2),
    }
    codes, distinct = _combined(parts)
    texts = [_before(combination, names, calls, nodes.dictionary.to_pylist()) for combination in distinct]
    before = pa.array(texts, pa.string()).take(pa.array(codes))
    opening = pa.array(["", _BEGINNING]).take(pa.array(is_first.astype(np.int8)))
    serials = pc.if_else(pa.array(is_first), lines.column("serial").chunk(0), "")
    closes = (is_last & (is_path | (in_kind > 0))).astype(np.int8) + 2 * is_end.astype(np.int8)
    closing = pa.array(["}", "}]", "}}", "}]}"]).take(pa.array(closes))
    joined = pc.binary_join_element_wise(opening, serials, before, members, closing, "")
    return _merged(joined, starts)


def _calls(members: pa.StringArray, rows: Indices, count: int) -> tuple[list[str | None], Indices]:
    """Return the names of system calls, and for each line the number of its name."""
    number_of = np.full(count, _NONE, np.int64)
    data, starts = places(members)
    padded = np.frombuffer(data.to_pybytes() + bytes(_CALL_BYTES), np.uint8)
    heads = np.lib.stride_tricks.sliding_window_view(padded, _CALL_BYTES)[starts[rows]].tobytes()
    buffers = [None, pa.py_buffer(heads)]
    distinct = pa.FixedSizeBinaryArray.from_buffers(pa.binary(_CALL_BYTES), len(rows), buffers).dictionary_encode()
    found = [_CALL.match(head) for head in distinct.dictionary.to_pylist()]
    number_of[rows] = distinct.indices.to_numpy()
    return [call_name(one[1].decode(), one[2].decode()) if one else None for one in found], number_of


def _combined(parts: Mapping[str, Indices]) -> tuple[Indices, list[dict[str, int]]]:
    """Return the number that each row's combination of small numbers gets, and the combinations by number."""
    codes = np.zeros(len(parts["kind"]), np.int64)
    for values in parts.values():
        codes = codes * (int(values.max()) + 2) + values + 1
    encoded = pa.array(codes).dictionary_encode()
    first = np.zeros(len(encoded.dictionary), np.int64)
    rows = encoded.indices.to_numpy()
    first[rows[::-1]] = np.arange(len(rows))[::-1]
    return rows, [{name: int(values[row]) for name, values in parts.items()} for row in first.tolist()]


def _before(combination: Mapping[str, int], names: list[str], calls: list[str | None], nodes: list[str]) -> str:
    """Return what stands before a record's members: of the event, and the record's name."""
    pieces: list[str] = []
    if combination["primary"] != _NONE:
        pieces.append(f'","TYPE":"{names[combination["primary"]]}"')
        if combination["node"] != _NONE:
            pieces.append(f',"NODE":{orjson.dumps(nodes[combination["node"]]).decode()}')
        called = calls[combination["call"]] if combination["call"] != _NONE else None
        if called is not None:
            pieces.append(f',"CALL":"{called}"')
    name, place = names[combination["kind"]], combination["place"]
    if name == "PATH":
        pieces.append(',"PATH":[{' if place == 0 else ",{")
    else:
        name = "MESSAGE" if combination["is_about"] else name
        pieces.append((f',"{name}":{{', f',"{name}_MORE":[{{', ",{")[place])
    return "".join(pieces)


def _merged(texts: pa.StringArray, starts: Indices) -> pa.StringArray:
    """Take texts that lie one behind the other as one, each beginning where said."""
    _, offsets, data = texts.buffers()
    cuts = np.frombuffer(offsets, np.int32)[np.append(starts, len(texts))]
    return pa.StringArray.from_buffers(len(starts), pa.py_buffer(cuts), data)
