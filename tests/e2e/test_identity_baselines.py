"""Baselines of persons: what the built-in queries learn is what the built-in rules ask for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from pydantic import JsonValue

from tests.e2e.command import windshear
from windshear.packs.pack import builtin_pack
from windshear.ruletest.templates import Templates

PACK = builtin_pack("t1021_007").folder
Change = Mapping[str, JsonValue]
CODE: Change = {"authenticationProtocol": "deviceCode", "deviceDetail.isCompliant": False}
GRANT: Change = {"authenticationProtocol": "ropc", "appId": "1950a258-227b-4e31-a9cf-717495945fc2"}
DAYS = ("02", "03", "04", "05", "06", "09", "10", "11", "12", "13")


USUAL: tuple[Change, ...] = ({}, CODE, GRANT)
NEW: Mapping[str, Change] = {
    "sign_in_from_new_network": {"autonomousSystemNumber": 64504},
    "sign_in_from_new_country": {"location.countryOrRegion": "RO"},
    "sign_in_first_seen_client": {"appId": "14d82eec-204b-4c2f-b7e8-296a70dab67e"},
    "sign_in_odd_hours": {"createdDateTime": "2026-03-16T03:15:00Z"},
    "sign_in_without_usual_mfa": {"authenticationRequirement": "singleFactorAuthentication"},
    "device_code_sign_in": {**CODE, "appId": "29d9ed98-a469-4536-ade2-f981bc1d605e"},
    "legacy_or_password_grant_sign_in": {**GRANT, "appId": "29d9ed98-a469-4536-ade2-f981bc1d605e"},
}


def sign_ins(templates: Templates, person: str, days: Iterable[str], *changes: Change) -> str:
    """Return sign-ins of a person, one per day of March 2026 and change, as lines."""
    made = []
    for day in days:
        for number, change in enumerate(changes):
            about = {"id": f"{person}-{day}-{number}", "createdDateTime": f"2026-03-{day}T09:15:00Z", **change}
            like = "cli_sign_in" if "authenticationProtocol" in change else "interactive_sign_in"
            about["userPrincipalName"] = person
            made.append(json.dumps(templates.made({"like": like, "with": {"properties": about}})) + "\n")
    return "".join(made)


def test_rules_are_quiet_about_what_the_baselines_hold(tmp_path: Path) -> None:
    """After two weeks the same sign-ins are usual, and each other one is new to the rule that asks for it."""
    templates = Templates(yaml.safe_load((PACK / "templates" / "entra.yaml").read_text())["templates"])
    people = {rule: f"{rule}@corp.example" for rule in NEW}  # one for each rule
    history = "".join(sign_ins(templates, person, DAYS, *USUAL) for person in people.values())
    (tmp_path / "history.jsonl").write_text(history)
    done = windshear("baseline", "build", "history.jsonl", "-o", "context", cwd=tmp_path)
    assert done.code == 0, done.err

    def found(lines: Iterable[str]) -> set[tuple[str, str]]:
        (tmp_path / "today.jsonl").write_text("".join(lines))
        chosen = [part for rule in NEW for part in ("-r", str(PACK / "rules" / rule))]
        outcome = windshear("scan", "today.jsonl", *chosen, "--context", "context", "-f", "jsonl", cwd=tmp_path)
        assert "not evaluable" not in outcome.err
        return {
            (field["value"], one["ruleName"])
            for detection in outcome.json_lines
            for one in detection["detection"]
            for field in one["detectionFields"]
            if field["key"] == "person_id"
        }

    assert found(sign_ins(templates, person, ["16"], *USUAL) for person in people.values()) == set()
    other = found(sign_ins(templates, people[rule], ["16"], change) for rule, change in NEW.items())
    assert other == {(person, rule) for rule, person in people.items()}
