"""Every row of the reference's tables has cases, and every case that a row names exists."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from windshear.conformance.case import ExpectedError
from windshear.conformance.cases import read_cases
from windshear.language.functions import catalogue

_HERE = Path(__file__).parent
_FILES = [read_cases(path.name, path.read_text(encoding="utf-8")) for path in sorted(_HERE.glob("*.md"))]
_COVERAGE: dict[str, dict[str, list[str]]] = tomllib.loads((_HERE / "coverage.toml").read_text(encoding="utf-8"))
_ROWS = [(section, row, entries) for section, rows in _COVERAGE.items() for row, entries in rows.items()]
_CASES = {case.id for file in _FILES for case in file.cases}
_CALL = re.compile(r"\b(?:[a-z]+\.)?[a-z_][a-z_0-9]*\(")
_CALLS = {
    call
    for file in _FILES
    for text in (*(case.rule for case in file.cases), *(vector.call for vector in file.vectors))
    for call in _CALL.findall(text)
}


@pytest.mark.parametrize(("section", "row", "entries"), _ROWS, ids=[f"{row[0].split()[0]}-{row[1]}" for row in _ROWS])
def test_row(section: str, row: str, entries: list[str]) -> None:
    """A row names at least one case or call, and all that it names exist."""
    assert entries, f"{section}: `{row}` has no case"
    missing = [entry for entry in entries if entry not in (_CALLS if entry.endswith("(") else _CASES)]
    assert not missing, f"{section}: `{row}` names {', '.join(missing)}, which no case file has"


def test_every_function_is_in_a_row() -> None:
    """No function of the language is left out."""
    named = {entry.removesuffix("(") for _, _, entries in _ROWS for entry in entries if entry.endswith("(")}
    assert set(catalogue.names()) <= named


def test_every_compile_error_has_two_cases() -> None:
    """Each compile error of the reference is shown in several wordings."""
    expected = [case.expected for file in _FILES for case in file.cases]
    found = Counter(error.reference for error in expected if isinstance(error, ExpectedError))
    assert [code for code in (f"C{number}" for number in range(1, 29)) if found[code] < 2] == []


def test_no_case_is_too_few() -> None:
    """There are at least 250 cases besides the vectors."""
    assert len(_CASES) >= 250
