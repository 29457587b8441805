"""Requests to Microsoft Graph, as its activity log is exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.applications import Application
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import TENANT, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, with what token. token: the `uniqueTokenIdentifier` of the sign-in."""

    who: Person | Workload
    app: Application
    origin: Origin
    token: str
    agent: str
    scopes: str = "Directory.Read.All User.Read.All"
    roles: str = ""  # template ids of the person's directory roles


def request(caller: Caller, at: datetime, call: str, draw: Chance, *, status: int = 200) -> Record:
    """Make the record of one request. call: method and path with version, such as `GET /v1.0/users`."""
    method, _, path = call.partition(" ")
    who, request_id = caller.who, draw.uuid()
    is_person = isinstance(who, Person)
    duration = draw.randrange(80_000, 900_000)
    properties: Json = {
        "timeGenerated": moments.ticks(at),
        "location": "North Europe",
        "requestId": request_id,
        "operationId": request_id,
        "clientRequestId": draw.uuid(),
        "apiVersion": path.split("/")[1],
        "requestMethod": method,
        "responseStatusCode": status,
        "aadTenantId": TENANT,
        "durationMs": duration,
        "responseSizeBytes": draw.randrange(400, 60_000) if status < 400 else 300,
        "signInActivityId": caller.token,
        "roles": "" if is_person else caller.scopes,
        "appId": caller.app.id,
        "scopes": caller.scopes if is_person else "",
        "identityProvider": f"https://sts.windows.net/{TENANT}/",
        "clientAuthMethod": "0" if is_person else "1",
        "wids": caller.roles,
        "ipAddress": caller.origin.ip,
        "userAgent": caller.agent,
        "requestUri": f"https://graph.microsoft.com{path}",
        "atContent": "",
        "tokenIssuedAt": moments.seconds(at - draw.minutes(1, 40)),
        "userId": who.object_id if isinstance(who, Person) else "",
        "servicePrincipalId": "" if isinstance(who, Person) else who.id,
        "tenantId": TENANT,
    }
    body: Json = {
        "time": moments.ticks(at),
        "resourceId": f"/TENANTS/{TENANT.upper()}/PROVIDERS/MICROSOFT.AADIAM",
        "operationName": "Microsoft Graph Activity",
        "operationVersion": path.split("/")[1],
        "category": "MicrosoftGraphActivityLogs",
        "resultSignature": str(status),
        "durationMs": str(duration),
        "callerIpAddress": caller.origin.ip,
        "correlationId": properties["clientRequestId"],
        "Level": "Informational",
        "location": "North Europe",
        "tenantId": TENANT,
        "properties": properties,
    }
    return json_record(Log.GRAPH, at, draw.minutes(2, 15), body, request_id)
