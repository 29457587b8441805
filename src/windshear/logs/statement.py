"""Compile a log parser and the requested columns to one DuckDB statement over a batch of raw text.

The statement gives one row per record: a verdict (0, or the number of the reason why it is no event of this type), the
time in microseconds, and the requested columns that the declaration can fill. Fields that nobody asked for are not in
the statement, so they cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from windshear.core import sql
from windshear.logs.assembly import Assembly
from windshear.logs.event_text import EVENT_COLUMN, compile_event
from windshear.logs.extraction import VALID_COLUMN, extraction, given_extraction, places_of
from windshear.logs.label_texts import LabelFunction
from windshear.logs.outputs import Outputs
from windshear.logs.parser import (
    Begins,
    Evidence,
    Has,
    HasAny,
    IsNot,
    Labels,
    Lacks,
    Listed,
    LogParser,
    Messages,
    Plain,
    Repeated,
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.prepared import ROW_COLUMN, Given
from windshear.logs.values import (
    ABSENT,
    Condition,
    Path,
    Reading,
    Value,
    all_of,
    any_of,
    begins,
    constant,
    is_any,
    is_there,
    micros_of,
    not_,
    once,
    quotient,
    read,
    reads_of,
    remainder,
)
from windshear.udm.columns import Column, Columns, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.rows import TIME_FIELDS
from windshear.udm.well_known import MAX_US, MIN_US

VERDICT_COLUMN = "verdict"
TIME_COLUMN = "ts_us"
NOT_JSON, NOT_RECOGNISED, NOT_PLAIN, SEVERAL, NO_TIME, FIRST_REQUIREMENT = 1, 2, 3, 4, 5, 6

_LABEL = MessagesColumn({"key": ScalarColumn("text"), "value": ScalarColumn("text")})


@dataclass(frozen=True, slots=True)
class Filled:
    """The columns that a statement fills: some are assembled from its columns afterwards.

    constants: columns that are no part of its result, for they hold the same text in every row.
    """

    columns: tuple[str, ...]
    assemblies: tuple[Assembly, ...]
    constants: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement.

    strict: the same, but it raises where something is not JSON, and is quicker. functions: what both need to know.
    shape: in which it reads the records.
    """

    shape: Shape
    text: str
    strict: str
    filled: Filled
    functions: tuple[LabelFunction, ...] = ()


def compile_statement(parser: LogParser, shape: Shape, columns: Columns) -> Statement:
    """Return the statement that gives the requested columns for records of one shape."""
    fields = fields_of(parser)
    outputs = Outputs()
    filled = [name for name, column in columns.items() if outputs.add(name, column, fields)]
    shown = [ROW_COLUMN, VERDICT_COLUMN, TIME_COLUMN, *outputs.values]
    event = compile_event(parser, fields, outputs) if EVENT_COLUMN in columns else None
    constants = {} if event is not None else outputs.take_constants(filled)
    others = {TIME_COLUMN: _time(parser), **outputs.values}
    if shape.plain is not None:
        shape = _as_they_are(shape, shape.plain, reads_of([_verdict(parser, shape), *others.values()]))
    chosen = {VERDICT_COLUMN: _verdict(parser, shape), **others}
    reads = reads_of(chosen.values())
    items = [sql.name(ROW_COLUMN), *(sql.aliased(value.sql, name) for name, value in chosen.items())]
    tolerant, strict = (sql.select(items, extraction(reads, shape, is_strict=is_strict)) for is_strict in (False, True))
    if event is None:
        own = Filled(tuple(filled), tuple(outputs.assemblies), constants)
        return Statement(shape, tolerant.text, strict.text, own)
    tolerant, strict = event.beside(shown, tolerant), event.beside(shown, strict)
    whole = Filled((*filled, EVENT_COLUMN), tuple(outputs.assemblies), {})
    return Statement(shape, tolerant.text, strict.text, whole, event.functions)


def _as_they_are(shape: Shape, plain: Plain, readings: Iterable[Reading]) -> Shape:
    """Return the shape in which records are not rewritten; one in which they are, if something else is asked for."""
    told = {*plain.names, *plain.made}
    above = {path[:length] for path in told for length in range(1, len(path))}
    asked = {reading: path for reading, path in places_of(readings, shape).items() if not reading.is_raw}
    others = {reading.path for reading in asked if reading.path not in told}
    is_told = all(reading.kind == "text" for reading in asked if reading.path in told)
    if not is_told or (others and not plain.is_all) or not others.isdisjoint(above):
        return replace(shape, plain=None)
    return replace(shape, rewrite=None, names=plain.names, made={**plain.made, **dict.fromkeys(others, ABSENT)})


@dataclass(frozen=True, slots=True)
class GivenStatement:
    """Statements over values that a reader gives instead of the texts of records.

    own: for what each record has of its own, its verdict and time among it; shared: for the rest.
    """

    own: Given
    shared: Given
    filled: Filled


def compile_given(parser: LogParser, shape: Shape, columns: Columns, own: frozenset[Path]) -> GivenStatement | None:
    """Return the statements that give the requested columns for records whose reader gives values; None without any.

    own: the places at which each record has a value of its own.
    """
    if EVENT_COLUMN in columns or shape.rewrite is not None:
        return None
    outputs = Outputs()
    fields = fields_of(parser)
    filled = [name for name, column in columns.items() if outputs.add(name, column, fields)]
    constants = outputs.take_constants(filled)
    parts = {VERDICT_COLUMN: _verdict(parser, shape), TIME_COLUMN: _time(parser)}, dict[str, Value]()
    for name, value in outputs.values.items():
        parts[own.isdisjoint(places_of(value.reads, shape).values())][name] = value
    first, second = (given_extraction(part, shape) for part in parts)
    if first is None or second is None:
        return None
    return GivenStatement(first, second, Filled(tuple(filled), tuple(outputs.assemblies), constants))


def all_columns(parser: LogParser) -> dict[str, Column]:
    """Return every column that a declaration can fill, maps as lists of labels."""
    return {field.name: _whole(field) for field in fields_of(parser)}


def _whole(field: UdmValue) -> Column:
    match field:
        case Scalar():
            return ScalarColumn(field.kind)
        case Repeated():
            return ListColumn("text")
        case Labels():
            return _LABEL
        case Listed():
            return MessagesColumn({field.member: ScalarColumn("text")})
        case Messages():
            members: dict[str, Column] = {}
            for element in field.elements:
                members |= {member.name: _whole(member) for member in element.members}
            return MessagesColumn(members)


def fields_of(parser: LogParser) -> tuple[UdmValue, ...]:
    """Return what a declaration fills, with what all log types have: their name, and the time of the event."""
    time, name = _time(parser), TIME_FIELDS[parser.root]
    log_type = Scalar("metadata.log_type", constant(parser.log_type), "published")
    return (
        *((log_type,) if parser.root == "udm" else ()),
        Scalar(f"{name}.seconds", quotient(time, 1_000_000), "published", "int"),
        Scalar(f"{name}.nanos", remainder(time, 1_000_000, 1000), "published", "int"),
        *parser.fields,
    )


def _time(parser: LogParser) -> Value:
    return once(micros_of(parser.time))


def _verdict(parser: LogParser, shape: Shape) -> Value:
    time = _time(parser)
    from_1, to_9999 = (sql.binary(">=", time.sql, sql.integer(MIN_US)), sql.binary("<=", time.sql, sql.integer(MAX_US)))
    recognised = recognition(shape)
    odd = shape.plain.unless if shape.plain is not None and shape.rewrite is None else None
    checks = [
        (Condition(sql.name(VALID_COLUMN)), NOT_JSON),
        (recognised, NOT_RECOGNISED),
        (all_of() if odd is None else not_(odd), NOT_PLAIN),
        (all_of() if shape.split is None else not_(shape.split.condition), SEVERAL),
    ]
    if parser.root == "udm":
        checks.append((Condition(sql.coalesce(sql.all_of([from_1, to_9999]), sql.FALSE), time.reads), NO_TIME))
    checks += [(need.condition, FIRST_REQUIREMENT + order) for order, need in enumerate(parser.requirements)]
    result = sql.integer(0)
    for condition, number in reversed(checks):
        result = sql.case(condition.sql, result, sql.integer(number))
    return Value(result, reads_of(condition for condition, _ in checks))


def recognition(shape: Shape) -> Condition:
    """Return the evidence of a shape as a condition on the raw record, or on what it was rewritten to."""
    return all_of(*(_evidence(item) for item in shape.rewritten or shape.evidence))


def _evidence(evidence: Evidence) -> Condition:
    match evidence:
        case Has(path):
            return is_there(_raw(path))
        case HasAny(paths):
            return any_of(*(is_there(_raw(path)) for path in paths))
        case Lacks(path):
            return not_(is_there(_raw(path)))
        case Begins(path, options):
            return any_of(*(begins(_raw(path), option) for option in options))
        case IsNot(path, options):
            return not_(is_any(_raw(path), options))
        case _:
            return is_any(_raw(evidence.path), evidence.options)


def _raw(path: Path) -> Value:
    return read(Reading(path, is_raw=True))
