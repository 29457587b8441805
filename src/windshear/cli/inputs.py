"""Options that say what is read: inputs, times, log types, and where broken records go."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from windshear.cli.atomic import output
from windshear.cli.console import tell
from windshear.core.errors import InputError, SettingError
from windshear.engine.feed import Input
from windshear.language.diagnostics.suggest import closest
from windshear.logs.catalogue import entity_types, log_types, mappings
from windshear.logs.quarantine import Quarantined, write_quarantine
from windshear.logs.readers.read import STANDARD_INPUT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def input_of(
    names: Sequence[str],
    log_type: str,
    since: str | None = None,
    until: str | None = None,
    chosen: Iterable[str] | None = None,
    *,
    takes_entities: bool = False,
) -> Input:
    """Return what the options of a command ask to read, checked."""
    if "" in names:
        raise SettingError("an input has an empty name")
    first, last = parse_moment(since, "--since"), parse_moment(until, "--until")
    if first is not None and last is not None and first >= last:
        raise SettingError(f"nothing lies between `--since {since}` and `--until {until}`")
    sources = tuple(dict.fromkeys(str(Path(name)) for name in names))
    found = log_type_option(log_type, takes_entities=takes_entities)
    return Input(sources, found, first, last, mapping_options(chosen or ()))


def existing(given: Input) -> tuple[Input, tuple[str, ...]]:
    """Return the inputs that are there, and the names of those that are missing: they are told, the rest is read."""
    missing = tuple(name for name in given.sources if name != STANDARD_INPUT and not Path(name).exists())
    if len(missing) == len(given.sources):
        names = ", ".join(f"`{name}`" for name in missing)
        raise InputError(f"input {names} does not exist" if len(missing) == 1 else f"no input exists: {names}")
    for name in missing:
        tell(f"input `{name}` does not exist; the others are read", style="red", lead="error")
    if STANDARD_INPUT in given.sources and sys.stdin.isatty():
        tell("reading logs from the terminal; Ctrl-D ends them")
    kept = tuple(name for name in given.sources if name not in missing)
    return replace(given, sources=kept), missing


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


def time_of_run(now: str | None) -> int:
    """Return the seconds since 1970 that rules take as the present: `--now`, or the time that it is.

    >>> time_of_run("2025-01-01")
    1735689600
    """
    moment = parse_moment(now, "--now")
    return int(time.time()) if moment is None else moment // 1_000_000


def log_type_option(value: str, *, takes_entities: bool = False) -> str | None:
    """Return the log type that `--type` names, None for `auto`. takes_entities: it may be one of entities.

    >>> log_type_option("aws_cloudtrail")
    'AWS_CLOUDTRAIL'
    """
    name = value.strip().upper().replace("-", "_")
    if name == "AUTO":
        return None
    known = (*log_types(), *entity_types()) if takes_entities else log_types()
    if name not in known and name in entity_types():
        raise SettingError(
            f"records of `--type {value}` are entities, not events; `windshear normalize --type {value} -o "
            "DIR/entities.jsonl` writes them, and `--context DIR` reads them"
        )
    if name not in known:
        near = closest(name, known)
        meant = f"; did you mean `{near.lower()}`?" if near else ";"
        raise SettingError(f"`--type {value}` is unknown{meant} `--type list` prints the log types that there are")
    return name


def mapping_options(assignments: Iterable[str]) -> dict[str, str]:
    """Return the forms that `--mapping` asks for, by log type.

    >>> mapping_options(["azure_ad=2025"])
    {'AZURE_AD': '2025'}
    """
    known, found = mappings(), {}
    for assignment in assignments:
        name, _, form = (part.strip() for part in assignment.partition("="))
        if form not in ("both", *known.get(name.upper(), ())) or name.upper() not in known:
            there = ", ".join(
                f"{log_type.lower()}={form}" for log_type, some in known.items() for form in ("both", *some)
            )
            raise SettingError(f"`--mapping {assignment}` is unknown; there are {there}")
        found[name.upper()] = form
    return {log_type: form for log_type, form in found.items() if form != "both"}


@contextmanager
def quarantine_file(
    path: Path | None, *, beside: Path | None, read: Iterable[str | Path]
) -> Iterator[Callable[[Quarantined], None]]:
    """Give a function that keeps broken records in a file, or only lets them be counted without one.

    beside: where the results go, which cannot be the same file. read: what the run reads, which cannot be it either.
    """
    if path is None:
        yield lambda _record: None
        return
    if beside is not None and path.resolve() == beside.resolve():
        raise SettingError(f"results and broken records cannot both go to `{path}`")
    with output(path, read) as stream:

        def keep(record: Quarantined) -> None:
            write_quarantine([record], stream)

        yield keep
