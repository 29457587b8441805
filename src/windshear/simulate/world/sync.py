"""The account that synchronises the directory, which signs in as people do."""

from __future__ import annotations

from dataclasses import replace

from windshear.simulate.world.people import Person
from windshear.simulate.world.world import INITIAL_DOMAIN, World


def sync_person(world: World) -> Person:
    """Give the account as if it were a person's; it signs in from the server that synchronises."""
    return replace(
        world.people[0],
        number=0,
        given="On-Premises",
        surname="Directory Synchronization Service Account",
        local=world.sync_account.partition("@")[0].lower(),
        object_id=world.sync_account_id,
        host=world.sync_server,
        domain=INITIAL_DOMAIN,
    )
