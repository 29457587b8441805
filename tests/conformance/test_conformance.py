"""The language as prose with cases, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.engines import ENGINES, GAPS
from tests.conformance.query_engines import SEARCH_ENGINES
from windshear.conformance.case import Case, QueryCase
from windshear.conformance.cases import read_cases
from windshear.conformance.runner import run_case, run_query
from windshear.conformance.vectors import case_of

_FILES = [
    read_cases(path.name, path.read_text(encoding="utf-8")) for path in sorted(Path(__file__).parent.glob("*.md"))
]
_VECTORS = [case_of(vector) for file in _FILES for vector in file.vectors]
CASES = [case for file in _FILES for case in file.cases] + _VECTORS
QUERIES = [case for file in _FILES for case in file.queries]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
@pytest.mark.parametrize("engine", ENGINES)
def test_case(engine: str, case: Case) -> None:
    """A case has the detections or the compile error that it states; a known gap is skipped by name, and only that."""
    result = run_case(case, ENGINES[engine])
    if engine != "reference" and case.id in GAPS:
        assert (result.status, result.details) == ("skipped", (f"not yet supported: {GAPS[case.id]}",))
        return
    assert result.status == "passed", f"{case.place}: " + "\n".join(result.details)


@pytest.mark.parametrize("case", QUERIES, ids=[case.id for case in QUERIES])
@pytest.mark.parametrize("engine", SEARCH_ENGINES)
def test_query(engine: str, case: QueryCase) -> None:
    """A query has the rows or the mistake that it states."""
    result = run_query(case, SEARCH_ENGINES[engine])
    assert result.status == "passed", f"{case.place}: " + "\n".join(result.details)


def test_case_names_are_unique_over_all_files() -> None:
    """A case can be named without its file."""
    names = [case.id for case in CASES] + [case.id for case in QUERIES]
    assert sorted(names) == sorted(set(names))
