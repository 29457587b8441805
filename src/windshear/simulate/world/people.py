"""The people of the simulated world, and their computers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import product
from typing import Literal

from windshear.simulate.chance import chance
from windshear.simulate.world.networks import ABROAD, HOMES, OFFICES, Network, Origin, Place

DOMAIN, NETBIOS = "corp.example", "CORP"
DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"

_GIVEN = (
    "Alice Bruno Carla David Elena Felix Greta Hanna Ivan Julia Karim Lena Marco Nadia Oscar Petra Quentin Rosa Samir "
    "Tessa Ulrich Vera Walter Xenia Yusuf Zoe Amir Bianca Cedric Doris Emil Farah Gustav Helga Ingrid Jonas Katja Lars "
    "Mina Nils"
)
_SURNAMES = (
    "Adler Berg Castillo Dahl Engel Falk Gruber Haugen Ibsen Jensen Keller Lund Moreau Nygaard Okoro Pfeiffer Quist "
    "Ruiz Solberg Torres Ueland Vogel Winter Yilmaz Zimmer Arnesen Bauer Conti Duarte Ekholm Fischer Garcia Hansen "
    "Iversen Johansen Kovacs Larsen Meyer Novak Olsen Park Richter Sato Thorsen Urban Vang Weber Young Zeller Brandt"
)
_DEPARTMENTS = ("Sales", "Finance", "Marketing", "Support", "Legal", "Operations", "Research")


class Kind(StrEnum):
    """What somebody does all day."""

    OFFICE = "office"
    DEVELOPER = "developer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Host:
    """A computer. system: its operating system. seed: the beginning of its process ids in Sysmon."""

    name: str
    system: Literal["windows", "linux"]
    ip: str
    device_id: str
    seed: str
    is_joined: bool = True

    @property
    def full_name(self) -> str:
        """The name with its domain."""
        return f"{self.name}.{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with accounts everywhere.

    travels: to another country every other week, announced or not. domain: of the address, not of Active Directory.
    """

    number: int
    given: str
    surname: str
    local: str
    kind: Kind
    department: str
    title: str
    office: Network
    home: Origin
    host: Host
    object_id: str
    okta_id: str
    google_id: str
    uses_vpn: bool
    is_mobile: bool
    travels: bool
    gives_notice: bool
    domain: str = DOMAIN

    @property
    def upn(self) -> str:
        """The address that the person signs in with, which is their `person_id`, too."""
        return f"{self.local}@{self.domain}"

    @property
    def sam(self) -> str:
        """The account's name in Active Directory."""
        return f"{self.given[0]}{self.surname}{self.number:03}".lower()

    @property
    def account(self) -> str:
        """The account with its domain, as Windows writes it."""
        return f"{NETBIOS}\\{self.sam}"

    @property
    def sid(self) -> str:
        """The account's security identifier."""
        return f"{DOMAIN_SID}-{2000 + self.number}"

    @property
    def name(self) -> str:
        """The name that people see."""
        return f"{self.given} {self.surname}"

    @property
    def place(self) -> Place:
        """Where the person works."""
        return self.office.place

    def trip(self, week: int) -> Network | None:
        """Give the network that somebody who travels has in a week of the year, None if they stay."""
        return ABROAD[(self.number + week // 2) % len(ABROAD)] if self.travels and week % 2 == 0 else None

    @property
    def profile(self) -> str:
        """The folder of the person's files."""
        return f"C:\\Users\\{self.sam}" if self.host.system == "windows" else f"/home/{self.sam}"


def people(seed: int, number: int) -> Iterator[Person]:
    """Yield the people of a world, office workers, developers and administrators mixed in their usual shares."""
    names = [(given, surname) for surname, given in product(_SURNAMES.split(), _GIVEN.split())]
    chance(seed, "names").shuffle(names)
    for index in range(number):
        given, surname = names[index % len(names)]
        repeat = index // len(names)
        yield _person(seed, index, given, surname, f"{given}.{surname}{repeat or ''}".lower())


def _person(seed: int, index: int, given: str, surname: str, local: str) -> Person:
    draw = chance(seed, "person", index)
    kind = _kind(index)
    site = draw.choices((0, 1, 2), (5, 3, 2))[0]
    is_traveller = index % 50 == 7
    return Person(
        number=index + 1,
        given=given,
        surname=surname,
        local=local,
        kind=kind,
        department="Platform" if kind is not Kind.OFFICE else draw.choice(_DEPARTMENTS),
        title={Kind.OFFICE: "Specialist", Kind.DEVELOPER: "Software engineer", Kind.ADMIN: "Systems engineer"}[kind],
        office=OFFICES[site],
        home=HOMES[site].home(index + 1),
        host=_host(index, site, draw.uuid(), is_linux=kind is Kind.DEVELOPER and index % 4 == 1),
        object_id=draw.uuid(),
        okta_id=f"00u{draw.token(17)}".replace("-", "a").replace("_", "b"),
        google_id=f"1{draw.randrange(10**20):020}",
        uses_vpn=index % 25 in {3, 11},
        is_mobile=index % 25 in {4, 9, 20},
        travels=is_traveller,
        gives_notice=is_traveller and index // 50 % 5 < 2,
    )


def _kind(index: int) -> Kind:
    """Of 50 people 8 write software and 3 look after systems."""
    place = index % 50
    if place in {1, 5, 13, 17, 24, 29, 38, 45}:
        return Kind.DEVELOPER
    return Kind.ADMIN if place in {2, 21, 33} else Kind.OFFICE


def _host(index: int, site: int, device_id: str, *, is_linux: bool) -> Host:
    name = f"LX-{index + 1:04}" if is_linux else f"WS-{index + 1:04}"
    return computer(name, f"10.{20 + site}.{index // 250}.{index % 250 + 2}", device_id, is_linux=is_linux)


def computer(name: str, ip: str, device_id: str, *, is_linux: bool = False, is_joined: bool = True) -> Host:
    """Make a computer."""
    mark = sha256(name.encode()).hexdigest()[:8]
    return Host(name, "linux" if is_linux else "windows", ip, device_id, mark, is_joined)
