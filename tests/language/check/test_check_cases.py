"""Every mistake of the checker as a rule whose head comment is the exact text that a person sees.

A case is named after the mistake that it shows. It is read in compat mode, or in strict mode if its name says so; the
data tables of `TABLES` are known to it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.heads import assert_head, split_head
from windshear.language.check.checker import Mode, check
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.diagnostics.render import render_text, sort_diagnostics
from windshear.language.entity_fields import INTERVAL_END, INTERVAL_START, entity_field
from windshear.language.source import Source
from windshear.language.syntax.parser import parse
from windshear.language.tables import TableColumn

# The data tables that cases know; every other table is one whose columns are not known.
TABLES = {
    "accounts": {
        "user": TableColumn("string"),
        "networks": TableColumn("cidr", is_repeated=True),
        "pattern": TableColumn("regex"),
        "score": TableColumn("number"),
    },
    "hosts": {
        "host": TableColumn("string", field=entity_field("entity.hostname")),
        "address": TableColumn("string", field=entity_field("entity.ip")),
    },
    "hires": {
        "host": TableColumn("string", field=entity_field("entity.hostname")),
        "start": TableColumn("number", field=entity_field(INTERVAL_START)),
        "end": TableColumn("number", field=entity_field(INTERVAL_END)),
    },
    "seen": {
        "host": TableColumn("string", is_key=True),
        "count": TableColumn("number"),
        "ips": TableColumn("cidr", is_repeated=True),
        "note": TableColumn("string"),
    },
}
CASES = sorted(Path(__file__).with_name("cases").glob("*.yaral"))


def said(name: str, text: str) -> str:
    """Return what is said of what parser and checker find in a case."""
    source = Source(name, text)
    parsed = parse(source)
    mode = Mode.STRICT if "-strict." in name else Mode.COMPAT
    found = [diagnostic for rule in parsed.rules for diagnostic in check(rule, source, mode, TABLES).diagnostics]
    return render_text(source, sort_diagnostics([*parsed.diagnostics, *found]))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    """The head comment of the case is what is said about it."""
    assert_head(path, said, is_golden=request.config.getoption("--golden"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case_shows_one_compile_error(path: Path) -> None:
    """What a case reports are mistakes of one row of the language reference: a mistake has no false company."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    mode = Mode.STRICT if "-strict." in path.name else Mode.COMPAT
    parsed = parse(source)
    found = [diagnostic for rule in parsed.rules for diagnostic in check(rule, source, mode, TABLES).diagnostics]
    assert len({diagnostic.mistake.reference for diagnostic in found if diagnostic.is_error}) <= 1


@pytest.mark.parametrize("mistake", checks.MISTAKES, ids=lambda mistake: mistake.slug)
def test_mistake_has_a_case(mistake: Mistake) -> None:
    """Each mistake of the checker occurs in a case that carries its name."""
    shown = [path for path in CASES if path.stem == mistake.slug]
    assert shown
    assert f"{mistake.severity}[{mistake.code}] {mistake.slug}: " in split_head(shown[0].read_text(encoding="utf-8"))[0]
