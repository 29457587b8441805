"""Golden SAML: the signing key of AD FS is taken, and tokens are forged for two clouds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.moves import BOTO, reads_the_account
from windshear.simulate.people_who import is_admin
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, beside, must, step
from windshear.simulate.world.applications import EDGE, GRAPH, OFFICE_PORTAL
from windshear.simulate.world.networks import HOSTING
from windshear.simulate.world.world import World
from windshear.simulate.writers.aws import console_login, role_session
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.saml import saml_role
from windshear.simulate.writers.sysmon import launched, pipe_opened, start
from windshear.simulate.writers.windows import object_read

_KEY_OF_FEDERATION = "%%7684\n\t{77b5b886-944a-11d1-aebd-0000f80367c1}\n\t\t{8d3bca50-1d7e-11d0-a081-00aa006c33ed}\n"
_ROLE = "saml-administrators"


class GoldenSaml(Scenario):
    """The signing key of AD FS is taken; forged tokens open AWS and Microsoft 365, and AD FS knows of none."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.find("golden saml victim", is_admin)
        self.outside = HOSTING.origin(23)
        self.key, self.session = draw.key("ASIA", "GOLDEN"), draw.uuid()

    @step(minute=0, stage="federation", behaviours="B27", why="AD FS's database and its key, read by an odd program")
    def takes_the_key(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read the configuration of AD FS, and the key that protects it, as ADFSDump does."""
        server, account = self.world.federation_server, self.victim.account
        parent = start(server, account, r"C:\Windows\System32\cmd.exe", "cmd.exe", draw, integrity="High")
        image = r"C:\Windows\Temp\svc.exe"
        tool = start(server, account, image, image, draw, integrity="High")
        yield beside(launched(server, tool, parent, at, draw), "a program that nobody knows")
        yield must(pipe_opened(server, tool, r"\MICROSOFT##WID\tsql\query", at + timedelta(seconds=2), draw))
        moment = at + timedelta(seconds=3)
        controller, who = self.world.domain_controller, self.victim
        yield must(object_read(controller, who.sid, who.sam, _KEY_OF_FEDERATION, moment, draw))

    @step(minute=180, stage="federation", behaviours="B25 B24", why="a role by a token that AD FS never issued")
    def takes_a_role(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Take a role of AWS for twelve hours, and enter the console."""
        yield must(saml_role(self.victim, _ROLE, self.key, self.outside, at, draw, seconds=43_200))
        session = role_session(_ROLE, self.victim.upn, "", at)
        login = console_login(session, self.outside, at + timedelta(seconds=2), draw, agent=EDGE)
        yield beside(login, "the console, with the same token")

    @step(minute=184, stage="enumeration", behaviours="B35", why="the account is read through with the forged session")
    def reads_the_account(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read through the account."""
        identity = role_session(_ROLE, self.victim.upn, self.key, at - timedelta(minutes=4))
        yield from reads_the_account(identity, self.outside, at, draw, agent=BOTO)

    @step(minute=240, stage="federation", behaviours="B25", why="a federated sign-in of which AD FS knows nothing")
    def enters_office(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Sign in to Microsoft 365 with a forged token that claims a second factor."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=OFFICE_PORTAL,
            resource=GRAPH,
            origin=self.outside,
            session=self.session,
            agent=EDGE,
            factor="claim",
            issuer="ADFederationServices",
            incoming="saml11",
        )
        yield must(sign_in(values, draw))
