"""`windshear scan`: logs in, detections out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.atomic import output
from windshear.cli.console import err
from windshear.cli.formats.story import SEVERITIES
from windshear.cli.formats.writers import ScanFormat, writer
from windshear.cli.inputs import log_type_option, parse_moment, quarantine_file
from windshear.cli.scanning import Job, run_scan
from windshear.core.errors import SettingError
from windshear.engine.feed import Input
from windshear.engine.scan import Settings
from windshear.packs.pack import builtin_pack, builtin_packs
from windshear.packs.rules import load_rules


def scan(
    inputs: Annotated[
        list[str], typer.Argument(help="Log files, folders, or - for standard input.", metavar="INPUT...")
    ],
    rules: Annotated[
        list[Path] | None, typer.Option("--rules", "-r", help="A rule file or folder of rules; repeatable.")
    ] = None,
    pack: Annotated[list[str] | None, typer.Option("--pack", help="A built-in pack; repeatable.")] = None,
    log_type: Annotated[
        str, typer.Option("--type", "-t", help="Log type of all inputs (e.g. aws_cloudtrail, udm), or auto.")
    ] = "auto",
    since: Annotated[str | None, typer.Option(help="Only events from this time on (UTC), e.g. 2025-03-12.")] = None,
    until: Annotated[str | None, typer.Option(help="Only events before this time (UTC).")] = None,
    min_severity: Annotated[str, typer.Option(help="Show detections of this severity and above.")] = "informational",
    form: Annotated[
        ScanFormat, typer.Option("--format", "-f", help="table for people; jsonl and json in Google's shape.")
    ] = ScanFormat.TABLE,
    to: Annotated[Path | None, typer.Option("--output", "-o", help="Write results to this file.")] = None,
    quarantine: Annotated[
        Path | None, typer.Option(help="Write broken records with their reasons to this file (JSON Lines).")
    ] = None,
    no_sift: Annotated[
        bool, typer.Option("--no-sift", help="Skip the fast first stage; the answer is the same, only slower.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Threads for settling rules.")] = 1,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if anything was detected.")] = False,
    strict_input: Annotated[
        bool, typer.Option("--strict-input", help="Exit with 3 if a record or file could not be read.")
    ] = False,
) -> None:
    """Scan logs with rules and show detections that say who did what and why they fired.

    Without --rules and --pack all built-in content runs. Log types are found by evidence; broken records go to
    quarantine, are counted, and never stop a run.

    Example: `windshear scan logs/ --rules my_rules/ --format jsonl -o detections.jsonl`
    """
    files = [*(rules or []), *(path for name in pack or [] for path in builtin_pack(name).rule_files)]
    rule_set = load_rules(files or [path for found in builtin_packs() for path in found.rule_files])
    job = Job(
        rules=rule_set,
        given=Input(
            inputs, log_type_option(log_type), parse_moment(since, "--since"), parse_moment(until, "--until")
        ),
        settings=Settings(uses_sift=not no_sift, threads=jobs),
        threshold=severity_rank(min_severity),
    )
    with output(to) as stream, quarantine_file(quarantine) as keep:
        result = run_scan(job, writer(form, stream, is_shown=to is None), keep)
    result.print_summary(err)
    raise typer.Exit(result.exit_code(exit_on_findings=exit_code, is_strict=strict_input))


def severity_rank(name: str) -> int:
    """Return where a severity stands among all."""
    if name.upper() not in SEVERITIES:
        raise SettingError(f"`--min-severity {name}` is unknown; use one of {', '.join(SEVERITIES).lower()}")
    return SEVERITIES.index(name.upper())
