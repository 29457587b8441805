r"""Reference lists: named lines of text against which rules test values.

A list is one entry per line. `//` starts a comment, `\//` stands for two slashes, blank lines do not count. What an
entry means (text, RE2 pattern, network) is said by the rule that reads it; where the list itself names its type, the
two must fit.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import re2

from windshear.language import expressions as ex
from windshear.language.lists import TYPE_OF_KIND, ListType
from windshear.language.rule import CheckedRule

_COMMENT = re.compile(r"(?<!\\)//.*")


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """A list by name; `type` is None where only its lines are known."""

    name: str
    type: ListType | None
    entries: tuple[str, ...]


def parse_entries(lines: Iterable[str]) -> tuple[str, ...]:
    r"""Return the entries of a list's lines.

    >>> parse_entries(["root // the superuser", "", r"C:\//share"])
    ('root', 'C://share')
    """
    stripped = (_COMMENT.sub("", line).replace("\\//", "//").strip() for line in lines)
    return tuple(entry for entry in stripped if entry)


def lists_problem(rule: CheckedRule, lists: Mapping[str, ReferenceList]) -> str | None:
    """Return why a rule cannot be evaluated with these lists, or None."""
    for test in _tests(rule):
        found = lists.get(test.list_name)
        if found is None:
            return f"reference list `%{test.list_name}` is missing"
        wanted = TYPE_OF_KIND[test.kind]
        if found.type is not None and found.type != wanted:
            return f"reference list `%{test.list_name}` is of type {found.type}, the rule reads it as {wanted}"
        for entry in found.entries:
            if problem := _entry_problem(entry, wanted):
                return f"reference list `%{test.list_name}`: {problem}"
    return None


def lists_read(rule: CheckedRule) -> tuple[str, ...]:
    """Return the names of the reference lists that a rule looks values up in."""
    return tuple(dict.fromkeys(test.list_name for test in _tests(rule)))


def _tests(rule: CheckedRule) -> Iterable[ex.Membership]:
    for root in rule.row_expressions:
        for node in ex.walk(root):
            if isinstance(node, ex.Membership) and node.column is None:
                yield node


def _entry_problem(entry: str, wanted: ListType) -> str | None:
    if wanted == "REGEX":
        options = re2.Options()
        options.log_errors = False
        try:
            re2.compile(entry, options)
        except re2.error as error:
            return f"`{entry}` is not a pattern of RE2: {error.args[0] if error.args else error}"
    if wanted == "CIDR":
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return f"`{entry}` is neither a network nor an address"
    return None
