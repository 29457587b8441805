"""WORKSPACE_ACTIVITY: activities of Google Workspace from the Reports API (login, admin, token, drive, saml and more).

A record may hold several `events`; each gives one UDM event, as the published mapping has it. Facts that decide a
detection:

* Whoever signs in is the target's user; in all other activities the actor is the principal. The published mapping
  leaves `userid` empty, public rules read it, so it holds the address, else the key or the profile id.
* Parameters are looked up by name. All of them are in `additional.fields` under their own names, those that rules read
  stand where rules read them.
* Where a record has no status, the name of the event tells whether a login failed.
* The number of the network stands in a label, as in sign-ins of Entra ID, and not in `ip_geo_artifact`, where the
  published mapping has it: what the user's own files know of the address is put there, unless the log has something.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.parser import (
    Element,
    Has,
    HasAny,
    Is,
    Label,
    Labels,
    LogParser,
    Messages,
    Pairs,
    Repeated,
    Requirement,
    Scalar,
    Shape,
    Split,
    UdmValue,
)
from windshear.logs.values import (
    Path,
    Value,
    all_of,
    any_of,
    captured,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    item,
    joined,
    matches,
    not_,
    shared,
    translate,
    when,
)
from windshear.logs.workspace_event_types import event_type
from windshear.logs.workspace_table import from_sentinel
from windshear.logs.workspace_values import (
    APPLICATION,
    COLUMNS,
    EVENT,
    IS_LOGIN,
    NAME,
    PARAMETERS,
    SECURITY_RESULT,
    flag,
    listed,
    number,
    text,
)

_KINDS = ("value", "boolValue", "intValue", "multiValue")
_email = field("actor", "email")
_actor = first(_email, field("actor", "key"), field("actor", "profileId"))
_profile = first(field("actor", "profileId"), field("actor", "gaiaId"))
_address = field("ipAddress")
_ip = ip_of(_address)
_is_drive = is_any(APPLICATION, ["drive"])
_is_admin = is_any(APPLICATION, ["admin"])
_is_transfer = is_any(NAME, ["CREATE_DATA_TRANSFER_REQUEST"])
_is_membership = is_any(NAME, ["ADD_GROUP_MEMBER", "REMOVE_GROUP_MEMBER", "UPDATE_GROUP_MEMBER"])
_about_user = shared(
    choose(
        (IS_LOGIN, first(_actor, text("affected_email_address"))),
        (_is_transfer, first(text("NEW_VALUE"), text("DESTINATION_USER_EMAIL"))),
        (_is_admin, text("USER_EMAIL")),
        (is_any(APPLICATION, ["user_accounts"]), _actor),
        otherwise=first(
            *map(text, ("target_user", "target_email", "member_id", "recipients", "affected_email_address"))
        ),
    )
)
_source_user = when(any_of(_is_transfer, _is_membership), text("USER_EMAIL"))
_new_value = shared(first(text("NEW_VALUE"), listed("new_value")))
_old_value = first(text("OLD_VALUE"), listed("old_value"))
_role_id = number("ROLE_ID")
_device = field("userDeviceInfo", "deviceId")

_methods = shared(when(IS_LOGIN, listed("login_challenge_method")))
_is_password = all_of(IS_LOGIN, not_(is_there(_methods)), is_any(text("login_type"), ["google_password"]))
_resource_name = shared(
    choose(
        (_is_drive, text("doc_title")),
        (is_any(NAME, ["ADD_APPLICATION", "REMOVE_APPLICATION"]), text("APPLICATION_ID")),
        otherwise=first(text("SETTING_NAME"), text("ROLE_NAME"), text("app_name"), text("doc_title")),
    )
)


def _address_of(value: Value) -> Value:
    return when(matches(value, "@"), value)


def _actor_labels() -> tuple[Label, ...]:
    return (
        Label("actor_key", field("actor", "key"), "published"),
        Label("caller_type", field("actor", "callerType"), "published"),
    )


def _only(value: Value, *, in_login: bool) -> Value:
    return when(IS_LOGIN if in_login else not_(IS_LOGIN), value)


_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", event_type(APPLICATION, NAME), "published"),
    Scalar("metadata.vendor_name", constant("Google Workspace"), "public rules"),
    Scalar("metadata.product_name", APPLICATION, "published"),
    Scalar("metadata.product_event_type", NAME, "published"),
    Scalar("metadata.product_log_id", first(field("id", "uniqueQualifier"), field("etag")), "published"),
    Repeated("principal.ip", (_ip,), "published"),
    Repeated("principal.asset.ip", (_ip,), "published"),
    Scalar("principal.user.userid", _only(_actor, in_login=False), "public rules"),
    Repeated("principal.user.email_addresses", (_only(_email, in_login=False),), "published"),
    Scalar("principal.user.product_object_id", _only(_profile, in_login=False), "published"),
    Labels(
        "principal.user.attribute.labels",
        tuple(Label(label.key, _only(label.value, in_login=False), label.basis) for label in _actor_labels()),
    ),
    Scalar("principal.application", field("actor", "applicationInfo", "applicationName"), "published"),
    Scalar("principal.administrative_domain", when(not_(is_there(_resource_name)), field("ownerDomain")), "published"),
    Scalar("principal.location.country_or_region", field("networkInfo", "regionCode"), "published"),
    Scalar("principal.location.state", field("networkInfo", "subdivisionCode"), "published"),
    Labels(
        "principal.resource.attribute.labels",
        (Label("autonomousSystemNumber", captured(field("networkInfo", "ipAsn"), "([0-9]+)")),),
    ),
    Scalar(
        "principal.platform",
        translate(
            field("userDeviceInfo", "deviceType"),
            {
                "CHROME_OS_SYNC": "CHROME_OS",
                "DESKTOP_CHROME_OS": "CHROME_OS",
                "DESKTOP_MAC": "MAC",
                "ANDROID_SYNC": "ANDROID",
                "IOS_SYNC": "IOS",
                "DESKTOP_LINUX": "LINUX",
                "DESKTOP_WINDOWS": "WINDOWS",
            },
        ),
        "published",
    ),
    Scalar("principal.platform_version", field("userDeviceInfo", "deviceOsVersion"), "published"),
    Scalar("principal.asset_id", joined("AssetId:", _device), "published"),
    Scalar("principal.asset.asset_id", joined("AssetId:", _device), "published"),
    Labels(
        "principal.asset.attribute.labels",
        (Label("device_type", field("userDeviceInfo", "deviceType"), "published"),),
    ),
    Scalar("src.user.userid", _source_user, "public rules"),
    Repeated("src.user.email_addresses", (_address_of(_source_user),), "public rules"),
    Labels("src.resource.attribute.labels", (Label("doc_type", text("doc_type"), "public rules"),)),
    Scalar("target.user.userid", _about_user, "public rules"),
    Repeated("target.user.email_addresses", (_address_of(_about_user),), "published"),
    Scalar("target.user.product_object_id", _only(_profile, in_login=True), "published"),
    Labels(
        "target.user.attribute.labels",
        (
            *(Label(label.key, _only(label.value, in_login=True), label.basis) for label in _actor_labels()),
            Label("new_value", when(is_there(text("USER_EMAIL")), _new_value), "public rules"),
        ),
    ),
    Repeated(
        "target.group.email_addresses",
        (first(text("GROUP_EMAIL"), text("group_email"), text("group_id")),),
        "public rules",
    ),
    Scalar("target.domain.name", first(text("DOMAIN_NAME"), text("target_domain")), "public rules"),
    Scalar("target.administrative_domain", when(is_there(_resource_name), field("ownerDomain")), "published"),
    Scalar(
        "target.application",
        first(text("APPLICATION_NAME"), text("application_name"), text("app_name"), text("PRODUCT_NAME")),
        "public rules",
    ),
    Labels(
        "target.labels",
        (
            Label("new_value", _new_value, "public rules"),
            Label("application_enabled", flag("APPLICATION_ENABLED"), "public rules"),
        ),
    ),
    Scalar("target.resource.name", _resource_name, "public rules"),
    Scalar(
        "target.resource.product_object_id",
        first(text("doc_id"), text("client_id"), text("API_CLIENT_NAME"), _role_id),
        "public rules",
    ),
    Scalar(
        "target.resource.resource_type",
        choose(
            (_is_drive, constant("STORAGE_OBJECT")),
            (is_there(text("SETTING_NAME")), constant("SETTING")),
        ),
    ),
    Messages("target.resource.attribute.roles", (Element((Scalar("name", text("ROLE_NAME"), "public rules"),)),)),
    Labels(
        "target.resource.attribute.labels",
        (
            Label("visibility", text("visibility"), "public rules"),
            Label("old_visibility", text("old_visibility")),
            Label("owner", text("owner"), "public rules"),
            Label("role_id", _role_id, "public rules"),
            Label("new_value", _new_value, "public rules"),
            Label("old_value", _old_value),
            Label("scope", listed("scope")),
            Label("client_type", text("client_type")),
        ),
    ),
    Messages(
        "about",
        (
            Element(
                (
                    Scalar("resource.product_object_id", field("id", "customerId"), "published"),
                    Scalar(
                        "resource.resource_type",
                        when(is_there(field("id", "customerId")), constant("CLOUD_ORGANIZATION")),
                        "published",
                    ),
                    Labels(
                        "labels",
                        (
                            Label("kind", field("kind"), "published"),
                            Label("is_suspicious", flag("is_suspicious"), "public rules"),
                            Label("org_unit_name", text("ORG_UNIT_NAME"), "public rules"),
                            Label("saml2_service_provider_name", text("SAML2_SERVICE_PROVIDER_NAME"), "public rules"),
                            Label(
                                "saml2_service_provider_entity_id",
                                text("SAML2_SERVICE_PROVIDER_ENTITY_ID"),
                                "public rules",
                            ),
                        ),
                    ),
                )
            ),
        ),
    ),
    Scalar(
        "network.http.response_code",
        field(*EVENT, "status", "httpStatusCode"),
        "published",
        "int",
    ),
    Scalar("extensions.auth.type", when(IS_LOGIN, constant("SSO"))),
    Repeated(
        "extensions.auth.mechanism",
        (
            when(any_of(matches(_methods, "(^|,)password(,|$)"), _is_password), constant("USERNAME_PASSWORD")),
            when(matches(_methods, "security_key|passkey"), constant("HARDWARE_KEY")),
            when(matches(_methods, "otp|idv_|google_authenticator|backup_code"), constant("OTP")),
            when(matches(_methods, "google_prompt"), constant("MECHANISM_OTHER")),
        ),
    ),
    Scalar(
        "extensions.auth.auth_details",
        first(_methods, when(IS_LOGIN, text("login_type"))),
    ),
    Messages("security_result", (SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            Label("kind", field("kind"), "published"),
            Label("oauth_client_id", field("actor", "applicationInfo", "oauthClientId"), "published"),
            Label("impersonation", field("actor", "applicationInfo", "impersonation"), "published"),
            Label("ipAddress", when(not_(is_there(_ip)), _address)),
        ),
        pairs=tuple(
            Pairs(PARAMETERS, ("name", kind))
            for kind in (*_KINDS, "multiIntValue", "messageValue", "multiMessageValue")
        ),
    ),
)

# A shipper that splits activities leaves the one event without its list.
_IN_NO_LIST: dict[Path, Path] = {EVENT: ("events",)}
_EVIDENCE = (
    Has(("id", "applicationName")),
    Has(("id", "time")),
    HasAny((("kind",), ("etag",), ("actor", "email"), ("actor", "profileId"), ("actor", "callerType"))),
)
_has_several = any_of(*(is_there(field("events", item(number), key)) for number in (1, 2) for key in ("name", "type")))

PARSER = LogParser(
    log_type="WORKSPACE_ACTIVITY",
    shapes=(
        Shape("activity with one event", (*_EVIDENCE, Has(("events", "name"))), names=_IN_NO_LIST),
        Shape("activity", _EVIDENCE, split=Split(("events",), _has_several)),
        Shape(
            "page of the Reports API",
            (Is(("kind",), ("admin#reports#activities", "reports#activities")), Has(("items",))),
            split=Split(("items",), all_of(), is_alone=True),
        ),
        Shape(
            "Log Analytics",
            (Has(("id_applicationName_s",)), Has(("id_time_t",)), HasAny((("events_s",), ("event_name_s",)))),
            names=COLUMNS,
            text_roots=frozenset({("events_s",)}),
        ),
        Shape(
            "Microsoft Sentinel",
            (Has(("IdApplicationName",)), Has(("IdTime",)), Has(("EventName",))),
            rewrite=from_sentinel,
        ),
    ),
    time=field("id", "time"),
    fields=_FIELDS,
    requirements=(Requirement(is_there(NAME), "no event name"),),
)
