"""The second published test: PowerShell connects to Azure, in three ways."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.people_who import is_office_worker_on_windows
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, beside, must, step
from windshear.simulate.world.applications import AZURE_POWERSHELL, EDGE, POWERSHELL_AGENT, RESOURCE_MANAGER
from windshear.simulate.world.world import World
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.powershell import command_ran, script_block
from windshear.simulate.writers.sysmon import (
    EXPLORER,
    POWERSHELL,
    Process,
    connected,
    file_made,
    launched,
    looked_up,
    start,
)

_CMDLET = "Connect-AzAccount"


class ConnectAzAccount(Scenario):
    """Connect-AzAccount on an office worker's workstation: as an argument, typed in, and encoded."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.find("connect_azaccount victim", is_office_worker_on_windows)
        self.host, self.origin = self.victim.host, self.victim.office.origin(6)
        self.session = draw.uuid()
        self.desktop = start(self.host, self.victim.account, EXPLORER, r"C:\Windows\Explorer.EXE", draw)

    def _shell(self, arguments: str, draw: Chance) -> Process:
        line = f"powershell.exe {arguments}".strip()
        return start(self.host, self.victim.account, POWERSHELL, line, draw)

    def _logged(self, shell: Process, at: datetime, draw: Chance) -> Iterator[Record]:
        """Yield what PowerShell logs of the cmdlet, and what it does on the network."""
        yield must(script_block(self.victim, shell, _CMDLET, at, draw))
        yield must(command_ran(self.victim, shell, _CMDLET, at + timedelta(milliseconds=220), draw))
        for name, ip in (("login.microsoftonline.com", "203.0.113.131"), ("management.azure.com", "203.0.113.132")):
            at += timedelta(seconds=3)
            yield beside(looked_up(self.host, shell, name, ip, at, draw), "what the cmdlet does on the network")
            yield beside(connected(self.host, shell, ip, at, draw), "what the cmdlet does on the network")

    @step(minute=0, stage="endpoint", behaviours="B02", why="the cmdlet stands on the command line")
    def runs_as_argument(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Start PowerShell with the cmdlet."""
        shell = self._shell('-NoProfile -Command "Connect-AzAccount"', draw)
        yield must(launched(self.host, shell, self.desktop, at, draw))
        yield from self._logged(shell, at + timedelta(seconds=2), draw)
        for name in ("AzureRmContext.json", "msal.cache"):
            path = f"{self.victim.profile}\\.Azure\\{name}"
            yield beside(file_made(self.host, shell, path, at + timedelta(seconds=50), draw), "the module's own tokens")

    @step(minute=0.7, stage="access", behaviours="B15 B02", why="a client that the person never used")
    def signs_in(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Sign in, and get a token for the resource manager."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=AZURE_POWERSHELL,
            resource=RESOURCE_MANAGER,
            origin=self.origin,
            session=self.session,
            device=self.host,
            agent=EDGE,
            factor="app",
        )
        yield must(sign_in(values, draw))

    @step(minute=30, stage="endpoint", behaviours="B02", why="typed into an open window: no process says it, only 4104")
    def types_it(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Open PowerShell, and type the cmdlet."""
        shell = self._shell("", draw)
        yield beside(launched(self.host, shell, self.desktop, at, draw), "a window with PowerShell")
        yield from self._logged(shell, at + timedelta(seconds=40), draw)

    @step(minute=60, stage="endpoint", behaviours="B02", why="the cmdlet is encoded on the command line")
    def encodes_it(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Start PowerShell with the cmdlet in Base64."""
        shell = self._shell(f"-nop -w hidden -enc {b64encode(_CMDLET.encode('utf-16-le')).decode()}", draw)
        yield must(launched(self.host, shell, self.desktop, at, draw))
        yield from self._logged(shell, at + timedelta(seconds=1), draw)

    @step(minute=61, stage="token", behaviours="B15", why="the session goes on from the module")
    def renews(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Renew the token of the session."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=AZURE_POWERSHELL,
            resource=RESOURCE_MANAGER,
            origin=self.origin,
            session=self.session,
            device=self.host,
            agent=POWERSHELL_AGENT,
            is_interactive=False,
            incoming="refreshToken",
        )
        yield sign_in(values, draw)
