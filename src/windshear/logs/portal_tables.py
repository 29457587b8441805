"""Rows of tables that portals export, written anew as records with the names of the product's interface.

Lists are spread over numbered columns. `portal_columns` says how rows are read as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import orjson

from windshear.logs.first_key import parse_object

Row = Mapping[str, str]

TARGETS, PROPERTIES, DETAILS = 3, 5, 10  # numbered columns that are looked at
_TARGET = re.compile("target([0-9]{1,2})")

# Columns by which a row is told; they stay beside what is made of it.
AUDIT_EVIDENCE = ("Date (UTC)", "CorrelationId", "Activity")
OKTA_EVIDENCE = ("event_type", "timestamp", "outcome.result")


def audit(text: str) -> str:
    """Return a row of a table of directory changes as a record of Microsoft Graph; any other text as it is."""
    return _rewritten(text, _audit, AUDIT_EVIDENCE)


def okta(text: str) -> str:
    """Return a row of a table of Okta's System Log as a record of its interface; any other text as it is."""
    return _rewritten(text, _okta, OKTA_EVIDENCE)


def _rewritten(text: str, record_of: Callable[[Row], dict[str, object]], kept: Sequence[str]) -> str:
    row = parse_object(text)
    if row is None:
        return text
    try:
        cells = {
            name: cell if isinstance(cell, str) else orjson.dumps(cell).decode()
            for name, cell in row.items()
            if cell not in ("", None)
        }
        return orjson.dumps({**_filled(record_of(cells)), **{name: row.get(name) for name in kept}}).decode()
    except TypeError:  # a text that is no UTF-8, or a number too large
        return text


def _audit(row: Row) -> dict[str, object]:
    is_app = row.get("ActorType", "").casefold() in ("application", "serviceprincipal", "service principal")
    name = row.get("ActorDisplayName")
    app = {
        "displayName": row.get("ActorServicePrincipalName") or (name if is_app else None),
        "servicePrincipalId": row.get("ActorServicePrincipalId") or (row.get("ActorObjectId") if is_app else None),
    }
    user = {
        "id": row.get("ActorObjectId"),
        "displayName": name,
        "userPrincipalName": row.get("ActorUserPrincipalName"),
        "ipAddress": row.get("IPAddress"),
    }
    by: dict[str, object] = {"app": _filled(app)} if is_app else {"user": _filled(user)}
    return {
        "activityDateTime": row.get("Date (UTC)"),
        "activityDisplayName": row.get("Activity"),
        "correlationId": row.get("CorrelationId"),
        "loggedByService": row.get("Service"),
        "category": row.get("Category"),
        "result": row.get("Result"),
        "resultReason": row.get("ResultReason"),
        "userAgent": row.get("User Agent"),
        "callerIpAddress": row.get("IPAddress"),
        "tenantId": row.get("ActorHomeTenantId"),
        "initiatedBy": by,
        "targetResources": [target for n in range(1, TARGETS + 1) if (target := _target(row, f"Target{n}"))],
        "additionalDetails": [
            {"key": row[key], "value": row.get(f"AdditionalDetail{n}Value")}
            for n in range(1, DETAILS + 1)
            if (key := f"AdditionalDetail{n}Key") in row
        ],
    }


def _target(row: Row, above: str) -> dict[str, object]:
    changed = [
        {
            "displayName": row[name],
            "oldValue": row.get(f"{above}ModifiedProperty{n}OldValue"),
            "newValue": row.get(f"{above}ModifiedProperty{n}NewValue"),
        }
        for n in range(1, PROPERTIES + 1)
        if (name := f"{above}ModifiedProperty{n}Name") in row
    ]
    return _filled(
        {
            "id": row.get(f"{above}ObjectId"),
            "displayName": row.get(f"{above}DisplayName"),
            "type": row.get(f"{above}Type"),
            "userPrincipalName": row.get(f"{above}UserPrincipalName"),
            "modifiedProperties": changed,
        }
    )


def _okta(row: Row) -> dict[str, object]:
    record: dict[str, object] = {"published": row.get("timestamp")}
    targets: dict[str, dict[str, object]] = {}
    for column, cell in row.items():
        number, path = _okta_place(column)
        if number is None:
            _put(record, path, cell)
        else:
            targets.setdefault(number, {})[path[-1]] = cell
    record["target"] = [targets[number] for number in sorted(targets, key=int)]
    return record


@lru_cache(maxsize=1024)  # rows of a table have the same columns
def _okta_place(column: str) -> tuple[str | None, Sequence[str]]:
    """Return where a column stands in a record; a number, if that is in a target, of which there are several.

    >>> _okta_place("target0.display_name")
    ('0', ['target0', 'displayName'])
    """
    path = [_camel(step) for step in column.split(".")]
    numbered = _TARGET.fullmatch(path[0]) if len(path) > 1 else None
    return numbered and numbered[1], path


def _put(record: dict[str, object], path: Sequence[str], cell: str) -> None:
    """Put a value into a record; where a column says otherwise what stands there, the first column counts."""
    *above, last = path
    place = record
    for step in above:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        place = inner
    place.setdefault(last, cell)


def _camel(name: str) -> str:
    """Write a name as Okta's interface does.

    >>> _camel("raw_user_agent")
    'rawUserAgent'
    """
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _filled(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value}
