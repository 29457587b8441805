"""Whole events as proto-JSON text, put together in columns: what `from_row` and `write_event` give, event by event.

The declaration is compiled to the columns that an event is made of (one per value, as for everything else) and to one
expression over them, which the database works out for a batch at once. What it cannot say are the labels that a
free-form object gives; those are written in Python and join the other columns before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.logs.assembly import LabelList
from windshear.logs.outputs import Outputs
from windshear.logs.parser import Element, Labels, LogParser, Messages, Repeated, Scalar, UdmValue
from windshear.logs.values import Value
from windshear.udm.schema import DURATION, STRUCT, TIMESTAMP, Message, UdmField, enumeration, message, schema

EVENT_COLUMN = "udm"
PARTS_TABLE = "parts"

_NANOS = 1_000_000_000
_BEGINNING = '{"metadata":{'
_END = (1 << 31) - 1  # of any text; without an end, slices are miscounted
_WRITTEN_AS_TEXT = ("int64", "uint64")


@dataclass(frozen=True, slots=True)
class WrittenLabels:
    """A column of labels as text, to be made of others; None where there are none.

    taken: for a Struct, whose keys are unique, the columns of the keys that stand before.
    """

    name: str
    labels: LabelList
    taken: Mapping[str, tuple[str, ...]] | None

    def column(self, table: pa.Table) -> pa.StringArray:
        """Return the column."""
        names = self.labels.columns_of_several()
        cells = {name: table.column(name).to_pylist() for name in names}
        rows = self.labels.several(cells, table.num_rows)
        if self.taken is None:
            return pa.array([_labels_text(row) if row else None for row in rows], pa.string())
        taken = {key: [table.column(name).to_pylist() for name in columns] for key, columns in self.taken.items()}
        return pa.array(
            [_members_text(row, taken, place) if row else None for place, row in enumerate(rows)], pa.string()
        )


def _labels_text(labels: Iterable[tuple[str, str]]) -> str:
    return orjson.dumps([{"key": key, "value": value} for key, value in labels])[1:-1].decode()


def _members_text(
    labels: Iterable[tuple[str, str]], taken: Mapping[str, Sequence[Sequence[object]]], row: int
) -> str | None:
    members: dict[str, str] = {}
    for key, value in labels:
        if all(column[row] is None for column in taken.get(key, ())):
            members.setdefault(key, value)
    return orjson.dumps(members)[1:-1].decode() or None


@dataclass(frozen=True, slots=True)
class EventText:
    """How the text of an event is made of a table of its parts: columns to add, and the statement over all."""

    written: tuple[WrittenLabels, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of a member, NULL where there is none, and the number of layers of the statement that it is above."""

    sql: Sql
    level: int = 0


@dataclass(slots=True)
class _Layers:
    """Joined texts by layer: each is worked out once, and tested for being empty in the layer above.

    Written in one expression, every test for being empty would hold all that is below it twice.
    """

    layers: list[list[Sql]] = field(default_factory=list)
    count: int = 0

    def listed(self, texts: Sequence[_Text]) -> _Text:
        """Join the texts that are there; NULL where none is."""
        level = max((text.level for text in texts), default=0)
        self.layers += [[] for _ in range(level + 1 - len(self.layers))]
        name = f"joined:{self.count}"
        self.count += 1
        joined = sql.call("concat_ws", sql.text(","), *(text.sql for text in texts))
        self.layers[level].append(sql.aliased(joined, name))
        return _Text(sql.call("nullif", sql.name(name), sql.text("")), level + 1)

    def over(self, table: Sql) -> Sql:
        """Return the table with all layers."""
        for layer in self.layers:
            table = sql.select([sql.raw("*"), *layer], table)
        return table


@dataclass(slots=True)
class _Object:
    """A message under construction: the texts of its members by JSON name."""

    kind: Message
    is_list: bool = False
    members: dict[str, _Object | _Text] = field(default_factory=dict)
    time_parts: dict[str, Sql] = field(default_factory=dict)
    entries: _Text | None = None  # of a Struct

    def below(self, step: str) -> tuple[UdmField, _Object]:
        """Return a field and the message under it, which is made if it is not there."""
        found = self.kind.fields[step]
        inner = self.members.setdefault(found.json_name, _Object(message(found.ref or ""), found.is_repeated))
        if not isinstance(inner, _Object):
            raise TypeError(f"`{step}` is declared twice")
        return found, inner

    def text(self, layers: _Layers) -> _Text:
        """Return the text; NULL where there is no member."""
        if self.time_parts:
            return _Text(_time_text(self.kind.name, self.time_parts))
        if self.entries is not None:
            return _wrapped("{", self.entries, "}")
        written: list[_Text] = []
        for name, member in self.members.items():
            text = member.text(layers) if isinstance(member, _Object) else member
            written.append(_Text(_after(f"{_json(name)}:", text.sql), text.level))
        opening, closing = ("[{", "}]") if self.is_list else ("{", "}")
        return _wrapped(opening, layers.listed(written), closing)


def with_ids(texts: pa.Array, ids: Sequence[str]) -> pa.Array:
    """Return the texts of events with their ids, which are plain, in the metadata: every event begins with these."""
    rest = pc.binary_slice(texts.cast(pa.binary()), len(_BEGINNING), _END).cast(pa.string())
    return pc.binary_join_element_wise(f'{_BEGINNING}"id":"', pa.array(ids, pa.string()), '",', rest, "")


def compile_event(parser: LogParser, fields: Sequence[UdmValue], outputs: Outputs) -> EventText:
    """Add the parts of a whole event to the outputs of a statement, and return what makes its text of them."""
    compiler = _Compiler(outputs)
    start = _Object(schema().roots[parser.root])
    for declared in fields:
        compiler.put(start, declared, declared.name)
    text = sql.coalesce(start.text(compiler.layers).sql, sql.text("{}"))
    items = [sql.name("row"), sql.aliased(text, EVENT_COLUMN)]
    statement = sql.select(items, compiler.layers.over(sql.name(PARTS_TABLE)))
    return EventText(tuple(compiler.written), statement.text)


@dataclass(slots=True)
class _Compiler:
    """Puts fields into messages; their parts become columns whose names begin with `column`."""

    outputs: Outputs
    layers: _Layers = field(default_factory=_Layers)
    written: list[WrittenLabels] = field(default_factory=list)

    def put(self, start: _Object, declared: UdmValue, column: str) -> None:
        """Put one field into a message."""
        *above, last = declared.name.split(".")
        here = start
        for step in above:
            _, here = here.below(step)
        if here.kind.name == STRUCT and isinstance(declared, Labels):
            here.entries = self._members(self.outputs.labels(column, declared), column)
            return
        if here.kind.name in (TIMESTAMP, DURATION) and isinstance(declared, Scalar):
            here.time_parts[last] = self.outputs.part(column, declared)
            return
        found = here.kind.fields[last]
        match declared:
            case Scalar():
                text = _Text(_scalar_text(found, self.outputs.part(column, declared)))
            case Repeated():
                values = self.outputs.part(column, declared)
                is_filled = sql.binary(">", sql.call("len", values), sql.integer(0))
                text = _Text(sql.case(is_filled, sql.call("to_json", values), sql.NULL))
            case Labels():
                text = self._labels(self.outputs.labels(column, declared), column)
            case Messages():
                text = self._messages(message(found.ref or ""), declared, column)
        here.members[found.json_name] = text

    def _messages(self, kind: Message, declared: Messages, column: str) -> _Text:
        texts: list[_Text] = []
        for number, element in enumerate(declared.elements):
            above = f"{column}:{number}"
            inner = _Object(kind)
            for member in element.members:
                self.put(inner, member, f"{above}.{member.name}")
            text = inner.text(self.layers)
            written = sql.coalesce(text.sql, sql.text("{}"))
            texts.append(_Text(sql.case(self._exists(element, above), written, sql.NULL), text.level))
        return _wrapped("[", self.layers.listed(texts), "]")

    def _exists(self, element: Element, above: str) -> Sql:
        """Return whether an element exists, once its members are columns."""
        if element.exists is not None:
            return self.outputs.part(above, Scalar(above, Value(element.exists.sql, element.exists.reads), kind="bool"))
        tests: list[Sql] = []
        for member in element.members:
            name = f"{above}.{member.name}"
            match member:
                case Scalar():
                    tests.append(sql.is_null(sql.name(name), is_negated=True))
                case Repeated():
                    length = sql.coalesce(sql.call("len", sql.name(name)), sql.integer(0))
                    tests.append(sql.binary(">", length, sql.integer(0)))
                case Labels():
                    labels = self.outputs.labels(name, member)
                    names = [column for _, column in (*labels.entries, *labels.numbered)]
                    names += [keys for _, keys, _ in labels.pairs]
                    tests += [sql.is_null(sql.name(column), is_negated=True) for column in names]
        return sql.any_of(tests)

    def _labels(self, labels: LabelList, column: str) -> _Text:
        """Return a list of labels."""
        texts: list[_Text] = []
        for key, name in labels.entries:
            value = sql.name(name)
            is_empty = sql.binary("=", value, sql.text(""))
            shown = sql.case(is_empty, sql.text(""), _after(',"value":', sql.call("to_json", value)))
            texts.append(_Text(_after(f'{{"key":{_json(key)}', sql.binary("||", shown, sql.text("}")))))
        return _wrapped("[", self.layers.listed(texts + self._several(labels, column, None)), "]")

    def _members(self, labels: LabelList, column: str) -> _Text:
        """Return labels as the members of a Struct: of equal keys the first that has a value counts."""
        columns: dict[str, tuple[str, ...]] = {}
        for key, name in labels.entries:
            columns[key] = (*columns.get(key, ()), name)
        texts = [
            _Text(_after(f"{_json(key)}:", sql.call("to_json", sql.call("coalesce", *map(sql.name, names)))))
            for key, names in columns.items()
        ]
        return self.layers.listed(texts + self._several(labels, column, columns))

    def _several(self, labels: LabelList, column: str, taken: Mapping[str, tuple[str, ...]] | None) -> list[_Text]:
        if not labels.columns_of_several():
            return []
        name = f"{column}:written"
        self.written.append(WrittenLabels(name, labels, taken))
        return [_Text(sql.name(name))]


def _scalar_text(found: UdmField, value: Sql) -> Sql:
    """Return a value as JSON; a value that says no more than its absence is none."""
    match found.type:
        case "enum":
            zero = enumeration(found.ref or "").zero_member
            value = value if found.has_presence else sql.call("nullif", value, sql.text(zero))
            return sql.call("to_json", sql.call("nullif", value, sql.text("")))
        case "string" | "bytes":
            return sql.call("to_json", sql.call("nullif", value, sql.text("")))
        case "bool":
            return sql.case(value, sql.text("true"), sql.NULL)
        case "float" | "double":
            number = sql.call("nullif", value, sql.raw("0.0"))
            finite = sql.cast(sql.call("to_json", number), "VARCHAR")
            named = sql.case(sql.call("isnan", value), sql.text('"NaN"'), _infinity(value))
            return sql.case(sql.coalesce(sql.call("isfinite", value), sql.TRUE), finite, named)
        case _:
            number = sql.cast(sql.call("nullif", value, sql.integer(0)), "VARCHAR")
            return sql.binary("||", _after('"', number), sql.text('"')) if found.type in _WRITTEN_AS_TEXT else number


def _infinity(value: Sql) -> Sql:
    is_positive = sql.binary(">", value, sql.raw("0.0"))
    return sql.case(is_positive, sql.text('"Infinity"'), sql.text('"-Infinity"'))


def _time_text(kind: str, parts: Mapping[str, Sql]) -> Sql:
    """Return a time in RFC 3339 or a duration in seconds, with as few groups of three digits as hold the fraction."""
    absent = sql.cast(sql.NULL, "BIGINT")
    seconds, nanos = parts.get("seconds", absent), parts.get("nanos", absent)
    fraction = sql.call("abs", sql.coalesce(nanos, sql.integer(0)))
    digits = sql.call("lpad", sql.cast(fraction, "VARCHAR"), sql.raw("9"), sql.text("0"))
    short = sql.text("")
    for length, unit in ((9, 1), (6, 1000), (3, 1_000_000), (0, _NANOS)):
        fits = sql.binary("=", sql.binary("%", fraction, sql.integer(unit)), sql.integer(0))
        shown = _after(".", sql.call("left", digits, sql.integer(length))) if length else sql.text("")
        short = sql.case(fits, shown, short)
    there = sql.any_of([sql.is_null(seconds, is_negated=True), sql.is_null(nanos, is_negated=True)])
    whole = sql.coalesce(seconds, sql.integer(0))
    if kind == TIMESTAMP:
        moment = sql.cast(sql.call("make_timestamp", sql.binary("*", whole, sql.integer(1_000_000))), "VARCHAR")
        text = sql.binary("||", sql.call("replace", moment, sql.text(" "), sql.text("T")), short)
        text = sql.binary("||", _after('"', text), sql.text('Z"'))
    else:
        is_negative = sql.any_of(
            sql.binary("<", part, sql.integer(0)) for part in (whole, sql.coalesce(nanos, sql.integer(0)))
        )
        sign = sql.case(is_negative, sql.text('"-'), sql.text('"'))
        text = sql.binary("||", sql.binary("||", sign, sql.cast(sql.call("abs", whole), "VARCHAR")), short)
        text = sql.binary("||", text, sql.text('s"'))
    return sql.case(there, text, sql.NULL)


def _json(text: str) -> str:
    return orjson.dumps(text).decode()


def _after(beginning: str, text: Sql) -> Sql:
    return sql.binary("||", sql.text(beginning), text)


def _wrapped(opening: str, text: _Text, closing: str) -> _Text:
    return _Text(sql.binary("||", _after(opening, text.sql), sql.text(closing)), text.level)
