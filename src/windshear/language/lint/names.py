"""Which fields hold names of hosts and users, whose case products do not agree on."""

from __future__ import annotations

from windshear.language import expressions as ex

_NAMES = frozenset(
    {
        "hostname",
        "userid",
        "email_addresses",
        "administrative_domain",
        "asset.hostname",
        "domain.name",
        "network.email.from",
        "network.email.to",
        "dns.questions.name",
    }
)


def is_host_or_user(read: ex.Field) -> bool:
    """Whether a field holds the name of a host, a domain or a user."""
    if read.path.is_map:
        return False
    names = [step.name for step in read.path.steps]
    return names[-1] in _NAMES or ".".join(names[-2:]) in _NAMES or ".".join(names[-3:]) in _NAMES
