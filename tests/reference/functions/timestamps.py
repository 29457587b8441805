"""`timestamp.*` functions of a given time; UTC unless a zone is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from tests.reference.values import Value, number, text

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
_GRANULARITIES = {
    "SECOND": "%Y-%m-%d %H:%M:%S",
    "MINUTE": "%Y-%m-%d %H:%M",
    "HOUR": "%Y-%m-%d %H",
    "DATE": "%Y-%m-%d",
    "MONTH": "%Y-%m",
    "YEAR": "%Y",
}


def _moment(seconds: Value, zone: Value) -> datetime:
    """Return the local time; a moment outside the years 1 to 9999 reads as the epoch."""
    given = number(seconds)
    known = given if _FIRST <= given <= _LAST else 0
    return (_EPOCH + timedelta(seconds=known)).astimezone(_zone(text(zone)))


def _zone(name: str) -> tzinfo:
    offset = _OFFSET.fullmatch(name)
    if offset is None:
        return UTC if name in ("", "UTC", "GMT") else ZoneInfo(name)
    minutes = int(offset[2]) * 60 + int(offset[3])
    return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))


def _minute(seconds: Value, zone: Value = "") -> int:
    return _moment(seconds, zone).minute


def _hour(seconds: Value, zone: Value = "") -> int:
    return _moment(seconds, zone).hour


def _day_of_week(seconds: Value, zone: Value = "") -> int:
    """Sunday is 1."""
    return _moment(seconds, zone).isoweekday() % 7 + 1


def _week(seconds: Value, zone: Value = "") -> int:
    """Weeks start on Sunday; the days before the first one are week 0."""
    moment = _moment(seconds, zone)
    day_of_year = moment.timetuple().tm_yday
    days_since_sunday = moment.isoweekday() % 7
    return (day_of_year + 6 - days_since_sunday) // 7


def _date(seconds: Value, zone: Value = "") -> str:
    return _moment(seconds, zone).date().isoformat()


def _timestamp(seconds: Value, form: Value = "%F %T", zone: Value = "") -> str:
    moment = _moment(seconds, zone)
    if form == "WEEK":
        return (moment - timedelta(days=moment.isoweekday() % 7)).date().isoformat()
    return moment.strftime(_GRANULARITIES.get(text(form), text(form)))


def _as_unix_seconds(value: Value, zone: Value = "") -> int:
    if not _WRITTEN.fullmatch(text(value)):
        return 0
    try:
        local = datetime.strptime(text(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=_zone(text(zone)))
    except ValueError:
        return 0
    return int(max(local.replace(fold=fold) - _EPOCH for fold in (0, 1)).total_seconds())


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "timestamp.as_unix_seconds": _as_unix_seconds,
    "timestamp.get_date": _date,
    "timestamp.get_day_of_week": _day_of_week,
    "timestamp.get_hour": _hour,
    "timestamp.get_minute": _minute,
    "timestamp.get_timestamp": _timestamp,
    "timestamp.get_week": _week,
}
