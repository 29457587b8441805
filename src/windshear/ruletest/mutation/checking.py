"""The mutation check: every mutant of a rule is tried on the rule's tests, and those that no test notices are told."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from windshear.logs.normalise import Normaliser
from windshear.ruletest.inputs import Inputs
from windshear.ruletest.judging import judge
from windshear.ruletest.mutation.edits import KINDS
from windshear.ruletest.mutation.mutants import Mutant, Mutants, justifications, mutants_of
from windshear.ruletest.preparing import Prepared, Preparing
from windshear.ruletest.reading import ReadFile
from windshear.ruletest.results import Status
from windshear.ruletest.running import Run
from windshear.ruletest.suites import Suite
from windshear.ruletest.trial import Trial, Tried
from windshear.ruletest.trying import Trier

Fate = Literal["caught", "justified", "survived"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant and what became of it. by: the test that noticed it, or the reason why none need."""

    mutant: Mutant
    fate: Fate
    by: str = ""


@dataclass(frozen=True, slots=True)
class RuleMutation:
    """The mutants of one rule. problem: why they could not be tried. notes: justifications that are of no use."""

    rule: str
    file: Path
    judged: tuple[Judged, ...] = ()
    skipped: int = 0
    cut: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()

    def of(self, fate: Fate) -> list[Judged]:
        """Return the mutants that had a fate."""
        return [one for one in self.judged if one.fate == fate]


def check_mutants(suites: Sequence[Suite], run: Run) -> Iterator[RuleMutation]:
    """Try the mutants of each rule that has tests, rule by rule."""
    normaliser = Normaliser()
    with tempfile.TemporaryDirectory(prefix="windshear-") as name:
        preparing = Preparing(Inputs(Path(name), normaliser), suites)
        trier = Trier(run.settings, normaliser)
        for suite in suites:
            if suite.tests:
                tests = [one for one in preparing.prepare(suite) if run.wanted(suite.rule, one.test.name)]
                if tests:
                    yield _checked(suite, tests, trier)
                    run.progress(1)


def _checked(suite: Suite, tests: Sequence[Prepared], trier: Trier) -> RuleMutation:
    unready = next((one for one in tests if one.trial is None), None)
    if unready is not None:
        return RuleMutation(suite.rule, suite.path, problem=f"test `{unready.test.name}`: {unready.problem}")
    ready = [(one, one.trial) for one in tests if one.trial is not None]
    found = _mutants(suite, ready)
    trials = [trial for _, trial in ready]
    first, caught = _together(suite.rule, tests, trials, found.mutants, trier)
    for one, tried in zip(tests, first, strict=True):
        if _status(one, suite.rule, tried) != "passed":
            problem = f"test `{one.test.name}` does not pass; mutants are tried on tests that do"
            return RuleMutation(suite.rule, suite.path, problem=problem)
    excuses = _Excuses.of(suite)
    judged = tuple(
        Judged(mutant, "caught", by) if by is not None else excuses.judged(mutant)
        for mutant, by in zip(found.mutants, caught, strict=True)
    )
    return RuleMutation(suite.rule, suite.path, judged, found.skipped, found.cut, notes=tuple(excuses.unused()))


def _mutants(suite: Suite, ready: Sequence[tuple[Prepared, Trial]]) -> Mutants:
    """Return the mutants of a rule, compiled for the tables and lists of its first test."""
    context = ready[0][1].data.context
    text = suite.file.source.text
    return mutants_of(suite.path, text, suite.rule, context.schemas, context.list_types)


def _together(
    rule: str, tests: Sequence[Prepared], trials: Sequence[Trial], mutants: Sequence[Mutant], trier: Trier
) -> tuple[Sequence[Tried], Iterator[str | None]]:
    """Return what came of the tests with the rule itself, and for each mutant the test that notices it, if one does.

    Mutants run beside their rule on the same data, but for those of composite rules, which would read one another.
    """
    if any(variable.source == "detection" for one in trials[0].rules for variable in one.variables.values()):
        return trier.try_all(trials), _one_by_one(rule, tests, trials, mutants, trier)
    named = {f"{rule}~{number}": mutant for number, mutant in enumerate(mutants, start=1)}
    extra = tuple(replace(mutant.rule, name=name) for name, mutant in named.items())
    together = trier.try_all([replace(trial, rules=(*trial.rules, *extra)) for trial in trials])
    first = [_only(tried, rule, rule, named) for tried in together]
    return first, (_catcher(rule, tests, [_only(tried, rule, name, named) for tried in together]) for name in named)


def _one_by_one(
    rule: str, tests: Sequence[Prepared], trials: Sequence[Trial], mutants: Sequence[Mutant], trier: Trier
) -> Iterator[str | None]:
    """Yield for each mutant the test that notices it. Tests that noticed others go first: they often do again."""
    order = list(zip(tests, trials, strict=True))
    for mutant in mutants:
        for place, (one, trial) in enumerate(order):
            (tried,) = trier.try_all([_with(trial, rule, mutant)])
            if _status(one, rule, tried) != "passed":
                order.insert(0, order.pop(place))
                yield one.test.name
                break
        else:
            yield None


def _with(trial: Trial, rule: str, mutant: Mutant) -> Trial:
    return replace(trial, rules=tuple(mutant.rule if one.name == rule else one for one in trial.rules))


def _only(tried: Tried, rule: str, name: str, mutants: Mapping[str, Mutant]) -> Tried:
    """Return what came of a trial as if one mutant, or the rule, had run in the rule's place."""
    others = {other: found for other, found in tried.detections.items() if other not in mutants and other != rule}
    failures = {other: why for other, why in tried.failures.items() if other not in mutants and other != rule}
    if name in tried.failures:
        failures[rule] = tried.failures[name]
    return replace(tried, detections={**others, rule: tried.detections.get(name, ())}, failures=failures)


def _status(one: Prepared, rule: str, tried: Tried) -> Status:
    if tried.unread or rule in tried.failures:
        return "error"
    return "failed" if judge(one.test, rule, tried) else "passed"


def _catcher(rule: str, tests: Sequence[Prepared], tried: Sequence[Tried]) -> str | None:
    """Return the first test that does not pass."""
    pairs = zip(tests, tried, strict=True)
    return next((one.test.name for one, found in pairs if _status(one, rule, found) != "passed"), None)


@dataclass(slots=True)
class _Excuses:
    """Justifications of survivors: comments in the rule by line, and entries of tests files."""

    rule_file: Path
    comments: list[tuple[int, frozenset[str], str]]
    entries: list[tuple[ReadFile, str, str]]
    used: set[int | str]

    @classmethod
    def of(cls, suite: Suite) -> _Excuses:
        """Collect those of a rule."""
        files = {file.path: file for file, _ in suite.tests}.values()
        entries = [(file, one.mutant, one.reason) for file in files for one in file.survivors]
        return cls(suite.path, list(justifications(suite.file.source.text)), entries, set())

    def judged(self, mutant: Mutant) -> Judged:
        """Say what became of a mutant that no test noticed."""
        for line, kinds, reason in self.comments:
            if line == mutant.line and (not kinds or mutant.kind in kinds) and reason:
                self.used.add(line)
                return Judged(mutant, "justified", reason)
        for _, written, reason in self.entries:
            if written in (mutant.said, mutant.before, mutant.after):
                self.used.add(written)
                return Judged(mutant, "justified", reason)
        return Judged(mutant, "survived")

    def unused(self) -> Iterator[str]:
        """Yield what is wrong with justifications."""
        for line, kinds, reason in self.comments:
            if not reason:
                yield f"{self.rule_file}:{line}: `mutant: ok` without a reason counts for nothing"
            elif odd := sorted(kinds - KINDS.keys()):
                yield f"{self.rule_file}:{line}: there are no mutants of kind `{odd[0]}`, only {', '.join(KINDS)}"
            elif line not in self.used:
                yield f"{self.rule_file}:{line}: `mutant: ok` is about no mutant that survives"
        for file, written, _ in self.entries:
            if written not in self.used:
                yield f"{file.path}: survivor `{written}` is no mutant that survives"
