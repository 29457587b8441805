"""Rows of tables that portals export, read as they are: where a row has what a record of the interface says.

A row of the Entra portal says in words what a record says in values (`Success`, `Interrupted`; a place in one cell).
Lists are spread over numbered columns. Who asks for a list as a whole gets it from `portal_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from windshear.core import sql
from windshear.logs.okta_columns import COLUMNS
from windshear.logs.okta_values import ADDRESSES_LOOKED_AT
from windshear.logs.parser import Plain
from windshear.logs.portal_tables import DETAILS, PROPERTIES, TARGETS
from windshear.logs.values import (
    ABSENT,
    EACH,
    Condition,
    Path,
    Reading,
    Value,
    all_of,
    any_of,
    captured,
    constant,
    first,
    is_any,
    is_there,
    item,
    lower,
    not_,
    read,
    reads_of,
    translate,
    unless,
    when,
)

SIGN_IN_EVIDENCE = ("Date (UTC)", "Request ID", "Application ID")
_OKTA_TARGETS = 10  # of a row that has more, all are written anew


def _cell(column: str) -> Value:
    return read(Reading((column,), is_raw=True))


def _word(column: str, known: Mapping[str, str]) -> Value:
    """Read a value that a cell says in words; one that is not known stays as it is."""
    return translate(lower(_cell(column)), known, _cell(column))


def _list(columns: Sequence[str], names: Sequence[str]) -> Value:
    """List the cells of numbered columns, if one of some columns is filled."""
    cells = [_cell(column) for column in columns]
    reads = reads_of(cells)
    is_filled = any_of(*(is_there(_cell(name)) for name in names))
    return when(
        is_filled, Value(sql.list_of(cell.sql for cell in cells), reads), Value(sql.cast(sql.NULL, "VARCHAR[]"))
    )


def _has_gap(is_filled: Sequence[Condition]) -> Condition:
    """Test whether something is filled behind something that is not."""
    return any_of(*(all_of(behind, not_(before)) for before, behind in pairwise(is_filled)))


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
_PLACE = _cell("Location")
_CODE = unless(_cell("Sign-in error code"), "None")
# Managed identities sign in without a credential of their own.
_HAS_CREDENTIAL = any_of(*(is_there(_cell(column)) for column in ("Credential key ID", "Credential thumbprint")))

_SIGN_IN_NAMES: dict[Path, Path] = {
    **{(name,): (column,) for name, column in _SIGN_IN.items()},
    **{("deviceDetail", name): (column,) for name, column in _DEVICE.items()},
    **{("mfaDetail", name): (column,) for name, column in _MFA.items()},
    ("status", "additionalDetails"): ("Multifactor authentication result",),
}
_SIGN_IN_MADE: dict[Path, Value] = {
    **{(name,): _word(column, known) for name, (column, known) in _WORDS.items()},
    **{("deviceDetail", name): _word(column, {"yes": "true", "no": "false"}) for name, column in _TRUTHS.items()},
    ("category",): when(
        all_of(is_there(_cell("Service principal ID")), _HAS_CREDENTIAL), constant("ServicePrincipalSignInLogs")
    ),
    # A success may have no code.
    ("status", "errorCode"): first(_CODE, when(is_any(_cell("Status"), ["Success"]), constant("0"))),
    ("status", "failureReason"): unless(_cell("Failure reason"), "Other."),
    # `Melbourne, Victoria, AU`, of which the first two may be missing
    ("location", "city"): captured(_PLACE, r"^\s*([^,]*), (?:[^,]*, )?[A-Z]{2}\s*$"),
    ("location", "state"): captured(_PLACE, r"^\s*[^,]*, ([^,]*), [A-Z]{2}\s*$"),
    ("location", "countryOrRegion"): captured(_PLACE, r"(?:^\s*|, )([A-Z]{2})\s*$"),
}
SIGN_IN = Plain(_SIGN_IN_NAMES, _SIGN_IN_MADE, is_all=True)

_AUDIT = {
    "activityDateTime": "Date (UTC)",
    "activityDisplayName": "Activity",
    "correlationId": "CorrelationId",
    "loggedByService": "Service",
    "category": "Category",
    "result": "Result",
    "resultReason": "ResultReason",
    "userAgent": "User Agent",
    "callerIpAddress": "IPAddress",
    "tenantId": "ActorHomeTenantId",
}
_AUDIT_USER = {
    "id": "ActorObjectId",
    "displayName": "ActorDisplayName",
    "userPrincipalName": "ActorUserPrincipalName",
    "ipAddress": "IPAddress",
}
_AUDIT_APP = {
    "displayName": ("ActorServicePrincipalName", "ActorDisplayName"),
    "servicePrincipalId": ("ActorServicePrincipalId", "ActorObjectId"),
}
_AUDIT_TARGET = {
    "id": "ObjectId",
    "displayName": "DisplayName",
    "type": "Type",
    "userPrincipalName": "UserPrincipalName",
}
_PROPERTY = {"displayName": "Name", "oldValue": "OldValue", "newValue": "NewValue"}
_IS_APP = is_any(lower(_cell("ActorType")), ["application", "serviceprincipal", "service principal"])
_AUDIT_TARGETS = [f"Target{number}" for number in range(1, TARGETS + 1)]
_AUDIT_DETAILS = [f"AdditionalDetail{number}" for number in range(1, DETAILS + 1)]


def _properties(above: str, name: str) -> Value:
    columns = [f"{above}ModifiedProperty{number}" for number in range(1, PROPERTIES + 1)]
    return _list([column + _PROPERTY[name] for column in columns], [f"{column}Name" for column in columns])


def _is_target(above: str) -> Condition:
    columns = (*_AUDIT_TARGET.values(), "ModifiedProperty1Name")
    return any_of(*(is_there(_cell(above + column)) for column in columns))


_AUDIT_NAMES: dict[Path, Path] = {
    **{(name,): (column,) for name, column in _AUDIT.items()},
    **{
        ("targetResources", item(number), name): (above + column,)
        for number, above in enumerate(_AUDIT_TARGETS)
        for name, column in _AUDIT_TARGET.items()
    },
}
_AUDIT_MADE: dict[Path, Value] = {
    **{("initiatedBy", "user", name): when(not_(_IS_APP), _cell(column)) for name, column in _AUDIT_USER.items()},
    **{
        ("initiatedBy", "app", name): when(_IS_APP, first(*map(_cell, columns))) for name, columns in _AUDIT_APP.items()
    },
    **{
        ("targetResources", item(number), "modifiedProperties", EACH, name): _properties(above, name)
        for number, above in enumerate(_AUDIT_TARGETS)
        for name in _PROPERTY
    },
    **{
        ("additionalDetails", EACH, name): _list(
            [column + name.capitalize() for column in _AUDIT_DETAILS], [f"{column}Key" for column in _AUDIT_DETAILS]
        )
        for name in ("key", "value")
    },
}
AUDIT = Plain(_AUDIT_NAMES, _AUDIT_MADE, is_all=True, unless=_has_gap([*map(_is_target, _AUDIT_TARGETS)]))


def _snake(path: Path) -> str:
    """Write a place of Okta's interface as the console names its column.

    >>> _snake(("client", "userAgent", "rawUserAgent"))
    'client.user_agent.raw_user_agent'
    """
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), ".".join(path))


_OKTA_MEMBERS = ("id", "type", "alternateId", "displayName")
_KINDS = [f"target{number}.type" for number in range(_OKTA_TARGETS + 1)]
_WAY = [("request", "ipChain", item(number)) for number in range(ADDRESSES_LOOKED_AT)]
_ON_THE_WAY = (("ip",), *(("geographicalContext", name) for name in ("city", "state", "country")))

_OKTA_NAMES: dict[Path, Path] = {
    **{path: (_snake(path),) for path in COLUMNS if path not in (("target",), ("request", "ipChain"))},
    **{("device", name): (f"device.{name}",) for name in ("id", "name", "managed", "registered")},
    **{
        ("target", item(number), name): (_snake((f"target{number}", name)),)
        for number in range(_OKTA_TARGETS)
        for name in _OKTA_MEMBERS
    },
    ("securityContext", "risk", "level"): ("security_context.risk.level",),
    ("published",): ("timestamp",),
}
_OKTA_MADE: dict[Path, Value] = {
    **{
        ("target", EACH, name): _list(
            [_snake((f"target{number}", name)) for number in range(_OKTA_TARGETS)], _KINDS[:-1]
        )
        for name in _OKTA_MEMBERS
    },
    **{(*address, *path): ABSENT for address in _WAY for path in _ON_THE_WAY},  # a table has no list of addresses
}
_HAS_TOO_MANY = is_there(_cell(_KINDS[-1]))
_HAS_HOLES = _has_gap([is_there(_cell(kind)) for kind in _KINDS])
OKTA = Plain(_OKTA_NAMES, _OKTA_MADE, unless=any_of(_HAS_TOO_MANY, _HAS_HOLES))
