"""Compile a log parser and the requested columns to one DuckDB statement over a batch of raw text.

The statement gives one row per record: a verdict (0, or the number of the reason why it is no event of this type), the
time in microseconds, and the requested columns that the declaration can fill. Fields that nobody asked for are not in
the statement, so they cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.logs.extraction import ROW_COLUMN, VALID_COLUMN, extraction, unquoted
from windshear.logs.parser import (
    Element,
    Evidence,
    Flattened,
    Has,
    HasAny,
    Labels,
    LogParser,
    Messages,
    Repeated,
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.values import Condition, Path, Reading, Value, all_of, any_of, is_any, is_there, read
from windshear.udm.columns import Column, Columns, ListColumn, MessagesColumn, ScalarColumn, sql_type

VERDICT_COLUMN = "verdict"
TIME_COLUMN = "ts_us"
NOT_JSON, NOT_RECOGNISED, NO_TIME, FIRST_REQUIREMENT = 1, 2, 3, 4

_LATEST_US = 253_402_300_799_999_999  # the end of year 9999
_LABEL = MessagesColumn({"key": ScalarColumn("text"), "value": ScalarColumn("text")})


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement: its text, the columns it fills, and the raw maps to flatten afterwards.

    A column in `flattened` holds the labels that the statement could make; `flattened_column(name, n)` holds the JSON
    of the n-th map to flatten behind them.
    """

    text: str
    columns: tuple[str, ...]
    flattened: dict[str, tuple[Flattened, ...]]


def flattened_column(name: str, number: int) -> str:
    """Name the column with the JSON of a map to flatten."""
    return f"flattened:{number}:{name}"


def compile_statement(parser: LogParser, shape: Shape, columns: Columns) -> Statement:
    """Return the statement that gives the requested columns for records of one shape."""
    fields = {field.name: field for field in (*_common_fields(parser), *parser.fields)}
    outputs: dict[str, Value] = {}
    flattened: dict[str, tuple[Flattened, ...]] = {}
    for name, column in columns.items():
        value = _column(name, column, fields, parser)
        if value is not None:
            outputs[name] = value
            field = fields.get(name)
            if isinstance(field, Labels) and field.flattened:
                flattened[name] = field.flattened
    maps = {
        flattened_column(name, number): read(Reading(flat.path, "json"))
        for name, flats in flattened.items()
        for number, flat in enumerate(flats)
    }
    verdict, time = _verdict(parser, shape), _time(parser)
    chosen: dict[str, Value] = {VERDICT_COLUMN: verdict, TIME_COLUMN: time, **outputs, **maps}
    reads = frozenset[Reading]().union(*(value.reads for value in chosen.values()))
    items = [sql.aliased(value.sql, name) for name, value in chosen.items()]
    query = sql.select([sql.name(ROW_COLUMN), *items], extraction(reads, shape))
    return Statement(query.text, tuple(outputs), flattened)


def all_columns(parser: LogParser) -> dict[str, Column]:
    """Return every column that a declaration can fill, maps as lists of labels."""
    return {field.name: _whole(field) for field in (*_common_fields(parser), *parser.fields)}


def _whole(field: UdmValue) -> Column:
    match field:
        case Scalar():
            return ScalarColumn(field.kind)
        case Repeated():
            return ListColumn("text")
        case Labels():
            return _LABEL
        case Messages():
            members: dict[str, Column] = {}
            for element in field.elements:
                members |= {member.name: _whole(member) for member in element.members}
            return MessagesColumn(members)


def _common_fields(parser: LogParser) -> tuple[UdmValue, ...]:
    time = _time(parser)
    seconds = Value(sql.binary("//", time.sql, sql.integer(1_000_000)), time.reads)
    micros = sql.binary("%", time.sql, sql.integer(1_000_000))
    nanos = Value(sql.binary("*", micros, sql.integer(1000)), time.reads)
    return (
        Scalar("metadata.log_type", Value(sql.text(parser.log_type)), "published"),
        Scalar("metadata.event_timestamp.seconds", seconds, "published", "int"),
        Scalar("metadata.event_timestamp.nanos", nanos, "published", "int"),
    )


def _time(parser: LogParser) -> Value:
    text = parser.time.sql
    moment = sql.call("epoch_us", sql.try_cast(text, "TIMESTAMPTZ"))
    starts_with_digit = sql.raw(f"({text} >= '0' AND {text} < ':')")  # `epoch` and `infinity` are times to DuckDB
    return Value(sql.case(starts_with_digit, moment, sql.cast(sql.NULL, "BIGINT")), parser.time.reads)


def _verdict(parser: LogParser, shape: Shape) -> Value:
    time = _time(parser)
    from_1970, to_9999 = sql.binary(">=", time.sql, sql.integer(0)), sql.binary("<=", time.sql, sql.integer(_LATEST_US))
    recognised = recognition(shape)
    checks = [
        (Condition(sql.name(VALID_COLUMN)), NOT_JSON),
        (recognised, NOT_RECOGNISED),
        (Condition(sql.coalesce(sql.all_of([from_1970, to_9999]), sql.FALSE), time.reads), NO_TIME),
    ]
    checks += [(need.condition, FIRST_REQUIREMENT + order) for order, need in enumerate(parser.requirements)]
    result = sql.integer(0)
    for condition, number in reversed(checks):
        result = sql.case(condition.sql, result, sql.integer(number))
    return Value(result, frozenset[Reading]().union(*(condition.reads for condition, _ in checks)))


def recognition(shape: Shape) -> Condition:
    """Return the evidence of a shape as a condition on the raw record."""
    return all_of(*(_evidence(item) for item in shape.evidence))


def _evidence(evidence: Evidence) -> Condition:
    match evidence:
        case Has(path):
            return is_there(_raw(path))
        case HasAny(paths):
            return any_of(*(is_there(_raw(path)) for path in paths))
        case _:
            return is_any(_raw(evidence.path), evidence.options)


def _raw(path: Path) -> Value:
    return read(Reading(path, is_raw=True))


def _column(name: str, column: Column, fields: dict[str, UdmValue], parser: LogParser) -> Value | None:
    field = fields.get(name)
    if field is not None:
        return _output(field, column)
    base, bracket, rest = name.partition('["')
    if not bracket or not rest.endswith('"]'):
        return None
    key = rest[:-2].replace('\\"', '"').replace("\\\\", "\\")
    return _first_of([_entry(labels, key) for labels in _labels_at(base, parser)])


def _output(field: UdmValue, column: Column) -> Value | None:
    match field, column:
        case Scalar(), ScalarColumn():
            return _typed(field.value, column)
        case Repeated(), ListColumn():
            return _list(field)
        case Labels(), MessagesColumn():
            return _messages([_label_element(entry.key, entry.value) for entry in field.entries], column)
        case Messages(), MessagesColumn():
            return _messages(field.elements, column)
        case _:
            return None


def _typed(value: Value, column: ScalarColumn) -> Value:
    return Value(sql.try_cast(value.sql, sql_type(column)), value.reads)


def _list(field: Repeated) -> Value:
    kept: list[Sql] = []
    for order, value in enumerate(field.values):
        distinct = sql.all_of(
            sql.raw(f"({value.sql} IS DISTINCT FROM {earlier.sql})") for earlier in field.values[:order]
        )
        kept.append(value.sql if distinct == sql.TRUE else sql.case(distinct, value.sql, sql.NULL))
    result = _present(kept, "VARCHAR[]")
    for listed in field.lists:
        result = sql.call("list_concat", result, listed.sql)
    reads = frozenset[Reading]().union(*(value.reads for value in (*field.values, *field.lists)))
    return Value(result, reads)


def _present(items: Sequence[Sql], list_type: str) -> Sql:
    """List the items that are not NULL."""
    if not items:
        return sql.cast(sql.NULL, list_type)
    if len(items) == 1:
        return sql.case(sql.raw(f"({items[0]} IS NOT NULL)"), sql.list_of(items), sql.cast(sql.NULL, list_type))
    return sql.call("list_filter", sql.list_of(items), sql.lambda_("item", sql.raw("item IS NOT NULL")))


def _label_element(key: str, value: Value) -> Element:
    return Element((Scalar("key", Value(sql.text(key))), Scalar("value", value)), is_there(value))


def _messages(elements: Iterable[Element], column: MessagesColumn) -> Value:
    reads: frozenset[Reading] = frozenset()
    built: list[Sql] = []
    row_type = sql_type(column).removesuffix("[]")
    for element in elements:
        by_name = {member.name: member for member in element.members}
        members: list[tuple[str, Sql]] = []
        for name, wanted in sorted(column.members.items()):
            member = by_name.get(name)
            value = None if member is None else _output(member, wanted)
            members.append((name, sql.cast(sql.NULL, sql_type(wanted)) if value is None else value.sql))
            reads |= frozenset() if value is None else value.reads
        exists = element.exists or any_of(*(_member_is_there(member) for member in element.members))
        reads |= exists.reads
        built.append(sql.case(exists.sql, sql.record_of(members), sql.cast(sql.NULL, row_type)))
    return Value(sql.cast(_present(built, sql_type(column)), sql_type(column)), reads)


def _member_is_there(member: Scalar | Repeated | Labels) -> Condition:
    match member:
        case Scalar():
            return is_there(member.value)
        case Repeated():
            return any_of(*(is_there(value) for value in (*member.values, *member.lists)))
        case Labels():
            return any_of(*(is_there(entry.value) for entry in member.entries))


def _labels_at(base: str, parser: LogParser) -> list[tuple[Labels, Condition | None]]:
    """Find the maps of that name, also inside repeated messages, each with the condition of its message."""
    found: list[tuple[Labels, Condition | None]] = []
    for field in parser.fields:
        if isinstance(field, Labels) and field.name == base:
            found.append((field, None))
        elif isinstance(field, Messages) and base.startswith(field.name + "."):
            inner = base[len(field.name) + 1 :]
            for element in field.elements:
                found += [
                    (member, element.exists)
                    for member in element.members
                    if isinstance(member, Labels) and member.name == inner
                ]
    return found


def _entry(labels_if: tuple[Labels, Condition | None], key: str) -> list[Value]:
    labels, exists = labels_if
    values = [entry.value for entry in labels.entries if entry.key == key]
    for flat in labels.flattened:
        values += [_leaf(path) for path in _leaf_paths(flat, key)]
    if exists is None:
        return values
    return [Value(sql.case(exists.sql, value.sql, sql.NULL), value.reads | exists.reads) for value in values]


def _first_of(groups: Iterable[list[Value]]) -> Value | None:
    values = [value for group in groups for value in group]
    if not values:
        return None
    reads = frozenset[Reading]().union(*(value.reads for value in values))
    return Value(sql.call("coalesce", *(value.sql for value in values)), reads)


def _leaf_paths(flat: Flattened, key: str) -> list[Path]:
    """Return the places that flatten to a dotted key: a raw key may itself hold dots."""
    if key == flat.prefix:
        return [flat.path]
    if not key.startswith(flat.prefix + "."):
        return []
    steps = key[len(flat.prefix) + 1 :].split(".")
    if len(steps) > _MOST_STEPS_WITH_DOTS:
        return [(*flat.path, *steps)]
    paths: list[Path] = []
    for cuts in product((True, False), repeat=len(steps) - 1):
        path = [steps[0]]
        for is_cut, step in zip(cuts, steps[1:], strict=True):
            if is_cut:
                path.append(step)
            else:
                path[-1] += "." + step
        paths.append((*flat.path, *path))
    return paths


_MOST_STEPS_WITH_DOTS = 4


def _leaf(path: Path) -> Value:
    value = read(Reading(path, "json"))
    is_object = sql.call("starts_with", value.sql, sql.text("{"))
    return Value(sql.case(is_object, sql.NULL, unquoted(value.sql)), value.reads)
