"""Rows of tables that portals export, as records with the names of the product's interface.

A row of the Entra portal says in words what a record says in values (`Success`, `Interrupted`; a place in one cell).
Lists are spread over numbered columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import orjson

from windshear.logs.first_key import parse_object

Row = Mapping[str, str]

_TARGETS, _PROPERTIES, _DETAILS = 3, 5, 10  # numbered columns that are looked at
_TARGET = re.compile("target([0-9]{1,2})")
_PLACE = re.compile(r"(?:(?P<city>[^,]*), )?(?:(?P<state>[^,]*), )?(?P<countryOrRegion>[A-Z]{2})")

_SIGN_IN = {
    "createdDateTime": "Date (UTC)",
    "id": "Request ID",
    "correlationId": "Correlation ID",
    "userAgent": "User agent",
    "userId": "User ID",
    "userDisplayName": "User",
    "userPrincipalName": "Username",
    "crossTenantAccessType": "Cross tenant access type",
    "incomingTokenType": "Incoming token type",
    "uniqueTokenIdentifier": "Unique token identifier",
    "originalTransferMethod": "Original transfer method",
    "clientCredentialType": "Client credential type",
    "servicePrincipalId": "Service principal ID",
    "servicePrincipalName": "Service principal name",
    "servicePrincipalCredentialKeyId": "Credential key ID",
    "servicePrincipalCredentialThumbprint": "Credential thumbprint",
    "appDisplayName": "Application",
    "appId": "Application ID",
    "appOwnerTenantId": "App owner tenant ID",
    "resourceDisplayName": "Resource",
    "resourceId": "Resource ID",
    "resourceTenantId": "Resource tenant ID",
    "resourceOwnerTenantId": "Resource owner tenant ID",
    "homeTenantId": "Home tenant ID",
    "homeTenantName": "Home tenant name",
    "ipAddress": "IP address",
    "ipAddressFromResourceProvider": "IP address (seen by resource)",
    "clientAppUsed": "Client app",
    "signInIdentifier": "Sign-in identifier",
    "sessionId": "Session ID",
    "autonomousSystemNumber": "Autonomous system  number",
    "tokenIssuerType": "Token issuer type",
    "tokenIssuerName": "Token issuer name",
}
_DEVICE = {
    "deviceId": "Device ID",
    "browser": "Browser",
    "operatingSystem": "Operating System",
    "trustType": "Join Type",
}
_TRUTHS = {"isCompliant": "Compliant", "isManaged": "Managed"}
_MFA = {"authMethod": "Multifactor authentication auth method", "authDetail": "Multifactor authentication auth detail"}
_WORDS = {
    "conditionalAccessStatus": (
        "Conditional Access",
        {"success": "success", "failure": "failure", "not applied": "notApplied"},
    ),
    "authenticationRequirement": (
        "Authentication requirement",
        {
            "multifactor authentication": "multiFactorAuthentication",
            "multi-factor authentication": "multiFactorAuthentication",
            "single-factor authentication": "singleFactorAuthentication",
        },
    ),
    "authenticationProtocol": (
        "Authentication Protocol",
        {"device code": "deviceCode", "ropc": "ropc", "none": "none", "oauth2": "oAuth2", "saml20": "saml20"},
    ),
    "userType": ("User type", {"member": "Member", "guest": "Guest"}),
}

# Columns by which a row is told; they stay beside what is made of it.
SIGN_IN_EVIDENCE = ("Date (UTC)", "Request ID", "Application ID")
AUDIT_EVIDENCE = ("Date (UTC)", "CorrelationId", "Activity")
OKTA_EVIDENCE = ("event_type", "timestamp", "outcome.result")


def sign_in(text: str) -> str:
    """Return a row of a table of sign-ins as a record of Microsoft Graph; any other text as it is."""
    return _rewritten(text, _sign_in, SIGN_IN_EVIDENCE)


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
    cells = {name: cell for name, cell in row.items() if isinstance(cell, str) and cell}
    try:
        return orjson.dumps({**_filled(record_of(cells)), **{name: row.get(name) for name in kept}}).decode()
    except TypeError:  # a text that is no UTF-8, or a number too large
        return text


def _sign_in(row: Row) -> dict[str, object]:
    words = {name: _word(row.get(column), known) for name, (column, known) in _WORDS.items()}
    truths = {name: _word(row.get(column), {"yes": "true", "no": "false"}) for name, column in _TRUTHS.items()}
    # Managed identities sign in without a credential of their own.
    has_credential = not row.keys().isdisjoint({"Credential key ID", "Credential thumbprint"})
    category = "ServicePrincipalSignInLogs" if "Service principal ID" in row and has_credential else None
    return {
        **_named(row, _SIGN_IN),
        **words,
        "category": category,
        "deviceDetail": _filled({**_named(row, _DEVICE), **truths}),
        "mfaDetail": _named(row, _MFA),
        "location": _place(row.get("Location", "")),
        "status": _filled(
            {
                "errorCode": _error_code(row),
                "failureReason": _without(row.get("Failure reason"), "Other."),
                "additionalDetails": row.get("Multifactor authentication result"),
            }
        ),
    }


def _error_code(row: Row) -> str | None:
    """Return the code of the outcome; a success may have none."""
    code = _without(row.get("Sign-in error code"), "None")
    return "0" if code is None and row.get("Status") == "Success" else code


def _place(written: str) -> dict[str, object]:
    """Take a place apart: city, state, and country as two letters.

    >>> _place("Melbourne, Victoria, AU")
    {'city': 'Melbourne', 'state': 'Victoria', 'countryOrRegion': 'AU'}
    """
    found = _PLACE.fullmatch(written.strip())
    return _filled(found.groupdict()) if found else {}


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
        "targetResources": [target for n in range(1, _TARGETS + 1) if (target := _target(row, f"Target{n}"))],
        "additionalDetails": [
            {"key": row[key], "value": row.get(f"AdditionalDetail{n}Value")}
            for n in range(1, _DETAILS + 1)
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
        for n in range(1, _PROPERTIES + 1)
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


def _named(row: Row, columns: Mapping[str, str]) -> dict[str, object]:
    return {name: row[column] for name, column in columns.items() if column in row}


def _word(cell: str | None, known: Mapping[str, str]) -> str | None:
    """Return the value that a cell says in words; one that is not known stays as it is."""
    return None if cell is None else known.get(cell.casefold(), cell)


def _without(cell: str | None, placeholder: str) -> str | None:
    return None if cell == placeholder else cell


def _filled(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value}
