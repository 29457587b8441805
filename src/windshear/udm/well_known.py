"""The proto-JSON text forms of Timestamp, Duration and bytes."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_DURATION = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,9}))?s")
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_DAY_SECONDS = 86_400
_NANOS = 1_000_000_000
MIN_SECONDS = -62_135_596_800  # 0001-01-01T00:00:00Z
MAX_SECONDS = 253_402_300_799  # 9999-12-31T23:59:59Z
MIN_US, MAX_US = MIN_SECONDS * 1_000_000, MAX_SECONDS * 1_000_000 + 999_999  # both in microseconds
MAX_DURATION_SECONDS = 315_576_000_000  # ten thousand years, as protobuf has it


def parse_timestamp(text: str) -> tuple[int, int] | None:
    """Return seconds and nanoseconds since 1970 of an RFC 3339 time, or None.

    >>> parse_timestamp("2021-07-14T17:30:18.142265+02:00")
    (1626276618, 142265000)
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, sign, offset_hour, offset_minute = found.groups()[6:]
    try:
        days = dt.date(year, month, day).toordinal() - _EPOCH_DAY
        dt.time(hour, minute, second)
        offset = dt.time(int(offset_hour or 0), int(offset_minute or 0))
    except ValueError:
        return None
    shift = (offset.hour * 3600 + offset.minute * 60) * (1 if sign == "-" else -1)
    seconds = days * _DAY_SECONDS + hour * 3600 + minute * 60 + second + shift
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        return None
    return seconds, int((fraction or "").ljust(9, "0"))


def format_timestamp(seconds: int, nanos: int) -> str:
    """Return a time in RFC 3339, UTC, with as few groups of three fraction digits as hold the value.

    >>> format_timestamp(1626276618, 142265000)
    '2021-07-14T15:30:18.142265Z'
    """
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return f"{moment.replace(tzinfo=None).isoformat()}{_fraction(nanos)}Z"


def parse_duration(text: str) -> tuple[int, int] | None:
    """Return seconds and nanoseconds (of one sign) of a duration such as `1.5s`, or None."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    sign = -1 if found[1] else 1
    seconds = int(found[2])
    if seconds > MAX_DURATION_SECONDS:
        return None
    return sign * seconds, sign * int((found[3] or "").ljust(9, "0"))


def format_duration(seconds: int, nanos: int) -> str:
    """Return a duration as decimal seconds.

    >>> format_duration(-1, -500000000)
    '-1.500s'
    """
    sign = "-" if seconds < 0 or nanos < 0 else ""
    return f"{sign}{abs(seconds)}{_fraction(abs(nanos))}s"


def standard_base64(text: str) -> str | None:
    """Return base64 text of either alphabet, with or without padding, in the standard form, or None."""
    standard = text.translate({0x2D: "+", 0x5F: "/"}).rstrip("=")
    padded = standard + "=" * (-len(standard) % 4)
    try:
        content = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Bits that belong to no byte would be lost, and with them the difference between two ids: refuse them.
    return padded if base64.b64encode(content).decode("ascii") == padded else None


def _fraction(nanos: int) -> str:
    if nanos == 0:
        return ""
    digits = f"{nanos:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return "." + digits
