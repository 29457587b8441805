"""GCP_CLOUDAUDIT: Cloud Audit Logs of Google Cloud (admin activity, data access, system events, denied by policy).

Google publishes no field table for this log type. What public rules read is filled where they read it; the rest is
our choice. Facts that decide a detection:

* `principalEmail` is who the call was made as. Where somebody acted as a service account,
  `serviceAccountDelegationInfo` names the chain, and its first entry, who began it, stands in `src.user`; the whole
  chain is the label `serviceAccountDelegationInfo`.
* `callerIp` may be `private` or `gce-internal-ip`: only a well-formed address enters `principal.ip`, the text is kept
  as the label `callerIp`.
* `gcloud` tells in its user agent which command ran, and gives all calls of one run the same id; both are in
  `additional.fields`.
* A status code other than 0 means that the call failed or was denied. An operation that takes time gives an entry at
  its beginning and one at its end (`operation.first`, `operation.last`).
* Of several changes of a policy in one call, the labels `ser_binding_deltas_...` tell the first that adds a binding;
  all of them are in `serviceData.policyDelta.bindingDeltas`.
* `target.user` is the account that the call is about. Rules look there for the caller of deletions, so where a call is
  about no other account it is the principal.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.gcp_event_types import CHALLENGE_FAILED, event_type, login
from windshear.logs.gcp_labels import DETECTION_FIELDS, TARGET_LABELS, first_delta
from windshear.logs.gcp_names import PRODUCTS, RESOURCE_TYPES, SEVERITIES
from windshear.logs.parser import (
    Element,
    Flattened,
    Has,
    HasAny,
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
    Path,
    Value,
    all_of,
    any_of,
    captured,
    choose,
    constant,
    contains,
    entry_at,
    field,
    first,
    found,
    is_any,
    is_there,
    item,
    matches,
    not_,
    shared,
    translate,
    when,
)

_PAYLOAD = "protoPayload"
_method = field(_PAYLOAD, "methodName")
_service = field(_PAYLOAD, "serviceName")
_email = field(_PAYLOAD, "authenticationInfo", "principalEmail")
_subject = field(_PAYLOAD, "authenticationInfo", "principalSubject")
_principal = first(_email, _subject)
_address = field(_PAYLOAD, "requestMetadata", "callerIp")
_ip = ip_of(_address)
_agent = field(_PAYLOAD, "requestMetadata", "callerSuppliedUserAgent")
_code = field(_PAYLOAD, "status", "code")
_severity = field("severity")
_kind = field("resource", "type")
_zone = first(field("resource", "labels", "zone"), field("resource", "labels", "location"))

_event = field(_PAYLOAD, "metadata", "event", item(0), "eventName")
_parameters = (_PAYLOAD, "metadata", "event", item(0), "parameter")
_is_login = login(_method, _service)
_is_of_logins = is_any(_service, ["login.googleapis.com"])
_is_of_admin = is_any(_service, ["admin.googleapis.com"])
_challenge = when(_is_of_logins, entry_at(_parameters, "login_challenge_status", ("name", "value")))
_login_failed = all_of(_is_login, any_of(matches(_event, "(?i)fail|blocked"), matches(_challenge, CHALLENGE_FAILED)))
_failed = any_of(all_of(is_there(_code), not_(is_any(_code, ["0"]))), _login_failed)

_delegation = (_PAYLOAD, "authenticationInfo", "serviceAccountDelegationInfo")
_first_delegate = first(
    field(*_delegation, item(0), "firstPartyPrincipal", "principalEmail"),
    field(*_delegation, item(0), "principalSubject"),
)

_member = first_delta("member")
_made_account = first(
    field(_PAYLOAD, "response", "email"),
    when(is_any(_kind, ["service_account"]), field("resource", "labels", "email_id")),
    field(_PAYLOAD, "request", "account_id"),
)
_about_account = first(
    when(is_there(_member), first(captured(_member, r"^[A-Za-z]+:(?:.*:)?([^:/]+@[^:/]+)$"), _member)),
    _made_account,
    when(_is_of_admin, entry_at(_parameters, "USER_EMAIL", ("name", "value"))),
    when(_is_of_logins, entry_at(_parameters, "affected_email_address", ("name", "value"))),
)
_target_user = shared(first(_about_account, _principal))
_log = found(field("logName"), "(?:activity|data_access|system_event|policy)$")
_is_policy = any_of(*(contains(field("logName"), f"cloudaudit.googleapis.com{mark}policy") for mark in ("%2F", "/")))


def _mail(value: Value) -> Value:
    """Take a text that is a mail address; other principals are paths with a scheme."""
    return when(all_of(contains(value, "@"), not_(contains(value, ":"))), value)


_SECURITY_RESULT = Element(
    (
        Repeated("action", (when(_failed, constant("BLOCK"), constant("ALLOW")),), "public rules"),
        Repeated(
            "category",
            (
                choose(
                    (_login_failed, constant("AUTH_VIOLATION")),
                    (_is_policy, constant("POLICY_VIOLATION")),
                    (is_any(_code, ["7", "16"]), constant("ACL_VIOLATION")),
                ),
            ),
        ),
        Scalar("description", field(_PAYLOAD, "status", "message")),
        Scalar("severity", translate(_severity, SEVERITIES), "public rules"),
        Scalar("severity_details", _severity),
        Scalar("summary", _log),
        Labels("detection_fields", DETECTION_FIELDS),
    ),
    is_there(constant("")),
)

_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", event_type(_method, _service, _principal), "public rules"),
    Scalar("metadata.vendor_name", constant("Google Cloud Platform"), "public rules"),
    Scalar(
        "metadata.product_name",
        translate(_service, PRODUCTS, constant("Google Cloud Platform")),
        "public rules",
    ),
    Scalar("metadata.product_event_type", _method, "public rules"),
    Scalar("metadata.product_log_id", field("insertId")),
    Scalar("principal.user.userid", _principal, "public rules"),
    Repeated("principal.user.email_addresses", (_mail(_email),), "public rules"),
    Scalar("principal.user.user_display_name", _principal, "public rules"),
    Scalar(
        "principal.user.account_type",
        choose(
            (matches(_email, r"gserviceaccount[.]com$"), constant("SERVICE_ACCOUNT_TYPE")),
            (matches(_email, "@"), constant("CLOUD_ACCOUNT_TYPE")),
        ),
    ),
    Labels(
        "principal.user.attribute.labels",
        (
            Label("principalSubject", _subject),
            Label("authoritySelector", field(_PAYLOAD, "authenticationInfo", "authoritySelector")),
            Label("serviceAccountDelegationInfo", when(is_there(_first_delegate), field(*_delegation))),
            Label("thirdPartyPrincipal", field(_PAYLOAD, "authenticationInfo", "thirdPartyPrincipal")),
        ),
    ),
    Repeated("principal.ip", (_ip,), "public rules"),
    Repeated("principal.asset.ip", (_ip,), "published"),
    Labels("principal.labels", (Label("callerIp", when(not_(is_there(_ip)), _address)),)),
    Scalar("src.user.userid", _first_delegate),
    Repeated("src.user.email_addresses", (_mail(_first_delegate),)),
    Scalar("network.http.user_agent", _agent, "public rules"),
    Scalar("target.application", _service, "public rules"),
    Scalar("target.user.userid", _target_user, "public rules"),
    Repeated("target.user.email_addresses", (_mail(_target_user),)),
    Scalar("target.location.name", _zone),
    Scalar("target.resource.name", field(_PAYLOAD, "resourceName"), "public rules"),
    Scalar("target.resource.resource_subtype", _kind, "public rules"),
    Scalar("target.resource.resource_type", translate(_kind, RESOURCE_TYPES), "public rules"),
    Scalar(
        "target.resource.product_object_id",
        first(
            *(
                field("resource", "labels", name)
                for name in ("instance_id", "disk_id", "image_id", "snapshot_id", "firewall_rule_id", "unique_id")
            ),
            # The application that gets domain-wide delegation.
            when(_is_of_admin, entry_at(_parameters, "API_CLIENT_NAME", ("name", "value"))),
        ),
    ),
    Scalar("target.resource.attribute.cloud.environment", constant("GOOGLE_CLOUD_PLATFORM")),
    Scalar("target.resource.attribute.cloud.availability_zone", _zone),
    Scalar(
        "target.resource.attribute.cloud.project.name",
        first(field("resource", "labels", "project_id"), captured(field("logName"), "^projects/([^/]+)/")),
    ),
    Labels(
        "target.resource.attribute.labels",
        TARGET_LABELS,
        (
            Flattened("request", (_PAYLOAD, "request")),
            Flattened("response", (_PAYLOAD, "response")),
            Flattened("metadata", (_PAYLOAD, "metadata")),
            Flattened("serviceData", (_PAYLOAD, "serviceData")),
            Flattened("resource.labels", ("resource", "labels")),
        ),
    ),
    Messages(
        "about",
        (
            Element(
                (
                    Labels(
                        "labels",
                        (
                            Label("is_suspicious", entry_at(_parameters, "is_suspicious", ("name", "boolValue"))),
                            Label(
                                "res_valid_before_time",
                                field(_PAYLOAD, "response", "valid_before_time", "seconds"),
                                "public rules",
                            ),
                        ),
                    ),
                )
            ),
        ),
    ),
    Scalar("extensions.auth.type", when(_is_login, constant("SSO"))),
    Scalar("extensions.auth.auth_details", entry_at(_parameters, "login_type", ("name", "value"))),
    Messages("security_result", (_SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            Label("logName", field("logName")),
            Label("callerNetwork", field(_PAYLOAD, "requestMetadata", "callerNetwork")),
            Label("reason", field(_PAYLOAD, "requestMetadata", "requestAttributes", "reason")),
            Label("gcloudCommand", captured(_agent, r"\bcommand/(gcloud[^ ,]*)")),
            Label("gcloudInvocationId", captured(_agent, r"\binvocation-id/([0-9A-Za-z-]+)")),
            Label("gcloudInteractive", captured(_agent, r"\binteractive/(True|False)\b")),
            Label("operationId", field("operation", "id")),
            Label("operationFirst", field("operation", "first")),
            Label("operationLast", field("operation", "last")),
            Label("trace", field("trace")),
        ),
    ),
)

_BIGQUERY: dict[Path, Path] = {
    (_PAYLOAD, "request"): ("protopayload_auditlog", "requestJson"),
    (_PAYLOAD, "response"): ("protopayload_auditlog", "responseJson"),
    (_PAYLOAD, "metadata"): ("protopayload_auditlog", "metadataJson"),
    (_PAYLOAD, "serviceData"): ("protopayload_auditlog", "servicedata_v1_iam"),
    (_PAYLOAD,): ("protopayload_auditlog",),
}
_ACTIVITY: dict[Path, Path] = {
    (_PAYLOAD, "methodName"): ("jsonPayload", "event_subtype"),
    (_PAYLOAD, "serviceName"): ("resource", "labels", "service"),
    (_PAYLOAD, "authenticationInfo", "principalEmail"): ("jsonPayload", "actor", "user"),
    (_PAYLOAD, "requestMetadata", "callerIp"): ("jsonPayload", "ip_address"),
    (_PAYLOAD, "requestMetadata", "callerSuppliedUserAgent"): ("jsonPayload", "user_agent"),
    (_PAYLOAD, "resourceName"): ("jsonPayload", "resource", "name"),
    (_PAYLOAD, "status"): ("jsonPayload", "error"),
}


def _entry(name: str, *prefix: str) -> Shape:
    return Shape(
        name,
        (
            Has((*prefix, _PAYLOAD, "methodName")),
            HasAny(tuple((*prefix, key) for key in ("logName", "insertId", "timestamp", "receiveTimestamp"))),
        ),
        prefix,
    )


PARSER = LogParser(
    log_type="GCP_CLOUDAUDIT",
    shapes=(
        _entry("log entry"),
        _entry("CloudEvent", "data"),
        Shape(
            "Pub/Sub message of a log sink",
            (Has(("message", "data")), Has(("message", "attributes", "logging.googleapis.com/timestamp"))),
            split=Split(("message", "data"), all_of(), is_alone=True),
        ),
        Shape(
            "BigQuery export",
            (Has(("protopayload_auditlog", "methodName")), HasAny((("logName",), ("insertId",)))),
            names=_BIGQUERY,
            text_roots=frozenset(
                ("protopayload_auditlog", key) for key in ("requestJson", "responseJson", "metadataJson")
            ),
        ),
        Shape(
            "activity log of Compute Engine before audit logs",
            (Has(("jsonPayload", "event_subtype")), Has(("jsonPayload", "actor", "user")), Has(("logName",))),
            names=_ACTIVITY,
        ),
    ),
    time=first(field("timestamp"), field("receiveTimestamp")),
    fields=_FIELDS,
    requirements=(Requirement(is_there(_method), "no method name"),),
)
