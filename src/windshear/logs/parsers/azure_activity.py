"""AZURE_ACTIVITY: what happened to the resources of Azure subscriptions, as the Azure activity log tells it.

Google publishes no field table for this log type; most is our choice. One operation leaves several records (started,
accepted, succeeded): only those that say how it ended have an action. Reads are not in this log.

Some export sign-ins of Entra ID with the activity log, and public rules read them under this type. By itself such a
record is AZURE_AD; `--type azure_activity` reads it as those rules expect.
"""

from __future__ import annotations

from collections.abc import Iterable

from windshear.logs.addresses import ip_of, is_ip
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
    Scalar,
    Shape,
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
    lower,
    matches,
    month_first,
    not_,
    rewritten,
    translate,
    when,
)

_CATEGORIES = (
    "Administrative",
    "Security",
    "ServiceHealth",
    "ResourceHealth",
    "Alert",
    "Autoscale",
    "Recommendation",
    "Policy",
    "Write",
    "Delete",
    "Action",
)
_SIGN_INS = (
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
)
_MICROSOFT = "http://schemas.microsoft.com/identity/claims/"
_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def _claim(*names: str) -> Value:
    return first(*(field("claims", name) for name in names))


_operation = field("operationName")
_category = field("category")
_is_sign_in = any_of(is_any(_category, _SIGN_INS), is_any(_operation, ["Sign-in activity"]))
_result = first(field("status"), field("resultType"))
_outcome = lower(_result)
_addresses = tuple(
    ip_of(address) for address in (field("callerIpAddress"), field("httpRequest", "clientIpAddress"), _claim("ipaddr"))
)
_user_name = first(
    field("userPrincipalName"),
    _claim(_SOAP + "upn", "upn", _SOAP + "name", _SOAP + "emailaddress", "unique_name"),
    field("caller"),
)
_evidence = ("authorization", "evidence")
# Whose role assignment allowed it, which may be a group's; ids are written without dashes here.
_assignee = when(
    is_any(lower(field(*_evidence, "principalType")), ["user", "serviceprincipal"]),
    rewritten(
        field(*_evidence, "principalId"),
        "^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$",
        r"\1-\2-\3-\4-\5",
    ),
)
_object_id = first(field("userId"), _claim(_MICROSOFT + "objectidentifier", "oid"), _assignee)
_caller = first(_user_name, _object_id, _claim("appid"))
_resource = field("resourceId")
# The portal's table has the operation as it is shown: `Delete Virtual Machine`.
_verb = lower(first(captured(_operation, "/([A-Za-z]+)$"), captured(_operation, "^([A-Za-z]+) ")))
_changes_access = matches(
    _operation,
    "(?i)roleAssignments/|roleDefinitions/|elevateAccess|accessPolicies/|roleEligib|roleManagementPolicies"
    "|role (assignment|definition)$",
)
_reads = matches(
    _operation, r"(?i)/(list|get|read|export|download|show)[A-Za-z]*(/action)?$|^(list|get|read|export|download|show) "
)
_has_caller = is_there(_caller)
_level = lower(field("level"))

_event_type = choose(
    (_is_sign_in, constant("USER_LOGIN")),
    (all_of(_has_caller, _changes_access), constant("USER_RESOURCE_UPDATE_PERMISSIONS")),
    (all_of(_has_caller, is_any(_verb, ["delete"])), constant("USER_RESOURCE_DELETION")),
    (all_of(_has_caller, _reads), constant("USER_RESOURCE_ACCESS")),
    (all_of(_has_caller, is_there(_operation)), constant("USER_RESOURCE_UPDATE_CONTENT")),
    (is_there(_category), constant("STATUS_UPDATE")),
    otherwise=constant("GENERIC_EVENT"),
)
_action = choose(
    (all_of(_is_sign_in, is_there(_result)), when(is_any(_result, ["0"]), constant("ALLOW"), constant("BLOCK"))),
    (is_any(_outcome, ["success", "succeeded", "accept", "accepted"]), constant("ALLOW")),
    (is_any(_outcome, ["failure", "failed"]), constant("BLOCK")),
)

_SECURITY_RESULT = Element(
    (
        Repeated("action", (_action,), "public rules"),
        Scalar("action_details", _result, "public rules"),
        Repeated("category_details", (_category,), "public rules"),
        Scalar("summary", first(field("subStatus"), field("resultSignature"))),
        Scalar("description", first(field("resultDescription"), field("description"))),
        Scalar(
            "severity",
            translate(
                _level,
                {
                    "informational": "INFORMATIONAL",
                    "information": "INFORMATIONAL",
                    "verbose": "INFORMATIONAL",
                    "4": "INFORMATIONAL",
                    "warning": "MEDIUM",
                    "error": "ERROR",
                    "critical": "CRITICAL",
                },
            ),
        ),
        Scalar("severity_details", field("level")),
        Labels(
            "detection_fields",
            (
                Label("correlationId", field("correlationId")),
                Label("operationId", field("operationId")),
                Label("eventName", field("eventName")),
            ),
        ),
    )
)

_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", _event_type, "public rules"),
    Scalar("metadata.vendor_name", constant("Microsoft"), "public rules"),
    Scalar("metadata.product_name", constant("Azure Activity"), "public rules"),
    Scalar("metadata.product_event_type", _operation, "public rules"),
    Scalar("metadata.product_log_id", first(field("eventDataId"), field("id"))),
    Repeated("principal.ip", _addresses, "public rules"),
    Repeated("principal.asset.ip", _addresses, "public rules"),
    Scalar("principal.user.userid", _caller, "public rules"),
    Scalar("principal.user.product_object_id", _object_id, "published"),
    Scalar("principal.user.user_display_name", first(field("userDisplayName"), _claim("name"))),
    Scalar(
        "principal.user.account_type",
        translate(_claim("idtyp"), {"user": "DOMAIN_ACCOUNT_TYPE", "app": "SERVICE_ACCOUNT_TYPE"}),
        "published",
    ),
    Repeated(
        "principal.user.email_addresses",
        tuple(when(matches(name, "@"), name) for name in (_user_name, _claim(_SOAP + "emailaddress"))),
        "public rules",
    ),
    Messages(
        "principal.user.attribute.roles", (Element((Scalar("name", field("authorization", "evidence", "role")),)),)
    ),
    Labels(
        "principal.user.attribute.labels",
        (
            Label("appid", _claim("appid")),
            Label("appidacr", _claim("appidacr")),
            Label("authnmethodsreferences", _claim("http://schemas.microsoft.com/claims/authnmethodsreferences")),
            Label("uti", _claim("uti")),
        ),
    ),
    Scalar("principal.location.country_or_region", field("location", "countryOrRegion"), "public rules"),
    Scalar("principal.location.city", field("location", "city"), "public rules"),
    Scalar("principal.location.state", field("location", "state"), "public rules"),
    Scalar("target.user.userid", when(_is_sign_in, _user_name)),
    Scalar(
        "target.application",
        first(field("appDisplayName"), field("resourceProviderName"), captured(_operation, "^([A-Za-z.]+)/")),
        "public rules",
    ),
    Scalar("target.resource.name", _resource),
    Scalar("target.resource.product_object_id", _resource),
    Scalar("target.resource.resource_subtype", field("resourceType")),
    Scalar("target.cloud.environment", when(is_there(_resource), constant("MICROSOFT_AZURE"))),
    Scalar(
        "target.cloud.project.id",
        first(field("subscriptionId"), captured(_resource, "(?i)^/subscriptions/([^/]+)")),
    ),
    Labels(
        "target.resource.attribute.labels",
        (
            Label(
                "resourceGroup", first(field("resourceGroupName"), captured(_resource, "(?i)/resourceGroups/([^/]+)"))
            ),
            Label("action", field("authorization", "action")),
            Label("scope", field("authorization", "scope")),
        ),
    ),
    Scalar("network.http.method", field("httpRequest", "method")),
    Scalar("network.http.user_agent", field("userAgent"), "public rules"),
    Scalar("network.session_id", first(field("sessionId"), _claim("sid")), "public rules"),
    Messages("security_result", (_SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            Label("tenantId", first(field("tenantId"), _claim(_MICROSOFT + "tenantid"))),
            Label("callerIpAddress", when(not_(is_ip(field("callerIpAddress"))), field("callerIpAddress"))),
            Label("clientRequestId", field("httpRequest", "clientRequestId")),
            Label("authorization", field("authorization")),
        ),
        (Flattened("properties", ("properties",)),),
    ),
)


def _valued(spelling: Iterable[tuple[str, str]]) -> dict[Path, Path]:
    """Give the places of what is written as an object of a value and its translation."""
    return {(name,): (written, "value") for name, written in spelling}


_VALUED = ("operationName", "category", "status", "subStatus", "eventName", "resourceProviderName", "resourceType")
_SNAKE = {
    "operationName": "operation_name",
    "category": "category",
    "status": "status",
    "subStatus": "sub_status",
    "eventName": "event_name",
    "resourceProviderName": "resource_provider_name",
    "resourceType": "resource_type",
}
_SNAKE_PLAIN: dict[Path, Path] = {
    ("time",): ("event_timestamp",),
    ("eventDataId",): ("event_data_id",),
    ("correlationId",): ("correlation_id",),
    ("operationId",): ("operation_id",),
    ("resourceGroupName",): ("resource_group_name",),
    ("resourceId",): ("resource_id",),
    ("subscriptionId",): ("subscription_id",),
    ("tenantId",): ("tenant_id",),
    ("httpRequest", "clientIpAddress"): ("http_request", "client_ip_address"),
    ("httpRequest", "clientRequestId"): ("http_request", "client_request_id"),
    ("httpRequest", "method"): ("http_request", "method"),
}
_DIAGNOSTIC_NAMES: dict[Path, Path] = {
    ("claims",): ("identity", "claims"),
    ("authorization",): ("identity", "authorization"),
    ("status",): ("resultType",),
}
_LOWER_CASE = (
    "operationName",
    "resourceId",
    "resultType",
    "resultSignature",
    "callerIpAddress",
    "correlationId",
    "resourceGroupName",
    "subscriptionId",
)
_TABLE_NAMES: dict[Path, Path] = {
    ("time",): ("TimeGenerated",),
    ("operationName",): ("OperationNameValue",),
    ("category",): ("CategoryValue",),
    ("status",): ("ActivityStatusValue",),
    ("subStatus",): ("ActivitySubstatusValue",),
    ("resourceId",): ("_ResourceId",),
    ("resourceProviderName",): ("ResourceProviderValue",),
    ("resourceGroupName",): ("ResourceGroup",),
    ("httpRequest",): ("HTTPRequest",),
    ("properties",): ("Properties",),
    ("id",): ("_ItemId",),
}
_TABLE_TEXTS = frozenset({("Claims",), ("Authorization",), ("HTTPRequest",), ("Properties",)})
_SIGN_IN_NAMES: dict[Path, Path] = {
    ("status",): ("resultType",),
    **{
        (name,): (name,)
        for name in (
            "time",
            "operationName",
            "category",
            "resultType",
            "resultDescription",
            "callerIpAddress",
            "tenantId",
        )
    },
}

_PORTAL_NAMES: dict[Path, Path] = {
    ("shown", "time"): ("Time",),  # as the viewer's country writes it, so it may not be month first
    ("operationName",): ("Operation name",),
    ("status",): ("Status",),
    ("category",): ("Event category",),
    ("level",): ("Level",),
    ("correlationId",): ("Correlation id",),
    ("caller",): ("Event initiated by",),
    ("subscriptionId",): ("Subscription",),
    ("resourceId",): ("Resource",),
    ("resourceType",): ("Resource type",),
    ("resourceGroupName",): ("Resource group",),
}

PARSER = LogParser(
    log_type="AZURE_ACTIVITY",
    shapes=(
        Shape(
            "REST interface",
            (Has(("operationName", "value")), HasAny((("eventTimestamp",), ("eventDataId",)))),
            names={("time",): ("eventTimestamp",), **_valued((name, name) for name in _VALUED)},
        ),
        Shape(
            "Python library",
            (Has(("operation_name", "value")), HasAny((("event_timestamp",), ("event_data_id",)))),
            names={**_SNAKE_PLAIN, **_valued(_SNAKE.items())},
        ),
        Shape(
            "export",
            (Has(("operationName",)), Has(("resourceId",)), Is(("category",), _CATEGORIES)),
            names=_DIAGNOSTIC_NAMES,
        ),
        Shape(
            "export, lower case",
            (Has(("operationname",)), Has(("resourceid",)), Is(("category",), _CATEGORIES)),
            names={**_DIAGNOSTIC_NAMES, ("status",): ("resulttype",), **{(n,): (n.lower(),) for n in _LOWER_CASE}},
        ),
        Shape(
            "Log Analytics",
            (Has(("OperationNameValue",)), HasAny((("ActivityStatusValue",), ("CategoryValue",)))),
            names=_TABLE_NAMES,
            capitalised=True,
            text_roots=_TABLE_TEXTS,
        ),
        Shape(
            "table of the portal",
            (
                Has(("Operation name",)),
                Has(("Event category",)),
                Has(("Time",)),
                HasAny((("Correlation id",), ("Level",))),
            ),
            names=_PORTAL_NAMES,
        ),
        Shape(
            "sign-in sent with the activity log",
            (Is(("category",), _SIGN_INS), Has(("properties",))),
            ("properties",),
            _SIGN_IN_NAMES,
        ),
    ),
    time=first(month_first(field("time")), field("shown", "time")),
    fields=_FIELDS,
)
