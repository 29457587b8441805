"""A detection says why its condition section held: counts, outcomes, the sides of an `or` that held, absence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e.command import windshear

EVENTS = [
    {
        "metadata": {
            "productLogId": f"e{minute}",
            "eventTimestamp": f"2026-02-03T10:0{minute}:00Z",
            "eventType": "USER_LOGIN",
        },
        "principal": {"hostname": "ws"},
        "target": {"port": port},
    }
    for minute, port in enumerate((80, 20))
]

HELD = {
    "#fail >= 2": ["#fail = 2 (>= 2)"],
    "#fail = 2": ["#fail = 2"],
    "$fail and #p > 1": ["#p = 2 (> 1)"],
    "$fail and $p": ["$p, with #p = 2"],
    "$fail and !$x": ["!$x: none in the window"],
    "$fail and #x < 3": ["#x = 0 (< 3)"],
    "$fail and $total > 90": ["$total = 100 (> 90)"],
    "$fail and ($total > 90 or $total < 10)": ["$total = 100 (> 90)"],
    "$fail and ($total > 90 or $total > 95)": ["$total = 100 (> 90)", "$total = 100 (> 95)"],
    "$fail and not $total > 100": ["not $total > 100, with $total = 100"],
    "$fail and not ($total > 100 or $total < 10)": [
        "not $total > 100, with $total = 100",
        "not $total < 10, with $total = 100",
    ],
    "$fail and 1 of [$total > 1000, $total < 500]": ["$total = 100 (< 500)"],
    "$fail and arrays.contains($ports, 80)": ["arrays.contains($ports, 80), with $ports = 20, 80"],
    "$fail and $total - 10 > 3": ["$total - 10 > 3, with $total = 100"],
    "$fail and 3 < $total": ["3 < $total, with $total = 100"],
}
RULE = """
rule condition_{number} {{
  meta:
    author = "us"
  events:
    $fail.metadata.event_type = "USER_LOGIN"
    $fail.principal.hostname = $h
    $fail.target.port = $p
    {absent}
  match:
    $h over 10m
  outcome:
    $total = sum($fail.target.port)
    $ports = array_distinct($fail.target.port)
  condition:
    {condition}
}}
"""
ABSENT = '$x.metadata.event_type = "FILE_CREATION" $x.principal.hostname = $h'
ALONE = """
rule alone {
  meta: author = "us"
  events: $e.target.port > 79
  outcome: $p = $e.target.port
  condition: $e and $p > 79
}
"""


def scan(form: str, folder: Path) -> str:
    """Return what a scan with all conditions writes, a rule for each."""
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, EVENTS)) + "\n")
    rules = [
        RULE.format(number=number, condition=condition, absent=ABSENT if "x" in condition else "")
        for number, condition in enumerate(HELD)
    ]
    (folder / "rules.yaral").write_text("\n".join([*rules, ALONE]))
    done = windshear("scan", "events.jsonl", "--type", "udm", "-r", "rules.yaral", "-f", form, cwd=folder)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize(("form", "lead", "tail"), [("table", "  because  ", ""), ("markdown", "- because `", "`")])
def test_what_held_is_shown(form: str, lead: str, tail: str, tmp_path: Path) -> None:
    """Table and Markdown show each clause that held with its values, and no other; plain existence shows anyway."""
    shown: dict[str, list[str]] = {}
    for line in scan(form, tmp_path).splitlines():
        if name := re.search(r"(?<!\w)(condition_\d+|alone)(?!\w)", line):
            current = shown.setdefault(name[1], [])
        elif line.startswith(lead):
            current.append(line.removeprefix(lead).removesuffix(tail))
    wanted = {f"condition_{number}": lines for number, lines in enumerate(HELD.values())}
    assert shown == {**wanted, "alone": ["$p = 80 (> 79)"]}


def test_json_has_clauses_and_values(tmp_path: Path) -> None:
    """A program gets each clause as written, the plain ones, too, and what it read by name."""
    found = [json.loads(line) for line in scan("jsonl", tmp_path).splitlines()]
    held = {one["detection"][0]["ruleName"]: one["explanation"]["condition"] for one in found}
    assert held["condition_4"] == [
        {"clause": "$fail", "values": [{"name": "#fail", "value": "2"}]},
        {"clause": "!$x", "values": [{"name": "#x", "value": "0"}]},
    ]
    assert held["alone"] == [
        {"clause": "$e", "values": [{"name": "#e", "value": "1"}]},
        {"clause": "$p > 79", "values": [{"name": "$p", "value": "80"}]},
    ]
