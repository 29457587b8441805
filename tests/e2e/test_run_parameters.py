"""`--now` and `--seed`: what rules see of the run is given, and the same run gives the same detections."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import windshear

_RULE = """rule recent {{
  meta:
    author = "example"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    {predicate}
  outcome:
    $age = timestamp.now() - $e.metadata.event_timestamp.seconds
  condition:
    $e
}}
"""


@pytest.fixture(name="folder")
def folder_of_logs(tmp_path: Path) -> Path:
    """Give a folder with forty sign-ins, a minute apart, the first at 10:00."""
    events = [
        {
            "metadata": {
                "event_type": "USER_LOGIN",
                "product_log_id": f"e{minute}",
                "event_timestamp": f"2025-03-12T10:{minute:02}:00Z",
            }
        }
        for minute in range(40)
    ]
    (tmp_path / "logs.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    return tmp_path


def scan(folder: Path, predicate: str, *options: str) -> dict[str, str]:
    """Return the age that is reported for each event that is found."""
    (folder / "rule.yaral").write_text(_RULE.format(predicate=predicate), "utf-8")
    arguments = ("scan", "logs.jsonl", "-t", "udm", "-r", "rule.yaral", "-f", "jsonl", *options)
    found = {}
    for detection in windshear(*arguments, cwd=folder).json_lines:
        (element,) = detection["collectionElements"]
        event = element["references"][0]["event"]["metadata"]["productLogId"]
        found[event] = detection["detection"][0]["outcomes"][0]["value"]
    return found


def test_rules_see_the_time_that_is_given(folder: Path) -> None:
    """`--now` decides what is recent."""
    recent = "timestamp.current_seconds() - $e.metadata.event_timestamp.seconds < 60 * 3"
    assert scan(folder, recent, "--now", "2025-03-12T10:39:30Z") == {"e37": "150", "e38": "90", "e39": "30"}


def test_rules_see_the_start_of_the_run(folder: Path) -> None:
    """Without `--now` the logs of 2025 are old."""
    ages = scan(folder, "timestamp.now() - $e.metadata.event_timestamp.seconds > 60")
    assert len(ages) == 40
    assert min(int(age) for age in ages.values()) > 1_000_000


def test_a_random_sample_is_the_same_with_and_without_sift(folder: Path) -> None:
    """What an event draws depends on the event and the seed, not on how the rule is run."""
    sample = scan(folder, "math.random() < 0.5", "--now", "2025-03-13")
    assert 5 < len(sample) < 35
    assert scan(folder, "math.random() < 0.5", "--now", "2025-03-13", "--no-sift") == sample
    assert scan(folder, "math.random() < 0.5", "--now", "2025-03-13", "--seed", "1").keys() != sample.keys()


def test_a_random_sample_does_not_depend_on_the_order_of_events(folder: Path) -> None:
    """Reading the events backwards gives the same sample."""
    sample = scan(folder, "math.random() < 0.5")
    lines = (folder / "logs.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "logs.jsonl").write_text("".join(reversed(lines)), "utf-8")
    assert scan(folder, "math.random() < 0.5").keys() == sample.keys()


def test_the_explanation_sees_the_number_that_decided(folder: Path) -> None:
    """Of an `or` of two draws the side that held is shown."""
    low, high = "math.random() < 0.5", "math.random() >= 0.5"
    arguments = ("scan", "logs.jsonl", "-t", "udm", "-r", "rule.yaral", "-f", "jsonl")
    (folder / "rule.yaral").write_text(_RULE.format(predicate=f"({low} or {high})"), "utf-8")
    shown = [
        [line for line in json.dumps(detection).split('"') if line in (low, high)]
        for detection in windshear(*arguments, cwd=folder).json_lines
    ]
    assert shown
    assert all(shown)
    assert {line for lines in shown for line in lines} == {low, high}


def test_a_wrong_time_is_refused(folder: Path) -> None:
    """The mistake names the option."""
    outcome = windshear("scan", "logs.jsonl", "--now", "today", cwd=folder)
    assert outcome.code == 3
    assert "`--now today` is no time" in outcome.err
