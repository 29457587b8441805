"""The work of `windshear demo`: what is found in the sample logs, what is not, and what to try next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from windshear.cli.choosing import Choice, choose
from windshear.cli.console import Exit, count, out, worst
from windshear.cli.formats import story
from windshear.cli.formats.table import print_detection
from windshear.cli.formats.writers import Writer
from windshear.cli.inputs import time_of_run
from windshear.cli.rule_sets import Ready, ready_rules
from windshear.cli.scanning import Job, run_scan
from windshear.context.context import Context
from windshear.detections.detection import Detection
from windshear.engine.feed import Input
from windshear.engine.scan import Settings
from windshear.packs.pack import builtin_packs, demo_folders

_TITLES = ("real records, published by others", "records written by the project, where no open ones exist")
_LOG_SUFFIXES = (".json", ".jsonl", ".gz")


def run_demo() -> Exit:
    """Scan the sample logs, show what is found, and return the exit code."""
    rules = ready_rules((), (), Context(), says_gaps=False)
    codes = [_scan(folder, title, rules) for folder, title in zip(demo_folders(), _TITLES, strict=True)]
    out.print("[bold]Next[/]")
    for purpose, command in next_commands():
        out.print(f"  {purpose}", style="dim", markup=False, soft_wrap=True)
        out.print(f"  {command}", markup=False, soft_wrap=True)
    return worst(*codes)


def next_commands() -> Iterator[tuple[str, str]]:
    """Yield what to try next: what for, and a command line that works as it stands."""
    real, written = demo_folders()
    comparison = next(rule.rule for pack in builtin_packs() for rule in pack.comparison)
    windshear = _own_name()
    yield "detections in the shape of Google's API:", f"{windshear} scan {_shown(written)} --format jsonl"
    yield "what an AWS log is as UDM:", f"{windshear} normalize {_shown(real / 'traildiscover')}"
    yield "what Google's service would refuse, and why:", f"{windshear} check --strict {_shown(comparison)}"


def _scan(folder: Path, title: str, rules: Ready) -> Exit:
    files = sorted(path for path in folder.rglob("*") if path.suffix in _LOG_SUFFIXES)
    out.print(f"[bold]{folder.name}/[/]  {title}\n")
    found: list[Detection] = []
    job = Job(rules, Input([str(file) for file in files]), Settings(now_seconds=time_of_run(None)))
    result = run_scan(job, Writer(found.append, lambda: None), lambda _record: None)
    choice = choose(found)
    for detection in choice.full:
        print_detection(out, detection)
    _say_others(choice, folder)
    quiet = Counter(file.parent.name for file in files if str(file) not in choice.files)
    if quiet:
        names = ", ".join(f"{name} ({count(number, 'file')})" for name, number in sorted(quiet.items()))
        _say(f"nothing found in: {names}")
    result.say_summary(_say)
    out.print()
    return result.exit_code(exit_on_findings=False, is_strict=False)


def _say_others(choice: Choice, folder: Path) -> None:
    """Say what else was found, a line for each rule of medium severity or above, and how to see it all."""
    if not choice.named and not choice.slight:
        return
    _say("above is the gravest detection of every file; there are also:")
    width = max((len(found.rule.name) for found, _ in choice.named), default=0)
    for found, number in choice.named:
        times = f"  {number:,} times" if number > 1 else ""
        _say(f"  {story.severity(found):<8}  {found.rule.name:<{width}}  risk {story.risk(found)}{times}")
    if choice.slight:
        _say(f"  {count(sum(choice.slight.values()), 'detection')} of lower severity: {', '.join(choice.slight)}")
    _say(f"to see them all: {_own_name()} scan {_shown(folder)}\n")


def _say(line: str) -> None:
    out.print(line, markup=False, soft_wrap=not out.is_terminal)


def _own_name() -> str:
    """Return how this command can be called again from here."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    if called.stem == "__main__" or not called.exists():
        return f"{shlex.quote(_nearby(Path(sys.executable)))} -m windshear"
    if found is not None and Path(found).resolve() == called.resolve():
        return called.name
    return shlex.quote(_nearby(called))


def _shown(path: Path) -> str:
    return shlex.quote(_nearby(path))


def _nearby(path: Path) -> str:
    """Return a path below the current folder relative to it, any other in full."""
    here, full = Path.cwd(), Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(full)
