r"""Identifiers of users: what form a text has, and the key under which it is looked up.

Logs name one person as `CORP\sam`, by SID, mail address, object id, role session, or bare account name. Forms differ
in what they prove: an address, a SID or an account of a named domain belongs to one account in the world, a bare name
to one on every host. All are compared without regard to case, as Windows and the cloud directories do.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from typing import Literal

# `bare`: a name that says nothing of where it is one. `other`: nothing that we know the form of.
Form = Literal["sid", "guid", "mail", "domain", "bare", "other"]

_LONGEST = 512  # characters; no identifier is longer
# Names of a session or a subject, which whoever gave out the credential took from the person.
_SESSION = re.compile(
    r"(?i)arn:[\w-]*:sts::\d*:(?:assumed-role/.*/|federated-user/)([^/]+)"  # ARN of an AWS session
    r"|a[rip][a-z0-9]{14,}:([^:]+)"  # AWS principal id: id of the role, then the session
    r"|principal://iam\.googleapis\.com/.*/subject/([^/]+)"  # a workforce identity of Google Cloud
    r"|user:([^:]+)"  # a member in IAM policies of Google Cloud
)
_SID = re.compile(r"(?i)s-1-5-21(?:-\d+){4}")
_ENTRA_SID = re.compile(r"(?i)s-1-12-1-(\d+)-(\d+)-(\d+)-(\d+)")
_GUID = re.compile(r"(?i)\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?")
_MAIL = re.compile(r"[^@\s\\]+@[^@\s\\]+")
_DOMAIN = re.compile(r"([^\\/@\s][^\\/@]*)\\([^\\/@\s][^\\/@]*)")
_BARE = re.compile(r"[^\s\\/@:]+")


@dataclass(frozen=True, slots=True)
class Identifier:
    """The form of a text, and its key. is_whole: the key is all of the text, not the name of a session in it."""

    form: Form
    key: str
    is_whole: bool = True

    @property
    def is_strong(self) -> bool:
        """Whether it belongs to one account only, wherever it is said."""
        return self.form not in ("bare", "other")


def identifier(text: str) -> Identifier | None:
    r"""Return what a text identifies; None if it is empty or too long.

    >>> identifier("arn:aws:sts::123456789012:assumed-role/Admin/Ann@corp.example")
    Identifier(form='mail', key='ann@corp.example', is_whole=False)
    >>> identifier("CORP\\ann")
    Identifier(form='domain', key='corp\\ann', is_whole=True)
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if session := _SESSION.fullmatch(text):
        name = next(part for part in session.groups() if part is not None)
        return replace(_named(name.strip().casefold()), is_whole=False)
    return _named(text.casefold())


def _named(key: str) -> Identifier:
    if _SID.fullmatch(key):
        return Identifier("sid", key)
    if entra := _ENTRA_SID.fullmatch(key):
        return _of_entra_sid(key, [int(part) for part in entra.groups()])
    if guid := _GUID.fullmatch(key):
        return Identifier("guid", guid[1])
    if _MAIL.fullmatch(key):
        return Identifier("mail", key)
    if _DOMAIN.fullmatch(key):
        return Identifier("domain", key)
    return Identifier("bare" if _BARE.fullmatch(key) else "other", key)


def account_key(domain: str, name: str) -> str:
    r"""Return the key of an account of a domain.

    >>> account_key("CORP", "Ann")
    'corp\\ann'
    """
    return f"{domain.strip()}\\{name.strip()}".casefold()


def text_key(text: str) -> str:
    """Return the key of a text as a whole, whatever its form."""
    return "text:" + text.strip().casefold()


def product_key(text: str) -> str:
    """Return the key of an id that only its product knows the form of."""
    return "id:" + text.strip().casefold()


def _of_entra_sid(key: str, parts: list[int]) -> Identifier:
    """Return the object id that such a SID is made of: its four numbers are the id's sixteen bytes."""
    if any(part >= 2**32 for part in parts):
        return Identifier("other", key)
    content = b"".join(part.to_bytes(4, "little") for part in parts)
    return Identifier("guid", str(uuid.UUID(bytes_le=content)))
