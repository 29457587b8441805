"""WINEVTLOG: events of the Windows event log, of any channel that is no log type of its own.

Google documents the events of the Security channel that detections are built on; the others of that channel follow the
same lines. A logon names two computers: the one that writes the event is the `intermediary` (published) and the
`target`; the `principal` is the workstation that the event names, or this computer where nothing came over the network.
"""

from __future__ import annotations

from windshear.logs import windows_event_types as types
from windshear.logs import windows_events as windows
from windshear.logs.addresses import ip_of
from windshear.logs.decoded_commands import decoding_labels
from windshear.logs.parser import Element, Label, Labels, Listed, LogParser, Messages, Repeated, Scalar, UdmValue
from windshear.logs.values import (
    ABSENT,
    Condition,
    Value,
    all_captured,
    all_of,
    any_of,
    captured,
    captured_at,
    choose,
    constant,
    field,
    first,
    first_line,
    is_any,
    is_there,
    joined,
    lower,
    not_,
    shared_test,
    translate,
    unless,
    when,
)
from windshear.logs.windows_event_types import is_event
from windshear.logs.windows_events import filled

_MOST_PROPERTIES = 8
_AUDITING = "Microsoft-Windows-Security-Auditing"  # no application, it tells of others

_is_logon = is_event("4624", "4625")
_is_special_logon = is_event("4672")
_is_launch = is_event("4688")
_is_end = is_event("4689")
_is_privileged_call = is_event("4673")
_is_ticket = is_event("4769", "4770", "4773")  # the user is who asks, not who is logged on
_is_credential_check = is_event("4776", "4777")
_is_kerberos = is_event("4768", "4769", "4770", "4771", "4776")
_is_refused_logon = any_of(is_event("4625", "4771"), all_of(is_event("4768", "4776", "6273"), types.is_failure))
_is_group = is_event(*(number for numbers in types.GROUP_EVENTS.values() for number in numbers))
_is_registry_value = is_event("4657")
_is_filtered = is_event("5031", "5152", "5153", "5154", "5155", "5156", "5157", "5158", "5159")
_is_task = any_of(is_event("4698", "4699", "4700", "4701", "4702"), types.is_task_event)

_log_cleared = ("UserData", "LogFileCleared")
_subject_name = first(filled("SubjectUserName"), field(*_log_cleared, "SubjectUserName"))
_subject_domain = first(filled("SubjectDomainName"), field(*_log_cleared, "SubjectDomainName"))
_subject_sid = windows.sid(first(field("SubjectUserSid"), field(*_log_cleared, "SubjectUserSid")))
_subject_logon = first(field("SubjectLogonId"), field(*_log_cleared, "SubjectLogonId"))
_target_name = filled("TargetUserName")
_target_domain = filled("TargetDomainName")
_target_sid = windows.sid(first(field("TargetUserSid"), field("TargetSid")))

# Somebody connects by Remote Desktop: who, their domain, and the address that they come from.
_is_connection = shared_test(
    all_of(
        is_any(windows.number, ["1149"]),
        is_any(windows.provider, ["Microsoft-Windows-TerminalServices-RemoteConnectionManager"]),
    )
)
_connected_name, _connected_domain, _connected_address = (
    first(field("UserData", "EventXML", name), captured(when(_is_connection, windows.message), rf"{label}:[ \t]*(\S+)"))
    for name, label in (("Param1", "User"), ("Param2", "Domain"), ("Param3", "Address"))
)

# Where a logon comes from: the workstation, if its name is one; this computer, if nothing came over the network.
_workstation = captured(
    first(filled("WorkstationName"), when(_is_credential_check, filled("Workstation"))),
    r"^(?:\\\\)?([0-9A-Za-z][0-9A-Za-z._-]*)$",
)
_is_local = not_(
    all_of(is_there(field("IpAddress")), not_(is_any(field("IpAddress"), ["-", "::1", "127.0.0.1", "LOCAL"])))
)
_principal_host = choose(
    (_is_logon, first(_workstation, when(_is_local, windows.host))),
    (_is_credential_check, first(_workstation, windows.host)),
    (_is_connection, ABSENT),
    otherwise=windows.host,
)
_target_host = choose(
    (is_event("4648"), filled("TargetServerName")),
    (any_of(_is_logon, _is_connection), windows.host),
)
_source_address = ip_of(
    choose(
        (_is_filtered, field("SourceAddress")),
        (_is_connection, _connected_address),
        otherwise=first(field("IpAddress"), filled("ClientAddress")),
    )
)
_source_port = windows.port(choose((_is_filtered, field("SourcePort")), otherwise=field("IpPort")))
_destination = when(_is_filtered, ip_of(field("DestAddress")))

_process_name = filled("ProcessName")
_process_id = first(field("ProcessId"), field("ProcessID"))
_process_is_target = any_of(_is_end, _is_privileged_call)
_is_caller = any_of(_is_logon, is_event("4648"))
_actor_image = choose(
    (_is_launch, filled("ParentProcessName")),
    (_is_privileged_call, _process_name),
    (_is_filtered, filled("Application")),
    otherwise=first(_process_name, filled("CallerProcessName")),
)
_actor_id = first(
    _process_id,
    field("SourceProcessId"),
    field("CallerProcessId"),
    field("ClientProcessId"),
    windows.acting_process,
)
_command_line = field("CommandLine")
_service_command = first(field("ServiceFileName"), when(types.is_service_event, field("ImagePath")))
_service_name = first(field("ServiceName"), when(types.is_service_event, field("param1")))

_object_type = filled("ObjectType")
_object_name = filled("ObjectName")
_resource = first(
    _object_name,
    filled("ObjectDN"),
    filled("ShareName"),
    when(_is_task, filled("TaskName")),
    filled("KeyName"),
    when(is_event("5379", "5380"), filled("TargetName")),
    filled("Resource"),
)
_is_file_object = is_any(_object_type, ["File", "SymbolicLink"])
_is_key_object = any_of(_is_registry_value, is_any(_object_type, ["Key"]))

_logon_type = field("LogonType")
_MECHANISMS = {
    "2": "INTERACTIVE",
    "3": "NETWORK",
    "4": "BATCH",
    "5": "SERVICE",
    "7": "UNLOCK",
    "8": "NETWORK_CLEAR_TEXT",
    "9": "NEW_CREDENTIALS",
    "10": "REMOTE_INTERACTIVE",
    "11": "CACHED_INTERACTIVE",
    "12": "CACHED_REMOTE_INTERACTIVE",
    "13": "CACHED_UNLOCK",
}
_mechanism = choose(
    (is_event("4648"), constant("USERNAME_PASSWORD")),
    (_is_logon, translate(_logon_type, _MECHANISMS)),
)
_PROTOCOLS = {"1": "ICMP", "6": "TCP", "17": "UDP", "58": "ICMP6"}


def _status(name: str, label: str) -> Value:
    """Write a code as published, with our words for it."""
    code = when(not_(is_any(filled(name), ["0x0"])), filled(name))
    words = translate(lower(code), types.NT_STATUS)
    return first(joined(f"{label}(", code, "): ", words), joined(f"{label}(", code, ")"))


def _privileges(test: Condition) -> Value:
    return all_captured(when(test, field("PrivilegeList")), r"(Se[A-Za-z]+(?:Privilege|Right))")


def _properties() -> tuple[Label, ...]:
    """Return the identifiers of the properties that were touched, one entry each, as public rules look for them."""
    properties = when(is_event("4662"), field("Properties"))
    return tuple(
        Label(
            f"Properties_{position + 1}" if position else "Properties",
            joined("properties:", captured_at(properties, r"(\{[0-9A-Fa-f-]{36}\})", position)),
            "public rules",
        )
        for position in range(_MOST_PROPERTIES)
    )


def _labels(*names: str) -> tuple[Label, ...]:
    return tuple(Label(name, filled(name)) for name in names)


_writer = when(not_(types.is_service_event), field("AccountName"))  # a service event names the service's own
_asker = captured(_target_name, r"^([^@]+)")
_PRINCIPAL: tuple[UdmValue, ...] = (
    Scalar("principal.hostname", _principal_host, "published"),
    Scalar("principal.asset.hostname", _principal_host, "published"),
    Scalar("principal.platform", constant("WINDOWS")),
    Repeated("principal.ip", (_source_address,), "published"),
    Repeated("principal.asset.ip", (_source_address,), "published"),
    Scalar("principal.port", _source_port, "published", "int"),
    Scalar(
        "principal.administrative_domain",
        choose((_is_special_logon, ABSENT), (_is_ticket, _target_domain), otherwise=_subject_domain),
        "published",
    ),
    Scalar(
        "principal.user.userid",
        choose((_is_special_logon, ABSENT), (_is_ticket, _asker), otherwise=first(_subject_name, _writer)),
        "published",
    ),
    Scalar(
        "principal.user.windows_sid",
        choose((_is_special_logon, ABSENT), otherwise=first(_subject_sid, windows.sid(field("UserID")))),
        "published",
    ),
    Labels("principal.labels", (Label("SubjectLogonId", _subject_logon, "published"),)),
    Scalar("principal.application", unless(windows.provider, _AUDITING), "public rules"),
    Scalar("principal.process.pid", _actor_id, "published"),
    Scalar("principal.process.file.full_path", _actor_image, "published"),
    Scalar(
        "principal.process.command_line",
        choose((_is_launch, _command_line), (_is_caller, _process_name)),
        "published",
    ),
)
_has_target_user = not_(any_of(_is_ticket, _is_group))
_TARGET: tuple[UdmValue, ...] = (
    Scalar("target.hostname", _target_host, "published"),
    Scalar("target.asset.hostname", _target_host),
    Repeated("target.ip", (_destination,)),
    Repeated("target.asset.ip", (_destination,)),
    Scalar("target.port", when(_is_filtered, windows.port(field("DestPort"))), kind="int"),
    Scalar(
        "target.administrative_domain",
        choose(
            (_is_special_logon, _subject_domain),
            (_is_connection, _connected_domain),
            (_has_target_user, _target_domain),
        ),
        "published",
    ),
    Scalar(
        "target.user.userid",
        choose(
            (_is_special_logon, _subject_name),
            (_is_connection, _connected_name),
            (_has_target_user, _target_name),
        ),
        "published",
    ),
    Scalar(
        "target.user.windows_sid",
        choose(
            (_is_special_logon, _subject_sid),
            (_is_group, windows.sid(field("MemberSid"))),
            (_has_target_user, _target_sid),
        ),
        "published",
    ),
    Scalar("target.user.user_display_name", when(_is_logon, filled("TargetOutboundUserName")), "published"),
    Listed("target.user.attribute.permissions", "name", _privileges(_is_special_logon), "published"),
    Scalar("target.group.group_display_name", when(_is_group, _target_name)),
    Scalar("target.group.windows_sid", when(_is_group, _target_sid)),
    Labels(
        "target.labels",
        (
            Label("TargetLogonId", filled("TargetLogonId"), "published"),
            Label("LmPackageName", filled("LmPackageName"), "published"),
            Label("KeyLength", filled("KeyLength"), "published"),
        ),
    ),
    Scalar(
        "target.process.file.full_path",
        choose(
            (_is_launch, field("NewProcessName")),
            (_is_end, _process_name),
            (_is_logon, filled("LogonProcessName")),
        ),
        "published",
    ),
    Scalar(
        "target.process.pid",
        choose((_is_launch, field("NewProcessId")), (_is_end, _process_id), otherwise=field("TargetProcessId")),
        "published",
    ),
    Scalar(
        "target.process.command_line",
        choose((_is_launch, _command_line), (_is_privileged_call, _process_name), otherwise=_service_command),
        "public rules",
    ),
    Scalar(
        "target.application", choose((_is_privileged_call, filled("Service")), otherwise=_service_name), "published"
    ),
    Scalar("target.resource.name", _resource),
    Scalar("target.resource.resource_subtype", first(_object_type, filled("ObjectClass"), filled("KeyType"))),
    Scalar("target.resource.resource_type", when(_is_task, constant("TASK"))),
    Scalar("target.resource.product_object_id", filled("ObjectGUID")),
    Listed("target.resource.attribute.permissions", "name", _privileges(_is_privileged_call), "published"),
    Scalar("target.file.full_path", choose((_is_file_object, _object_name), otherwise=filled("KeyFilePath"))),
    Scalar("target.registry.registry_key", when(_is_key_object, _object_name)),
    Scalar("target.registry.registry_value_name", when(_is_registry_value, filled("ObjectValueName"))),
    Scalar("target.registry.registry_value_data", when(_is_registry_value, filled("NewValue"))),
)
_SECURITY_RESULT = Element(
    (
        Repeated("action", (types.action(),), "published"),
        Repeated("category", (when(_is_refused_logon, constant("AUTH_VIOLATION")),), "published"),
        Scalar("rule_name", joined("EventID: ", windows.number), "published"),
        Scalar("severity", windows.severity, "published"),
        Scalar("severity_details", windows.severity_details),
        Scalar("summary", when(any_of(_is_logon, _is_end, _is_kerberos), _status("Status", "Status")), "published"),
        Scalar("description", when(_is_logon, _status("SubStatus", "SubStatus")), "published"),
        Scalar("about.resource.name", filled("AuthenticationPackageName"), "published"),
        Labels("about.labels", (Label("FailureReason", filled("FailureReason"), "published"),)),
        Labels(
            "detection_fields",
            (
                *_properties(),
                Label("ActivityID", field("ActivityID"), "published"),
                Label("ElevatedToken", filled("ElevatedToken"), "published"),
                *_labels("AccessMask", "AccessList", "OperationType", "ObjectServer", "AttributeLDAPDisplayName"),
                *_labels("AttributeValue", "TicketEncryptionType", "TicketOptions", "PreAuthType"),
            ),
        ),
    ),
    windows.always,
)

PARSER = LogParser(
    log_type="WINEVTLOG",
    shapes=windows.shapes(other_channels=types.OTHER_CHANNELS, other_providers=types.OTHER_PROVIDERS),
    time=windows.time,
    fields=(
        Scalar("metadata.event_type", types.event_type(), "published"),
        Scalar("metadata.vendor_name", constant("Microsoft"), "published"),
        Scalar("metadata.product_name", windows.provider, "published"),
        Scalar("metadata.product_event_type", windows.number, "published"),
        Scalar("metadata.product_log_id", windows.record_number, "published"),
        Scalar("metadata.product_deployment_id", field("ProviderGuid"), "published"),
        Scalar("metadata.description", first_line(windows.message, 1000)),
        *_PRINCIPAL,
        *_TARGET,
        Messages(
            "intermediary",
            (
                Element(
                    (
                        Scalar("hostname", when(_is_logon, windows.host), "published"),
                        Repeated("ip", (ip_of(field("HostIP")),), "published"),
                    )
                ),
            ),
        ),
        Scalar("observer.application", field("SourceModuleType"), "published"),
        Repeated("extensions.auth.mechanism", (_mechanism,), "published"),
        Scalar("extensions.auth.auth_details", when(_is_logon, _logon_type), "published"),
        Scalar("extensions.auth.type", when(_is_logon, constant("MACHINE")), "published"),
        Scalar("network.ip_protocol", when(_is_filtered, translate(field("Protocol"), _PROTOCOLS))),
        Scalar(
            "network.direction",
            when(_is_filtered, translate(field("Direction"), {"%%14592": "INBOUND", "%%14593": "OUTBOUND"})),
        ),
        Messages("security_result", (_SECURITY_RESULT,)),
        Labels(
            "additional.fields",
            (
                Label("Message", windows.message, "published"),
                *decoding_labels(first(when(_is_launch, _command_line), _service_command), "windows"),
                *(
                    Label(name, field(name), "published")
                    for name in ("Category", "Channel", "Opcode", "Keywords", "SourceModuleName", "LogonGuid")
                ),
                *(
                    Label(name, filled(name), "published")
                    for name in ("TargetLogonId", "TokenElevationType", "MandatoryLabel", "WorkstationName")
                ),
                *(Label(name, filled(name)) for name in types.OTHER_DATA),
            ),
        ),
    ),
)
