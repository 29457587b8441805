"""The theft of a workload's credentials: from a web server to keys of the account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.moves import BOTO, reads_the_account
from windshear.simulate.record import Json, Record
from windshear.simulate.scenario import Scenario, covered, must, step
from windshear.simulate.world.networks import HOSTING, VPS
from windshear.simulate.world.world import ACCOUNT, World
from windshear.simulate.writers.auditd import SERVICE, launched
from windshear.simulate.writers.aws import BUILD_BOT, call, iam_user, instance_session

_METADATA = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},'
    '"Action":"sts:AssumeRole"}]}'
)


class WorkloadTheft(Scenario):
    """A hole in a web server gives away its role's credentials; outside they make a key and open a role to others."""

    hour = 13

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.instance = world.instances[0]
        self.outside, self.second_outside = HOSTING.origin(3), VPS.origin(5)
        self.key, self.new_key = draw.key("ASIA", "WEB"), draw.key("AKIA", "BOT")

    @property
    def who(self) -> str:
        """The session of the instance's role."""
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.instance.role}/{self.instance.id}"

    def names(self) -> list[str]:
        """Give the names of the instance and of the user who gets a key: no person is attacked."""
        return [self.instance.id, BUILD_BOT]

    @step(
        minute=0,
        stage="endpoint",
        behaviours="B10",
        why="a web server's child asks the metadata service for credentials",
    )
    def asks_for_credentials(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Let the web server run a program that fetches the role's credentials."""
        host = self.instance.host
        for url in (_METADATA, f"{_METADATA}{self.instance.role}"):
            shell = ("sh", "-c", f"curl -s {url}")
            yield covered(launched(host, SERVICE, "/usr/bin/dash", shell, at, draw))
            fetched = launched(
                host, SERVICE, "/usr/bin/curl", ("curl", "-s", url), at + timedelta(milliseconds=40), draw
            )
            yield must(fetched)
            at += timedelta(seconds=20)

    def _session(self, at: datetime) -> Json:
        return instance_session(self.instance, self.key, at)

    @step(minute=9, stage="token", behaviours="B33", why="the instance's role, far from the instance")
    def uses_them_outside(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Ask who one is, from a rented server."""
        identity = self._session(at - timedelta(minutes=50))
        yield must(call("sts:GetCallerIdentity", identity, self.outside, at, draw, agent=BOTO))

    @step(minute=11, stage="enumeration", behaviours="B35 B33", why="the account is read through with the role")
    def reads_the_account(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read through the account."""
        identity = self._session(at - timedelta(minutes=52))
        yield from reads_the_account(identity, self.outside, at, draw, agent=BOTO)

    @step(minute=24, stage="credentials", behaviours="B36", why="a key for another user")
    def makes_a_key(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Make a key for the build server's user."""
        answer: Json = {"accessKey": {"userName": BUILD_BOT, "accessKeyId": self.new_key, "status": "Active"}}
        identity = self._session(at - timedelta(minutes=65))
        request: Json = {"userName": BUILD_BOT}
        made = call(
            "iam:CreateAccessKey", identity, self.outside, at, draw, agent=BOTO, request=request, response=answer
        )
        yield must(made)

    @step(minute=29, stage="roles", behaviours="B37 B26", why="a role is opened to another account")
    def opens_a_role(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Let an account of the attacker's take a role."""
        identity = self._session(at - timedelta(minutes=70))
        request: Json = {"roleName": "infra-deploy", "policyDocument": _TRUST}
        opened = call("iam:UpdateAssumeRolePolicy", identity, self.outside, at, draw, agent=BOTO, request=request)
        yield must(opened)

    @step(minute=55, stage="access", behaviours="B11 B36", why="the new key, from another rented server")
    def uses_the_key(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Use the new key."""
        identity = iam_user(BUILD_BOT, self.new_key)
        for name in ("sts:GetCallerIdentity", "secretsmanager:ListSecrets"):
            yield covered(call(name, identity, self.second_outside, at, draw, agent=BOTO))
            at += timedelta(seconds=40)

    @step(minute=60, stage="secrets", behaviours="B39", why="secrets are read with the new key")
    def reads_secrets(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read secrets."""
        identity = iam_user(BUILD_BOT, self.new_key)
        for number in range(12):
            request: Json = {
                "secretId": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:prod/shop/database-{number}"
            }
            name = "secretsmanager:GetSecretValue"
            yield covered(call(name, identity, self.second_outside, at, draw, agent=BOTO, request=request))
            at += draw.seconds(3, 20)
