"""Operations on resources of Azure, as the activity log is exported. Reads are not in this log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.applications import AZURE_CLI, Application
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import SUBSCRIPTION, TENANT, Workload

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_OWN_CLAIMS = "http://schemas.microsoft.com"


def operation(
    name: str,
    resource: str,
    who: Person | Workload,
    origin: Origin,
    at: datetime,
    draw: Chance,
    *,
    app: Application = AZURE_CLI,
    token: str = "",
    status: str = "OK",
    request: str = "",
    scope: str = f"/subscriptions/{SUBSCRIPTION}",
) -> Iterator[Record]:
    """Yield the two records of an operation: it started, it succeeded.

    name: such as `Microsoft.Storage/storageAccounts/listKeys/action`. resource: below the scope, such as
    `resourceGroups/data/providers/Microsoft.Storage/storageAccounts/s1`.
    """
    correlation, whole = draw.uuid(), f"{scope}/{resource}".upper().replace(SUBSCRIPTION.upper(), SUBSCRIPTION)
    identity = _identity(name, whole, who, origin, app=app, token=token or draw.token())
    begun: Json = {"eventCategory": "Administrative", "hierarchy": f"{TENANT}/{SUBSCRIPTION}"}
    if request:
        begun["requestbody"] = request
    states = (
        ("Start", "Started.", begun, at),
        ("Success", f"Succeeded.{status}", {**begun, "statusCode": status}, at + draw.seconds(0.3, 4)),
    )
    delay = draw.minutes(3, 10)
    for result, signature, properties, moment in states:
        body: Json = {
            "time": moments.ticks(moment),
            "resourceId": whole,
            "operationName": name.upper(),
            "category": "Administrative",
            "resultType": result,
            "resultSignature": signature,
            "durationMs": str(draw.randrange(30, 900)),
            "callerIpAddress": origin.ip,
            "correlationId": correlation,
            "level": "Information",
            "location": "global",
            "properties": properties,
            "identity": identity,
        }
        yield json_record(Log.AZURE_ACTIVITY, moment, delay + timedelta(seconds=0), body)


def _identity(
    name: str, resource: str, who: Person | Workload, origin: Origin, *, app: Application, token: str
) -> Json:
    is_person = isinstance(who, Person)
    claims: Json = {
        "aud": "https://management.core.windows.net/",
        "iss": f"https://sts.windows.net/{TENANT}/",
        "appid": app.id if isinstance(who, Person) else who.app_id,
        "appidacr": "0" if is_person else "1",
        "idtyp": "user" if is_person else "app",
        f"{_OWN_CLAIMS}/identity/claims/objectidentifier": who.object_id if isinstance(who, Person) else who.id,
        f"{_OWN_CLAIMS}/identity/claims/tenantid": TENANT,
        "uti": token,
        "ver": "1.0",
    }
    if isinstance(who, Person):
        claims |= {
            "ipaddr": origin.ip,
            "name": who.name,
            f"{_CLAIMS}/upn": who.upn,
            f"{_CLAIMS}/name": who.upn,
            f"{_OWN_CLAIMS}/claims/authnmethodsreferences": "pwd,mfa",
        }
    evidence = {
        "role": "Contributor",
        "roleAssignmentScope": f"/subscriptions/{SUBSCRIPTION}",
        "principalType": "User" if is_person else "ServicePrincipal",
    }
    return {"authorization": {"scope": resource, "action": name, "evidence": evidence}, "claims": claims}
