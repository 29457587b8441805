"""Which lints a setting turns on, and how severe they are."""

from __future__ import annotations

import pytest

from tests.language.lint.linting import codes, lint
from windshear.language.lint.catalogue import all_lints, is_selector, lookup, selected
from windshear.language.lint.examples import example_rule
from windshear.language.lint.settings import LintSettings


def _on(select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> set[str]:
    return {lint.code for lint, _ in selected(LintSettings(select=select, ignore=ignore))}


def test_all_are_on_by_default() -> None:
    """Without a setting every lint is on, with its own severity."""
    assert selected(LintSettings()) == tuple((lint, lint.severity) for lint in all_lints())


@pytest.mark.parametrize(
    ("select", "ignore", "on", "off"),
    [
        (("W501",), (), {"W501"}, {"W502"}),
        (("zero-value-join",), (), {"W504"}, {"W501"}),
        (("cost",), (), {"W540"}, {"W501"}),
        (("W54",), (), {"W540", "W541"}, {"W501", "W551"}),
        ((), ("cost",), {"W501"}, {"W540"}),
        (("all",), ("W5",), set(), {"W501"}),
        (("W540",), ("cost",), {"W540"}, {"W541"}),
        (("all", "W540"), ("cost",), {"W540", "W501"}, {"W541"}),
        (("cost",), ("W540",), {"W541"}, {"W540"}),
        (("W501",), ("W501",), set(), {"W501"}),
    ],
)
def test_the_more_exact_word_wins(
    select: tuple[str, ...], ignore: tuple[str, ...], on: set[str], off: set[str]
) -> None:
    """A code beats the beginning of codes, which beats a category, which beats `all`; of equal words ignoring wins."""
    found = _on(select, ignore)
    assert on <= found
    assert not off & found


def test_severity_of_a_team() -> None:
    """A setting changes the severity of a lint, by code or name."""
    body = next(lint for lint in all_lints() if lint.code == "W501").bad
    for word in ("W501", "plain-not-equal-on-repeated"):
        found = lint(example_rule(body), LintSettings(severities=((word, "error"),))).findings
        assert [(item.severity, item.diagnostic.mistake.severity) for item in found] == [("error", "error")]


def test_required_metadata() -> None:
    """A team names the keys that its rules must have; `a|b` is one of two."""
    text = example_rule(next(lint for lint in all_lints() if lint.code == "W501").good)
    wanted = LintSettings(required_meta=("owner", "team|author"))
    found = lint(text, wanted).findings
    assert [item.finding.message for item in found] == ["the meta section has no `owner`"]
    assert codes(text, LintSettings(required_meta=())) == []


def test_words() -> None:
    """Words that name a lint are known in any case of the code; others are not."""
    assert lookup("w501") is lookup("plain-not-equal-on-repeated")
    assert lookup("W5") is None
    assert [is_selector(word) for word in ("all", "W5", "style", "W605", "W9", "", "W", "styles")] == [
        *(True, True, True, True),
        *(False, False, False, False),
    ]
