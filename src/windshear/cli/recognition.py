"""Why inputs were taken for their log types."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.engine.input_report import InputReport


def reasons(report: InputReport) -> Iterator[str]:
    """Yield for each source what it was taken for, by which evidence, and what others would have needed.

    Files that are no logs come last, each with the reason.
    """
    for decision in report.decisions:
        found = decision.recognised
        if found is not None:
            yield f"  {decision.source}: {found.log_type} ({found.shape}): {found.reason}"
        else:
            yield f"  {decision.source}: record by record, for want of one common log type"
            for (log_type, shape, reason), number in sorted(decision.sorted_out.items()):
                yield f"    {number:,} as {log_type} ({shape}): {reason}"
        for miss in decision.misses:
            yield f"    not {miss.log_type} ({miss.shape}): lacks {miss.lacking}"
    for problem in report.problems:
        if problem.kind == "not logs":
            yield f"  {problem.source}: no log: {problem.reason}"
