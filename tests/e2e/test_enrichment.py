"""Enrichment by the real command: one person over logs of several kinds, egress, places, and derived context."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.e2e.command import line, windshear
from tests.mmdb import write_mmdb

USERS = Path(__file__).parent.parent / "logs" / "azure_ad_context" / "users_page.json"
ANA = "ana@corp.example"
SID = "S-1-5-21-3623811015-3361044348-30300820-1013"
OBJECT_ID = "26be570a-ae82-4189-b4e2-a37c6808512d"
PLACE = {"country": {"names": {"en": "Norway"}}, "city": {"names": {"en": "Oslo"}}}

RULE = """rule one_person {
  meta:
    author = "x"
  events:
    $e.principal.user.attribute.labels["person_id"] = $person
  match:
    $person over 1h
  outcome:
    $logs = array_distinct($e.metadata.log_type)
    $countries = array_distinct($e.principal.ip_geo_artifact.location.country_or_region)
  condition:
    #e > 1
}
rule from_its_host {
  meta:
    author = "x"
  events:
    $host.target.process.command_line = /az login/
    $host.principal.nat_ip = $address
    $login.metadata.log_type = "AZURE_AD"
    $login.principal.ip = $address
    $host.principal.user.attribute.labels["person_id"] = $person
    $login.principal.user.attribute.labels["person_id"] = $person
  match:
    $person, $address over 10m
  condition:
    $host and $login
}
"""


def sysmon(user: str, host: str = "WS5.corp.example") -> dict[str, object]:
    """Return the launch of a process as Sysmon logs it."""
    return {
        "EventID": 1,
        "SourceName": "Microsoft-Windows-Sysmon",
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "TimeCreated": "2026-02-11T09:12:03Z",
        "Hostname": host,
        "User": user,
        "Image": "C:\\Windows\\System32\\cmd.exe",
        "CommandLine": "cmd.exe /c az login",
        "ProcessGuid": "{39e4a257-fc4b-5f90-9411-000000000700}",
        "UtcTime": "2026-02-11 09:12:03.000",
    }


def logon() -> dict[str, object]:
    """Return a failed log-on that names an account by its SID only."""
    return {
        "EventID": 4648,
        "SourceName": "Microsoft-Windows-Security-Auditing",
        "Channel": "Security",
        "TimeCreated": "2026-02-11T09:13:03Z",
        "Hostname": "WS5.corp.example",
        "SubjectUserSid": SID,
        "SubjectUserName": "aruiz",
        "SubjectDomainName": "CORP",
        "TargetUserName": "admin",
        "TargetServerName": "srv",
    }


def sign_in() -> dict[str, object]:
    """Return a sign-in as Microsoft Graph exports it."""
    return {
        "id": "s-1",
        "createdDateTime": "2026-02-11T09:14:03Z",
        "userDisplayName": "Ana Ruiz",
        "userPrincipalName": "ANA@corp.example",
        "userId": OBJECT_ID,
        "appId": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "appDisplayName": "Microsoft Azure CLI",
        "ipAddress": "198.51.100.9",
        "clientAppUsed": "Browser",
        "isInteractive": True,
        "status": {"errorCode": 0},
    }


def trail(session: str, number: int = 1) -> bytes:
    """Return a CloudTrail record of an assumed role."""
    identity = {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLEEXAMPLEXX:{session}",
        "arn": f"arn:aws:sts::123456789012:assumed-role/Admin/{session}",
        "accountId": "123456789012",
    }
    return line(
        eventName="ListBuckets",
        eventSource="s3.amazonaws.com",
        eventID=f"t-{number}",
        eventTime="2026-02-11T09:20:00Z",
        sourceIPAddress="198.51.100.77",
        userIdentity=identity,
    )


def google() -> dict[str, object]:
    """Return a record of Google Cloud."""
    return {
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": "ana.ruiz@corp.example"},
            "requestMetadata": {"callerIp": "203.0.113.7"},
            "serviceName": "storage.googleapis.com",
            "methodName": "storage.buckets.list",
        },
        "insertId": "g-1",
        "resource": {"type": "gcs_bucket", "labels": {"project_id": "p"}},
        "timestamp": "2026-02-11T09:25:00Z",
        "severity": "INFO",
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Fdata_access",
    }


LINUX = (
    'type=USER_CMD msg=audit(1770802200.687:423): pid=2100 uid=1000 auid=1000 ses=6 msg=\'cwd="/" cmd="true" '
    'exe="/usr/bin/sudo" terminal=pts/0 res=success\'\x1dUID="aruiz" AUID="ana-linux"\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write logs of six kinds, the rules, and a context."""
    (tmp_path / "logs").mkdir()
    logs = {"sysmon": sysmon("CORP\\aruiz"), "windows": logon(), "entra": sign_in(), "google": google()}
    for name, record in logs.items():
        (tmp_path / "logs" / f"{name}.jsonl").write_text(json.dumps(record) + "\n")
    (tmp_path / "logs" / "trail.jsonl").write_bytes(trail(ANA))
    (tmp_path / "logs" / "audit.log").write_text(LINUX)
    (tmp_path / "rules.yaral").write_text(RULE)
    context = tmp_path / "context"
    (context / "tables").mkdir(parents=True)
    (context / "geoip").mkdir()
    made = windshear("normalize", USERS, "-t", "azure_ad_context", "-o", "context/entities.jsonl", cwd=tmp_path)
    assert made.code == 0, made.err
    (context / "tables" / "person_aliases.csv").write_text("alias,person_id,documented\nana-linux,ana@corp.example,x\n")
    egress = "cidr:cidr,public_ip,site,hostname\n10.0.0.0/8,203.0.113.7,hq,\n,198.51.100.9,hq,ws5\n"
    (context / "tables" / "site_egress.csv").write_text(egress)
    write_mmdb(context / "geoip" / "places.mmdb", {"198.51.100.0/24": PLACE})
    return tmp_path


def test_one_person_over_all_logs(folder: Path) -> None:
    """Rules match over the person; the events that are shown have what was added; sift makes no difference."""
    arguments = ("scan", "logs", "-r", "rules.yaral", "--context", "context", "-f", "jsonl")
    done = windshear(*arguments, cwd=folder)
    assert done.code == 0, done.err
    found = {each["detection"][0]["ruleName"]: each for each in done.json_lines}
    person = found["one_person"]["detection"][0]
    outcomes = {each["key"]: each["value"] for each in person["outcomes"]}
    assert {each["key"]: each["value"] for each in person["detectionFields"]} == {"person": ANA}
    logs = {"AUDITD", "AWS_CLOUDTRAIL", "AZURE_AD", "GCP_CLOUDAUDIT", "WINDOWS_SYSMON", "WINEVTLOG"}
    assert set(outcomes["logs"].split(", ")) == logs
    assert "Norway" in outcomes["countries"]
    assert found["from_its_host"]["detection"][0]["detectionFields"][-1]["value"] == "198.51.100.9"
    shown = [event["event"] for each in found["one_person"]["collectionElements"] for event in each["references"]]
    assert len(shown) == 6
    for event in shown:
        assert {"key": "person_id", "value": ANA} in event["principal"]["user"]["attribute"]["labels"]
    assert any(event["principal"].get("natIp") == ["198.51.100.9"] for event in shown)
    assert any(event["principal"].get("ipGeoArtifact", [{}])[0].get("location", {}).get("city") for event in shown)
    assert "persons known by" in done.err
    assert "not read: no rule reads entities" not in done.err
    assert windshear(*arguments, "--no-sift", cwd=folder).json_lines == done.json_lines


@pytest.mark.parametrize("name", ["events.jsonl", "events.parquet"])
def test_normalised_events_keep_it(folder: Path, name: str) -> None:
    """Events that were written with it give the same without the context, and with it nothing is added twice."""
    written = windshear("normalize", "logs", "--context", "context", "-o", name, "--stats", cwd=folder)
    assert written.code == 0, written.err
    assert "persons known by" in written.err
    arguments = ("scan", "-r", "rules.yaral", "-f", "jsonl")
    expected = windshear(*arguments, "logs", "--context", "context", cwd=folder)
    for context in ((), ("--context", "context")):
        again = windshear(*arguments, name, *context, cwd=folder)
        assert sorted(map(bare, again.json_lines)) == sorted(map(bare, expected.json_lines))
    twice = windshear("normalize", name, "--context", "context", "-o", "twice.jsonl", cwd=folder)
    once = windshear("normalize", name, "-o", "once.jsonl", cwd=folder)
    assert twice.code == once.code == 0
    assert (folder / "twice.jsonl").read_text() == (folder / "once.jsonl").read_text()


def bare(found: dict[str, Any]) -> str:
    """Return what a detection says, without what depends on the form of the logs."""
    (detection,) = found["detection"]
    return json.dumps([detection.get(name) for name in ("ruleName", "detectionFields", "outcomes")])


def test_without_context_nothing_is_added(folder: Path) -> None:
    """What is not supplied is not there."""
    done = windshear("scan", "logs", "-r", "rules.yaral", "-f", "jsonl", cwd=folder)
    assert (done.code, done.json_lines) == (0, [])
    assert "person_id" not in windshear("normalize", "logs", cwd=folder).out


def test_search_and_an_option_for_places(folder: Path) -> None:
    """Searches see it, too; a database may also be named by an option."""
    query = 'principal.ip_geo_artifact.location.city = "Oslo" and metadata.log_type = "AZURE_AD"'
    place = ("--geoip", "context/geoip/places.mmdb")
    done = windshear("search", query, "logs", *place, "-f", "jsonl", cwd=folder)
    assert (done.code, len(done.json_lines)) == (0, 1), done.err


def test_users_that_may_be_several_are_counted(folder: Path) -> None:
    """A bare name that two persons have gives nobody, and the summary says so."""
    entities = folder / "context" / "entities.jsonl"
    for domain in ("a.example", "b.example"):
        user = {"administrativeDomain": domain, "user": {"userid": "admin"}}
        entity = {"metadata": {"entityType": "USER"}, "entity": user}
        entities.write_text(entities.read_text() + json.dumps(entity) + "\n")
    (folder / "logs" / "more.jsonl").write_bytes(trail("admin", 2) + trail("admin", 3))
    query = 'principal.user.attribute.labels["person_id"] != ""'
    done = windshear("search", query, "logs", "--context", "context", "-f", "jsonl", cwd=folder)
    assert (done.code, len(done.json_lines)) == (0, 6), done.err
    assert "1 of them of several persons" in done.err
    assert "2 users of events may be several persons, and got no person_id: " in done.err


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("tables/person_aliases.csv", "name,person\na,b\n", "needs a column `alias`; it has `name` or `person`"),
        (
            "tables/person_aliases.csv",
            "alias,person_id\na\n",
            "is broken: context/tables/person_aliases.csv:2: 1 cells",
        ),
        ("tables/site_egress.csv", "cidr:cidr,public_ip\n10.0.0.0/8,here\n", "row 1, column `public_ip`"),
        ("tables/site_egress.csv", "cidr:cidr,public_ip\nten,203.0.113.1\n", "site_egress.csv:2, column `cidr`"),
        ("geoip/places.mmdb", "no database", "`context/geoip/places.mmdb` is no GeoIP database"),
    ],
)
def test_context_that_cannot_be_used(folder: Path, file: str, content: str, reason: str) -> None:
    """What is wrong ends the run, with the file and the reason, before anything is read."""
    (folder / "context" / file).write_text(content)
    done = windshear("normalize", "logs", "--context", "context", cwd=folder)
    assert (done.code, done.out) == (3, "")
    assert reason in done.err.replace("\n", " "), done.err


@pytest.mark.parametrize(
    "command", [("scan", "-r", "rules.yaral"), ("search", 'metadata.event_type != ""'), ("history",)]
)
def test_every_command_refuses_it(folder: Path, command: tuple[str, ...]) -> None:
    """The other commands that take a context refuse it in the same way."""
    (folder / "context" / "geoip" / "places.mmdb").write_text("no database")
    done = windshear(*command, "logs", "--context", "context", cwd=folder)
    assert (done.code, done.out) == (3, "")
    assert "`context/geoip/places.mmdb` is no GeoIP database" in done.err.replace("\n", " "), done.err


def test_broken_entities_are_counted(folder: Path) -> None:
    """Entities that cannot be read are left out, and said."""
    entities = folder / "context" / "entities.jsonl"
    entities.write_text(entities.read_text() + "broken\n")
    done = windshear("normalize", "logs", "--context", "context", cwd=folder)
    assert done.code == 0
    assert "1 entity could not be read" in done.err


DERIVED = """rule rare_file {
  meta:
    author = "x"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    $e.target.process.file.sha256 = $hash
    $g.graph.metadata.entity_type = "FILE"
    $g.graph.metadata.source_type = "DERIVED_CONTEXT"
    $g.graph.entity.file.sha256 = $hash
    $g.graph.entity.file.prevalence.day_count = 10
    $g.graph.entity.file.prevalence.rolling_max > 0
    $g.graph.entity.file.prevalence.rolling_max <= 2
  match:
    $hash over 1h
  condition:
    $e and $g
}
rule known_user {
  meta:
    author = "x"
  events:
    $e.principal.user.userid = $user
    $g.graph.metadata.entity_type = "USER"
    $g.graph.entity.user.userid = $user
    $g.graph.entity.user.first_seen_time.seconds < $e.metadata.event_timestamp.seconds
    $g.graph.entity.user.first_seen_time.seconds > 0
  match:
    $user over 1h
  condition:
    $e and $g
}
"""


def test_derived_context(folder: Path) -> None:
    """History gives entities that the rules of others read: rare files are found, common ones are not."""
    launches = [
        sysmon("CORP\\aruiz", f"WS{host}")
        | {"Hashes": f"SHA256={digest * 64}", "UtcTime": f"2026-02-10 09:0{host}:00.000"}
        for digest, hosts in (("a", 1), ("b", 5))
        for host in range(hosts)
    ]
    (folder / "earlier.jsonl").write_text("".join(json.dumps(launch) + "\n" for launch in launches))
    now = [sysmon("CORP\\aruiz") | {"Hashes": f"SHA256={digest * 64}"} for digest in "abc"]
    (folder / "now.jsonl").write_text("".join(json.dumps(launch) + "\n" for launch in now))
    (folder / "derived.yaral").write_text(DERIVED)
    made = windshear("history", "earlier.jsonl", "--entities", "context/derived.jsonl", cwd=folder)
    assert made.code == 0, made.err
    assert "8 entities derived" in made.err
    done = windshear("scan", "now.jsonl", "-r", "derived.yaral", "--context", "context", "-f", "jsonl", cwd=folder)
    assert done.code == 0, done.err
    detections = [each["detection"][0] for each in done.json_lines]
    found = {each["ruleName"]: [field["value"] for field in each["detectionFields"]] for each in detections}
    assert found == {"rare_file": ["a" * 64], "known_user": ["aruiz"]}
    assert "from context/entities.jsonl and context/derived.jsonl, 0 quarantined" in done.err


def test_history_for_metrics_and_entities_at_once(folder: Path) -> None:
    """Both are written in one run; metrics may count by what is added to events."""
    rule = """rule r { meta: author = "x"
      events: $e.metadata.event_type = "USER_LOGIN"
        $e.target.user.userid = $user
        $e.principal.ip_geo_artifact.location.country_or_region = $country
      match: $user, $country over 1h
      outcome: $n = max(metrics.auth_attempts_total(period: 1d, window: 30d, metric: event_count_sum, agg: sum,
        target.user.userid: $user, principal.ip_geo_artifact.location.country_or_region: $country))
      condition: $e }"""
    (folder / "metric.yaral").write_text(rule)
    wanted = ("-o", "context/metrics.parquet", "--entities", "context/derived.jsonl")
    made = windshear("history", "logs", "-r", "metric.yaral", *wanted, "--context", "context", cwd=folder)
    assert made.code == 0, made.err
    counted = pq.read_table(folder / "context" / "metrics.parquet").column("dimension_values").to_pylist()
    assert counted == [["Norway", "ANA@corp.example"]]
    assert (folder / "context" / "derived.jsonl").read_text()


def test_history_that_writes_nothing(folder: Path) -> None:
    """What is to be written must be said, and in two places."""
    for wanted, reason in (
        ((), "nothing is to be written"),
        (("-o", "x", "--entities", "x"), "cannot both go to"),
    ):
        done = windshear("history", "logs", *wanted, cwd=folder)
        assert done.code == 3
        assert reason in done.err
