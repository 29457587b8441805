"""Every mistake of the parser as a source file whose head comment is the exact text that a person sees."""

from pathlib import Path

import pytest

from tests.language.heads import assert_head, split_head
from windshear.language.diagnostics import syntax
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.diagnostics.render import render_text
from windshear.language.source import Source
from windshear.language.syntax.parser import parse

CASES = sorted((Path(__file__).parents[2] / "cases" / "parse").glob("*.yaral"))
TESTED_IN_CODE = {"text-too-large", "more-mistakes"}  # their texts are long: see test_limits.py


def said(name: str, text: str) -> str:
    """Return what is said of what the parser finds in a case."""
    source = Source(name, text)
    return render_text(source, parse(source).diagnostics)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    """The head comment of the case is what the parser says about it."""
    assert_head(path, said, is_golden=request.config.getoption("--golden"))


def test_every_mistake_has_a_case() -> None:
    """Each mistake that the parser can make out occurs in a case that carries its name."""
    slugs = {value.slug for value in vars(syntax).values() if isinstance(value, Mistake)} - TESTED_IN_CODE
    missing = {
        slug
        for slug in slugs
        if not any(path.stem == slug and f"] {slug}: " in split_head(path.read_text())[0] for path in CASES)
    }
    assert missing == set()
