"""What a simulation is made of: records of logs, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

import orjson

Verdict = Literal["flag", "flag_if_covered", "neutral", "clean"]
Json = dict[str, object]


class Log(Enum):
    """The logs that are written: each is one file, in the form in which the product's records are exported."""

    ENTRA_SIGN_INS = ("azure_ad.jsonl", "AZURE_AD")
    ENTRA_AUDIT = ("azure_ad_audit.jsonl", "AZURE_AD_AUDIT")
    AZURE_ACTIVITY = ("azure_activity.jsonl", "AZURE_ACTIVITY")
    GRAPH = ("microsoft_graph.jsonl", "MICROSOFT_GRAPH_ACTIVITY_LOGS")
    OFFICE = ("office_365.jsonl", "OFFICE_365")
    CLOUDTRAIL = ("aws_cloudtrail.jsonl", "AWS_CLOUDTRAIL")
    GCP = ("gcp_cloudaudit.jsonl", "GCP_CLOUDAUDIT")
    WORKSPACE = ("workspace_activity.jsonl", "WORKSPACE_ACTIVITY")
    OKTA = ("okta.jsonl", "OKTA")
    SYSMON = ("windows_sysmon.jsonl", "WINDOWS_SYSMON")
    POWERSHELL = ("powershell.jsonl", "POWERSHELL")
    WINDOWS = ("winevtlog.jsonl", "WINEVTLOG")
    ADFS = ("adfs.jsonl", "ADFS")
    AUDITD = ("auditd.log", "AUDITD")

    def __init__(self, file_name: str, log_type: str) -> None:
        self.file_name = file_name
        self.log_type = log_type


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a record: what a scan should make of it, and why.

    verdict: as in `labels.jsonl`. behaviours: ids (`B01`) of what it is, or, if it is benign, of what it looks like.
    campaign, stage, step: where it stands in a scenario; empty in the background. person: `person_id` of who is meant.
    """

    verdict: Verdict
    behaviours: tuple[str, ...]
    why: str
    labels: tuple[str, ...] = ()
    campaign: str = ""
    stage: str = ""
    step: int = 0
    person: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a log.

    time: when it happened. arrival: when the log's owner gets it, which is the order of files. text: one line or, in
    the Linux audit log, several. id: what the vendor calls it; empty if records have no id that is theirs alone.
    """

    log: Log
    time: datetime
    arrival: datetime
    text: bytes
    id: str = ""
    mark: Mark | None = None

    def marked(self, mark: Mark) -> Record:
        """Return the record with what is known of it."""
        return replace(self, mark=mark)


def json_record(log: Log, time: datetime, delay: timedelta, body: Json, record_id: str = "") -> Record:
    """Make a record that is one line of JSON. delay: from the event to its arrival."""
    return Record(log, time, time + delay, orjson.dumps(body), record_id)


def benign(records: Sequence[Record], behaviours: str, why: str, *, label: str, person: str = "") -> list[Record]:
    """Mark records of the background that look like some behaviours, with blanks between, and are none."""
    mark = Mark("clean", tuple(behaviours.split()), why, (label,), person=person)
    return [record.marked(mark) for record in records]
