"""How Windows event records arrive, whatever channel they are from.

An event has a *system part* (who wrote it, when, on which computer) and *event data* by name. Exporters lay them out
differently; the declarations of the Windows log types read the names used here, which are those of flat exports, and
each shape says where they stand in its form. XML and EVTX files are turned into the form `Event` by the readers.
"""

from __future__ import annotations

from collections.abc import Mapping

from windshear.logs.parser import Evidence, Has, Is, IsNot, Lacks, Shape
from windshear.logs.values import (
    Path,
    Value,
    captured,
    constant,
    field,
    first,
    is_there,
    lower,
    matches,
    translate,
    unless,
    when,
)

_CHANNEL: Path = ("Channel",)
_PROVIDER: Path = ("SourceName",)
_NUMBER: Path = ("EventID",)

_SYSTEM = {
    "SourceName": ("Provider", "#attributes", "Name"),
    "ProviderGuid": ("Provider", "#attributes", "Guid"),
    "EventID": ("EventID",),
    "Version": ("Version",),
    "Level": ("Level",),
    "Task": ("Task",),
    "Opcode": ("Opcode",),
    "Keywords": ("Keywords",),
    "TimeCreated": ("TimeCreated", "#attributes", "SystemTime"),
    "RecordNumber": ("EventRecordID",),
    "ActivityID": ("Correlation", "#attributes", "ActivityID"),
    "ExecutionProcessID": ("Execution", "#attributes", "ProcessID"),
    "ThreadID": ("Execution", "#attributes", "ThreadID"),
    "Channel": ("Channel",),
    "Hostname": ("Computer",),
    "UserID": ("Security", "#attributes", "UserID"),
}


def _in_event(*above: str) -> dict[Path, Path]:
    names: dict[Path, Path] = {(name,): (*above, "System", *path) for name, path in _SYSTEM.items()}
    rendered = (*above, "RenderingInfo")
    names |= {("Message",): (*rendered, "Message"), ("Category",): (*rendered, "Task")}
    return names | {("UserData",): (*above, "UserData")}


_EVENT = _in_event("Event")
_QUALIFIED = {**_EVENT, _NUMBER: ("Event", "System", "EventID", "#text")}
_BARE_EVENT = _in_event()

WINLOGBEAT_DATA: Path = ("winlog", "event_data")
WINLOGBEAT: dict[Path, Path] = {
    ("SourceName",): ("winlog", "provider_name"),
    ("ProviderGuid",): ("winlog", "provider_guid"),
    ("EventID",): ("winlog", "event_id"),
    ("Version",): ("winlog", "version"),
    ("Level",): ("log", "level"),
    ("Category",): ("winlog", "task"),
    ("Opcode",): ("winlog", "opcode"),
    ("Keywords",): ("winlog", "keywords"),
    ("@timestamp",): ("@timestamp",),
    ("RecordNumber",): ("winlog", "record_id"),
    ("ActivityID",): ("winlog", "activity_id"),
    ("ExecutionProcessID",): ("winlog", "process", "pid"),
    ("ThreadID",): ("winlog", "process", "thread", "id"),
    ("Channel",): ("winlog", "channel"),
    ("Hostname",): ("winlog", "computer_name"),
    ("UserID",): ("winlog", "user", "identifier"),
    ("Domain",): ("winlog", "user", "domain"),
    ("AccountName",): ("winlog", "user", "name"),
    ("Message",): ("message",),
    ("Outcome",): ("event", "outcome"),
    ("UserData",): ("winlog", "user_data"),
    ("UserData", "EventXML"): ("winlog", "user_data"),
}

# Flat exports with their event data in an object keep the system part at the top.
_BESIDE: dict[Path, Path] = {
    (name,): (name,)
    for name in (
        *_SYSTEM,
        *("@timestamp", "EventTime", "EventRecordID", "Computer", "Message", "Category", "Severity", "Domain"),
        *("AccountName", "UserData", "EventSourceName", "ProviderName", "TimeGenerated", "EventLevelName"),
    )
}


def shapes(
    *,
    channels: tuple[str, ...] = (),
    providers: tuple[str, ...] = (),
    other_channels: tuple[str, ...] = (),
    other_providers: tuple[str, ...] = (),
) -> tuple[Shape, ...]:
    """Return the forms in which events of some channels or providers arrive, or all but those of others."""

    def evidence(names: Mapping[Path, Path], *more: Evidence) -> tuple[Evidence, ...]:
        channel, provider = names.get(_CHANNEL, _CHANNEL), names.get(_PROVIDER, _PROVIDER)
        found: list[Evidence] = [*more, Has(names.get(_NUMBER, _NUMBER))]
        found.append(Is(channel, channels) if channels else Has(channel))
        found += [Is(provider, providers)] if providers else []
        found += [IsNot(channel, other_channels)] if other_channels else []
        found += [IsNot(provider, other_providers)] if other_providers else []
        return tuple(found)

    log_analytics = {_PROVIDER: ("EventSourceName",)}
    beside = (Lacks(("EventData",)), Lacks(("EventSourceName",)))
    return (
        Shape("flat", evidence({}, *beside)),
        Shape("System and EventData", evidence(_BARE_EVENT), ("EventData",), _BARE_EVENT),
        Shape("Winlogbeat", evidence(WINLOGBEAT), WINLOGBEAT_DATA, WINLOGBEAT),
        Shape("Event", evidence(_EVENT, Lacks(_QUALIFIED[_NUMBER])), ("Event", "EventData"), _EVENT),
        Shape("Event with qualifiers", evidence(_QUALIFIED), ("Event", "EventData"), _QUALIFIED),
        Shape("EventData beside", evidence(_BESIDE, Has(("EventData",))), ("EventData",), _BESIDE),
        Shape("Log Analytics", evidence(log_analytics, *beside[:1], Has(("EventSourceName",))), (), log_analytics),
    )


def filled(name: str) -> Value:
    """Read a value of the event data; Windows writes `-` where it knows none."""
    return unless(field(name), "-")


number = field("EventID")
always = is_there(constant(""))  # of messages that hold the number: every shape must have it, so no member is tested
provider = first(field("SourceName"), field("ProviderName"))
host = first(field("Hostname"), field("Computer"))
record_number = first(field("RecordNumber"), field("EventRecordID"))
message = field("Message")
acting_process = field("ExecutionProcessID")

# `EventTime` of nxlog is the computer's local time and names no zone, so it comes last.
time = first(field("TimeCreated"), field("@timestamp"), field("TimeGenerated"), field("EventTime"))

severity = translate(
    lower(first(field("Level"), field("EventLevelName"), field("Severity"))),
    {
        **dict.fromkeys(("0", "4", "5", "info", "information", "informational", "verbose", "debug"), "INFORMATIONAL"),
        **dict.fromkeys(("2", "3", "error", "err", "warning", "warn"), "ERROR"),
        **dict.fromkeys(("1", "critical", "crit"), "CRITICAL"),
    },
)
severity_details = first(field("Level"), field("EventLevelName"), field("Severity"))


def port(value: Value) -> Value:
    """Return a port; 0 says that there is none."""
    return when(matches(value, r"^[1-9][0-9]{0,4}$"), value)


def sid(value: Value) -> Value:
    """Return a security identifier; the null SID says that there is none."""
    return unless(captured(value, r"^(S-1-[0-9-]+)$"), "S-1-0-0")


def account_domain(value: Value) -> Value:
    r"""Return the domain of `DOMAIN\name`."""
    return captured(value, r"^([^\\]+)\\")


def account_name(value: Value) -> Value:
    r"""Return the name of `DOMAIN\name`, or the whole where there is no domain."""
    return captured(value, r"(?:^|\\)([^\\]+)$")
