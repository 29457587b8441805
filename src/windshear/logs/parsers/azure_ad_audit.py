"""AZURE_AD_AUDIT: changes in the directory of Microsoft Entra ID: users, groups, roles, applications, policies.

The first target is `target.resource`, whatever it is, as public rules read it, and `target.user` or `target.group`,
too, if it is one; further targets stand in `about`. A user or group that is not the first target is also `target.user`
or `target.group`. New values of changed properties are `target.resource.attribute.labels`, old ones
`src.resource.attribute.labels`, without the JSON quotes of the log. Up to five targets are taken apart; all of them
stay in `additional.fields["targetResources"]`.

Names of activities are kept as they are, with the en dash and the trailing space of some of them.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.entra_event_types import event_type
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
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.portal_columns import AUDIT
from windshear.logs.portal_tables import AUDIT_EVIDENCE, audit
from windshear.logs.values import (
    Condition,
    Path,
    Value,
    any_of,
    bare,
    captured,
    choose,
    constant,
    entry_at,
    field,
    first,
    is_any,
    is_there,
    item,
    lower,
    matches,
    month_first,
    not_,
    shared,
    shared_test,
    when,
)

_TARGETS = 5
_CHANGED, _NEW, _OLD = "modifiedProperties", ("displayName", "newValue"), ("displayName", "oldValue")

_activity = first(field("activityDisplayName"), field("operationName"))
_by_user = ("initiatedBy", "user")
_by_app = ("initiatedBy", "app")
_user_name = field(*_by_user, "userPrincipalName")
_display_name = field(*_by_user, "displayName")
_principal_id = first(field(*_by_user, "id"), field(*_by_app, "servicePrincipalId"))
_principal_user = first(_user_name, field(*_by_app, "servicePrincipalName"), field(*_by_app, "displayName"))
_result = first(field("result"), field("resultType"))


def _detail(key: str) -> Value:
    return entry_at(("additionalDetails",), key)


_has_succeeded = shared_test(is_any(lower(_result), ["success", "succeeded", "0"]))
_addresses = tuple(
    ip_of(address)
    for address in (
        field(*_by_user, "ipAddress"),
        field("callerIpAddress"),
        _detail("ClientIpAddress"),
        _detail("ipaddr"),
    )
)


def _email(value: Value) -> Value:
    return when(matches(value, "@"), value)


def _no_email(value: Value) -> Value:
    return when(not_(matches(value, "@")), value)


def _target(number: int, *path: str) -> Value:
    return field("targetResources", item(number), *path)


def _is_type(number: int, *types: str) -> Condition:
    return is_any(_target(number, "type"), types)


def _first_of_type(types: tuple[str, ...], *path: str) -> Value:
    """Read a place of the first target that is of one of some types."""
    return choose(*((_is_type(number, *types), _target(number, *path)) for number in range(_TARGETS)))


def _new(number: int, *names: str) -> Value:
    """Read the first of some changed properties; a list of one text is that text."""
    written = first(*(entry_at(("targetResources", item(number), _CHANGED), name, _NEW) for name in names))
    return first(captured(written, r'^\["([^"\\]*)"\]$'), bare(written))


_USERS, _GROUPS = ("User", "ServicePrincipal"), ("Group",)
_target_user_name = shared(_first_of_type(_USERS, "userPrincipalName"))
_role = shared(first(_new(0, "Role.DisplayName"), _new(1, "Role.DisplayName")))
_resource_type = choose(
    (_is_type(0, "ServicePrincipal"), constant("SERVICE_ACCOUNT")),
    (_is_type(0, "Device"), constant("DEVICE")),
)


def _about(number: int) -> Element:
    """One further target."""
    user, group = _is_type(number, *_USERS), _is_type(number, *_GROUPS)
    identity, name = _target(number, "id"), _target(number, "displayName")
    user_name = _target(number, "userPrincipalName")
    return Element(
        (
            Scalar("user.product_object_id", when(user, identity), "published"),
            Scalar("user.user_display_name", when(user, name), "published"),
            Scalar("user.userid", _no_email(user_name), "published"),
            Repeated("user.email_addresses", (_email(user_name),), "published"),
            Scalar("group.product_object_id", when(group, identity), "published"),
            Scalar("group.group_display_name", when(group, name), "published"),
            Scalar("resource.product_object_id", when(not_(any_of(user, group)), identity), "published"),
            Scalar("resource.name", when(not_(any_of(user, group)), name), "published"),
            Scalar("resource.resource_subtype", _target(number, "type"), "published"),
            Labels(
                "resource.attribute.labels",
                (),
                pairs=(Pairs(("targetResources", item(number), _CHANGED), _NEW, is_bare=True, basis="published"),),
            ),
        ),
        is_there(first(identity, name)),
    )


_SECURITY_RESULT = Element(
    (
        Repeated(
            "action",
            (when(is_there(_result), when(_has_succeeded, constant("ALLOW"), constant("BLOCK"))),),
            "published",
        ),
        Repeated("category_details", (field("category"),), "published"),
        Scalar("summary", _result, "published"),
        Scalar("description", first(field("resultReason"), field("resultDescription")), "published"),
        Scalar("action_details", field("operationType"), "published"),
        Scalar("rule_id", when(not_(_has_succeeded), field("resultType")), "published"),
        Scalar("rule_name", _detail("PolicyId"), "published"),
        Scalar(
            "severity",
            choose(
                (is_any(lower(_result), ["failure", "failed"]), constant("ERROR")),
                (is_any(field("level"), ["4", "Informational", "Information"]), constant("INFORMATIONAL")),
            ),
            "published",
        ),
        Scalar("severity_details", field("level"), "published"),
    )
)
_ADDITIONAL = (
    "loggedByService",
    "resourceId",
    "tenantId",
    "riskDetail",
    "riskEventTypes",
    "riskEventTypes_v2",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "riskState",
)
_KEYS = ("ApplicationId", "GrantType", "LocalAccountUsername", "Scopes", "TenantId", "VerificationMethod")

_FIELDS: tuple[UdmValue, ...] = (
    Scalar(
        "metadata.event_type",
        event_type(
            _activity,
            is_there(first(_principal_id, _principal_user)),
            any_of(*(is_there(address) for address in _addresses)),
        ),
        "public rules",
    ),
    Scalar("metadata.vendor_name", constant("Microsoft"), "published"),
    Scalar("metadata.product_name", constant("Azure AD Directory Audit"), "published"),
    Scalar("metadata.product_event_type", _activity, "published"),
    Scalar("metadata.product_log_id", field("id"), "published"),
    Scalar("metadata.description", field("resultDescription"), "published"),
    Repeated("principal.ip", _addresses, "published"),
    Repeated("principal.asset.ip", _addresses, "published"),
    Scalar("principal.administrative_domain", captured(_user_name, "@([^@]+)$"), "published"),
    Scalar("principal.application", first(field(*_by_app, "displayName"), field("clientAppUsed")), "published"),
    Scalar("principal.user.userid", _principal_user, "public rules"),
    Scalar("principal.user.product_object_id", _principal_id, "published"),
    Scalar("principal.user.user_display_name", _no_email(_display_name), "published"),
    Repeated("principal.user.email_addresses", (_email(_user_name), _email(_display_name)), "published"),
    Labels(
        "principal.resource.attribute.labels",
        (
            Label("User Principal Name", _user_name, "published"),
            Label("App Id", field(*_by_app, "appId"), "published"),
        ),
    ),
    Scalar("target.resource.resource_subtype", _target(0, "type"), "published"),
    Scalar("target.resource.resource_type", _resource_type, "published"),
    Scalar("target.resource.product_object_id", _target(0, "id"), "public rules"),
    Scalar("target.resource.name", first(_target(0, "displayName"), field("resourceDisplayName")), "public rules"),
    Messages(
        "target.resource.attribute.roles",
        (Element((Scalar("name", first(_new(0, "WellKnownObjectName"), _role), "published"),)),),
    ),
    Labels(
        "target.resource.attribute.labels",
        (),
        pairs=(Pairs(("targetResources", item(0), _CHANGED), _NEW, is_bare=True, basis="published"),),
    ),
    Labels(
        "src.resource.attribute.labels",
        (),
        pairs=(Pairs(("targetResources", item(0), _CHANGED), _OLD, is_bare=True, basis="published"),),
    ),
    Scalar("target.user.userid", first(_new(0, "MailNickname"), _target_user_name), "public rules"),
    Scalar("target.user.product_object_id", _first_of_type(_USERS, "id"), "published"),
    Scalar(
        "target.user.user_display_name",
        first(_first_of_type(_USERS, "displayName"), _new(0, "displayName")),
        "published",
    ),
    Repeated(
        "target.user.email_addresses",
        (_email(_target_user_name), _detail("EmailAddress")),
        "published",
    ),
    Repeated("target.user.phone_numbers", (_new(0, "mobile"), _detail("PhoneNumber")), "published"),
    Scalar("target.user.title", first(_new(0, "jobTitle", "JobTitle"), _role, _new(0, "DisplayName")), "public rules"),
    Scalar("target.user.first_name", _new(0, "givenName", "GivenName"), "published"),
    Scalar("target.user.last_name", _new(0, "surname", "Surname"), "published"),
    Repeated("target.user.department", (_new(0, "department", "Department"),), "published"),
    Scalar("target.user.employee_id", _new(0, "employeeId", "EmployeeId"), "published"),
    Scalar("target.user.office_address.name", _new(0, "physicalDeliveryOfficeName"), "published"),
    Scalar("target.group.product_object_id", _first_of_type(_GROUPS, "id"), "published"),
    Scalar("target.group.group_display_name", _first_of_type(_GROUPS, "displayName"), "published"),
    Labels(
        "target.group.attribute.labels",
        (Label("groupType", _first_of_type(_GROUPS, "groupType"), "published"),),
    ),
    Scalar("target.hostname", _detail("DomainName"), "published"),
    Messages("about", tuple(_about(number) for number in range(1, _TARGETS))),
    Scalar(
        "network.http.user_agent",
        first(_detail("User-Agent"), _detail("Client"), field("userAgent")),
        "published",
    ),
    Scalar("network.session_id", field("correlationId"), "published"),
    Messages("security_result", (_SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            Label("log_category", field("category"), "published"),
            *(Label(name, field(name), "published") for name in _ADDITIONAL),
            *(Label(key, _detail(key), "published") for key in _KEYS),
            Label("targetResources", field("targetResources")),
            Label("additionalDetails", field("additionalDetails")),
        ),
    ),
)

_ENVELOPE = ("time", "operationName", "resultType", "resultDescription", "callerIpAddress", "tenantId", "resourceId")
_DIAGNOSTIC_NAMES: dict[Path, Path] = {**{(name,): (name,) for name in _ENVELOPE}, ("level",): ("Level",)}
_TABLE_NAMES: dict[Path, Path] = {
    ("time",): ("TimeGenerated",),
    ("operationType",): ("AADOperationType",),
    ("tenantId",): ("AADTenantId",),
}
_TEXT_ROOTS = frozenset({("InitiatedBy",), ("TargetResources",), ("AdditionalDetails",)})


def _diagnostic(name: str, category: str) -> Shape:
    evidence = (Is((category,), ("AuditLogs",)), HasAny((("properties", "activityDisplayName"), ("properties", "id"))))
    return Shape(name, evidence, ("properties",), _DIAGNOSTIC_NAMES)


def _table(name: str, evidence: Has | Is) -> Shape:
    return Shape(
        name,
        (evidence, Has(("OperationName",)), HasAny((("TimeGenerated",), ("ActivityDateTime",)))),
        names=_TABLE_NAMES,
        capitalised=True,
        text_roots=_TEXT_ROOTS,
    )


PARSER = LogParser(
    log_type="AZURE_AD_AUDIT",
    shapes=(
        _diagnostic("diagnostic export", "category"),
        _diagnostic("diagnostic export, capitalised", "Category"),
        _table("Log Analytics table", Is(("Type",), ("AuditLogs",))),
        _table("Log Analytics", Has(("AADOperationType",))),
        Shape(
            "Microsoft Graph",
            (Has(("activityDateTime",)), Has(("activityDisplayName",)), HasAny((("loggedByService",), ("category",)))),
        ),
        Shape("table of the portal", tuple(Has((column,)) for column in AUDIT_EVIDENCE), rewrite=audit, plain=AUDIT),
    ),
    time=first(field("activityDateTime"), month_first(field("time"))),
    fields=_FIELDS,
)
