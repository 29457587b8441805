"""A run of tests: suites in, a report out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from windshear.engine.scan import Settings
from windshear.logs.normalise import Normaliser
from windshear.ruletest.explaining import explained
from windshear.ruletest.inputs import Inputs
from windshear.ruletest.judging import Difference, judge
from windshear.ruletest.preparing import Prepared, Preparing
from windshear.ruletest.reading import ReadFile, ReadTest
from windshear.ruletest.results import RuleResult, Verdict
from windshear.ruletest.suites import Suite
from windshear.ruletest.trial import Tried
from windshear.ruletest.trying import Progress, Trier, unfit
from windshear.ruletest.updating import Update, updated

_MOST_EXPLAINED = 50  # failed tests of a run; a suite that fails as a whole has one cause


@dataclass(frozen=True, slots=True)
class Run:
    """How tests are run. wanted: which tests, by rule and name. explains: failed ones are explained."""

    wanted: Callable[[str, str], bool] = lambda _rule, _test: True
    settings: Settings = field(default_factory=lambda: Settings(shows_samples=False))
    explains: bool = True
    progress: Progress = lambda _: None


def run_suites(
    suites: Sequence[Suite], run: Run | None = None, everything: Sequence[Suite] | None = None
) -> list[RuleResult]:
    """Run the tests of suites, all together; `everything` are those of the whole run, if these are a part of it."""
    how = run or Run()
    normaliser = Normaliser()
    with tempfile.TemporaryDirectory(prefix="windshear-") as name:
        preparing = Preparing(Inputs(Path(name), normaliser), suites if everything is None else everything)
        prepared = [[one for one in preparing.prepare(s) if how.wanted(s.rule, one.test.name)] for s in suites]
        ready = [one for some in prepared for one in some]
        trials = [one.trial for one in ready if one.trial is not None]
        tried = iter(Trier(how.settings, normaliser).try_all(trials, how.progress))
        results = [_result(one, next(tried)) if one.trial is not None else _not_run(one) for one in ready]
        if how.explains:
            results = _explained(ready, results, normaliser)
    found = iter(results)
    return [
        RuleResult(suite.rule, suite.path, tuple(next(found) for _ in some))
        for suite, some in zip(suites, prepared, strict=True)
        if some or not suite.tests
    ]


def updates_of(suites: Sequence[Suite], results: Sequence[RuleResult]) -> list[Update]:
    """Return the tests files that would say what was found, of those where that can be."""
    verdicts = {(verdict.file, verdict.line): verdict for result in results for verdict in result.tests}
    wrong: dict[Path, tuple[ReadFile, list[tuple[ReadTest, Sequence[Difference]]]]] = {}
    for suite in suites:
        for file, read in suite.tests:
            verdict = verdicts.get((file.path, read.line))
            if verdict is not None and verdict.differences:
                wrong.setdefault(file.path, (file, []))[1].append((read, verdict.differences))
    return [updated(file, some) for file, some in wrong.values()]


def _result(one: Prepared, tried: Tried) -> Verdict:
    """Judge what came of a test."""
    rule = one.suite.rule
    if tried.unread:
        more = f" (and {len(tried.unread) - 1:,} more)" if len(tried.unread) > 1 else ""
        return _not_run(one, f"a record of the test cannot be used: {tried.unread[0]}{more}")
    if rule in tried.failures:
        is_unfit = one.trial is not None and rule in unfit(one.trial)
        what = "cannot be evaluated" if is_unfit else "was stopped"
        result = _not_run(one, f"the rule {what}: {tried.failures[rule]}")
        return result if is_unfit else replace(result, status="failed")
    differences = tuple(judge(one.test, rule, tried))
    return replace(_not_run(one, ""), status="failed" if differences else "passed", differences=differences)


def _not_run(one: Prepared, problem: str | None = None) -> Verdict:
    test, reason = one.test, one.problem if problem is None else problem
    return Verdict(test.name, test.kind, test.why, one.file.path, one.read.line, "error", problem=reason)


def _explained(ready: Sequence[Prepared], results: Sequence[Verdict], normaliser: Normaliser) -> list[Verdict]:
    """Add to the first failed tests why their rules fire or do not."""
    left = _MOST_EXPLAINED
    found: list[Verdict] = []
    for one, result in zip(ready, results, strict=True):
        if result.status == "failed" and one.trial is not None and left:
            left -= 1
            found.append(replace(result, explanation=explained(one.trial, one.suite.rule, normaliser)))
        else:
            found.append(result)
    return found
