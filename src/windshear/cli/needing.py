"""What the summary of a scan says of rules that could not be evaluated, and of feeds that fell silent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from windshear.cli.console import count, some
from windshear.context.tables import DataTable
from windshear.core.errors import SettingError
from windshear.engine.collection import HOUR, FeedTimes, Silence
from windshear.engine.plan import Plan
from windshear.packs.needs import lacking, needed_log_types

_SHOWN, _LINES = 3, 8
_UNITS = {"m": HOUR // 60, "h": HOUR, "d": 24 * HOUR}
_LENGTH = re.compile(r"([0-9]{1,6})([mhd])")


def silence_of(text: str) -> int:
    """Return the microseconds that `--silence` means, 0 for none.

    >>> silence_of("6h") // 3_600_000_000
    6
    """
    if text.strip() == "0":
        return 0
    found = _LENGTH.fullmatch(text.strip())
    if found is None or int(found[1]) * _UNITS[found[2]] < HOUR:
        raise SettingError(f"`--silence {text}` is no time of an hour or more; write 90m, 6h or 2d, or 0 for none")
    return int(found[1]) * _UNITS[found[2]]


def unmet_needs(
    plans: Sequence[Plan], times: FeedTimes, tables: Mapping[str, DataTable], silence: int
) -> Iterator[str]:
    """Yield what is to be said, most rules first; nothing if nothing was read."""
    if not times.counts:
        return
    reasons: dict[str, list[str]] = {}
    for name, lacks in sorted(lacking(plans, times.counts, tables).items()):
        reasons.setdefault("; ".join(lack.text for lack in lacks), []).append(name)
    ranked = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    for reason, names in ranked[:_LINES]:
        yield f"{count(len(names), 'rule')} not evaluable: {reason}: {some(names, _SHOWN)}"
    if rest := [name for _, names in ranked[_LINES:] for name in names]:
        yield f"{count(len(rest), 'more rule')} not evaluable: {some(rest, _SHOWN)}"
    if silence:
        yield from map(_said, times.silences(needed_log_types(plans), silence))


def _said(silence: Silence) -> str:
    length = f"{(silence.end - silence.start) // HOUR:,} h"
    since = _moment(silence.start)
    if silence.is_last:
        return f"collection: no {silence.log_type} events for {length} before the end of the input, since {since}"
    return f"collection: no {silence.log_type} events for {length}, from {since} to {_moment(silence.end)}"


def _moment(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
