"""The work of `windshear simulate`."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from textwrap import fill

from windshear.cli.console import Exit, count, tell, write
from windshear.cli.progress import Counted
from windshear.core.errors import InputError, SettingError
from windshear.simulate.catalogue import BACKGROUND, SCENARIOS, find_scenario
from windshear.simulate.plan import Plan
from windshear.simulate.run import Summary, simulate

_WIDTH = 80  # of a narrow terminal


def run_list() -> Exit:
    """Show the scenarios, and what each is about."""
    about = {scenario.name(): (scenario.__doc__ or "").splitlines()[0] for scenario in SCENARIOS}
    about[BACKGROUND] = "Daily work alone, without an attack."
    indent = max(map(len, about)) + 2
    for name, line in about.items():
        write(fill(f"{name:{indent}}{line}", _WIDTH, subsequent_indent=" " * indent) + "\n")
    return Exit.OK


def run_simulate(
    name: str | None, to: Path | None, start: str, *, has_background: bool, numbers: Mapping[str, int]
) -> Exit:
    """Write a simulation, and say what was written. Until it is complete the folder is not there."""
    if name is None or to is None:
        raise SettingError("name a scenario and a folder: `windshear simulate SCENARIO -o DIR` (`--list` shows them)")
    try:
        first = date.fromisoformat(start)
    except ValueError as error:
        raise SettingError(f"`--start {start}` is no date; write it as 2026-03-02") from error
    plan = Plan(
        scenario=find_scenario(name),
        start=first,
        has_background=has_background,
        seed=numbers["seed"],
        users=numbers["users"],
        days=numbers["days"],
        history_days=numbers["history_days"],
    )
    with _new_folder(to) as folder, Counted("simulating", plan.days + plan.history_days) as progress:
        summary = simulate(plan, folder, advance=progress.advance)
    _say(summary, to)
    return Exit.OK


@contextmanager
def _new_folder(named: Path) -> Iterator[Path]:
    """Make a folder that takes its name when it is complete. `InputError` if there is something of that name."""
    if named.exists() and not (named.is_dir() and not any(named.iterdir())):
        raise InputError(f"cannot write `{named}`: it is there already; name another folder")
    parent = named.absolute().parent
    if not parent.is_dir():
        raise InputError(f"cannot write `{named}`: the folder `{parent}` does not exist")
    temporary = parent / f".{named.absolute().name[:100]}.{secrets.token_hex(4)}.part"
    temporary.mkdir()
    try:
        yield temporary
        temporary.replace(named)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _say(summary: Summary, to: Path) -> None:
    total = summary.counts.total()
    kinds = ", ".join(f"{log.log_type} {number:,}" for log, number in sorted(summary.counts.items(), key=_name))
    tell(f"wrote {count(total, 'record')} to {to}/logs ({kinds})")
    if summary.history:
        tell(f"wrote {count(summary.history.total(), 'record')} to {to}/history")
    marks = ", ".join(f"{verdict} {number:,}" for verdict, number in sorted(summary.marked.items()))
    tell(f"labelled {count(summary.marked.total(), 'record')}" + (f" ({marks})" if marks else ""))
    tell(f"next: windshear scan {to}/logs --context {to}/context")


def _name(entry: tuple[object, int]) -> str:
    return str(entry[0])
