"""AZURE_ACTIVITY: sign-ins that were sent with the activity log, read as public rules expect when the type is given."""

from __future__ import annotations

import json
from pathlib import Path

from tests.logs.support import full_events, take
from windshear.logs.normalise import Normaliser

_SIGN_INS = Path(__file__).parent / "azure_ad" / "diagnostic_export.jsonl"


def test_sign_ins_are_read_as_the_type_that_is_given(tmp_path: Path) -> None:
    """A refused sign-in has its error as action detail; by itself the record is AZURE_AD."""
    record = json.loads(_SIGN_INS.read_text(encoding="utf-8").splitlines()[1])
    record["resultType"] = "50173"
    file = tmp_path / "sign_ins.jsonl"
    file.write_text(json.dumps(record) + "\n", encoding="utf-8")
    normaliser = Normaliser()
    taken = take(file, log_type="AZURE_ACTIVITY", normaliser=normaliser)
    (event,) = full_events(taken, normaliser)
    assert event["metadata"]["eventType"] == "USER_LOGIN"
    assert event["metadata"]["productName"] == "Azure Activity"
    (result,) = event["securityResult"]
    assert (result["action"], result["actionDetails"]) == (["BLOCK"], "50173")
    assert result["categoryDetails"] == ["NonInteractiveUserSignInLogs"]
    assert event["principal"]["user"]["userid"] == "ana@corp.example"
    assert [part.log_type for part in take(file).events] == ["AZURE_AD"]


def test_month_comes_first_where_no_country_writes() -> None:
    """Diagnostic settings write times as .NET does; a table of the portal may be in the order of a country."""
    here = Path(__file__).parent / "azure_activity"
    table = (
        (here / "portal.csv").read_text(encoding="utf-8").replace("2026-03-02T11:00:00.123Z", "3/12/2026 8:00:00 AM")
    )
    (broken,) = [record for record in take(table.encode()).quarantined if record.number == 2]
    assert broken.reason == "no readable event time"
    record = json.loads((here / "export.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    normaliser = Normaliser()
    for written, time in {
        "3/12/2026 8:00:00 AM": "2026-03-12T08:00:00Z",
        "03/12/2026 20:00:00 +00:00": "2026-03-12T20:00:00Z",
    }.items():
        taken = take(json.dumps(record | {"time": written}).encode(), normaliser=normaliser)
        (event,) = full_events(taken, normaliser)
        assert event["metadata"]["eventTimestamp"] == time
