"""How a field is read in SQL: scalars, copies of repeated fields, fixed elements and whole lists.

A relation of one event variable has a column per requested top-level column and, for every repeated prefix that the
rule reads plainly, one more column that holds the element of the copy (`copy_column`).
"""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.carriage import CARRIED_AS
from windshear.language import expressions as ex
from windshear.language.types import Type
from windshear.udm.requests import EVENT_NANOS, EVENT_SECONDS, Access, Each, Element, Member, access

NUMBER = "@no"
TIME = "@ts"
IDENTITY = "@id"  # only where a rule reads it
PARTITION_BITS = 40  # of an event number; what lies above them is the number of its partition
VALID_FROM = "@from"  # of an entity, in microseconds: the first moment at which it is valid ...
VALID_TO = "@to"  # ... and the first at which it no longer is
_MICROSECONDS = 1_000_000
_BEFORE_ALL_TIME = 100_000_000_000_000_000  # µs; shifts any year-1 timestamp above zero for integer division


def access_of(path: ex.FieldPath) -> Access:
    """Return the column and the hops by which a path is read."""
    return access(path.steps, CARRIED_AS[path.type.kind])


def copy_column(prefix: str) -> str:
    """Name the column that holds the element of a copy for a repeated prefix."""
    return prefix + "[]"


def read(field: ex.Field, table: str) -> Sql:
    """Return a field's total SQL value in a relation with copies.

    For quantified and whole-list reads this is the list of all values (flattened, absent values as zero).
    """
    zero = sql.literal(field.path.type.zero)
    if field.path.text in (EVENT_SECONDS, EVENT_NANOS):
        return sql.coalesce(_time_part(sql.column(table, TIME), field.path.text), zero)
    way = access_of(field.path)
    if field.quantifier is not None or field.is_whole_list:
        return whole_list(sql.column(table, way.column), way, field.path.type)
    return sql.coalesce(_one_value(way, table), zero)


def _time_part(time: Sql, name: str) -> Sql:
    """Derive the event's seconds or nanoseconds from its microseconds; before 1970 the nanoseconds still count up."""
    seconds = floor_div(time, _MICROSECONDS)
    if name == EVENT_SECONDS:
        return seconds
    rest = sql.binary("-", time, sql.binary("*", seconds, sql.integer(_MICROSECONDS)))
    return sql.binary("*", rest, sql.integer(1000))


def floor_div(value: Sql, step: int) -> Sql:
    """Divide times by a step, rounding down, right for times before 1970, too (SQL rounds towards zero)."""
    shift = -(-_BEFORE_ALL_TIME // step)
    shifted = sql.binary("+", value, sql.integer(shift * step))
    return sql.binary("-", sql.binary("//", shifted, sql.integer(step)), sql.integer(shift))


def whole_list(column: Sql, way: Access, value_type: Type) -> Sql:
    """Flatten every value of a repeated path into one list; absent values inside messages read as zero."""
    return _flatten(column, way.hops, sql.literal(value_type.zero), depth=0)


def _flatten(value: Sql, hops: tuple[Each | Member | Element, ...], zero: Sql, depth: int) -> Sql:
    """Return the list of leaf values below `value`."""
    if not hops:
        return sql.list_of([sql.coalesce(value, zero)])
    head, rest = hops[0], hops[1:]
    match head:
        case Member(name):
            return _flatten(sql.member(value, name), rest, zero, depth)
        case Element(index):
            return _flatten(sql.element(value, index), rest, zero, depth)
        case Each():
            items = sql.coalesce(value, sql.raw("[]"))
            if not rest:
                return items
            parameter = f"@{depth}"
            inner = _flatten(sql.name(parameter), rest, zero, depth + 1)
            return sql.call("flatten", sql.call("list_transform", items, sql.lambda_(parameter, inner)))


def _one_value(way: Access, table: str) -> Sql:
    """Read one value: a scalar, a fixed element, or the element that the copy stands for."""
    value = sql.column(table, way.column)
    for hop in way.hops:
        match hop:
            case Each(prefix):
                value = sql.column(table, copy_column(prefix))
            case Member(name):
                value = sql.member(value, name)
            case Element(index):
                value = sql.element(value, index)
    return value


def copy_source(way: Access, prefix: str, table: str) -> Sql:
    """Return the list that is unnested for one repeated prefix of a path."""
    value = sql.column(table, way.column)
    for hop in way.hops:
        match hop:
            case Each(found):
                if found == prefix:
                    return value
                value = sql.column(table, copy_column(found))
            case Member(name):
                value = sql.member(value, name)
            case Element(index):
                value = sql.element(value, index)
    raise AssertionError(f"`{prefix}` is not a repeated prefix of column `{way.column}`")


def one_row_per_element(items: Sql) -> Sql:
    """Unnest a list; an empty or absent list gives one row with an absent element."""
    return sql.call("unnest", sql.case(_is_empty(items), sql.raw("[NULL]"), items))


def position(items: Sql) -> Sql:
    """Unnest, in step with `one_row_per_element`, where in the list the element stands, from 1; 0 if it is empty."""
    return sql.call(
        "unnest",
        sql.case(_is_empty(items), sql.raw("[0]"), sql.call("generate_series", sql.integer(1), sql.call("len", items))),
    )


def _is_empty(items: Sql) -> Sql:
    return sql.binary("=", sql.coalesce(sql.call("len", items), sql.integer(0)), sql.integer(0))


def partition(number: Sql) -> Sql:
    """Return the partition that an event number lies in."""
    return sql.binary(">>", number, sql.integer(PARTITION_BITS))
