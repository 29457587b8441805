"""OKTA: the Okta System Log, from its interface, hooks, Amazon EventBridge or Log Analytics.

The published mapping changed in 2025 and public rules were written for the form before, so both places are filled
where they do not clash: `principal.user.userid` and `target.user.userid` always hold the login, also where it is an
address. Facts that decide a detection:

* A login names the user in `target.user`; where Okta names no target, it is the actor.
* Of the targets, an `AppInstance` is the target's resource and application, else a `PolicyRule` is; a `PolicyEntity`
  is its ancestor, and everything else stands in `about`. The first six targets are looked at; all of them are in
  `additional.fields["target"]`.
* `unknown` as a session, a login or a column of the text `null` is absent, so that a join on it finds nothing.
* `security_result.description` tells the behaviours that Okta saw (`New IP=POSITIVE`), else the reasons of its risk.
"""

from __future__ import annotations

from windshear.logs.okta_columns import COLUMNS, DEBUG_TEXTS, TEXT_ROOTS
from windshear.logs.okta_event_types import event_type, login
from windshear.logs.parser import (
    Element,
    Flattened,
    Has,
    HasAny,
    Is,
    Label,
    Labels,
    LogParser,
    Messages,
    Repeated,
    Requirement,
    Scalar,
    Shape,
    Split,
    UdmValue,
)
from windshear.logs.values import (
    Value,
    all_of,
    captured,
    choose,
    constant,
    field,
    first,
    is_any,
    is_ip,
    is_there,
    item,
    lower,
    matches,
    not_,
    replaced,
    translate,
    when,
)

_TARGETS_LOOKED_AT = 6
_ADDRESSES_LOOKED_AT = 5
_EMAIL = r"^[^@\s]+@[^@\s]+$"


def _known(*path: str) -> Value:
    """Read a text; what is written for "nothing known" is absent."""
    return when(not_(is_any(field(*path), ["unknown", "null"])), field(*path))


def _debug(name: str) -> Value:
    return field("debugContext", "debugData", name)


def _of_targets(kinds: tuple[str, ...], member: str) -> Value:
    """Read a member of the first target that is of one of some kinds."""
    return choose(
        *(
            (is_any(field("target", item(number), "type"), [kind]), _known("target", item(number), member))
            for kind in kinds
            for number in range(_TARGETS_LOOKED_AT)
        )
    )


def _address(value: Value) -> Value:
    return when(matches(value, _EMAIL), value)


_name = field("eventType")
_is_login = login(_name)
_result = field("outcome", "result")
_has_failed = is_any(_result, ["FAILURE", "DENY"])
_actor = first(_known("actor", "alternateId"), field("actor", "id"))
_system = field("client", "userAgent", "os")
_ips = tuple(
    when(is_ip(value), value)
    for value in (field("client", "ipAddress"), field("request", "ipChain", item(0), "ip"), _debug("clientAddress"))
)

_person = ("User", "AppUser")
_target_login = _of_targets(_person, "alternateId")
_target_user = first(_target_login, when(_is_login, _actor))
_app = ("AppInstance",)
_resource = ("AppInstance", "PolicyRule")

_security_data = _debug("logOnlySecurityData")
_behaviors = first(
    captured(_debug("behaviors"), r"^\{(.*)\}$"),
    replaced(captured(_security_data, r'"behaviors":\{([^}]*)\}'), {'":"': "=", '"': "", ",": ", "}),
)
_risk = _debug("risk")
_risk_level = first(
    field("securityContext", "risk", "level"),
    captured(_risk, r"level=([A-Za-z]+)"),
    captured(_security_data, r'"risk":\{[^}]*"level":"([A-Za-z]+)"'),
)
_risk_reasons = first(
    captured(_risk, r"reasons=([^}]*?)(?:, level=[A-Za-z]+)?\}"),
    captured(_security_data, r'"risk":\{[^}]*"reasons":"([^"]*)"'),
)
_threat = lower(_debug("threatSuspected"))
_FACTORS = {
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

_SECURITY_RESULT = Element(
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
        Repeated("category", (when(all_of(_is_login, _has_failed), constant("AUTH_VIOLATION")),)),
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
                *(Label(name, _debug(name), "published") for name in _DETECTION_FIELDS),
                Label("threatSuspected", _threat, "published"),
                Label("behaviors", _behaviors, "published"),
                Label("Risk Reasons", _risk_reasons, "published"),
                *(
                    Label(name, _known("authenticationContext", name), "published")
                    for name in ("authenticationProvider", "credentialProvider")
                ),
                Label("credentialType", _known("authenticationContext", "credentialType")),
                Label("asNumber", _known("securityContext", "asNumber"), "published"),
                Label("domain", _known("securityContext", "domain"), "published"),
                Label("isp", _known("securityContext", "isp"), "published"),
                Label("deviceFingerprint", _debug("deviceFingerprint")),
                Label("rootSessionId", _known("authenticationContext", "rootSessionId")),
            ),
        ),
    ),
    is_there(constant("")),
)


def _other_target(number: int) -> Element:
    """Tell of a target that is no user, application or policy."""
    kind = field("target", item(number), "type")
    is_other = all_of(is_there(kind), not_(is_any(kind, [*_person, *_resource, "PolicyEntity"])))
    return Element(
        (
            Scalar("resource.name", _known("target", item(number), "displayName"), "published"),
            Scalar("resource.product_object_id", field("target", item(number), "id"), "published"),
            Scalar("resource.resource_subtype", kind, "published"),
        ),
        is_other,
    )


def _address_on_the_way(number: int) -> Element:
    value = field("request", "ipChain", item(number), "ip")
    place = ("request", "ipChain", item(number), "geographicalContext")
    return Element(
        (
            Repeated("ip", (when(is_ip(value), value),), "published"),
            Scalar("location.city", _known(*place, "city"), "published"),
            Scalar("location.state", _known(*place, "state"), "published"),
            Scalar("location.country_or_region", _known(*place, "country"), "published"),
        ),
        is_ip(value),
    )


_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", event_type(_name), "published"),
    Scalar("metadata.vendor_name", constant("Okta"), "published"),
    Scalar("metadata.product_name", constant("Okta"), "published"),
    Scalar("metadata.product_event_type", _name, "published"),
    Scalar("metadata.product_log_id", field("uuid"), "published"),
    Scalar("principal.user.userid", _actor, "public rules"),
    Repeated("principal.user.email_addresses", (_address(_actor),), "published"),
    Scalar("principal.user.user_display_name", _known("actor", "displayName"), "published"),
    Scalar("principal.user.product_object_id", field("actor", "id"), "published"),
    Messages("principal.user.attribute.roles", (Element((Scalar("name", field("actor", "type"), "published"),)),)),
    Repeated("principal.ip", _ips, "published"),
    Repeated("principal.asset.ip", _ips, "published"),
    Scalar("principal.hostname", field("device", "name")),
    Scalar("principal.asset.hostname", field("device", "name")),
    Scalar("principal.asset.product_object_id", field("device", "id")),
    Scalar(
        "principal.asset.type",
        translate(field("client", "device"), {"Computer": "WORKSTATION", "Mobile": "MOBILE"}),
        "published",
    ),
    Labels(
        "principal.asset.attribute.labels",
        (
            Label("device", _known("client", "device")),
            *(Label(name, field("device", name)) for name in ("managed", "registered")),
        ),
    ),
    Scalar(
        "principal.platform",
        choose(
            (matches(_system, "(?i)^win"), constant("WINDOWS")),
            (matches(_system, "(?i)^mac"), constant("MAC")),
            (matches(_system, "(?i)^(ios|ipad|iphone)"), constant("IOS")),
            (matches(_system, "(?i)^android"), constant("ANDROID")),
            (matches(_system, "(?i)^chrome"), constant("CHROME_OS")),
            (matches(_system, "(?i)linux"), constant("LINUX")),
        ),
        "published",
    ),
    Scalar("principal.platform_version", _known("client", "userAgent", "os")),
    Scalar("principal.location.name", _known("client", "zone")),
    Scalar("principal.location.city", _known("client", "geographicalContext", "city"), "published"),
    Scalar("principal.location.state", _known("client", "geographicalContext", "state"), "published"),
    Scalar("principal.location.country_or_region", _known("client", "geographicalContext", "country"), "published"),
    Scalar(
        "principal.location.region_coordinates.latitude",
        field("client", "geographicalContext", "geolocation", "lat"),
        "published",
        "float",
    ),
    Scalar(
        "principal.location.region_coordinates.longitude",
        field("client", "geographicalContext", "geolocation", "lon"),
        "published",
        "float",
    ),
    Messages("intermediary", tuple(_address_on_the_way(number) for number in range(1, _ADDRESSES_LOOKED_AT))),
    Scalar("network.http.user_agent", field("client", "userAgent", "rawUserAgent"), "published"),
    Scalar("network.http.parsed_user_agent.os", _known("client", "userAgent", "os"), "public rules"),
    Scalar("network.http.parsed_user_agent.browser", _known("client", "userAgent", "browser"), "public rules"),
    Scalar("network.session_id", _known("transaction", "id"), "published"),
    Scalar("network.parent_session_id", _known("authenticationContext", "externalSessionId"), "published"),
    Scalar("network.organization_name", _known("securityContext", "asOrg"), "published"),
    Scalar("network.is_proxy", field("securityContext", "isProxy"), "published", "bool"),
    Scalar("target.user.userid", _target_user, "public rules"),
    Repeated("target.user.email_addresses", (_address(_target_user),), "published"),
    Scalar(
        "target.user.user_display_name",
        first(_of_targets(_person, "displayName"), when(_is_login, _known("actor", "displayName"))),
        "published",
    ),
    Scalar(
        "target.user.product_object_id",
        first(_of_targets(("User",), "id"), when(_is_login, field("actor", "id"))),
        "published",
    ),
    Messages("target.user.attribute.roles", (Element((Scalar("name", _of_targets(_person, "type"), "published"),)),)),
    Scalar("target.application", _of_targets(_app, "displayName"), "published"),
    Scalar("target.url", _debug("requestUri"), "published"),
    Scalar("target.resource.name", _of_targets(_resource, "displayName"), "published"),
    Scalar("target.resource.product_object_id", _of_targets(_resource, "id"), "published"),
    Scalar("target.resource.resource_subtype", _of_targets(_resource, "type"), "published"),
    Labels("target.resource.attribute.labels", (Label("browser", _known("client", "userAgent", "browser")),)),
    Messages(
        "target.resource_ancestors",
        (
            Element(
                (
                    Scalar("name", _of_targets(("PolicyEntity",), "displayName"), "published"),
                    Scalar("product_object_id", _of_targets(("PolicyEntity",), "id"), "published"),
                    Scalar("resource_subtype", _of_targets(("PolicyEntity",), "type"), "published"),
                )
            ),
        ),
    ),
    Messages("about", tuple(_other_target(number) for number in range(_TARGETS_LOOKED_AT))),
    Scalar("extensions.auth.type", constant("SSO"), "published"),
    Repeated(
        "extensions.auth.mechanism",
        (
            when(
                _is_login,
                translate(first(_debug("factor"), _known("authenticationContext", "credentialType")), _FACTORS),
            ),
        ),
    ),
    Scalar("extensions.auth.auth_details", _debug("requestUri"), "published"),
    Messages("security_result", (_SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            Label("postalCode", _known("client", "geographicalContext", "postalCode"), "published"),
            Label("legacyEventType", field("legacyEventType")),
            Label("transactionType", _known("transaction", "type")),
            Label("interface", _known("authenticationContext", "interface")),
            Label("target", field("target")),
            *(Label(f"debugData.{name}", _debug(name)) for name in (*DEBUG_TEXTS, "deviceFingerprint")),
        ),
        (Flattened("debugData", ("debugContext", "debugData")),),
    ),
)


def _record(name: str, *prefix: str) -> Shape:
    return Shape(
        name,
        (
            Has((*prefix, "eventType")),
            Has((*prefix, "published")),
            HasAny(((*prefix, "uuid"), (*prefix, "legacyEventType"))),
        ),
        prefix,
    )


PARSER = LogParser(
    log_type="OKTA",
    shapes=(
        _record("System Log"),
        _record("EventBridge event", "detail"),
        Shape(
            "event hook",
            (Is(("eventType",), ("com.okta.event_hook",)), Has(("data", "events"))),
            split=Split(("data", "events"), all_of(), is_alone=True),
        ),
        Shape(
            "Log Analytics",
            (Has(("eventType_s",)), Has(("published_t",)), HasAny((("uuid_g",), ("actor_id_s",)))),
            names=COLUMNS,
            text_roots=TEXT_ROOTS,
        ),
    ),
    time=field("published"),
    fields=_FIELDS,
    requirements=(Requirement(is_there(_name), "no event type"),),
)
