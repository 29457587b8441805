"""The lines of an explanation: what is bounded, what is wrapped, what is made safe."""

from __future__ import annotations

from typing import Any

from windshear.cli.formats.explained import lines, text_lines
from windshear.cli.formats.explained_writers import markdown_lines, to_json
from windshear.detections.detection import EventReference
from windshear.engine.explain.explanation import (
    BranchStory,
    ClauseCount,
    Explanation,
    Node,
    RecordStory,
    Shown,
    VariableStory,
)

REFERENCE = EventReference("0f", 1_741_784_400_000_000, "UDM", "", "a.json:1")


def explanation(*clauses: Node, candidates: int = 0) -> Explanation:
    """Return the explanation of a miss with one event that is held against some clauses."""
    counts = tuple(ClauseCount(clause.text, int(clause.holds), is_key=False) for clause in clauses)
    variable = VariableStory(
        "e", "udm", 1, candidates, 0, is_required=True, clauses=counts, nearest=(RecordStory(REFERENCE, clauses),)
    )
    branch = BranchStory("", "miss", "no event passes", 0, 0, (variable,), (), (), ())
    return Explanation("r", (("UDM", 1),), "", (branch,))


def test_long_alternatives_are_cut() -> None:
    """Of many alternatives the first few are shown, those that hold before the others, and the rest is counted."""
    parts = tuple(Node("test", f"clause {i}", holds=i == 20) for i in range(30))
    text = "\n".join(text_lines(explanation(Node("or", "", holds=True, parts=parts))))
    assert "PASS clause 20" in text
    assert "and 22 more, of 30 in all" in text
    assert text.count("FAIL clause") == 7


def test_many_values_are_cut() -> None:
    """Of many elements the first few are shown, and the rest is counted."""
    values = tuple(Shown("$e.principal.ip", f"10.0.0.{i}", place=f"{i} of 9", decides=False) for i in range(1, 10))
    text = " ".join(text_lines(explanation(Node("test", "any $e.principal.ip = 1", holds=False, values=values)), 500))
    assert '"10.0.0.5" (5 of 9) and 4 more: no element does' in text


def test_inside_a_negation_to_hold_is_not_to_pass() -> None:
    """Below `not`, clauses are true or false."""
    inner = Node("and", "", holds=True, parts=(Node("test", "a", holds=True), Node("test", "b", holds=True)))
    shown = list(text_lines(explanation(Node("not", "not (a and b)", holds=False, parts=(inner,)))))
    assert [line.strip() for line in shown[-4:]] == ["FAIL not:", "true all of:", "true a", "true b"]


def test_lines_keep_to_the_width() -> None:
    """Long words are broken rather than let out of the terminal."""
    value = Shown("$e.target.url", "x" * 400)
    found = list(text_lines(explanation(Node("test", "y" * 200, holds=False, values=(value,))), 60))
    assert max(map(len, found)) <= 60


def test_hostile_text_is_harmless_in_every_form() -> None:
    """Control characters are written out, and Markdown stays text."""
    nasty = "a\x1b[31m\u202e`b`\n# c"
    found = explanation(Node("test", nasty, holds=False, values=(Shown(nasty, nasty),)))
    shown = "\n".join([*text_lines(found), *markdown_lines(found)])
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "\n# c" not in shown


def test_json_leaves_out_what_is_empty() -> None:
    """JSON has verdict and reason, camel case, times as RFC 3339, and no empty parts."""
    found = to_json(explanation(Node("test", "a", holds=False)))
    assert (found["verdict"], found["detections"], found["reason"]) == ("miss", 0, "no event passes")
    branches: Any = found["branches"]
    (branch,) = branches
    assert "groups" not in branch
    (variable,) = branch["variables"]
    assert variable["isRequired"] is True
    (record,) = variable["nearest"]
    assert record["reference"] == {"id": "0f", "time": "2025-03-12T13:00:00Z", "logType": "UDM", "source": "a.json:1"}


def test_candidates_need_no_nearest() -> None:
    """Where events pass all clauses, those that come nearest are not shown."""
    shown = [line.text for line in lines(explanation(Node("test", "a", holds=True), candidates=1))]
    assert shown[-1] == "$e: 1 of 1 event passes its clause"
