"""What a Windows event is: its UDM event type and action, by channel, provider and number.

Event numbers are unique within a provider only. Those of the Security channel do not clash with one another; outside
of it the provider decides. What is in no list of other channels is `GENERIC_EVENT`; the System and Application logs
hold what programs report of themselves, which is `STATUS_UPDATE`.
"""

from __future__ import annotations

from windshear.logs import windows_events as windows
from windshear.logs.values import (
    Condition,
    Value,
    all_of,
    any_of,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    matches,
    not_,
    shared,
    translate,
    when,
)

# Events that are log types of their own, in whatever channel they stand.
OTHER_CHANNELS = (
    "Microsoft-Windows-Sysmon/Operational",
    "Microsoft-Windows-PowerShell/Operational",
    "PowerShellCore/Operational",
    "Windows PowerShell",
    "AD FS/Admin",
)
OTHER_PROVIDERS = ("AD FS", "AD FS Auditing")

# Event data that have no place in UDM, kept under their own names.
OTHER_DATA = (
    *("AccountExpires", "AccountName", "AllowedToDelegateTo", "AuditPolicyChanges", "CategoryId", "CertIssuerName"),
    *("CertSerialNumber", "CertThumbprint", "CountOfCredentialsReturned", "DSName", "DisabledPrivilegeList"),
    *("EnabledPrivilegeList", "GroupMembership", "HandleId", "ImagePath", "ImpersonationLevel", "LayerName"),
    *("MemberName", "NewSd", "NewTargetUserName", "NewUacValue", "OldSd", "OldTargetUserName", "OldUacValue"),
    *("Operation", "OpCorrelationID", "PrimaryGroupId", "ReadOperation", "RelativeTargetName"),
    *("RestrictedAdminMode", "ReturnCode", "SamAccountName", "ServiceAccount", "ServiceSid", "ServiceStartType"),
    *("ServiceType", "ShareLocalPath", "SidHistory", "StartType", "SubcategoryGuid", "TargetInfo"),
    *("TargetLinkedLogonId", "TargetLogonGuid", "TaskContent", "TaskContentNew", "TransmittedServices"),
    *("UserAccountControl", "UserPrincipalName", "VirtualAccount", "param1", "param2", "param3", "param4"),
)

GROUP_EVENTS = {
    "GROUP_CREATION": ("4727", "4731", "4744", "4749", "4754", "4759", "4783", "4790"),
    "GROUP_MODIFICATION": (
        *("4728", "4729", "4732", "4733", "4735", "4737", "4745", "4746", "4747", "4750", "4751", "4752"),
        *("4755", "4756", "4757", "4760", "4761", "4762", "4764", "4784", "4785", "4786", "4787", "4788", "4791"),
    ),
    "GROUP_DELETION": ("4730", "4734", "4748", "4753", "4758", "4763", "4789", "4792"),
    "GROUP_UNCATEGORIZED": ("4799",),
}

_SECURITY = {
    **GROUP_EVENTS,
    "USER_LOGIN": (
        *("4624", "4625", "4648", "4672", "4768", "4771", "4772", "4776", "4777", "4778", "4801", "4964"),
        *("6272", "6273"),
    ),
    "USER_LOGOUT": ("4634", "4647", "4779", "4800"),
    "USER_CREATION": ("4720",),
    "USER_DELETION": ("4726",),
    "USER_CHANGE_PASSWORD": ("4723", "4724", "4794"),
    "USER_CHANGE_PERMISSIONS": (
        *("4703", "4704", "4705", "4717", "4718", "4722", "4725", "4738", "4740", "4765", "4766", "4767", "4780"),
        "4781",
    ),
    "USER_UNCATEGORIZED": ("4627", "4675"),
    "USER_RESOURCE_ACCESS": (
        *("4656", "4658", "4661", "4662", "4663", "4674", "4692", "4693", "4694", "4695", "4769", "4770", "4773"),
        *("4782", "4797", "4798", "5058", "5059", "5061", "5140", "5145", "5376", "5377", "5379", "5381", "5382"),
    ),
    "USER_RESOURCE_CREATION": ("5137", "5138", "5142"),
    "USER_RESOURCE_UPDATE_CONTENT": ("5136", "5139", "5143"),
    "USER_RESOURCE_UPDATE_PERMISSIONS": ("4670",),
    "USER_RESOURCE_DELETION": ("4659", "4660", "5141", "5144"),
    "RESOURCE_CREATION": ("4741", "4887", "6416"),
    "RESOURCE_WRITTEN": ("4742",),
    "RESOURCE_DELETION": ("4743",),
    "REGISTRY_MODIFICATION": ("4657",),
    "FILE_CREATION": ("4664",),
    "PROCESS_LAUNCH": ("4688",),
    "PROCESS_TERMINATION": ("4689",),
    "PROCESS_UNCATEGORIZED": ("4690", "4696"),
    "SERVICE_UNSPECIFIED": ("4673",),
    "SERVICE_CREATION": ("4697",),
    "SCHEDULED_TASK_CREATION": ("4698",),
    "SCHEDULED_TASK_DELETION": ("4699",),
    "SCHEDULED_TASK_ENABLE": ("4700",),
    "SCHEDULED_TASK_DISABLE": ("4701",),
    "SCHEDULED_TASK_MODIFICATION": ("4702",),
    "SETTING_CREATION": ("4706", "4946"),
    "SETTING_DELETION": ("4707", "4948"),
    "SETTING_MODIFICATION": (
        *("4616", "4713", "4716", "4719", "4739", "4817", "4904", "4905", "4906", "4907", "4912", "4947", "4950"),
        "4954",
    ),
    "NETWORK_CONNECTION": ("5152", "5153", "5156", "5157"),
    "NETWORK_UNCATEGORIZED": ("5031", "5154", "5155", "5158", "5159"),
    "STATUS_STARTUP": ("4608", "5024", "5033"),
    "STATUS_SHUTDOWN": ("1100", "4609", "5025", "5034"),
    "STATUS_UPDATE": ("4610", "4611", "4614", "4622", "4826", "4902"),
    "SYSTEM_AUDIT_LOG_WIPE": ("1102",),
    "SYSTEM_AUDIT_LOG_UNCATEGORIZED": ("1101", "1104", "1105"),
}
_SERVICES = {
    "SERVICE_CREATION": ("7045",),
    "SERVICE_MODIFICATION": ("7040",),
    "SERVICE_STOP": ("7023", "7024", "7031", "7032", "7034"),
    "SERVICE_UNSPECIFIED": ("7000", "7001", "7009", "7011", "7022", "7026", "7035", "7036", "7038", "7041", "7043"),
}
_TASKS = {
    "SCHEDULED_TASK_CREATION": ("106",),
    "SCHEDULED_TASK_MODIFICATION": ("140",),
    "SCHEDULED_TASK_DELETION": ("141",),
    "SCHEDULED_TASK_DISABLE": ("142",),
    "SCHEDULED_TASK_UNCATEGORIZED": ("100", "102", "107", "110", "129", "200", "201"),
}

_channel = field("Channel")
_is_security = is_any(_channel, ["Security"])
is_service_event = is_any(windows.provider, ["Service Control Manager"])
is_task_event = is_any(windows.provider, ["Microsoft-Windows-TaskScheduler"])

# The number of an event of the Security channel; those of other channels mean something else.
security_number = shared(when(_is_security, windows.number))


def is_event(*numbers: str) -> Condition:
    """Test for events of the Security channel by number."""
    return is_any(security_number, numbers)


def event_type() -> Value:
    """Return the UDM event type."""
    is_log_cleared = all_of(
        is_any(windows.provider, ["Microsoft-Windows-Eventlog"]), is_any(windows.number, ["104", "1102"])
    )
    state = translate(field("param2"), {"running": "SERVICE_START", "stopped": "SERVICE_STOP"})
    return first(
        when(_is_security, _typed(_SECURITY)),
        when(is_log_cleared, constant("SYSTEM_AUDIT_LOG_WIPE")),
        when(all_of(is_service_event, is_any(windows.number, ["7036"])), state),
        when(is_service_event, _typed(_SERVICES)),
        when(is_task_event, _typed(_TASKS)),
        when(
            all_of(is_any(_channel, ["System", "Application"]), is_there(windows.host)),
            constant("STATUS_UPDATE"),
        ),
        constant("GENERIC_EVENT"),
    )


def _typed(types: dict[str, tuple[str, ...]]) -> Value:
    return translate(windows.number, {number: name for name, numbers in types.items() for number in numbers})


# An audit says success or failure by a bit of its keywords, which exporters write as hexadecimal number, as signed
# number (nxlog), in words of the computer's language beside an outcome (Winlogbeat), or as the type of the event.
# Who asks for a ticket or has credentials checked is answered by a code as well.
_keywords = field("Keywords")
_audit = field("EventType")
_outcome = field("Outcome")
_answer = when(is_event("4768", "4769", "4776"), field("Status"))
_good_answer = matches(_answer, "^0x0+$")
_success = any_of(
    matches(_keywords, r"^0x[48]020|^-92143648376|(?i:audit success)"),
    is_any(_audit, ["AUDIT_SUCCESS"]),
    is_any(_outcome, ["success"]),
    _good_answer,
)
is_failure = any_of(
    matches(_keywords, r"^0x8010|^-92188684372|(?i:audit failure)"),
    is_any(_audit, ["AUDIT_FAILURE"]),
    is_any(_outcome, ["failure"]),
    all_of(is_there(_answer), not_(_good_answer)),
)


def action() -> Value:
    """Return what became of what was tried."""
    return choose(
        (is_event("4625", "4647", "4771", "5031", "5152", "5153", "5155", "5157", "5159"), constant("BLOCK")),
        (is_event("4624", "4634", "4648", "4672", "4673", "4688", "4689"), constant("ALLOW")),
        (all_of(_is_security, is_failure), constant("BLOCK")),
        (all_of(_is_security, _success), constant("ALLOW")),
    )


# Codes of the NT kernel that a refused logon gives, in our own words.
NT_STATUS = {
    "0xc000005e": "no logon server is available",
    "0xc0000064": "no such user",
    "0xc000006a": "wrong password",
    "0xc000006d": "wrong user name or password",
    "0xc000006e": "the account may not log on this way",
    "0xc000006f": "outside of the permitted hours",
    "0xc0000070": "not from this computer",
    "0xc0000071": "the password has expired",
    "0xc0000072": "the account is disabled",
    "0xc00000dc": "the server is in the wrong state",
    "0xc0000133": "the clocks differ too much",
    "0xc000015b": "the account lacks the right to log on this way",
    "0xc000018c": "the trust with the domain is broken",
    "0xc0000192": "the logon service is not running",
    "0xc0000193": "the account has expired",
    "0xc0000224": "the password must be changed",
    "0xc0000225": "not found",
    "0xc0000234": "the account is locked",
    "0xc0000413": "the account may not authenticate to this computer",
}
