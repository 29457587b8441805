"""`windshear demo`: the main job on sample logs that come with Windshear."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import typer

from windshear.cli.console import Exit, out, worst
from windshear.cli.formats.writers import ScanFormat, Writer, writer
from windshear.cli.scanning import Job, run_scan
from windshear.detections.detection import Detection
from windshear.engine.feed import Input
from windshear.engine.scan import Settings
from windshear.packs.pack import builtin_packs, demo_folders
from windshear.packs.rules import RuleSet, load_rules

_TITLES = ("real records, published by others", "records written by the project, where no open ones exist")
_LOG_SUFFIXES = (".json", ".jsonl", ".gz")


def demo() -> None:
    """Scan two folders of sample logs with the built-in rules: real records, and records written by the project.

    Detections come with their reasons; inputs in which nothing was found are named, because staying quiet on benign
    records is half of the job. Needs no network and changes nothing.
    """
    rules = load_rules([path for pack in builtin_packs() for path in pack.rule_files])
    codes = [
        _scan_folder(folder, title, rules) for folder, title in zip(demo_folders(), _TITLES, strict=True)
    ]
    real, _ = demo_folders()
    out.print("[bold]Next[/]")
    out.print(f"  windshear scan {real} --format jsonl", markup=False)
    out.print(f"  windshear normalize {real} | head -1", markup=False)
    out.print("  windshear check my_rule.yaral --strict", markup=False)
    raise typer.Exit(worst(*codes))


def _scan_folder(folder: Path, title: str, rules: RuleSet) -> Exit:
    files = sorted(p for p in folder.rglob("*") if p.suffix in _LOG_SUFFIXES)
    out.rule(f"[bold]{folder.name}/[/]  {title}", align="left", style="dim")
    out.print()
    table = writer(ScanFormat.TABLE, sys.stdout.buffer, is_shown=True)
    hits: Counter[str] = Counter()

    def write(detection: Detection) -> None:
        table.write(detection)
        sources = {r.source.rpartition(":")[0] for bound in detection.bound.values() for r in bound.references}
        hits.update(sources)

    result = run_scan(Job(rules, Input([str(file) for file in files]), Settings()), Writer(write, table.close), _count)
    quiet = Counter(file.parent.name for file in files if not hits[str(file)])
    if quiet:
        out.print("nothing found in: " + ", ".join(f"{name} ({_files(n)})" for name, n in sorted(quiet.items())))
    result.print_summary(out)
    out.print()
    return result.exit_code(exit_on_findings=False, is_strict=False)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _count(_record: object) -> None:
    """Quarantined records are only counted; the summary shows them."""
