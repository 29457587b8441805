"""The fourth published test: after the login of the first, list and reach what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.record import Record
from windshear.simulate.scenario import beside, must, step
from windshear.simulate.scenarios.az_login import AzLogin
from windshear.simulate.world.applications import AZURE_CLI, GRAPH, KEY_VAULT, RESOURCE_MANAGER
from windshear.simulate.writers.azure import operation
from windshear.simulate.writers.azure_cli import AGENT, LOGIN, MANAGEMENT, azure_command
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.graph import Caller, request

_COMMANDS = (
    "account list -o json",
    "group list",
    "resource list",
    "keyvault list",
    "keyvault secret list --vault-name corp-prod",
    "ad user list",
    "ad group list",
    "role assignment list --all",
)
# What `az ad` and `az role assignment` ask Graph for, and in how many pages it comes.
_READS = (("GET /v1.0/users", 10), ("GET /v1.0/groups", 5), ("POST /v1.0/directoryObjects/getByIds", 3))


class ListResourcesAfterLogin(AzLogin):
    """Azure CLI on a compromised workstation, then everything is listed and the keys of storage are read."""

    @step(minute=5, stage="enumeration", behaviours="B35", why="commands that list what there is")
    def lists(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Run commands that list subscriptions, resources, vaults, users. Azure logs no reads of its own."""
        for arguments in _COMMANDS:
            name = "graph.microsoft.com" if " ad " in f" {arguments}" else MANAGEMENT
            command = azure_command(self.host, self.shell, arguments, at, draw, names=(LOGIN, name))
            yield from command.launches
            yield from (beside(record, "what the command line tool does on the network") for record in command.network)
            at += draw.seconds(20, 60)

    @step(minute=6, stage="token", behaviours="B15", why="tokens for three services, for what is listed")
    def gets_more_tokens(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Renew the session for the services that the commands need."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=AZURE_CLI,
            resource=GRAPH,
            origin=self.origin,
            session=self.session,
            token=self.token,
            agent=AGENT,
            is_interactive=False,
            incoming="refreshToken",
            transfer="deviceCodeFlow",
        )
        for resource in (RESOURCE_MANAGER, GRAPH, KEY_VAULT):
            yield sign_in(replace(values, at=at, resource=resource), draw)
            at += timedelta(seconds=40)

    @step(minute=8, stage="enumeration", behaviours="B35", why="users, groups and applications read through Graph")
    def reads_the_directory(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read the directory, as `az ad` does."""
        caller = Caller(who=self.victim, app=AZURE_CLI, origin=self.origin, token=self.token, agent=AGENT)
        for call, pages in _READS:
            for page in range(pages):
                token = f"?$skiptoken={draw.token(24)}" if page and call.startswith("GET") else ""
                yield request(caller, at, call + token, draw)
                at += draw.seconds(0.5, 4)
            at += draw.seconds(8, 30)

    @step(minute=12, stage="secrets", behaviours="B39", why="keys of storage accounts are handed out")
    def reads_keys(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """List the keys of a storage account, which is an action and so in the activity log."""
        account = "resourceGroups/data/providers/Microsoft.Storage/storageAccounts/corpdata"
        name = "Microsoft.Storage/storageAccounts/listKeys/action"
        for record in operation(name, account, self.victim, self.origin, at, draw, token=self.token):
            yield must(record) if b'"Success"' in record.text else beside(record, "the operation began")
