"""Keys that a rule reads and that an event holds twice: with `duplicate_keys=error` they stop the rule.

Only events of joined rows are looked at, so the answer does not depend on what sift lets through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.variables import all_expressions
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.udm.paths import PathSegment, ResolvedPath, resolve

_KEY = "key"


@dataclass(frozen=True, slots=True)
class KeyGuard:
    """A map that a rule reads by a key: all keys of the map, as a list, and the one that must not be there twice."""

    keys: ex.Field
    key: str
    text: str  # the path as written

    @property
    def is_repeated(self) -> Sql:
        """Whether an event holds the key twice; false where the event is absent."""
        same = sql.binary("=", sql.name(_KEY), sql.text(self.key))
        found = sql.call("list_filter", fields.read(self.keys, self.keys.variable), sql.lambda_(_KEY, same))
        return sql.coalesce(sql.binary(">", sql.call("len", found), sql.integer(1)), sql.FALSE)


def key_guards(rule: CheckedRule, readings: Readings) -> tuple[KeyGuard, ...]:
    """Return what must be looked at; nothing if the first value counts."""
    if readings.duplicate_keys == "first":
        return ()
    guards = {(guard.keys.variable, guard.text): guard for guard in _guards(rule)}
    return tuple(guards.values())


def _guards(rule: CheckedRule) -> Iterator[KeyGuard]:
    for expression in all_expressions(rule):
        for field in ex.fields(expression):
            steps = field.path.steps
            place = next((i for i, step in enumerate(steps) if step.key is not None), None)
            if place is not None and _is_list_of_labels(field.path, place):
                above = (*steps[:place], replace(steps[place], key=None), ex.Step(_KEY, is_repeated=False))
                keys = replace(field.path, steps=above)
                read = replace(field, path=keys, is_whole_list=True, type=keys.type.list_of)
                yield KeyGuard(read, steps[place].key or "", field.path.text)


def _is_list_of_labels(path: ex.FieldPath, place: int) -> bool:
    """Whether a map is a list of entries; the free-form structures are objects, and have each key once."""
    if path.source != "udm":
        return False
    names = [PathSegment(step.name) for step in path.steps[: place + 1]]
    value = resolve("udm", [*names, PathSegment("value")])
    return isinstance(value, ResolvedPath) and value.kind == "string"
