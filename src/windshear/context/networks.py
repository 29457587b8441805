"""Networks, and which of them is the smallest that holds an address: all addresses of a batch are found together."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_KEY_BYTES = 17  # the version, then the address, of version 4 with zeros behind it
_BITS = 128
_KEY_TYPE = f"S{_KEY_BYTES}"


class RepeatedNetworkError(ValueError):
    """A network that is there twice: `first` and `second` are the places of both."""

    def __init__(self, network: Network, first: int, second: int) -> None:
        """Say which."""
        super().__init__(f"network {network} is given twice")
        self.first, self.second = sorted((first, second))


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks by their place in a list, cut into ranges that do not overlap: where each begins, and whose it is."""

    _starts: npt.NDArray[np.bytes_]
    _places: Rows

    @classmethod
    def of(cls, networks: Sequence[Network]) -> Networks:
        """Prepare to find addresses in some networks; `RepeatedNetworkError` if two are the same."""
        starts: list[bytes] = []
        places: list[int] = []
        for start, place in _ranges(networks):
            key = start.to_bytes(_KEY_BYTES, "big")
            if starts and starts[-1] == key:
                places[-1] = place
            else:
                starts.append(key)
                places.append(place)
        return cls(np.array(starts, _KEY_TYPE), np.array(places, np.int64))

    def find(self, addresses: Iterable[str]) -> Rows:
        """Return for each address the place of the smallest network that holds it, -1 if there is none."""
        keys = np.array([_key(address) for address in addresses], _KEY_TYPE)
        before = np.searchsorted(self._starts, keys, "right") - 1
        return np.where(before >= 0, self._places[before], -1) if len(self._places) else np.full(len(keys), -1)


def _ranges(networks: Sequence[Network]) -> Iterator[tuple[int, int]]:
    """Yield where something changes and the place that counts from there on; of one start the last counts."""
    around: list[tuple[int, int]] = []  # end and place of the networks that are open, the smallest last
    last = None
    for start, end, place in sorted(_bounds(networks), key=lambda bounds: (bounds[0], -bounds[1])):
        if last is not None and last[:2] == (start, end):
            raise RepeatedNetworkError(networks[place], last[2], place)
        last = (start, end, place)
        yield from _closed(around, start)
        yield start, place
        around.append((end, place))
    yield from _closed(around, None)


def _closed(around: list[tuple[int, int]], start: int | None) -> Iterator[tuple[int, int]]:
    while around and (start is None or around[-1][0] <= start):
        end, _ = around.pop()
        yield end, around[-1][1] if around else -1


def _bounds(networks: Sequence[Network]) -> Iterator[tuple[int, int, int]]:
    for place, network in enumerate(networks):
        shift = _BITS - network.max_prefixlen
        start = (network.version << _BITS) | (int(network.network_address) << shift)
        yield start, start + (1 << (_BITS - network.prefixlen)), place


def _key(text: str) -> bytes:
    """Return the key of an address, one before all networks if the text is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return b""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return bytes([address.version]) + address.packed
