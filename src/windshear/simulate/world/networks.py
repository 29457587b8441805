"""The networks of the simulated world: who has which addresses, and where they are.

All addresses are reserved for documentation (RFC 5737, 3849), so none belongs to anybody. So are the numbers of
autonomous systems (RFC 5398), but for the clouds' own, by which rules know them. There are three small networks of
IPv4, which is why they are cut into pieces; homes have IPv6.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network


@dataclass(frozen=True, slots=True)
class Place:
    """A town. utc_offset: hours of its winter time."""

    city: str
    state: str
    code: str
    country: str
    latitude: float
    longitude: float
    utc_offset: int


@dataclass(frozen=True, slots=True)
class Network:
    """A block of addresses that one organization announces from one place. name: what the simulator calls it."""

    name: str
    block: IPv4Network | IPv6Network
    asn: int
    organization: str
    place: Place

    def origin(self, number: int) -> Origin:
        """Give the address of that number in the block, counted anew where the block ends."""
        return Origin(str(self.block[1 + number % (self.block.num_addresses - 2)]), self)

    def home(self, number: int) -> Origin:
        """Give the address of a household: each has a network of 64 bits of its own."""
        return Origin(str(self.block[(number << 64) + 0x1F]), self)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody comes: an address, and the network that it is in."""

    ip: str
    network: Network

    @property
    def place(self) -> Place:
        """Where the address is."""
        return self.network.place


OSLO = Place("Oslo", "Oslo", "NO", "Norway", 59.9139, 10.7522, 1)
BERLIN = Place("Berlin", "Berlin", "DE", "Germany", 52.5200, 13.4050, 1)
AUSTIN = Place("Austin", "Texas", "US", "United States", 30.2672, -97.7431, -6)
FRANKFURT = Place("Frankfurt am Main", "Hessen", "DE", "Germany", 50.1109, 8.6821, 1)
DUBLIN = Place("Dublin", "Leinster", "IE", "Ireland", 53.3498, -6.2603, 0)
BOYDTON = Place("Boydton", "Virginia", "US", "United States", 36.6676, -78.3875, -5)
AMSTERDAM = Place("Amsterdam", "Noord-Holland", "NL", "Netherlands", 52.3740, 4.8897, 1)
BUCHAREST = Place("Bucharest", "Bucuresti", "RO", "Romania", 44.4268, 26.1025, 2)
STOCKHOLM = Place("Stockholm", "Stockholms Lan", "SE", "Sweden", 59.3293, 18.0686, 1)
LISBON = Place("Lisbon", "Lisboa", "PT", "Portugal", 38.7223, -9.1393, 0)
TOKYO = Place("Tokyo", "Tokyo", "JP", "Japan", 35.6764, 139.6500, 9)
LONDON = Place("London", "England", "GB", "United Kingdom", 51.5072, -0.1276, 0)
CHICAGO = Place("Chicago", "Illinois", "US", "United States", 41.8781, -87.6298, -6)


def _network(name: str, block: str, asn: int, organization: str, place: Place) -> Network:
    return Network(name, ip_network(block), asn, organization, place)


OFFICES = (
    _network("office-oslo", "203.0.113.0/28", 64496, "Corp Example AS", OSLO),
    _network("office-berlin", "203.0.113.16/28", 64496, "Corp Example AS", BERLIN),
    _network("office-austin", "203.0.113.32/28", 64497, "Corp Example Inc", AUSTIN),
)
VPN_EXITS = (
    _network("vpn-oslo", "203.0.113.48/28", 64498, "Example Secure Access", OSLO),
    _network("vpn-frankfurt", "203.0.113.64/28", 64498, "Example Secure Access", FRANKFURT),
)
AMAZON = _network("amazon", "203.0.113.96/27", 16509, "Amazon.com, Inc.", DUBLIN)
AZURE = _network("azure", "203.0.113.128/27", 8075, "Microsoft Corporation", DUBLIN)
RUNNERS = (
    _network("runners-azure", "203.0.113.160/27", 8075, "Microsoft Corporation", BOYDTON),
    _network("runners-example", "203.0.113.192/27", 64509, "Example Hosted Runners", CHICAGO),
)
MOBILE = (
    _network("mobile-norway", "198.51.100.0/26", 64499, "Example Mobil Norge", OSLO),
    _network("mobile-germany", "198.51.100.64/26", 64500, "Example Mobilfunk", FRANKFURT),
    _network("mobile-usa", "198.51.100.128/26", 64501, "Example Wireless", CHICAGO),
)
HOSTING = _network("hosting", "198.51.100.192/27", 64507, "Example Hosting BV", AMSTERDAM)
ANONYMISER = _network("anonymiser", "198.51.100.224/28", 64508, "Example Privacy VPN", STOCKHOLM)
VPS = _network("vps", "192.0.2.128/27", 65536, "Example VPS SRL", BUCHAREST)
ABROAD = (
    _network("hotel-lisbon", "192.0.2.0/27", 64502, "Example Hoteis", LISBON),
    _network("hotel-tokyo", "192.0.2.32/27", 64503, "Example Hotel Networks", TOKYO),
    _network("hotel-london", "192.0.2.64/27", 64504, "Example Hospitality", LONDON),
)
HOMES = (
    _network("home-norway", "2001:db8:1000::/36", 65540, "Example Fiber Norge", OSLO),
    _network("home-germany", "2001:db8:2000::/36", 65541, "Example Kabel", BERLIN),
    _network("home-usa", "2001:db8:3000::/36", 65542, "Example Broadband", AUSTIN),
)
OTHER_HOMES = (  # of the same towns, by other providers
    _network("home-norway-2", "2001:db8:4000::/36", 65543, "Example Bredband", OSLO),
    _network("home-germany-2", "2001:db8:5000::/36", 65544, "Example Stadtnetz", BERLIN),
    _network("home-usa-2", "2001:db8:6000::/36", 65545, "Example Cable South", AUSTIN),
)
RESIDENTIAL_PROXIES = _network("residential-proxies", "2001:db8:9000::/36", 65546, "Example Cable", CHICAGO)

NETWORKS = (
    *OFFICES, *VPN_EXITS, AMAZON, AZURE, *RUNNERS, *MOBILE, HOSTING, ANONYMISER, VPS, *ABROAD, *HOMES, *OTHER_HOMES,
    RESIDENTIAL_PROXIES,
)  # fmt: skip
