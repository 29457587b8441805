"""What came of a run: per rule its tests, each with what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from windshear.engine.explain.explanation import Explanation
from windshear.language.front import Compiled
from windshear.ruletest.judging import Difference
from windshear.ruletest.tests_file import Kind

Status = Literal["passed", "failed", "error"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one test.

    file, line: where it stands. problem: why it could not be run. explanation: of a failed test, why the rule fires or
    does not.
    """

    name: str
    kind: Kind | None
    why: str
    file: Path
    line: int
    status: Status
    differences: tuple[Difference, ...] = ()
    problem: str = ""
    explanation: Explanation | None = None

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The tests of one rule; none if it has none."""

    rule: str
    file: Path
    tests: tuple[Verdict, ...]

    @property
    def is_passed(self) -> bool:
        """Whether it has tests and all of them passed."""
        return bool(self.tests) and all(test.status == "passed" for test in self.tests)


@dataclass(frozen=True, slots=True)
class Report:
    """A run. broken: rule files with a rule that cannot be loaded. problems: of tests files, with their places."""

    rules: tuple[RuleResult, ...]
    broken: tuple[Compiled, ...] = ()
    problems: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def tests(self) -> Iterator[Verdict]:
        """All tests."""
        return (test for rule in self.rules for test in rule.tests)

    @property
    def untested(self) -> tuple[RuleResult, ...]:
        """The rules without tests."""
        return tuple(rule for rule in self.rules if not rule.tests)

    def count(self, status: Status) -> int:
        """Return how many tests have a status."""
        return sum(test.status == status for test in self.tests)
