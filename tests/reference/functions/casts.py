"""`cast.*` and `bytes.*`."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping

from tests.reference.functions.strings import printed
from tests.reference.values import Value, text

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def to_float(value: Value) -> float:
    """Read a number from text; 0 if it is none."""
    if not isinstance(value, str):
        return float(value) if isinstance(value, int | float) else 0.0
    return float(value) if _NUMBER.fullmatch(value) else 0.0


def text_of_bytes(value: Value, default: Value = "") -> str:
    """Return bytes, which travel as base64, as text; bytes that are no UTF-8 give the default."""
    try:
        return base64.b64decode(text(value)).decode()
    except UnicodeDecodeError:
        return text(default)


def _as_int(value: Value) -> int:
    """Read a whole number: decimals are cut; what does not fit a signed 64-bit integer is unreadable."""
    if isinstance(value, str):
        if re.fullmatch(r"[+-]?[0-9]+", value):
            found = int(value)
        else:
            number = to_float(value)
            found = math.trunc(number) if math.isfinite(number) else 0
    else:
        found = math.trunc(value) if isinstance(value, int | float) else 0
    return found if -(2**63) <= found < 2**63 else 0


def _as_float(value: Value) -> float:
    number = to_float(value)
    return number if math.isfinite(number) else 0.0


def _as_bool(value: Value) -> bool:
    if isinstance(value, str):
        return value.lower() == "true"
    return value is True or (isinstance(value, int) and value == 1)


def _as_string(value: Value, _default: Value = "") -> str:
    return printed(value)


def _to_base64(value: Value, default: Value = "") -> str:
    return text(value) or text(default)


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "bytes.to_base64": _to_base64,
    "cast.as_bool": _as_bool,
    "cast.as_float": _as_float,
    "cast.as_int": _as_int,
    "cast.as_string": _as_string,
}
