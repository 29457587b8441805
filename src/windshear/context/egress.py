"""Egress: by which public addresses a host reaches the internet, from the data table `site_egress`.

A row is for a network (`cidr`) or for one host (`hostname`). Of networks the smallest that holds an address counts;
rows of one network are several addresses of one site.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from windshear.context.tables import DataTable
from windshear.core.errors import InputError

Addresses = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Egress:
    """Public addresses by host (in lower case) and by network: per version and prefix length, by its leading bits."""

    hosts: Mapping[str, Addresses]
    networks: Mapping[tuple[int, int], Mapping[int, Addresses]]

    def of_address(self, text: str) -> Addresses:
        """Return the public addresses of an address, none if it is in no network of the table."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return ()
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        for (kind, length), known in self.networks.items():
            if kind == address.version and (found := known.get(int(address) >> (address.max_prefixlen - length))):
                return found
        return ()

    def of_host(self, name: str) -> Addresses:
        """Return the public addresses of a host; a name in the table without a domain is that host in every one."""
        name = name.strip().lower().rstrip(".")
        return self.hosts.get(name) or self.hosts.get(name.partition(".")[0], ())


def egress_of(table: DataTable) -> Egress:
    """Read the table, whose columns are `cidr`, `public_ip` and, if it has rows for hosts, `hostname`.

    `InputError` says what is wrong with it.
    """
    hosts: dict[str, dict[str, None]] = {}
    networks: dict[tuple[int, int], dict[int, dict[str, None]]] = {}
    for row, (cidr, host, public) in enumerate(_rows(table), start=1):
        where = f"data table `{table.source}`, row {row}"
        addresses = dict.fromkeys(_address(text, where) for text in public if text.strip())
        if not addresses or bool(cidr) == bool(host):
            raise InputError(f"{where}: it needs a public_ip, and either a cidr or a hostname")
        if host:
            hosts.setdefault(host.lower().rstrip("."), {}).update(addresses)
            continue
        network = _network(cidr, where)
        leading = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
        known = networks.setdefault((network.version, network.prefixlen), {})
        known.setdefault(leading, {}).update(addresses)
    return Egress(
        {host: tuple(found) for host, found in hosts.items()},
        {
            key: {leading: tuple(found) for leading, found in networks[key].items()}
            for key in sorted(networks, reverse=True)
        },
    )


def _rows(table: DataTable) -> Iterator[tuple[str, str, list[str]]]:
    count = table.rows.num_rows
    cidr, host, public = (
        table.rows.column(name).to_pylist() if name in table.columns else [""] * count
        for name in ("cidr", "hostname", "public_ip")
    )
    for one, other, some in zip(cidr, host, public, strict=True):
        yield one.strip(), other.strip(), some if isinstance(some, list) else [some]


def _address(text: str, where: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise InputError(f"{where}, column `public_ip`: `{text}` is not an address") from None


def _network(text: str, where: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InputError(f"{where}, column `cidr`: `{text}` is neither a network nor an address") from None
