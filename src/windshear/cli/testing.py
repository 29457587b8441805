"""A run of rule tests as the command line sees it: what is asked for, and how it is shown."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from windshear.cli.atomic import output
from windshear.cli.console import Exit, count, err, out, tell, worst, write
from windshear.cli.formats.diagnostics import print_diagnostics
from windshear.cli.formats.results_lines import summary
from windshear.cli.formats.results_records import results_json, results_junit
from windshear.cli.formats.results_tree import tree
from windshear.core.errors import SettingError
from windshear.packs.pack import builtin_packs
from windshear.packs.rules import RuleSet
from windshear.ruletest.results import Report
from windshear.ruletest.running import Run, run_suites
from windshear.ruletest.suites import find_suites, has_tests_below


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    paths: tuple[Path, ...] = ()
    wanted: tuple[str, ...] = ()
    form: Literal["tree", "json", "junit"] = "tree"
    junit: Path | None = None
    requires_tests: bool = False
    is_verbose: bool = False

    def keeps(self, rule: str, test: str) -> bool:
        """Whether a test is asked for."""
        name = f"{rule}: {test}".lower()
        return not self.wanted or any(text.lower() in name for text in self.wanted)


def run_tests(asked: Asked) -> Exit:
    """Run tests once and show what came of them."""
    report = tested(asked)
    show(asked, report)
    return exit_code(asked, report)


def tested(asked: Asked) -> Report:
    """Run what is asked for."""
    started = time.monotonic()
    found = find_suites(paths_of(asked.paths))
    rules = tuple(run_suites(found.suites, Run(wanted=asked.keeps)))
    if asked.wanted:
        rules = tuple(rule for rule in rules if rule.tests)
        if not rules and found.suites:
            raise SettingError(f"no test has {' or '.join(map(repr, asked.wanted))} in its name or its rule's")
    return Report(rules, found.broken, found.problems, time.monotonic() - started)


def paths_of(paths: Sequence[Path]) -> Sequence[Path]:
    """Return where tests are: what is named, or the current folder if it has any, or the built-in rules."""
    if paths:
        return paths
    if has_tests_below(Path()):
        return [Path()]
    tell("no tests below the current folder; the built-in rules are tested")
    return [pack.folder for pack in builtin_packs()]


def show(asked: Asked, report: Report) -> None:
    """Show a report, and write the files that are asked for."""
    if report.broken:
        print_diagnostics(RuleSet(report.broken, (), ()), err, only_errors=True)
        tell(f"{count(len(report.broken), 'rule file')} cannot be loaded", style="red", lead="error")
    for problem in report.problems:
        tell(problem, style="red", lead="error")
    match asked.form:
        case "json":
            write(results_json(report))
        case "junit":
            write(results_junit(report, requires_tests=asked.requires_tests))
        case "tree":
            for line in tree(report, is_verbose=asked.is_verbose):
                out.print(line, soft_wrap=True)
    if asked.junit is not None:
        with output(asked.junit) as stream:
            stream.write(results_junit(report, requires_tests=asked.requires_tests).encode())
    tell(summary(report))


def exit_code(asked: Asked, report: Report) -> Exit:
    """Return the code that wins."""
    is_failed = report.count("failed") > 0 or (asked.requires_tests and bool(report.untested))
    return worst(
        Exit.FINDINGS if is_failed else Exit.OK,
        Exit.BROKEN_RULE if report.broken else Exit.OK,
        Exit.BAD_INPUT if report.problems or report.count("error") else Exit.OK,
    )
