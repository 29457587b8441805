"""AUDITD: the Linux audit log.

The records of one event (SYSCALL, EXECVE, CWD, PATH, PROCTITLE), which share a time and a serial number, are joined and
become one UDM event; texts in hexadecimal are decoded, and arguments joined with blanks. A *record* in the counts of a
run is such an event; beside them stands how many lines were joined. Lines may stand mixed: an event ends when 1,000
others have begun after it. Text behind a syslog prefix, enriched text (`UID="root"`), and the JSON of Laurel, NXLog,
Auditbeat and the agent of Azure Monitor are read, too.

The published page shows one UDM event for each raw line, and puts every raw key into `detection_fields` under its name
and the number of its record; here the event is one, and the fields of its system call stand in `additional.fields`.
"""

from __future__ import annotations

from windshear.logs import audit_types as types
from windshear.logs.addresses import ip_of, is_ip
from windshear.logs.audit_columns import NXLOG
from windshear.logs.audit_json import LAUREL, from_agent, from_auditbeat, from_laurel, from_nxlog
from windshear.logs.decoded_commands import decoding_labels, joined_arguments
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
    Requirement,
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.values import (
    EACH,
    Moment,
    Value,
    all_of,
    any_of,
    behind,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    item,
    matches,
    micros_of,
    moment_ahead,
    not_,
    shared,
    shared_test,
    translate,
    when,
)

_FIRST_BODIES = ("MESSAGE", "SYSCALL", "EXECVE", "PATH", "CWD", "PROCTITLE", "SOCKADDR")
_BODIES = HasAny(tuple((kind,) for kind in (*_FIRST_BODIES, *sorted(types.BODIES - set(_FIRST_BODIES)))))
_SHAPES = (
    Shape("audit log", (Is(("LOG",), ("linux audit",)), Has(("ID",)))),
    Shape("Laurel", (Has(("ID",)), _BODIES), rewrite=from_laurel, rewritten=(Is(("LOG",), (LAUREL,)), Has(("ID",)))),
    Shape(
        "NXLog",
        (Has(("type",)), Has(("seq",)), Is(("SourceModuleType",), ("im_linuxaudit",))),
        rewrite=from_nxlog,
        plain=NXLOG,
    ),
    Shape("Auditbeat", (Has(("auditd", "message_type")), Has(("auditd", "sequence"))), rewrite=from_auditbeat),
    Shape("Azure Monitor agent", (Has(("SyslogMessage",)), Is(("ProcessName",), ("auoms",))), rewrite=from_agent),
)


def _call(name: str) -> Value:
    return field("SYSCALL", name)


def _message(name: str) -> Value:
    return field("MESSAGE", name)


def _either(name: str) -> Value:
    return first(_call(name), _message(name))


_moment = shared(first(micros_of(field("time")), moment_ahead(field("ID"))))
_time = Moment(_moment.sql, _moment.reads)
_kind = field("TYPE")
_arch = _call("arch")
_called = field("CALL")
_family = field("SOCKADDR", "saddr_fam")
_remote = field("SOCKADDR", "laddr")
_is_remote = all_of(is_any(_family, ["inet", "inet6"]), is_ip(_remote))
_is_call = is_there(_arch)
_is_about_call = shared_test(
    any_of(is_any(_kind, ["SYSCALL"]), all_of(_is_call, is_any(_kind, ["AVC", "SECCOMP"]))),
)
_is_launch = shared_test(
    any_of(
        all_of(_is_about_call, is_any(_called, types.LAUNCHES)),
        is_any(_kind, ["EXECVE", "PROCTITLE", "PROC_EXECUTE", "USER_CMD"]),
    ),
)
_is_login = is_any(_kind, types.LOGINS)

_nametype = first(*(field("PATH", item(position), "nametype") for position in (1, 0)))
_first_name = field("PATH", item(0), "name")
_is_parent_first = is_any(field("PATH", item(0), "nametype"), ["PARENT"])
_path = when(_is_parent_first, first(field("PATH", item(1), "name"), _first_name), _first_name)
_has_path = is_there(field("PATH", item(0), "nametype"))
_is_created = is_any(_nametype, ["CREATE"])

_call_type = choose(
    (is_any(_called, types.LAUNCHES), constant("PROCESS_LAUNCH")),
    (all_of(is_any(_called, types.CONNECTIONS), _is_remote), constant("NETWORK_CONNECTION")),
    (all_of(is_any(_called, types.OPENS), _has_path, _is_created), constant("FILE_CREATION")),
    (all_of(is_any(_called, types.OPENS), _has_path), constant("FILE_OPEN")),
    (all_of(is_any(_called, types.CREATIONS), _has_path), constant("FILE_CREATION")),
    (all_of(is_any(_called, types.DELETIONS), _has_path), constant("FILE_DELETION")),
    (all_of(is_any(_called, types.MODIFICATIONS), _has_path), constant("FILE_MODIFICATION")),
    (is_any(_called, types.MODULES), constant("PROCESS_MODULE_LOAD")),
    (is_any(_called, types.SETTINGS), constant("SETTING_MODIFICATION")),
    (is_any(_called, ["ptrace"]), constant("PROCESS_OPEN")),
    otherwise=constant("PROCESS_UNCATEGORIZED"),
)
_path_type = translate(
    _nametype,
    {"CREATE": "FILE_CREATION", "DELETE": "FILE_DELETION", "NORMAL": "FILE_OPEN", "PARENT": "FILE_OPEN"},
    constant("FILE_UNCATEGORIZED"),
)
_event_type = choose(
    (_is_about_call, _call_type),
    (is_any(_kind, ["PATH"]), _path_type),
    otherwise=translate(_kind, types.RECORD_EVENT_TYPES, constant("GENERIC_EVENT")),
)

_exe = first(_call("exe"), _message("exe"))
_command_line = first(
    field("EXECVE", "CMDLINE"), _message("cmd"), _message("COMMAND"), when(_is_launch, field("PROCTITLE", "CMDLINE"))
)
_address = _message("addr")
_named_host = _message("hostname")
_result = first(_call("success"), _message("res"), _message("result"))
_action = translate(
    _result,
    {**dict.fromkeys(["yes", "success", "1"], "ALLOW"), **dict.fromkeys(["no", "failed", "0", "fail"], "BLOCK")},
)
_uid = first(_call("uid"), _message("uid"))
_uid_name = first(_call("UID"), _message("UID"))
_auid = first(_call("auid"), _message("auid"))
_auid_name = first(_call("AUID"), _message("AUID"))
_account = first(_message("acct"), _message("id"))
_session = _either("ses")
_is_account_change = is_any(_kind, ["ADD_USER", "DEL_USER"])
_terminal = _message("terminal")
_socket_name = field("SOCKADDR", "path")

_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", _event_type, "published"),
    Scalar("metadata.vendor_name", constant("Linux"), "published"),
    Scalar("metadata.product_name", constant("AuditD"), "published"),
    Scalar("metadata.product_event_type", _kind, "published"),
    Scalar("metadata.product_log_id", first(behind(field("ID"), ":"), field("seq")), "published"),
    Scalar("principal.hostname", first(field("NODE"), field("HostName")), "published"),
    Scalar("principal.asset.hostname", first(field("NODE"), field("HostName"))),
    Scalar("principal.platform", constant("LINUX"), "published"),
    Repeated(
        "principal.ip",
        (ip_of(_address), ip_of(_named_host)),
        "published",
    ),
    Scalar("principal.application", first(_either("comm"), _terminal), "published"),
    Scalar("principal.user.userid", _uid, "published"),
    Scalar("principal.user.user_display_name", _uid_name),
    Scalar(
        "principal.process.pid", when(_is_launch, first(_call("ppid"), _message("pid")), _either("pid")), "published"
    ),
    Scalar("principal.process.file.full_path", when(not_(all_of(_is_launch, _is_call)), _exe), "published"),
    Scalar(
        "principal.process.command_line",
        when(not_(_is_launch), field("PROCTITLE", "CMDLINE")),
    ),
    Scalar("principal.process.parent_process.pid", when(not_(_is_launch), _call("ppid")), "published"),
    Scalar("target.process.pid", when(_is_launch, _call("pid")), "published"),
    Scalar("target.process.parent_process.pid", when(_is_launch, _call("ppid")), "published"),
    Scalar("target.process.file.full_path", when(_is_launch, first(_call("exe"), _path)), "published"),
    Scalar("target.process.command_line", _command_line, "published"),
    Scalar("target.user.userid", when(_is_account_change, first(_account, _uid), _uid), "published"),
    Scalar("target.user.user_display_name", first(_account, _uid_name), "published"),
    Scalar("target.file.full_path", when(not_(_is_launch), first(_path, _message("name"), _socket_name)), "published"),
    Repeated("target.ip", (when(_is_remote, _remote),)),
    Scalar("target.port", when(_is_remote, field("SOCKADDR", "lport")), kind="int"),
    Scalar("target.application", when(is_any(_kind, ["SERVICE_START", "SERVICE_STOP"]), _message("unit"))),
    Messages(
        "about", (Element((Scalar("user.userid", _auid, "published"), Scalar("user.user_display_name", _auid_name))),)
    ),
    Scalar("network.session_id", _session, "published"),
    Scalar(
        "network.application_protocol",
        when(
            any_of(is_any(_terminal, ["ssh", "sshd"]), matches(_message("exe"), r"/sshd(-session)?$")), constant("SSH")
        ),
        "published",
    ),
    Scalar("extensions.auth.type", when(_is_login, constant("MACHINE")), "published"),
    Messages(
        "security_result",
        (
            Element(
                (
                    Repeated("action", (_action,), "published"),
                    Scalar("action_details", _result, "published"),
                    Scalar("summary", first(_message("op"), _message("operation")), "published"),
                    Scalar("about.registry.registry_key", _either("key"), "published"),
                    Scalar("about.platform_version", _arch, "published"),
                    Labels(
                        "about.labels",
                        (Label("Syscall", _called, "published"), Label("tty", _call("tty"), "published")),
                    ),
                    Labels(
                        "detection_fields",
                        (
                            Label("auid", _auid, "published"),
                            Label("cwd", first(field("CWD", "cwd"), _message("cwd")), "published"),
                            Label("key", _either("key")),
                            Label("euid", _call("euid")),
                            Label("exit", _call("exit")),
                        ),
                    ),
                )
            ),
        ),
    ),
    Labels(
        "additional.fields",
        (*decoding_labels(_command_line, "posix"), joined_arguments(field("EXECVE", "ARGV", EACH))),
        flattened=(
            Flattened("SYSCALL", ("SYSCALL",)),
            Flattened("MESSAGE", ("MESSAGE",)),
            Flattened("PATH", ("PATH",)),
        ),
    ),
)

PARSER = LogParser(
    log_type="AUDITD",
    shapes=_SHAPES,
    time=_time,
    fields=_FIELDS,
    requirements=(Requirement(is_there(_kind), "no record in the audit event"),),
)
