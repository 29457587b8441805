"""Events of AWS CloudTrail."""

from __future__ import annotations

import re
from datetime import datetime

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.applications import EDGE
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import ACCOUNT, REGION, Instance

_READS = re.compile(r"(?:Get|List|Describe|Lookup|Search|Filter|Head|BatchGet|Simulate)")
_WRITES = frozenset(("GetSigninToken", "GetFederationToken"))
_GLOBAL = frozenset(("iam", "signin", "organizations", "cloudfront"))
BUILD_BOT, BUILD_BOT_KEY = "build-bot", "AKIAEXAMPLEBUILDBOT1"  # an IAM user with a key of many years
SSO_ROLES = {"AdministratorAccess": "0a1b2c3d4e5f6071", "DeveloperAccess": "1b2c3d4e5f607182"}
BOTO_ON_INSTANCE = (
    "[Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.1.141-165.249.amzn2023.x86_64 md/arch#x86_64 "
    "lang/python#3.12.11 md/pyimpl#CPython]"
)


def cli_agent(command: str, system: str = "windows#10") -> str:
    """Give the user agent of AWS CLI. command: service and operation, such as `sts.get-caller-identity`."""
    arch = "amd64" if system.startswith("windows") else "x86_64"
    installer = "exe" if system.startswith("windows") else "exe md/distrib#ubuntu.24"
    return (
        f"aws-cli/2.32.6 md/awscrt#0.29.0 ua/2.1 os/{system} md/arch#{arch} lang/python#3.13.9 md/pyimpl#CPython "
        f"m/E,b,C cfg/retry-mode#standard md/installer#{installer} md/prompt#off md/command#{command}"
    )


def iam_user(name: str, key: str = "") -> Json:
    """Give the identity of an IAM user; with a key for calls, without for sign-ins at the console."""
    identity: Json = {
        "type": "IAMUser",
        "principalId": f"AIDAEXAMPLE{name.upper():0<9.9}".replace("-", "X"),
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
    }
    if key:
        identity["accessKeyId"] = key
    return {**identity, "userName": name}


def role_session(
    role: str, session: str, key: str, created: datetime, *, path: str = "", role_id: str = "", delivery: str = ""
) -> Json:
    """Give the identity of a role's session.

    key: issued for it; empty at the console. path: of the role. delivery: how an instance got the key, as a version.
    """
    unique = role_id or f"AROAEXAMPLE{role.replace('-', '').replace('_', '').upper():0<10.10}"
    identity: Json = {
        "type": "AssumedRole",
        "principalId": f"{unique}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accountId": ACCOUNT,
    }
    if key:
        identity["accessKeyId"] = key
    context: Json = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": unique,
            "arn": f"arn:aws:iam::{ACCOUNT}:role/{path}{role}",
            "accountId": ACCOUNT,
            "userName": role,
        },
        "webIdFederationData": {},
        "attributes": {"creationDate": moments.seconds(created), "mfaAuthenticated": "false"},
    }
    if delivery:
        context["ec2RoleDelivery"] = delivery
    return {**identity, "sessionContext": context}


def sso_session(person: Person, permissions: str, key: str, created: datetime) -> Json:
    """Give the identity of somebody who came through IAM Identity Center. permissions: a set of `SSO_ROLES`."""
    role = f"AWSReservedSSO_{permissions}_{SSO_ROLES[permissions]}"
    return role_session(role, person.upn, key, created, path=f"aws-reserved/sso.amazonaws.com/{REGION}/")


def instance_session(instance: Instance, key: str, created: datetime) -> Json:
    """Give the identity of a program on an instance."""
    return role_session(instance.role, instance.id, key, created, role_id=instance.role_id, delivery="2.0")


def call(
    operation: str,
    identity: Json,
    origin: Origin | str,
    at: datetime,
    draw: Chance,
    *,
    agent: str,
    request: Json | None = None,
    response: Json | None = None,
    error: str = "",
    more: Json | None = None,
    region: str = REGION,
) -> Record:
    """Make the event of a call. operation: service and name, such as `sts:GetCallerIdentity`.

    origin: from where, or the name of the service that called. error: the code with which it failed.
    """
    service, _, name = operation.partition(":")
    event_id = draw.uuid()
    where = "us-east-1" if service in _GLOBAL else region
    body: Json = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": moments.seconds(at),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": where,
        "sourceIPAddress": origin if isinstance(origin, str) else origin.ip,
        "userAgent": agent,
        "requestParameters": request,
        "responseElements": response,
        "requestID": draw.uuid(),
        "eventID": event_id,
        "readOnly": bool(_READS.match(name)) and name not in _WRITES,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    if error:
        body |= {
            "errorCode": error,
            "errorMessage": f"User: {identity.get('arn')} is not authorized to perform: {operation}",
        }
    if isinstance(origin, Origin):
        body["tlsDetails"] = {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{service}.{where}.amazonaws.com",
        }
    return json_record(Log.CLOUDTRAIL, at, draw.minutes(4, 15), {**body, **(more or {})}, event_id)


def console_login(
    identity: Json,
    origin: Origin,
    at: datetime,
    draw: Chance,
    *,
    mfa: str = "No",
    agent: str = EDGE,
    failed: bool = False,
) -> Record:
    """Make the event of a sign-in at the console. mfa: `Yes` or `No`, as the field `MFAUsed` says."""
    more: Json = {
        "eventType": "AwsConsoleSignIn",
        "awsRegion": REGION,
        "additionalEventData": {
            "LoginTo": "https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true",
            "MobileVersion": "No",
            "MFAUsed": mfa,
        },
    }
    if failed:
        more["errorMessage"] = "Failed authentication"
    response: Json = {"ConsoleLogin": "Failure" if failed else "Success"}
    return call("signin:ConsoleLogin", identity, origin, at, draw, agent=agent, response=response, more=more)


def credentials(key: str, expires: datetime) -> Json:
    """Give the credentials within an answer of STS."""
    return {"accessKeyId": key, "expiration": moments.american(expires), "sessionToken": "IQoJexample"}
