"""Egress: which public addresses belong to an address or a host."""

from __future__ import annotations

import pytest

from windshear.context.egress import egress_of
from windshear.context.reserved import EGRESS, reserved_table
from windshear.context.tables import table_of
from windshear.core.errors import InputError

HEADER = [("cidr", "cidr"), ("public_ip", "string[]"), ("hostname", "string")]
ROWS = [
    ["10.0.0.0/8", "203.0.113.1", ""],
    ["10.1.0.0/16", "203.0.113.2|203.0.113.3", ""],
    ["10.1.0.0/16", "203.0.113.4", ""],
    ["10.1.2.3", "203.0.113.5", ""],
    ["2001:db8:1::/48", "2001:DB8::1", ""],
    ["", "198.51.100.1", "ws1"],
    ["", "198.51.100.2", "WS2.corp.example"],
]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.9.9.9", ("203.0.113.1",)),
        ("10.1.9.9", ("203.0.113.2", "203.0.113.3", "203.0.113.4")),
        ("10.1.2.3", ("203.0.113.5",)),
        ("::ffff:10.9.9.9", ("203.0.113.1",)),
        ("2001:db8:1::7", ("2001:db8::1",)),
        ("2001:db8:2::7", ()),
        ("192.0.2.1", ()),
        ("no address", ()),
        ("", ()),
    ],
)
def test_addresses(address: str, expected: tuple[str, ...]) -> None:
    """The smallest network that holds an address counts, and all of its rows."""
    assert egress_of(table_of(EGRESS, HEADER, ROWS)).of_address(address) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("WS1", ("198.51.100.1",)),
        ("ws1.corp.example.", ("198.51.100.1",)),
        ("ws2.corp.example", ("198.51.100.2",)),
        ("ws2", ()),
        ("ws2.other.example", ()),
        ("", ()),
    ],
)
def test_hosts(host: str, expected: tuple[str, ...]) -> None:
    """A name without a domain is that host in every one, a name with one only there."""
    assert egress_of(table_of(EGRESS, HEADER, ROWS)).of_host(host) == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["10.0.0.0/8", "", ""], "row 1: it needs a public_ip, and either a cidr or a hostname"),
        (["", "203.0.113.1", ""], "row 1: it needs a public_ip, and either a cidr or a hostname"),
        (["10.0.0.0/8", "203.0.113.1", "ws1"], "row 1: it needs a public_ip, and either a cidr or a hostname"),
        (["10.0.0.0/8", "proxy", ""], "row 1, column `public_ip`: `proxy` is not an address"),
        (["site", "203.0.113.1", ""], "row 1, column `cidr`: `site` is neither a network nor an address"),
    ],
)
def test_rows_that_cannot_be_used(row: list[object], reason: str) -> None:
    """A row that says too little, too much or nonsense is refused by its number."""
    header = [("cidr", "string"), *HEADER[1:]]
    with pytest.raises(InputError, match=reason):
        egress_of(table_of(EGRESS, header, [row]))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ([("cidr", "cidr")], "needs a column `public_ip`; it has `cidr`"),
        ([("public_ip", "string")], "needs a column `cidr` or `hostname`; it has `public_ip`"),
        ([("cidr", "cidr[]"), ("public_ip", "string")], r"column `cidr` is of type cidr\[\], expected string or cidr"),
        ([("cidr", "cidr"), ("public_ip", "number")], "column `public_ip` is of type number"),
    ],
)
def test_columns(header: list[tuple[str, str]], reason: str) -> None:
    """A table with other columns is refused by the name of the one that is wrong."""
    with pytest.raises(InputError, match=reason):
        reserved_table({EGRESS: table_of(EGRESS, header, [])}, EGRESS)
