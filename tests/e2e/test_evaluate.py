"""`windshear evaluate`: figures on labelled logs, in all forms, and mistakes that end a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.command import CONSOLE_LOGIN, CONSOLE_LOGIN_ID, REAL, windshear
from windshear.packs.pack import content_folder

_RULE = content_folder() / "t1021_007" / "rules" / "aws_console_login_without_mfa" / "rule.yaral"
_REST = {"file": "*", "record_id": "*", "verdict": "clean"}
_LOGIN: dict[str, Any] = {
    "source": "stratus-red-team",
    "file": CONSOLE_LOGIN.name,
    "record_id": CONSOLE_LOGIN_ID,
    "labels": ["console_login_no_mfa", "console_login_success"],
    "verdict": "flag",
    "campaign": "login",
    "stage": "access",
}
_OTHER = {
    "source": "stratus-red-team",
    "file": "aws.persistence.iam-create-user-login-profile.json",
    "record_id": "d3906a7d-604b-407f-acb6-fc425742821e",
    "labels": ["login_profile_created_for_other_user"],
    "verdict": "flag_if_covered",
}


def _labels(folder: Path, *labels: dict[str, Any]) -> Path:
    file = folder / "labels.jsonl"
    file.write_text("".join(json.dumps(label) + "\n" for label in labels))
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a folder with the real logs of the demo, to be labelled."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "stratus-red-team").symlink_to(REAL / "stratus-red-team")
    return folder


def test_figures_as_json(data: Path, tmp_path: Path) -> None:
    """Everything that was judged, with times, ids and the rules that found it."""
    _labels(data, _LOGIN, _OTHER, _REST)
    outcome = windshear("evaluate", data, "--rules", _RULE, "-f", "json", "--users", "500", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert found["verdicts"]["flag"] == {"records": 1, "found": 1, "missed": 0, "unclaimed": 0}
    assert found["verdicts"]["flag_if_covered"] == {"records": 1, "found": 0, "missed": 0, "unclaimed": 1}
    assert found["verdicts"]["clean"]["records"] == found["events"]["AWS_CLOUDTRAIL"] - 2
    assert found["total"]["recall"] == 1.0
    assert (found["users"], found["rules"]) == (500, 1)
    (attack, other) = sorted(found["attacks"], key=lambda one: one["verdict"])
    assert attack["found_by"] == ["aws_console_login_without_mfa"]
    assert attack["place"] == f"stratus-red-team/{CONSOLE_LOGIN.name}:1"
    assert other["behaviours"] == ["B36"]
    (campaign,) = found["campaigns"]
    assert campaign["first"]["alert"]["seconds"] == 0
    assert campaign["stages"][0]["found"] == 1
    alerts = found["alerts"]["all"]
    assert alerts == found["alerts"]["true"] + found["alerts"]["false"] + found["alerts"]["mixed"]
    assert found["alerts_per_1000_users_and_day"]["all"] == alerts * 2 / found["days"]


def test_report_fits_a_terminal_and_a_page(data: Path, tmp_path: Path) -> None:
    """Text of at most 80 columns; the same parts in Markdown."""
    _labels(data, _LOGIN, _OTHER, _REST)
    text = windshear("evaluate", data, "--rules", _RULE, cwd=tmp_path)
    assert max(map(len, text.out.splitlines())) <= 80
    page = windshear("evaluate", data, "--rules", _RULE, "-f", "markdown", "-o", "report.md", cwd=tmp_path)
    assert page.out == ""
    markdown = (tmp_path / "report.md").read_text()
    for part in ("Records", "Behaviours", "Not claimed", "Campaigns", "Alerts", "Rules with alerts"):
        assert f"\n{part}\n" in text.out
        assert f"\n## {part}\n" in markdown
    assert "| flag\\_if\\_covered | 1 | 0 | 0 | 1 |" in markdown or "| flag_if_covered | 1 | 0 | 0 | 1 |" in markdown


def test_false_alarms_and_missed_records(data: Path, tmp_path: Path) -> None:
    """Both are listed one by one, and fail a pipeline that asks for it."""
    _labels(data, {**_LOGIN, "verdict": "clean"}, {**_OTHER, "verdict": "flag", "why": "a second way in"}, _REST)
    outcome = windshear("evaluate", data, "--rules", _RULE, "--exit-code", cwd=tmp_path)
    assert outcome.code == 1
    assert "\nFalse alarms (1)\n  aws_console_login_without_mfa  " in outcome.out
    assert CONSOLE_LOGIN_ID in outcome.out
    assert "\nMissed (1)\n" in outcome.out
    assert "a second way in" in outcome.out
    assert windshear("evaluate", data, "--rules", _RULE, cwd=tmp_path).code == 0


def test_rules_that_had_nothing_to_look_at(data: Path, tmp_path: Path) -> None:
    """What they claim counts as claimed, and the report says why they found nothing."""
    condition = "condition: $e"
    events = 'events: $e.metadata.event_type = "USER_LOGIN"'
    meta = 'meta: behaviours = "B36" log_types = "OKTA; AWS_CLOUDTRAIL"'
    (tmp_path / "silent.yaral").write_text(f"rule silent {{ {meta} {events} {condition} }}")
    table = f"{events} $e.principal.hostname in %nowhere"
    (tmp_path / "unfit.yaral").write_text(f'rule unfit {{ meta: author = "me" {table} {condition} }}')
    _labels(data, _LOGIN, _OTHER, _REST)
    outcome = windshear("evaluate", data, "--rules", _RULE, "--rules", ".", "-f", "json", cwd=tmp_path)
    assert outcome.code == 2
    found = json.loads(outcome.out)
    assert found["not_evaluable"] == {"silent": "no OKTA events", "unfit": "reference list `%nowhere` is missing"}
    (missed,) = (attack for attack in found["attacks"] if attack["status"] == "missed")
    assert missed["claimed_by"] == ["silent"]
    text = windshear("evaluate", data, "--rules", _RULE, "--rules", ".", cwd=tmp_path)
    assert "claimed by silent (not evaluable: no OKTA events)" in text.out


def test_side_by_side(data: Path, tmp_path: Path) -> None:
    """Another rule runs on the same reading and gets a column of its own."""
    _labels(data, _LOGIN, _REST)
    outcome = windshear(
        "evaluate",
        data,
        "--rules",
        _RULE,
        "--against",
        "comparison/three_pattern_comparison",
        "-f",
        "json",
        cwd=tmp_path,
    )
    (other,) = json.loads(outcome.out)["against"]
    assert other["rule"] == "three_pattern_comparison"
    assert other["total"]["found"] == 1
    unknown = windshear("evaluate", data, "--rules", _RULE, "--against", "nothing", cwd=tmp_path)
    assert unknown.code == 3
    assert "there is comparison/three_pattern_comparison" in unknown.err


def test_picture(data: Path, tmp_path: Path) -> None:
    """The picture is an SVG that can be read, whatever labels are called."""
    _labels(data, {**_LOGIN, "campaign": "a<b>&\x1b[31m"}, _REST)
    outcome = windshear("evaluate", data, "--rules", _RULE, "--picture", "p.svg", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    texts = [element.text for element in ET.parse(tmp_path / "p.svg").iter() if element.tag.endswith("text")]
    assert "a<b>&\\x1b[31m" in texts
    assert any(str(text).startswith("B17 ") for text in texts)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (
            [_REST, {**_LOGIN, "record_id": "nobody"}],
            "labels.jsonl:2: there is no event `nobody` in `stratus-red-team/",
        ),
        ([{**_LOGIN, "record_id": "line 999"}], "labels.jsonl:1: there is no event `line 999`"),
        ([{**_OTHER, "labels": ["unheard_of"]}], "labels.jsonl:1: label `unheard_of` is unknown"),
    ],
)
def test_labels_that_cannot_be_used(labels: list[dict[str, Any]], reason: str, data: Path, tmp_path: Path) -> None:
    """Nothing is measured on labels that mean nothing."""
    _labels(data, *labels)
    outcome = windshear("evaluate", data, "--rules", _RULE, cwd=tmp_path)
    assert (outcome.code, outcome.out) == (3, "")
    assert "error: labels cannot be used\n  " in outcome.err
    assert reason in " ".join(outcome.err.split())


def test_data_that_cannot_be_used(data: Path, tmp_path: Path) -> None:
    """Data without labels or without events is refused."""
    outcome = windshear("evaluate", data, "--rules", _RULE, cwd=tmp_path)
    assert outcome.code == 3
    assert "is not labelled" in outcome.err
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no log\n")
    _labels(tmp_path / "empty", _REST)
    outcome = windshear("evaluate", "empty", "--rules", _RULE, cwd=tmp_path)
    assert outcome.code == 3
    assert "no event could be read from `empty`" in outcome.err
