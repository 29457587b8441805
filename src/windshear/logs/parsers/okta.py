"""OKTA: the Okta System Log, from its interface, hooks, Amazon EventBridge or Log Analytics.

The published mapping changed in 2025 and public rules were written for the form before, so both places are filled
where they do not clash: `principal.user.userid` and `target.user.userid` always hold the login, also where it is an
address. Facts that decide a detection:

* A login names the user in `target.user`; where Okta names no target, it is the actor.
* Of the targets, an `AppInstance` is the target's resource and application, else a `PolicyRule` is; a `PolicyEntity`
  is its ancestor, and everything else of the first six targets stands in `about`; all of them are in
  `additional.fields["target"]`.
* `unknown` as a session, a login or a column of the text `null` is absent, so that a join on it finds nothing.
* `security_result.description` tells the behaviours that Okta saw (`New IP=POSITIVE`), else the reasons of its risk.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.okta_columns import COLUMNS, DEBUG_TEXTS, TEXT_ROOTS
from windshear.logs.okta_event_types import event_type
from windshear.logs.okta_values import (
    ACTOR,
    ADDRESSES_LOOKED_AT,
    APP,
    FACTORS,
    IS_LOGIN,
    NAME,
    PERSON,
    RESOURCE,
    SECURITY_RESULT,
    TARGETS_LOOKED_AT,
    address,
    address_on_the_way,
    debug,
    known,
    of_targets,
    other_target,
)
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
from windshear.logs.portal_columns import OKTA
from windshear.logs.portal_tables import OKTA_EVIDENCE, okta
from windshear.logs.values import (
    all_of,
    choose,
    constant,
    field,
    first,
    is_there,
    item,
    matches,
    shared,
    translate,
    when,
)

_system = field("client", "userAgent", "os")
_ips = tuple(
    ip_of(value)
    for value in (field("client", "ipAddress"), field("request", "ipChain", item(0), "ip"), debug("clientAddress"))
)

_target_login = of_targets(PERSON, "alternateId")
_target_user = shared(first(_target_login, when(IS_LOGIN, ACTOR)))

_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", event_type(NAME), "published"),
    Scalar("metadata.vendor_name", constant("Okta"), "published"),
    Scalar("metadata.product_name", constant("Okta"), "published"),
    Scalar("metadata.product_event_type", NAME, "published"),
    Scalar("metadata.product_log_id", field("uuid"), "published"),
    Scalar("principal.user.userid", ACTOR, "public rules"),
    Repeated("principal.user.email_addresses", (address(ACTOR),), "published"),
    Scalar("principal.user.user_display_name", known("actor", "displayName"), "published"),
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
            Label("device", known("client", "device")),
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
    Scalar("principal.platform_version", known("client", "userAgent", "os")),
    Scalar("principal.location.name", known("client", "zone")),
    Scalar("principal.location.city", known("client", "geographicalContext", "city"), "published"),
    Scalar("principal.location.state", known("client", "geographicalContext", "state"), "published"),
    Scalar("principal.location.country_or_region", known("client", "geographicalContext", "country"), "published"),
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
    Messages("intermediary", tuple(address_on_the_way(number) for number in range(1, ADDRESSES_LOOKED_AT))),
    Scalar("network.http.user_agent", field("client", "userAgent", "rawUserAgent"), "published"),
    Scalar("network.http.parsed_user_agent.os", known("client", "userAgent", "os"), "public rules"),
    Scalar("network.http.parsed_user_agent.browser", known("client", "userAgent", "browser"), "public rules"),
    Scalar("network.session_id", known("transaction", "id"), "published"),
    Scalar("network.parent_session_id", known("authenticationContext", "externalSessionId"), "published"),
    Scalar("network.organization_name", known("securityContext", "asOrg"), "published"),
    Scalar("network.is_proxy", field("securityContext", "isProxy"), "published", "bool"),
    Scalar("target.user.userid", _target_user, "public rules"),
    Repeated("target.user.email_addresses", (address(_target_user),), "published"),
    Scalar(
        "target.user.user_display_name",
        first(of_targets(PERSON, "displayName"), when(IS_LOGIN, known("actor", "displayName"))),
        "published",
    ),
    Scalar(
        "target.user.product_object_id",
        first(of_targets(("User",), "id"), when(IS_LOGIN, field("actor", "id"))),
        "published",
    ),
    Messages("target.user.attribute.roles", (Element((Scalar("name", of_targets(PERSON, "type"), "published"),)),)),
    Scalar("target.application", of_targets(APP, "displayName"), "published"),
    Scalar("target.url", debug("requestUri"), "published"),
    Scalar("target.resource.name", of_targets(RESOURCE, "displayName"), "published"),
    Scalar("target.resource.product_object_id", of_targets(RESOURCE, "id"), "published"),
    Scalar("target.resource.resource_subtype", of_targets(RESOURCE, "type"), "published"),
    Labels("target.resource.attribute.labels", (Label("browser", known("client", "userAgent", "browser")),)),
    Messages(
        "target.resource_ancestors",
        (
            Element(
                (
                    Scalar("name", of_targets(("PolicyEntity",), "displayName"), "published"),
                    Scalar("product_object_id", of_targets(("PolicyEntity",), "id"), "published"),
                    Scalar("resource_subtype", of_targets(("PolicyEntity",), "type"), "published"),
                )
            ),
        ),
    ),
    Messages("about", tuple(other_target(number) for number in range(TARGETS_LOOKED_AT))),
    Scalar("extensions.auth.type", constant("SSO"), "published"),
    Repeated(
        "extensions.auth.mechanism",
        (
            when(
                IS_LOGIN,
                translate(first(debug("factor"), known("authenticationContext", "credentialType")), FACTORS),
            ),
        ),
    ),
    Scalar("extensions.auth.auth_details", debug("requestUri"), "published"),
    Messages("security_result", (SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            Label("postalCode", known("client", "geographicalContext", "postalCode"), "published"),
            Label("legacyEventType", field("legacyEventType")),
            Label("transactionType", known("transaction", "type")),
            Label("interface", known("authenticationContext", "interface")),
            Label("target", field("target")),
            *(Label(f"debugData.{name}", debug(name)) for name in (*DEBUG_TEXTS, "deviceFingerprint")),
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
        Shape("table of the console", tuple(Has((column,)) for column in OKTA_EVIDENCE), rewrite=okta, plain=OKTA),
        Shape(
            "Log Analytics",
            (Has(("eventType_s",)), Has(("published_t",)), HasAny((("uuid_g",), ("actor_id_s",)))),
            names=COLUMNS,
            text_roots=TEXT_ROOTS,
        ),
    ),
    time=field("published"),
    fields=_FIELDS,
    requirements=(Requirement(is_there(NAME), "no event type"),),
)
