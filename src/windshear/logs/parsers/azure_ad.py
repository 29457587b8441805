"""AZURE_AD: sign-ins of Microsoft Entra ID, by people and by service principals, interactive or not.

The published mapping changed on 2026-01-01 and rules exist for both forms, so both places are filled unless they
clash; then the current one wins. `--mapping azure_ad=2026` fills the current form alone, `--mapping azure_ad=2025` the
one before. The declaration is written with the names of Microsoft Graph; the shapes say where a diagnostic export and a
Log Analytics export put the same values.

No published mapping gives `security_result.risk_score`: risk stands in `detection_fields` as text. `none` is a risk
level, `hidden` and an absent one mean that nobody knows; an empty `authenticationRequirement` is absent, not single
factor.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.entra_sign_in_shapes import SHAPES
from windshear.logs.mappings import Form
from windshear.logs.parser import (
    Element,
    Label,
    Labels,
    LogParser,
    Messages,
    Repeated,
    Scalar,
    UdmValue,
)
from windshear.logs.values import (
    Value,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    matches,
    month_first,
    not_,
    when,
)


def _filled(name: str) -> Value:
    """Read a value; an empty list or object, often itself written as text, is none."""
    return when(not_(is_any(field(name), ["[]", "{}"])), field(name))


_error_code = first(field("status", "errorCode"), field("resultType"))
_address = first(field("ipAddress"), field("callerIpAddress"))
_device_name = field("deviceDetail", "displayName")
_system = field("deviceDetail", "operatingSystem")
_browser = field("deviceDetail", "browser")
_failure_reason = first(field("status", "failureReason"), field("resultDescription"))
_additional_details = field("status", "additionalDetails")
_user_principal = field("userPrincipalName")
_service_principal = field("servicePrincipalId")
_display_name = first(field("userDisplayName"), field("identity"), field("servicePrincipalName"))
_category = first(
    field("category"),
    choose(
        (matches(field("signInEventTypes"), "nonInteractiveUser"), constant("NonInteractiveUserSignInLogs")),
        (matches(field("signInEventTypes"), "interactiveUser"), constant("SignInLogs")),
        (matches(field("signInEventTypes"), "servicePrincipal"), constant("ServicePrincipalSignInLogs")),
        (matches(field("signInEventTypes"), "managedIdentity"), constant("ManagedIdentitySignInLogs")),
    ),
)
_level = field("level")
_RISKS = (
    "riskState",
    "riskDetail",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "riskEventTypes",
    "riskEventTypes_v2",
    "riskType",
    "riskLevel",
)
_UNCHANGED = (
    "authenticationProtocol",
    "authenticationRequirement",
    "authenticationDetails",
    "authenticationMethodsUsed",
    "authenticationProcessingDetails",
    "authenticationRequirementPolicies",
    "appliedConditionalAccessPolicies",
    "incomingTokenType",
    "tokenIssuerName",
    "tokenIssuerType",
    "uniqueTokenIdentifier",
    "originalTransferMethod",
    "crossTenantAccessType",
    "clientCredentialType",
    "federatedCredentialId",
    "userType",
    "signInTokenProtectionStatus",
    "servicePrincipalName",
    "servicePrincipalCredentialKeyId",
    "servicePrincipalCredentialThumbprint",
    "isInteractive",
    "resultType",
    "operationName",
    "homeTenantName",
)
_TARGET_LABELS = (
    "resourceId",
    "resourceTenantId",
    "resourceOwnerTenantId",
    "resourceServicePrincipalId",
    "homeTenantId",
    "appOwnerTenantId",
    "servicePrincipalId",
)

_ip = ip_of(_address)

_SECURITY_RESULT = Element(
    (
        Repeated(
            "action",
            (when(is_there(_error_code), when(is_any(_error_code, ["0"]), constant("ALLOW"), constant("BLOCK"))),),
            "published",
        ),
        Repeated(
            "category",
            (when(is_there(_error_code), when(not_(is_any(_error_code, ["0"])), constant("AUTH_VIOLATION"))),),
        ),
        Repeated("category_details", (_category,), "published"),
        Scalar("rule_id", _error_code, "public rules"),
        Scalar(
            "description",
            first(_failure_reason, _additional_details),
            "published",
        ),
        Scalar(
            "summary",
            when(
                is_there(_error_code),
                when(
                    is_any(_error_code, ["0"]),
                    constant("Successful login occurred"),
                    constant("Failed login occurred"),
                ),
            ),
        ),
        Scalar("severity_details", _level, "published"),
        Scalar(
            "severity",
            when(is_any(_level, ["4", "Informational", "Information"]), constant("INFORMATIONAL")),
            "published",
        ),
        Scalar(
            "priority",
            when(is_any(field("riskLevelDuringSignIn"), ["medium"]), constant("MEDIUM_PRIORITY")),
            "published",
        ),
        Labels(
            "detection_fields",
            (
                Label("errorCode", field("status", "errorCode"), "published"),
                *(Label(name, _filled(name), "published") for name in _RISKS),
                Label("correlationId", field("correlationId"), "published"),
                Label("conditionalAccessStatus", field("conditionalAccessStatus")),
                Label("authenticationRequirement", field("authenticationRequirement"), "published"),
                Label("signInSessionStatus", field("tokenProtectionStatusDetails", "signInSessionStatus"), "published"),
            ),
        ),
        Labels("rule_labels", (Label("isCompliant", field("deviceDetail", "isCompliant"), "published"),)),
    ),
    is_there(constant("")),
)

_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", constant("USER_LOGIN"), "published"),
    Scalar("metadata.vendor_name", constant("Microsoft"), "public rules"),
    Scalar("metadata.product_name", constant("Azure AD"), "public rules"),
    Scalar("metadata.product_event_type", first(field("operationName"), constant("Sign-in activity")), "published"),
    Scalar("metadata.product_log_id", first(field("id"), field("correlationId")), "published"),
    Repeated("principal.ip", (_ip,), "published"),
    Repeated("principal.asset.ip", (_ip,), "published"),
    Scalar("principal.hostname", _device_name, "published"),
    Scalar("principal.asset.hostname", _device_name, "published"),
    Scalar("principal.asset.asset_id", field("deviceDetail", "deviceId"), "published"),
    Labels(
        "principal.asset.attribute.labels",
        tuple(Label(name, field("deviceDetail", name), "published") for name in ("trustType", "isManaged")),
    ),
    Scalar(
        "principal.platform",
        choose(
            (matches(_system, "(?i)^win"), constant("WINDOWS")),
            (matches(_system, "(?i)^mac"), constant("MAC")),
            (matches(_system, "(?i)^lin"), constant("LINUX")),
            (matches(_system, "(?i)^ios"), constant("IOS")),
            (matches(_system, "(?i)^android"), constant("ANDROID")),
        ),
        "published",
    ),
    Scalar("principal.platform_version", _system, "published"),
    Scalar("principal.application", field("clientAppUsed")),
    Scalar("principal.location.city", field("location", "city"), "published"),
    Scalar("principal.location.state", field("location", "state"), "published"),
    Scalar("principal.location.country_or_region", field("location", "countryOrRegion"), "published"),
    Scalar(
        "principal.location.region_coordinates.latitude",
        field("location", "geoCoordinates", "latitude"),
        kind="float",
    ),
    Scalar(
        "principal.location.region_coordinates.longitude",
        field("location", "geoCoordinates", "longitude"),
        kind="float",
    ),
    Scalar("principal.user.userid", _service_principal, "published"),
    Scalar("principal.user.product_object_id", first(field("userId"), field("appId")), "published"),
    Scalar("principal.user.user_display_name", _display_name, "published"),
    Repeated(
        "principal.user.email_addresses",
        (when(matches(_user_principal, "@"), _user_principal),),
        "published",
    ),
    Repeated("principal.user.phone_numbers", (field("mfaDetail", "authDetail"),), "published"),
    Labels(
        "principal.resource.attribute.labels",
        (
            Label("ipAddressFromResourceProvider", field("ipAddressFromResourceProvider"), "published"),
            Label("autonomousSystemNumber", field("autonomousSystemNumber"), "published"),
            Label("browser", _browser, "published"),
        ),
    ),
    Scalar(
        "target.user.userid",
        first(
            _user_principal,
            field("signInIdentifier"),
            field("alternateSignInName"),
            field("userId"),
            _service_principal,
        ),
        "public rules",
    ),
    Scalar("target.user.product_object_id", field("userId"), "published"),
    Scalar("target.user.user_display_name", _display_name, "public rules"),
    Scalar("target.application", field("appDisplayName"), "published"),
    Scalar("target.resource.name", field("resourceDisplayName"), "published"),
    Labels(
        "target.resource.attribute.labels",
        (
            Label("App Id", field("appId"), "public rules"),
            *(Label(name, field(name), "published") for name in _TARGET_LABELS),
            Label("resourceDisplayName", field("resourceDisplayName"), "published"),
        ),
    ),
    Scalar("network.http.user_agent", first(field("userAgent"), _browser), "published"),
    Scalar("network.session_id", first(field("sessionId"), field("originalRequestId")), "published"),
    Scalar("observer.application", field("loggedByService"), "published"),
    Scalar("extensions.auth.type", constant("SSO")),
    Repeated(
        "extensions.auth.mechanism",
        (when(is_any(field("isInteractive"), ["true", "True"]), constant("INTERACTIVE")),),
        "published",
    ),
    Scalar(
        "extensions.auth.auth_details",
        first(_filled("authenticationMethodsUsed"), field("authenticationRequirement")),
        "published",
    ),
    Messages("security_result", (_SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            *(Label(name, _filled(name), "published") for name in (*_UNCHANGED, *_RISKS, *_TARGET_LABELS)),
            Label("additionalDetails", _additional_details, "published"),
            Label("failureReason", field("status", "failureReason"), "published"),
            Label("altitude", field("location", "geoCoordinates", "altitude"), "published"),
            Label("ipAddress", when(not_(is_there(_ip)), _address)),
        ),
    ),
)

_NEW_LABELS = ("resourceId", "resourceTenantId", "resourceOwnerTenantId", "homeTenantId", "appOwnerTenantId")
_SINCE_2026 = Form(
    without=(
        "target.user.product_object_id",
        "target.user.user_display_name",
        "security_result.rule_id",
        'principal.resource.attribute.labels["browser"]',
        'target.resource.attribute.labels["App Id"]',
        'target.resource.attribute.labels["resourceDisplayName"]',
        'additional.fields["operationName"]',
        'additional.fields["failureReason"]',
        *(f'additional.fields["{name}"]' for name in (*_RISKS, *_TARGET_LABELS)),
    ),
    instead={"security_result.description": _failure_reason, "metadata.product_log_id": field("id")},
)
_UNTIL_2025 = Form(
    without=(
        "metadata.product_event_type",
        "principal.hostname",
        "principal.asset.hostname",
        "principal.user.userid",
        "principal.user.product_object_id",
        "principal.user.user_display_name",
        "target.resource.name",
        "observer.application",
        'security_result.detection_fields["errorCode"]',
        'security_result.detection_fields["correlationId"]',
        *(f'security_result.detection_fields["{name}"]' for name in _RISKS),
        *(f'target.resource.attribute.labels["{name}"]' for name in (*_NEW_LABELS, "resourceServicePrincipalId")),
        'target.resource.attribute.labels["servicePrincipalId"]',
        'additional.fields["additionalDetails"]',
        'additional.fields["resultType"]',
    ),
    instead={
        "security_result.description": _additional_details,
        "metadata.product_log_id": first(field("correlationId"), field("id")),
        "network.http.user_agent": field("userAgent"),
        "target.application": first(field("loggedByService"), field("appDisplayName")),
    },
)

PARSER = LogParser(
    log_type="AZURE_AD",
    shapes=SHAPES,
    time=first(field("createdDateTime"), month_first(field("time"))),
    fields=_FIELDS,
    mappings={"2025": _UNTIL_2025.of(_FIELDS), "2026": _SINCE_2026.of(_FIELDS)},
)
