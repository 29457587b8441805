"""Short ways to write rules for tests of the checker."""

from __future__ import annotations

from windshear.language.check.checker import CheckResult, Mode, check
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.language.syntax.parser import parse


def rule_text(
    events: str, *, condition: str = "$e", match: str = "", outcome: str = "", options: str = "", meta: str = ""
) -> str:
    """Return a rule with these sections; lines are separated by `;`."""
    sections = [
        ("meta", meta or 'author = "example"'),
        ("events", events),
        ("match", match),
        ("outcome", outcome),
        ("condition", condition),
        ("options", options),
    ]
    written = (f"  {name}:\n{_lines(body)}" for name, body in sections if body)
    return "rule t {\n" + "".join(written) + "}\n"


def check_text(text: str, mode: Mode = Mode.COMPAT) -> CheckResult:
    """Return what the checker says about the one rule of a text that parses."""
    source = Source("t.yaral", text)
    parsed = parse(source)
    assert not [found for found in parsed.diagnostics if found.is_error], parsed.diagnostics
    return check(parsed.rules[0], source, mode)


def checked(text: str, mode: Mode = Mode.COMPAT) -> CheckedRule:
    """Return the checked form of a rule without errors."""
    result = check_text(text, mode)
    assert result.rule is not None, [found.message for found in result.diagnostics]
    return result.rule


def codes(text: str, mode: Mode = Mode.COMPAT) -> list[str]:
    """Return the slugs of what is said about a rule."""
    return [found.mistake.slug for found in check_text(text, mode).diagnostics]


def _lines(body: str) -> str:
    return "".join(f"    {line.strip()}\n" for line in body.split(";"))
