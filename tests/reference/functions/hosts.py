"""The host part of a URL, and the domain in it that somebody could register."""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from importlib import resources

from tests.reference.values import Value, text

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*:)?//")


def extract_hostname(url: Value) -> str:
    """Return the host as written, without checking that it is one: no scheme, user, port, path, query or fragment."""
    rest = text(url).strip()
    scheme = _SCHEME.match(rest)
    if scheme:
        rest = rest[scheme.end() :]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme:
        authority = authority.rpartition("@")[2]
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]


def extract_domain(url: Value) -> str:
    """Return the registrable domain of a URL's host by the public suffix list, as written; empty if there is none."""
    host = extract_hostname(url)
    labels = host.removesuffix(".").split(".")
    if "" in labels or _is_address(host):
        return ""
    size = _suffix_size([_written_out(label) for label in labels]) + 1
    return ".".join(labels[-size:]) if size <= len(labels) else ""


def _suffix_size(labels: list[str]) -> int:
    """Return how many labels the prevailing rule of the list covers: an exception, else the longest, else one."""
    fitting = [rule for rule in _rules() if _fits(rule.removeprefix("!").split("."), labels)]
    exceptions = [rule for rule in fitting if rule.startswith("!")]
    if exceptions:
        return exceptions[0].count(".")
    return max((rule.count(".") + 1 for rule in fitting), default=1)


def _fits(rule: list[str], labels: list[str]) -> bool:
    if len(rule) > len(labels):
        return False
    return all(part in ("*", label) for part, label in zip(rule[::-1], labels[::-1], strict=False))


@cache
def _rules() -> tuple[str, ...]:
    """Read the list itself, which is data that both sides share."""
    text = resources.files("windshear.language.functions").joinpath("public_suffixes.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("//"))


def _written_out(label: str) -> str:
    lowered = label.lower()
    if not lowered.startswith("xn--"):
        return lowered
    try:
        return lowered.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return lowered


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
