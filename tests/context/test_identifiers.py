"""Identifiers: the form and key of every way in which logs name a user."""

from __future__ import annotations

import uuid

import pytest

from windshear.context.identifiers import Form, Identifier, account_key, identifier

GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
ENTRA_SID = "S-1-12-1-" + "-".join(
    str(int.from_bytes(uuid.UUID(GUID).bytes_le[start : start + 4], "little")) for start in range(0, 16, 4)
)

WHOLE: list[tuple[str, Form, str]] = [
    ("Ann@Corp.Example", "mail", "ann@corp.example"),
    ("bob_other.example#EXT#@corp.onmicrosoft.example", "mail", "bob_other.example#ext#@corp.onmicrosoft.example"),
    ("S-1-5-21-1-2-3-1105", "sid", "s-1-5-21-1-2-3-1105"),
    (GUID.upper(), "guid", GUID),
    ("{" + GUID + "}", "guid", GUID),
    (ENTRA_SID, "guid", GUID),
    ("CORP\\Ann", "domain", "corp\\ann"),
    ("NT AUTHORITY\\SYSTEM", "domain", "nt authority\\system"),
    (" Ann ", "bare", "ann"),
    ("WS1$", "bare", "ws1$"),
    ("STRASSE", "bare", "strasse"),
    ("straße", "bare", "strasse"),
    ("S-1-5-18", "bare", "s-1-5-18"),
    ("S-1-12-1-4294967296-1-1-1", "other", "s-1-12-1-4294967296-1-1-1"),
    ("Ann Example", "other", "ann example"),
    ("arn:aws:iam::123456789012:user/ann", "other", "arn:aws:iam::123456789012:user/ann"),
    ("arn:aws:iam::123456789012:role/Admin", "other", "arn:aws:iam::123456789012:role/admin"),
    ("CORP\\dep\\ann", "other", "corp\\dep\\ann"),
    ("a@b@c", "other", "a@b@c"),
]
SESSIONS: list[tuple[str, Form, str]] = [
    ("arn:aws:sts::123456789012:assumed-role/Admin/ann@corp.example", "mail", "ann@corp.example"),
    ("arn:aws-cn:sts::123456789012:assumed-role/a/b/Admin/Ann", "bare", "ann"),
    ("arn:aws:sts::123456789012:federated-user/ann", "bare", "ann"),
    ("AROAEXAMPLEEXAMPLE:ann@corp.example", "mail", "ann@corp.example"),
    (
        "principal://iam.googleapis.com/locations/global/workforcePools/p/subject/ann@corp.example",
        "mail",
        "ann@corp.example",
    ),
    ("user:ann@corp.example", "mail", "ann@corp.example"),
]


@pytest.mark.parametrize(("text", "form", "key"), WHOLE)
def test_forms(text: str, form: Form, key: str) -> None:
    """Each form is told from the others, and its key has one spelling."""
    assert identifier(text) == Identifier(form, key)


@pytest.mark.parametrize(("text", "form", "key"), SESSIONS)
def test_names_inside_of_others(text: str, form: Form, key: str) -> None:
    """The name of a session or a subject is what counts."""
    assert identifier(text) == Identifier(form, key, is_whole=False)


@pytest.mark.parametrize("text", ["", "  ", "x" * 513])
def test_what_identifies_nobody(text: str) -> None:
    """Nothing, and what is too long to be a name."""
    assert identifier(text) is None


def test_accounts_beside_their_domain() -> None:
    """Name and domain in two fields are the same account as both in one."""
    account = identifier("CORP\\Ann")
    assert account is not None
    assert account_key(" Corp", "ANN ") == account.key
