"""Places of addresses in CSV: the smallest network counts, and what is wrong is told with its line."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mmdb import write_mmdb
from windshear.context.geoip import open_geoip
from windshear.context.networks import Network, Networks
from windshear.core.errors import InputError

HEADER = "network,asn,organization,country,latitude,longitude\n"
LISBON = {
    "network.asn": "64500",
    "network.organization_name": "Example Hosting",
    "network.carrier_name": "Example Hosting",
    "location.country_or_region": "Portugal",
    "location.region_coordinates.latitude": 38.7,
    "location.region_latitude": 38.7,
    "location.region_coordinates.longitude": -9.1,
    "location.region_longitude": -9.1,
}


def said(path: Path, text: str, *addresses: str) -> list[dict[str, object] | None]:
    """Return what a file says of addresses, without the address itself."""
    path.write_text(text)
    found = open_geoip([path])
    assert found is not None
    artifacts = found.artifacts(addresses)
    return [None if one is None else {name: value for name, value in one.items() if name != "ip"} for one in artifacts]


def test_the_smallest_network_counts(tmp_path: Path) -> None:
    """With what its row says alone; both versions, single addresses, and addresses of version 4 in version 6."""
    text = (
        HEADER
        + "198.51.100.0/24,AS64500,Example Hosting,Portugal,38.7,-9.1\n# the office\n198.51.100.9,64501,,,,\n"
        + '2001:db8::/32,64502,"Carrier, Example",Brazil,,\n2001:db8:1::/48,,,Chile,,\n::/0,64503,,,,\n'
    )
    found = said(
        tmp_path / "places.csv",
        text,
        *("198.51.100.8", "198.51.100.9", "::ffff:198.51.100.10", "2001:db8::1", "2001:db8:1::1", "2001:db9::1"),
        *("198.51.101.0", "", "no address", "::ffff:192.0.2.1"),
    )
    brazil = {"network.organization_name": "Carrier, Example", "network.carrier_name": "Carrier, Example"}
    assert found == [
        LISBON,
        {"network.asn": "64501"},
        LISBON,
        {"network.asn": "64502", "location.country_or_region": "Brazil", **brazil},
        {"location.country_or_region": "Chile"},
        {"network.asn": "64503"},
        *[None] * 4,
    ]


def test_columns_in_any_order_and_number(tmp_path: Path) -> None:
    """Only the network is needed."""
    assert said(tmp_path / "a.csv", "Country, network\nPeru, 192.0.2.0/24\n", "192.0.2.7") == [
        {"location.country_or_region": "Peru"}
    ]
    assert said(tmp_path / "b.csv", "network\n192.0.2.0/24\n", "192.0.2.7") == [None]
    assert said(tmp_path / "c.csv", HEADER, "192.0.2.7") == [None]


def test_beside_a_database(tmp_path: Path) -> None:
    """Each field comes from the first file that has it."""
    first = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": {"country": "Peru"}})
    second = tmp_path / "x.csv"
    second.write_text("network,country,asn\n192.0.0.0/8,Chile,64500\n")
    for files, country in (([first, second], "Peru"), ([second, first], "Chile")):
        found = open_geoip(files)
        assert found is not None
        assert found.artifacts(["192.0.2.7"]) == [
            {"ip": "192.0.2.7", "location.country_or_region": country, "network.asn": "64500"}
        ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "x.csv:1: no column `network`: the first line names columns of network,asn,organization,country,"),
        ("asn\n1\n", "x.csv:1: no column `network`"),
        ("network,city\n", "x.csv:1: unknown column `city`: places of addresses have network,asn"),
        ("network,asn,ASN\n", "x.csv:1: column `asn` is named twice"),
        ("# c\nnetwork,asn\n192.0.2.0/33,1\n", "x.csv:3: `192.0.2.0/33` is neither a network nor an address"),
        ("network,asn\n192.0.2.0/24,ASx\n", "x.csv:2: `ASx` is no number of an autonomous system"),
        ("network,latitude\n192.0.2.0/24,91\n", "x.csv:2: `91` is no number of degrees from -90 to 90"),
        ("network,longitude\n192.0.2.0/24,nan\n", "x.csv:2: `nan` is no number of degrees from -180 to 180"),
        ("network,asn\n192.0.2.0/24\n", "x.csv:2: 1 cells, the header has 2 columns"),
        ("network\n192.0.2.1/24\n10.0.0.0/8\n192.0.2.0/24\n", "x.csv:4: network 192.0.2.0/24 is given twice, first in"),
        ('network\n"192', "x.csv:2: unexpected end of data"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    """File, line and reason."""
    with pytest.raises(InputError) as caught:
        said(tmp_path / "x.csv", text)
    assert problem in str(caught.value)


def test_a_file_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    """Both are named."""
    (tmp_path / "x.csv").write_bytes(b"network\n\xff\xfe\n")
    for name, problem in (("x.csv", "are not UTF-8 text"), ("y.csv", "cannot read places of addresses")):
        with pytest.raises(InputError, match=problem):
            open_geoip([tmp_path / name])


NETWORKS = st.one_of(
    st.builds(lambda a, n: ipaddress.ip_network((a << 24, n), strict=False), st.integers(0, 3), st.integers(0, 10)),
    st.builds(lambda a, n: ipaddress.ip_network((a << 120, n), strict=False), st.integers(0, 3), st.integers(0, 10)),
    st.builds(lambda a: ipaddress.ip_network(2**32 - 1 - a), st.integers(0, 2)),
)
ADDRESSES = st.one_of(
    st.builds(lambda a: ipaddress.IPv4Address((a << 24) + 5), st.integers(0, 3)),
    st.builds(lambda a: ipaddress.IPv6Address((a << 120) + 5), st.integers(0, 3)),
    st.builds(lambda a: ipaddress.IPv4Address(2**32 - 1 - a), st.integers(0, 2)),
)


@given(st.lists(NETWORKS, unique=True, max_size=8), st.lists(ADDRESSES, max_size=8))
def test_finding_agrees_with_looking_at_every_network(
    networks: list[Network], addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address]
) -> None:
    """The longest prefix of all that hold the address."""

    def smallest(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
        holding = [place for place, network in enumerate(networks) if address in network]
        return max(holding, key=lambda place: networks[place].prefixlen, default=-1)

    assert Networks.of(networks).find(map(str, addresses)).tolist() == [smallest(address) for address in addresses]
