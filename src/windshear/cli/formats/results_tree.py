"""Results of rule tests as a tree for people: rules with their tests, and of failed tests what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from windshear.cli.console import count, printable
from windshear.cli.formats.results_lines import details
from windshear.ruletest.results import Report, RuleResult, Verdict

_MOST_DETAILED = 30  # failed tests that are told at length
_MARKS = {"passed": ("pass", "green"), "failed": ("FAIL", "bold red"), "error": ("ERROR", "bold red")}


def tree(report: Report, *, is_verbose: bool) -> Iterator[Text]:
    """Yield the lines of the tree. is_verbose: with the tests that passed, too."""
    left = _MOST_DETAILED
    for rule in report.rules:
        yield _rule(rule)
        for test in rule.tests:
            if test.status == "passed" and not is_verbose:
                continue
            yield _test(test)
            if test.status != "passed" and left:
                left -= 1
                yield from (Text(f"        {line}".rstrip()) for line in details(test, width=72))
                yield Text("")
    hidden = report.count("failed") + report.count("error") - _MOST_DETAILED
    if hidden > 0:
        yield Text(f"{count(hidden, 'more test')} failed; `--format json` and `--junit FILE` tell all of them")


def _rule(rule: RuleResult) -> Text:
    if not rule.tests:
        return Text.assemble(("none ", "yellow"), printable(rule.rule), ("  no tests", "yellow"), _dim(rule.file))
    wrong = [test for test in rule.tests if test.status != "passed"]
    number = count(len(rule.tests), "test")
    if not wrong:
        return Text.assemble(("ok   ", "green"), printable(rule.rule), f"  {number}")
    return Text.assemble(("FAIL ", "bold red"), printable(rule.rule), f"  {len(wrong):,} of {number}", _dim(rule.file))


def _test(test: Verdict) -> Text:
    mark, style = _MARKS[test.status]
    kind = f" ({test.kind.replace('_', ' ')})" if test.kind else ""
    place = _dim(test.place) if test.status != "passed" else ("", "")
    return Text.assemble(f"    {'':0}", (mark, style), f" {printable(test.name)}{kind}", place)


def _dim(place: object) -> tuple[str, str]:
    return f"  {printable(str(place))}", "dim"
