"""WINDOWS_SYSMON: Sysmon events.

Event 1 is documented; the rest stands where public rules look. In a process launch the new process is `target.process`
and its parent `principal.process`. Sysmon's own `UtcTime` is the event's time: exporters write their own time stamp in
whatever zone they think they are in.
"""

from __future__ import annotations

from windshear.logs import windows_events as windows
from windshear.logs.addresses import ip_of
from windshear.logs.decoded_commands import decoding_labels
from windshear.logs.parser import (
    Element,
    Has,
    Is,
    Label,
    Labels,
    Lacks,
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
    any_of,
    captured,
    choose,
    constant,
    field,
    first,
    is_any,
    joined,
    lower,
    not_,
    translate,
    when,
)

_CHANNEL = "Microsoft-Windows-Sysmon/Operational"

# The module for Sysmon that Winlogbeat ran until version 8 moves event data to where ECS has them.
_PROCESS, _PARENT = ("process",), ("process", "parent")
_MOVED: dict[Path, Path] = {
    ("User", "domain"): ("user", "domain"),
    ("User", "name"): ("user", "name"),
    **{(name,): (*_PROCESS, "executable") for name in ("Image", "SourceImage")},
    **{(name,): (*_PROCESS, "pid") for name in ("ProcessId", "SourceProcessId")},
    **{(name,): (*_PROCESS, "entity_id") for name in ("ProcessGuid", "SourceProcessGUID", "SourceProcessGuid")},
    ("CommandLine",): (*_PROCESS, "command_line"),
    ("CurrentDirectory",): (*_PROCESS, "working_directory"),
    ("OriginalFileName",): (*_PROCESS, "pe", "original_file_name"),
    ("ParentImage",): (*_PARENT, "executable"),
    ("ParentProcessId",): (*_PARENT, "pid"),
    ("ParentProcessGuid",): (*_PARENT, "entity_id"),
    ("ParentCommandLine",): (*_PARENT, "command_line"),
    **{("Hash", kind): (*_PROCESS, "hash", kind.lower()) for kind in ("MD5", "SHA1", "SHA256")},
    ("Hash", "IMPHASH"): (*_PROCESS, "pe", "imphash"),
    **{(name,): ("file", "path") for name in ("TargetFilename", "ImageLoaded")},
    ("Protocol",): ("network", "transport"),
    ("SourceIp",): ("source", "ip"),
    ("SourcePort",): ("source", "port"),
    ("DestinationIp",): ("destination", "ip"),
    ("DestinationPort",): ("destination", "port"),
    ("DestinationHostname",): ("destination", "domain"),
    ("QueryName",): ("dns", "question", "name"),
    ("RuleName",): ("rule", "name"),
}
_OF_MODULE = Shape(
    "Winlogbeat, moved to ECS",
    (
        Has(windows.WINLOGBEAT[("EventID",)]),
        Is(windows.WINLOGBEAT[("Channel",)], (_CHANNEL,)),
        Has((*_PROCESS, "entity_id")),
        Lacks((*windows.WINLOGBEAT_DATA, "ProcessGuid")),
    ),
    windows.WINLOGBEAT_DATA,
    {**windows.WINLOGBEAT, **_MOVED},
)

_filled = windows.filled
_number = windows.number
_image = field("Image")
_process_id = field("ProcessId")
_user = first(field("User"), field("SourceUser"), joined(field("User", "domain"), "\\", field("User", "name")))
_host = windows.host

_EVENT_TYPES = {
    "1": "PROCESS_LAUNCH",
    "2": "FILE_MODIFICATION",
    "3": "NETWORK_CONNECTION",
    "4": "STATUS_UPDATE",
    "5": "PROCESS_TERMINATION",
    "6": "PROCESS_MODULE_LOAD",
    "7": "PROCESS_MODULE_LOAD",
    "8": "PROCESS_INJECTION",
    "9": "FILE_READ",
    "10": "PROCESS_OPEN",
    "11": "FILE_CREATION",
    "15": "FILE_CREATION",
    "16": "SETTING_MODIFICATION",
    "17": "PROCESS_UNCATEGORIZED",
    "18": "PROCESS_UNCATEGORIZED",
    "19": "RESOURCE_CREATION",
    "20": "RESOURCE_CREATION",
    "21": "RESOURCE_CREATION",
    "22": "NETWORK_DNS",
    "23": "FILE_DELETION",
    "24": "PROCESS_UNCATEGORIZED",
    "25": "PROCESS_INJECTION",
    "26": "FILE_DELETION",
    "27": "FILE_CREATION",
    "28": "FILE_CREATION",
    "29": "FILE_CREATION",
    "255": "STATUS_UPDATE",
}
_REGISTRY = {"12": "REGISTRY_CREATION", "13": "REGISTRY_MODIFICATION", "14": "REGISTRY_MODIFICATION"}

_is_launch = is_any(_number, ["1"])
_is_open = is_any(_number, ["8", "10"])
_is_module_load = is_any(_number, ["6", "7"])
_is_pipe = is_any(_number, ["17", "18"])
_is_end = is_any(_number, ["5", "25"])  # ends, or its image was replaced
_is_file = is_any(_number, ["2", "11", "15", "23", "26", "27", "28", "29"])
_is_wmi = is_any(_number, ["19", "20", "21"])
_is_connection = is_any(_number, ["3"])
_is_key_removal = is_any(field("EventType"), ["DeleteKey", "DeleteValue"])

# Who acts: the parent of a launched process, the opener, else the process that Sysmon names.
_actor_image = choose(
    (_is_launch, _filled("ParentImage")),
    (_is_open, field("SourceImage")),
    otherwise=_image,
)
_actor_id = choose((_is_launch, field("ParentProcessId")), (_is_open, field("SourceProcessId")), otherwise=_process_id)
_actor_guid = choose(
    (_is_launch, field("ParentProcessGuid")),
    (_is_open, first(field("SourceProcessGUID"), field("SourceProcessGuid"))),
    otherwise=field("ProcessGuid"),
)
_object_image = choose(
    (_is_launch, _image),
    (_is_open, field("TargetImage")),
    (_is_module_load, field("ImageLoaded")),
    (_is_pipe, _image),
    (_is_end, _image),
)
_object_id = choose((_is_launch, _process_id), (_is_open, field("TargetProcessId")), (_is_end, _process_id))
_object_guid = choose(
    (_is_launch, field("ProcessGuid")),
    (_is_open, first(field("TargetProcessGUID"), field("TargetProcessGuid"))),
    (_is_end, field("ProcessGuid")),
)


def _hash(kind: str) -> Value:
    written = captured(first(field("Hashes"), field("Hash")), rf"(?:^|,)(?i:{kind})=([0-9A-Fa-f]+)")
    return lower(first(written, field("Hash", kind)))


def _process_guid(guid: Value) -> Value:
    return joined("sysmon:", guid)


def _hashes(prefix: str, condition_holds: bool) -> tuple[Scalar, ...]:
    is_process = is_any(_number, ["1", "6", "7"])
    condition = is_process if condition_holds else not_(is_process)
    return tuple(
        Scalar(f"{prefix}.{name}", when(condition, _hash(kind)), "published")
        for name, kind in (("md5", "MD5"), ("sha1", "SHA1"), ("sha256", "SHA256"))
    )


_FIELDS: tuple[UdmValue, ...] = (
    Scalar(
        "metadata.event_type",
        first(
            translate(_number, _EVENT_TYPES),
            when(_is_key_removal, when(is_any(_number, list(_REGISTRY)), constant("REGISTRY_DELETION"))),
            translate(_number, _REGISTRY),
            constant("GENERIC_EVENT"),
        ),
        "public rules",
    ),
    Scalar("metadata.vendor_name", constant("Microsoft"), "public rules"),
    Scalar("metadata.product_name", constant("Microsoft-Windows-Sysmon"), "public rules"),
    Scalar("metadata.product_event_type", _number, "public rules"),
    Scalar("metadata.product_log_id", windows.record_number),
    Scalar("metadata.description", when(_is_launch, _filled("Description")), "published"),
    Scalar("principal.hostname", _host, "public rules"),
    Scalar("principal.asset.hostname", _host, "published"),
    Scalar("principal.platform", constant("WINDOWS")),
    Repeated("principal.ip", (when(_is_connection, ip_of(field("SourceIp"))),), "public rules"),
    Repeated("principal.asset.ip", (when(_is_connection, ip_of(field("SourceIp"))),)),
    Scalar("principal.port", when(_is_connection, field("SourcePort")), "public rules", "int"),
    Scalar("principal.administrative_domain", captured(_user, r"^([^\\]*)\\"), "published"),
    Scalar("principal.user.userid", captured(_user, r"(?:^|\\)([^\\]+)$"), "published"),
    Scalar("principal.process.file.full_path", _actor_image, "public rules"),
    Scalar("principal.process.command_line", when(_is_launch, _filled("ParentCommandLine")), "public rules"),
    Scalar("principal.process.pid", _actor_id, "public rules"),
    Scalar("principal.process.product_specific_process_id", _process_guid(_actor_guid), "published"),
    Scalar("src.process.file.full_path", when(_is_launch, _filled("OriginalFileName")), "public rules"),
    Scalar("target.process.file.full_path", _object_image, "published"),
    Scalar("target.process.command_line", when(_is_launch, field("CommandLine")), "published"),
    Scalar("target.process.pid", _object_id, "published"),
    Scalar("target.process.product_specific_process_id", _process_guid(_object_guid), "published"),
    Scalar("target.process.parent_process.file.full_path", when(_is_launch, _filled("ParentImage")), "published"),
    Scalar("target.process.parent_process.command_line", when(_is_launch, _filled("ParentCommandLine")), "published"),
    Scalar("target.process.parent_process.pid", when(_is_launch, field("ParentProcessId")), "published"),
    Scalar(
        "target.process.parent_process.product_specific_process_id",
        when(_is_launch, _process_guid(field("ParentProcessGuid"))),
        "published",
    ),
    *_hashes("target.process.file", condition_holds=True),
    *_hashes("target.file", condition_holds=False),
    Scalar("target.process.file.file_metadata.pe.import_hash", when(_is_launch, _hash("IMPHASH")), "public rules"),
    Scalar("target.process.file.pe_file.imphash", when(_is_launch, _hash("IMPHASH")), "public rules"),
    Messages(
        "target.asset.software",
        (Element((Scalar("description", when(_is_launch, _filled("Description")), "public rules"),)),),
    ),
    Repeated(
        "target.ip",
        (when(_is_connection, ip_of(field("DestinationIp"))),),
        "public rules",
    ),
    Scalar("target.port", when(_is_connection, field("DestinationPort")), "public rules", "int"),
    Repeated("target.asset.ip", (when(_is_connection, ip_of(field("DestinationIp"))),)),
    Scalar("target.hostname", when(_is_connection, _filled("DestinationHostname")), "public rules"),
    Scalar("target.asset.hostname", when(_is_connection, _filled("DestinationHostname"))),
    Scalar(
        "target.file.full_path",
        choose(
            (_is_file, field("TargetFilename")),
            (_is_module_load, field("ImageLoaded")),
            (is_any(_number, ["9"]), field("Device")),
        ),
        "public rules",
    ),
    Scalar("target.registry.registry_key", field("TargetObject"), "public rules"),
    Scalar(
        "target.registry.registry_value_name",
        when(is_any(_number, ["13"]), captured(field("TargetObject"), r"\\([^\\]+)$")),
        "public rules",
    ),
    Scalar("target.registry.registry_value_data", field("Details"), "public rules"),
    Scalar(
        "target.user.userid",
        when(_is_open, captured(_filled("TargetUser"), r"(?:^|\\)([^\\]+)$")),
        "public rules",
    ),
    Scalar(
        "target.resource.name",
        choose(
            (_is_pipe, field("PipeName")),
            (is_any(_number, ["10"]), field("GrantedAccess")),
            (_is_wmi, first(field("Name"), field("Filter"))),
        ),
        "public rules",
    ),
    Scalar(
        "network.ip_protocol",
        when(_is_connection, translate(lower(field("Protocol")), {"tcp": "TCP", "udp": "UDP", "icmp": "ICMP"})),
    ),
    Scalar("network.application_protocol", when(is_any(_number, ["22"]), constant("DNS"))),
    Messages("network.dns.questions", (Element((Scalar("name", field("QueryName"), "public rules"),)),)),
    Scalar("network.dns.response_code", when(is_any(_number, ["22"]), field("QueryStatus")), kind="uint"),
    Messages(
        "security_result",
        (
            Element(
                (
                    Scalar("severity", windows.severity, "published"),
                    Scalar("severity_details", windows.severity_details),
                    Scalar("rule_name", _filled("RuleName")),
                ),
            ),
        ),
    ),
    Labels("extracted.fields", (Label("Company", _filled("Company"), "public rules"),)),
    Labels(
        "additional.fields",
        (
            *decoding_labels(field("CommandLine"), "windows"),
            Label("current_directory", field("CurrentDirectory"), "public rules"),
            Label("Initiated", field("Initiated"), "public rules"),
            Label("CallTrace", field("CallTrace"), "public rules"),
            Label("EventType", when(any_of(_is_pipe, is_any(_number, list(_REGISTRY))), field("EventType"))),
            *(
                Label(name, _filled(name))
                for name in (
                    "ClientInfo",
                    "Company",
                    "Configuration",
                    "ConfigurationFileHash",
                    "Consumer",
                    "Contents",
                    "CreationUtcTime",
                    "Destination",
                    "FileVersion",
                    "IntegrityLevel",
                    "LogonGuid",
                    "LogonId",
                    "TerminalSessionId",
                    "NewName",
                    "NewThreadId",
                    "Operation",
                    "ParentUser",
                    "PreviousCreationUtcTime",
                    "Product",
                    "Query",
                    "QueryResults",
                    "Signature",
                    "SignatureStatus",
                    "Signed",
                    "StartAddress",
                    "StartFunction",
                    "StartModule",
                    "State",
                    "TargetUser",
                    "Type",
                )
            ),
        ),
    ),
)

PARSER = LogParser(
    log_type="WINDOWS_SYSMON",
    shapes=(_OF_MODULE, *windows.shapes(channels=(_CHANNEL,))),
    time=first(field("UtcTime"), windows.time),
    fields=_FIELDS,
)
