"""A role of AWS that somebody takes with a token of the federation (`AssumeRoleWithSAML`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Record
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Person
from windshear.simulate.world.world import ACCOUNT
from windshear.simulate.writers.adfs import ISSUER
from windshear.simulate.writers.aws import call, credentials

_PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
_CONSOLE = "AWS Signin, aws-internal/3 aws-sdk-java/1.12.780 Linux/5.10.240 OpenJDK_64-Bit_Server_VM/25.462-b09"


def saml_role(
    person: Person, role: str, key: str, origin: Origin, at: datetime, draw: Chance, *, seconds: int = 3600,
    agent: str = _CONSOLE,
) -> Record:  # fmt: skip
    """Make the event of a role that somebody took. key: what was issued. seconds: for how long."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    caller: Json = {
        "type": "SAMLUser",
        "principalId": f"Y29ycA==:{person.upn}",
        "userName": person.upn,
        "identityProvider": "Y29ycA==",
    }
    request: Json = {
        "sAMLAssertionID": f"_{draw.uuid()}",
        "roleSessionName": person.upn,
        "roleArn": arn,
        "principalArn": _PROVIDER,
        "durationSeconds": seconds,
    }
    response: Json = {
        "subjectType": "persistent",
        "issuer": ISSUER,
        "credentials": credentials(key, at + timedelta(seconds=seconds)),
        "nameQualifier": "Y29ycA==",
        "assumedRoleUser": {
            "assumedRoleId": f"AROAEXAMPLE{role.replace('-', '').upper():0<10.10}:{person.upn}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{person.upn}",
        },
        "subject": person.upn,
        "audience": "https://signin.aws.amazon.com/saml",
    }
    resources = [
        {"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": arn},
        {"accountId": ACCOUNT, "type": "AWS::IAM::SAMLProvider", "ARN": _PROVIDER},
    ]
    return call(
        "sts:AssumeRoleWithSAML", caller, origin, at, draw, agent=agent, request=request, response=response,
        more={"resources": resources},
    )  # fmt: skip
