"""MICROSOFT_GRAPH_ACTIVITY_LOGS: HTTP requests that Microsoft Graph received for a tenant.

Google's pages put the calling user in `principal.user.userid` at one time and in `product_object_id` at another; both
are filled. A table of Log Analytics has no name of the operation; public rules need one, so it gets the usual one.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.parser import (
    Element,
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
    all_of,
    any_of,
    captured,
    choose,
    constant,
    field,
    first,
    is_there,
    month_first,
    not_,
    quotient,
    remainder,
    translate,
    when,
    whole_number,
)

_CATEGORY = "MicrosoftGraphActivityLogs"
_METHODS = {"0": "Public Client", "1": "Client ID/Client Secret", "2": "Client Certificate"}
_DETECTION_FIELDS = ("wids", "identityProvider", "operationId", "correlationId")
_ADDITIONAL = (
    "roles",
    "tokenIssuedAt",
    "clientRequestId",
    "atContent",
    "operationVersion",
    "resultSignature",
    "servicePrincipalId",
    "appId",
)

_address = first(field("ipAddress"), field("callerIpAddress"))
_ip = ip_of(_address)
_caller = first(field("userId"), field("servicePrincipalId"))
_uri = field("requestUri")
_method = field("requestMethod")
_milliseconds = whole_number(field("durationMs"))
_has_principal = any_of(is_there(_ip), is_there(_caller))

_FIELDS: tuple[UdmValue, ...] = (
    Scalar(
        "metadata.event_type",
        choose(
            (all_of(_has_principal, is_there(_method)), constant("NETWORK_HTTP")),
            (_has_principal, constant("STATUS_UPDATE")),
            otherwise=constant("GENERIC_EVENT"),
        ),
        "published",
    ),
    Scalar("metadata.vendor_name", constant("Microsoft"), "published"),
    Scalar("metadata.product_name", constant("Microsoft Graph"), "published"),
    Scalar("metadata.product_version", field("apiVersion"), "published"),
    Scalar(
        "metadata.product_event_type",
        first(field("operationName"), constant("Microsoft Graph Activity")),
        "public rules",
    ),
    Scalar("metadata.product_log_id", first(field("requestId"), field("__UDI_RequiredFields_UniqueId")), "published"),
    Scalar(
        "metadata.product_deployment_id",
        first(field("tenantId"), field("__UDI_RequiredFields_TenantId")),
        "published",
    ),
    Repeated("principal.ip", (_ip,), "published"),
    Repeated("principal.asset.ip", (_ip,), "published"),
    Scalar("principal.location.name", field("location"), "published"),
    Scalar("principal.user.userid", _caller, "published"),
    Scalar("principal.user.product_object_id", _caller, "published"),
    Scalar("target.url", _uri, "public rules"),
    Scalar("target.hostname", captured(_uri, "^https?://([^/:?#]+)")),
    Scalar("target.resource.product_object_id", field("appId"), "published"),
    Labels("target.resource.attribute.labels", (Label("Resource ID", field("resourceId"), "published"),)),
    Scalar("network.http.method", _method, "published"),
    Scalar("network.http.response_code", whole_number(field("responseStatusCode")), "published", "int"),
    Scalar("network.http.user_agent", field("userAgent"), "published"),
    Scalar("network.received_bytes", whole_number(field("responseSizeBytes")), "published", "uint"),
    Scalar("network.session_duration.seconds", quotient(_milliseconds, 1000), "published", "int"),
    Scalar("network.session_duration.nanos", remainder(_milliseconds, 1000, 1_000_000), "our choice", "int"),
    Scalar("network.session_id", field("signInActivityId"), "published"),
    Scalar("extensions.auth.auth_details", translate(field("clientAuthMethod"), _METHODS), "published"),
    Messages(
        "security_result",
        (
            Element(
                (
                    Repeated("category_details", (field("category"),), "published"),
                    Labels(
                        "detection_fields",
                        (
                            *(Label(name, field(name), "published") for name in _DETECTION_FIELDS),
                            Label("Level", field("level"), "published"),
                        ),
                    ),
                )
            ),
        ),
    ),
    Labels(
        "additional.fields",
        (
            Label("Scopes", field("scopes"), "published"),
            *(Label(name, field(name), "published") for name in _ADDITIONAL),
            Label("ipAddress", when(not_(is_there(_ip)), _address)),
        ),
    ),
)

_ENVELOPE = (
    "time",
    "category",
    "operationName",
    "operationVersion",
    "resourceId",
    "callerIpAddress",
    "correlationId",
    "resultSignature",
)
_DIAGNOSTIC_NAMES: dict[Path, Path] = {**{(name,): (name,) for name in _ENVELOPE}, ("level",): ("Level",)}
_TABLE_NAMES: dict[Path, Path] = {
    ("time",): ("TimeGenerated",),
    ("ipAddress",): ("IPAddress",),
    ("category",): ("Type",),
    ("resourceId",): ("_ResourceId",),
}


def _diagnostic(name: str, category: str) -> Shape:
    names = {**_DIAGNOSTIC_NAMES, ("category",): (category,)}
    evidence = (Is((category,), (_CATEGORY,)), HasAny((("properties", "requestId"), ("properties", "requestUri"))))
    return Shape(name, evidence, ("properties",), names)


PARSER = LogParser(
    log_type="MICROSOFT_GRAPH_ACTIVITY_LOGS",
    shapes=(
        _diagnostic("diagnostic export", "category"),
        _diagnostic("diagnostic export, capitalised", "Category"),
        Shape(
            "Log Analytics",
            (Is(("Type",), (_CATEGORY,)), HasAny((("RequestId",), ("RequestUri",)))),
            names=_TABLE_NAMES,
            capitalised=True,
        ),
    ),
    time=month_first(first(field("time"), field("timeGenerated"), field("__UDI_RequiredFields_EventTime"))),
    fields=_FIELDS,
)
