"""Values of the Okta System Log that several fields share: targets by their kind, the way of a request, the result."""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.okta_event_types import login
from windshear.logs.parser import Element, Label, Labels, Repeated, Scalar
from windshear.logs.values import (
    EACH,
    Value,
    all_of,
    captured,
    constant,
    field,
    first,
    is_any,
    is_there,
    item,
    looked_up,
    lower,
    matches,
    not_,
    replaced,
    shared,
    shared_test,
    translate,
    when,
)

TARGETS_LOOKED_AT = 6
ADDRESSES_LOOKED_AT = 5
_EMAIL = r"^[^@\s]+@[^@\s]+$"


def known(*path: str) -> Value:
    """Read a text; what is written for "nothing known" is absent."""
    return when(not_(is_any(field(*path), ["unknown", "null"])), field(*path))


def debug(name: str) -> Value:
    """Read a place of the debug data."""
    return field("debugContext", "debugData", name)


_kinds = shared(field("target", EACH, "type"))


def of_targets(kinds: tuple[str, ...], member: str) -> Value:
    """Read a member of the first target that is of one of some kinds."""
    values = shared(field("target", EACH, member))
    found = first(*(looked_up(_kinds, values, kind) for kind in kinds))
    return shared(when(not_(is_any(found, ["unknown", "null"])), found))


def address(value: Value) -> Value:
    """Take a text that is a mail address."""
    return when(matches(value, _EMAIL), value)


NAME = field("eventType")
IS_LOGIN = shared_test(login(NAME))
_result = field("outcome", "result")
_has_failed = is_any(_result, ["FAILURE", "DENY"])
ACTOR = shared(first(known("actor", "alternateId"), field("actor", "id")))
PERSON = ("User", "AppUser")
APP = ("AppInstance",)
RESOURCE = ("AppInstance", "PolicyRule")

_security_data = debug("logOnlySecurityData")
_behaviors = first(
    captured(debug("behaviors"), r"^\{(.*)\}$"),
    replaced(captured(_security_data, r'"behaviors":\{([^}]*)\}'), {'":"': "=", '"': "", ",": ", "}),
)
_risk = debug("risk")
_risk_level = first(
    field("securityContext", "risk", "level"),
    captured(_risk, r"level=([A-Za-z]+)"),
    captured(_security_data, r'"risk":\{[^}]*"level":"([A-Za-z]+)"'),
)
_risk_reasons = first(
    captured(_risk, r"reasons=([^}]*?)(?:, level=[A-Za-z]+)?\}"),
    captured(_security_data, r'"risk":\{[^}]*"reasons":"([^"]*)"'),
)
_threat = lower(debug("threatSuspected"))
FACTORS = {
    "PASSWORD": "USERNAME_PASSWORD",
    "PASSWORD_AS_FACTOR": "USERNAME_PASSWORD",
    "SMS_FACTOR": "OTP",
    "CALL_FACTOR": "OTP",
    "EMAIL_FACTOR": "OTP",
    "GOOGLE_AUTHENTICATOR": "OTP",
    "OKTA_SOFT_TOKEN": "OTP",
    "OTP": "OTP",
    "SMS": "OTP",
    "FIDO_U2F": "HARDWARE_KEY",
    "FIDO2_WEBAUTHN": "HARDWARE_KEY",
    "YUBIKEY_TOKEN": "HARDWARE_KEY",
}
_DETECTION_FIELDS = (
    "dtHash",
    "factor",
    "factorIntent",
    "factorType",
    "authnRequestId",
    "traceId",
    "pushOnlyResponseType",
    "pushWithNumberChallengeResponseType",
    "suspiciousActivityEventType",
    "threatDetections",
    "risk",
    "tunnels",
)

SECURITY_RESULT = Element(
    (
        Repeated(
            "action",
            (
                translate(
                    _result,
                    {
                        "SUCCESS": "ALLOW",
                        "ALLOW": "ALLOW",
                        "FAILURE": "BLOCK",
                        "DENY": "BLOCK",
                        "CHALLENGE": "CHALLENGE",
                    },
                    when(is_there(_result), constant("UNKNOWN_ACTION")),
                ),
            ),
            "public rules",
        ),
        Scalar("action_details", _result),
        Repeated("category", (when(all_of(IS_LOGIN, _has_failed), constant("AUTH_VIOLATION")),)),
        Repeated("category_details", (field("outcome", "reason"),), "public rules"),
        Scalar("summary", field("displayMessage"), "published"),
        Scalar("description", first(_behaviors, _risk_reasons), "published"),
        Scalar(
            "severity",
            translate(
                field("severity"),
                {"DEBUG": "INFORMATIONAL", "INFO": "INFORMATIONAL", "WARN": "MEDIUM", "ERROR": "ERROR"},
            ),
            "published",
        ),
        Scalar("severity_details", _risk_level, "published"),
        Scalar("threat_status", when(is_any(_threat, ["true"]), constant("ACTIVE")), "published"),
        Labels(
            "detection_fields",
            (
                *(Label(name, debug(name), "published") for name in _DETECTION_FIELDS),
                Label("threatSuspected", _threat, "published"),
                Label("behaviors", _behaviors, "published"),
                Label("Risk Reasons", _risk_reasons, "published"),
                *(
                    Label(name, known("authenticationContext", name), "published")
                    for name in ("authenticationProvider", "credentialProvider")
                ),
                Label("credentialType", known("authenticationContext", "credentialType")),
                Label("asNumber", known("securityContext", "asNumber"), "published"),
                Label("domain", known("securityContext", "domain"), "published"),
                Label("isp", known("securityContext", "isp"), "published"),
                Label("deviceFingerprint", debug("deviceFingerprint")),
                Label("rootSessionId", known("authenticationContext", "rootSessionId")),
            ),
        ),
    ),
    is_there(constant("")),
)


def other_target(number: int) -> Element:
    """Tell of a target that is no user, application or policy."""
    kind = field("target", item(number), "type")
    is_other = all_of(is_there(kind), not_(is_any(kind, [*PERSON, *RESOURCE, "PolicyEntity"])))
    return Element(
        (
            Scalar("resource.name", known("target", item(number), "displayName"), "published"),
            Scalar("resource.product_object_id", field("target", item(number), "id"), "published"),
            Scalar("resource.resource_subtype", kind, "published"),
        ),
        is_other,
    )


def address_on_the_way(number: int) -> Element:
    """Tell of an address between the client and Okta."""
    ip = ip_of(field("request", "ipChain", item(number), "ip"))
    place = ("request", "ipChain", item(number), "geographicalContext")
    return Element(
        (
            Repeated("ip", (ip,), "published"),
            Scalar("location.city", known(*place, "city"), "published"),
            Scalar("location.state", known(*place, "state"), "published"),
            Scalar("location.country_or_region", known(*place, "country"), "published"),
        ),
        is_there(ip),
    )
