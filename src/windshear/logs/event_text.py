"""Whole events as proto-JSON text, put together in columns: what `from_row` and `write_event` give, event by event.

The declaration is compiled to the columns that an event is made of (one per value, as for everything else) and to one
expression over them, which the database works out for a batch at once. What it cannot say are the labels that a
free-form object gives; functions in Python write those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.logs.assembly import LabelList
from windshear.logs.label_texts import LabelFunction, listed, united
from windshear.logs.outputs import Outputs
from windshear.logs.parser import Element, Labels, Listed, LogParser, Messages, Repeated, Scalar, UdmValue
from windshear.logs.prepared import set_aside
from windshear.logs.values import Value, constant
from windshear.udm.schema import DURATION, STRUCT, TIMESTAMP, Message, UdmField, enumeration, message, schema

EVENT_COLUMN = "udm"

_NANOS = 1_000_000_000
_BEGINNING = b'{"metadata":{'
# Arrow takes 50 µs to find out what a value of Python is.
_WITH_ID, _BEHIND_ID = (pa.scalar(text, pa.binary()) for text in (_BEGINNING + b'"id":"', b'",'))
_LINE_END, _NONE = (pa.scalar(text, pa.binary()) for text in (b"\n", b""))
_END = (1 << 31) - 1  # of any text; without an end, slices are miscounted
_NOTHING = sql.text("")
_WRITTEN_AS_TEXT = ("int64", "uint64")


@dataclass(frozen=True, slots=True)
class EventText:
    """How the text of an event is made of its parts, layer by layer; and the functions that this needs."""

    text: Sql
    layers: tuple[tuple[Sql, ...], ...]
    functions: tuple[LabelFunction, ...]

    def beside(self, names: Iterable[str], parts: Sql) -> Sql:
        """Return some columns of a table of parts, and the text as one more."""
        for layer in self.layers:
            parts = sql.select([sql.raw("*"), *layer], parts)
        return sql.select([*map(sql.name, names), sql.aliased(set_aside(self.text), EVENT_COLUMN)], parts)


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of a member: values with what stands around them, where the test holds; else another, most often none.

    test: None if the value is NULL where there is no text. is_certain: there always is one, so that what follows it in
    an object or list needs no test for being the first. level: the number of layers of the statement that it is above.
    """

    test: Sql | None
    values: tuple[Sql, ...]
    before: str = ""
    after: str = ""
    otherwise: Sql = sql.NULL
    level: int = 0
    is_certain: bool = False

    def within(self, opening: str, closing: str = "") -> _Text:
        """Return the text with more around it."""
        return replace(self, before=opening + self.before, after=self.after + closing)

    @property
    def pieces(self) -> list[Sql]:
        """What the text is joined of, where there is one."""
        pieces = (sql.text(self.before), *self.values, sql.text(self.after))
        return [piece for piece in pieces if piece != _NOTHING]

    @property
    def sql(self) -> Sql:
        """The text, NULL where there is none; what is constant is copied together with the value."""
        pieces = self.pieces
        text = pieces[0] if len(pieces) == 1 else sql.call("concat", *pieces)
        return text if self.test is None else sql.case(self.test, text, self.otherwise)


@dataclass(slots=True)
class _Layers:
    """Joined texts by layer: each is worked out once, and tested for being empty in the layer above.

    Written in one expression, every test for being empty would hold all that is below it twice.
    """

    layers: list[list[Sql]] = field(default_factory=list)
    count: int = 0

    def listed(self, texts: Sequence[_Text]) -> _Text:
        """Join the texts that are there."""
        if not texts:
            return _Text(sql.FALSE, (sql.NULL,))
        first, *others = texts
        level = max(text.level for text in texts)
        if first.is_certain:
            pieces = (*first.pieces, *(text.within(",").sql for text in others))
            return _Text(None, pieces, level=level, is_certain=True)
        if not others and first.test is not None and first.otherwise == sql.NULL:
            return first
        self.layers += [[] for _ in range(level + 1 - len(self.layers))]
        name = f"joined:{self.count}"
        self.count += 1
        joined = sql.call("concat_ws", sql.text(","), *(text.sql for text in texts))
        self.layers[level].append(sql.aliased(joined, name))
        return _Text(_is_filled(sql.name(name)), (sql.name(name),), level=level + 1)


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
        """Return the text; there is none where there is no member."""
        if self.time_parts:
            return _time_text(self.kind.name, self.time_parts)
        if self.entries is not None:
            return self.entries.within("{", "}")
        written: list[_Text] = []
        for name, member in self.members.items():
            text = member.text(layers) if isinstance(member, _Object) else member
            written.append(text.within(f"{_json(name)}:"))
        opening, closing = ("[{", "}]") if self.is_list else ("{", "}")
        return layers.listed(written).within(opening, closing)


def lines(texts: pa.StringArray, ids: pa.StringArray | None = None) -> pa.BinaryArray:
    """Return the texts of events as lines, with ids, which are plain, in the metadata, where every event begins."""
    written = texts.view(pa.binary())  # else every step would look whether it is still UTF-8
    if ids is None:
        return pc.binary_join_element_wise(written, _NONE, _LINE_END)
    rest = pc.binary_slice(written, len(_BEGINNING), _END)
    return pc.binary_join_element_wise(_WITH_ID, ids.view(pa.binary()), _BEHIND_ID, rest, _LINE_END, _NONE)


def compile_event(parser: LogParser, fields: Sequence[UdmValue], outputs: Outputs) -> EventText:
    """Add the parts of a whole event to the outputs of a statement, and return what makes its text of them."""
    compiler = _Compiler(parser.log_type, outputs)
    start = _Object(schema().roots[parser.root])
    for declared in fields:
        compiler.put(start, declared, declared.name)
    text = start.text(compiler.layers)
    written = text.sql if text.is_certain else sql.coalesce(text.sql, sql.text("{}"))
    return EventText(written, tuple(map(tuple, compiler.layers.layers)), tuple(compiler.functions))


@dataclass(slots=True)
class _Compiler:
    """Puts fields into messages; their parts become columns whose names begin with `column`."""

    log_type: str
    outputs: Outputs
    layers: _Layers = field(default_factory=_Layers)
    functions: list[LabelFunction] = field(default_factory=list)

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
            case Scalar() if declared.value == constant(self.log_type):  # it begins every event
                text = _Text(None, (sql.text(_json(self.log_type)),), is_certain=True)
            case Scalar():
                text = _scalar_text(found, self.outputs.part(column, declared))
            case Repeated():
                values = self.outputs.part(column, declared)
                has_any = sql.binary(">", sql.call("len", values), sql.integer(0))
                text = _Text(has_any, (sql.call("to_json", values),))
            case Labels():
                text = self._labels(self.outputs.labels(column, declared))
            case Messages():
                text = self._messages(message(found.ref or ""), declared, column)
            case Listed():
                text = self._listed(message(found.ref or "").fields[declared.member].json_name, declared, column)
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
            texts.append(_Text(self._exists(element, above), (written,), level=text.level))
        return self.layers.listed(texts).within("[", "]")

    def _listed(self, member: str, declared: Listed, column: str) -> _Text:
        values, one = sql.name(self.outputs.named(column, declared.values)), sql.name("one")
        written = sql.call("concat", sql.text(f"{{{_json(member)}:"), sql.call("to_json", one), sql.text("}"))
        each = sql.call("list_transform", values, sql.lambda_("one", written))
        has_any = sql.binary(">", sql.call("len", values), sql.integer(0))
        return _Text(has_any, (sql.call("array_to_string", each, sql.text(",")),)).within("[", "]")

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
                    tests.append(sql.binary(">", sql.call("len", sql.name(name)), sql.integer(0)))
                case Labels():
                    labels = self.outputs.labels(name, member)
                    names = [column for _, column in (*labels.entries, *labels.numbered)]
                    names += [keys for _, keys, _ in labels.pairs]
                    tests += [sql.is_null(sql.name(column), is_negated=True) for column in names]
        return sql.any_of(tests)

    def _labels(self, labels: LabelList) -> _Text:
        """Return a list of labels."""
        texts: list[_Text] = []
        for key, name in labels.entries:
            value, begun = sql.name(name), f'{{"key":{_json(key)}'
            empty = sql.case(sql.binary("=", value, sql.text("")), sql.text(begun + "}"), sql.NULL)
            texts.append(_Text(_is_filled(value), (sql.call("to_json", value),), f'{begun},"value":', "}", empty))
        for function, columns in listed(labels):
            texts.append(self._written(function, map(sql.name, columns)))
        return self.layers.listed(texts).within("[", "]")

    def _members(self, labels: LabelList, column: str) -> _Text:
        """Return labels as the members of a Struct: of equal keys the first that has a value counts."""
        columns: dict[str, tuple[str, ...]] = {}
        for key, name in labels.entries:
            columns[key] = (*columns.get(key, ()), name)
        values = [sql.call("coalesce", *map(sql.name, names)) for names in columns.values()]
        tests = [sql.any_of(sql.is_null(sql.name(n), is_negated=True) for n in names) for names in columns.values()]
        texts = [
            _Text(test, (sql.call("to_json", value),), f"{_json(key)}:")
            for key, test, value in zip(columns, tests, values, strict=True)
        ]
        if labels.columns_of_several():
            function = united(f"members:{self.log_type}:{column}", labels, list(columns))
            own = sql.cast(sql.list_of(tests), "BOOLEAN[]")
            arguments = [*map(sql.name, labels.columns_of_several()), own]
            texts.append(self._written(function, arguments))
        return self.layers.listed(texts)

    def _written(self, function: LabelFunction, arguments: Iterable[Sql]) -> _Text:
        self.functions.append(function)
        return _Text(None, (sql.call(sql.name(function.name).text, *arguments),))


def _is_filled(text: Sql) -> Sql:
    return sql.binary("<>", text, sql.text(""))


def _scalar_text(found: UdmField, value: Sql) -> _Text:
    """Return a value as JSON; a value that says no more than its absence is none."""
    match found.type:
        case "enum":
            zero = enumeration(found.ref or "").zero_member
            says_more = sql.TRUE if found.has_presence else sql.binary("<>", value, sql.text(zero))
            return _Text(sql.all_of([_is_filled(value), says_more]), (sql.call("to_json", value),))
        case "string" | "bytes":
            return _Text(_is_filled(value), (sql.call("to_json", value),))
        case "bool":
            return _Text(value, (sql.text("true"),))
        case "float" | "double":
            finite = sql.cast(sql.call("to_json", value), "VARCHAR")
            named = sql.case(sql.call("isnan", value), sql.text('"NaN"'), _infinity(value))
            written = sql.case(sql.call("isfinite", value), finite, named)
            return _Text(sql.binary("<>", value, sql.raw("0.0")), (written,))
        case _:
            text = _Text(sql.binary("<>", value, sql.integer(0)), (sql.cast(value, "VARCHAR"),))
            return text.within('"', '"') if found.type in _WRITTEN_AS_TEXT else text


def _infinity(value: Sql) -> Sql:
    is_positive = sql.binary(">", value, sql.raw("0.0"))
    return sql.case(is_positive, sql.text('"Infinity"'), sql.text('"-Infinity"'))


def _time_text(kind: str, parts: Mapping[str, Sql]) -> _Text:
    """Return a time in RFC 3339 or a duration in seconds, with as few groups of three digits as hold the fraction."""
    absent = sql.cast(sql.NULL, "BIGINT")
    seconds, nanos = parts.get("seconds", absent), parts.get("nanos", absent)
    fraction = sql.call("abs", sql.coalesce(nanos, sql.integer(0)))
    digits = sql.call("lpad", sql.cast(fraction, "VARCHAR"), sql.raw("9"), sql.text("0"))
    short = sql.text("")
    for length, unit in ((9, 1), (6, 1000), (3, 1_000_000), (0, _NANOS)):
        fits = sql.binary("=", sql.binary("%", fraction, sql.integer(unit)), sql.integer(0))
        shown = sql.binary("||", sql.text("."), sql.call("left", digits, sql.integer(length)))
        short = sql.case(fits, shown if length else sql.text(""), short)
    there = sql.any_of([sql.is_null(seconds, is_negated=True), sql.is_null(nanos, is_negated=True)])
    whole = sql.coalesce(seconds, sql.integer(0))
    if kind == TIMESTAMP:
        moment = sql.cast(sql.call("make_timestamp", sql.binary("*", whole, sql.integer(1_000_000))), "VARCHAR")
        return _Text(there, (sql.call("replace", moment, sql.text(" "), sql.text("T")), short), '"', 'Z"')
    is_negative = sql.any_of(
        sql.binary("<", part, sql.integer(0)) for part in (whole, sql.coalesce(nanos, sql.integer(0)))
    )
    sign = sql.case(is_negative, sql.text("-"), sql.text(""))
    return _Text(there, (sign, sql.call("abs", whole), short), '"', 's"')


def _json(text: str) -> str:
    return orjson.dumps(text).decode()
