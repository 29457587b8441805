"""Results of rule tests as lines: what the tree on the terminal, JUnit XML and annotations have in common."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from textwrap import wrap

from windshear.cli.console import count, printable
from windshear.cli.formats.explained import text_lines
from windshear.ruletest.judging import Difference
from windshear.ruletest.results import Report, Verdict

WIDTH = 80
_MOST_EXPLANATION = 40  # lines
_MOST_DIFFERENCES = 20  # of a test


def headline(result: Verdict) -> str:
    """Say in one line what is wrong with a test."""
    if result.problem:
        return printable(result.problem)
    first, *rest = result.differences
    more = f" (and {count(len(rest), 'more difference')})" if rest else ""
    return printable(f"{first.what}: expected {first.expected}, found {first.found}{more}")


def details(result: Verdict, width: int = WIDTH) -> Iterator[str]:
    """Yield what is wrong with a test: each difference with both sides, and why it is so."""
    if result.problem:
        for line in result.problem.splitlines():
            yield from _wrapped("", line, width)
        return
    if result.why:
        yield from _wrapped("shows: ", result.why, width)
    for difference in result.differences[:_MOST_DIFFERENCES]:
        yield from _difference(difference, width)
    if len(result.differences) > _MOST_DIFFERENCES:
        yield f"and {count(len(result.differences) - _MOST_DIFFERENCES, 'more difference')}"
    if result.explanation is not None:
        yield ""
        shown = list(islice(text_lines(result.explanation, width=width), _MOST_EXPLANATION + 1))
        yield from shown[:_MOST_EXPLANATION]
        if len(shown) > _MOST_EXPLANATION:
            yield f"... (`windshear explain` shows all of it: rule {printable(result.explanation.rule)})"


def _difference(difference: Difference, width: int) -> Iterator[str]:
    yield from _wrapped("", difference.what, width)
    yield from _wrapped("  expected  ", difference.expected, width)
    yield from _wrapped("  found     ", difference.found, width)


def _wrapped(lead: str, text: str, width: int) -> Iterator[str]:
    room = max(width - len(lead), 20)
    first, *rest = wrap(printable(text), room, break_on_hyphens=False) or [""]
    yield lead + first
    for line in rest:
        yield " " * len(lead) + line


def summary(report: Report) -> str:
    """Return the closing line."""
    tests = list(report.tests)
    parts = [f"{report.count('passed'):,} passed"]
    parts += [f"{number:,} {word}" for word in ("failed", "error") if (number := report.count(word))]
    ran = (
        f"{count(len(tests), 'test')} of {count(len(report.rules) - len(report.untested), 'rule')}: {', '.join(parts)}"
    )
    extra = [f"{count(len(report.untested), 'rule')} without tests"] if report.untested else []
    extra += [f"{count(len(report.broken), 'rule file')} cannot be loaded"] if report.broken else []
    extra += [f"{count(len(report.problems), 'mistake')} in tests files"] if report.problems else []
    return f"{'; '.join([ran, *extra])} ({report.seconds:.1f} s)"
