"""Writing reports: which detections, in which order, and with which guides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from windshear.cli.console import count, tell
from windshear.cli.formats.names import severity_rank
from windshear.core.errors import InputError
from windshear.response.document import report_of, title_of
from windshear.response.drawing import drawings
from windshear.response.found import Found, read_found
from windshear.response.guides import Guide, guides_of
from windshear.response.page import Section, page


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which detections get a report. ids: beginnings of ids; none mean all. limit: reports at most."""

    ids: Sequence[str]
    min_severity: str
    takes_all: bool
    limit: int


def write_reports(file: Path, rules: Sequence[Path], wanted: Wanted, stream: BinaryIO, *, is_html: bool) -> None:
    """Write the reports of a file of detections as Markdown or HTML."""
    guides = guides_of(rules)
    read = list(read_found(file))
    chosen = _chosen(read, wanted)
    shown = chosen[: wanted.limit]
    if not shown:
        raise InputError(f"no detection of `{file}` is asked for: it holds {count(len(read), 'detection')}")
    if is_html:
        name = (
            f"{count(len(shown), 'detection')} of {file.name}"
            if len(shown) > 1
            else title_of(shown[0], _guide(guides, shown[0]))
        )
        stream.write(page(name, [_section(found, _guide(guides, found)) for found in shown]).encode())
    else:
        stream.write("\n\n---\n\n".join(report_of(found, _guide(guides, found)) for found in shown).encode())
    if len(chosen) > len(shown):
        tell(f"{len(chosen) - len(shown):,} more are not shown (--limit)", style="yellow", lead="warning")
    for rule in sorted({found.rule for found in shown} - guides.keys()):
        tell(
            f"rule {rule} has no guide (README.md beside it): its reports have no steps", style="yellow", lead="warning"
        )
    tell(f"{count(len(shown), 'report')} of {count(len(read), 'detection')}{_left_out(read, chosen, wanted)}")


def _chosen(read: Sequence[Found], wanted: Wanted) -> list[Found]:
    """Return the detections that are asked for, the gravest first; those within another one only with `--all`."""
    if wanted.ids:
        return [found for found in read if any(found.id.startswith(start) for start in wanted.ids)]
    grave = _grave(read, wanted)
    within = set() if wanted.takes_all else {one.id for found in grave for one in found.inputs}
    return sorted(
        (found for found in grave if found.id not in within),
        key=lambda found: (-severity_rank(found.severity or "high"), -_number(found.score), found.time),
    )


def _grave(read: Sequence[Found], wanted: Wanted) -> list[Found]:
    least = severity_rank(wanted.min_severity)
    return [found for found in read if severity_rank(found.severity or "high") >= least]


def _left_out(read: Sequence[Found], chosen: Sequence[Found], wanted: Wanted) -> str:
    """Say why detections have no report, apart from `--limit` and `--id`."""
    if wanted.ids:
        return ""
    below = len(read) - len(_grave(read, wanted))
    inside = len(read) - below - len(chosen)  # told in the report of another one
    told = [f"{inside:,} told in another report (--all)"] if inside else []
    told += [f"{below:,} below {wanted.min_severity} (--min-severity)"] if below else []
    return "".join(f"; {reason}" for reason in told)


def _number(score: str) -> float:
    try:
        return float(score)
    except ValueError:
        return 0.0


def _guide(guides: dict[str, Guide], found: Found) -> Guide | None:
    return guides.get(found.rule)


def _section(found: Found, guide: Guide | None) -> Section:
    return Section(title_of(found, guide), report_of(found, guide), drawings(found), found.severity)
