"""The pieces of a detection that a person reads."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from windshear.cli.formats import markdown, story
from windshear.cli.formats.table import print_detection
from windshear.detections.detection import (
    Bound,
    ConditionClause,
    Detection,
    EventReference,
    Evidence,
    FieldValue,
    NamedValue,
    RuleFacts,
    Sample,
)

MINUTE = 60_000_000
START = 1_741_784_400_000_000


def detection(*evidence: Evidence, total: int = 1, severity: str = "", description: str = "") -> Detection:
    """Return a detection of a variable `e`, bound for these reasons."""
    meta = tuple((key, value) for key, value in (("severity", severity), ("description", description)) if value)
    references = [EventReference(f"id{i}", START, "UDM", "", f"a.json:{i}") for i in range(min(total, 5))]
    return Detection(
        id="de_1",
        rule=RuleFacts("some_rule", "rule some_rule {}", meta, is_multi_event=False),
        branch="",
        start=START,
        end=START + MINUTE,
        time=START,
        match=(NamedValue("host", "ws1", "string"),),
        outcomes=(
            NamedValue("risk_score", 60, "int"),
            NamedValue("empty", "", "string"),
            NamedValue("n", [1, 2], "int"),
        ),
        risk_score=60.0,
        bound={"e": Bound(total, references, [Sample(references[0], {}, evidence)])},
    )


@pytest.mark.parametrize(
    ("evidence", "values"),
    [
        (Evidence('$e.a = "b"', (FieldValue("a", "b"),)), ()),
        (Evidence('$e.a = "b" nocase', (FieldValue("a", "B"),)), ("B",)),
        (Evidence("$e.n = 5", (FieldValue("n", "5"),)), ()),
        (Evidence("$e.n >= 5", (FieldValue("n", "50"),)), ("50",)),
        (Evidence("re.regex($e.a, `x`)", (FieldValue("a", ""),)), ('""',)),
        (Evidence('$e.a != "b"', (FieldValue("a", "x"), FieldValue("a", "y"))), ('"x", "y"',)),
        (
            Evidence("$e.a = $f.a", (FieldValue("a", "x"), FieldValue("a", "x", "f"))),
            ("$e.a = x", "$f.a = x"),
        ),
        (Evidence("$e.principal.hostname", (FieldValue("principal.hostname", "ws1"),), "host"), ()),
        (Evidence("$e.principal.hostname", (FieldValue("principal.hostname", "WS1"),), "host"), ("WS1",)),
        (
            Evidence("any $e.ip != $e.a", tuple(FieldValue("ip", str(i)) for i in range(7))),
            ('"0", "1", "2", "3", "4" and 2 more',),
        ),
    ],
)
def test_values_are_shown_where_the_clause_does_not(evidence: Evidence, values: tuple[str, ...]) -> None:
    """What the clause, or the match variable of a key, shows already is left out; fields are named if there are two."""
    (reason,) = story.reasons(detection(evidence), "e")
    assert reason.values == values


def test_keys_say_what_they_are() -> None:
    """A clause that is the value of a placeholder reads as its definition."""
    key = Evidence("$e.principal.hostname", (FieldValue("principal.hostname", "ws1"),), "host")
    (reason,) = story.reasons(detection(key), "e")
    assert reason.clause == "key $host = $e.principal.hostname"


def test_conditions_leave_out_what_shows_anyway() -> None:
    """That an event of a variable is there shows in its own line; counts and outcomes do not."""
    held = (
        ConditionClause("$e", (NamedValue("#e", 3, "int"),)),
        ConditionClause("#e > 2", (NamedValue("#e", 3, "int"),)),
        ConditionClause("$n", (NamedValue("#n", 2, "int"),)),
    )
    assert story.conditions(replace(detection(), condition=held)) == ["#e = 3 (> 2)", "$n, with #n = 2"]


def test_facts_leave_out_what_says_nothing() -> None:
    """Empty outcomes and the risk score, which stands above, are no facts."""
    assert list(story.facts(detection())) == [("host", "ws1"), ("n", "1, 2")]


@pytest.mark.parametrize(("total", "shown"), [(1, "id0 (UDM)"), (3, "3 events: id0, id1, id2 (UDM)")])
def test_events(total: int, shown: str) -> None:
    """One event is its id, several are counted."""
    assert story.events(detection(total=total).bound["e"]) == shown


def test_many_events() -> None:
    """Of many events the first are named."""
    assert story.events(detection(total=5000).bound["e"]) == "5,000 events: id0, id1, id2 … (UDM)"


@pytest.mark.parametrize(
    ("word", "rank", "shown"), [("High", 3, "HIGH"), ("", 3, ""), ("P1\x1b", 3, "P1\\x1b"), ("critical", 4, "CRITICAL")]
)
def test_severity(word: str, rank: int, shown: str) -> None:
    """A severity is a word of the rule's author; without a known one a detection is never hidden as harmless."""
    found = detection(severity=word)
    assert (story.rank(found), story.severity(found)) == (rank, shown)


def test_table_of_hostile_text() -> None:
    """Nothing in a rule reaches the terminal as a control character."""
    nasty = "a\x1b[31m\r\n\u202eb"
    found = detection(Evidence(f'$e.a = "{nasty}"', (FieldValue("a", nasty),)), description=nasty, severity=nasty)
    text = io.StringIO()
    print_detection(Console(file=text, width=60), found)
    shown = text.getvalue() + "\n".join(markdown.lines(found))
    assert not {"\x1b", "\r", "\u202e"} & set(shown)


def test_wide_letters_keep_to_the_width() -> None:
    """Letters of double width count twice when lines are wrapped."""
    text = io.StringIO()
    print_detection(Console(file=text, width=40), detection(description="漢字" * 60))
    assert max(sum(2 if letter in "漢字" else 1 for letter in line) for line in text.getvalue().splitlines()) <= 40


def test_code_spans_survive_back_quotes() -> None:
    """A fence is longer than any run of back quotes inside."""
    clause = "re.regex($e.a, `x`) or ``"
    text = "\n".join(markdown.lines(detection(Evidence(clause, ()))))
    assert f"``` {clause} ```" in text


def test_markdown_of_hostile_prose() -> None:
    """Prose of a rule is text: no link, no tag, no emphasis, no mention; names stay readable."""
    text = "\n".join(markdown.lines(detection(description="[a](b) <img> *x* _y_ a_b @all")))
    assert r"\[a\](b) \<img\> \*x\* \_y\_ a_b \@all" in text


def test_what_is_bound_is_called_what_it_is() -> None:
    """Detections are told with the rules that found them, entities with their type."""
    references = [EventReference(f"de_{i}", START, "DETECTION", f"de_{i}", f"rule r:{i}") for i in range(4)]
    rules = [{"detection": [{"ruleName": name}]} for name in ("a", "b", "a", "c")]
    samples = [Sample(reference, record, ()) for reference, record in zip(references, rules, strict=True)]
    assert story.events(Bound(4, references, samples, "detection")) == "4 detections: de_0, de_1, de_2 … (a, b, c)"
    assert story.events(Bound(1, references[:1], [Sample(references[0], {}, ())], "detection")) == "de_0 (detection)"
    user = {"metadata": {"entityType": "USER"}}
    assert story.events(Bound(1, references[:1], [Sample(references[0], user, ())], "graph")) == "de_0 (USER)"
    row = EventReference("e", None, "DATA_TABLE", "", "data table %hires:3")
    assert story.events(Bound(1, [row], [Sample(row, {}, ())], "graph")) == "data table %hires:3 (entity)"
    assert story.events(Bound(0, [], [], "graph")) == "no entity"
