"""Names of the Okta System Log in Log Analytics: every leaf is a column, with its type at the end of its name."""

from __future__ import annotations

from windshear.logs.values import Path

_DEBUG = ("debugContext", "debugData")
DEBUG_TEXTS = (
    "requestUri",
    "url",
    "requestId",
    "dtHash",
    "factor",
    "factorIntent",
    "factorType",
    "authnRequestId",
    "traceId",
    "pushOnlyResponseType",
    "pushWithNumberChallengeResponseType",
    "threatSuspected",
    "suspiciousActivityEventType",
    "threatDetections",
    "risk",
    "behaviors",
    "logOnlySecurityData",
    "clientAddress",
    "tunnels",
    "loginResult",
    "initiationType",
    "signOnMode",
    "grantType",
    "grantedScopes",
    "privilegeGranted",
    "appname",
    "importType",
    "importTrigger",
    "jobId",
    "attributesAdded",
    "attributesModified",
    "attributesDeleted",
    "smsProvider",
    "countryCallingCode",
    "groupAppAssignmentId",
)
_TEXTS: tuple[Path, ...] = (
    ("eventType",),
    ("displayMessage",),
    ("severity",),
    ("legacyEventType",),
    *(("actor", name) for name in ("id", "type", "alternateId", "displayName")),
    *(("client", name) for name in ("ipAddress", "device", "zone", "id")),
    *(("client", "userAgent", name) for name in ("rawUserAgent", "os", "browser")),
    *(("client", "geographicalContext", name) for name in ("city", "state", "country", "postalCode")),
    *(("outcome", name) for name in ("result", "reason")),
    *(("securityContext", name) for name in ("asOrg", "isp", "domain")),
    *(
        ("authenticationContext", name)
        for name in (
            "externalSessionId",
            "rootSessionId",
            "authenticationProvider",
            "credentialProvider",
            "credentialType",
            "interface",
        )
    ),
    *(("transaction", name) for name in ("id", "type")),
    *((*_DEBUG, name) for name in DEBUG_TEXTS),
    ("target",),
    ("request", "ipChain"),
)
_TYPED: dict[Path, str] = {
    ("uuid",): "_g",
    ("published",): "_t",
    ("client", "geographicalContext", "geolocation", "lat"): "_d",
    ("client", "geographicalContext", "geolocation", "lon"): "_d",
    ("securityContext", "asNumber"): "_d",
    ("securityContext", "isProxy"): "_b",
    (*_DEBUG, "deviceFingerprint"): "_g",  # a fingerprint that looks like a GUID is kept as one
}
COLUMNS: dict[Path, Path] = {
    **{path: ("_".join(path) + "_s",) for path in _TEXTS},
    **{path: ("_".join(path) + ending,) for path, ending in _TYPED.items()},
}
TEXT_ROOTS = frozenset({COLUMNS["target",], COLUMNS["request", "ipChain"]})
