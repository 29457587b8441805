"""Events of the Windows Security log."""

from __future__ import annotations

from datetime import datetime, timedelta

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.people import NETBIOS, Host, Person

_REPLICATE_ALL = "{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}"
_REPLICATE = "{1131f6aa-9c07-11d1-f79f-00c04fc2dcd2}"
_DOMAIN_CLASS = "{19195a5b-6da0-11d0-afd3-00c04fd930c9}"

_KINDS = {
    4624: ("12544", "An account was successfully logged on."),
    4662: ("14080", "An operation was performed on an object."),
    4663: ("12800", "An attempt was made to access an object."),
    4724: ("13824", "An attempt was made to reset an account's password."),
}


def logged_on(host: Host, person: Person, source_ip: str, at: datetime, draw: Chance, *, kind: int = 3) -> Record:
    """Make event 4624: somebody logged on. kind: 2 at the console, 3 over the network, 10 by remote desktop."""
    more: Json = {
        "SubjectUserSid": "S-1-0-0",
        "SubjectUserName": "-",
        "SubjectDomainName": "-",
        "SubjectLogonId": "0x0",
        "TargetUserSid": person.sid,
        "TargetUserName": person.sam,
        "TargetDomainName": NETBIOS,
        "TargetLogonId": f"0x{draw.hex(6)}",
        "LogonType": str(kind),
        "LogonProcessName": "Kerberos" if kind == 3 else "User32",
        "AuthenticationPackageName": "Kerberos" if kind == 3 else "Negotiate",
        "WorkstationName": "-" if kind == 3 else host.name,
        "LogonGuid": f"{{{draw.uuid()}}}",
        "TransmittedServices": "-",
        "LmPackageName": "-",
        "KeyLength": "0",
        "ProcessId": "0x3f4",
        "ProcessName": "-" if kind == 3 else r"C:\Windows\System32\svchost.exe",
        "IpAddress": source_ip,
        "IpPort": str(draw.randrange(49152, 65535)),
        "ImpersonationLevel": "%%1833",
        "RestrictedAdminMode": "-",
        "VirtualAccount": "%%1843",
        "TargetLinkedLogonId": "0x0",
        "ElevatedToken": "%%1842",
    }
    return _event(host, 4624, at, draw, more)


def password_reset(host: Host, actor: Person, target: Person, at: datetime, draw: Chance) -> Record:
    """Make event 4724: somebody set another account's password."""
    more: Json = {
        "TargetUserName": target.sam,
        "TargetDomainName": NETBIOS,
        "TargetSid": target.sid,
        **_subject(actor.sid, actor.sam, draw),
    }
    return _event(host, 4724, at, draw, more)


def replicated(host: Host, actor: Person, at: datetime, draw: Chance) -> list[Record]:
    """Make the events 4662 of somebody who asks a domain controller for all secrets (DCSync)."""
    records = []
    for right in (_REPLICATE, _REPLICATE_ALL):
        more: Json = {
            **_subject(actor.sid, actor.sam, draw),
            "ObjectServer": "DS",
            "ObjectType": f"%{_DOMAIN_CLASS}",
            "ObjectName": "%{a8d2f0b1-7c46-4d1e-9c34-8b6a2f90e715}",
            "OperationType": "Object Access",
            "HandleId": "0x0",
            "AccessList": "%%7688\n\t\t\t\t",
            "AccessMask": "0x100",
            "Properties": f"%%7688\n\t{right}\n\t{_DOMAIN_CLASS}\n",
            "AdditionalInfo": "-",
            "AdditionalInfo2": "",
        }
        records.append(_event(host, 4662, at, draw, more))
        at += timedelta(milliseconds=210)
    return records


def object_read(host: Host, sid: str, account: str, properties: str, at: datetime, draw: Chance) -> Record:
    """Make event 4662: somebody read properties of an object of the directory, given by their ids."""
    more: Json = {
        **_subject(sid, account, draw),
        "ObjectServer": "DS",
        "ObjectType": "%{5cb41ed0-0e4c-11d0-a286-00aa003049e2}",
        "ObjectName": "%{a8d2f0b1-7c46-4d1e-9c34-8b6a2f90e715}",
        "OperationType": "Object Access",
        "HandleId": "0x0",
        "AccessList": "%%7684\n\t\t\t\t",
        "AccessMask": "0x10",
        "Properties": properties,
        "AdditionalInfo": "-",
        "AdditionalInfo2": "",
    }
    return _event(host, 4662, at, draw, more)


def file_opened(host: Host, person: Person, path: str, process: str, at: datetime, draw: Chance) -> Record:
    """Make event 4663: a file with an audit rule was read."""
    more: Json = {
        **_subject(person.sid, person.sam, draw),
        "ObjectServer": "Security",
        "ObjectType": "File",
        "ObjectName": path,
        "HandleId": f"0x{draw.hex(3)}",
        "AccessList": "%%4416\n\t\t\t\t",
        "AccessMask": "0x1",
        "ProcessId": f"0x{draw.hex(4)}",
        "ProcessName": process,
        "ResourceAttributes": "S:AI",
    }
    return _event(host, 4663, at, draw, more)


def _subject(sid: str, account: str, draw: Chance) -> Json:
    return {
        "SubjectUserSid": sid,
        "SubjectUserName": account,
        "SubjectDomainName": NETBIOS,
        "SubjectLogonId": f"0x{draw.hex(6)}",
    }


def _event(host: Host, number: int, at: datetime, draw: Chance, more: Json) -> Record:
    task, title = _KINDS[number]
    body: Json = {
        "EventID": number,
        "SourceName": "Microsoft-Windows-Security-Auditing",
        "ProviderGuid": "{54849625-5478-4994-A5BA-3E3B0328C30D}",
        "Channel": "Security",
        "Level": "0",
        "Task": task,
        "Keywords": "0x8020000000000000",
        "Hostname": host.full_name,
        "TimeCreated": moments.millis(at),
        "@timestamp": moments.millis(at),
        "RecordNumber": draw.randrange(100_000, 9_000_000),
        "Message": title,
        **more,
    }
    return json_record(Log.WINDOWS, at, timedelta(seconds=2), body)
