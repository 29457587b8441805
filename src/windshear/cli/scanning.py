"""One scan with progress and a summary: what `scan` and `demo` share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from windshear.cli.check import print_diagnostics
from windshear.cli.console import Exit, err, worst
from windshear.cli.formats import story
from windshear.cli.formats.writers import Writer
from windshear.core.errors import InputError
from windshear.detections.detection import Detection
from windshear.engine.feed import Feed, Input, InputReport
from windshear.engine.plan import build_plans
from windshear.engine.scan import Counts, Scan, Settings, required_columns
from windshear.engine.support import missing_feature
from windshear.language.rule import CheckedRule
from windshear.logs.quarantine import Quarantined
from windshear.packs.rules import RuleSet

_SHOWN_ITEMS = 5


@dataclass(frozen=True, slots=True)
class Job:
    """What to scan with what; `threshold` is the lowest severity rank that is shown."""

    rules: RuleSet
    given: Input
    settings: Settings
    threshold: int = 0


@dataclass(frozen=True, slots=True)
class ScanResult:
    """How a scan went."""

    rules: RuleSet
    refused: tuple[tuple[str, str], ...]
    given: Input
    report: InputReport
    counts: Counts
    shown: int
    seconds: float

    def exit_code(self, *, exit_on_findings: bool, is_strict: bool) -> Exit:
        """Return the code that wins: unreadable input, then broken rules, then findings."""
        unreadable = {p.source for p in self.report.problems if p.kind == "unreadable"}
        named = [source for source in self.given.sources if source in unreadable]
        has_nothing = self.report.read == 0 and bool(self.report.problems)
        broken_input = bool(self.report.quarantined or self.report.problems)
        codes = [Exit.OK]
        if named or has_nothing or (is_strict and broken_input):
            codes.append(Exit.BAD_INPUT)
        if self.rules.broken or self.refused:
            codes.append(Exit.BROKEN_RULE)
        if exit_on_findings and self.shown:
            codes.append(Exit.FINDINGS)
        return worst(*codes)

    def print_summary(self, console: Console) -> None:
        """Print what was read, what was left out and why, and what was found."""
        print_input(console, self.report)
        found = sum(count.detections for count in self.counts.rules.values())
        hit = sum(count.detections > 0 for count in self.counts.rules.values())
        rate = self.report.read / self.seconds if self.seconds else 0
        console.print(
            f"[bold]{found:,} detections[/] from {hit} of {len(self.counts.rules)} rules in {self.seconds:.1f} s "
            f"({rate:,.0f} records/s)"
        )
        for name, count in self.counts.rules.items():
            if count.rendered < count.detections:
                console.print(f"  {name}: the first {count.rendered:,} of {count.detections:,} are written")
        if self.counts.duplicates:
            console.print(f"  {self.counts.duplicates:,} matching records were repeats and counted once")


def run_scan(job: Job, writer: Writer, keep: Callable[[Quarantined], None]) -> ScanResult:
    """Scan, write what is found, and return how it went. Broken rules are reported first; the others run."""
    require_existing(job.given.sources)
    _print_broken(job.rules)
    runnable, refused = _runnable(job.rules)
    plans = build_plans(runnable)
    feed = Feed(job.given, required_columns(plans), keep)
    started = time.monotonic()
    shown = 0
    with Scan(plans, feed.full_events, job.settings) as scan:
        for detection in _detections(job.given, feed, scan):
            if story.rank(detection) >= job.threshold:
                shown += 1
                writer.write(detection)
        counts = scan.counts
    writer.close()
    return ScanResult(job.rules, refused, job.given, feed.report, counts, shown, time.monotonic() - started)


def _detections(given: Input, feed: Feed, scan: Scan) -> Iterator[Detection]:
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[found]} detections"),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    found = 0
    with progress:
        task = progress.add_task("scanning", total=_size(given), found=0)
        for batch in feed.batches():
            for detection in scan.feed(batch):
                found += 1
                yield detection
            progress.update(task, completed=feed.report.bytes_read, found=found)
        progress.update(task, description="settling")
        yield from scan.finish()


def _size(given: Input) -> int | None:
    """Return the bytes of the input as far as they are known: compressed files count as they lie on disk."""
    total = 0
    for source in given.sources:
        if source == "-":
            return None
        path = Path(source)
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.suffix == ".gz":
                return None
            total += os.stat(file).st_size if file.is_file() else 0
    return total


def _runnable(rules: RuleSet) -> tuple[list[CheckedRule], tuple[tuple[str, str], ...]]:
    """Part the rules that run from those that need what the engine lacks; the latter are named."""
    refused = []
    runnable = []
    for rule in rules.rules:
        feature = missing_feature(rule)
        if feature is None:
            runnable.append(rule)
        else:
            refused.append((rule.name, feature))
            err.print(f"[yellow]rule {rule.name} cannot run yet[/]: {feature}")
    return runnable, tuple(refused)


def _print_broken(rules: RuleSet) -> None:
    if rules.broken:
        print_diagnostics(rules, only_errors=True, console=err)
        err.print(f"[red]{len(rules.broken)} of {len(rules.files)} rule files cannot run[/]; the others do")
    for name in rules.repeated:
        err.print(f"[yellow]rule name {name} occurs again; the first is kept[/]")


def require_existing(sources: Iterable[str]) -> None:
    """Refuse inputs named on the command line that do not exist, before anything is read."""
    for source in sources:
        if source != "-" and not Path(source).exists():
            raise InputError(f"input `{source}` does not exist")


def print_input(console: Console, report: InputReport) -> None:
    """Print what was read and what was left out, with the most frequent reasons."""
    kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(report.events.items()))
    events = sum(report.events.values())
    console.print(
        f"read {report.read:,} records: {events:,} events ({kinds or 'none'}), "
        f"{report.quarantined_count:,} quarantined, {report.skipped_count:,} skipped"
    )
    for reason, count in report.quarantined.most_common(_SHOWN_ITEMS):
        console.print(f"  quarantined {count:,}: {reason}", markup=False)
    for item in list(report.skipped.values())[:_SHOWN_ITEMS]:
        console.print(f"  skipped {item.count:,} in {item.source}: {item.reason}", markup=False)
    not_logs = [p for p in report.problems if p.kind == "not logs"]
    for problem in [p for p in report.problems if p.kind != "not logs"]:
        console.print(f"  {problem.source}: {problem.reason} ({problem.kind})", markup=False)
    if not_logs:
        names = ", ".join(Path(p.source).name for p in not_logs[:_SHOWN_ITEMS])
        more = " …" if len(not_logs) > _SHOWN_ITEMS else ""
        console.print(f"  {len(not_logs)} files are no logs: {names}{more}", markup=False)

