"""AZURE_AD: the forms in which sign-ins of Entra ID arrive.

The declaration is written with the names of Microsoft Graph; the shapes say where a diagnostic export and a table of
Log Analytics put the same values.
"""

from __future__ import annotations

from windshear.logs.parser import Has, HasAny, Is, Shape
from windshear.logs.portal_columns import SIGN_IN, SIGN_IN_EVIDENCE
from windshear.logs.values import Path

_CATEGORIES = (
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "MicrosoftServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
    "ADFSSignInLogs",
)
_TABLES = {
    "ADFSSignInLogs": "ADFSSignInLogs",
    "SigninLogs": "SignInLogs",
    "AADNonInteractiveUserSignInLogs": "NonInteractiveUserSignInLogs",
    "AADServicePrincipalSignInLogs": "ServicePrincipalSignInLogs",
    "AADManagedIdentitySignInLogs": "ManagedIdentitySignInLogs",
}

# Names of the envelope; in a Graph record they stand beside the rest, where they exist.
_ENVELOPE = ("time", "operationName", "category", "resultType", "resultDescription", "identity")

_DIAGNOSTIC_NAMES: dict[Path, Path] = {
    **{(name,): (name,) for name in _ENVELOPE},
    ("callerIpAddress",): ("callerIpAddress",),
    ("level",): ("Level",),
}
_LOG_ANALYTICS_NAMES: dict[Path, Path] = {
    ("time",): ("TimeGenerated",),
    ("ipAddress",): ("IPAddress",),
    ("callerIpAddress",): ("CallerIpAddress",),
    ("location",): ("LocationDetails",),
    ("appliedConditionalAccessPolicies",): ("ConditionalAccessPolicies",),
    ("resourceId",): ("ResourceIdentity",),  # `ResourceId` is the Azure resource that exports the log
    ("riskEventTypes_v2",): ("RiskEventTypes_V2",),
    ("level",): ("Level",),
    ("tenantId",): ("AADTenantId",),
}
_TEXT_ROOTS = frozenset({("Status",), ("DeviceDetail",), ("LocationDetails",), ("MfaDetail",)})

_GRAPH = Shape(
    "Microsoft Graph",
    (
        Has(("createdDateTime",)),
        HasAny((("appDisplayName",), ("appId",))),
        HasAny((("clientAppUsed",), ("status", "errorCode"), ("conditionalAccessStatus",), ("ipAddress",))),
    ),
)


def _diagnostic(name: str, category: str) -> Shape:
    names = {**_DIAGNOSTIC_NAMES, ("category",): (category,)}
    return Shape(name, (Is((category,), _CATEGORIES), Has(("properties", "id"))), ("properties",), names)


def _log_analytics(name: str, marker: str, values: tuple[str, ...]) -> Shape:
    return Shape(
        name,
        (Is((marker,), values), HasAny((("TimeGenerated",), ("CreatedDateTime",)))),
        names=_LOG_ANALYTICS_NAMES,
        capitalised=True,
        text_roots=_TEXT_ROOTS,
    )


SHAPES = (
    _diagnostic("diagnostic export", "category"),
    _diagnostic("diagnostic export, capitalised", "Category"),
    _log_analytics("Log Analytics table", "Type", tuple(_TABLES)),
    _log_analytics("Log Analytics", "Category", _CATEGORIES),
    _GRAPH,
    Shape("table of the portal", tuple(Has((column,)) for column in SIGN_IN_EVIDENCE), plain=SIGN_IN),
)
