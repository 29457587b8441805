"""ConsentFix: somebody is talked into handing over the code of a sign-in with Azure CLI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.moves import REQUESTS, reads_the_directory
from windshear.simulate.people_who import is_office_worker_on_windows
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, must, step
from windshear.simulate.world.applications import AZURE_CLI, DIRECTORY, EDGE, EXCHANGE, GRAPH
from windshear.simulate.world.networks import VPS
from windshear.simulate.world.world import World
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.graph import Caller
from windshear.simulate.writers.office import mail_read


class ConsentFix(Scenario):
    """A victim pastes the address with a code into a page; the attacker redeems it from elsewhere minutes later."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.find("consentfix victim", is_office_worker_on_windows)
        self.outside = VPS.origin(19)
        self.session, self.token = draw.uuid(), draw.token()

    def _signs_in(self, at: datetime) -> SignIn:
        return SignIn(
            at=at,
            person=self.victim,
            app=AZURE_CLI,
            resource=DIRECTORY,
            origin=self.victim.office.origin(6),
            session=self.session,
            device=self.victim.host,
            agent=EDGE,
        )

    @step(minute=0, stage="access", behaviours="B20 B15", why="the victim's browser signs in for Azure CLI")
    def is_talked_into_it(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Sign in in the browser, as the attacker's page asks."""
        yield must(sign_in(self._signs_in(at), draw))

    @step(minute=2.5, stage="token", behaviours="B20", why="the same session, minutes later, from a rented server")
    def redeems_the_code(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Redeem the code from elsewhere, and renew the token for other services."""
        elsewhere = replace(
            self._signs_in(at), origin=self.outside, device=None, agent=REQUESTS, is_interactive=False, token=self.token
        )
        yield must(sign_in(elsewhere, draw))
        for resource in (GRAPH, EXCHANGE):
            at += timedelta(seconds=35)
            renewed = replace(elsewhere, at=at, resource=resource, incoming="refreshToken", token="")
            yield sign_in(renewed, draw)

    @step(minute=6, stage="enumeration", behaviours="B35", why="the directory is read by a script")
    def reads_the_directory(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read users, groups and applications through Graph."""
        caller = Caller(who=self.victim, app=AZURE_CLI, origin=self.outside, token=self.token, agent=REQUESTS)
        yield from reads_the_directory(caller, at, draw)

    @step(minute=30, stage="data", behaviours="B42", why="mail is read with a command line tool's token")
    def reads_mail(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read the victim's mail through Graph."""
        for _ in range(60):
            yield mail_read(
                self.victim, self.outside, at, draw, session=self.session, app=AZURE_CLI.id,
                client="Client=REST;Client=RESTSystem;;", count=draw.randrange(20, 50),
            )  # fmt: skip
            at += draw.seconds(10, 30)
