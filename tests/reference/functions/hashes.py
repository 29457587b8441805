"""`hash.*`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from tests.reference.values import Value, text


def _sha256(value: Value) -> str:
    return hashlib.sha256(text(value).encode()).hexdigest()


FUNCTIONS: Mapping[str, Callable[..., Value]] = {"hash.sha256": _sha256}
