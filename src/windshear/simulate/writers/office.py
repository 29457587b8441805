"""Records of the unified audit log of Microsoft 365."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.applications import EDGE, OUTLOOK_WEB
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import TENANT

_SITE = "https://corp.sharepoint.example/sites"


def file_used(
    operation: str, person: Person, origin: Origin, at: datetime, draw: Chance, *, path: str, session: str,
    client: str = "", agent: str = EDGE,
) -> Record:  # fmt: skip
    """Make the record of a file that somebody opened, downloaded, changed… path: site, folders and name."""
    site, _, rest = path.partition("/")
    folder, _, name = rest.rpartition("/")
    more: Json = {
        "RecordType": 6,
        "Workload": "SharePoint",
        "ObjectId": f"{_SITE}/{path}",
        "ClientIP": origin.ip,
        "ItemType": "File",
        "EventSource": "SharePoint",
        "SiteUrl": f"{_SITE}/{site}/",
        "SourceRelativeUrl": folder,
        "SourceFileName": name,
        "SourceFileExtension": name.rpartition(".")[2],
        "ListItemUniqueId": draw.uuid(),
        "UserAgent": agent,
        "ApplicationDisplayName": "SharePoint Online Web Client Extensibility",
        "AppAccessContext": {"AADSessionId": session, "ClientAppId": client, "CorrelationId": draw.uuid()},
    }
    return _record(operation, person, at, draw, more)


def mail_read(
    person: Person, origin: Origin, at: datetime, draw: Chance, *, session: str, app: str = OUTLOOK_WEB.id,
    client: str = "Client=OWA;Action=ViaProxy", count: int = 1, is_sync: bool = False,
) -> Record:  # fmt: skip
    """Make the record of mail that was read (`MailItemsAccessed`). count: of messages."""
    items = [
        {"InternetMessageId": f"<{draw.hex(24)}@corp.example>", "SizeInBytes": 20_000} for _ in range(min(count, 5))
    ]
    more: Json = {
        "RecordType": 50,
        "Workload": "Exchange",
        "ResultStatus": "Succeeded",
        "ClientIPAddress": origin.ip,
        "ClientInfoString": client,
        "ClientAppId": app,
        "AppId": app,
        "LogonType": 0,
        "ExternalAccess": False,
        "InternalLogonType": 0,
        "MailboxOwnerUPN": person.upn,
        "MailboxGuid": person.object_id,
        "OrganizationName": "corp.onmicrosoft.example",
        "OriginatingServer": "DB9PR01MB0001 (15.20.4200.000)",
        "SessionId": session,
        "OperationProperties": [
            {"Name": "MailAccessType", "Value": "Sync" if is_sync else "Bind"},
            {"Name": "IsThrottled", "Value": "False"},
        ],
        "OperationCount": count,
        "Folders": [{"Id": draw.token(20), "Path": "\\Inbox", "FolderItems": items}],
    }
    return _record("MailItemsAccessed", person, at, draw, more)


def signed_in(
    person: Person, origin: Origin, at: datetime, draw: Chance, *, app: str, resource: str, session: str
) -> Record:
    """Make the record of a sign-in, which this log has, too."""
    more: Json = {
        "RecordType": 15,
        "Workload": "AzureActiveDirectory",
        "ResultStatus": "Success",
        "ClientIP": origin.ip,
        "ActorIpAddress": origin.ip,
        "ObjectId": resource,
        "ApplicationId": app,
        "ErrorNumber": "0",
        "AzureActiveDirectoryEventType": 1,
        "ExtendedProperties": [
            {"Name": "ResultStatusDetail", "Value": "Success"},
            {"Name": "UserAgent", "Value": EDGE},
            {"Name": "RequestType", "Value": "OAuth2:Authorize"},
        ],
        "ModifiedProperties": [],
        "DeviceProperties": [
            {"Name": "OS", "Value": "Windows10"},
            {"Name": "BrowserType", "Value": "Edge"},
            {"Name": "SessionId", "Value": session},
        ],
        "Actor": [{"ID": person.object_id, "Type": 0}, {"ID": person.upn, "Type": 5}],
        "ActorContextId": TENANT,
        "Target": [{"ID": resource, "Type": 0}],
        "TargetContextId": TENANT,
    }
    return _record("UserLoggedIn", person, at, draw, more)


def cmdlet(
    name: str, person: Person, origin: Origin, at: datetime, draw: Chance, *, target: str, parameters: Mapping[str, str]
) -> Record:
    """Make the record of a command of Exchange Online, such as `Set-Mailbox`. target: what it is about."""
    more: Json = {
        "RecordType": 1,
        "Workload": "Exchange",
        "ResultStatus": "True",
        "ClientIP": f"[{origin.ip}]:{draw.randrange(49152, 65535)}",
        "ObjectId": target,
        "ExternalAccess": False,
        "OrganizationName": "corp.onmicrosoft.example",
        "OriginatingServer": "DB9PR01MB0001 (15.20.4200.000)",
        "AppId": "fb78d390-0c51-40cd-8e17-fdbfab77341b",
        "AppPoolName": "MSExchangeAdminApiNetCore",
        "SessionId": draw.uuid(),
        "Parameters": [{"Name": key, "Value": value} for key, value in parameters.items()],
    }
    return _record(name, person, at, draw, more)


def teams(operation: str, person: Person, origin: Origin, at: datetime, draw: Chance, *, chat: str) -> Record:
    """Make the record of something in Teams. chat: the kind of conversation."""
    more: Json = {
        "RecordType": 25,
        "Workload": "MicrosoftTeams",
        "ClientIP": origin.ip,
        "ObjectId": draw.uuid(),
        "CommunicationType": chat,
        "ChatThreadId": f"19:{draw.hex(32)}@thread.v2",
        "MessageId": str(int(at.timestamp() * 1000)),
        "ExtraProperties": [{"Key": "TimeZone", "Value": "Europe/Oslo"}, {"Key": "OsName", "Value": "windows"}],
    }
    return _record(operation, person, at, draw, more)


def _record(operation: str, person: Person, at: datetime, draw: Chance, more: Json) -> Record:
    record_id = draw.uuid()
    body: Json = {
        "CreationTime": moments.plain_seconds(at),
        "Id": record_id,
        "Operation": operation,
        "OrganizationId": TENANT,
        "UserKey": person.object_id,
        "UserType": 0,
        "Version": 1,
        "UserId": person.upn,
        **more,
    }
    return json_record(Log.OFFICE, at, draw.minutes(5, 30), body, record_id)
