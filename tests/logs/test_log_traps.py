"""Traps found in real logs, one test each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import pytest

from tests.logs.support import COLUMNS, TEXT, TEXTS, json_lines, take
from windshear.engine.identities import event_digests
from windshear.logs.repeats import Repeats
from windshear.udm.columns import Column, MessagesColumn

_HERE = Path(__file__).parent
AWS: dict[str, object] = {
    "eventVersion": "1.08",
    "eventTime": "2026-01-02T03:04:05Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
}
ENTRA: dict[str, object] = {
    "createdDateTime": "2026-01-02T03:04:05Z",
    "appId": "app",
    "status": {"errorCode": 0},
    "userPrincipalName": "ana@corp.example",
}


def row(record: Mapping[str, object], columns: dict[str, Column] | None = None) -> dict[str, object]:
    """Take in one record."""
    return take(json_lines(record), columns).rows()[0]


@pytest.mark.parametrize("address", ["225.01.00.16", "AWS Internal", "ec2.amazonaws.com", "256.1.1.1"])
def test_source_address_that_is_no_address(address: str) -> None:
    """The event and the text are kept; nothing that is no address gets among the addresses."""
    found = row(AWS | {"sourceIPAddress": address})
    assert (found["principal.ip"], found["principal.hostname"]) == (None, address)


@pytest.mark.parametrize("identity", [None, {}, {"type": None}, "a text"])
def test_missing_identity(identity: object) -> None:
    """An event without an identity, or without its type, is an event."""
    columns: dict[str, Column] = {"principal.resource.type": TEXT, "network.http.user_agent": TEXT}
    found = row(AWS | {"userIdentity": identity, "userAgent": "[aws-cli/2.0]"}, columns)
    assert (found["principal.resource.type"], found["network.http.user_agent"]) == (None, "[aws-cli/2.0]")


@pytest.mark.parametrize("elements", [None, {"ConsoleLogin": "Failure"}, "a text", 5, []])
def test_fields_of_several_shapes(elements: object) -> None:
    """`responseElements` and `requestParameters` may be null, an object, a text or anything."""
    found = row(AWS | {"responseElements": elements, "requestParameters": elements})
    action = "BLOCK" if isinstance(elements, dict) else "ALLOW"
    assert found["security_result"] == [{"action": [action], "rule_id": None}]


def test_trust_policy_can_be_read() -> None:
    """A call that opens a trust policy and one that restores it differ in the policy alone, which rules can test."""
    name = 'target.resource.attribute.labels["requestParameters.policyDocument"]'
    call = AWS | {"eventName": "UpdateAssumeRolePolicy"}
    policies = [
        '{"Statement":[{"Principal":{"AWS":"*"}}]}',
        '{"Statement":[{"Principal":{"Service":"ec2.amazonaws.com"}}]}',
    ]
    found = [
        row(call | {"requestParameters": {"policyDocument": policy}}, COLUMNS | {name: TEXT}) for policy in policies
    ]
    assert [event[name] for event in found] == policies
    assert found[0]["metadata.event_type"] == found[1]["metadata.event_type"]


LOGSTASH = {key: value for key, value in AWS.items() if key != "eventTime"} | {"@timestamp": AWS["eventTime"]}
ENVELOPES = {
    "record": json.dumps(AWS),
    "S3 delivery": json.dumps({"Records": [AWS]}),
    "array": json.dumps([AWS], indent=2),
    "LookupEvents": json.dumps({"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(AWS)}]}),
    "LookupEvents line": json.dumps({"EventId": "1", "CloudTrailEvent": json.dumps(AWS)}),
    "EventBridge": json.dumps({"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": AWS}),
    "search export": json.dumps({"_index": "i", "_source": AWS}),
    "Logstash": json.dumps(LOGSTASH),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_envelopes_of_cloudtrail(name: str) -> None:
    """The same record gives the same event in every envelope."""
    assert take(ENVELOPES[name].encode()).rows() == [row(AWS)]


def test_identity_is_over_the_record_in_its_array() -> None:
    """A record in an array or wrapper keeps its own text, byte by byte."""
    text = '{ "eventVersion" : "1.08","eventTime":"2026-01-02T03:04:05Z", "eventSource":"s","eventName":"é\\u00e9" }'
    for whole in (text, f"[{text}]", f'{{"Records" : [ {text} ] }}'):
        assert [part.records.text(0) for part in take(whole.encode()).events] == [text]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("iam.amazonaws.com", "USER_CREATION"),
        ("sso-directory.amazonaws.com", "USER_CREATION"),
        ("transfer.amazonaws.com", "USER_RESOURCE_CREATION"),
    ],
)
def test_create_user_of_several_services(source: str, expected: str) -> None:
    """A user is created only by services that keep people."""
    assert row(AWS | {"eventSource": source})["metadata.event_type"] == expected


def test_same_id_with_other_content() -> None:
    """Two records with one id are two events; which ones are copies is decided by content, later."""
    taken = take(json_lines(AWS | {"eventID": "1"}, AWS | {"eventID": "1", "eventName": "DeleteUser"}))
    assert [found["metadata.event_type"] for found in taken.rows()] == ["USER_CREATION", "USER_DELETION"]


def test_the_same_record_again() -> None:
    """A record that an export repeats is one event; one with the same id and other content is not."""
    taken = take(json_lines(ENTRA | {"id": "1"}, ENTRA | {"id": "1"}, ENTRA | {"id": "1", "appId": "other"}))
    with Repeats() as repeats:
        (part,) = taken.events
        assert repeats.new(event_digests(part.log_type, part.records.texts)) == [True, False, True]


@pytest.mark.parametrize("requirement", ["", None])
def test_empty_authentication_requirement(requirement: str | None) -> None:
    """An empty requirement is unknown, not single factor."""
    name = 'additional.fields["authenticationRequirement"]'
    columns: dict[str, Column] = {name: TEXT, "extensions.auth.auth_details": TEXT}
    found = row(ENTRA | {"authenticationRequirement": requirement}, columns)
    assert (found[name], found["extensions.auth.auth_details"]) == (None, None)


def test_risk_level_is_kept_as_it_is() -> None:
    """`hidden` stays `hidden`, an empty level is absent, and no level becomes a score."""
    name = 'security_result.detection_fields["riskLevelDuringSignIn"]'
    columns: dict[str, Column] = {name: TEXT, "security_result": MessagesColumn({"risk_score": TEXT, "action": TEXTS})}
    assert row(ENTRA | {"riskLevelDuringSignIn": "hidden"}, columns)[name] == "hidden"
    assert row(ENTRA | {"riskLevelDuringSignIn": ""}, columns)[name] is None
    assert row(ENTRA, columns)["security_result"] == [{"action": ["ALLOW"], "risk_score": None}]


def test_operation_name_keeps_its_text() -> None:
    """An en dash and a trailing space in a name are part of it."""
    name = "Sign-in \u2013 activity "
    assert row(ENTRA | {"operationName": name})["metadata.product_event_type"] == name


@pytest.mark.parametrize(
    "name", ["Update application \u2013 Certificates and secrets management ", "Update application."]
)
def test_operation_names_of_directory_changes(name: str) -> None:
    """What public rules search for is found in the log of the directory and in the unified audit log, as written."""
    entra = {
        "activityDateTime": "2026-01-02T03:04:05Z",
        "activityDisplayName": name,
        "loggedByService": "Core Directory",
    }
    office = {"CreationTime": "2026-01-02T03:04:05", "Operation": name, "Workload": "AzureActiveDirectory"}
    found = [row(record) for record in (entra, {**office, "RecordType": 8})]
    assert [item["metadata.product_event_type"] for item in found] == [name, name]
    assert [item["metadata.event_type"] for item in found] == ["SERVICE_MODIFICATION", "USER_RESOURCE_UPDATE_CONTENT"]


AZURE: dict[str, object] = {"category": "Administrative", "resultType": "Start", "caller": "ana@corp.example"}


@pytest.mark.parametrize(
    "record",
    [
        {"operationName": "A/B/WRITE", "resourceId": "/s", "time": "2026-01-02T03:04:05Z", **AZURE},
        {"operationname": "A/B/WRITE", "resourceid": "/s", "time": "2026-01-02T03:04:05Z", **AZURE},
        {"OperationNameValue": "A/B/WRITE", "CategoryValue": "Administrative", "TimeGenerated": "2026-01-02T03:04:05Z"},
        {"operationName": {"value": "A/B/WRITE"}, "eventDataId": "1", "eventTimestamp": "2026-01-02T03:04:05Z"},
        {"operation_name": {"value": "A/B/WRITE"}, "event_data_id": "1", "event_timestamp": "2026-01-02T03:04:05Z"},
    ],
)
def test_spellings_of_azure_operations(record: dict[str, object]) -> None:
    """The name of an operation is read in every spelling, also where it is an object."""
    found = row(record)
    assert (found["metadata.product_event_type"], found["ts_us"]) == ("A/B/WRITE", 1767323045_000000)


def test_records_of_one_azure_operation() -> None:
    """Of the records of one operation, those that tell how it went have an action."""
    start = {"operationName": "A/B/WRITE", "resourceId": "/s", "time": "2026-01-02T03:04:05Z", **AZURE}
    found = [row(start | {"resultType": result}) for result in ("Start", "Accept", "Success", "Failure")]
    results = [cast("list[dict[str, object]]", item["security_result"]) for item in found]
    actions = [result["action"] for (result,) in results]
    assert actions == [None, ["ALLOW"], ["ALLOW"], ["BLOCK"]]


def test_capitalised_envelope() -> None:
    """A diagnostic export is read with small and with capital keys."""
    properties = {"id": "1", **ENTRA}
    for category in ("category", "Category"):
        record = {"time": "2026-01-02T03:04:06Z", category: "SignInLogs", "properties": properties}
        found = row(record)
        assert (found["target.user.userid"], found["ts_us"]) == ("ana@corp.example", 1767323045_000000)


def test_record_without_audit_payload() -> None:
    """A cloud log of another kind goes to quarantine with its name, not guessed."""
    taken = take(json_lines({"logName": "l", "insertId": "1", "textPayload": "x"}, AWS))
    assert [(record.number, record.reason) for record in taken.quarantined] == [
        (1, "unsupported log type (GCP log without an audit payload)")
    ]
    assert len(taken.rows()) == 1


def test_objects_written_as_text() -> None:
    """Log Analytics exports carry objects as JSON text, and times without a zone."""
    record = {
        "Type": "SigninLogs",
        "TimeGenerated": "2026-01-02T03:04:05",
        "Status": '{"errorCode": 50126}',
        "DeviceDetail": '{"displayName": "WS-7"}',
        "IPAddress": "192.0.2.1",
    }
    found = row(record)
    assert found["ts_us"] == 1767323045_000000
    assert found["principal.hostname"] == "WS-7"
    assert found["security_result"] == [{"action": ["BLOCK"], "rule_id": "50126"}]


@pytest.mark.parametrize("time", ["1/2/2026, 3:04:05.000 AM", "2026-01-02T03:04:05", "2026-01-02T03:04:05.0000000Z"])
def test_columns_in_utc(time: str) -> None:
    """The portal's export says in the name of a column that its times are in UTC."""
    text = f'TimeGenerated [UTC],Type,Status,IPAddress\n"{time}",SigninLogs,"{{""errorCode"": 50126}}",192.0.2.1\n'
    found = take(text.encode()).rows()[0]
    assert (found["ts_us"], found["security_result"]) == (
        1767323045_000000,
        [{"action": ["BLOCK"], "rule_id": "50126"}],
    )


def test_federated_console_login_can_be_told() -> None:
    """A rule can tell a console login whose second factor was checked elsewhere."""
    columns: dict[str, Column] = {
        "extensions.auth.auth_details": TEXT,
        "extensions.auth.type": TEXT,
        "principal.resource.type": TEXT,
        'target.resource.attribute.labels["additionalEventData.SamlProviderArn"]': TEXT,
    }
    login = AWS | {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin"}
    no_mfa = {"MFAUsed": "No"}
    iam = row(login | {"userIdentity": {"type": "IAMUser"}, "additionalEventData": no_mfa}, columns)
    role = row(login | {"userIdentity": {"type": "AssumedRole"}, "additionalEventData": no_mfa}, columns)
    saml = row(login | {"additionalEventData": {**no_mfa, "SamlProviderArn": "arn:x"}}, columns)
    assert [found["extensions.auth.auth_details"] for found in (iam, role, saml)] == ["MFAUsed: No"] * 3
    assert [found["extensions.auth.type"] for found in (iam, role, saml)] == ["MACHINE", "SSO", "SSO"]
    assert saml['target.resource.attribute.labels["additionalEventData.SamlProviderArn"]'] == "arn:x"


def test_azure_cli_on_windows() -> None:
    """`az login` on Windows is a Python process below cmd; both command lines are there."""
    columns: dict[str, Column] = {"target.process.command_line": TEXT, "principal.process.command_line": TEXT}
    found = take(_HERE / "windows_sysmon" / "winlogbeat.jsonl", columns).rows()[0]
    assert str(found["target.process.command_line"]).endswith("-IBm azure.cli login")
    assert "az.cmd" in str(found["principal.process.command_line"])


@pytest.mark.parametrize(
    "text",
    [
        '{"eventName":"CreateUser","eventName":"DeleteUser",%s',
        '{"x":{"eventName":1},"eventName":"CreateUser","eventName":{"a":1},%s',
    ],
)
def test_repeated_key(text: str) -> None:
    """The first of repeated keys counts, at the gate, in columns and in the whole event."""
    rest = '"eventVersion":"1","eventSource":"iam.amazonaws.com","eventTime":"2026-01-02T03:04:05Z"}'
    for log_type in (None, "AWS_CLOUDTRAIL"):
        found = take((text % rest).encode() + b"\n", COLUMNS, log_type).rows()
        assert [event["metadata.event_type"] for event in found] == ["USER_CREATION"]


# What real logs hold, by number; each is shown by the tests beside it.
TRAPS: dict[int, tuple[str, tuple[Callable[..., None], ...]]] = {
    1: ("source addresses that are no addresses: octets with leading zeros", (test_source_address_that_is_no_address,)),
    2: (
        "service names as source addresses, user agents in square brackets, identities without a type",
        (test_source_address_that_is_no_address, test_missing_identity),
    ),
    3: ("parameters and answers that are null, an object or a text", (test_fields_of_several_shapes,)),
    4: (
        "CloudTrail in its wrappers",
        (test_envelopes_of_cloudtrail, test_identity_is_over_the_record_in_its_array),
    ),
    5: ("one operation name in several services", (test_create_user_of_several_services,)),
    6: ("ids that repeat, and records that repeat", (test_same_id_with_other_content, test_the_same_record_again)),
    7: (
        "empty authentication requirements, hidden risk levels",
        (test_empty_authentication_requirement, test_risk_level_is_kept_as_it_is),
    ),
    8: (
        "en dashes, trailing spaces and full stops in operation names",
        (test_operation_name_keeps_its_text, test_operation_names_of_directory_changes),
    ),
    9: ("spellings of Azure's keys", (test_spellings_of_azure_operations, test_capitalised_envelope)),
    10: ("attack and clean-up that only the policy tells apart", (test_trust_policy_can_be_read,)),
    11: ("cloud logs without an audit payload", (test_record_without_audit_payload,)),
    12: (
        "objects as text, times without a zone, columns in UTC",
        (test_objects_written_as_text, test_columns_in_utc),
    ),
    13: ("federated logins say that there was no second factor", (test_federated_console_login_can_be_told,)),
    14: ("several records of one Azure operation", (test_records_of_one_azure_operation,)),
    15: ("`az login` on Windows", (test_azure_cli_on_windows,)),
    16: ("a key that repeats", (test_repeated_key,)),
}


def test_every_trap_has_its_tests() -> None:
    """The list has no gap, and each test of this file is listed."""
    listed = {test.__name__ for _, tests in TRAPS.values() for test in tests}
    written = {name for name in globals() if name.startswith("test_")} - {"test_every_trap_has_its_tests"}
    assert (list(TRAPS), listed) == (list(range(1, 17)), written)
    assert all(tests for _, tests in TRAPS.values())
