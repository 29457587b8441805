"""Reduction: what is left of an expression once some of its columns are known to hold nothing, or a constant.

A test of what is not there is false, a function of it gives nothing, and a list of choices loses it. What stays gives
the same in every row as the whole expression. A fragment that does not say what it is made of (`sql.raw`) stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from windshear.core import sql
from windshear.core.sql import FALSE, NULL, TRUE, Made, Sql

_NO_TEXT, _NO_LIST, _ZERO = sql.text(""), sql.list_of(()), sql.integer(0)
_LITERAL = re.compile(r"true|false|'.*|\(-?[0-9]+\)::BIGINT", re.DOTALL)
_OTHER_THAN = ("<", ">", "<>", "IS DISTINCT FROM")

_OF_TWO = ("line_after", "list_extract", "list_position", "map_extract_value")  # the second argument counts as well
# Functions that give NULL if their first argument is NULL, with the types of what they give: "" for that of the first.
STRICT = {
    function: sql_type
    for sql_type, functions in {
        "VARCHAR": "array_to_string json_extract_string left list_extract lower lpad ltrim map_extract_value"
        " regexp_extract regexp_replace replace right split_part struct_extract to_json trim upper",
        "VARCHAR[]": "regexp_extract_all string_split",
        "BOOLEAN": "contains ends_with regexp_matches starts_with",
        "BIGINT": "abs len",
        "INTEGER": "list_position",
        "TIMESTAMP": "make_timestamp",
        "": "nullif try",
    }.items()
    for function in functions.split()
}
_TYPES = {"||": "VARCHAR", **dict.fromkeys(("+", "-", "*", "//", "%"), "BIGINT")}


class Reduction:
    """Reduces expressions, given what some columns are."""

    def __init__(self, strict: Mapping[str, str], joining: Collection[str] = ()) -> None:
        """Take further functions that the expressions call.

        strict: functions that give NULL if their first argument is NULL, with the types of what they give. joining:
        functions that give NULL, as a text, if all arguments but lists are NULL.
        """
        self._strict = {**STRICT, **strict}
        self._joining = joining
        self._known: dict[Sql, Sql] = {}
        self._reduced: dict[Sql, Sql] = {}

    def know(self, column: Sql, value: Sql) -> None:
        """Say what a column is, before anything that refers to it is reduced."""
        self._known[column] = value

    def reduced(self, expression: Sql) -> Sql:
        """Return what is left of an expression."""
        found = self._known.get(expression) or self._reduced.get(expression)
        if found is None:
            found = expression if expression.made is None else self._again(expression, expression.made)
            self._reduced[expression] = found
        return found

    def _again(self, expression: Sql, made: Made) -> Sql:
        if made.kind == "case":
            return self._case(expression)
        parts = tuple(map(self.reduced, made.parts))
        match made.kind:
            case "call":
                return self._call(made.name, parts)
            case "binary":
                return _compared(made.name, *parts)
            case "cast" | "try_cast":
                return _converted(made, parts[0])
            case "null":
                return _tested(parts[0], is_negated=made.name == "IS NOT")
            case "not":
                return nothing("BOOLEAN") if is_nothing(parts[0]) else sql.not_(parts[0])
            case "in":
                return nothing("BOOLEAN") if is_nothing(parts[0]) else sql.in_list(parts[0], parts[1:])
            case "and":
                return sql.all_of(parts)
            case "or":
                return sql.any_of(parts)
            case "list":
                return sql.list_of(parts)
            case "present":
                kept = [part for part in parts if not is_nothing(part)]
                return sql.list_of_present(kept) if kept else _NO_LIST
            case "as":
                return sql.aliased(parts[0], made.name)

    def _case(self, expression: Sql) -> Sql:
        """Reduce a choice, and those that stand in it for anything else: there may be hundreds."""
        chosen: list[tuple[Sql, Sql]] = []
        rest = expression
        while rest.made is not None and rest.made.kind == "case" and rest not in self._known:
            condition, then, rest = rest.made.parts
            test = self._test(condition)
            if test == TRUE:
                rest = then
                break
            if test != FALSE:
                chosen.append((test, self.reduced(then)))
        result = self.reduced(rest)
        for test, then in reversed(chosen):
            result = then if is_nothing(then) and is_nothing(result) else sql.case(test, then, result)
        return result

    def _test(self, condition: Sql) -> Sql:
        """Reduce a condition, for which nothing is as good as false."""
        made = condition.made
        if made is not None and made.kind in ("and", "or") and condition not in self._known:
            tests = map(self._test, made.parts)
            return sql.all_of(tests) if made.kind == "and" else sql.any_of(tests)
        test = self.reduced(condition)
        return FALSE if is_nothing(test) else test

    def _call(self, function: str, parts: tuple[Sql, ...]) -> Sql:
        if function == "coalesce":
            return _first(parts)
        if function == "concat":
            kept = [part for part in parts if not is_nothing(part) and part != _NO_TEXT]
            return sql.call(function, *kept) if kept else _NO_TEXT
        if function == "concat_ws":
            kept = [part for part in parts if not is_nothing(part)]
            return sql.call(function, *kept) if len(kept) > 1 else _NO_TEXT
        if function == "len" and parts[0] == _NO_LIST:
            return _ZERO
        if function in self._joining:
            is_none = all(is_nothing(part) for part in parts if not _is_list(part))
            return nothing("VARCHAR") if is_none else sql.call(function, *parts)
        given = self._strict.get(function)
        if given is not None and any(map(is_nothing, parts[: 1 + (function in _OF_TWO)])):
            return nothing(given) if given else parts[0]
        return sql.call(function, *parts)


def nothing(sql_type: str) -> Sql:
    """Write NULL as a value of a type."""
    return sql.cast(NULL, sql_type)


def is_nothing(expression: Sql) -> bool:
    """Say whether an expression is NULL, of whatever type."""
    made = expression.made
    return expression == NULL or (made is not None and made.kind == "cast" and is_nothing(made.parts[0]))


def is_constant(expression: Sql) -> bool:
    """Say whether an expression is NULL, a text, a number, a truth value or a list without elements."""
    is_literal = expression.made is None and _LITERAL.fullmatch(expression.text) is not None
    return is_literal or is_nothing(expression) or expression == _NO_LIST


def _compared(operator: str, left: Sql, right: Sql) -> Sql:
    if operator == "IS DISTINCT FROM" and is_nothing(left):
        return _tested(right, is_negated=True)
    if operator == "IS DISTINCT FROM" and is_nothing(right):
        return _tested(left, is_negated=True)
    if is_nothing(left) or is_nothing(right):
        return nothing(_TYPES.get(operator, "BOOLEAN"))
    if operator in _OTHER_THAN and left == right and is_constant(left):
        return FALSE
    return sql.binary(operator, left, right)


def _converted(made: Made, part: Sql) -> Sql:
    if is_nothing(part):
        return nothing(made.name)
    return sql.cast(part, made.name) if made.kind == "cast" else sql.try_cast(part, made.name)


def _tested(part: Sql, *, is_negated: bool) -> Sql:
    if is_nothing(part):
        return sql.boolean(not is_negated)
    return sql.boolean(is_negated) if is_constant(part) else sql.is_null(part, is_negated=is_negated)


def _is_list(expression: Sql) -> bool:
    made = expression.made
    return made is not None and (made.kind == "list" or (made.kind == "cast" and _is_list(made.parts[0])))


def _first(parts: Sequence[Sql]) -> Sql:
    kept: list[Sql] = []
    for part in parts:
        if not is_nothing(part):
            kept.append(part)
            if is_constant(part):
                break
    if not kept:
        return parts[0]
    return kept[0] if len(kept) == 1 else sql.call("coalesce", *kept)
