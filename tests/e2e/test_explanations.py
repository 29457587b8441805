"""Explanations tell the truth: without the values that they show, the rule falls silent.

For detections of the demo their sample events are taken as UDM. Scanned again with the same rule they are found;
with the shown values replaced by their zero they are not.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import rule_file, windshear
from tests.e2e.zeroing import without

Detection = dict[str, Any]


def sample_events(detection: Detection) -> dict[str, list[Any]]:
    """Return the sample events by variable."""
    return {
        element["label"]: [copy.deepcopy(reference["event"]) for reference in element["references"]]
        for element in detection["collectionElements"]
    }


def shown_values(detection: Detection) -> Iterator[tuple[str, int, str, str]]:
    """Yield (variable, sample, field, value) for every shown value that is not a zero already.

    A value of another variable's event is taken out of all samples of that variable.
    """
    counts = {name: len(samples) for name, samples in detection["explanation"]["variables"].items()}
    for name, samples in detection["explanation"]["variables"].items():
        for index, sample in enumerate(samples):
            for value in (value for clause in sample["clauses"] for value in clause["values"] if value["value"]):
                other = value.get("variable")
                places = [(name, index)] if other is None else [(other, i) for i in range(counts[other])]
                for variable, place in places:
                    yield variable, place, value["field"], value["value"]


def rule_of(detection: Detection) -> Path:
    """Return the file of the built-in rule that made a detection."""
    return rule_file(detection["detection"][0]["ruleName"])


def rescan(rule: Path, events: dict[str, list[Any]], folder: Path) -> list[Detection]:
    """Scan UDM events with a rule."""
    lines = [json.dumps(event) for some in events.values() for event in some]
    (folder / "events.jsonl").write_text("\n".join(dict.fromkeys(lines)) + "\n")
    done = windshear("scan", "events.jsonl", "--type", "udm", "-r", rule, "-f", "jsonl", cwd=folder)
    assert done.code == 0, done.err
    return done.json_lines


# Rules whose detections in the demo rest on no more events than an explanation shows.
EXPLAINED = [
    ("real", "aws_console_login_without_mfa"),
    ("real", "aws_instance_role_used_away_from_instance"),
    ("real", "single_factor_azure_portal_sign_in"),
    ("real", "federation_trust_modified"),
    ("written", "cloud_cli_authentication_on_endpoint"),
    ("written", "risky_entra_sign_in"),
]


def first_of(detections: list[Detection], rule: str) -> Detection:
    """Return the first detection of a rule."""
    return next(found for found in detections if found["detection"][0]["ruleName"] == rule)


# A condition on an event where several alternatives hold at once: all of them must be shown.
SEVERAL = {
    "branches of an or": ('$e.principal.hostname = "a" or $e.target.hostname = "b"', {"a", "b"}),
    "nested branches": (
        '($e.principal.hostname = "a" or $e.src.hostname = "x") or $e.target.hostname = "b"',
        {"a", "b"},
    ),
    "negated conjunction": ('not ($e.principal.hostname = "" and $e.target.hostname = "")', {"a", "b"}),
    "elements of any": ('net.ip_in_range_cidr(any $e.principal.ip, "10.0.0.0/8")', {"10.0.0.1", "10.0.0.2"}),
    "copies": ('net.ip_in_range_cidr($e.principal.ip, "10.0.0.0/8")', {"10.0.0.1", "10.0.0.2"}),
    "copies of messages": ("re.regex($e.about.hostname, `^x`)", {"x1", "x2"}),
    "map keys": ('$e.additional.fields["k"] = "1" or $e.additional.fields["l"] = "2"', {"1", "2"}),
    "number": ("$e.target.port > 100", {"443"}),
}
EVENT: dict[str, Any] = {
    "metadata": {"eventType": "GENERIC_EVENT", "eventTimestamp": "2026-03-02T10:00:00Z"},
    "principal": {"hostname": "a", "ip": ["10.0.0.1", "192.0.2.1", "10.0.0.2"]},
    "target": {"hostname": "b", "port": 443},
    "about": [{"hostname": "x1"}, {"hostname": "y"}, {"hostname": "x2"}],
    "additional": {"k": "1", "l": "2"},
}


@pytest.mark.parametrize("name", SEVERAL)
def test_everything_that_held_is_shown(name: str, tmp_path: Path) -> None:
    """Where several branches, elements or copies hold, all are shown: without them, the rule is silent."""
    events, shown = SEVERAL[name]
    rule = tmp_path / "rule.yaral"
    rule.write_text(f'rule r {{ meta: a = "b" events: {events} condition: $e }}')
    (found,) = rescan(rule, {"e": [EVENT]}, tmp_path)
    values = {value for _, _, _, value in shown_values(found)}
    assert values == shown
    event = copy.deepcopy(EVENT)
    for _, _, field, value in set(shown_values(found)):
        assert without(event, field, value)
    assert rescan(rule, {"e": [event]}, tmp_path) == []


def test_clauses_are_quoted_from_the_right_rule(tmp_path: Path) -> None:
    """In a file of several rules, with comments before them, clauses are quoted as written, on one line."""
    rule = tmp_path / "rules.yaral"
    heads = ("// A licence with \u00fcml\u00e4uts.\n\nrule first", "/* more */ rule second")
    rule.write_text(
        "".join(
            f'{head} {{ meta: a = "b" events: re.regex(\n  $e.principal.hostname,\n  `^{name}`) condition: $e }}\n'
            for head, name in zip(heads, "aa", strict=True)
        )
    )
    found = rescan(rule, {"e": [EVENT]}, tmp_path)
    assert [detection["detection"][0]["ruleName"] for detection in found] == ["first", "second"]
    for detection in found:
        (sample,) = detection["explanation"]["variables"]["e"]
        assert [clause["clause"] for clause in sample["clauses"]] == ["re.regex( $e.principal.hostname, `^a`)"]


@pytest.mark.parametrize("kept", ["nothing", "metadata"])
@pytest.mark.parametrize(("name", "rule"), EXPLAINED)
def test_without_the_shown_values_the_rule_falls_silent(
    name: str, rule: str, kept: str, demo_detections: dict[str, list[Detection]], tmp_path: Path
) -> None:
    """All shown values are in the event; without them, or without all but the metadata, there is no detection."""
    detection = first_of(demo_detections[name], rule)
    events = sample_events(detection)
    taken = 0
    for variable, sample, field, value in set(shown_values(detection)):
        if kept == "metadata" and field.startswith("metadata."):
            continue
        is_own = without(events[variable][sample], field, value)
        taken += is_own
    assert taken >= 2
    assert rescan(rule_of(detection), events, tmp_path) == []


@pytest.mark.parametrize(("name", "rule"), EXPLAINED)
def test_with_the_shown_values_the_rule_fires(
    name: str, rule: str, demo_detections: dict[str, list[Detection]], tmp_path: Path
) -> None:
    """The sample events alone, untouched, give the detection again, and every shown value stands in its event."""
    detection = first_of(demo_detections[name], rule)
    assert len(rescan(rule_of(detection), sample_events(detection), tmp_path)) == 1
    for variable, samples in detection["explanation"]["variables"].items():
        for place, sample in enumerate(samples):
            for clause in sample["clauses"]:
                for value in clause["values"]:
                    if value["value"] and "variable" not in value:
                        event = sample_events(detection)[variable][place]
                        assert without(event, value["field"], value["value"]), (value, clause)
