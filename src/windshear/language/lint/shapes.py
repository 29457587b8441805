"""What an expression or a rule says, apart from where it stands: equal shapes mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from windshear.language.expressions import Expression, FieldPath
from windshear.language.rule import CheckedRule
from windshear.language.types import Type

Shape = tuple[Any, ...]
_NOT_MEANING = frozenset({"span", "text"})


def shape(expression: Expression) -> Shape:
    """Return an expression without its places, as a value that can be compared and hashed."""
    return _parts(expression)


def rule_shape(rule: CheckedRule) -> Shape:
    """Return what a rule means: everything but its text and the places in it."""
    return _parts(rule)


def _parts(value: object) -> Shape:
    cls: type = type(value)
    return (cls, *[_shape(getattr(value, name)) for name in _names(cls)])


def _shape(value: object) -> object:
    if isinstance(value, str | FieldPath | Type):  # which hold no places
        return value
    if isinstance(value, bool | int | float):
        return (type(value), value)  # 1, 1.0 and true are equal in Python
    if isinstance(value, tuple):
        return tuple([_shape(item) for item in value])
    if isinstance(value, Mapping):
        return tuple([(key, _shape(item)) for key, item in value.items()])
    return _parts(value) if is_dataclass(value) else value


@cache
def _names(cls: type) -> tuple[str, ...]:
    declared = fields(cls) if is_dataclass(cls) else ()
    return tuple(field.name for field in declared if field.name not in _NOT_MEANING)
