"""The baselines of programs: what is learned from history is what the rule asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.command import windshear
from windshear.packs.pack import builtin_pack

RULE = "workload_identity_new_origin"
PRINCIPAL = "59000000-0000-4000-8000-000000000001"


def _sign_in(day: int, network: int = 64501, key: str = "key-1", principal: str = PRINCIPAL) -> Mapping[str, object]:
    """Return a sign-in of a service principal, as Microsoft Graph gives it."""
    return {
        "id": f"{day}-{network}-{key}-{principal}",
        "createdDateTime": f"2026-02-{day:02}T09:00:00Z",
        "appId": "a9900000-0000-4000-8000-000000000001",
        "appDisplayName": "nightly-report",
        "servicePrincipalId": principal.upper(),
        "servicePrincipalCredentialKeyId": key,
        "signInEventTypes": ["servicePrincipal"],
        "ipAddress": "198.51.100.20",
        "autonomousSystemNumber": network,
        "status": {"errorCode": 0},
    }


def _write(file: Path, records: list[Mapping[str, object]]) -> str:
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file.name


def test_origins_of_the_history_are_usual_and_others_are_new(tmp_path: Path) -> None:
    """Eight days from one network with one key: both stay quiet, another of either is new; so is no unknown program."""
    history = _write(tmp_path / "history.jsonl", [_sign_in(day) for day in range(1, 9)])
    built = windshear("baseline", "build", history, "-o", "context", cwd=tmp_path)
    assert built.code == 0, built.err
    today = [_sign_in(20), _sign_in(21, network=64777), _sign_in(22, key="key-2"), _sign_in(23, principal="another")]
    rule = next(one for one in builtin_pack("t1021_007").rules if one.name == RULE)
    scanned = windshear(
        *("scan", _write(tmp_path / "today.jsonl", today), "--rules", rule.rule, "--context", "context"),
        *("--format", "jsonl"),
        cwd=tmp_path,
    )
    assert scanned.code == 0, scanned.err
    found = [json.loads(line)["detection"][0] for line in scanned.out.splitlines()]
    outcomes = [{pair["key"]: pair["value"] for pair in one["outcomes"]} for one in found]
    assert [(one["risk_new_network"], one["risk_new_credential"]) for one in outcomes] == [("12", "0"), ("0", "12")]
    assert {one["baseline_days"] for one in outcomes} == {"8"}
