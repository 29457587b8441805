"""Mutants: which changes are made of a rule, which are left out, and how they are justified."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.cli.formats.junit import Case, Suite, junit_xml
from windshear.ruletest.mutation.edits import KINDS
from windshear.ruletest.mutation.mutants import Mutants, justifications, mutants_of

RULE = """rule r {{
  meta:
    author = "x"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
    {events}
  match:
    $user over 1h
  outcome:
    {outcome}
  condition:
    {condition}
  {options}
}}
"""


def _mutants(
    events: str = "", outcome: str = "$n = count($e.metadata.id)", condition: str = "$e", options: str = ""
) -> Mutants:
    text = RULE.format(events=events, outcome=outcome, condition=condition, options=options)
    return mutants_of(Path("r.yaral"), text, "r", {}, {})


def _said(found: Mutants, kind: str) -> list[str]:
    return [mutant.said for mutant in found.mutants if mutant.kind == kind]


EVENTS = [
    ('$e.principal.hostname != "a"', "remove", 'without `$e.principal.hostname != "a"`'),
    ('$e.principal.hostname != "a"', "negate", '`$e.principal.hostname != "a"` becomes `$e.principal.hostname = "a"`'),
    ("$e.target.port >= 10", "negate", "`$e.target.port >= 10` becomes `$e.target.port < 10`"),
    ("$e.target.port >= 10", "threshold", "`$e.target.port >= 10` becomes `$e.target.port >= 9`"),
    ("$e.target.port >= 10", "threshold", "`$e.target.port >= 10` becomes `$e.target.port >= 11`"),
    ('$e.principal.hostname = "a" nocase', "nocase", 'without `nocase`: `$e.principal.hostname = "a"`'),
    (
        "$e.principal.hostname = /^a$/",
        "anchor",
        "`$e.principal.hostname = /^a$/` becomes `$e.principal.hostname = /a$/`",
    ),
    (
        "$e.principal.hostname = /^a$/",
        "anchor",
        "`$e.principal.hostname = /^a$/` becomes `$e.principal.hostname = /^a/`",
    ),
    (
        're.regex($e.principal.hostname, "^a")',
        "anchor",
        '`re.regex($e.principal.hostname, "^a")` becomes `re.regex($e.principal.hostname, "a")`',
    ),
    (
        'not $e.principal.hostname = "a"',
        "negate",
        '`not $e.principal.hostname = "a"` becomes `$e.principal.hostname = "a"`',
    ),
    (
        'any $e.principal.ip = "a"',
        "quantifier",
        '`any $e.principal.ip = "a"` becomes `all $e.principal.ip = "a"`',
    ),
    (
        "($e.target.port = 1 or $e.target.port = 2)",
        "and-or",
        "`$e.target.port = 1 or $e.target.port = 2` becomes `$e.target.port = 1 and $e.target.port = 2`",
    ),
    ("($e.target.port = 1 or $e.target.port = 2)", "remove", "without `$e.target.port = 2`"),
    (
        'strings.starts_with($e.principal.hostname, "a")',
        "constant",
        '`strings.starts_with($e.principal.hostname, "a")` becomes `strings.starts_with($e.principal.hostname, "a~")`',
    ),
]


@pytest.mark.parametrize(("clause", "kind", "said"), EVENTS)
def test_clauses_of_events_are_changed(clause: str, kind: str, said: str) -> None:
    """Each clause is left out, turned round, or changed in what it compares with."""
    assert said in _said(_mutants(clause), kind)


def test_windows_options_and_outcomes_are_changed() -> None:
    """A window is halved and doubled; an option is turned round; constants and choices of outcomes change."""
    outcome = "$risk_score = max(if($e.target.port > 5, 80, 60))"
    found = _mutants(outcome=outcome, options="options:\n    allow_zero_values = true")
    assert _said(found, "window") == ["`over 1h` becomes `over 30m`", "`over 1h` becomes `over 2h`"]
    assert _said(found, "option") == ["`allow_zero_values = true` becomes `allow_zero_values = false`"]
    written = "$risk_score = max(if($e.target.port > 5, 80, 60))"
    assert f"`{written}` becomes `{written.replace('80', '81')}`" in _said(found, "outcome")
    assert f"`{written}` becomes `{written.replace('60', '61')}`" in _said(found, "outcome")
    assert "`$e.target.port > 5` becomes `$e.target.port <= 5`" in _said(found, "negate")


def test_thresholds_of_the_condition_are_changed() -> None:
    """A count is compared with one more and one less."""
    found = _mutants(condition="#e >= 3")
    assert _said(found, "threshold") == ["`#e >= 3` becomes `#e >= 2`", "`#e >= 3` becomes `#e >= 4`"]


def test_absence_is_dropped_with_the_event_that_it_is_about() -> None:
    """An event that must be absent goes out of the condition and the events section, so that what is left is a rule."""
    found = _mutants(
        '$o.metadata.event_type = "USER_LOGOUT"\n    $o.target.user.userid = $user', condition="$e and !$o"
    )
    (dropped,) = [mutant for mutant in found.mutants if mutant.said == "without `!$o`"]
    assert list(dropped.rule.variables) == ["e"]
    assert "`!$o` becomes `$o`" in _said(found, "negate")


def test_changes_that_give_no_rule_or_the_same_are_left_out() -> None:
    """A rule whose only event goes is none; an anchor that changes nothing in meaning still is another pattern."""
    found = _mutants()
    assert "without `$e.target.user.userid = $user`" not in _said(found, "remove")
    assert found.skipped > 0
    assert {mutant.kind for mutant in found.mutants} <= KINDS.keys()
    texts = [(mutant.line, mutant.said) for mutant in found.mutants]
    assert len(texts) == len(set(texts))


def test_justifications_are_about_a_line() -> None:
    """A comment behind a clause is about its line, one that stands alone about the next; it may name kinds."""
    text = "a // mutant: ok[remove, negate] one vendor\n  // mutant: ok because\nb // mutant: ok[x]\nc\n"
    assert list(justifications(text)) == [
        (1, frozenset({"remove", "negate"}), "one vendor"),
        (3, frozenset(), "because"),
        (3, frozenset({"x"}), ""),
    ]


def test_junit_holds_any_text() -> None:
    """What XML cannot hold is replaced, what it can is escaped."""
    case = Case("a <b> & \x1b[31m", "f.yaml", 3, "failure", "x\x00y", "]]> \ud800")
    text = junit_xml("n", [Suite("s", "f", [case])], 0.5)
    assert 'name="a &lt;b&gt; &amp; \ufffd[31m"' in text
    assert 'message="x\ufffdy"' in text
    assert 'failures="1"' in text
    text.encode()
