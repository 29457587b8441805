"""POWERSHELL: what PowerShell logs of commands and scripts, in its own channel (4103, 4104 and others) and the old one.

The old channel and event 4103 hold a text of `name = value` lines; Google's parser takes the host application, the
script and the user out of it. A long script block is logged in parts: each part keeps the block's id, its number and
the number of parts, and the last one gets the whole where all parts were read together; nothing is held back for parts
that come later.
"""

from __future__ import annotations

from windshear.logs import windows_events as windows
from windshear.logs.addresses import ip_of
from windshear.logs.decoded_commands import decoding_labels
from windshear.logs.parser import Element, Label, Labels, LogParser, Messages, Repeated, Scalar
from windshear.logs.split_texts import whole_text
from windshear.logs.values import (
    Reading,
    Value,
    all_of,
    any_of,
    captured,
    choose,
    constant,
    ending,
    field,
    first,
    is_any,
    is_there,
    joined,
    line_after,
    lines,
    lines_of,
    lower,
    replaced,
    shared,
    translate,
    unless,
    when,
)
from windshear.logs.windows_events import filled

_LONGEST_PATH = 1000
CHANNELS = ("Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational", "Windows PowerShell")

_is_block = is_any(windows.number, ["4104"])
_is_command = is_any(windows.number, ["4103"])
_is_engine_event = is_any(windows.number, ["400", "600", "800"])
_is_engine_stop = is_any(windows.number, ["403"])
_is_old_event = any_of(_is_engine_event, _is_engine_stop)

# Old events have their text in nameless data, which nxlog and our readers name `Data`, `Data_1`, Winlogbeat `param1`.
_first_part = first(field("Data"), field("param1"))
_second_part = first(field("Data_1"), field("param2"))
_third_part = first(field("Data_2"), field("param3"))
_context = shared(
    lines_of(
        choose(
            (_is_command, first(field("ContextInfo"), windows.message)),
            (is_any(windows.number, ["800"]), first(windows.message, _second_part)),
            (_is_old_event, first(windows.message, _third_part)),
        )
    )
)
_text = choose(
    (_is_block, first(windows.message, field("ScriptBlockText"))),
    (_is_command, first(windows.message, lines(field("Payload"), field("ContextInfo")))),
    otherwise=first(windows.message, lines(_first_part, _second_part, _third_part)),
)


def _of_context(label: str, old_label: str = "") -> Value:
    """Take a value out of lines like `Host Name = ConsoleHost` (4103) and `HostName=ConsoleHost` (old events)."""
    old = constant(f"\t{old_label or label.replace(' ', '')}=")
    return line_after(_context, when(_is_command, constant(f"        {label} = "), old))


_host_application = shared(_of_context("Host Application"))
_script_name = shared(_of_context("Script Name"))
_host_id = _of_context("Host ID", "HostId")
_user = shared(_of_context("User", "UserId"))
_path = shared(
    when(
        _is_block,  # the last lines of its message name the script
        first(
            filled("Path"),
            captured(ending(windows.message, _LONGEST_PATH), r"ScriptBlock ID: [0-9A-Fa-f-]{36}\s+Path: ?([^\r\n]+)"),
        ),
    )
)
_whole_script = whole_text(
    field("ScriptBlockText"),
    field("MessageNumber"),
    Reading(("MessageTotal",)),
    (windows.host, field("ScriptBlockId")),
)
_command = choose(
    (_is_block, first(_whole_script, field("ScriptBlockText"))),
    (_is_command, lines(_host_application, field("Payload"))),
    otherwise=lines(_host_application, _of_context("Command Line")),
)
_script = choose((_is_block, _path), otherwise=_script_name)
_host = windows.host
_process_id = unless(windows.acting_process, "0")
_is_launch = any_of(
    is_there(_path),
    all_of(_is_command, is_there(_host_application)),
    all_of(_is_engine_event, is_there(_script_name), is_there(_host_application)),
)
_SEVERITIES = {
    **dict.fromkeys(("5", "verbose", "info", "debug"), "LOW"),
    **dict.fromkeys(("0", "4", "information", "informational"), "INFORMATIONAL"),
    **dict.fromkeys(("2", "3", "warn", "warning", "err", "error"), "MEDIUM"),
    **dict.fromkeys(("1", "crit", "critical"), "HIGH"),
}

PARSER = LogParser(
    log_type="POWERSHELL",
    shapes=windows.shapes(channels=CHANNELS),
    time=windows.time,
    fields=(
        Scalar(
            "metadata.event_type",
            choose(
                (_is_launch, constant("PROCESS_LAUNCH")),
                (_is_engine_stop, constant("PROCESS_TERMINATION")),
                (is_there(_host), constant("STATUS_UPDATE")),
                otherwise=constant("GENERIC_EVENT"),
            ),
            "published",
        ),
        Scalar("metadata.vendor_name", constant("Microsoft"), "published"),
        Scalar("metadata.product_name", first(windows.provider, constant("Powershell")), "published"),
        Scalar("metadata.product_event_type", windows.number, "published"),
        Scalar("metadata.product_log_id", windows.record_number, "published"),
        Scalar("metadata.product_deployment_id", field("ProviderGuid"), "published"),
        Scalar("metadata.description", field("Opcode"), "published"),
        Scalar("principal.hostname", _host, "published"),
        Scalar("principal.asset.hostname", _host, "published"),
        Scalar("principal.platform", constant("WINDOWS")),
        Repeated("principal.ip", (ip_of(field("MessageSourceAddress")),), "published"),
        Scalar("principal.administrative_domain", first(field("Domain"), windows.account_domain(_user)), "published"),
        Scalar(
            "principal.user.userid",
            first(field("AccountName"), field("Username"), windows.account_name(_user)),
            "published",
        ),
        Scalar("principal.user.windows_sid", windows.sid(field("UserID")), "published"),
        Scalar("principal.process.pid", _process_id, "published"),
        Scalar("principal.resource.name", field("SourceModuleName"), "published"),
        Scalar("principal.resource.resource_subtype", field("SourceModuleType"), "published"),
        Scalar("target.hostname", captured(_of_context("Host Name"), r"^([0-9A-Za-z][0-9A-Za-z.-]*)$"), "published"),
        Scalar("target.asset.asset_id", joined("Host ID:", _host_id), "published"),
        Scalar("target.process.command_line", _host_application, "published"),
        Scalar("target.process.file.full_path", _script, "published"),
        Messages(
            "security_result",
            (
                Element(
                    (
                        Repeated("action", (constant("ALLOW"),), "published"),
                        Scalar("rule_name", joined("EventID: ", windows.number), "published"),
                        Scalar("severity", translate(lower(windows.severity_details), _SEVERITIES), "published"),
                        Scalar("severity_details", windows.severity_details, "published"),
                        Scalar("description", replaced(_text, {"\r": ",", "\t": ","}), "published"),
                        Labels(
                            "detection_fields",
                            (
                                Label("ScriptBlockText", field("ScriptBlockText"), "published"),
                                Label("ActivityID", field("ActivityID"), "published"),
                                Label("Sequence Number", _of_context("Sequence Number"), "published"),
                                Label("ExecutionThreadID", field("ThreadID"), "published"),
                                Label("Command Name", _of_context("Command Name"), "published"),
                                Label("Command Type", _of_context("Command Type"), "published"),
                                Label("CommandLine", _of_context("Command Line")),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Labels(
            "additional.fields",
            (
                Label("ScriptBlockId", field("ScriptBlockId")),
                Label("MessageNumber", field("MessageNumber")),
                Label("MessageTotal", field("MessageTotal")),
                Label("JoinedScriptBlockText", _whole_script),
                *decoding_labels(_command, "script"),
                Label("RunspaceId", first(field("RunspaceId"), _of_context("Runspace ID", "RunspaceId"))),
                Label("Host Version", _of_context("Host Version")),
                Label("Engine Version", _of_context("Engine Version")),
                Label("Pipeline ID", _of_context("Pipeline ID", "PipelineId")),
                Label("Shell ID", _of_context("Shell ID")),
                Label("Connected User", _of_context("Connected User")),
                Label("Payload", field("Payload")),
                Label("Channel", field("Channel")),
                Label("Category", field("Category")),
                Label("Keywords", field("Keywords")),
            ),
        ),
    ),
)
