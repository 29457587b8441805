"""Options that say what is read: times, log types, and where broken records go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from windshear.cli.atomic import output
from windshear.core.errors import SettingError
from windshear.logs.catalogue import log_types
from windshear.logs.quarantine import Quarantined, write_quarantine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_moment(value: str | None, option: str) -> int | None:
    """Return microseconds since 1970 for a date or RFC 3339 time (UTC unless a zone is given), or None for None.

    >>> parse_moment("2025-01-01", "--since")
    1735689600000000
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise SettingError(f"`{option} {value}` is no time; write 2025-03-12 or 2025-03-12T13:00:00Z") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def log_type_option(value: str) -> str | None:
    """Return the log type that `--type` names, None for `auto`.

    >>> log_type_option("aws_cloudtrail")
    'AWS_CLOUDTRAIL'
    """
    name = value.upper()
    if name == "AUTO":
        return None
    if name not in log_types():
        raise SettingError(f"`--type {value}` is unknown; use auto or one of {', '.join(log_types()).lower()}")
    return name


@contextmanager
def quarantine_file(path: Path | None) -> Iterator[Callable[[Quarantined], None]]:
    """Give a function that keeps broken records in a file, or only lets them be counted without one."""
    if path is None:
        yield lambda _record: None
        return
    with output(path) as stream:
        yield lambda record: write_quarantine([record], stream) and None
