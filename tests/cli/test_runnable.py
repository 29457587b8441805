"""Rules without a mistake that `scan` cannot run yet: `check` says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.heads import assert_head, split_head
from windshear.cli.runnable import with_notes
from windshear.language.diagnostics import running
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.diagnostics.render import render_text
from windshear.language.source import Source
from windshear.packs.rules import compile_all

CASES = Path(__file__).with_name("cases")


def said(name: str, text: str) -> str:
    """Return what is said of what `check` finds in a case."""
    (file,) = with_notes(compile_all([Source(name, text)])).files
    return render_text(file.source, file.diagnostics)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaral")), ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    """The head comment of the case is what is said about it; the rule is not called broken."""
    assert_head(path, said, is_golden=request.config.getoption("--golden"))
    _, body = split_head(path.read_text(encoding="utf-8"))
    assert with_notes(compile_all([Source(path.name, body)])).broken == ()


@pytest.mark.parametrize(
    "mistake", [value for value in vars(running).values() if isinstance(value, Mistake)], ids=lambda one: one.slug
)
def test_mistake_has_a_case(mistake: Mistake) -> None:
    """Each mistake that is found behind the checker occurs in a case that carries its name."""
    head, _ = split_head((CASES / f"{mistake.slug}.yaral").read_text(encoding="utf-8"))
    assert f"{mistake.severity}[{mistake.code}] {mistake.slug}: " in head
