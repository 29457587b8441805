"""A run of rule tests as the command line sees it: what is asked for, and how it is shown."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.text import Text

from windshear.cli.atomic import output
from windshear.cli.console import Exit, count, err, out, printable, tell, worst, write
from windshear.cli.formats.diagnostics import print_diagnostics
from windshear.cli.formats.github import write_step_summary
from windshear.cli.formats.mutation_tree import mutation_json, mutation_lines, mutation_summary
from windshear.cli.formats.results_lines import summary
from windshear.cli.formats.results_records import results_annotations, results_json, results_junit, results_summary
from windshear.cli.formats.results_tree import tree
from windshear.cli.progress import Counted
from windshear.core.errors import SettingError
from windshear.language.front import Compiled
from windshear.packs.pack import builtin_packs
from windshear.packs.rules import RuleSet
from windshear.ruletest.mutation.checking import RuleMutation, check_mutants
from windshear.ruletest.parallel import run_in_parallel
from windshear.ruletest.results import Report
from windshear.ruletest.running import Run, updates_of
from windshear.ruletest.suites import Suites, find_suites, has_tests_below


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    paths: tuple[Path, ...] = ()
    wanted: tuple[str, ...] = ()
    form: Literal["tree", "json", "junit", "github"] = "tree"
    junit: Path | None = None
    requires_tests: bool = False
    is_verbose: bool = False
    updates: bool = False
    jobs: int = 1

    def keeps(self, rule: str, test: str) -> bool:
        """Whether a test is asked for."""
        name = f"{rule}: {test}".lower()
        return not self.wanted or any(text.lower() in name for text in self.wanted)


def run_tests(asked: Asked) -> Exit:
    """Run tests once and show what came of them."""
    found = find_suites(paths_of(asked.paths))
    report = tested(asked, found)
    if asked.updates:
        report = _updated(asked, found, report)
    show(asked, report)
    return exit_code(asked, report)


def _updated(asked: Asked, found: Suites, report: Report) -> Report:
    """Write what was found into tests files, after showing it; return what the tests then say."""
    updates = updates_of(found.suites, report.rules)
    for update in updates:
        if update.values:
            tell(f"{update.path}: {count(update.values, 'value')} updated")
            err.print(Text("\n".join(map(printable, update.diff.splitlines()))), soft_wrap=True)
            with output(update.path) as stream:
                stream.write(update.after.encode())
    if not any(update.values for update in updates):
        tell("nothing to update: only outcomes and counts of tests are, not whether a rule fires")
        return report
    return tested(asked, find_suites(paths_of(asked.paths)))


def run_mutants(asked: Asked) -> Exit:
    """Try the mutants of all rules with tests, and show those that no test notices."""
    if asked.form not in ("tree", "json") or asked.junit is not None:
        raise SettingError("mutants are told as a tree or as JSON; leave out `--junit` and other formats")
    started = time.monotonic()
    found = find_suites(paths_of(asked.paths))
    tell_problems(found.broken, found.problems)
    rules: list[RuleMutation] = []
    total = sum(bool(suite.tests) for suite in found.suites)
    with Counted("trying mutants", total) as bar:
        for rule in check_mutants(found.suites, Run(wanted=asked.keeps, progress=bar.advance)):
            rules.append(rule)
            if asked.form == "tree":
                with bar.aside():
                    for line in mutation_lines(rule, is_verbose=asked.is_verbose):
                        out.print(line, soft_wrap=True)
    seconds = time.monotonic() - started
    if asked.form == "json":
        write(mutation_json(rules, seconds))
    tell(mutation_summary(rules, seconds))
    return worst(
        Exit.FINDINGS if any(rule.of("survived") or rule.problem for rule in rules) else Exit.OK,
        Exit.BROKEN_RULE if found.broken else Exit.OK,
        Exit.BAD_INPUT if found.problems else Exit.OK,
    )


def tested(asked: Asked, found: Suites) -> Report:
    """Run what is asked for."""
    started = time.monotonic()
    rules = tuple(run_in_parallel(found.suites, asked.jobs, asked.keeps))
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
    tell_problems(report.broken, report.problems)
    match asked.form:
        case "json":
            write(results_json(report))
        case "junit":
            write(results_junit(report, requires_tests=asked.requires_tests))
        case "github":
            for annotated in results_annotations(report, requires_tests=asked.requires_tests):
                write(annotated)
            write_step_summary(results_summary(report))
        case "tree":
            for line in tree(report, is_verbose=asked.is_verbose):
                out.print(line, soft_wrap=True)
    if asked.junit is not None:
        with output(asked.junit) as stream:
            stream.write(results_junit(report, requires_tests=asked.requires_tests).encode())
    tell(summary(report))


def tell_problems(broken: Sequence[Compiled], problems: Sequence[str]) -> None:
    """Tell which rules cannot be loaded, and what is wrong with tests files."""
    if broken:
        print_diagnostics(RuleSet(tuple(broken), (), ()), err, only_errors=True)
        tell(f"{count(len(broken), 'rule file')} cannot be loaded", style="red", lead="error")
    for problem in problems:
        tell(problem, style="red", lead="error")


def exit_code(asked: Asked, report: Report) -> Exit:
    """Return the code that wins."""
    is_failed = report.count("failed") > 0 or (asked.requires_tests and bool(report.untested))
    return worst(
        Exit.FINDINGS if is_failed else Exit.OK,
        Exit.BROKEN_RULE if report.broken else Exit.OK,
        Exit.BAD_INPUT if report.problems or report.count("error") else Exit.OK,
    )
