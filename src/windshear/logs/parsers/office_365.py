"""OFFICE_365: the unified audit log of Microsoft 365: sign-ins, directory, mailboxes, files, Teams, admin cmdlets.

Google publishes no field table for this log type; what public rules read is filled where they read it.

* Who signs in is `target.user`; in all other operations the user is `principal.user`.
* `Target` of a directory operation is a list of names of the same thing, each with a kind: `target_1` in
  `security_result.detection_fields` is its name, `target_2` its type and id (`Group_…`), `target_5` its UPN.
* Changed properties are labels `NewValue_…` and `OldValue_…` of `target.resource`; permissions that an application
  asks for are taken out of `RequiredResourceAccess` one by one, as `NewValue_EntitlementId-0` and so on.
* An address may come with a port, which is not part of `principal.ip`.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.office_event_types import LOGINS, event_type
from windshear.logs.parser import (
    Element,
    Has,
    HasAny,
    Label,
    Labels,
    LogParser,
    Messages,
    Numbered,
    Pairs,
    Repeated,
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.values import (
    Path,
    Value,
    all_of,
    captured,
    choose,
    constant,
    contains,
    entry_at,
    field,
    first,
    is_any,
    is_there,
    item,
    joined,
    lower,
    matches,
    not_,
    shared,
    shared_test,
    when,
)

_NAMED = ("Name", "Value")
_NEW, _OLD = ("Name", "NewValue"), ("Name", "OldValue")
_MEMBERS = 5  # members of a team, and folders, that are taken apart

_operation = field("Operation")
_workload = field("Workload")
_user = field("UserId")
_object = when(not_(is_any(field("ObjectId"), ["Not Available"])), field("ObjectId"))
_properties = ("ExtendedProperties",)
_device = ("DeviceProperties",)
_changes = ("ModifiedProperties",)
_targets = ("Target",)
_status = lower(field("ResultStatus"))
_is_login = is_any(_operation, LOGINS)
_is_site = is_any(_workload, ["SharePoint", "OneDrive"])
_is_download = shared_test(all_of(_is_site, matches(_operation, "Downloaded")))
_is_directory = is_any(_workload, ["AzureActiveDirectory"])
_is_cmdlet = shared_test(matches(_operation, "^[A-Z][a-z]+-[A-Z]"))
_is_group = all_of(_is_directory, matches(_operation, "(?i)group"))
_is_about_user = shared_test(all_of(_is_directory, matches(_operation, "(?i)user|member|role|password|owner")))

_address = first(field("ClientIP"), field("ClientIPAddress"), field("ActorIpAddress"))
_with_port = when(contains(_address, ":"), _address)
_host = first(captured(_with_port, r"^\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?$"), captured(_with_port, r"^([0-9.]+):[0-9]+$"))
_without_port = shared(first(_host, _address))
_ip = ip_of(_without_port)

_details = entry_at(_properties, "additionalDetails", _NAMED)
_agent_in_details = captured(_details, r'"User-Agent"\s*:\s*"([^"]*)"')
_agent = first(
    field("UserAgent"), entry_at(_properties, "UserAgent", _NAMED), _agent_in_details, field("ClientInfoString")
)
_session = first(entry_at(_device, "SessionId", _NAMED), field("AppAccessContext", "AADSessionId"), field("SessionId"))
_system = entry_at(_device, "OS", _NAMED)

_target_name = entry_at(_targets, "1", ("Type", "ID"))
_target_id = entry_at(_targets, "2", ("Type", "ID"))
_target_upn = entry_at(_targets, "5", ("Type", "ID"))
_typed_id = captured(_target_id, "^[A-Za-z]+_(.+)$")
_acted_on = first(when(matches(_object, "@"), _object), _target_upn)
_application_id = first(field("ApplicationId"), field("AppId"))
_path = first(joined(field("SourceRelativeUrl"), "/", field("SourceFileName")), field("SourceFileName"), _object)
_site_object = when(_is_site, _object)
_site_path = when(_is_site, _path)
_group_name = first(
    entry_at(_changes, "Group.DisplayName", _NEW),
    entry_at(_changes, "Group.DisplayName", _OLD),
    field("TeamName"),
    when(_is_group, _target_name),
)
_group_id = first(
    entry_at(_changes, "Group.ObjectID", _NEW),
    entry_at(_changes, "Group.ObjectID", _OLD),
    field("TeamGuid"),
    captured(_target_id, "^Group_(.+)$"),
)
_resource_name = choose(
    (_is_login, field("ApplicationDisplayName")),
    (_is_site, first(field("SourceFileName"), _object)),
    otherwise=first(_target_name, _object),
)
_ENTITLEMENT = r'EntitlementId\\?"?\s*[:=]\s*\\?"?([0-9A-Fa-f-]{36})'


def _email(value: Value) -> Value:
    """Take a mail address, of users of sites out of the claim that it stands in."""
    written = captured(value, r"^(?:(?i:urn(?::|%3a)).*#|.*\|)?([^|]+@[^|]+)$")
    return when(contains(value, "@"), written)


_SECURITY_RESULT = Element(
    (
        Repeated(
            "action",
            (
                choose(
                    (is_any(_operation, ["UserLoginFailed"]), constant("BLOCK")),
                    (is_any(_status, ["succeeded", "success", "true", "partiallysucceeded"]), constant("ALLOW")),
                    (is_any(_status, ["failed", "failure", "false"]), constant("BLOCK")),
                ),
            ),
            "public rules",
        ),
        Scalar(
            "summary",
            first(entry_at(_properties, "ResultStatusDetail", _NAMED), field("ResultStatus")),
            "public rules",
        ),
        Scalar("description", first(field("LogonError"), field("ResultStatusDetail"))),
        Scalar("rule_id", field("ErrorNumber")),
        Labels(
            "detection_fields",
            (),
            pairs=(
                Pairs(_targets, ("Type", "ID"), "target_", basis="public rules"),
                Pairs(("Parameters",), _NAMED, basis="public rules"),
                Pairs(("OperationProperties",), _NAMED),
            ),
        ),
    )
)
_ADDITIONAL = (
    "RecordType",
    "UserType",
    "UserKey",
    "OrganizationId",
    "OrganizationName",
    "ExternalAccess",
    "OriginatingServer",
    "LogonType",
    "MailboxOwnerUPN",
    "InternalLogonType",
    "ItemType",
    "EventSource",
    "EventData",
    "SiteUrl",
    "AzureActiveDirectoryEventType",
    "InterSystemsId",
    "SupportTicketId",
    "TargetUserOrGroupName",
    "TargetUserOrGroupType",
    "OperationCount",
)

_FIELDS: tuple[UdmValue, ...] = (
    Scalar(
        "metadata.event_type",
        event_type(_operation, _workload, _is_cmdlet, is_there(_user), is_there(_ip)),
        "public rules",
    ),
    Scalar("metadata.vendor_name", constant("Microsoft"), "public rules"),
    Scalar("metadata.product_name", constant("Office 365"), "public rules"),
    Scalar("metadata.product_event_type", _operation, "public rules"),
    Scalar("metadata.product_log_id", field("Id")),
    Repeated("principal.ip", (_ip,), "public rules"),
    Repeated("principal.asset.ip", (_ip,), "public rules"),
    Scalar("principal.hostname", first(entry_at(_device, "DisplayName", _NAMED), field("ClientMachineName"))),
    Scalar("principal.platform_version", _system),
    Scalar(
        "principal.platform",
        choose(
            (matches(_system, "(?i)^win"), constant("WINDOWS")),
            (matches(_system, "(?i)^mac"), constant("MAC")),
            (matches(_system, "(?i)^lin"), constant("LINUX")),
            (matches(_system, "(?i)^ios"), constant("IOS")),
            (matches(_system, "(?i)^android"), constant("ANDROID")),
        ),
    ),
    Scalar(
        "principal.application",
        first(field("ClientInfoString"), field("ApplicationDisplayName"), field("ClientProcessName")),
        "public rules",
    ),
    Scalar("principal.user.userid", when(not_(_is_login), _user), "public rules"),
    Scalar("principal.user.product_object_id", when(_is_directory, field("UserKey"))),
    Repeated("principal.user.email_addresses", (_email(_user),)),
    Scalar(
        "target.user.userid",
        choose((_is_login, _user), (_is_about_user, _acted_on), otherwise=field("TargetUserOrGroupName")),
        "public rules",
    ),
    Scalar("target.user.product_object_id", captured(_target_id, "^User_(.+)$")),
    Repeated(
        "target.user.email_addresses",
        (when(_is_login, _email(_user)), when(_is_about_user, _email(_acted_on))),
    ),
    Scalar("target.group.group_display_name", _group_name, "public rules"),
    Scalar("target.group.product_object_id", _group_id, "public rules"),
    Scalar("target.application", _workload, "public rules"),
    Scalar("target.resource.name", _resource_name, "public rules"),
    Scalar(
        "target.resource.product_object_id",
        first(when(_is_login, _application_id), _typed_id, field("ListItemUniqueId")),
        "public rules",
    ),
    Scalar("target.resource.resource_type", when(_is_cmdlet, constant("SETTING")), "public rules"),
    Scalar("target.resource.resource_subtype", first(field("ItemType"), captured(_target_id, "^([A-Za-z]+)_"))),
    Messages(
        "target.resource.attribute.roles",
        (Element((Scalar("name", entry_at(_changes, "Role.DisplayName", _NEW), "public rules"),)),),
    ),
    Labels(
        "target.resource.attribute.labels",
        (),
        pairs=(
            Pairs(_properties, _NAMED, basis="public rules"),
            Pairs(_changes, _NEW, "NewValue_", is_bare=True),
            Pairs(_changes, _OLD, "OldValue_", is_bare=True),
        ),
        numbered=(
            Numbered(
                "NewValue_EntitlementId-",
                entry_at(_changes, "RequiredResourceAccess", _NEW),
                _ENTITLEMENT,
                "public rules",
            ),
            Numbered(
                "OldValue_EntitlementId-",
                entry_at(_changes, "RequiredResourceAccess", _OLD),
                _ENTITLEMENT,
                "public rules",
            ),
        ),
    ),
    Labels(
        "target.labels",
        (
            Label("ClientAppId", first(field("ClientAppId"), field("AppAccessContext", "ClientAppId")), "public rules"),
            Label("MethodExecutionResult.", entry_at(_changes, "MethodExecutionResult.", _NEW), "public rules"),
        ),
    ),
    Scalar("target.url", when(not_(_is_download), _site_object), "public rules"),
    Scalar("target.file.full_path", when(not_(_is_download), _site_path), "public rules"),
    Scalar("src.url", when(_is_download, _site_object), "public rules"),
    Scalar("src.file.full_path", when(_is_download, _site_path), "public rules"),
    Messages(
        "about",
        (
            *(
                Element(
                    (
                        Scalar("user.user_display_name", field("Members", item(n), "DisplayName"), "public rules"),
                        Repeated("user.email_addresses", (field("Members", item(n), "UPN"),), "public rules"),
                    )
                )
                for n in range(_MEMBERS)
            ),
            *(
                Element((Scalar("resource.name", field("Folders", item(n), "Path"), "public rules"),))
                for n in range(_MEMBERS)
            ),
        ),
    ),
    Scalar("network.http.user_agent", _agent, "public rules"),
    Scalar("network.http.referral_url", first(field("RequestUrl"), field("SiteUrl")), "public rules"),
    Scalar("network.session_id", _session, "public rules"),
    Scalar("extensions.auth.type", when(_is_login, constant("SSO"))),
    Scalar("extensions.auth.auth_details", entry_at(_properties, "UserAuthenticationMethod", _NAMED)),
    Messages("security_result", (_SECURITY_RESULT,)),
    Labels(
        "additional.fields",
        (
            *(Label(name, field(name)) for name in _ADDITIONAL),
            Label("ClientIP", when(not_(is_there(_ip)), _address)),
            Label("ApplicationId", _application_id),
            Label("ObjectId", _object),
        ),
        pairs=(Pairs(_device, _NAMED),),
    ),
)

_TABLE_NAMES: dict[Path, Path] = {
    ("CreationTime",): ("TimeGenerated",),
    ("Workload",): ("OfficeWorkload",),
    ("Id",): ("OfficeId",),
    ("ObjectId",): ("OfficeObjectId",),
    ("SiteUrl",): ("Site_Url",),
    ("Target",): ("AADTarget",),
    ("ClientAppId",): ("ClientAppId",),
    ("ClientIPAddress",): ("Client_IPAddress",),
}
_LIST_ROOTS = frozenset(
    (root,)
    for root in (
        "Members",
        "Folders",
        "AppAccessContext",
        "Parameters",
        "OperationProperties",
        "ExtendedProperties",
        "ModifiedProperties",
        "DeviceProperties",
        "AADTarget",
    )
)

PARSER = LogParser(
    log_type="OFFICE_365",
    shapes=(
        Shape(
            "record",
            (
                Has(("Operation",)),
                Has(("Workload",)),
                HasAny((("RecordType",), ("OrganizationId",), ("CreationTime",))),
            ),
        ),
        Shape(
            "audit search",
            (Has(("AuditData",)), HasAny((("Operations",), ("CreationDate",), ("Operation",)))),
            ("AuditData",),
            text_roots=frozenset({("AuditData",)}),
        ),
        Shape(
            "Microsoft Graph audit query",
            (Has(("auditData",)), Has(("operation",))),
            ("auditData",),
            text_roots=frozenset({("auditData",)}),
        ),
        Shape(
            "Log Analytics",
            (Has(("OfficeWorkload",)), Has(("Operation",)), Has(("TimeGenerated",))),
            names=_TABLE_NAMES,
            text_roots=_LIST_ROOTS,
        ),
    ),
    time=field("CreationTime"),
    fields=_FIELDS,
)
