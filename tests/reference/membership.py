"""Membership in reference lists and data table columns."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from tests.reference import case, patterns
from tests.reference.context import ReferenceContext
from tests.reference.tables import column_values
from tests.reference.values import Scalar
from windshear.language.expressions import Membership

_COMMENT = re.compile(r"(?<!\\)//.*")


def is_member(value: Scalar, test: Membership, context: ReferenceContext) -> bool:
    """Whether a value is in the list or column that the test names."""
    entries: Sequence[Scalar]
    if test.column is None:
        entries = list_entries(context.lists[test.list_name])
    else:
        entries = column_values(context.tables[test.list_name], test.column)
    return any(fits(value, entry, test.kind, is_nocase=test.is_nocase) for entry in entries)


def list_entries(lines: object) -> list[str]:
    r"""Return the entries of a list text: `//` starts a comment, `\//` is two slashes, blank lines do not count."""
    assert isinstance(lines, list | tuple)
    stripped = [_COMMENT.sub("", str(line)).replace("\\//", "//").strip() for line in lines]
    return [line for line in stripped if line]


def fits(value: Scalar, entry: Scalar, kind: str, *, is_nocase: bool) -> bool:
    """Whether a value is an entry, or is matched by it if it is a pattern or a network."""
    match kind:
        case "regex" | "cidr" if entry == "":
            return False  # an empty cell holds no pattern and no range
        case "regex":
            return patterns.is_found(str(entry), str(value), is_nocase=is_nocase)
        case "cidr":
            return in_network(str(value), str(entry))
        case "number":
            return value == entry
        case _:
            return case.equal(str(value), str(entry), is_nocase=is_nocase)


def in_network(address: str, network: str) -> bool:
    """Whether an address lies in a network; unreadable addresses and the other family never do, nor does nothing."""
    if "%" in address or not network:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    block = ipaddress.ip_network(network, strict=False)
    return parsed.version == block.version and parsed in block
