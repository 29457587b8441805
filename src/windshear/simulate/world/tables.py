"""What the company keeps in data tables: its sites, its developers' computers, its pipelines, announced travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from operator import attrgetter

from windshear.simulate.world.networks import ANONYMISER, HOSTING, MOBILE, OFFICES, RUNNERS, VPN_EXITS, VPS
from windshear.simulate.world.people import Kind
from windshear.simulate.world.world import ACCOUNT, HEADQUARTERS, INITIAL_DOMAIN, World

Row = dict[str, str]
_TEAM = "platform team"
_WEEKS_AHEAD = 4
_ROLES = (
    ("", "infra-deploy", "GitHubActions", "compares the cloud with its code"),
    ("", "cspm-auditor", "posture-crawler", "looks over all settings"),
    ("service-role/", "secret-rotation", "rotate-secrets", "rotates secrets"),
)


def table_rows(world: World, begin: date, unlisted: frozenset[str]) -> Mapping[str, list[Row]]:
    """Give the rows of every table that the company fills, by the table's name.

    No row ends, so that a simulation can be scanned at any time. begin: the first day, for announced travel. unlisted:
    names of computers that were forgotten.
    """
    return {
        "site_egress": list(_sites()),
        "dev_workstations": [row for row in _workstations(world) if row["hostname"].upper() not in unlisted],
        "admin_hosts": list(_admin_hosts(world)),
        "ci_identities": list(_automation(world)),
        "travel_notice": list(_travel(world, begin)),
        "sync_accounts": [{"upn": world.sync_account.lower(), "server_ip": HEADQUARTERS.ip, "owner": "identity team"}],
        "approved_apps": [
            {"app_id": service.app_id, "owner": _TEAM, "reason": "gets a new secret every week"}
            for service in world.services[1:2]
        ],
        "person_aliases": list(_aliases(world)),
        "trusted_asn": [
            {"asn": str(network.asn), "note": network.organization}
            for network in (OFFICES[0], OFFICES[2], VPN_EXITS[0], *MOBILE)
        ],
        "hosting_asn": [{"asn": str(network.asn), "note": network.organization} for network in (HOSTING, VPS)],
        "anonymiser_asn": [{"asn": str(ANONYMISER.asn), "note": ANONYMISER.organization}],
        "break_glass": [{"principal": f"breakglass-1@{INITIAL_DOMAIN}", "owner": "identity team"}],
        "oncall_roster": [
            {"person_id": person.upn, "owner": "operations", "reason": "on call"}
            for person in world.of_kind(Kind.ADMIN)
        ],
    }


def _sites() -> Iterator[Row]:
    for number, office in enumerate(OFFICES):
        ip = office.origin(6).ip
        yield {"cidr": f"10.{20 + number}.0.0/16", "public_ip": ip, "site": office.place.city, "hostname": ""}


def _workstations(world: World) -> Iterator[Row]:
    for person in world.people:
        if person.kind is not Kind.OFFICE:
            yield {
                "hostname": person.host.name.lower(),
                "owner": person.upn,
                "tools": "azure|aws|google" if person.kind is Kind.DEVELOPER else "azure|powershell",
                "reason": _TEAM,
            }


def _admin_hosts(world: World) -> Iterator[Row]:
    servers = {
        "dc": (world.domain_controller,),
        "adfs": (world.federation_server,),
        "sync": (world.sync_server, world.second_sync_server),
        "paw": tuple(person.host for person in world.of_kind(Kind.ADMIN)),
    }
    for kind, hosts in servers.items():
        for host in hosts:
            yield {"hostname": host.name.lower(), "kind": kind, "owner": "identity team"}


def _automation(world: World) -> Iterator[Row]:
    for pipeline in world.pipelines:
        for principal in (pipeline.id, pipeline.app_id):
            for network in RUNNERS:
                yield {
                    "principal": principal,
                    "cloud": "azure",
                    "network": str(network.block),
                    "asn": str(network.asn),
                    "owner": _TEAM,
                    "reason": "deploys from hosted runners",
                }
    for path, role, session, reason in _ROLES:
        account = f":{ACCOUNT}:"
        for arn in (f"arn:aws:iam:{account}role/{path}{role}", f"arn:aws:sts:{account}assumed-role/{role}/{session}"):
            yield {"principal": arn.lower(), "cloud": "aws", "owner": _TEAM, "reason": reason}


def _travel(world: World, begin: date) -> Iterator[Row]:
    weeks = [(begin + timedelta(weeks=number)).isocalendar().week for number in range(_WEEKS_AHEAD)]
    for person in world.people:
        trips = {trip.place for week in weeks if (trip := person.trip(week))} if person.gives_notice else set()
        for place in sorted(trips, key=attrgetter("country")):
            for country in (place.country, place.code):
                yield {
                    "key": f"{person.upn}|{country.lower()}",
                    "owner": person.upn,
                    "reason": "conference",
                }


def _aliases(world: World) -> Iterator[Row]:
    """People whose account on Linux is not called as the directory calls it, and owners of keys."""
    for person in world.people:
        if person.host.system == "linux":
            yield {"alias": person.local.replace(".", ""), "person_id": person.upn, "documented": "home folders"}
