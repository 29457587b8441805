"""A writer of small MMDB files, from the published description of the format: enough to have some to read.

https://maxmind.github.io/MaxMind-DB/ has it: a binary tree over the bits of addresses, whose leaves point to records in
a data section, and metadata behind a marker. Only what tests need is written: 24 bits per pointer, no sharing of data.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MARKER = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = bytes(16)
_MAP, _TEXT, _DOUBLE, _UINT16, _UINT32, _UINT64, _ARRAY, _BOOL = 7, 2, 3, 5, 6, 9, 11, 14


@dataclass(frozen=True)
class _Number:
    """A whole number of a certain type: readers are strict about those of the metadata."""

    kind: int
    value: int


Node = list["Node | int | None"]


def write_mmdb(path: Path, networks: Mapping[str, object], version: int = 6) -> Path:
    """Write a file that has a record for each of some networks, which must not overlap; return its path."""
    data, places = bytearray(), {}
    for network, record in networks.items():
        places[network] = len(data)
        data += _value(record)
    root: Node = [None, None]
    for network, place in places.items():
        _insert(root, _bits(network, version), place)
    nodes = _numbered(root)
    tree = b"".join(_pointer(child, nodes) for node in nodes.values() for child in node[1])
    metadata = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": _Number(_UINT64, 1_700_000_000),
        "database_type": "Test",
        "description": {"en": "written by a test"},
        "ip_version": version,
        "languages": ["en"],
        "node_count": _Number(_UINT32, len(nodes)),
        "record_size": 24,
    }
    path.write_bytes(tree + _SEPARATOR + bytes(data) + _MARKER + _value(metadata))
    return path


def _bits(network: str, version: int) -> str:
    parsed = ipaddress.ip_network(network)
    bits = format(int(parsed.network_address), f"0{parsed.max_prefixlen}b")[: parsed.prefixlen]
    return "0" * 96 + bits if version == 6 and parsed.version == 4 else bits


def _insert(root: Node, bits: str, place: int) -> None:
    node = root
    for bit in bits[:-1]:
        child = node[int(bit)]
        if not isinstance(child, list):
            child = node[int(bit)] = [None, None]
        node = child
    node[int(bits[-1])] = place


def _numbered(root: Node) -> dict[int, tuple[int, Node]]:
    """Give each node its number, by the object that it is."""
    nodes: dict[int, tuple[int, Node]] = {}
    waiting = [root]
    for node in waiting:
        nodes[id(node)] = (len(nodes), node)
        waiting += [child for child in node if isinstance(child, list)]
    return nodes


def _pointer(child: Node | int | None, nodes: Mapping[int, tuple[int, Node]]) -> bytes:
    count = len(nodes)
    if isinstance(child, list):
        number = nodes[id(child)][0]
    else:
        number = count if child is None else count + len(_SEPARATOR) + child
    return number.to_bytes(3, "big")


def _value(value: object) -> bytes:
    match value:
        case bool():
            return _control(_BOOL, int(value))
        case int():
            return _value(_Number(_UINT16 if value < 1 << 16 else _UINT32, value))
        case _Number(kind, number):
            content = number.to_bytes(8, "big").lstrip(b"\0")
            return _control(kind, len(content)) + content
        case float():
            return _control(_DOUBLE, 8) + struct.pack(">d", value)
        case str():
            content = value.encode()
            return _control(_TEXT, len(content)) + content
        case list():
            return _control(_ARRAY, len(value)) + b"".join(map(_value, value))
        case dict():
            inner = b"".join(_value(key) + _value(member) for key, member in value.items())
            return _control(_MAP, len(value)) + inner
        case _:
            raise TypeError(f"no MMDB value: {value!r}")


def _control(kind: int, size: int) -> bytes:
    """Return the bytes that announce a value: its type, above 7 in a byte of its own, and its size."""
    extended = b"" if kind <= 7 else bytes([kind - 7])
    first = kind << 5 if kind <= 7 else 0
    if size < 29:
        return bytes([first | size]) + extended
    if size < 285:
        return bytes([first | 29]) + extended + bytes([size - 29])
    return bytes([first | 30]) + extended + (size - 285).to_bytes(2, "big")
