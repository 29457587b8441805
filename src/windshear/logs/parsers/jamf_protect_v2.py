"""JAMF_PROTECT_V2: what Jamf Protect reports of Macs, in the form of its agent from version 8.12 on.

The processes of a record have roles. `principal` is the process that macOS holds responsible, for instance the
terminal in which a command runs; `target` is the process that acted, and what it acted on is in `target.file`. Where a
process itself is acted on (it is started, gets a signal, is suspended), that one is `target` and the process that acted
is `src`. Logins, mounts and findings of XProtect have the process that acted as `principal`; whoever logs in is
`target.user`, and where they come from is `src`.

* `metadata.product_event_type` is the kind of the event with underscores, whether it was asked for or only noted.
* `target.process.command_line` joins the arguments with blanks; as a list they are `command_line_history`.
* `security_result` holds the analytic that matched: `rule_name`, its reason in `summary`; `BLOCK` if it was prevented.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.jamf_values import PRODUCT, Source, file, process, signing, user
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
    EACH,
    Path,
    Value,
    any_of,
    choose,
    constant,
    field,
    first,
    in_a_row,
    is_any,
    is_there,
    item,
    joined,
    matches,
    not_,
    replaced,
    rewritten,
    shared,
    shared_test,
    translate,
    unless,
    upper,
    when,
)

# Numbers of Apple's `es_event_type_t`, which stand for a kind where its name is left out.
_NUMBERS = {
    "0": "exec", "1": "open", "3": "mmap", "5": "mount", "6": "rename", "7": "signal", "8": "unlink", "9": "exec",
    "10": "open", "11": "fork", "12": "close", "13": "create", "15": "exit", "19": "link", "20": "mmap", "22": "mount",
    "23": "unmount", "25": "rename", "27": "setextattr", "28": "setflags", "31": "signal", "32": "unlink",
    "33": "write", "42": "link", "44": "create", "46": "setextattr", "47": "setflags", "60": "clone", "61": "clone",
    "69": "deleteextattr", "70": "deleteextattr", "92": "proc_suspend_resume", "93": "proc_suspend_resume",
    "112": "xp_malware_detected", "113": "xp_malware_remediated", "114": "lw_session_login",
    "115": "lw_session_logout", "118": "screensharing_attach", "119": "screensharing_detach", "120": "openssh_login",
    "121": "openssh_logout", "122": "login_login", "123": "login_logout", "124": "btm_launch_item_add",
    "125": "btm_launch_item_remove",
}  # fmt: skip
_EVENT_TYPES = {
    "PROCESS_LAUNCH": ("exec", "fork"),
    "PROCESS_TERMINATION": ("exit",),
    "PROCESS_UNCATEGORIZED": ("signal", "proc_suspend_resume"),
    "PROCESS_PRIVILEGE_ESCALATION": ("su", "sudo"),
    "FILE_COPY": ("clone",),
    "FILE_CREATION": ("create",),
    "FILE_DELETION": ("unlink",),
    "FILE_MODIFICATION": ("deleteextattr", "setextattr", "setflags", "rename", "write"),
    "FILE_OPEN": ("open",),
    "FILE_UNCATEGORIZED": ("close", "link", "mmap"),
    "RESOURCE_CREATION": ("mount",),
    "RESOURCE_DELETION": ("unmount",),
    "SERVICE_CREATION": ("btm_launch_item_add",),
    "SERVICE_DELETION": ("btm_launch_item_remove",),
    "SCAN_FILE": ("xp_malware_detected", "xp_malware_remediated"),
    "USER_LOGIN": ("openssh_login", "screensharing_attach", "login_login", "lw_session_login"),
    "USER_LOGOUT": ("openssh_logout", "screensharing_detach", "login_logout", "lw_session_logout"),
}
_SEVERITIES = {"0": "INFORMATIONAL", "1": "LOW", "2": "MEDIUM", "3": "HIGH"}
_ITEM_TYPES = {"0": "USER_ITEM", "1": "APP", "2": "LOGIN_ITEM", "3": "AGENT", "4": "DAEMON"}
_SSH_RESULTS = {
    "0": "EXCEED_MAXTRIES", "1": "ROOT_DENIED", "2": "AUTH_SUCCESS", "3": "AUTH_FAIL_NONE", "4": "AUTH_FAIL_PASSWD",
    "5": "AUTH_FAIL_KBDINT", "6": "AUTH_FAIL_PUBKEY", "7": "AUTH_FAIL_HOSTBASED", "8": "AUTH_FAIL_GSSAPI",
    "9": "INVALID_USER",
}  # fmt: skip
_DESCRIPTORS = {
    str(number): f"PROX_FDTYPE_{name}"
    for number, name in {
        0: "ATALK", 1: "VNODE", 2: "SOCKET", 3: "PSHM", 4: "PSEM", 5: "KQUEUE", 6: "PIPE", 7: "FSEVENTS",
        9: "NETPOLICY", 10: "CHANNEL", 11: "NEXUS",
    }.items()
}  # fmt: skip
_SIGNALS = {
    str(number): f"SIG{name}"
    for number, name in enumerate(
        (
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "EMT", "FPE", "KILL", "BUS", "SEGV", "SYS", "PIPE", "ALRM",
            "TERM", "URG", "STOP", "TSTP", "CONT", "CHLD", "TTIN", "TTOU", "IO", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "INFO", "USR1", "USR2",
        ),
        start=1,
    )
}  # fmt: skip
_ARGUMENTS = 16  # arguments that stand in `command_line_history`
_OPEN_FILES = 8

_kind = shared(first(replaced(field("event_type_name"), {"-": "_"}), translate(field("event_type"), _NUMBERS)))
_is_on_process = shared_test(is_any(_kind, ["exec", "signal", "proc_suspend_resume"]))
_is_item = shared_test(is_any(_kind, ["btm_launch_item_add", "btm_launch_item_remove"]))
_acts_itself = shared_test(
    is_any(
        _kind,
        [
            "mmap",
            "mount",
            "unmount",
            *_EVENT_TYPES["USER_LOGIN"],
            *_EVENT_TYPES["USER_LOGOUT"],
            *_EVENT_TYPES["SCAN_FILE"],
        ],
    )
)
_is_execution = is_any(_kind, ["exec"])
_is_plain = shared_test(not_(any_of(_is_on_process, _is_item, _acts_itself)))


def _event(*path: str) -> Path:
    return ("event", *path)


_item_kinds = ("btm_launch_item_add", "btm_launch_item_remove")
_principals = (
    *(Source(_event(kind, "instigator"), _is_item) for kind in _item_kinds),
    Source(("process",), _acts_itself),
    Source(_event("exec", "target", "responsible_audit_token"), _is_execution, is_full=False),
    Source(("process", "responsible_audit_token"), not_(any_of(_is_execution, _acts_itself, _is_item)), is_full=False),
)
_full_principals = tuple(source for source in _principals if source.is_full)
_srcs = (Source(("process",), any_of(_is_on_process, _is_item)),)
_targets = (
    *(Source(_event(kind, "target"), _is_on_process) for kind in ("exec", "signal", "proc_suspend_resume")),
    Source(("process",), _is_plain),
)

_item = tuple(_event(kind, "item") for kind in _item_kinds)
_item_type = first(*(field(*path, "item_type") for path in _item))
_item_url = shared(
    rewritten(
        first(
            *(joined(field(*path, "app_url"), field(*path, "item_url")) for path in _item),
            *(field(*path, "item_url") for path in _item),
        ),
        "^file://",
        "",
    )
)
_item_file = when(
    is_any(_item_type, ["3", "4"]), first(*(field(*_event(kind, "executable_path")) for kind in _item_kinds)), _item_url
)

_changed = ("close", "setflags", "setextattr", "deleteextattr", "unlink", "write")


def _new_path(*above: str) -> Value:
    return joined(field(*above, "dir", "path"), "/", field(*above, "filename"))


_target_files = (
    *(_event(kind, "target") for kind in _changed),
    _event("open", "file"),
    _event("create", "destination", "existing_file"),
    _event("rename", "destination", "existing_file"),
    _event("mmap", "source"),
    _event("exec", "script"),
)
_target_path = first(
    *(field(*_event(kind, "target", "path")) for kind in _changed),
    field(*_event("open", "file", "path")),
    *(field(*_event(kind, "destination", "existing_file", "path")) for kind in ("create", "rename")),
    *(_new_path(*_event(kind, "destination", "new_path")) for kind in ("create", "rename")),
    joined(field(*_event("clone", "target_dir", "path")), "/", field(*_event("clone", "target_name"))),
    joined(field(*_event("link", "target_dir", "path")), "/", field(*_event("link", "target_filename"))),
    *(field(*_event(kind, "target_dir", "path")) for kind in ("clone", "link")),
    field(*_event("rename", "dir", "path")),
    field(*_event("mmap", "source", "path")),
    field(*_event("exec", "script", "path")),
    field(*_event("xp_malware_remediated", "remediated_path")),
    field(*_event("xp_malware_detected", "detected_path")),
    when(_is_item, _item_file),
)
_source_files = tuple(_event(kind, "source") for kind in ("clone", "link", "rename"))

_came_from = first(
    *(field(*_event(kind, "source_address")) for kind in ("screensharing_attach", "screensharing_detach")),
    *(field(*_event(kind, "source_address")) for kind in ("openssh_login", "openssh_logout")),
)
_source_ip = ip_of(_came_from)
_who = first(
    field(*_event("screensharing_attach", "authentication_username")),
    *(
        field(*_event(kind, "username"))
        for kind in ("openssh_login", "openssh_logout", "login_login", "login_logout", "lw_session_login")
    ),
    *(field(*_event(kind, "to_username")) for kind in ("sudo", "su")),
)
_uid = first(
    *(field(*path, "uid") for path in _item),
    *(field(*_event(kind, "uid")) for kind in ("openssh_login", "openssh_logout", "login_login", "login_logout")),
)
_arguments = _event("exec", "args")
_fact = ("match", "facts", item(0))
_success = first(
    *(field(*_event(kind, "success")) for kind in ("openssh_login", "login_login", "screensharing_attach"))
)
_serial = Element((Scalar("serial_number", field("host", "serial"), "published"),))
_addresses = tuple(ip_of(field("host", "ips", item(number))) for number in range(4))

_SECURITY_RESULT = Element(
    (
        Repeated(
            "action",
            (
                first(
                    translate(field("match", "blocked"), {"true": "BLOCK", "false": "ALLOW"}),
                    translate(_success, {"true": "ALLOW", "false": "BLOCK"}),
                ),
            ),
            "published",
        ),
        Scalar("rule_name", field(*_fact, "name"), "published"),
        Scalar("rule_version", field(*_fact, "version"), "published"),
        Scalar("rule_type", field("match", "type"), "published"),
        Scalar("rule_id", field(*_fact, "uuid")),
        Scalar("description", field(*_fact, "human"), "published"),
        Scalar("summary", field(*_fact, "match_reason"), "published"),
        Scalar("severity", translate(field("match", "severity"), _SEVERITIES), "published"),
        Scalar("severity_details", translate(field("match", "severity"), _SEVERITIES), "published"),
        Scalar(
            "threat_name",
            first(
                field("match", "value"),
                *(field(*_event(kind, "malware_identifier")) for kind in _EVENT_TYPES["SCAN_FILE"]),
            ),
            "published",
        ),
        Scalar(
            "threat_id",
            first(*(field(*_event(kind, "incident_identifier")) for kind in _EVENT_TYPES["SCAN_FILE"])),
            "published",
        ),
        Scalar("about.file.full_path", field("match", "quarantine_path"), "published"),
        Repeated("category", (when(is_any(_success, ["false"]), constant("AUTH_VIOLATION")),), "published"),
        Repeated(
            "category_details",
            (translate(field(*_event("openssh_login", "result_type")), _SSH_RESULTS),),
            "published",
        ),
        Labels(
            "detection_fields",
            (
                Label("tags", unless(field("match", "tags"), "[]")),
                Label("context", unless(field("match", "context"), "{}")),
            ),
        ),
    )
)


def _labels(kind: str, *names: str) -> tuple[Label, ...]:
    return tuple(Label(f"{kind}.{name}", field(*_event(kind, *name.split("."))), "published") for name in names)


_ADDITIONAL = Labels(
    "additional.fields",
    (
        Label("protect_datamodel_version", field("version"), "published"),
        *(
            Label(name, field(name), "published")
            for name in ("event_type", "action_type_name", "seq_num", "global_seq_num", "mach_time")
        ),
        *(Label(f"thread.{name}", field("thread", name), "published") for name in ("thread_id", "uuid")),
        *signing("principal", _full_principals),
        *signing("src", _srcs),
        *signing("target", _targets),
        *_labels("exec", "cwd.path", "dyld_exec_path", "image_cputype", "image_cpusubtype"),
        Label("last_fd", field(*_event("exec", "last_fd")), "published"),
        *(Label(f"fd {n}", field(*_event("exec", "fds", item(n), "fd")), "published") for n in range(_OPEN_FILES)),
        *(
            Label(f"fdtype {n}", translate(field(*_event("exec", "fds", item(n), "fdtype")), _DESCRIPTORS), "published")
            for n in range(_OPEN_FILES)
        ),
        *_labels("close", "modified", "was_mapped_writable"),
        *_labels("rename", "modified"),
        *_labels("mmap", "max_protection", "protection", "flags", "file_pos"),
        *_labels("mount", "device.protocol", "disposition", "statfs.f_ffree"),
        Label("flags", field(*_event("setflags", "flags")), "published"),
        Label("extattr", first(*(field(*_event(kind, "extattr")) for kind in ("setextattr", "deleteextattr")))),
        Label(
            "signal.sig",
            translate(field(*_event("signal", "sig")), _SIGNALS, field(*_event("signal", "sig"))),
            "published",
        ),
        *_labels("btm_launch_item_add", "item.item_type", "item.legacy", "item.managed"),
        *_labels("screensharing_attach", "authentication_type", "viewer_appleid"),
        *_labels("xp_malware_remediated", "action_type", "success"),
        Label("sudo.command", field(*_event("sudo", "command"))),
    ),
)

_FIELDS: tuple[UdmValue, ...] = (
    Scalar(
        "metadata.event_type",
        choose(
            *((is_any(_kind, kinds), constant(name)) for name, kinds in _EVENT_TYPES.items()),
            (matches(_kind, "_summary$"), constant("STATUS_UPDATE")),
            (is_there(field("process", "audit_token", "pid")), constant("PROCESS_UNCATEGORIZED")),
            otherwise=constant("STATUS_UPDATE"),
        ),
        "published",
    ),
    Scalar("metadata.vendor_name", upper(field("metadata", "vendor")), "published"),
    Scalar("metadata.product_name", upper(field("metadata", "product")), "published"),
    Scalar("metadata.product_version", field("host", "protectVersion"), "published"),
    Scalar("metadata.product_event_type", first(_kind, field("event_type")), "published"),
    Scalar("metadata.product_log_id", first(field("match", "uuid"), field("uuid")), "published"),
    Scalar("principal.hostname", field("host", "hostname"), "published"),
    Scalar("principal.asset.hostname", field("host", "hostname"), "published"),
    Repeated("principal.ip", _addresses, "published"),
    Repeated("principal.asset.ip", _addresses, "published"),
    Scalar("principal.asset_id", joined(PRODUCT, field("host", "provisioningUDID")), "published"),
    Scalar("principal.asset.asset_id", joined(PRODUCT, field("host", "provisioningUDID")), "published"),
    Scalar("principal.asset.product_object_id", field("host", "provisioningUDID"), "published"),
    Messages("principal.asset.hardware", (_serial,)),
    Scalar("principal.platform", constant("MAC"), "published"),
    Scalar("principal.platform_version", field("host", "os"), "published"),
    *process("principal", _principals),
    Scalar("principal.user.userid", user(_principals)),
    *process("src", _srcs),
    *file("src", first(*(field(*path, "path") for path in _source_files)), _source_files),
    Scalar("src.user.userid", field(*_event("screensharing_attach", "session_username")), "published"),
    Repeated("src.ip", (_source_ip,), "published"),
    Repeated("src.asset.ip", (_source_ip,), "published"),
    Scalar("src.resource.name", field(*_event("mount", "statfs", "f_mntfromname")), "published"),
    *(field for field in process("target", _targets) if field.name != "target.user.user_display_name"),
    Scalar("target.user.user_display_name", first(_who, user(_targets)), "published"),
    Scalar("target.user.userid", _uid, "published"),
    Scalar("target.process.command_line", in_a_row(field(*_arguments, EACH), " "), "published"),
    Repeated(
        "target.process.command_line_history",
        tuple(field(*_arguments, item(number)) for number in range(_ARGUMENTS)),
        "published",
    ),
    *file("target", _target_path, _target_files),
    Scalar("target.application", translate(_item_type, _ITEM_TYPES), "published"),
    Scalar(
        "target.resource.name",
        first(field(*_event("mount", "statfs", "f_mntonname")), when(is_any(_item_type, ["3", "4"]), _item_url)),
        "published",
    ),
    Scalar("target.resource.resource_subtype", field(*_event("mount", "statfs", "f_fstypename")), "published"),
    Scalar("extensions.auth.type", when(is_any(_kind, _EVENT_TYPES["USER_LOGIN"]), constant("MACHINE"))),
    Repeated(
        "extensions.auth.mechanism",
        (
            choose(
                (is_any(_kind, ["openssh_login", "screensharing_attach"]), constant("REMOTE_INTERACTIVE")),
                (is_any(_kind, ["login_login", "lw_session_login"]), constant("INTERACTIVE")),
            ),
        ),
        "published",
    ),
    Messages("security_result", (_SECURITY_RESULT,)),
    _ADDITIONAL,
)

PARSER = LogParser(
    log_type="JAMF_PROTECT_V2",
    shapes=(
        Shape(
            "record",
            (Is(("metadata", "vendor"), ("Jamf",)), Has(("host", "provisioningUDID")), Has(("event_type",))),
        ),
    ),
    time=field("time"),
    fields=_FIELDS,
)
