"""Events of Sysmon, flat, as collectors of Windows events forward them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.people import Host

CMD = r"C:\Windows\System32\cmd.exe"
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
EXPLORER = r"C:\Windows\explorer.exe"
AZURE_PYTHON = r"C:\Program Files\Microsoft SDKs\Azure\CLI2\python.exe"
AWS = r"C:\Program Files\Amazon\AWSCLIV2\aws.exe"

_MICROSOFT = ("Microsoft® Windows® Operating System", "Microsoft Corporation", "10.0.22631.4751 (WinBuild.160101.0800)")
_PRODUCTS = {
    "cmd.exe": ("Windows Command Processor", "Cmd.Exe", *_MICROSOFT),
    "powershell.exe": ("Windows PowerShell", "PowerShell.EXE", *_MICROSOFT),
    "explorer.exe": ("Windows Explorer", "EXPLORER.EXE", *_MICROSOFT),
    "python.exe": ("Python", "python.exe", "Python", "Python Software Foundation", "3.12.8"),
}
_UNKNOWN = ("-", "-", "-", "-", "-")


@dataclass(frozen=True, slots=True)
class Process:
    """A process on a host. user: the account with its domain."""

    image: str
    command_line: str
    user: str
    pid: int
    guid: str
    folder: str
    integrity: str = "Medium"
    logon: str = "0x2a1f6a"


def start(
    host: Host, user: str, image: str, command_line: str, draw: Chance, *, folder: str = "", integrity: str = "Medium"
) -> Process:
    """Make a process that starts."""
    guid = f"{{{host.seed}-{draw.hex(4)}-{draw.hex(4)}-{draw.hex(4)}-000000001b00}}"
    place = folder or ("C:\\Windows\\system32\\" if user.startswith("NT ") else f"C:\\Users\\{_name(user)}\\")
    return Process(image, command_line, user, 4 * draw.randrange(300, 6000), guid, place, integrity)


def launched(host: Host, process: Process, parent: Process, at: datetime, draw: Chance) -> Record:
    """Make event 1: a process was created."""
    description, original, product, company, version = _PRODUCTS.get(_name(process.image), _UNKNOWN)
    return _event(
        host,
        1,
        at,
        draw,
        {
            "ProcessGuid": process.guid,
            "ProcessId": str(process.pid),
            "Image": process.image,
            "FileVersion": version,
            "Description": description,
            "Product": product,
            "Company": company,
            "OriginalFileName": original,
            "CommandLine": process.command_line,
            "CurrentDirectory": process.folder,
            "User": process.user,
            "LogonGuid": f"{{{host.seed}-0000-69a4-6a1f-2a0000000000}}",
            "LogonId": process.logon,
            "TerminalSessionId": "1",
            "IntegrityLevel": process.integrity,
            "Hashes": _hashes(process.image),
            "ParentProcessGuid": parent.guid,
            "ParentProcessId": str(parent.pid),
            "ParentImage": parent.image,
            "ParentCommandLine": parent.command_line,
            "ParentUser": parent.user,
        },
    )


def connected(host: Host, process: Process, ip: str, at: datetime, draw: Chance, *, port: int = 443) -> Record:
    """Make event 3: a process opened a connection. The host's name is a reverse look-up, and empty."""
    return _event(
        host,
        3,
        at,
        draw,
        {
            "ProcessGuid": process.guid,
            "ProcessId": str(process.pid),
            "Image": process.image,
            "User": process.user,
            "Protocol": "tcp",
            "Initiated": "true",
            "SourceIsIpv6": "false",
            "SourceIp": host.ip,
            "SourceHostname": "-",
            "SourcePort": str(draw.randrange(49152, 65535)),
            "SourcePortName": "-",
            "DestinationIsIpv6": "true" if ":" in ip else "false",
            "DestinationIp": ip,
            "DestinationHostname": "-",
            "DestinationPort": str(port),
            "DestinationPortName": "https" if port == 443 else "-",
        },
    )


def looked_up(host: Host, process: Process, name: str, ip: str, at: datetime, draw: Chance) -> Record:
    """Make event 22: a process asked for the address of a name."""
    return _event(
        host,
        22,
        at,
        draw,
        {
            "ProcessGuid": process.guid,
            "ProcessId": str(process.pid),
            "QueryName": name,
            "QueryStatus": "0",
            "QueryResults": f"::ffff:{ip};",
            "Image": process.image,
            "User": process.user,
        },
    )


def file_made(host: Host, process: Process, path: str, at: datetime, draw: Chance) -> Record:
    """Make event 11: a file was created or written over."""
    return _event(
        host,
        11,
        at,
        draw,
        {
            "ProcessGuid": process.guid,
            "ProcessId": str(process.pid),
            "Image": process.image,
            "TargetFilename": path,
            "CreationUtcTime": moments.sysmon(at),
            "User": process.user,
        },
    )


def process_opened(host: Host, process: Process, target: Process, access: str, at: datetime, draw: Chance) -> Record:
    """Make event 10: a process opened another one. access: the rights that it got."""
    return _event(
        host,
        10,
        at,
        draw,
        {
            "SourceProcessGUID": process.guid,
            "SourceProcessId": str(process.pid),
            "SourceThreadId": str(draw.randrange(1000, 9000)),
            "SourceImage": process.image,
            "TargetProcessGUID": target.guid,
            "TargetProcessId": str(target.pid),
            "TargetImage": target.image,
            "GrantedAccess": access,
            "CallTrace": r"C:\Windows\SYSTEM32\ntdll.dll+9fdb4|C:\Windows\System32\KERNELBASE.dll+6c2d5|UNKNOWN(0)",
            "SourceUser": process.user,
            "TargetUser": target.user,
        },
    )


def pipe_opened(host: Host, process: Process, pipe: str, at: datetime, draw: Chance) -> Record:
    """Make event 18: a process connected to a named pipe."""
    return _event(
        host,
        18,
        at,
        draw,
        {
            "EventType": "ConnectPipe",
            "ProcessGuid": process.guid,
            "ProcessId": str(process.pid),
            "PipeName": pipe,
            "Image": process.image,
            "User": process.user,
        },
    )


_TITLES = {
    1: "Process Create",
    3: "Network connection detected",
    10: "Process accessed",
    11: "File created",
    18: "Pipe Connected",
    22: "Dns query",
}


def _event(host: Host, number: int, at: datetime, draw: Chance, data: Json) -> Record:
    data = {"RuleName": "-", "UtcTime": moments.sysmon(at), **data}
    written = draw.seconds(0.001, 0.02)
    lines = [f"{_TITLES[number]}:", *(f"{name}: {value}" for name, value in data.items())]
    body: Json = {
        "EventID": number,
        "SourceName": "Microsoft-Windows-Sysmon",
        "ProviderGuid": "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Level": "4",
        "Task": str(number),
        "Keywords": "0x8000000000000000",
        "Hostname": host.full_name,
        "TimeCreated": moments.millis(at + written),
        "@timestamp": moments.millis(at + written),
        "RecordNumber": draw.randrange(100_000, 9_000_000),
        **data,
        "Message": "\r\n".join(lines),
    }
    return json_record(Log.SYSMON, at, timedelta(seconds=2), body)


def _name(image: str) -> str:
    return image.rpartition("\\")[2].lower()


def _hashes(image: str) -> str:
    digest = sha256(image.encode()).hexdigest().upper()
    return f"SHA256={digest},IMPHASH={digest[:32]}"
