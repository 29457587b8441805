"""Times as the products write them. All times are in UTC."""

from __future__ import annotations

from datetime import datetime

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def seconds(at: datetime) -> str:
    """Give `2026-03-02T09:15:42Z`."""
    return at.isoformat(timespec="seconds")[:19] + "Z"


def plain_seconds(at: datetime) -> str:
    """Give `2026-03-02T09:15:42`, as the unified audit log writes it."""
    return at.isoformat(timespec="seconds")[:19]


def millis(at: datetime) -> str:
    """Give `2026-03-02T09:15:42.123Z`."""
    return at.isoformat(timespec="milliseconds")[:23] + "Z"


def micros(at: datetime) -> str:
    """Give `2026-03-02T09:15:42.123456Z`."""
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def ticks(at: datetime) -> str:
    """Give `2026-03-02T09:15:42.1234560Z`, as diagnostic settings of Azure write it."""
    return at.isoformat(timespec="microseconds")[:26] + "0Z"


def sysmon(at: datetime) -> str:
    """Give `2026-03-02 09:15:42.123`."""
    return at.isoformat(sep=" ", timespec="milliseconds")[:23]


def american(at: datetime) -> str:
    """Give `Mar 2, 2026, 9:15:42 AM`, as AWS writes times within answers."""
    hour = at.hour % 12 or 12
    half = "AM" if at.hour < 12 else "PM"
    return f"{_MONTHS[at.month - 1]} {at.day}, {at.year}, {hour}:{at.minute:02}:{at.second:02} {half}"
