"""Events of the Okta System Log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.applications import EDGE
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person

_TITLES = {
    "user.session.start": "User login to Okta",
    "user.authentication.auth_via_mfa": "Authentication of user via MFA",
    "user.authentication.sso": "User single sign on to app",
    "user.mfa.okta_verify.deny_push": "User rejected Okta push verify",
    "user.mfa.factor.activate": "Enroll factor for user",
    "user.mfa.factor.reset_all": "Reset all factors for user",
    "user.account.reset_password": "Fired when the user's Okta password is reset",
    "application.user_membership.add": "Add user to application membership",
    "system.idp.lifecycle.create": "Create identity provider",
    "zone.update": "Update of a Network Zone",
    "system.api_token.create": "Create API token",
}


def user(person: Person) -> Json:
    """Give a person as the actor or the target of an event."""
    return {
        "id": person.okta_id,
        "type": "User",
        "alternateId": person.upn,
        "displayName": person.name,
        "detailEntry": None,
    }


def app(name: str) -> Json:
    """Give an application as the target of an event."""
    return {
        "id": f"0oa{name.lower().replace(' ', ''):0<17.17}",
        "type": "AppInstance",
        "alternateId": name,
        "displayName": name,
        "detailEntry": None,
    }


def event(
    kind: str,
    person: Person,
    origin: Origin,
    at: datetime,
    draw: Chance,
    *,
    session: str,
    targets: Sequence[Json] = (),
    result: str = "SUCCESS",
    reason: str | None = None,
    debug: Mapping[str, str] | None = None,
    agent: str = EDGE,
) -> Record:
    """Make an event. kind: its `eventType`. session: the external session id, `unknown` before there is one."""
    identity = draw.uuid()
    place = origin.place
    where: Json = {
        "city": place.city,
        "state": place.state,
        "country": place.country,
        "postalCode": None,
        "geolocation": {"lat": place.latitude, "lon": place.longitude},
    }
    body: Json = {
        "actor": user(person),
        "client": {
            "userAgent": {"rawUserAgent": agent, "os": "Windows 10", "browser": "CHROMIUM_EDGE"},
            "zone": "null",
            "device": "Computer",
            "id": None,
            "ipAddress": origin.ip,
            "geographicalContext": where,
        },
        "device": None,
        "authenticationContext": {
            "authenticationProvider": None,
            "credentialProvider": "OKTA_CREDENTIAL_PROVIDER" if "mfa" in kind else None,
            "credentialType": None,
            "issuer": None,
            "interface": None,
            "authenticationStep": 0,
            "rootSessionId": session,
            "externalSessionId": session,
        },
        "displayMessage": _TITLES.get(kind, kind),
        "eventType": kind,
        "outcome": {"result": result, "reason": reason},
        "published": moments.millis(at),
        "securityContext": {
            "asNumber": origin.network.asn,
            "asOrg": origin.network.organization.lower(),
            "isp": origin.network.organization.lower(),
            "domain": None,
            "isProxy": origin.network.name == "anonymiser",
        },
        "severity": "INFO" if result in {"SUCCESS", "ALLOW"} else "WARN",
        "debugContext": {
            "debugData": {
                "requestId": draw.token(24),
                "dtHash": draw.hex(64),
                "requestUri": "/idp/idx/identify",
                "threatSuspected": "false",
                "url": "/idp/idx/identify?",
                **(debug or {}),
            }
        },
        "legacyEventType": kind,
        "transaction": {"type": "WEB", "id": draw.token(24), "detail": {}},
        "uuid": identity,
        "version": "0",
        "request": {"ipChain": [{"ip": origin.ip, "geographicalContext": where, "version": "V4", "source": None}]},
        "target": list(targets) or None,
    }
    return json_record(Log.OKTA, at, draw.seconds(2, 30), body, identity)
