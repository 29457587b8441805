"""The quietest attack: a colleague's token cache, from the right country at the right time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.people_who import is_developer_on_windows
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, beside, covered, must, step
from windshear.simulate.world.applications import AZURE_CLI, GRAPH, RESOURCE_MANAGER
from windshear.simulate.world.world import World
from windshear.simulate.writers.azure_cli import AGENT
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.graph import Caller, request
from windshear.simulate.writers.sysmon import CMD, POWERSHELL, file_made, launched, start
from windshear.simulate.writers.windows import file_opened

_SLOW_READS = (
    "GET /v1.0/me/memberOf",
    "GET /v1.0/users?$top=999",
    "GET /v1.0/groups?$top=999",
    "GET /v1.0/applications?$top=999",
    "GET /v1.0/servicePrincipals?$top=999",
    "GET /v1.0/roleManagement/directory/roleAssignments",
    "GET /v1.0/directoryRoles",
    "GET /v1.0/devices",
)


class QuietInsider(Scenario):
    """A stolen token cache is used from the same country, in office hours, with the same tool."""

    hour = 11

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.find("insider's victim", is_developer_on_windows)
        self.session, self.token = draw.uuid(), draw.token()
        # The attacker is a neighbour, with the same provider.
        self.elsewhere = self.victim.home.network.home(90_001)

    def _signs_in(self, at: datetime) -> SignIn:
        return SignIn(
            at=at,
            person=self.victim,
            app=AZURE_CLI,
            resource=RESOURCE_MANAGER,
            origin=self.victim.office.origin(6),
            session=self.session,
            device=self.victim.host,
            agent=AGENT,
            is_interactive=False,
            incoming="refreshToken",
        )

    @step(minute=0, stage="endpoint", behaviours="B06", why="the token cache is read and copied by a shell")
    def copies_the_cache(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Copy the token cache of Azure CLI, in the person's own session."""
        host, who = self.victim.host, self.victim
        cache = f"{who.profile}\\.azure\\msal_token_cache.bin"
        parent = start(host, who.account, POWERSHELL, "powershell.exe", draw)
        shell = start(host, who.account, CMD, f'cmd.exe /c copy "{cache}" "{who.profile}\\Downloads\\n.bin"', draw)
        yield must(launched(host, shell, parent, at, draw))
        yield must(file_opened(host, who, cache, CMD, at + timedelta(milliseconds=80), draw))
        copied = file_made(host, shell, f"{who.profile}\\Downloads\\n.bin", at + timedelta(milliseconds=120), draw)
        yield beside(copied, "the copy has another name")

    @step(minute=10, stage="token", behaviours="B31", why="the person's own use of the session")
    def is_used_by_its_owner(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Let the person renew the token as always."""
        yield beside(sign_in(self._signs_in(at), draw))

    @step(minute=35, stage="token", behaviours="B31", why="the same session from another network, with the same agent")
    def replays(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Renew the token elsewhere, for two services."""
        for resource in (RESOURCE_MANAGER, GRAPH):
            values = replace(self._signs_in(at), origin=self.elsewhere, device=None, resource=resource)
            yield covered(sign_in(replace(values, token=self.token if resource is GRAPH else ""), draw))
            at += timedelta(minutes=1)

    @step(minute=45, stage="enumeration", behaviours="B35", why="the directory is read slowly: one request in minutes")
    def reads_slowly(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read the directory slowly."""
        caller = Caller(who=self.victim, app=AZURE_CLI, origin=self.elsewhere, token=self.token, agent=AGENT)
        for call in _SLOW_READS:
            yield request(caller, at, call, draw)
            at += draw.minutes(4, 9)
