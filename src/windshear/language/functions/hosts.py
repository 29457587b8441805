"""Host names in URLs, and the part of a host name that somebody registered."""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass
from importlib import resources

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*:)?//")
_END_OF_AUTHORITY = re.compile(r"[/?#]")
_PUNYCODE = "xn--"
_ENDS_OF_ADDRESSES = frozenset("0123456789abcdefABCDEF:]")
_LONGEST_NAME = 253  # characters, of a name in DNS


def hostname(url: str) -> str:
    """Return the host as written; scheme, user, port, path, query and fragment are cut off.

    >>> hostname("https://user@a.example.com:8443/p?q")
    'a.example.com'
    """
    rest = url.strip()
    scheme = _SCHEME.match(rest)
    if scheme:
        rest = rest[scheme.end() :]
    authority = _END_OF_AUTHORITY.split(rest, maxsplit=1)[0]
    if scheme:
        authority = authority.rpartition("@")[2]
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]


def registrable_domain(host: str) -> str:
    """Return the public suffix of a host name with the label before it, as written; "" if there is none.

    >>> registrable_domain("a.b.Example.co.uk")
    'Example.co.uk'
    """
    return _remembered_domain(host) if len(host) <= _LONGEST_NAME else _domain(host)


@functools.lru_cache(maxsize=32768)
def _remembered_domain(host: str) -> str:
    """Return the domain of a host of usual length; logs name few hosts, each often."""
    return _domain(host)


def _domain(host: str) -> str:
    labels = host.removesuffix(".").split(".")
    if not all(labels) or _is_address(host):
        return ""
    size = _suffixes().size([_comparable(label) for label in labels]) + 1
    return ".".join(labels[-size:]) if size <= len(labels) else ""


@dataclass(frozen=True, slots=True)
class _Suffixes:
    """The rules of the list: a wildcard stands for any one label, an exception is no suffix in spite of one."""

    plain: frozenset[str]
    wildcards: frozenset[str]
    exceptions: frozenset[str]

    def size(self, labels: list[str]) -> int:
        """Return the number of labels of the longest suffix; the last label always is one."""
        for start in range(len(labels)):
            tail = ".".join(labels[start:])
            if tail in self.exceptions:
                return len(labels) - start - 1
            parent = ".".join(labels[start + 1 :])
            if tail in self.plain or parent in self.wildcards:
                return len(labels) - start
        return 1


@functools.cache
def _suffixes() -> _Suffixes:
    """Read the list, made from the Public Suffix List, on the first use."""
    text = resources.files("windshear.language.functions").joinpath("public_suffixes.txt").read_text(encoding="utf-8")
    rules = [line for line in text.splitlines() if line and not line.startswith("//")]
    return _Suffixes(
        frozenset(rule for rule in rules if rule[0] not in "!*"),
        frozenset(rule.removeprefix("*.") for rule in rules if rule.startswith("*.")),
        frozenset(rule.removeprefix("!") for rule in rules if rule.startswith("!")),
    )


def _comparable(label: str) -> str:
    """Return a label in the form in which the list has it: lower case, written out."""
    lowered = label.lower()
    if not lowered.startswith(_PUNYCODE):
        return lowered
    try:
        return lowered.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
    except UnicodeError:
        return lowered


def _is_address(host: str) -> bool:
    if host[-1] not in _ENDS_OF_ADDRESSES:
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
