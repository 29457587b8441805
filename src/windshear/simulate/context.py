"""The context of a simulation: what a customer who has set up Windshear would have told it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from windshear.context.reserved import ALIASES
from windshear.logs.normalise import Normaliser
from windshear.packs.pack import TABLES, content_folder
from windshear.simulate.record import Json
from windshear.simulate.world.applications import GLOBAL_ADMINISTRATOR
from windshear.simulate.world.networks import NETWORKS
from windshear.simulate.world.people import DOMAIN, NETBIOS, Person
from windshear.simulate.world.tables import Row, table_rows
from windshear.simulate.world.world import INITIAL_DOMAIN, World
from windshear.udm.proto_json import write_event

_TOGETHER = 2_000
_ALIAS_COLUMNS = "alias,person_id,documented"


def write_context(world: World, begin: datetime, folder: Path, unlisted: frozenset[str] = frozenset()) -> None:
    """Write entities, tables, and the places of addresses into a folder. begin: of the first day.

    unlisted: names of computers that the company forgot to write into its tables.
    """
    (folder / TABLES).mkdir(parents=True)
    (folder / "geoip").mkdir()
    _write_entities(world, folder / "entities.jsonl")
    headers = {**_headers(), ALIASES: _ALIAS_COLUMNS}
    for name, rows in table_rows(world, begin.date(), unlisted).items():
        (folder / TABLES / f"{name}.csv").write_bytes(_csv(headers[name], rows))
    (folder / "geoip" / "networks.csv").write_bytes(
        _csv("network,asn,organization,country,latitude,longitude", _places())
    )


def _write_entities(world: World, file: Path) -> None:
    """Write the directory's users as entities, which the parser of the directory makes of them."""
    normaliser = Normaliser()
    users = [orjson.dumps(user).decode() for user in directory(world)]
    with file.open("wb") as stream:
        for start in range(0, len(users), _TOGETHER):
            for entity in normaliser.normalise_full(users[start : start + _TOGETHER], "AZURE_AD_CONTEXT"):
                stream.write(orjson.dumps(write_event(entity or {}, "graph")) + b"\n")


def directory(world: World) -> Iterator[Json]:
    """Yield the users of the directory, as Microsoft Graph shows them."""
    for person in (*world.people, world.dormant):
        yield _user(person)
    yield {**_user(world.global_admin), "memberOf": [_role(*GLOBAL_ADMINISTRATOR)]}
    yield {
        "id": world.sync_account_id,
        "userPrincipalName": world.sync_account.lower(),
        "displayName": "On-Premises Directory Synchronization Service Account",
        "accountEnabled": True,
        "userType": "Member",
        "createdDateTime": "2022-05-04T08:00:00Z",
        "onPremisesSyncEnabled": True,
        "mail": None,
        "proxyAddresses": [],
    }
    yield {
        "id": world.chance("break glass").uuid(),
        "userPrincipalName": f"breakglass-1@{INITIAL_DOMAIN}",
        "displayName": "Break glass 1",
        "accountEnabled": True,
        "userType": "Member",
        "createdDateTime": "2022-05-04T08:00:00Z",
        "onPremisesSyncEnabled": None,
        "mail": None,
        "proxyAddresses": [],
    }


def _user(person: Person) -> Json:
    return {
        "id": person.object_id,
        "userPrincipalName": person.upn,
        "displayName": person.name,
        "givenName": person.given,
        "surname": person.surname,
        "mail": person.upn,
        "jobTitle": person.title,
        "department": person.department,
        "city": person.place.city,
        "country": person.place.country,
        "usageLocation": person.place.code,
        "proxyAddresses": [f"SMTP:{person.upn}"],
        "accountEnabled": True,
        "userType": "Member",
        "createdDateTime": f"202{person.number % 5}-0{person.number % 9 + 1}-11T08:00:00Z",
        "onPremisesSamAccountName": person.sam,
        "onPremisesSecurityIdentifier": person.sid,
        "onPremisesDistinguishedName": f"CN={person.name},OU=Staff,DC=corp,DC=example",
        "onPremisesDomainName": DOMAIN,
        "onPremisesNetBiosName": NETBIOS,
        "onPremisesSyncEnabled": True,
        "ownedDevices": [{"deviceId": person.host.device_id, "displayName": person.host.name}],
    }


def _role(name: str, template: str) -> Json:
    return {
        "@odata.type": "#microsoft.graph.directoryRole",
        "id": template,
        "displayName": name,
        "roleTemplateId": template,
    }


def _headers() -> Mapping[str, str]:
    """Give the header of every table that comes with the built-in rules, so that the same columns are filled."""
    headers: dict[str, str] = {}
    for file in sorted(content_folder().glob(f"*/{TABLES}/*.csv")):
        lines = file.read_text(encoding="utf-8").splitlines()
        headers[file.stem] = next(line for line in lines if line and not line.startswith("#"))
    return headers


def _csv(header: str, rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    columns: Sequence[str] = header.split(",")
    names = [column.partition(":")[0] for column in columns]
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    text.write(header + "\n")
    writer.writerows(rows)
    return text.getvalue().encode()


def _places() -> Iterator[Row]:
    for network in NETWORKS:
        place = network.place
        yield {
            "network": str(network.block),
            "asn": str(network.asn),
            "organization": network.organization,
            "country": place.country,
            "latitude": str(place.latitude),
            "longitude": str(place.longitude),
        }
