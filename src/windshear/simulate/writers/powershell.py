"""What PowerShell logs of scripts and commands (4104, 4103)."""

from __future__ import annotations

from datetime import datetime, timedelta

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.people import Host, Person
from windshear.simulate.writers.sysmon import Process


def script_block(
    person: Person, shell: Process, text: str, at: datetime, draw: Chance, *, host: Host | None = None
) -> Record:
    """Make event 4104: a script block, as it is compiled. host: where, if not on the person's own computer."""
    more: Json = {
        "Level": "5",
        "Task": "2",
        "Opcode": "On create calls",
        "Category": "Execute a Remote Command",
        "MessageNumber": "1",
        "MessageTotal": "1",
        "ScriptBlockText": text,
        "ScriptBlockId": draw.uuid(),
    }
    return _event(4104, person, host or person.host, shell, at, draw, more=more)


def command_ran(person: Person, shell: Process, name: str, at: datetime, draw: Chance) -> Record:
    """Make event 4103: a command ran. name: of the cmdlet."""
    context = {
        "Severity": "Informational",
        "Host Name": "ConsoleHost",
        "Host Version": "5.1.22621.4391",
        "Host ID": draw.uuid(),
        "Host Application": shell.command_line,
        "Engine Version": "5.1.22621.4391",
        "Runspace ID": draw.uuid(),
        "Pipeline ID": "7",
        "Command Name": name,
        "Command Type": "Cmdlet",
        "Script Name": "",
        "Command Path": "",
        "Sequence Number": str(draw.randrange(16, 400, 2)),
        "User": person.account,
        "Connected User": "",
        "Shell ID": "Microsoft.PowerShell",
    }
    more: Json = {
        "Level": "4",
        "Task": "106",
        "Opcode": "To be used when operation is just executing a method",
        "Category": "Executing Pipeline",
        "Payload": f'CommandInvocation({name}): "{name}"\r\n',
        "ContextInfo": "".join(f"        {key} = {value}\r\n" for key, value in context.items()),
    }
    return _event(4103, person, person.host, shell, at, draw, more=more)


def _event(
    number: int, person: Person, host: Host, shell: Process, at: datetime, draw: Chance, *, more: Json
) -> Record:
    body: Json = {
        "EventID": number,
        "SourceName": "Microsoft-Windows-PowerShell",
        "ProviderGuid": "{A0C1853B-5C40-4B15-8766-3CF1C58F985A}",
        "Channel": "Microsoft-Windows-PowerShell/Operational",
        "Keywords": "0x0",
        "Hostname": host.full_name,
        "TimeCreated": moments.millis(at),
        "@timestamp": moments.millis(at),
        "RecordNumber": draw.randrange(1_000, 900_000),
        "ExecutionProcessID": shell.pid,
        "ThreadID": draw.randrange(1000, 9000),
        "UserID": person.sid,
        "Domain": person.account.partition("\\")[0],
        "AccountName": person.sam,
        "AccountType": "User",
        "ActivityID": f"{{{draw.uuid().upper()}}}",
        **more,
    }
    return json_record(Log.POWERSHELL, at, timedelta(seconds=2), body)
