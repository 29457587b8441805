"""A campaign like those of APT29: a forgotten account, an application's secret, mail, and forged tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.moves import REQUESTS
from windshear.simulate.people_who import is_admin, is_office_worker_on_windows
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, beside, covered, must, step
from windshear.simulate.world.applications import (
    AZURE_AD_POWERSHELL,
    DIRECTORY,
    EDGE,
    EXCHANGE,
    EXCHANGE_POWERSHELL,
    GRAPH,
    GRAPH_CLI,
    MY_SIGN_INS,
    POWERSHELL_AGENT,
)
from windshear.simulate.world.networks import HOSTING, RESIDENTIAL_PROXIES
from windshear.simulate.world.people import DOMAIN_SID, computer
from windshear.simulate.world.world import World
from windshear.simulate.writers import aws
from windshear.simulate.writers.azure import operation
from windshear.simulate.writers.entra_audit import UPDATED_SECRETS, audited, person_target, target
from windshear.simulate.writers.entra_sign_ins import WRONG_PASSWORD, SignIn, sign_in, workload_sign_in
from windshear.simulate.writers.office import cmdlet, mail_read
from windshear.simulate.writers.saml import saml_role
from windshear.simulate.writers.sysmon import POWERSHELL, launched, pipe_opened, start
from windshear.simulate.writers.windows import object_read

_KEY_OF_FEDERATION = "%%7684\n\t{77b5b886-944a-11d1-aebd-0000f80367c1}\n\t\t{8d3bca50-1d7e-11d0-a081-00aa006c33ed}\n"
_PLUGINS = r"C:\Packages\Plugins\Microsoft.CPlat.Core.RunCommandWindows\1.1.18"
_OUTSIDE_EXCHANGE = "Client=WebServices;ExchangeServicesClient/15.01.2248.013;"


class Apt29(Scenario):
    """A forgotten synced account is guessed, an application gets a secret, mail is read, and a SAML token is forged."""

    hour = 6

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.dormant
        self.admin = world.find("apt29 administrator", is_admin)
        self.reader = world.find("apt29 mailbox", is_office_worker_on_windows)
        self.outside = RESIDENTIAL_PROXIES.home(4_242)
        self.hosting = HOSTING.origin(17)
        service = world.services[0]
        self.application = replace(service, key_id=draw.uuid())
        self.session, self.token = draw.uuid(), draw.token()
        self.machine = computer("VM-FILES-01", "10.40.0.21", draw.uuid())

    def _guess(self, at: datetime, number: int, *, is_right: bool) -> SignIn:
        return SignIn(
            at=at,
            person=self.victim,
            app=AZURE_AD_POWERSHELL,
            resource=DIRECTORY,
            origin=RESIDENTIAL_PROXIES.home(4_000 + number),
            session=f"{self.session[:-4]}{number:04x}",
            agent="BAV2ROPC",
            protocol="ropc",
            factor="none",
            has_policy=False,
            failure=None if is_right else WRONG_PASSWORD,
        )

    @step(minute=0, stage="access", behaviours="B21 B18", why="guesses, each from another household's address")
    def guesses(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Guess the password of an account that nobody uses."""
        for number in range(14):
            yield sign_in(self._guess(at, number, is_right=False), draw)
            at += draw.seconds(40, 110)

    @step(minute=26, stage="access", behaviours="B18 B21", why="the guess that is right, with the password alone")
    def guesses_right(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Guess right, by a protocol that knows of no second factor."""
        yield must(sign_in(self._guess(at, 20, is_right=True), draw))

    @step(minute=33, stage="enrolment", behaviours="B45", why="a second factor and a device for an account of nobody's")
    def enrols(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Register a second factor and a device."""
        first = replace(
            self._guess(at, 20, is_right=True), app=MY_SIGN_INS, resource=GRAPH, origin=self.outside, protocol="none"
        )
        yield covered(sign_in(replace(first, agent=EDGE), draw), "B17 B11")
        factor = audited(
            "User registered security info", "UserManagement", self.victim, self.outside, at + timedelta(minutes=2),
            draw, targets=[person_target(self.victim)], operation="Add", service="Authentication Methods",
            details={"AuthenticationMethod": "Microsoft Authenticator"},
        )  # fmt: skip
        yield must(factor)
        device = audited(
            "Register device", "Device", self.victim, self.outside, at + timedelta(minutes=9), draw,
            targets=[target("Device", draw.uuid(), "DESKTOP-7Q2X")], operation="Add",
            service="Device Registration Service", details={"Device OS": "Windows", "Device Trust Type": "0"},
        )  # fmt: skip
        yield must(device)

    @step(minute=65, stage="access", behaviours="B15 B11", why="command line tools of the directory, never used before")
    def uses_powershell(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Sign in with two modules of PowerShell, from a household's address."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=AZURE_AD_POWERSHELL,
            resource=DIRECTORY,
            origin=self.outside,
            session=self.session,
            token=self.token,
            agent=EDGE,
            factor="app",
        )
        yield sign_in(values, draw)
        yield sign_in(replace(values, at=at + timedelta(minutes=4), app=GRAPH_CLI, resource=GRAPH, token=""), draw)

    @step(minute=75, stage="credentials", behaviours="B29 B36", why="a secret is added to an application")
    def adds_a_secret(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Add a secret to an application that may read mail."""
        app = self.application
        description = f"[KeyIdentifier={app.key_id},KeyType=Password,KeyUsage=Verify,DisplayName=test]"
        for activity, kind, object_id in (
            (UPDATED_SECRETS, "Application", app.app_id),
            ("Add service principal credentials", "ServicePrincipal", app.id),
        ):
            record = audited(
                activity, "ApplicationManagement", self.victim, self.outside, at, draw,
                targets=[target(kind, object_id, app.name, {"KeyDescription": ([], [description])})],
                details={"AppId": app.app_id, "User-Agent": POWERSHELL_AGENT},
            )  # fmt: skip
            yield must(record)
            at += timedelta(seconds=2)

    @step(
        minute=96, stage="token", behaviours="B28 B29", why="the application with its new secret, from a rented server"
    )
    def signs_in_as_application(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Sign in as the application."""
        for resource in (EXCHANGE, GRAPH):
            yield must(workload_sign_in(self.application, at, resource, self.hosting, draw))
            at += timedelta(minutes=3)

    @step(minute=104, stage="data", behaviours="B42", why="a mailbox is read by the application")
    def reads_mail(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read somebody's mail through Exchange Web Services."""
        for _ in range(45):
            yield mail_read(
                self.reader, self.hosting, at, draw, session=self.session, app=self.application.app_id,
                client=_OUTSIDE_EXCHANGE, count=draw.randrange(20, 60),
            )  # fmt: skip
            at += draw.seconds(15, 60)

    @step(minute=150, stage="controls", behaviours="B38", why="a mailbox is no longer audited")
    def stops_the_audit(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Connect to Exchange, and let the mailbox be accessed without audit."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=EXCHANGE_POWERSHELL,
            resource=EXCHANGE,
            origin=self.outside,
            session=self.session,
            agent=EDGE,
            factor="claim",
        )
        yield covered(sign_in(values, draw), "B15 B11")
        mailbox = self.reader.upn
        for name, parameters in (
            ("Set-MailboxAuditBypassAssociation", {"Identity": mailbox, "AuditBypassEnabled": "True"}),
            ("Set-Mailbox", {"Identity": mailbox, "AuditEnabled": "False"}),
        ):
            at += timedelta(minutes=3)
            yield must(cmdlet(name, self.victim, self.outside, at, draw, target=mailbox, parameters=parameters))

    @step(minute=180, stage="compute", behaviours="B40", why="a command is run on a machine from the cloud")
    def runs_a_command(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Run a script on a machine through Azure, whose agent starts it there."""
        vm = "resourceGroups/files/providers/Microsoft.Compute/virtualMachines/vm-files-01"
        name = "Microsoft.Compute/virtualMachines/runCommand/action"
        for record in operation(name, vm, self.victim, self.outside, at, draw, status="Accepted", token=self.token):
            yield must(record) if b'"Success"' in record.text else beside(record, "the operation began")
        system = r"NT AUTHORITY\SYSTEM"
        agent_image = rf"{_PLUGINS}\RunCommandExtension.exe"
        agent = start(self.machine, system, agent_image, f'"{agent_image}" "enable"', draw, integrity="System")
        script = rf"powershell -ExecutionPolicy Unrestricted -File {_PLUGINS}\Downloads\script0.ps1"
        shell = start(self.machine, system, POWERSHELL, script, draw, integrity="System")
        yield covered(launched(self.machine, shell, agent, at + timedelta(seconds=48), draw))

    @step(minute=300, stage="federation", behaviours="B27", why="the key with which AD FS signs is taken")
    def takes_the_signing_key(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read AD FS's database, and the key that protects its signing key, from the directory."""
        server, who = self.world.federation_server, self.admin
        parent = start(server, who.account, r"C:\Windows\explorer.exe", r"C:\Windows\Explorer.EXE", draw)
        shell = start(server, who.account, POWERSHELL, "powershell.exe -nop", draw, integrity="High")
        yield beside(launched(server, shell, parent, at, draw), "PowerShell on the federation server")
        pipe = r"\MICROSOFT##WID\tsql\query"
        yield must(pipe_opened(server, shell, pipe, at + timedelta(seconds=25), draw), person=who.upn)
        read = object_read(
            self.world.domain_controller, f"{DOMAIN_SID}-{2000 + who.number}", who.sam, _KEY_OF_FEDERATION,
            at + timedelta(seconds=50), draw,
        )  # fmt: skip
        yield must(read, person=who.upn)

    @step(minute=420, stage="federation", behaviours="B25 B24", why="a role by a token that AD FS never issued")
    def forges_a_token(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Take a role of AWS with a forged token, valid for long."""
        key, role = draw.key("ASIA", "FORGED"), "saml-administrators"
        taken = saml_role(self.admin, role, key, self.hosting, at, draw, seconds=43_200, agent=REQUESTS)
        yield must(taken, person=self.admin.upn)
        identity = aws.role_session(role, self.admin.upn, key, at)
        for name in ("sts:GetCallerIdentity", "iam:ListUsers", "s3:ListBuckets"):
            at += timedelta(minutes=1)
            used = aws.call(name, identity, self.hosting, at, draw, agent=REQUESTS)
            yield covered(used, "B35", person=self.admin.upn, why="the forged session is used")
