"""`timestamp.*`: integer seconds since 1970 as dates and clock times, in UTC or in a given zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language import expressions as ex
from windshear.language.functions.conversions import bigint
from windshear.language.functions.function import Example, Function, Parameter
from windshear.language.functions.parameters import integer, text, zone
from windshear.language.functions.run import NOW
from windshear.language.types import INT, STRING, Kind

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z")
_MICROSECONDS = 1_000_000
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # the years 1 to 9999
_DATE = "%Y-%m-%d"
_FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "SECOND": "%Y-%m-%d %H:%M:%S",
        "MINUTE": "%Y-%m-%d %H:%M",
        "HOUR": "%Y-%m-%d %H",
        "DATE": _DATE,
        "MONTH": "%Y-%m",
        "YEAR": "%Y",
    }
)
_CLOCK = "%H:%M:%S"
_SHORTHANDS = MappingProxyType(
    {
        "%D": "%m/%d/%y",
        "%F": _DATE,
        "%R": "%H:%M",
        "%T": _CLOCK,
        "%X": _CLOCK,
        "%h": "%b",
        "%n": "\n",
        "%t": "\t",
        "%x": "%m/%d/%y",
    }
)
_WRITTEN_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"


def _local(seconds: Sql, call: ex.Call, position: int) -> Sql:
    """Return the local time of a moment; a moment outside the calendar reads as 1970."""
    is_known = sql.all_of(
        [sql.binary(">=", seconds, sql.integer(_FIRST)), sql.binary("<=", seconds, sql.integer(_LAST))]
    )
    bounded = sql.case(is_known, bigint(seconds), sql.integer(0))
    name = _zone(call, position)
    offset = _offset_seconds(name)
    if offset is not None:
        shifted = sql.binary("+", bounded, sql.integer(offset))
        return sql.call("make_timestamp", sql.binary("*", shifted, sql.integer(_MICROSECONDS)))
    return sql.call("timezone", sql.text(name), sql.call("to_timestamp", bounded))


def _zone(call: ex.Call, position: int) -> str:
    argument = call.arguments[position] if len(call.arguments) > position else None
    return str(argument.value) if isinstance(argument, ex.Literal) else "UTC"


def _offset_seconds(name: str) -> int | None:
    """Return the distance from UTC of a fixed zone; None for one with rules of its own."""
    if name in ("", "UTC", "GMT"):
        return 0
    offset = _OFFSET.match(name)
    if offset is None:
        return None
    seconds = int(offset[2]) * 3600 + int(offset[3]) * 60
    return -seconds if offset[1] == "-" else seconds


def _part(function: str, plus: int = 0) -> Callable[[tuple[Sql, ...], ex.Call], Sql]:
    def write(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
        part = sql.cast(sql.call(function, _local(arguments[0], call, 1)), "BIGINT")
        return sql.binary("+", part, sql.integer(plus)) if plus else part

    return write


def _week(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return sql.cast(sql.call("strftime", _local(arguments[0], call, 1), sql.text("%U")), "BIGINT")


def _date(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return sql.call("strftime", _local(arguments[0], call, 1), sql.text(_DATE))


def _timestamp(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    local = _local(arguments[0], call, 2)
    written = call.arguments[1] if len(call.arguments) > 1 else None
    form = str(written.value) if isinstance(written, ex.Literal) else "SECOND"
    if form == "WEEK":
        days = sql.call("to_days", sql.cast(sql.call("dayofweek", local), "INTEGER"))
        return sql.call("strftime", sql.binary("-", local, days), sql.text(_DATE))
    return sql.call("strftime", local, sql.text(_expanded(form)))


def _expanded(form: str) -> str:
    """Write out the words and shorthands that SQL does not know, or reads in another way."""
    known = _FORMATS.get(form)
    if known is not None:
        return known
    return re.sub("%.", lambda found: _SHORTHANDS.get(found[0], found[0]), form)


def _as_unix_seconds(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    value = arguments[0]
    moment = sql.call("try_strptime", value, sql.text("%Y-%m-%d %H:%M:%S"))
    name = _zone(call, 1)
    offset = _offset_seconds(name)
    if offset is None:
        moment = sql.call("timezone", sql.text(name), moment)
    seconds = sql.binary("-", sql.cast(sql.call("epoch", moment), "BIGINT"), sql.integer(offset or 0))
    is_written = sql.call("regexp_full_match", value, sql.text(_WRITTEN_TIME))
    return sql.case(is_written, sql.coalesce(seconds, sql.integer(0)), sql.integer(0))


def _now(_arguments: tuple[Sql, ...], _call: ex.Call) -> Sql:
    return sql.call(NOW)


_T, _U = "1735689600", "1741786200"  # 2025-01-01 00:00:00 and 2025-03-12 13:30:00 UTC, both a Wednesday

FUNCTIONS = (
    Function(
        "timestamp.as_unix_seconds",
        (text("time"), zone()),
        INT,
        "Read a time written as `2025-03-12 13:30:00`; anything else gives 0.",
        (
            Example('timestamp.as_unix_seconds("2025-03-12 13:30:00")', 1741786200),
            Example('timestamp.as_unix_seconds("2025-03-12 14:30:00", "Europe/Berlin")', 1741786200),
            Example('timestamp.as_unix_seconds("2025-03-12 15:30:00", "+02:00")', 1741786200),
            Example('timestamp.as_unix_seconds("2025-11-02 01:30:00", "America/New_York")', 1762065000),
            Example('timestamp.as_unix_seconds("yesterday")', 0),
        ),
        _as_unix_seconds,
    ),
    Function(
        "timestamp.current_seconds",
        (),
        INT,
        "Return the time of the run in seconds since 1970: `--now`, or when it began.",
        (),
        _now,
    ),
    Function(
        "timestamp.get_date",
        (integer("seconds"), zone()),
        STRING,
        "Return the date as `2025-03-12`.",
        (
            Example(f"timestamp.get_date({_U})", "2025-03-12"),
            Example(f'timestamp.get_date({_T}, "America/New_York")', "2024-12-31"),
        ),
        _date,
    ),
    Function(
        "timestamp.get_day_of_week",
        (integer("seconds"), zone()),
        INT,
        "Return the day of the week, 1 for Sunday to 7 for Saturday.",
        (
            Example(f"timestamp.get_day_of_week({_U})", 4),
            Example(f'timestamp.get_day_of_week({_T}, "-05:00")', 3),
        ),
        _part("dayofweek", plus=1),
    ),
    Function(
        "timestamp.get_hour",
        (integer("seconds"), zone()),
        INT,
        "Return the hour of the day, 0 to 23.",
        (
            Example(f"timestamp.get_hour({_U})", 13),
            Example(f'timestamp.get_hour({_T}, "America/New_York")', 19),
            Example(f'timestamp.get_hour({_T}, "+05:30")', 5),
        ),
        _part("hour"),
    ),
    Function(
        "timestamp.get_minute",
        (integer("seconds"), zone()),
        INT,
        "Return the minute of the hour, 0 to 59.",
        (
            Example(f"timestamp.get_minute({_U})", 30),
            Example(f'timestamp.get_minute({_T}, "+05:30")', 30),
        ),
        _part("minute"),
    ),
    Function(
        "timestamp.get_timestamp",
        (
            integer("seconds"),
            Parameter("format", (Kind.STRING,), is_constant=True, is_optional=True, holds="time format"),
            zone(),
        ),
        STRING,
        "Write a time by a strftime format, or cut to `SECOND`, `MINUTE`, `HOUR`, `DATE`, `WEEK`, `MONTH`, `YEAR`.",
        (
            Example(f"timestamp.get_timestamp({_U})", "2025-03-12 13:30:00"),
            Example(f'timestamp.get_timestamp({_U}, "WEEK")', "2025-03-09"),
            Example(f'timestamp.get_timestamp({_U}, "MONTH")', "2025-03"),
            Example(f'timestamp.get_timestamp({_U}, "HOUR")', "2025-03-12 13"),
            Example(f'timestamp.get_timestamp({_U}, "%F %T", "Europe/Berlin")', "2025-03-12 14:30:00"),
            Example(f'timestamp.get_timestamp({_U}, "%d.%m.%y at %H%%")', "12.03.25 at 13%"),
        ),
        _timestamp,
    ),
    Function(
        "timestamp.get_week",
        (integer("seconds"), zone()),
        INT,
        "Return the week of the year; weeks begin on Sunday, and days before the first one are in week 0.",
        (Example(f"timestamp.get_week({_T})", 0), Example(f"timestamp.get_week({_U})", 10)),
        _week,
    ),
    Function(
        "timestamp.now",
        (),
        INT,
        "Return the time of the run in seconds since 1970: `--now`, or when it began.",
        (),
        _now,
    ),
)
