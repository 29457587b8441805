"""The simulated world: a company with people in three towns, and accounts in every cloud; the same for each seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from windshear.core.errors import SettingError
from windshear.simulate.chance import Chance, chance
from windshear.simulate.world.networks import AMAZON, OFFICES, Origin
from windshear.simulate.world.people import Host, Kind, Person, computer, people

TENANT = "7d1b9f0e-5a51-4c5e-9a0c-0d5d6b1f2a11"
SUBSCRIPTION = "0a1b2c3d-1111-4222-8333-0123456789ab"
ACCOUNT = "111122223333"
PROJECT = "corp-example"
REGION = "eu-west-1"
INITIAL_DOMAIN = "corp.onmicrosoft.example"

FEWEST_USERS, MOST_USERS = 50, 10_000


@dataclass(frozen=True, slots=True)
class Workload:
    """An application of Entra ID that works by itself. id: of its service principal. key_id: of its secret."""

    name: str
    app_id: str
    id: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Instance:
    """A virtual machine of EC2 with a role. role_id: the unique id of the role (`AROA…`)."""

    id: str
    host: Host
    role: str
    role_id: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class World:
    """Who and what there is.

    dormant: somebody whose account nobody uses any more. global_admin: an account with all rights, seldom used, which
    is synchronised though it should not be.
    """

    seed: int
    people: tuple[Person, ...]
    dormant: Person
    global_admin: Person
    domain_controller: Host
    federation_server: Host
    sync_server: Host
    second_sync_server: Host
    sync_account: str
    sync_account_id: str
    pipelines: tuple[Workload, ...]
    services: tuple[Workload, ...]
    instances: tuple[Instance, ...]

    def chance(self, *names: object) -> Chance:
        """Make the chance of something in this world."""
        return chance(self.seed, *names)

    def of_kind(self, kind: Kind) -> list[Person]:
        """Give the people who do something."""
        return [person for person in self.people if person.kind is kind]

    def find(self, role: str, fits: Callable[[Person], bool], *, before: int = 0) -> Person:
        """Give somebody who fits: for one role in a scenario the same in every run. before: how many to pass over."""
        fitting = [person for person in self.people if fits(person) and not person.travels]
        if len(fitting) <= before:
            raise SettingError(f"there is nobody among {len(self.people)} users who can be the {role}: use `--users`")
        return fitting[self.chance("role", role).randrange(before, len(fitting))]


def make_world(seed: int, users: int) -> World:
    """Make a world of some people. `SettingError` if there are too few for its scenarios, or too many."""
    if not FEWEST_USERS <= users <= MOST_USERS:
        raise SettingError(f"`--users {users}`: there are {FEWEST_USERS} to {MOST_USERS:,} users in a simulation")
    draw = chance(seed, "world")
    *active, dormant, first_admin = people(seed, users + 2)
    return World(
        seed=seed,
        people=tuple(active),
        dormant=dormant,
        global_admin=replace(first_admin, kind=Kind.ADMIN, travels=False, uses_vpn=False, is_mobile=False),
        domain_controller=computer("DC-01", "10.20.250.5", draw.uuid()),
        federation_server=computer("ADFS-01", "10.20.250.6", draw.uuid()),
        sync_server=computer("SYNC-01", "10.20.250.7", draw.uuid()),
        second_sync_server=computer("SYNC-02", "10.21.250.7", draw.uuid()),
        sync_account=f"Sync_SYNC-01_{draw.hex(12)}@{INITIAL_DOMAIN}",
        sync_account_id=draw.uuid(),
        pipelines=tuple(_workload(draw, f"pipeline-{name}") for name in ("shop", "ledger", "portal", "infra")),
        services=tuple(_workload(draw, name) for name in ("report-service", "backup-service", "hr-connector")),
        instances=tuple(_instance(draw, number) for number in range(max(4, min(60, users // 16)))),
    )


def _workload(draw: Chance, name: str) -> Workload:
    return Workload(name, draw.uuid(), draw.uuid(), draw.uuid())


def _instance(draw: Chance, number: int) -> Instance:
    name = ("web", "api", "batch", "worker")[number % 4]
    host = computer(f"{name}-{number:02}", f"10.30.{number // 200}.{number % 200 + 10}", draw.uuid(), is_linux=True)
    # Instances of one network leave through the same gateway.
    return Instance(f"i-{draw.hex(17)}", host, f"{name}-role", _ROLE_IDS[name], AMAZON.origin(2 + number % 3))


_ROLE_IDS = {
    "web": "AROAEXAMPLEWEB000001",
    "api": "AROAEXAMPLEAPI000001",
    "batch": "AROAEXAMPLEBATCH0001",
    "worker": "AROAEXAMPLEWORKER001",
}

HEADQUARTERS = OFFICES[0].origin(6)  # where the servers are
