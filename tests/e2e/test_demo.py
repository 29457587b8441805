"""The demo: what it finds and where, where it stays quiet, and what it tells to try next."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.e2e.command import CONSOLE_LOGIN_ID, REAL, WRITTEN, Outcome, clean_environment

# What the demo is there to show, by rule and variable. All that is found is kept beside `tests/content`.
FOUND = {
    "real": {
        ("aws_console_login_without_mfa", "login"): {"865d9377-9c6b-4fd7-8aad-725e95f6a140"},
        ("aws_instance_role_used_away_from_instance", "agent"): {
            "696b9be3-18d2-49ef-844f-3e813af3033d",
            "6bf8950b-f1ed-439d-8fc8-211645bfbe0f",
            "062e9002-ca29-4d9e-9bfd-eae371d00a90",
        },
        ("aws_instance_role_used_away_from_instance", "use"): {
            "d3d5fd99-faa9-4959-a464-56fba613cc2e",
            "bf68f8c0-590b-4740-ac89-aad0ed5dfe4f",
        },
        ("single_factor_azure_portal_sign_in", "signin"): {"f05079ed-f820-4531-ab26-498b53af3800"},
    },
    "written": {
        ("cloud_cli_authentication_on_endpoint", "launch"): {"81206", "81207"},
        ("risky_entra_sign_in", "signin"): {"7b1c0d02-4a52-4c1e-9d0a-0f3b6a2e0200"},
    },
}
# Told in full, in this order: the chain is about most files, and each single record has a file of its own.
TOLD = {
    "real": ["t1021_007_chain", "single_factor_azure_portal_sign_in", "aws_console_login_without_mfa"],
    "written": ["risky_entra_sign_in", "cloud_cli_authentication_on_endpoint"],
}
QUIET = "otrf-security-datasets (3 files), traildiscover (1 file)"
LONGEST = 450  # lines of the whole demo


def bound_ids(detections: Sequence[dict[str, Any]]) -> dict[tuple[str, str], set[str]]:
    """Return the vendor's ids of the bound events by rule and variable."""
    ids: dict[tuple[str, str], set[str]] = {}
    for detection in detections:
        for name, bound in detection["explanation"]["events"].items():
            found = {event.get("productLogId", "") for event in bound["events"]}
            ids.setdefault((rule_name(detection), name), set()).update(found)
    return ids


def rule_name(detection: Mapping[str, Any]) -> str:
    """Return the name of a detection's rule."""
    return str(detection["detection"][0]["ruleName"])


def test_the_demo_finds_what_it_should(demo_detections: dict[str, list[dict[str, Any]]]) -> None:
    """Every known record is found by its rule, in real and in written logs."""
    for name, detections in demo_detections.items():
        found = bound_ids(detections)
        assert {key: found.get(key) for key in FOUND[name]} == FOUND[name]


def test_every_detection_of_the_demo_is_explained(demo_detections: dict[str, list[dict[str, Any]]]) -> None:
    """Each variable of each detection has clauses with values."""
    for detections in demo_detections.values():
        for detection in detections:
            for samples in detection["explanation"]["variables"].values():
                for sample in samples:
                    assert len(sample["clauses"]) >= 2
                    assert any(value["value"] for clause in sample["clauses"] for value in clause["values"])


def test_the_demo_shows_it(demo: Outcome, demo_detections: dict[str, list[dict[str, Any]]]) -> None:
    """Rules, records and reasons are on the screen, and so is where nothing was found."""
    assert (demo.code, demo.err) == (0, "")
    parts = dict(zip(("real", "written"), demo.out.split("written/  records written by the project"), strict=True))
    for name, part in parts.items():
        told = re.findall(r"^[A-Z]+  (\w+)  risk ", part, re.MULTILINE)
        assert [rule for rule in told if rule in TOLD[name]] == TOLD[name]
        assert {rule_name(detection) for detection in demo_detections[name]} <= set(re.findall(r"\w+", part))
    assert f"because of $login  {CONSOLE_LOGIN_ID} (AWS_CLOUDTRAIL)" in parts["real"]
    assert f"nothing found in: {QUIET}" in parts["real"]
    assert "nothing found in" not in parts["written"]
    assert "8feee4c2" not in demo.out  # a console login with MFA
    assert re.search(r"read 1,211 records: 1,211 events \(.*\), 0 quarantined, 0 skipped", parts["real"])
    assert re.search(r"read 12 records: 12 events \(.*\), 0 quarantined, 0 skipped", parts["written"])


def test_the_demo_can_be_read(demo: Outcome, demo_detections: dict[str, list[dict[str, Any]]]) -> None:
    """However much is found, the demo says it on a few screens: the rest is counted, with the way to see it."""
    assert len(demo.out.splitlines()) < LONGEST
    told = len(re.findall(r"^[A-Z]+  \w+  risk ", demo.out, re.MULTILINE))
    named = re.findall(r"^  [A-Z]+ +\w+ +risk \d+(?:  (\d+) times)?$", demo.out, re.MULTILINE)
    below = re.findall(r"^  (\d+) detections? of lower severity", demo.out, re.MULTILINE)
    counted = sum(int(times or 1) for times in named) + sum(map(int, below))
    assert told + counted == sum(map(len, demo_detections.values()))
    assert demo.out.count("to see them all: ") == 2


def test_the_next_commands_work_when_pasted(
    demo: Outcome, demo_detections: dict[str, list[dict[str, Any]]], empty_folder: Path
) -> None:
    """Each of the three commands at the end runs as it stands and shows what it says."""
    commands = [text.strip() for text in demo.out.partition("\nNext\n")[2].splitlines() if " windshear " in text]
    done = [
        subprocess.run(shlex.split(text), cwd=empty_folder, capture_output=True, env=clean_environment(), check=False)
        for text in commands
    ]
    scan, normalize, check = done
    assert (scan.returncode, len(scan.stdout.splitlines())) == (0, len(demo_detections["written"]))
    assert (normalize.returncode, normalize.stdout.count(b"AWS_CLOUDTRAIL")) == (0, 1)
    assert check.returncode == 2
    assert b"several-events-without-match" in check.stdout


def test_sample_logs_are_all_read() -> None:
    """No log file of the samples is left out of the expectations above."""
    files = [
        path for folder in (REAL, WRITTEN) for path in folder.rglob("*") if path.suffix in (".json", ".jsonl", ".gz")
    ]
    assert len(files) == 18
