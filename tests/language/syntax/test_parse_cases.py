"""Every mistake of the parser as a source file whose head comment is the exact text that a person sees."""

from pathlib import Path

import pytest

from windshear.language.diagnostics import syntax
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.diagnostics.render import render_text
from windshear.language.source import Source
from windshear.language.syntax.parser import parse

CASES = sorted((Path(__file__).parents[2] / "cases" / "parse").glob("*.yaral"))
TESTED_IN_CODE = {"text-too-large", "more-mistakes"}  # their texts are long: see test_limits.py


def split_head(text: str) -> tuple[str, str]:
    """Return the comment lines at the top of a case, and the rest."""
    lines = text.splitlines(keepends=True)
    size = next((number for number, line in enumerate(lines) if not line.startswith("//")), len(lines))
    return "".join(lines[:size]), "".join(lines[size:])


def expected_head(name: str, head: str, body: str) -> str:
    """Return the head that says what the parser finds in head and body."""
    source = Source(name, head + body)
    rendered = render_text(source, parse(source).diagnostics) or "no mistakes\n"
    return "".join(f"// {line}".rstrip() + "\n" for line in rendered.splitlines())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    """The head comment of the case is what the parser says about it."""
    head, body = split_head(path.read_text(encoding="utf-8"))
    found = expected_head(path.name, head, body)
    if request.config.getoption("--golden"):
        while found != head:  # the lines of the rule move with the length of the head
            head, found = found, expected_head(path.name, found, body)
        path.write_text(head + body, encoding="utf-8")
    assert found == head


def test_every_mistake_has_a_case() -> None:
    """Each mistake that the parser can make out occurs in a case that carries its name."""
    slugs = {value.slug for value in vars(syntax).values() if isinstance(value, Mistake)} - TESTED_IN_CODE
    missing = {
        slug
        for slug in slugs
        if not any(path.stem == slug and f"] {slug}: " in split_head(path.read_text())[0] for path in CASES)
    }
    assert missing == set()
