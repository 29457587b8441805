"""WINDOWS_SYSMON: Sysmon events as JSON, flat (nxlog, Cribl, exports) or in Winlogbeat's form.

Event 1 is documented; the rest stands where public rules look. In a process launch the new process is `target.process`
and its parent `principal.process`. Sysmon's own `UtcTime` is the event's time: exporters write their own time stamp in
whatever zone they think they are in.
"""

from __future__ import annotations

from windshear.logs.parser import (
    Element,
    Has,
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
    captured,
    choose,
    constant,
    field,
    first,
    is_any,
    is_ip,
    joined,
    lower,
    not_,
    translate,
    when,
)

_CHANNEL = "Microsoft-Windows-Sysmon/Operational"


def _filled(name: str) -> Value:
    """Read a value; Sysmon writes `-` where it knows none."""
    return when(not_(is_any(field(name), ["-"])), field(name))


_number = field("EventID")
_image = field("Image")
_process_id = field("ProcessId")
_user = first(field("User"), field("SourceUser"))
_host = field("Hostname")

_EVENT_TYPES = {
    "1": "PROCESS_LAUNCH",
    "2": "FILE_MODIFICATION",
    "3": "NETWORK_CONNECTION",
    "5": "PROCESS_TERMINATION",
    "7": "PROCESS_MODULE_LOAD",
    "8": "PROCESS_INJECTION",
    "9": "FILE_READ",
    "10": "PROCESS_OPEN",
    "11": "FILE_CREATION",
    "15": "FILE_CREATION",
    "17": "PROCESS_UNCATEGORIZED",
    "18": "PROCESS_UNCATEGORIZED",
    "22": "NETWORK_DNS",
    "23": "FILE_DELETION",
    "26": "FILE_DELETION",
    "28": "FILE_CREATION",
    "29": "FILE_CREATION",
}
_REGISTRY = {"12": "REGISTRY_CREATION", "13": "REGISTRY_MODIFICATION", "14": "REGISTRY_MODIFICATION"}

_is_launch = is_any(_number, ["1"])
_is_open = is_any(_number, ["8", "10"])
_is_module_load = is_any(_number, ["7"])
_is_pipe = is_any(_number, ["17", "18"])
_is_end = is_any(_number, ["5"])
_is_file = is_any(_number, ["2", "11", "15", "23", "26", "28", "29"])
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
    return lower(captured(first(field("Hashes"), field("Hash")), rf"(?:^|,)(?i:{kind})=([0-9A-Fa-f]+)"))


def _process_guid(guid: Value) -> Value:
    return joined("sysmon:", guid)


def _hashes(prefix: str, condition_holds: bool) -> tuple[Scalar, ...]:
    is_process = is_any(_number, ["1", "7"])
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
    Scalar("metadata.product_log_id", first(field("RecordNumber"), field("EventRecordID"))),
    Scalar("metadata.description", when(_is_launch, _filled("Description")), "published"),
    Scalar("principal.hostname", _host, "public rules"),
    Scalar("principal.asset.hostname", _host, "published"),
    Scalar("principal.platform", constant("WINDOWS")),
    Repeated(
        "principal.ip", (when(_is_connection, when(is_ip(field("SourceIp")), field("SourceIp"))),), "public rules"
    ),
    Repeated("principal.asset.ip", (when(_is_connection, when(is_ip(field("SourceIp")), field("SourceIp"))),)),
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
        (when(_is_connection, when(is_ip(field("DestinationIp")), field("DestinationIp"))),),
        "public rules",
    ),
    Scalar("target.port", when(_is_connection, field("DestinationPort")), "public rules", "int"),
    Scalar("target.hostname", when(_is_connection, _filled("DestinationHostname")), "public rules"),
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
    Scalar("target.registry.registry_value_data", field("Details"), "public rules"),
    Scalar(
        "target.resource.name",
        choose((_is_pipe, field("PipeName")), (is_any(_number, ["10"]), field("GrantedAccess"))),
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
                    Scalar(
                        "severity",
                        when(is_any(field("Level"), ["4", "0", "Information"]), constant("INFORMATIONAL")),
                        "published",
                    ),
                    Scalar("severity_details", field("Level")),
                    Scalar("rule_name", _filled("RuleName")),
                ),
            ),
        ),
    ),
    Labels(
        "additional.fields",
        (
            Label("current_directory", field("CurrentDirectory"), "public rules"),
            Label("Initiated", field("Initiated"), "public rules"),
            Label("CallTrace", field("CallTrace"), "public rules"),
            *(
                Label(name, _filled(name))
                for name in (
                    "IntegrityLevel",
                    "LogonGuid",
                    "LogonId",
                    "TerminalSessionId",
                    "ParentUser",
                    "QueryResults",
                    "Signature",
                    "SignatureStatus",
                    "Signed",
                )
            ),
        ),
    ),
)

_WINLOGBEAT_NAMES: dict[Path, Path] = {
    ("EventID",): ("winlog", "event_id"),
    ("Hostname",): ("winlog", "computer_name"),
    ("RecordNumber",): ("winlog", "record_id"),
    ("Level",): ("log", "level"),
    ("@timestamp",): ("@timestamp",),
}

PARSER = LogParser(
    log_type="WINDOWS_SYSMON",
    shapes=(
        Shape("flat", (Is(("Channel",), (_CHANNEL,)), Has(("EventID",)))),
        Shape(
            "Winlogbeat",
            (Is(("winlog", "channel"), (_CHANNEL,)), Has(("winlog", "event_id"))),
            ("winlog", "event_data"),
            _WINLOGBEAT_NAMES,
        ),
    ),
    time=first(field("UtcTime"), field("@timestamp"), field("TimeCreated"), field("EventTime")),
    fields=_FIELDS,
)
