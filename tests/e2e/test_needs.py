"""Rules that could not be evaluated, and feeds that fell silent, as the summary of the real command tells them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.command import line, windshear

FIRST = datetime(2026, 2, 3, tzinfo=UTC)


def rule(name: str, log_types: str, more: str = "") -> str:
    """Return a rule that needs some log types."""
    return (
        f'rule {name} {{ meta: severity = "Low" log_types = "{log_types}" '
        f'events: $e.metadata.product_event_type = "never" {more} condition: $e }}\n'
    )


def clock(hour: float) -> str:
    """Return a time some hours after the first."""
    return (FIRST + timedelta(hours=hour)).isoformat().replace("+00:00", "Z")


def sign_in(hour: float) -> bytes:
    """Return a sign-in of Entra ID."""
    record = {
        "id": f"s-{hour}",
        "createdDateTime": clock(hour),
        "userPrincipalName": "ana@corp.example",
        "userId": "26be570a-ae82-4189-b4e2-a37c6808512d",
        "appId": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "appDisplayName": "Microsoft Azure CLI",
        "ipAddress": "198.51.100.9",
        "clientAppUsed": "Browser",
        "isInteractive": True,
        "status": {"errorCode": 0},
    }
    return json.dumps(record).encode() + b"\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with rules of many needs, and a day of CloudTrail with half a day of sign-ins."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "baseline_x.csv").write_text("key\n")
    new = "not $e.principal.hostname in %baseline_x.key"
    texts = [rule(f"host_{number}", "WINDOWS_SYSMON or POWERSHELL; AZURE_AD") for number in range(5)]
    texts += [rule("cloud", "AWS_CLOUDTRAIL; AZURE_AD"), rule("new", "AWS_CLOUDTRAIL", new), rule("okta", "OKTA")]
    (tmp_path / "rules" / "all.yaral").write_text("".join(texts))
    trail = (line(eventTime=clock(hour), eventID=f"t-{hour}") for hour in range(24))
    (tmp_path / "logs.jsonl").write_bytes(b"".join((*trail, *map(sign_in, range(12)))))
    return tmp_path


def summary(folder: Path, *options: str) -> list[str]:
    """Return what a scan says at its end of needs and feeds."""
    done = windshear("scan", "logs.jsonl", "-r", "rules", *options, cwd=folder)
    assert done.code == 0, done.err
    return [said for said in done.err.splitlines() if "evaluable" in said or said.startswith("collection")]


def test_what_is_missing_is_told(folder: Path) -> None:
    """By reason, most rules first, in few words; the run is as good as any."""
    assert summary(folder) == [
        "5 rules not evaluable: no WINDOWS_SYSMON or POWERSHELL events: host_0, host_1, host_2 and 2 more",
        "1 rule not evaluable: no OKTA events: okta",
        "1 rule not evaluable: no baseline (windshear baseline build): new",
        "collection: no AZURE_AD events for 12 h before the end of the input, since 2026-02-03T11:00:00Z",
    ]
    assert not any(said.startswith("collection") for said in summary(folder, "--silence", "13h"))
    assert not any(said.startswith("collection") for said in summary(folder, "--silence", "0"))


def test_what_is_there_is_not_told(folder: Path) -> None:
    """A baseline with a row is one; events outside of the range are not there."""
    (folder / "context" / "tables").mkdir(parents=True)
    (folder / "context" / "tables" / "baseline_x.csv").write_text("key\nws-1\n")
    assert not any("baseline" in said for said in summary(folder, "--context", "context"))
    late = summary(folder, "--since", "2026-02-03T12:00:00Z")
    assert "1 rule not evaluable: no AZURE_AD events: cloud" in late
    assert "5 rules not evaluable: no WINDOWS_SYSMON or POWERSHELL events; no AZURE_AD events: host_0" in late[0]


@pytest.mark.parametrize("text", ["soon", "6", "10m", "-1h", ""])
def test_wrong_times(folder: Path, text: str) -> None:
    """They are refused with an example."""
    done = windshear("scan", "logs.jsonl", "-r", "rules", "--silence", text, cwd=folder)
    assert done.code == 3
    assert "write 90m, 6h or 2d, or 0 for none" in done.err
