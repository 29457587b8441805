"""`hash.*` and `optimization.*`."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping

from tests.reference.values import Value, number, text
from windshear.language.types import Kind, Type


def content(value: Value, value_type: Type) -> bytes:
    """Return the bytes that a text or a bytes value stands for; bytes travel as base64."""
    if value_type.kind is not Kind.BYTES:
        return text(value).encode()
    try:
        return base64.b64decode(text(value), validate=True)
    except binascii.Error:
        return text(value).encode()


def low_half(hashed: bytes) -> int:
    """Return the second half of an MD5 digest as a number."""
    return int.from_bytes(hashlib.md5(hashed, usedforsecurity=False).digest()[8:], "little")


def _fingerprint(value: bytes) -> int:
    return max(low_half(value), 2)


def _sample_rate(value: bytes, numerator: Value, denominator: Value) -> bool:
    parts = int(number(denominator))
    return parts > 0 and _fingerprint(value) % parts < number(numerator)


def _sha256(value: Value) -> str:
    return hashlib.sha256(text(value).encode()).hexdigest()


FUNCTIONS: Mapping[str, Callable[..., Value]] = {"hash.sha256": _sha256}
OF_BYTES_TOO: Mapping[str, Callable[..., Value]] = {
    "hash.fingerprint2011": _fingerprint,
    "optimization.sample_rate": _sample_rate,
}
