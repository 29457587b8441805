"""The demo: what it finds and where, where it stays quiet, and what it tells to try next."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.command import REAL, WRITTEN, Outcome, clean_environment

AGENT_REPORTS = {
    "696b9be3-18d2-49ef-844f-3e813af3033d",
    "6bf8950b-f1ed-439d-8fc8-211645bfbe0f",
    "062e9002-ca29-4d9e-9bfd-eae371d00a90",
}
FOUND = {
    "real": [
        ("aws_console_login_without_mfa", {"login": {"865d9377-9c6b-4fd7-8aad-725e95f6a140"}}),
        (
            "aws_instance_role_used_away_from_instance",
            {
                "agent": AGENT_REPORTS,
                "use": {"d3d5fd99-faa9-4959-a464-56fba613cc2e", "bf68f8c0-590b-4740-ac89-aad0ed5dfe4f"},
            },
        ),
        ("single_factor_azure_portal_sign_in", {"signin": {"f05079ed-f820-4531-ab26-498b53af3800"}}),
    ],
    "written": [
        ("cloud_cli_authentication_on_endpoint", {"launch": {"81206"}}),
        ("cloud_cli_authentication_on_endpoint", {"launch": {"81207"}}),
        ("risky_entra_sign_in", {"signin": {"7b1c0d02-4a52-4c1e-9d0a-0f3b6a2e0200"}}),
    ],
}
QUIET = (
    "invictus-aws-dataset (6 files), otrf-security-datasets (3 files), stratus-red-team (2 files), "
    "traildiscover (1 file)"
)


def bound_ids(detection: dict[str, Any]) -> dict[str, set[str]]:
    """Return the vendor's ids of the bound events by variable."""
    events = detection["explanation"]["events"]
    return {name: {event["productLogId"] for event in bound["events"]} for name, bound in events.items()}


def test_the_demo_finds_what_it_should_and_nothing_else(demo_detections: dict[str, list[dict[str, Any]]]) -> None:
    """Every known record is found by its rule, in real and in written logs, and nothing else is."""
    for name, detections in demo_detections.items():
        found = [(detection["detection"][0]["ruleName"], bound_ids(detection)) for detection in detections]
        assert sorted(found, key=str) == sorted(FOUND[name], key=str)


def test_every_detection_of_the_demo_is_explained(demo_detections: dict[str, list[dict[str, Any]]]) -> None:
    """Each variable of each detection has clauses with values."""
    for detections in demo_detections.values():
        for detection in detections:
            for samples in detection["explanation"]["variables"].values():
                for sample in samples:
                    assert len(sample["clauses"]) >= 3
                    assert any(value["value"] for clause in sample["clauses"] for value in clause["values"])


def test_the_demo_shows_it(demo: Outcome) -> None:
    """Rules, records and reasons are on the screen, and so is where nothing was found."""
    assert (demo.code, demo.err) == (0, "")
    real, written = demo.out.split("written/  records written by the project")
    for part, expected in ((real, FOUND["real"]), (written, FOUND["written"])):
        for rule, bound in expected:
            assert f"  {rule}  risk " in part
            for ids in bound.values():
                assert any(name in part for name in ids)
    assert f"nothing found in: {QUIET}" in real
    assert "nothing found in" not in written
    assert "8feee4c2" not in demo.out  # a console login with MFA
    assert re.search(r"read 1,211 records: 1,211 events \(.*\), 0 quarantined, 0 skipped", real)
    assert re.search(r"read 12 records: 12 events \(.*\), 0 quarantined, 0 skipped", written)


def test_the_next_commands_work_when_pasted(demo: Outcome, empty_folder: Path) -> None:
    """Each of the three commands at the end runs as it stands and shows what it says."""
    commands = [text.strip() for text in demo.out.partition("\nNext\n")[2].splitlines() if " windshear " in text]
    done = [
        subprocess.run(shlex.split(text), cwd=empty_folder, capture_output=True, env=clean_environment(), check=False)
        for text in commands
    ]
    scan, normalize, check = done
    assert (scan.returncode, scan.stdout.count(b"RULE_DETECTION")) == (0, 3)
    assert (normalize.returncode, normalize.stdout.count(b"AWS_CLOUDTRAIL")) == (0, 1)
    assert check.returncode == 2
    assert b"several-events-without-match" in check.stdout


def test_sample_logs_are_all_read() -> None:
    """No log file of the samples is left out of the expectations above."""
    files = [
        path for folder in (REAL, WRITTEN) for path in folder.rglob("*") if path.suffix in (".json", ".jsonl", ".gz")
    ]
    assert len(files) == 18
