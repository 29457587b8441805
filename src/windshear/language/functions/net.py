"""`net.*`: IP addresses."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language import expressions as ex
from windshear.language.functions.function import Example, Function, Kernel, Parameter
from windshear.language.functions.parameters import text
from windshear.language.types import BOOL, Kind

_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}"


def _in_network(addresses: Sequence[str], networks: Sequence[str]) -> list[bool]:
    """Test addresses against ranges of either family; what is no address, or no range, is not inside."""
    return [_is_inside(address, network) for address, network in zip(addresses, networks, strict=True)]


@functools.lru_cache(maxsize=65536)
def _is_inside(address: str, network: str) -> bool:
    try:
        inside = ipaddress.ip_address(address)
        return "%" not in address and inside in _network(network)
    except ValueError:
        return False


@functools.lru_cache(maxsize=4096)
def _network(network: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(network, strict=False)


IN_NETWORK = Kernel("windshear_ip_in_range", ("VARCHAR", "VARCHAR"), "BOOLEAN", _in_network)


def _ip_in_range_cidr(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    network = call.arguments[1]
    if not isinstance(network, ex.Literal):
        raise TypeError("the address range is a literal")
    return in_network(arguments[0], str(network.value))


def in_network(address: Sql, network: str) -> Sql:
    """Test whether an address text lies in a constant range; the two families never match each other."""
    bounds = ipaddress.ip_network(network, strict=False)
    if isinstance(bounds, ipaddress.IPv6Network):
        return sql.call(IN_NETWORK.name, address, sql.text(network))
    value = _ipv4_number(address)
    first, last = int(bounds.network_address), int(bounds.broadcast_address)
    is_inside = sql.all_of([sql.binary(">=", value, sql.integer(first)), sql.binary("<=", value, sql.integer(last))])
    is_ipv4 = sql.call("regexp_full_match", address, sql.text(_IPV4))
    return sql.case(is_ipv4, is_inside, sql.FALSE)


def _ipv4_number(address: Sql) -> Sql:
    """Return the 32 bits of a dotted address."""
    total: Sql | None = None
    for position, weight in ((1, 1 << 24), (2, 1 << 16), (3, 1 << 8), (4, 1)):
        part = sql.call("split_part", address, sql.text("."), sql.integer(position))
        number = sql.coalesce(sql.try_cast(part, "BIGINT"), sql.integer(0))  # SQL may also evaluate it for other texts
        weighted = sql.binary("*", number, sql.integer(weight))
        total = weighted if total is None else sql.binary("+", total, weighted)
    return total if total is not None else sql.integer(0)


FUNCTIONS = (
    Function(
        "net.ip_in_range_cidr",
        (text("address"), Parameter("range", (Kind.STRING,), is_constant=True, holds="network")),
        BOOL,
        "Tell whether an address lies in a range. IPv4 and IPv6 never match each other; a text that is no address "
        "lies in no range.",
        (
            Example('net.ip_in_range_cidr("192.0.2.9", "192.0.2.0/24")', result=True),
            Example('net.ip_in_range_cidr("192.0.3.9", "192.0.2.0/24")', result=False),
            Example('net.ip_in_range_cidr("192.0.2.9", "2001:db8::/32")', result=False),
            Example('net.ip_in_range_cidr("2001:DB8::1", "2001:db8::/32")', result=True),
            Example('net.ip_in_range_cidr("", "0.0.0.0/0")', result=False),
        ),
        _ip_in_range_cidr,
        kernels=(IN_NETWORK,),
    ),
)
