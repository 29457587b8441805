"""How an event of the Linux audit log is written: as one JSON object, put together for many events at once.

The object has the form that Laurel writes: `LOG` (what it is), `ID`, `NODE`, then each record under its type, `PATH` as
an array. `CALL` is the name of the system call, `TYPE` the type of the record that tells what the event is about, and
`MESSAGE` that record if it is neither a system call nor a part of one. More records of a type stand under `..._MORE`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_fields import SPECIAL, members_of
from windshear.logs.audit_plain import are_plain, plain_members
from windshear.logs.readers.audit_layout import Layout
from windshear.logs.readers.audit_values import LOG, call_names
from windshear.logs.record import Indices

_LINES_TOGETHER = 8_000  # few enough for the processor to keep at hand what is worked on
_BEGINNING = f'{{"LOG":"{LOG}","ID":"'
_NONE = -1


def written_events(lines: pa.Table, layout: Layout) -> pa.StringArray:
    """Return events as JSON. lines: with `serial`, `node`, `kind` and `body`, as laid out."""
    members = _members(lines.column("body").chunk(0), layout.kind, layout.names)
    is_last, is_end = np.append(layout.is_new[1:], True), np.append(layout.is_first[1:], True)
    calls = call_names(lines, layout).dictionary_encode()
    nodes = lines.column("node").chunk(0).dictionary_encode()
    primary, call = layout.kind[layout.primary], _numbers(calls)
    parts = {
        "primary": np.where(layout.is_first, primary[layout.owner], _NONE),
        "call": np.where(layout.is_first, call[layout.owner], _NONE),
        "node": np.where(layout.is_first, _numbers(nodes), _NONE),
        "kind": layout.kind,
        "is_about": layout.is_about.astype(np.int64),
        "place": np.minimum(layout.place, 2),
    }
    codes, distinct = _combined(parts)
    texts = [_before(one, layout.names, calls.dictionary.to_pylist(), nodes.dictionary.to_pylist()) for one in distinct]
    before = pa.array(texts, pa.string()).take(pa.array(codes))
    opening = pa.array(["", _BEGINNING]).take(pa.array(layout.is_first.astype(np.int8)))
    serials = pc.if_else(pa.array(layout.is_first), lines.column("serial").chunk(0), "")
    closes = (is_last & (layout.is_kind("PATH") | (layout.place > 0))).astype(np.int8) + 2 * is_end.astype(np.int8)
    closing = pa.array(["}", "}]", "}}", "}]}"]).take(pa.array(closes))
    joined = pc.binary_join_element_wise(opening, serials, before, members, closing, "")
    return _merged(joined, layout.starts)


def _numbers(encoded: pa.DictionaryArray) -> Indices:
    numbers: Indices = pc.fill_null(encoded.indices, _NONE).to_numpy().astype(np.int64)
    return numbers


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


def _before(combination: Mapping[str, int], names: list[str], calls: list[str], nodes: list[str]) -> str:
    """Return what stands before a record's members: of the event, and the record's name."""
    pieces: list[str] = []
    if combination["primary"] != _NONE:
        pieces.append(f'","TYPE":"{names[combination["primary"]]}"')
        if combination["node"] != _NONE:
            pieces.append(f',"NODE":{orjson.dumps(nodes[combination["node"]]).decode()}')
        if combination["call"] != _NONE:
            pieces.append(f',"CALL":{orjson.dumps(calls[combination["call"]]).decode()}')
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
