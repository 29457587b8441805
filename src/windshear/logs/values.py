"""Values: how a log-type declaration says what it reads from a raw record and what it makes of it.

A `Value` is an SQL expression over *readings*. A reading names a place in the raw record by the keys that lead to it;
the statement that is compiled from a declaration extracts only the places that the requested fields read. Every value
is NULL when there is nothing to say: an absent key, a JSON null and an empty text are all absent. A `Condition` is a
total truth value, never NULL.

The patterns given to these functions are written in this program; no text of a log or rule becomes a pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.logs.macros import (
    BARE_TEXT,
    DIVIDED,
    LEFT_OVER,
    LINE_AFTER,
    MICROS_OF,
    MONTH_FIRST,
    SECONDS_AHEAD,
    SHORTENED,
    UNESCAPED,
    UNPADDED,
)

Path = tuple[str, ...]


class Item(str):
    """The step of a path to one element of an array, counted from 0."""

    __slots__ = ()


def item(position: int) -> Item:
    """Return the step to an element.

    >>> [reading.path for reading in field("targetResources", item(0), "id").reads]
    [('targetResources', '[0]', 'id')]
    """
    return Item(f"[{position}]")


class Each(Item):
    """The step of a path to every element of an array: what is read behind it is a list with one place per element."""

    __slots__ = ()


EACH = Each("[*]")

# `text`: a scalar as text, an object or array as compact JSON. `json`: compact JSON, so that a text keeps its
# quotes.
ReadingKind = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One place in the raw record. `is_raw` paths are taken as written, others go through the shape's names.

    made: no place, but a value made of others that is computed once per record. among: a place that records have, if
    `made` looks at all records that have it; it is absent in the others.
    """

    path: Path
    kind: ReadingKind = "text"
    is_raw: bool = False
    made: Value | None = None
    among: Reading | None = None

    @property
    def column(self) -> str:
        """The name under which the statement offers the reading.

        SQL takes names that differ in case only for one, so the exact path is added as a digest.
        """
        if self.made is not None:
            return "made:" + sha256(self.made.sql.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        steps = "".join("/" + step for step in self.path)
        digest = sha256("\0".join(self.path).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"{'raw' if self.is_raw else 'record'}:{self.kind}:{steps}:{digest}"


@dataclass(frozen=True, slots=True)
class Value:
    """An SQL expression that is NULL where there is no value, and the readings that it needs.

    texts: all that it can be, None for absent, if each is written in the declaration.
    """

    sql: Sql
    reads: frozenset[Reading] = frozenset()
    texts: frozenset[str | None] | None = None

    @property
    def text(self) -> str | None:
        """What it always is, if that is a text written in the declaration."""
        return next(iter(self.texts)) if self.texts is not None and len(self.texts) == 1 else None


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL truth value that is never NULL, and the readings that it needs."""

    sql: Sql
    reads: frozenset[Reading] = frozenset()


ABSENT = Value(sql.cast(sql.NULL, "VARCHAR"), texts=frozenset([None]))


def field(*path: str) -> Value:
    """Read the text of a place; numbers, truth values, objects and arrays give their JSON text."""
    return read(Reading(path))


def json(*path: str) -> Value:
    """Read the compact JSON of a place."""
    return read(Reading(path, "json"))


def read(reading: Reading) -> Value:
    """Read one place of the record."""
    return Value(sql.name(reading.column), frozenset([reading]))


def shared(value: Value) -> Value:
    """Name a value that others are made of, so that it is computed once per record and not where it stands."""
    return replace(read(Reading((), made=value)), texts=value.texts)


def once(value: Value) -> Value:
    """Share a value unless it is a place of the record or a constant."""
    is_named = value.sql in (read(reading).sql for reading in value.reads)
    return value if len(value.reads) == 0 or is_named else shared(value)


def shared_test(test: Condition) -> Condition:
    """Name a test that several values make, so that it is made once per record."""
    return is_there(shared(when(test, constant("yes"))))


def position_of(keys: Value, key: str) -> Value:
    """Find the first place, counted from 1, at which a list of keys has a key."""
    return shared(Value(sql.call("list_position", keys.sql, sql.text(key)), keys.reads))


def looked_up(keys: Value, values: Value, key: str) -> Value:
    """Take the element of a list of values at the place where a list of keys has a key."""
    position = position_of(keys, key)
    return Value(sql.call("list_extract", values.sql, position.sql), position.reads | values.reads)


def entry_at(path: Path, key: str, names: tuple[str, str] = ("key", "value")) -> Value:
    """Look up a key in an array of objects that each hold a key and a value under two names; the first counts."""
    return looked_up(field(*path, EACH, names[0]), field(*path, EACH, names[1]), key)


def nth(values: Value, position: int) -> Value:
    """Take an element of a list of values, counted from 0."""
    return Value(sql.element(values.sql, position), values.reads)


def constant(value: str | int | bool) -> Value:
    """Give the same value for every record."""
    return Value(sql.literal(value), texts=frozenset([value]) if isinstance(value, str) else None)


def first(*values: Value) -> Value:
    """Take the first value that is there."""
    texts = _texts_of(values)
    if texts is not None and any(None not in (value.texts or ()) for value in values):
        texts -= {None}
    return Value(sql.call("coalesce", *(value.sql for value in values)), reads_of(values), texts)


def _texts_of(values: Iterable[Value]) -> frozenset[str | None] | None:
    """Return all that some values can be; None if one of them can be anything."""
    texts: frozenset[str | None] = frozenset()
    for value in values:
        if value.texts is None:
            return None
        texts |= value.texts
    return texts


def when(condition: Condition, then: Value, otherwise: Value = ABSENT) -> Value:
    """Choose by a condition."""
    value = sql.case(condition.sql, then.sql, otherwise.sql)
    return Value(value, reads_of([condition, then, otherwise]), _texts_of([then, otherwise]))


def choose(*cases: tuple[Condition, Value], otherwise: Value = ABSENT) -> Value:
    """Take the value of the first condition that holds."""
    result = otherwise
    for condition, then in reversed(cases):
        result = when(condition, then, result)
    return result


def translate(value: Value, names: Mapping[str, str], otherwise: Value = ABSENT) -> Value:
    """Replace a text by another, as the table says."""
    table = sql.call("map", *(sql.list_of([sql.text(text) for text in texts]) for texts in (names, names.values())))
    found = Value(sql.call("map_extract_value", table, value.sql), value.reads, frozenset([None, *names.values()]))
    return found if otherwise == ABSENT else first(found, otherwise)


def joined(*parts: Value | str) -> Value:
    """Join texts; absent as soon as one of them is."""
    values = [constant(part) if isinstance(part, str) else part for part in parts]
    result = values[0].sql
    for value in values[1:]:
        result = sql.binary("||", result, value.sql)
    return Value(result, reads_of(values))


def lines(*parts: Value) -> Value:
    """Put the texts that are there one below the other."""
    text = sql.call("concat_ws", sql.text("\n"), *(part.sql for part in parts))
    return Value(sql.call("nullif", text, sql.text("")), reads_of(parts))


def replaced(value: Value, replacements: Mapping[str, str]) -> Value:
    """Replace pieces of a text, one after the other."""
    text = value.sql
    for piece, replacement in replacements.items():
        text = sql.call("replace", text, sql.text(piece), sql.text(replacement))
    return Value(text, value.reads)


def unescaped(value: Value) -> Value:
    """Write the five signs that XML escapes as they are."""
    written = once(value)
    return Value(sql.call(UNESCAPED, written.sql), written.reads)


def rewritten(value: Value, pattern: str, replacement: str) -> Value:
    r"""Replace the first place that a pattern (RE2) finds; `\1` stands for its first group."""
    return Value(sql.call("regexp_replace", value.sql, sql.text(pattern), sql.text(replacement)), value.reads)


def month_first(value: Value) -> Value:
    """Read a time with slashes as month, day and year in UTC, as .NET writes it; another time stays as it is."""
    return Value(sql.call(MONTH_FIRST, value.sql), value.reads)


def lines_of(value: Value) -> Value:
    """Take a text apart at its line feeds: a list of lines."""
    return Value(sql.call("string_split", value.sql, sql.raw("chr(10)")), value.reads)


def line_after(lines: Value, label: Value) -> Value:
    """Take what follows a label at the beginning of a line, the first that has it, without the blanks around."""
    rest = shared(Value(sql.call(LINE_AFTER, lines.sql, label.sql), reads_of([lines, label])))
    return Value(sql.call(UNPADDED, rest.sql), rest.reads)


def ending(value: Value, length: int) -> Value:
    """Take the last characters of a text."""
    return Value(sql.call("right", value.sql, sql.integer(length)), value.reads)


def first_line(value: Value, most: int) -> Value:
    """Take the first line of a text unless it is empty; of a long one as many characters."""
    line = found(value, r"^[^\r\n]+")
    return Value(sql.call(SHORTENED, line.sql, sql.integer(most)), line.reads)


def unless(value: Value, placeholder: str) -> Value:
    """Take a text unless it is the one that stands for none."""
    return Value(sql.call("nullif", value.sql, sql.text(placeholder)), value.reads)


def lower(value: Value) -> Value:
    """Write a text in lower case."""
    return Value(sql.call("lower", value.sql), value.reads)


def upper(value: Value) -> Value:
    """Write a text in upper case."""
    return Value(sql.call("upper", value.sql), value.reads)


def in_a_row(values: Value, separator: str) -> Value:
    """Join the texts of a list."""
    text = sql.call("array_to_string", values.sql, sql.text(separator))
    return Value(sql.call("nullif", text, sql.text("")), values.reads)


def found(value: Value, pattern: str) -> Value:
    """Take the first place that a pattern (RE2) finds; this is quicker than a group of it."""
    piece = sql.call("regexp_extract", value.sql, sql.text(pattern))
    return Value(sql.call("nullif", piece, sql.text("")), value.reads)


def captured(value: Value, pattern: str) -> Value:
    """Take the first group of the first place that a pattern (RE2) finds."""
    found = sql.call("regexp_extract", value.sql, sql.text(pattern), sql.raw("1"))
    return Value(sql.call("nullif", found, sql.text("")), value.reads)


def captured_at(value: Value, pattern: str, position: int) -> Value:
    """Take the first group of one of the places, counted from 0, that a pattern (RE2) finds."""
    found = all_captured(value, pattern)
    return Value(sql.call("nullif", sql.element(found.sql, position), sql.text("")), found.reads)


def all_captured(value: Value, pattern: str) -> Value:
    """List the first group of every place that a pattern (RE2) finds."""
    return Value(sql.call("regexp_extract_all", value.sql, sql.text(pattern), sql.raw("1")), value.reads)


def behind(value: Value, sign: str) -> Value:
    """Take what stands between the first and the second place of a sign; this is quicker than a pattern."""
    piece = sql.call("split_part", value.sql, sql.text(sign), sql.raw("2"))
    return Value(sql.call("nullif", piece, sql.text("")), value.reads)


def bare(value: Value) -> Value:
    """Take the text out of a JSON string that was written as text, quotes and all; other text stays."""
    return Value(sql.call(BARE_TEXT, value.sql), value.reads)


def whole_number(value: Value) -> Value:
    """Read a text as a whole number; anything else is absent."""
    return Value(sql.try_cast(value.sql, "BIGINT"), value.reads)


@dataclass(frozen=True, slots=True)
class Moment(Value):
    """A time that is microseconds since 1970 already."""


def micros_of(value: Value) -> Value:
    """Read a text as a time, in microseconds since 1970; without a zone it is UTC."""
    return value if isinstance(value, Moment) else Value(sql.call(MICROS_OF, value.sql), value.reads)


def moment_ahead(value: Value) -> Value:
    """Read the seconds, with their fraction, that stand before the first colon of a text, in microseconds."""
    return Value(sql.call(SECONDS_AHEAD, value.sql), value.reads)


def time_of_millis(value: Value) -> Value:
    """Read a text as milliseconds since 1970, and write that time as text."""
    micros = sql.binary("*", sql.try_cast(value.sql, "BIGINT"), sql.integer(1000))
    return Value(sql.cast(sql.call("try", sql.call("make_timestamp", micros)), "VARCHAR"), value.reads)


def quotient(value: Value, divisor: int) -> Value:
    """Divide a whole number, rounded down."""
    return Value(sql.call(DIVIDED, value.sql, sql.integer(divisor)), value.reads)


def remainder(value: Value, divisor: int, factor: int = 1) -> Value:
    """Give what is left of a whole number after division that rounds down, times a factor."""
    left = sql.call(LEFT_OVER, value.sql, sql.integer(divisor))
    return Value(sql.binary("*", left, sql.integer(factor)), value.reads)


def is_there(value: Value) -> Condition:
    """Test whether there is a value."""
    return Condition(sql.is_null(value.sql, is_negated=True), value.reads)


def is_any(value: Value, options: Iterable[str]) -> Condition:
    """Test whether a text is one of several."""
    return _total(sql.in_list(value.sql, [sql.text(option) for option in options]), value)


def matches(value: Value, pattern: str) -> Condition:
    """Test whether a pattern (RE2) finds a place in a text."""
    return _total(sql.call("regexp_matches", value.sql, sql.text(pattern)), value)


def begins(value: Value, beginning: str) -> Condition:
    """Test whether a text begins with another."""
    return _total(sql.call("starts_with", value.sql, sql.text(beginning)), value)


def contains(value: Value, piece: str) -> Condition:
    """Test whether a text has a piece."""
    return _total(sql.call("contains", value.sql, sql.text(piece)), value)


def not_(test: Condition) -> Condition:
    """Negate a test."""
    return Condition(sql.not_(test.sql), test.reads)


def all_of(*tests: Condition) -> Condition:
    """Test whether all of several tests hold."""
    return Condition(sql.all_of(test.sql for test in tests), reads_of(tests))


def any_of(*tests: Condition) -> Condition:
    """Test whether one of several tests holds."""
    return Condition(sql.any_of(test.sql for test in tests), reads_of(tests))


def _total(condition: Sql, value: Value) -> Condition:
    return Condition(sql.coalesce(condition, sql.FALSE), value.reads)


def reads_of(parts: Iterable[Value | Condition]) -> frozenset[Reading]:
    """Return the readings that some values and tests need."""
    return frozenset(reading for part in parts for reading in part.reads)
