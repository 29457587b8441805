"""Checked rules from a few lines of an events section."""

from __future__ import annotations

from windshear.language.check.checker import check
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.language.syntax.parser import parse


def checked(events: str, *, match: str = "", condition: str = "$e", options: str = "") -> CheckedRule:
    """Return the rule with these sections; the text must be free of mistakes."""
    match_section = f"  match:\n    {match}\n" if match else ""
    options_section = f"  options:\n    {options}\n" if options else ""
    text = (
        f'rule t {{\n  meta:\n    author = "t"\n  events:\n{events}\n{match_section}'
        f"  condition:\n    {condition}\n{options_section}}}\n"
    )
    source = Source("t.yaral", text)
    result = check(parse(source).rules[0], source)
    assert result.rule is not None, result.diagnostics
    return result.rule
