"""Typed SQL building blocks: the only place where SQL text is made.

Every function returns an `Sql` value whose text is a complete, parenthesised expression, so that values can be nested
without thinking about precedence. Names and texts from outside (rule literals, field names) enter only through
`name`, `text` and the number functions, which quote them; nothing else accepts a plain string as SQL. The dialect is
DuckDB's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sql:
    """One SQL expression or clause, safe to embed in another."""

    text: str

    def __str__(self) -> str:
        return self.text


TRUE = Sql("true")
FALSE = Sql("false")
NULL = Sql("NULL")
_MARKED = re.compile("[A-Z^]")


def raw(fragment: str) -> Sql:
    """Wrap SQL text written in this program (never text from a rule or a log)."""
    return Sql(fragment)


def folded(identifier: str) -> str:
    """Spell an identifier without capitals, for DuckDB takes names that differ only in case for one.

    Every name in a statement is spelt so; Arrow tables and files that statements read must be, too.

    >>> folded('fields["Key"]')
    'fields["^key"]'
    """
    return _MARKED.sub(lambda found: "^" + found[0].lower(), identifier)


def unfolded(spelling: str) -> str:
    """Give back the identifier that was folded.

    >>> unfolded(folded('a^fields["Key"]'))
    'a^fields["Key"]'
    """
    return re.sub(r"\^(.)", lambda found: found[1].upper(), spelling)


def name(identifier: str) -> Sql:
    """Quote one identifier; dots inside are part of the name, and so is the case of its letters."""
    return Sql('"' + folded(identifier).replace('"', '""') + '"')


def column(table: str, identifier: str) -> Sql:
    """Refer to a column of an aliased table."""
    return Sql(f"{name(table)}.{name(identifier)}")


def text(value: str) -> Sql:
    """Quote a string constant. NUL, which SQL text cannot carry, goes through `chr(0)`."""
    pieces = ["'" + piece.replace("'", "''") + "'" for piece in value.split("\x00")]
    return Sql(pieces[0]) if len(pieces) == 1 else Sql("(" + " || chr(0) || ".join(pieces) + ")")


def integer(value: int) -> Sql:
    """Write an integer constant as BIGINT (or HUGEINT where it does not fit)."""
    kind = "BIGINT" if -(2**63) <= value < 2**63 else "HUGEINT"
    return Sql(f"({int(value)})::{kind}")


def double(value: float) -> Sql:
    """Write a floating-point constant."""
    return Sql(f"'{value!r}'::DOUBLE")


def boolean(value: bool) -> Sql:
    """Write a truth value."""
    return TRUE if value else FALSE


def literal(value: str | int | float | bool) -> Sql:
    """Write a Python scalar as a constant of the matching SQL type."""
    match value:
        case bool():
            return boolean(value)
        case int():
            return integer(value)
        case float():
            return double(value)
        case str():
            return text(value)


def call(function: str, *arguments: Sql) -> Sql:
    """Call an SQL function named in this program."""
    return Sql(f"{function}({', '.join(a.text for a in arguments)})")


def binary(operator: str, left: Sql, right: Sql) -> Sql:
    """Apply an infix operator."""
    return Sql(f"({left.text} {operator} {right.text})")


def not_(operand: Sql) -> Sql:
    """Negate a total (never NULL) truth value, folding constants."""
    if operand == TRUE:
        return FALSE
    if operand == FALSE:
        return TRUE
    return Sql(f"(NOT {operand.text})")


def is_null(operand: Sql, *, is_negated: bool = False) -> Sql:
    """Test for NULL, or for its absence."""
    return Sql(f"({operand.text} IS {'NOT ' if is_negated else ''}NULL)")


def all_of(items: Iterable[Sql]) -> Sql:
    """Join truth values by AND, folding constants."""
    kept = [item for item in items if item != TRUE]
    if FALSE in kept:
        return FALSE
    return _joined(" AND ", kept, TRUE)


def any_of(items: Iterable[Sql]) -> Sql:
    """Join truth values by OR, folding constants."""
    kept = [item for item in items if item != FALSE]
    if TRUE in kept:
        return TRUE
    return _joined(" OR ", kept, FALSE)


def _joined(operator: str, kept: Sequence[Sql], empty: Sql) -> Sql:
    if not kept:
        return empty
    return kept[0] if len(kept) == 1 else Sql("(" + operator.join(item.text for item in kept) + ")")


def cast(operand: Sql, sql_type: str) -> Sql:
    """Convert to an SQL type named in this program; failure is an SQL error."""
    return Sql(f"CAST({operand.text} AS {sql_type})")


def try_cast(operand: Sql, sql_type: str) -> Sql:
    """Convert to an SQL type; failure gives NULL."""
    return Sql(f"TRY_CAST({operand.text} AS {sql_type})")


def coalesce(operand: Sql, default: Sql) -> Sql:
    """Replace NULL by a default."""
    return call("coalesce", operand, default)


def case(condition: Sql, then: Sql, otherwise: Sql) -> Sql:
    """Choose between two values."""
    return Sql(f"(CASE WHEN {condition.text} THEN {then.text} ELSE {otherwise.text} END)")


def in_list(operand: Sql, values: Iterable[Sql]) -> Sql:
    """Test membership in a list of constants."""
    listed = ", ".join(v.text for v in values)
    return Sql(f"({operand.text} IN ({listed}))") if listed else FALSE


def list_of(items: Iterable[Sql]) -> Sql:
    """Make a list value."""
    return Sql("[" + ", ".join(item.text for item in items) + "]")


def list_of_present(items: Iterable[Sql]) -> Sql:
    """Make a list of the values that are not NULL."""
    return call("list_filter", list_of(items), lambda_("item", is_null(name("item"), is_negated=True)))


def member(record: Sql, identifier: str) -> Sql:
    """Read a field of a STRUCT value; a NULL struct gives NULL."""
    return Sql(f"struct_extract({record.text}, {text(identifier).text})")


def element(items: Sql, index: int) -> Sql:
    """Read a list element, 0-based; past the end gives NULL."""
    return Sql(f"list_extract({items.text}, {int(index) + 1})")


def lambda_(parameter: str, body: Sql) -> Sql:
    """Write a lambda for the list functions."""
    return Sql(f"lambda {name(parameter).text}: {body.text}")


def aliased(expression: Sql, identifier: str) -> Sql:
    """Name a select-list item."""
    return Sql(f"{expression.text} AS {name(identifier).text}")


def record_of(members: Iterable[tuple[str, Sql]]) -> Sql:
    """Make a STRUCT value from named members."""
    return Sql("{" + ", ".join(f"{text(key).text}: {value.text}" for key, value in members) + "}")


def left_join(table: Sql, other: Sql, identifier: str) -> Sql:
    """Read a table, and beside each row the one of another table with the same value in a column, if there is one."""
    return Sql(f"(SELECT * FROM {table.text} LEFT JOIN {other.text} USING ({name(identifier).text}))")


def select(items: Iterable[Sql], source: Sql) -> Sql:
    """Read expressions from a table or from another `select`."""
    return Sql(f"(SELECT {', '.join(item.text for item in items)} FROM {source.text})")
