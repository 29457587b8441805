"""The host part of a URL."""

from __future__ import annotations

import re

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
