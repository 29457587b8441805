"""Records of Google Cloud's audit logs and of Google Workspace's activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import PROJECT

SDK_CLIENT = "32555940559.apps.googleusercontent.com"
SDK_SCOPES = (
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/appengine.admin",
    "https://www.googleapis.com/auth/accounts.reauth",
)


def gcloud_agent(command: str, draw: Chance, system: str = "LINUX") -> str:
    """Give the user agent of gcloud. command: such as `gcloud.projects.list`."""
    return (
        f"google-cloud-sdk gcloud/511.0.0 command/{command} invocation-id/{draw.hex(32)} environment/None "
        f"environment-version/None client-os/{system} client-os-ver/6.8.0 client-pltf-arch/x86_64 interactive/True "
        "from-script/False python/3.12.8 term/xterm-256color,gzip(gfe)"
    )


def service_account(name: str) -> str:
    """Give the address of a service account."""
    return f"{name}@{PROJECT}.iam.gserviceaccount.com"


def audited(
    method: str,
    service: str,
    principal: str,
    origin: Origin,
    at: datetime,
    draw: Chance,
    *,
    resource: str,
    permission: str,
    agent: str,
    log: Literal["activity", "data_access"] = "data_access",
    key: str = "",
    request: Json | None = None,
    more: Json | None = None,
) -> Record:
    """Make the entry of a call. key: the id of the service account's key, where one was used."""
    who: Json = {"principalEmail": principal}
    is_service = principal.endswith(".gserviceaccount.com")
    who["principalSubject"] = f"{'serviceAccount' if is_service else 'user'}:{principal}"
    if key:
        who["serviceAccountKeyName"] = f"//iam.googleapis.com/projects/{PROJECT}/serviceAccounts/{principal}/keys/{key}"
    insert_id = draw.hex(14)
    payload: Json = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "status": {},
        "authenticationInfo": who,
        "requestMetadata": {
            "callerIp": origin.ip,
            "callerSuppliedUserAgent": agent,
            "requestAttributes": {"time": moments.micros(at), "auth": {}},
            "destinationAttributes": {},
        },
        "serviceName": f"{service}.googleapis.com",
        "methodName": method,
        "authorizationInfo": [
            {"resource": resource, "permission": permission, "granted": True, "resourceAttributes": {}}
        ],
        "resourceName": resource,
    }
    if request:
        payload["request"] = request
    delay = draw.minutes(1, 2)
    body: Json = {
        "protoPayload": {**payload, **(more or {})},
        "insertId": insert_id,
        "resource": {"type": "project", "labels": {"project_id": PROJECT}},
        "timestamp": moments.micros(at),
        "severity": "INFO" if log == "data_access" else "NOTICE",
        "logName": f"projects/{PROJECT}/logs/cloudaudit.googleapis.com%2F{log}",
        "receiveTimestamp": moments.micros(at + delay),
    }
    return json_record(Log.GCP, at, delay, body, insert_id)


def activity(
    application: str,
    name: str,
    person: Person,
    origin: Origin,
    at: datetime,
    draw: Chance,
    *,
    kind: str,
    parameters: Mapping[str, object],
) -> Record:
    """Make an activity of Workspace. application: `login`, `token`, `drive`, `admin`. kind: the event's type."""
    unique = str(draw.randrange(-(2**62), 2**62))
    body: Json = {
        "kind": "admin#reports#activity",
        "id": {
            "time": moments.millis(at),
            "uniqueQualifier": unique,
            "applicationName": application,
            "customerId": "C01corp00",
        },
        "etag": f'"{draw.token(27)}/{draw.token(27)}"',
        "actor": {"callerType": "USER", "email": person.upn, "profileId": person.google_id},
        "ipAddress": origin.ip,
        "events": [{"type": kind, "name": name, "parameters": [_parameter(*entry) for entry in parameters.items()]}],
    }
    return json_record(Log.WORKSPACE, at, draw.minutes(1, 10), body, unique)


def sdk_authorized(person: Person, origin: Origin, at: datetime, draw: Chance) -> Record:
    """Make the activity of somebody who lets Google Cloud SDK act for them (`gcloud auth login`)."""
    scopes: Sequence[str] = SDK_SCOPES
    parameters: dict[str, object] = {
        "client_id": SDK_CLIENT,
        "app_name": "Google Cloud SDK",
        "client_type": "NATIVE_DESKTOP",
        "scope": list(scopes),
    }
    return activity("token", "authorize", person, origin, at, draw, kind="auth", parameters=parameters)


def _parameter(name: str, value: object) -> Json:
    if isinstance(value, bool):
        return {"name": name, "boolValue": value}
    return {"name": name, "multiValue": value} if isinstance(value, list) else {"name": name, "value": value}
