"""Sign-ins of Entra ID, as diagnostic settings export them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.applications import CHROME_LINUX, EDGE, Application
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Host, Person
from windshear.simulate.world.world import TENANT, Workload

Factor = Literal["claim", "app", "code", "none"]  # the second factor: shown in the token, by app, by code, not at all


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a sign-in failed: the code of Entra ID, its text, and the details beside it."""

    code: int
    reason: str
    details: str = ""


WRONG_PASSWORD = Failure(
    50126,
    "Error validating credentials due to invalid username or password.",
    "The user didn't enter the right credentials. It's expected to see some number of these errors in your logs due to "
    "users making mistakes.",
)
MFA_DENIED = Failure(
    500121,
    "Authentication failed during strong authentication request.",
    "MFA denied; user declined the authentication",
)
MFA_REQUIRED = Failure(50074, "User did not pass the MFA challenge (not interactive).", "MFA required in Azure AD")
EXPIRED_GRANT = Failure(
    70043,
    "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
)


@dataclass(frozen=True, slots=True)
class Risk:
    """What Identity Protection thinks of a sign-in."""

    level: str = "none"
    aggregated: str = "none"
    state: str = "none"
    detail: str = "none"
    types: tuple[str, ...] = ()


NO_RISK = Risk()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in of a person.

    device: what Entra ID recognises as the person's device, None if it does not. factor: the second one. incoming: the
    kind of token that was brought. transfer: how the session came to the device first. has_policy: whether one asks
    for a factor. issuer: who issued the token that was shown, `ADFederationServices` for a federated one.
    """

    at: datetime
    person: Person
    app: Application
    resource: Application
    origin: Origin
    session: str
    device: Host | None = None
    agent: str = EDGE
    token: str = ""
    is_interactive: bool = True
    factor: Factor = "claim"
    failure: Failure | None = None
    protocol: str = "none"
    incoming: str = "none"
    transfer: str = "none"
    risk: Risk = NO_RISK
    has_policy: bool = True
    issuer: str = "AzureAD"


def sign_in(values: SignIn, draw: Chance) -> Record:
    """Make the record of a person's sign-in, interactive or not."""
    category = "SignInLogs" if values.is_interactive else "NonInteractiveUserSignInLogs"
    person, request = values.person, draw.uuid()
    properties: Json = {
        "id": request,
        "createdDateTime": moments.seconds(values.at),
        "userDisplayName": person.name,
        "userPrincipalName": person.upn,
        "userId": person.object_id,
        "userType": "Member",
        "clientAppUsed": values.app.client,
        "userAgent": values.agent,
        "deviceDetail": _device(values),
        **_common(values.app, values.resource, values.origin, values.failure, draw),
        "originalRequestId": request,
        "sessionId": values.session,
        "uniqueTokenIdentifier": values.token or draw.token(),
        "isInteractive": values.is_interactive,
        "signInEventTypes": ["interactiveUser" if values.is_interactive else "nonInteractiveUser"],
        "tokenIssuerName": "",
        "tokenIssuerType": values.issuer,
        "incomingTokenType": values.incoming,
        "authenticationProtocol": values.protocol,
        "originalTransferMethod": values.transfer,
        **_authentication(values),
        **_policies(values),
        **_risk(values.risk),
    }
    if values.is_interactive and values.factor == "app":
        properties["mfaDetail"] = {"authMethod": "Mobile app notification", "authDetail": None}
    delay = draw.minutes(2, 5)
    return _export(category, values, properties, delay)


def workload_sign_in(
    workload: Workload,
    at: datetime,
    resource: Application,
    origin: Origin | None,
    draw: Chance,
    *,
    kind: str = "secret",
) -> Record:
    """Make the record of a sign-in of an application; without an origin, of a managed identity, which has no address.

    kind: `secret`, `certificate` or `federated`.
    """
    is_managed = origin is None
    credential = {"secret": "clientSecret", "certificate": "certificate", "federated": "federatedIdentityCredential"}
    properties: Json = {
        "id": draw.uuid(),
        "createdDateTime": moments.seconds(at),
        "servicePrincipalId": workload.id,
        "servicePrincipalName": workload.name,
        "servicePrincipalCredentialKeyId": workload.key_id if kind != "federated" else "",
        "servicePrincipalCredentialThumbprint": "",
        "clientCredentialType": "certificate" if is_managed else credential[kind],
        "federatedCredentialId": workload.key_id if kind == "federated" else "",
        **_common(Application(workload.name, workload.app_id), resource, origin, None, draw),
        "appOwnerTenantId": TENANT,
        "uniqueTokenIdentifier": draw.token(),
        "signInEventTypes": ["managedIdentity" if is_managed else "servicePrincipal"],
        "incomingTokenType": "none",
        "authenticationProtocol": "none",
        "conditionalAccessStatus": "notApplied",
        "appliedConditionalAccessPolicies": [],
        **_risk(NO_RISK),
    }
    category = "ManagedIdentitySignInLogs" if is_managed else "ServicePrincipalSignInLogs"
    values = _Exported(at, origin, None, workload.name)
    return _export(category, values, properties, draw.minutes(2, 8))


@dataclass(frozen=True, slots=True)
class _Exported:
    at: datetime
    origin: Origin | None
    failure: Failure | None
    identity: str


def _export(category: str, values: SignIn | _Exported, properties: Json, delay: timedelta) -> Record:
    failure, origin = values.failure, values.origin
    body: Json = {
        "time": moments.ticks(values.at),
        "resourceId": f"/tenants/{TENANT}/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "operationVersion": "1.0",
        "category": category,
        "tenantId": TENANT,
        "resultType": str(failure.code) if failure else "0",
        "resultSignature": "FAILURE" if failure else "SUCCESS",
        "durationMs": 0,
        "correlationId": properties["correlationId"],
        "identity": values.person.name if isinstance(values, SignIn) else values.identity,
        "Level": 4,
        "properties": properties,
    }
    if failure:
        body["resultDescription"] = failure.reason
    if origin:
        body |= {"callerIpAddress": origin.ip, "location": origin.place.code}
    return json_record(Log.ENTRA_SIGN_INS, values.at, delay, body, str(properties["id"]))


def _common(
    app: Application, resource: Application, origin: Origin | None, failure: Failure | None, draw: Chance
) -> Json:
    place = origin.place if origin else None
    status: Json = {"errorCode": failure.code if failure else 0}
    if failure:
        status |= {"failureReason": failure.reason, "additionalDetails": failure.details}
    return {
        "appId": app.id,
        "appDisplayName": app.name,
        "resourceDisplayName": resource.name,
        "resourceId": resource.id,
        "resourceTenantId": TENANT,
        "homeTenantId": TENANT,
        "resourceServicePrincipalId": draw.uuid(),
        "ipAddress": origin.ip if origin else "",
        "autonomousSystemNumber": origin.network.asn if origin else 0,
        "location": {
            "city": place.city if place else "",
            "state": place.state if place else "",
            "countryOrRegion": place.code if place else "",
            "geoCoordinates": {"latitude": place.latitude, "longitude": place.longitude} if place else {},
        },
        "status": status,
        "correlationId": draw.uuid(),
        "crossTenantAccessType": "none",
        "flaggedForReview": False,
        "isTenantRestricted": False,
        "processingTimeInMilliseconds": draw.randrange(60, 900),
    }


def _device(values: SignIn) -> Json:
    host, agent = values.device, values.agent
    is_linux = agent == CHROME_LINUX or (host is not None and host.system == "linux")
    system = "Linux" if is_linux else "Ios 18.3" if "iPhone" in agent else "Windows10" if "Windows" in agent else ""
    browser = next(
        (name for mark, name in _BROWSERS if mark in agent),
        "Rich Client 4.68.0.0" if values.app.client[0] == "M" else "",
    )
    if host is None:
        return {
            "deviceId": "",
            "displayName": "",
            "operatingSystem": system,
            "browser": browser,
            "isCompliant": False,
            "isManaged": False,
            "trustType": "",
        }
    return {
        "deviceId": host.device_id,
        "displayName": host.name,
        "operatingSystem": system or "Windows10",
        "browser": browser,
        "isCompliant": True,
        "isManaged": True,
        "trustType": "Hybrid Azure AD joined" if host.system == "windows" else "Azure AD registered",
    }


_BROWSERS = (
    ("Edg/", "Edge 133.0.0"),
    ("iPhone", "Mobile Safari 18.3"),
    ("Firefox", "Firefox 135.0"),
    ("Chrome", "Chrome 133.0.0"),
)
_FACTORS = {
    "claim": ("Previously satisfied", "MFA requirement satisfied by claim in the token"),
    "app": ("Mobile app notification", "MFA completed in Azure AD"),
    "code": ("OATH verification code", "MFA completed in Azure AD"),
}


def _authentication(values: SignIn) -> Json:
    at, failure = moments.seconds(values.at), values.failure
    has_password = values.is_interactive and values.factor != "claim"
    is_wrong = failure is WRONG_PASSWORD
    steps: list[Json] = [
        {
            "authenticationStepDateTime": at,
            "authenticationMethod": "Password" if has_password else "Previously satisfied",
            "authenticationMethodDetail": "Password Hash Sync" if has_password else None,
            "succeeded": not is_wrong,
            "authenticationStepResultDetail": "Invalid username or password or Invalid on-premise username or password."
            if is_wrong
            else "Correct password"
            if has_password
            else "First factor requirement satisfied by claim in the token",
            "authenticationStepRequirement": "Primary authentication",
        }
    ]
    is_multi = values.factor != "none" and not is_wrong
    if is_multi:
        method, result = _FACTORS[values.factor]
        steps.append(
            {
                "authenticationStepDateTime": at,
                "authenticationMethod": method,
                "authenticationMethodDetail": None,
                "succeeded": failure is None,
                "authenticationStepResultDetail": failure.details if failure else result,
                "authenticationStepRequirement": "Multifactor authentication",
            }
        )
    # What is not interactive needs no factor of its own: it has the first sign-in's.
    requires = is_multi and values.is_interactive
    policy = {"requirementProvider": "multiConditionalAccess", "detail": "Conditional Access"}
    return {
        "authenticationRequirement": "multiFactorAuthentication" if requires else "singleFactorAuthentication",
        "authenticationRequirementPolicies": [policy] if requires else [],
        "authenticationDetails": steps,
        "authenticationProcessingDetails": [
            {"key": "Legacy TLS (TLS 1.0, 1.1, 3DES)", "value": "False"},
            {"key": "Is CAE Token", "value": "False"},
        ],
        "authenticationMethodsUsed": [],
        "tokenProtectionStatusDetails": {"signInSessionStatus": "unbound", "signInSessionStatusCode": 1002},
        "signInTokenProtectionStatus": "none",
    }


def _policies(values: SignIn) -> Json:
    if not values.has_policy or values.failure is WRONG_PASSWORD:
        return {"conditionalAccessStatus": "notApplied", "appliedConditionalAccessPolicies": []}
    result = "failure" if values.failure else "success"
    return {
        "conditionalAccessStatus": result,
        "appliedConditionalAccessPolicies": [
            {
                "id": "ca000000-0000-4000-8000-000000000001",
                "displayName": "Second factor for everybody",
                "enforcedGrantControls": ["Mfa"],
                "enforcedSessionControls": [],
                "result": result,
            },
            {
                "id": "ca000000-0000-4000-8000-000000000002",
                "displayName": "Block legacy authentication",
                "enforcedGrantControls": ["Block"],
                "enforcedSessionControls": [],
                "result": "notApplied",
            },
        ],
    }


def _risk(risk: Risk) -> Json:
    return {
        "riskDetail": risk.detail,
        "riskLevelAggregated": risk.aggregated,
        "riskLevelDuringSignIn": risk.level,
        "riskState": risk.state,
        "riskEventTypes": list(risk.types),
        "riskEventTypes_v2": list(risk.types),
    }
