"""The first published test: Azure CLI from a compromised workstation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.people_who import is_office_worker_on_windows
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, beside, must, step
from windshear.simulate.world.applications import AZURE_CLI, CHROME, GRAPH, RESOURCE_MANAGER
from windshear.simulate.world.world import World
from windshear.simulate.writers.azure_cli import AGENT, azure_command
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.sysmon import POWERSHELL, file_made, start


class AzLogin(Scenario):
    """Azure CLI on an office worker's compromised workstation: a device code, then tokens for two services."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.find("az_login victim", is_office_worker_on_windows)
        self.host = self.victim.host
        self.origin = self.victim.office.origin(6)
        self.session, self.token = draw.uuid(), draw.token()
        self.shell = start(self.host, self.victim.account, POWERSHELL, "powershell.exe -nop -w hidden", draw)

    @step(minute=0, stage="endpoint", behaviours="B01", why="`az login` as Windows shows it: a batch file and Python")
    def starts_the_cli(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Start `az login --use-device-code` from a shell."""
        command = azure_command(self.host, self.shell, "login --use-device-code", at, draw)
        yield from (must(record) for record in command.launches)
        yield from (beside(record, "what the command line tool does on the network") for record in command.network)
        for name in ("msal_token_cache.bin", "azureProfile.json"):
            path = f"{self.victim.profile}\\.azure\\{name}"
            made = file_made(self.host, command.python, path, at + timedelta(seconds=70), draw)
            yield beside(made, "the command line tool keeps its own tokens")

    @step(minute=1, stage="access", behaviours="B19 B15", why="a device code, for a client the person never used")
    def signs_in(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Enter the code in a browser: the sign-in of the command line tool."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=AZURE_CLI,
            resource=RESOURCE_MANAGER,
            origin=self.origin,
            session=self.session,
            token=self.token,
            agent=CHROME,
            protocol="deviceCode",
            factor="app",
        )
        yield must(sign_in(values, draw))

    @step(minute=1.2, stage="token", behaviours="B15", why="tokens for the resource manager and the directory")
    def gets_tokens(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Redeem the refresh token for two services."""
        for resource in (RESOURCE_MANAGER, GRAPH):
            values = SignIn(
                at=at,
                person=self.victim,
                app=AZURE_CLI,
                resource=resource,
                origin=self.origin,
                session=self.session,
                agent=AGENT,
                is_interactive=False,
                incoming="refreshToken",
                transfer="deviceCodeFlow",
            )
            yield sign_in(values, draw)
            at += timedelta(seconds=9)
