"""Membership in reference lists and data table columns."""

from __future__ import annotations

import ipaddress
import re

from tests.reference import case, patterns
from tests.reference.context import ReferenceContext
from tests.reference.values import Scalar
from windshear.language.expressions import Membership

_COMMENT = re.compile(r"(?<!\\)//.*")


def is_member(value: Scalar, test: Membership, context: ReferenceContext) -> bool:
    """Whether a value is in the list or column that the test names."""
    kind: str = test.kind
    if test.column is None:
        entries = list_entries(context.lists[test.list_name])
    else:
        table = context.tables[test.list_name]
        position = list(table.columns).index(test.column)
        entries = [row[position] for row in table.rows]
        if kind == "string":  # the keyword may be left out where the column has a type
            kind = table.columns[test.column]
    return any(_fits(value, entry, kind, is_nocase=test.is_nocase) for entry in entries)


def list_entries(lines: object) -> list[str]:
    r"""Return the entries of a list text: `//` starts a comment, `\//` is two slashes, blank lines do not count."""
    assert isinstance(lines, list | tuple)
    stripped = [_COMMENT.sub("", str(line)).replace("\\//", "//").strip() for line in lines]
    return [line for line in stripped if line]


def in_network(address: str, network: str) -> bool:
    """Whether an address lies in a network; unreadable addresses and the other family never do."""
    if "%" in address:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    block = ipaddress.ip_network(network, strict=False)
    return parsed.version == block.version and parsed in block


def _fits(value: Scalar, entry: str, kind: str, *, is_nocase: bool) -> bool:
    match kind:
        case "regex":
            return patterns.is_found(entry, str(value), is_nocase=is_nocase)
        case "cidr":
            return in_network(str(value), entry)
        case _ if isinstance(value, str):
            return case.equal(value, entry, is_nocase=is_nocase)
        case _:
            return float(value) == float(entry)
