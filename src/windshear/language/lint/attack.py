"""The words of MITRE ATT&CK that rules name: identifiers and tactics."""

from __future__ import annotations

import re
from collections.abc import Iterator

TACTICS = frozenset(
    {
        "reconnaissance",
        "resource development",
        "initial access",
        "execution",
        "persistence",
        "privilege escalation",
        "defense evasion",
        "stealth",
        "defense impairment",
        "impair defenses",
        "credential access",
        "discovery",
        "lateral movement",
        "collection",
        "command and control",
        "exfiltration",
        "impact",
        # Industrial control systems and mobile devices:
        "evasion",
        "inhibit response function",
        "impair process control",
        "network effects",
        "remote service effects",
    }
)
_LOOKS_LIKE_ID = re.compile(r"(?i)^t(?:a)?[ _.-]?\d[\w.-]*$")
_ID = re.compile(r"^(?:T\d{4}(?:\.\d{3})?|TA\d{4})$")
_TECHNIQUE_ANYWHERE = re.compile(r"(?<![A-Za-z0-9])[Tt]\d{4}(?![0-9])")
_BETWEEN_WORDS = re.compile(r"[,;|]|\s+-\s+")


def words(value: str) -> Iterator[str]:
    """Yield the entries of a meta value that lists some.

    >>> list(words("T1021.007, T1078.004"))
    ['T1021.007', 'T1078.004']
    """
    for part in _BETWEEN_WORDS.split(value):
        if word := part.strip():
            yield word


def is_malformed(word: str) -> bool:
    """Whether a word is meant as an ATT&CK identifier and is not written as one.

    >>> is_malformed("T1021.7"), is_malformed("t1078"), is_malformed("T1078"), is_malformed("Token theft")
    (True, True, False, False)
    """
    return _LOOKS_LIKE_ID.match(word) is not None and _ID.match(word) is None


def names_technique(value: str) -> bool:
    """Whether a text names a technique by its identifier, on its own or in an address."""
    return _TECHNIQUE_ANYWHERE.search(value) is not None
