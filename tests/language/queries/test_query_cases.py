"""Every mistake of queries as a query whose head comment is the exact text that a person sees.

A case is named after the mistake that it shows. It is read in compat mode, or in strict mode if its name says so.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.heads import assert_head, split_head
from windshear.language.check.queries.checker import QueryOptions
from windshear.language.check.scope import Mode
from windshear.language.diagnostics import queries
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.diagnostics.render import render_text
from windshear.language.query_front import CompiledQuery, compile_query
from windshear.language.source import Source

CASES = sorted(Path(__file__).with_name("cases").glob("*.udm"))


def compiled(name: str, text: str) -> CompiledQuery:
    """Compile a case in the mode that its name says."""
    mode = Mode.STRICT if "-strict." in name else Mode.COMPAT
    return compile_query(Source(name, text), QueryOptions(mode))


def said(name: str, text: str) -> str:
    """Return what is said of what is found in a case."""
    found = compiled(name, text)
    return render_text(found.source, found.diagnostics)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    """The head comment of the case is what is said about it."""
    assert_head(path, said, is_golden=request.config.getoption("--golden"))


@pytest.mark.parametrize("mistake", queries.MISTAKES, ids=lambda mistake: mistake.slug)
def test_mistake_has_a_case(mistake: Mistake) -> None:
    """Each mistake of queries occurs in a case that carries its name."""
    shown = [path for path in CASES if path.stem.removesuffix("-strict") == mistake.slug]
    assert shown
    assert f"{mistake.severity}[{mistake.code}] {mistake.slug}: " in split_head(shown[0].read_text(encoding="utf-8"))[0]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_query_with_an_error_does_not_run(path: Path) -> None:
    """Warnings do not stop a query, errors do."""
    found = compiled(path.name, path.read_text(encoding="utf-8"))
    assert (found.query is None) == any(diagnostic.is_error for diagnostic in found.diagnostics)
