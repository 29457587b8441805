"""JUnit XML: what CI systems show of a run of checks, whatever the checks are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Outcome = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Case:
    """One check: where it stands, how it ended, in one line (`message`) and at length (`text`)."""

    name: str
    file: str
    line: int
    outcome: Outcome
    message: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """Checks that belong together."""

    name: str
    file: str
    cases: Sequence[Case]


def junit_xml(name: str, suites: Iterable[Suite], seconds: float) -> str:
    """Return a report called `name` as JUnit XML."""
    found = list(suites)
    every = [case for suite in found for case in suite.cases]
    root = ET.Element("testsuites", {"name": _clean(name), "time": f"{seconds:.3f}", **_counts(every)})
    for suite in found:
        named = {"name": _clean(suite.name), "file": _clean(suite.file), **_counts(suite.cases)}
        element = ET.SubElement(root, "testsuite", named)
        for case in suite.cases:
            _add(element, suite, case)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
    }


def _add(parent: ET.Element, suite: Suite, case: Case) -> None:
    element = ET.SubElement(parent, "testcase", name=_clean(case.name), classname=_clean(suite.name))
    element.set("file", _clean(case.file))
    element.set("line", str(case.line))
    if case.outcome != "passed":
        inside = ET.SubElement(element, case.outcome, message=_clean(case.message))
        if case.text:
            inside.text = _clean(case.text)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
