"""Values of a result as JSON has them."""

from __future__ import annotations

from windshear.detections.rendering import timestamp
from windshear.language.query import ResultColumn


def shown_value(column: ResultColumn, value: object) -> object:
    """Return a value as JSON has it: times as text, and integers as text that JSON readers cannot hold."""
    if value is None:
        return None
    if column.is_time:
        return timestamp(int(str(value)))
    if isinstance(value, list):
        return [shown_value(column, item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    return value
