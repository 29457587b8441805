"""The runner: cases through the front end and an engine, and a verdict on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import orjson

from windshear.conformance.case import (
    Case,
    CaseFile,
    ExpectedDetections,
    ExpectedError,
    ExpectedStop,
    Place,
    QueryCase,
)
from windshear.conformance.compare import FoundDetection, differences
from windshear.conformance.queries import SearchEngine, judge_query
from windshear.conformance.vectors import case_of
from windshear.context.context import context_of_json
from windshear.language.check.checker import Mode, check
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.lists import ListTypes
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.language.syntax.parser import parse
from windshear.language.tables import TableSchemas

Status = Literal["passed", "failed", "skipped"]

_PLANNING = "E5"  # the codes of what the language has and this engine does not


@dataclass(frozen=True, slots=True)
class Detections:
    """An engine's answer: everything it found, and the rows of the data tables that the detections write."""

    detections: tuple[FoundDetection, ...]
    tables: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An engine's answer: it cannot run this rule, because it lacks a feature."""

    feature: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """An engine's answer: it stopped the rule, and why."""

    reason: str


class Engine(Protocol):
    """Something that runs a checked rule over the events and context of a case."""

    def __call__(self, rule: CheckedRule, case: Case, /) -> Detections | Unsupported | Stopped:
        """Return what the rule finds."""


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one case or vector; `details` says what is wrong or missing, one item per line."""

    id: str
    title: str
    section: str
    place: Place
    status: Status
    details: tuple[str, ...]


def run_file(file: CaseFile, engine: Engine, search: SearchEngine | None = None) -> list[Result]:
    """Run all cases and vectors of a file, and its queries if there is something that can."""
    results = run_cases(file.cases, engine)
    results += (run_query(case, search) for case in file.queries if search is not None)
    results += (run_case(case_of(vector), engine) for vector in file.vectors)
    return results


def run_cases(cases: Iterable[Case], engine: Engine) -> list[Result]:
    """Run cases one after the other."""
    return [run_case(case, engine) for case in cases]


def run_case(case: Case, engine: Engine) -> Result:
    """Compile the rule of a case, run it and compare."""
    status, details = _judge(case, engine)
    return Result(case.id, case.title, case.section, case.place, status, tuple(details))


def run_query(case: QueryCase, engine: SearchEngine) -> Result:
    """Compile the query of a case, run it and compare."""
    status, details = judge_query(case, engine)
    return Result(case.id, case.title, case.section, case.place, status, tuple(details))


def summary(results: Sequence[Result]) -> str:
    """Return the closing line, e.g. `3 passed, 0 failed, 1 skipped`."""
    statuses = [result.status for result in results]
    return ", ".join(f"{statuses.count(status)} {status}" for status in ("passed", "failed", "skipped"))


def compile_case(case: Case) -> tuple[CheckedRule | None, list[Diagnostic]]:
    """Return the checked rule of a case and the errors found on the way."""
    source = Source(str(case.place), case.rule)
    parsed = parse(source)
    diagnostics = list(parsed.diagnostics)
    rule = None
    if len(parsed.rules) == 1:
        checked = check(parsed.rules[0], source, Mode(case.mode), *_known(case))
        diagnostics += checked.diagnostics
        rule = checked.rule
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.is_error]
    return (None if errors else rule), errors


def _known(case: Case) -> tuple[TableSchemas, ListTypes]:
    """Return the columns of a case's data tables and the types of its lists."""
    given = {name: case.context[name] for name in ("lists", "tables") if name in case.context}
    context = context_of_json(orjson.dumps(given))
    return context.schemas, context.list_types


def _judge(case: Case, engine: Engine) -> tuple[Status, Sequence[str]]:
    rule, errors = compile_case(case)
    found = [
        f"{e.mistake.code} {e.mistake.slug} ({e.mistake.reference or 'no reference'}): {e.message}" for e in errors
    ]
    if isinstance(case.expected, ExpectedError):
        if not errors:
            return "failed", [f"expected compile error {case.expected.reference}, but the rule compiles"]
        is_it = all(error.mistake.reference == case.expected.reference for error in errors)
        return ("passed", ()) if is_it else ("failed", [f"expected compile error {case.expected.reference}", *found])
    if errors and all(error.mistake.code.startswith(_PLANNING) for error in errors):
        return "skipped", [_not_yet(error.message) for error in errors]
    if rule is None:
        return "failed", found or ["the rule does not compile"]
    answer = engine(rule, case)
    if isinstance(answer, Unsupported):
        return "skipped", [_not_yet(answer.feature)]
    wrong = _wrong(case.expected, answer)
    return ("failed", wrong) if wrong else ("passed", ())


def _wrong(expected: ExpectedDetections | ExpectedStop, answer: Detections | Stopped) -> Sequence[str]:
    """Return what is wrong with an answer, one item per line."""
    match expected, answer:
        case ExpectedStop(setting), Stopped(reason) if setting in reason:
            return ()
        case _, Stopped(reason):
            return [f"the rule was stopped: {reason}"]
        case ExpectedStop(setting), _:
            return [f"expected the rule to be stopped by `{setting}`, but it ran"]
        case ExpectedDetections(wanted, tables), Detections(found, written):
            return [*differences(wanted, found), *_differing_tables(tables, written)]
    raise AssertionError("every answer is one of the above")


def _differing_tables(
    wanted: Mapping[str, Sequence[Sequence[str]]] | None, written: Mapping[str, Sequence[Sequence[str]]]
) -> Iterator[str]:
    for name, rows in (wanted or {}).items():
        found = [list(row) for row in written.get(name, ())]
        if found != [list(row) for row in rows]:
            yield f"the table `{name}` is {found}, expected {rows}"
    for name in written.keys() - (wanted or written).keys():
        yield f"the table `{name}` is written, too"


def _not_yet(feature: str) -> str:
    return f"not yet supported: {feature}"
