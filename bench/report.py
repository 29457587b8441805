"""What a bench run says: a table for people, JSON for machines, and a refusal where a figure would mean nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.corpus import Corpus
from bench.measure import BenchError, Measured

_MEGABYTE = 1_000_000
_TICK = 0.01  # seconds
_HEAD = ("", "records", "parse s", "columns", "and candidates", "of all", "peak MiB", "whole events", "peak MiB")


def refuse_empty(measured: Sequence[Measured]) -> None:
    """Raise if a measurement did no work: no rows, records that broke, no rules, nothing hit."""
    events = {found.task.name: found.facts["events"] for found in measured}
    if not all(events.values()) or len(set(events.values())) > 1:
        raise BenchError(f"tasks read no or different numbers of events: {events}")
    for found in measured:
        problem = _problem(found)
        if problem:
            raise BenchError(f"`{found.task.name}`: {problem}")


def _problem(found: Measured) -> str:
    facts = found.facts
    if facts.get("quarantined"):
        return f"{facts['quarantined']} records of the corpus were broken"
    if found.kind in ("normalise", "sift", "scan") and not facts["rules_loaded"]:
        return "no rule was loaded"
    if found.kind == "scan" and not (facts["candidates"] and facts["rules_hit"]):
        return "no rule was hit"
    return ""


def table(corpus: Corpus, measured: Sequence[Measured]) -> str:
    """Return the figures as text."""
    (parse,) = (found for found in measured if found.kind == "parse")
    rows: list[tuple[str, ...]] = [("", "events/s/core", "MB/s", "share of orjson", "CPU s", "load CPU s", "peak MiB")]
    rows += [_row(corpus, found, parse) for found in measured]
    lines = [f"{corpus.records:,} records, {corpus.size / _MEGABYTE:,.0f} MB", "", *_aligned(rows), ""]
    lines += [_scan_line(found) for found in _scans(measured)]
    ratio = cost_ratio(measured)
    if ratio is not None:
        first, second = _scans(measured)
        lines.append(f"cost of {second.task.name} / {first.task.name}: {ratio:.2f}")
    return "\n".join([*lines, *stopped(measured)])


def stopped(measured: Iterable[Measured]) -> list[str]:
    """Name the rules that scans stopped early, which did less than the figures say, each with the reason."""
    return [
        f"{found.task.name}: `{rule}` was stopped early: {reason}"
        for found in _scans(measured)
        for rule, reason in found.facts["failed"].items()
    ]


def overview(rows: Sequence[tuple[str, Corpus, Sequence[Measured]]]) -> str:
    """Return one line per corpus: its name, and what it costs beside plain parsing.

    That is the columns that rules test, the same with all columns of candidates (of which share of all records), and
    whole events.
    """
    lines: list[tuple[str, ...]] = [_HEAD]
    for name, corpus, measured in rows:
        parse, columns, sift, whole = measured
        lines.append(
            (
                name,
                f"{corpus.records:,}",
                f"{parse.cpu_seconds:.2f}",
                f"{_known(parse) / _known(columns):.0%}",
                f"{_known(parse) / _known(sift):.0%}",
                f"{sift.facts['candidates'] / corpus.records:.0%}",
                f"{max(columns.peak_mebibytes, sift.peak_mebibytes):,.0f}",
                f"{_known(parse) / _known(whole):.1%}",
                f"{whole.peak_mebibytes:,.0f}",
            )
        )
    return "\n".join(_aligned(lines))


def document(corpus: Corpus, measured: Sequence[Measured]) -> dict[str, object]:
    """Return the figures as JSON."""
    return {
        "records": corpus.records,
        "bytes": corpus.size,
        "measurements": [
            {
                **found.facts,
                "name": found.task.name,
                "cpu_seconds": found.cpu_seconds,
                "load_cpu_seconds": found.load_cpu_seconds,
                "peak_mebibytes": found.peak_mebibytes,
                "events_per_second_and_core": corpus.records / _known(found),
            }
            for found in measured
        ],
        "cost_ratio": cost_ratio(measured),
    }


def cost_ratio(measured: Sequence[Measured]) -> float | None:
    """Return the cost of the second scan as a multiple of the first, if there are two."""
    scans = _scans(measured)
    return _known(scans[1]) / _known(scans[0]) if len(scans) > 1 else None


def _scans(measured: Iterable[Measured]) -> list[Measured]:
    return [found for found in measured if found.kind == "scan"]


def _known(found: Measured) -> float:
    """Return CPU seconds, at least one tick: some systems count in ticks, and a tiny run takes less than one."""
    return max(found.cpu_seconds, _TICK)


def _row(corpus: Corpus, found: Measured, parse: Measured) -> tuple[str, ...]:
    return (
        found.task.name,
        f"{corpus.records / _known(found):,.0f}",
        f"{corpus.size / _known(found) / _MEGABYTE:,.0f}",
        f"{_known(parse) / _known(found):.0%}",
        f"{found.cpu_seconds:.2f}",
        f"{found.load_cpu_seconds:.2f}",
        f"{found.peak_mebibytes:,.0f}",
    )


def _scan_line(found: Measured) -> str:
    facts = found.facts
    return (
        f"{found.task.name}: {facts['rules_loaded']:,} rules loaded, {facts['rules_refused']:,} refused, "
        f"{facts['rules_hit']:,} hit; {facts['candidates']:,} candidate events, {facts['detections']:,} detections, "
        f"{facts['rendered']:,} of them rendered as JSON"
    )


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
