"""The baselines of hosts and of people's command line tools: what is learned from history is what the rule asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.command import windshear
from windshear.packs.pack import builtin_pack

RULE = "cloud_cli_first_seen"
AZ, AWS = ("/usr/bin/az", "az vm list"), ("/usr/local/bin/aws", "aws s3 ls")


def _launch(number: int, day: int, host: str, user: str, what: tuple[str, str]) -> Mapping[str, object]:
    image, command = what
    return {
        "metadata": {
            "eventType": "PROCESS_LAUNCH",
            "eventTimestamp": f"2026-02-{day:02}T09:00:00Z",
            "productLogId": str(number),
        },
        "principal": {"hostname": host, "user": {"userid": user}},
        "target": {"process": {"commandLine": command, "file": {"fullPath": image}}},
    }


def _write(file: Path, launches: list[Mapping[str, object]]) -> str:
    file.write_text("".join(json.dumps(launch) + "\n" for launch in launches), encoding="utf-8")
    return file.name


def test_tools_of_the_history_are_usual_and_others_are_new(tmp_path: Path) -> None:
    """Eight days of `az` on a build server: `az` stays quiet there, `aws` is new; letters do not matter."""
    history = [_launch(day, day, "Build-07", "Alice", AZ) for day in range(1, 9)]
    built = windshear("baseline", "build", _write(tmp_path / "history.jsonl", history), "-o", "context", cwd=tmp_path)
    assert built.code == 0, built.err
    today = [
        _launch(100, 20, "BUILD-07", "bob", AZ),  # the host knows it
        _launch(101, 20, "build-07", "ALICE", AWS),  # new for both
        _launch(102, 20, "ws-9", "alice", AWS),  # a host without history
    ]
    rule = next(one for one in builtin_pack("t1021_007").rules if one.name == RULE)
    scanned = windshear(
        *("scan", _write(tmp_path / "today.jsonl", today), "--rules", rule.rule, "--context", "context"),
        *("--format", "jsonl"),
        cwd=tmp_path,
    )
    assert scanned.code == 0, scanned.err
    found = [json.loads(line)["detection"][0] for line in scanned.out.splitlines()]
    assert [{pair["key"]: pair["value"] for pair in one["detectionFields"]} for one in found] == [
        {"host": "build-07", "person_id": "alice", "family": "aws"}
    ]
    outcomes = {pair["key"]: pair["value"] for pair in found[0]["outcomes"]}
    assert (outcomes["baseline_days"], outcomes["risk_score"]) == ("8", "44")
