"""Times written as strings beside `window_start` and `window_end`: they become integer seconds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from windshear.language.check.walk import ungrouped
from windshear.language.syntax import tree


def with_seconds(node: tree.Comparison) -> tree.Comparison:
    """Return the comparison with a time string beside a window bound replaced by its seconds since 1970."""
    left, right = ungrouped(node.left), ungrouped(node.right)
    if isinstance(left, tree.Word) and isinstance(right, tree.StringLiteral):
        return replace(node, right=_seconds(right))
    if isinstance(right, tree.Word) and isinstance(left, tree.StringLiteral):
        return replace(node, left=_seconds(left))
    return node


def _seconds(literal: tree.StringLiteral) -> tree.StringLiteral | tree.NumberLiteral:
    try:
        moment = datetime.fromisoformat(literal.value)
    except ValueError:
        return literal
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = int(moment.timestamp())
    return tree.NumberLiteral(abs(seconds), is_negative=seconds < 0, span=literal.span)
