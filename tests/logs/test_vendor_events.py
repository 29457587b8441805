"""Vendors' own events: where their parser and its expected events are public, ours agree or say why they do not."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tools.compare_udm import compare

_HERE = Path(__file__).parent
_LEAST_SHARE = 0.9
_EXPECTED = sorted(_HERE.glob("*/vendor/events.json"))
_ROW = re.compile(r"^\| `([^`]+)` \| \S.*\|$", re.MULTILINE)
_PLACE = re.compile(r"\[[0-9]+\]")


def _named(readme: Path) -> list[str]:
    """Return the fields that a README says differ, with a reason each."""
    _, found, rest = readme.read_text(encoding="utf-8").partition("## What differs from the vendor's events\n")
    assert found, readme
    return _ROW.findall(rest)


@pytest.mark.parametrize("expected", _EXPECTED, ids=lambda path: path.parts[-3])
def test_fields_agree_or_say_why_not(expected: Path) -> None:
    """At least nine of ten leaves agree; each field that differs stands in the README with a reason, and no other."""
    folder = expected.parents[1]
    found = compare(folder / "vendor.json", expected)
    assert found.share >= _LEAST_SHARE
    named = _named(folder / "README.md")
    differing = {_PLACE.sub("", one.path) for one in found.differences}
    assert [path for path in sorted(differing) if not any(fnmatchcase(path, _literal(name)) for name in named)] == []
    assert [name for name in named if not any(fnmatchcase(path, _literal(name)) for path in differing)] == []


def _literal(name: str) -> str:
    """Return a field as a pattern in which only `*` stands for anything: labels are written in brackets."""
    return name.replace("[", "[[]")


def test_the_worked_examples_are_compared() -> None:
    """The log types that the how-to takes as examples have vendors' events."""
    assert {path.parts[-3] for path in _EXPECTED} >= {"aws_eks", "jamf_protect_v2", "suricata_eve"}
