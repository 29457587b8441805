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
