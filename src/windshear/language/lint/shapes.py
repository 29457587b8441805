"""What an expression or a rule says, apart from where it stands: equal shapes mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from windshear.language.expressions import Expression
from windshear.language.rule import CheckedRule
from windshear.language.source import Span

Shape = tuple[Any, ...]
_NOT_MEANING = frozenset({"span", "text"})


def shape(expression: Expression) -> Shape:
    """Return an expression without its places, as a value that can be compared and hashed."""
    found = _shape(expression)
    assert isinstance(found, tuple)  # noqa: S101 (every expression is a dataclass, which becomes a tuple)
    return found


def rule_shape(rule: CheckedRule) -> Shape:
    """Return what a rule means: everything but its text and the places in it."""
    found = _shape(rule)
    assert isinstance(found, tuple)  # noqa: S101 (as above)
    return found


def _shape(value: object) -> object:
    if isinstance(value, Span):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        kept = (field.name for field in fields(value) if field.name not in _NOT_MEANING)
        return (type(value).__name__, *(_shape(getattr(value, name)) for name in kept))
    if isinstance(value, Mapping):
        return tuple((key, _shape(item)) for key, item in value.items())
    if isinstance(value, tuple):
        return tuple(_shape(item) for item in value)
    if isinstance(value, bool | int | float):
        return (type(value).__name__, value)  # 1, 1.0 and true are equal in Python
    return value
