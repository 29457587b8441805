"""Rows: canonical records to flat columns (the contract is in `windshear.udm.columns`).

`to_table` takes out of each record only the columns that were asked for. Zero values are not filled in: absent is
NULL. `windshear.udm.nesting` goes the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import pyarrow as pa

from windshear.udm.columns import Column, Columns, MessagesColumn, arrow_type
from windshear.udm.places import Place, places
from windshear.udm.schema import VALUE, Root, schema

TIME = "ts_us"

Record = Mapping[str, object]
Reader = Callable[[Record], object]
Chain = Callable[[object], object]

TIME_FIELDS: Mapping[Root, str] = MappingProxyType(
    {
        "udm": "metadata.event_timestamp",
        "graph": "metadata.collected_timestamp",
        "detection": "detection_time",
    }
)
_MICROS = 1_000_000
_MAPPINGS = (dict, Mapping)  # the usual one first: asking an abstract class takes ten times as long


def to_table(events: Sequence[Record], columns: Columns, root: Root = "udm") -> pa.Table:
    """Return canonical records as flat columns: the time first, then those asked for that some record fills."""
    times = pa.array([microseconds(event, root) for event in events], type=pa.int64())
    return pa.table({TIME: times, **to_arrays(events, columns, schema().roots[root].name)})


def to_arrays(messages: Sequence[Record], columns: Columns, start: str) -> dict[str, pa.Array]:
    """Return canonical messages of the type `start` as flat columns: those asked for that some message fills."""
    arrays: dict[str, pa.Array] = {}
    maps: dict[tuple[str, ...], tuple[tuple[Place, ...], list[tuple[str, str, Chain]]]] = {}
    for name, column in columns.items():
        steps = places(start, name)
        keyed = [position for position, step in enumerate(steps) if step.key is not None]
        if len(keyed) == 1:
            to_map, below = steps[: keyed[0] + 1], _chain(steps[keyed[0] + 1 :])
            wanted = maps.setdefault(tuple(step.name for step in to_map), (to_map, []))[1]
            wanted.append((name, to_map[-1].key or "", below))
        else:
            read = _reader(start, name, column)
            cells = [read(message) for message in messages]
            if any(cell is not None for cell in cells):
                arrays[name] = pa.array(cells, type=arrow_type(column))
    for to_map, wanted in maps.values():
        for name, found in _looked_up(messages, to_map, wanted).items():
            if found:
                cells = [found.get(number) for number in range(len(messages))]
                arrays[name] = pa.array(cells, type=arrow_type(columns[name]))
    return {name: arrays[name] for name in columns if name in arrays}


def _looked_up(
    messages: Sequence[Record], steps: Sequence[Place], wanted: Sequence[tuple[str, str, Chain]]
) -> dict[str, dict[int, object]]:
    """Return the cells that are filled of several columns that are keys of one map; it is gone through once.

    wanted: name of the column, key, and what takes the cell out of the value.
    """
    columns: dict[str, dict[int, object]] = {name: {} for name, _, _ in wanted}
    by_key: dict[object, list[tuple[dict[int, object], Chain]]] = {}
    for name, key, below in wanted:
        by_key.setdefault(key, []).append((columns[name], below))
    last = steps[-1]
    inside = _chain([last])
    for number, message in enumerate(messages):
        for parent in _keyed(message, steps[:-1]):
            entries = inside(parent)
            if isinstance(entries, _MAPPINGS):
                entries = {key: value for key, value in entries.items() if key in by_key}
            for entry in _items(entries, last):
                for cells, below in by_key.get(entry.get("key"), ()):
                    cell = below(_entry_value(entry)) if number not in cells else None
                    if cell is not None:
                        cells[number] = cell
    return columns


def microseconds(event: Record, root: Root = "udm") -> int | None:
    """Return when a canonical record happened (an entity: was collected), in microseconds since 1970."""
    time: object = event
    for name in TIME_FIELDS[root].split("."):
        time = time.get(name) if isinstance(time, Mapping) else None
    if not isinstance(time, Mapping):
        return None
    seconds, nanos = time.get("seconds", 0), time.get("nanos", 0)
    return int(seconds) * _MICROS + int(nanos) // 1000


def _reader(start: str, name: str, column: Column) -> Reader:
    """Return the function that takes a column's cell out of a message."""
    steps = places(start, name)
    keyed = max((position for position, step in enumerate(steps) if step.key is not None), default=None)
    if keyed is not None:
        below = _chain(steps[keyed + 1 :])
        return lambda record: _first(below(value) for value in _keyed(record, steps[: keyed + 1]))
    if isinstance(column, MessagesColumn) and steps[-1].entry is not None:
        return _messages_reader(steps, column, steps[-1].entry.name)
    chain = _chain(steps)
    return lambda record: _filled(chain(record))


def _messages_reader(steps: Sequence[Place], column: MessagesColumn, entry: str) -> Reader:
    chain = _chain(steps)
    members = [(name, _reader(entry, name, member)) for name, member in column.members.items()]

    def read(record: Record) -> object:
        items = _items(chain(record), steps[-1])
        return [{name: member(item) for name, member in members} for item in items] or None

    return read


def _chain(steps: Iterable[Place]) -> Chain:
    """Return the function that follows single members; the inside of a Struct is the Struct's own object."""
    names = [step.name for step in steps if step.holds != "struct"]

    def follow(value: object) -> object:
        for name in names:
            if not isinstance(value, _MAPPINGS):
                return None
            value = value.get(name)
        return value

    return follow


def _keyed(value: object, steps: Sequence[Place]) -> Iterator[object]:
    """Yield what stands under the keys of a path, over all parents in document order."""
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    inner = _chain([step])(value)
    if step.holds == "one":
        yield from _keyed(inner, rest)
        return
    for item in _items(inner, step):
        if step.key is None:
            yield from _keyed(item, rest)
        elif item.get("key") == step.key:
            yield from _keyed(_entry_value(item), rest)


def _entry_value(entry: Record) -> object:
    """Return the value of a map entry; of a Struct's value only the text, for nothing else reads as a map's value."""
    value = entry.get("value", "")
    return value.get("string_value") if isinstance(value, _StructValue) else value


class _StructValue(dict[str, object]):
    """A value inside a Struct, as the message that it is on the wire."""


def _items(value: object, step: Place) -> Sequence[Record]:
    """Return the messages of a list, or the entries of a map or Struct."""
    if isinstance(value, _MAPPINGS):
        is_struct = step.entry is not None and step.entry.fields["value"].ref == VALUE
        return [{"key": key, "value": _wire_value(inner) if is_struct else inner} for key, inner in value.items()]
    return [item for item in value if isinstance(item, _MAPPINGS)] if isinstance(value, (list, tuple)) else ()


def _wire_value(value: object) -> _StructValue:
    match value:
        case str():
            return _StructValue(string_value=value)
        case bool():
            return _StructValue(bool_value=value)
        case int() | float():
            return _StructValue(number_value=float(value))
        case Mapping():
            return _StructValue(struct_value=value)
        case list():
            return _StructValue(list_value={"values": [_wire_value(item) for item in value]})
        case _:
            return _StructValue()


def _filled(value: object) -> object:
    return None if value == [] else value


def _first(values: Iterable[object]) -> object:
    return next((value for value in values if value is not None), None)
