"""A campaign like those of Scattered Spider: the help desk, tired fingers, and every application behind Okta."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.moves import BOTO, reads_the_account
from windshear.simulate.people_who import is_admin, is_developer_on_windows
from windshear.simulate.record import Json, Record
from windshear.simulate.scenario import Scenario, beside, covered, must, step
from windshear.simulate.world.applications import AZURE_PORTAL, CHROME, RESOURCE_MANAGER
from windshear.simulate.world.networks import ANONYMISER
from windshear.simulate.world.world import ACCOUNT, HEADQUARTERS, World
from windshear.simulate.writers import okta
from windshear.simulate.writers.auditd import INSTANCE_USER, launched
from windshear.simulate.writers.aws import (
    BUILD_BOT,
    BUILD_BOT_KEY,
    call,
    console_login,
    credentials,
    iam_user,
    sso_session,
)
from windshear.simulate.writers.azure import operation
from windshear.simulate.writers.entra_audit import audited, target
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.windows import logged_on

_APPLICATIONS = ("Corp Vault", "Corp Source", "Corp Cloud", "Corp Payroll", "Corp Backup", "Corp Admin", "Corp VPN")


class ScatteredSpider(Scenario):
    """The help desk resets a factor, a push is accepted, and with Okta come applications, AWS and Azure."""

    hour = 15
    also = (BUILD_BOT_KEY,)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.find("spider victim", is_developer_on_windows)
        self.helper = world.find("spider helper", is_admin)
        self.outside = ANONYMISER.origin(9)
        self.session, self.azure_session = f"102{draw.token(20)}", draw.uuid()
        self.key, self.federated_key = draw.key("ASIA", "SPIDER"), draw.key("ASIA", "FEDERAT")

    def _okta(
        self,
        kind: str,
        at: datetime,
        draw: Chance,
        *,
        targets: tuple[Json, ...] = (),
        result: str = "SUCCESS",
        **debug: str,
    ) -> Record:
        return okta.event(
            kind, self.victim, self.outside, at, draw, session=self.session, targets=targets, result=result,
            debug=debug or None, agent=CHROME,
        )  # fmt: skip

    @step(minute=0, stage="access", behaviours="B23 B45", why="the help desk is talked into a reset")
    def is_reset(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Call the help desk, which sets the password and forgets all factors."""
        for kind in ("user.account.reset_password", "user.mfa.factor.reset_all"):
            session = f"102{draw.token(20)}"
            yield okta.event(
                kind, self.helper, HEADQUARTERS, at, draw, session=session, targets=[okta.user(self.victim)]
            )
            at += timedelta(minutes=1)

    @step(minute=9, stage="access", behaviours="B21", why="pushes are denied again and again")
    def is_pushed(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Send pushes until one is accepted."""
        for _ in range(8):
            yield self._okta(
                "user.mfa.okta_verify.deny_push", at, draw, targets=(okta.user(self.victim),), result="FAILURE"
            )
            at += draw.seconds(25, 70)

    @step(minute=17, stage="access", behaviours="B21 B11", why="then one is accepted, from an anonymous network")
    def is_let_in(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Be let in."""
        user = (okta.user(self.victim),)
        yield must(self._okta("user.authentication.auth_via_mfa", at, draw, targets=user, factor="OKTA_VERIFY_PUSH"))
        behaviours = "{New Geo-Location=POSITIVE, New Device=POSITIVE, New IP=POSITIVE, New Country=POSITIVE}"
        started = self._okta(
            "user.session.start", at + timedelta(seconds=2), draw, targets=user, behaviors=behaviours,
            risk="{reasons=Anomalous Location, Anomalous Device, level=HIGH}",
        )  # fmt: skip
        yield must(started, "B16 B11 B21")

    @step(minute=22, stage="enrolment", behaviours="B45", why="a factor of the attacker's is activated")
    def enrols_a_factor(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Activate a factor."""
        factor = {"factor": "OKTA_VERIFY_PUSH"}
        yield must(self._okta("user.mfa.factor.activate", at, draw, targets=(okta.user(self.victim),), **factor))

    @step(minute=26, stage="roles", behaviours="B43", why="somebody assigns applications to themselves")
    def assigns_applications(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Assign applications to oneself."""
        for name in _APPLICATIONS[:4]:
            yield self._okta(
                "application.user_membership.add", at, draw, targets=(okta.user(self.victim), okta.app(name))
            )
            at += draw.seconds(15, 50)

    @step(minute=31, stage="token", behaviours="B43", why="seven applications that the person never opened, in minutes")
    def opens_applications(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Open one application after the other."""
        for name in _APPLICATIONS:
            targets = (okta.app(name), okta.user(self.victim))
            yield covered(self._okta("user.authentication.sso", at, draw, targets=targets, signOnMode="SAML_2_0"))
            at += draw.seconds(60, 200)

    @step(minute=62, stage="access", behaviours="B11", why="the console of AWS, from an anonymous network")
    def enters_aws(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Enter the console through single sign-on."""
        identity = sso_session(self.victim, "DeveloperAccess", "", at)
        yield covered(console_login(identity, self.outside, at, draw, agent=CHROME))

    @step(minute=66, stage="enumeration", behaviours="B35", why="the account is read through")
    def reads_the_account(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read through the account with keys of the session."""
        identity = sso_session(self.victim, "DeveloperAccess", self.key, at - timedelta(minutes=4))
        yield from reads_the_account(identity, self.outside, at, draw, agent=BOTO)

    @step(
        minute=80, stage="token", behaviours="B32", why="a build server's key gives a console session to whoever has it"
    )
    def federates(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Turn a key that was found into a federated session, and enter the console with it."""
        user = iam_user(BUILD_BOT, BUILD_BOT_KEY)
        arn = f"arn:aws:sts::{ACCOUNT}:federated-user/support"
        answer: Json = {
            "federatedUser": {"federatedUserId": f"{ACCOUNT}:support", "arn": arn},
            "credentials": credentials(self.federated_key, at + timedelta(hours=12)),
            "packedPolicySize": 2,
        }
        asked: Json = {"name": "support", "durationSeconds": 43_200}
        asked["policyArns"] = [{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}]
        yield must(
            call("sts:GetFederationToken", user, self.outside, at, draw, agent=BOTO, request=asked, response=answer)
        )
        identity: Json = {
            "type": "FederatedUser",
            "principalId": f"{ACCOUNT}:support",
            "arn": arn,
            "accountId": ACCOUNT,
            "sessionContext": {
                "sessionIssuer": {**user, "type": "IAMUser"},
                "attributes": {"mfaAuthenticated": "false"},
            },
        }
        signed: Json = {"eventType": "AwsConsoleSignIn"}
        token = call(
            "signin:GetSigninToken", identity, self.outside, at + timedelta(seconds=3), draw, agent=BOTO, more=signed
        )
        yield covered(token)
        yield must(console_login(identity, self.outside, at + timedelta(seconds=9), draw, agent=CHROME))

    @step(minute=92, stage="compute", behaviours="B40", why="sessions on machines that run already")
    def goes_onto_machines(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Look which machines there are, and open sessions on two, where the agent starts a shell."""
        identity = sso_session(self.victim, "DeveloperAccess", self.key, at - timedelta(minutes=30))
        listed = call("ssm:DescribeInstanceInformation", identity, self.outside, at, draw, agent=BOTO)
        yield beside(listed, "which machines there are")
        for instance in self.world.instances[1:3]:
            at += timedelta(minutes=3)
            session = f"{self.victim.upn}-{draw.hex(17)}"
            asked: Json = {"target": instance.id}
            answer: Json = {"sessionId": session, "streamUrl": "wss://ssmmessages.eu-west-1.amazonaws.com/"}
            yield must(
                call("ssm:StartSession", identity, self.outside, at, draw, agent=BOTO, request=asked, response=answer)
            )
            worker = "/usr/bin/ssm-session-worker"
            begun = at + timedelta(seconds=4)
            yield covered(launched(instance.host, INSTANCE_USER, worker, (worker, session), begun, draw, parent=1_201))
            yield covered(
                launched(instance.host, INSTANCE_USER, "/usr/bin/bash", ("sh",), begun + timedelta(seconds=1), draw)
            )

    @step(minute=104, stage="secrets", behaviours="B39", why="secrets are read from CloudShell")
    def reads_secrets(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Open CloudShell, and read secrets."""
        identity = sso_session(self.victim, "DeveloperAccess", self.key, at - timedelta(minutes=40))
        for name in ("cloudshell:CreateEnvironment", "cloudshell:PutCredentials"):
            yield beside(call(name, identity, self.outside, at, draw, agent=CHROME), "a shell in the browser")
            at += timedelta(seconds=12)
        for number in range(14):
            request: Json = {"secretId": f"prod/shop/database-{number}"}
            yield call("secretsmanager:GetSecretValue", identity, self.outside, at, draw, agent=BOTO, request=request)
            at += draw.seconds(2, 15)

    @step(minute=118, stage="compute", behaviours="B41", why="new machines for the attacker, in two clouds")
    def makes_machines(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Start a machine in AWS, enter the portal of Azure, and start one there."""
        identity = sso_session(self.victim, "DeveloperAccess", self.key, at - timedelta(minutes=55))
        request: Json = {
            "instancesSet": {"items": [{"imageId": "ami-0123456789abcdef0", "minCount": 1, "maxCount": 1}]},
            "instanceType": "m5.2xlarge",
        }
        region = "ap-southeast-1"
        yield must(
            call("ec2:RunInstances", identity, self.outside, at, draw, agent=BOTO, request=request, region=region)
        )
        at += timedelta(minutes=6)
        values = SignIn(
            at=at,
            person=self.victim,
            app=AZURE_PORTAL,
            resource=RESOURCE_MANAGER,
            origin=self.outside,
            session=self.azure_session,
            agent=CHROME,
            factor="claim",
        )
        yield covered(sign_in(values, draw), "B11 B15")
        vm = "resourceGroups/dev/providers/Microsoft.Compute/virtualMachines/jump-7"
        name = "Microsoft.Compute/virtualMachines/write"
        for record in operation(name, vm, self.victim, self.outside, at + timedelta(minutes=3), draw, app=AZURE_PORTAL):
            yield must(record) if b'"Success"' in record.text else beside(record, "the operation began")

    @step(minute=136, stage="controls", behaviours="B38", why="the attacker's network becomes a trusted one")
    def trusts_the_network(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Add the network to the trusted locations."""
        changes = {
            "NamedLocation": (None, {"displayName": "Branch", "isTrusted": True, "cidr": f"{self.outside.ip}/32"})
        }
        record = audited(
            "Add named location", "Policy", self.victim, self.outside, at, draw, operation="Add",
            service="Conditional Access", targets=[target("Policy", draw.uuid(), "Branch", changes)],
        )  # fmt: skip
        yield must(record)

    @step(minute=143, stage="federation", behaviours="B26", why="another identity provider may sign people in")
    def adds_an_identity_provider(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Add an identity provider to Okta."""
        provider: Json = {
            "id": f"0oi{draw.token(17)}",
            "type": "IdentityProvider",
            "alternateId": "unknown",
            "displayName": "Branch",
            "detailEntry": None,
        }
        yield must(self._okta("system.idp.lifecycle.create", at, draw, targets=(provider,)))

    @step(minute=160, stage="enumeration", behaviours="B35", why="buckets are listed, one after the other")
    def lists_buckets(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """List buckets, and look into their settings."""
        identity = sso_session(self.victim, "DeveloperAccess", self.key, at - timedelta(minutes=95))
        for number in range(40):
            name = ("s3:GetBucketAcl", "s3:GetBucketPolicy", "s3:GetBucketLocation", "s3:GetBucketVersioning")[
                number % 4
            ]
            request: Json = {"bucketName": f"corp-data-{number // 4}"}
            yield call(name, identity, self.outside, at, draw, agent=BOTO, request=request)
            at += draw.seconds(1, 6)

    @step(minute=190, stage="compute", behaviours="B40", why="from the new machine down to the company's servers")
    def goes_down(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Log on to a server from the new machine."""
        reached = logged_on(self.world.domain_controller, self.victim, "10.40.7.7", at, draw, kind=10)
        yield beside(reached, "a remote desktop from a machine in the cloud")
