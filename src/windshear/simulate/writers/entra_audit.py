"""Changes of the directory, as diagnostic settings export Entra ID's audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import TENANT, Workload

Actor = Person | Workload
# The activity's own name, with a dash that is none of ASCII's, and a blank at the end.
UPDATED_SECRETS = "Update application \N{EN DASH} Certificates and secrets management "
Changes = Mapping[str, tuple[object, object]]  # per property the old value and the new one


def target(kind: str, object_id: str, name: str | None, changes: Changes | None = None, *, upn: str = "") -> Json:
    """Give a resource that an activity changed. kind: `User`, `Role`, `Application`, `Device` and others."""
    found: Json = {
        "id": object_id,
        "displayName": name,
        "type": kind,
        "modifiedProperties": [
            {"displayName": key, "oldValue": _value(old), "newValue": _value(new)}
            for key, (old, new) in (changes or {}).items()
        ],
        "administrativeUnits": [],
    }
    if upn:
        found["userPrincipalName"] = upn
    return found


def person_target(person: Person, changes: Changes | None = None) -> Json:
    """Give a user as the resource that an activity changed."""
    return target("User", person.object_id, None, changes, upn=person.upn)


def audited(
    activity: str,
    category: str,
    actor: Actor,
    origin: Origin | None,
    at: datetime,
    draw: Chance,
    *,
    targets: Sequence[Json],
    operation: str = "Update",
    service: str = "Core Directory",
    details: Mapping[str, str] | None = None,
    failure: str = "",
    upn: str = "",
) -> Record:
    """Make the record of an activity. upn: of the actor, where it is another one than the person's."""
    correlation = draw.uuid()
    record_id = f"{service.partition(' ')[0]}_{correlation}_{draw.token(5).upper()}_{draw.randrange(10**8)}"
    result = "failure" if failure else "success"
    properties: Json = {
        "id": record_id,
        "category": category,
        "correlationId": correlation,
        "result": result,
        "resultReason": failure,
        "activityDisplayName": activity,
        "activityDateTime": moments.ticks(at)[:-1] + "+00:00",
        "loggedByService": service,
        "operationType": operation,
        "userAgent": None,
        "initiatedBy": _initiator(actor, origin, upn),
        "targetResources": list(targets),
        "additionalDetails": [{"key": key, "value": value} for key, value in (details or {}).items()],
    }
    body: Json = {
        "time": moments.ticks(at),
        "resourceId": f"/tenants/{TENANT}/providers/Microsoft.aadiam",
        "operationName": activity,
        "operationVersion": "1.0",
        "category": "AuditLogs",
        "tenantId": TENANT,
        "resultSignature": "None",
        "resultDescription": failure,
        "durationMs": 0,
        "callerIpAddress": origin.ip if origin else None,
        "correlationId": correlation,
        "identity": actor.name,
        "Level": 4,
        "properties": properties,
    }
    return json_record(Log.ENTRA_AUDIT, at, draw.minutes(2, 6), body, record_id)


def _initiator(actor: Actor, origin: Origin | None, upn: str) -> Json:
    if isinstance(actor, Workload):
        app = {"appId": None, "displayName": actor.name, "servicePrincipalId": actor.id, "servicePrincipalName": None}
        return {"app": app}
    return {
        "user": {
            "id": actor.object_id,
            "displayName": None,
            "userPrincipalName": upn or actor.upn,
            "ipAddress": origin.ip if origin else None,
            "roles": [],
        }
    }


def _value(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
