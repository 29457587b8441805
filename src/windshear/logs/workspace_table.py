"""Activities of Google Workspace as Microsoft Sentinel's table `GoogleWorkspaceReports` has them.

A row is one event. What Google writes as objects stands in columns of its own, and the parameters are one object, often
as text, where Google has a list; a row is written anew as Google has it, and its columns stay beside.
"""

from __future__ import annotations

import orjson

from windshear.logs.first_key import parse_object

_AT_TOP = {"Kind": "kind", "Etag": "etag", "OwnerDomain": "ownerDomain", "SrcIpAddr": "ipAddress"}
_WITHIN = {
    "id": {
        "IdTime": "time",
        "IdApplicationName": "applicationName",
        "IdUniqueQualifier": "uniqueQualifier",
        "IdCustomerId": "customerId",
    },
    "actor": {
        "ActorEmail": "email",
        "ActorProfileId": "profileId",
        "ActorCallerType": "callerType",
        "ActorKey": "key",
    },
    "networkInfo": {
        "NetworkIpAsn": "ipAsn",
        "NetworkInfoRegionCode": "regionCode",
        "NetworkInfoSubdivisionCode": "subdivisionCode",
    },
}
_APPLICATION = {
    "ActorApplicationInfoOauthClientId": "oauthClientId",
    "ActorApplicationInfoApplicationName": "applicationName",
    "ActorApplicationInfoImpersonation": "impersonation",
}


def from_sentinel(text: str) -> str:
    """Write a row of the table as an activity of the Reports API."""
    row = parse_object(text)
    if row is None:
        return text
    activity: dict[str, object] = _named(row, _AT_TOP)
    for name, columns in _WITHIN.items():
        activity[name] = _named(row, columns)
    activity["actor"] = _named(row, _WITHIN["actor"]) | {"applicationInfo": _named(row, _APPLICATION)}
    found = row.get("EventParameters")
    parameters = parse_object(found) if isinstance(found, str) else found
    event = {"type": row.get("EventType"), "name": row.get("EventName")}
    if isinstance(parameters, dict):
        event["parameters"] = [{"name": name, _kind(value): value} for name, value in parameters.items()]
    try:
        return orjson.dumps(row | activity | {"events": [event]}).decode()
    except (TypeError, ValueError):  # a number that is out of range
        return text


def _named(row: dict[str, object], columns: dict[str, str]) -> dict[str, object]:
    return {name: row[column] for column, name in columns.items() if row.get(column) is not None}


def _kind(value: object) -> str:
    match value:
        case bool():
            return "boolValue"
        case int():
            return "intValue"
        case list():
            return "multiMessageValue" if any(isinstance(one, dict) for one in value) else "multiValue"
        case dict():
            return "messageValue"
        case _:
            return "value"
