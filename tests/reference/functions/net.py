"""`net.*`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.reference.membership import in_network
from tests.reference.values import Value, text


def _ip_in_range_cidr(address: Value, network: Value) -> bool:
    return in_network(text(address), text(network))


FUNCTIONS: Mapping[str, Callable[..., Value]] = {"net.ip_in_range_cidr": _ip_in_range_cidr}
