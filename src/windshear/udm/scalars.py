"""Scalars of proto-JSON: one raw JSON value to one canonical value, or why it is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from windshear.udm.schema import DURATION, TIMESTAMP, UdmField, enumeration
from windshear.udm.well_known import (
    MAX_DURATION_SECONDS,
    MAX_SECONDS,
    MIN_SECONDS,
    parse_duration,
    parse_timestamp,
    standard_base64,
)

RefusalKind = Literal["wrong-type", "out-of-range", "unknown-enum-member", "bad-time", "bad-base64"]
Scalar = str | int | float | bool

_INTEGER = re.compile(r"-?[0-9]{1,20}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?")
_INTEGER_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_FLOAT_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LARGEST = {"float": 3.4028234663852886e38, "double": 1.7976931348623157e308}
_LARGEST_NANOS = 999_999_999


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a raw value is left out."""

    kind: RefusalKind


_WRONG_TYPE = Refusal("wrong-type")
_OUT_OF_RANGE = Refusal("out-of-range")
_BAD_TIME = Refusal("bad-time")


def read_scalar(field: UdmField, raw: object) -> Scalar | Refusal:
    """Return the canonical value of a scalar or enum field."""
    return _READERS[field.type](field, raw)


def read_time(type_name: str, raw: object) -> dict[str, object] | Refusal:
    """Return a Timestamp or Duration, written as text or as an object, as `seconds` and `nanos`."""
    if isinstance(raw, dict):
        pair = _time_parts(type_name, raw)
    elif isinstance(raw, str):
        pair = parse_timestamp(raw) if type_name == TIMESTAMP else parse_duration(raw)
    else:
        return _WRONG_TYPE
    return _BAD_TIME if pair is None else {"seconds": pair[0], "nanos": pair[1]}


def clean_text(text: str) -> str:
    """Return text that UTF-8 can carry: half of a surrogate pair becomes the replacement character."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _time_parts(type_name: str, raw: dict[object, object]) -> tuple[int, int] | None:
    seconds, nanos = (_integer_in(raw.get(part, 0), "int64") for part in ("seconds", "nanos"))
    if isinstance(seconds, Refusal) or isinstance(nanos, Refusal):
        return None
    if type_name == DURATION:
        is_valid = abs(seconds) <= MAX_DURATION_SECONDS and abs(nanos) <= _LARGEST_NANOS and seconds * nanos >= 0
    else:
        is_valid = MIN_SECONDS <= seconds <= MAX_SECONDS and 0 <= nanos <= _LARGEST_NANOS
    return (seconds, nanos) if is_valid else None


def _text(_field: UdmField, raw: object) -> Scalar | Refusal:
    return clean_text(raw) if isinstance(raw, str) else _WRONG_TYPE


def _bytes(_field: UdmField, raw: object) -> Scalar | Refusal:
    if not isinstance(raw, str):
        return _WRONG_TYPE
    standard = standard_base64(raw)
    return Refusal("bad-base64") if standard is None else standard


def _bool(_field: UdmField, raw: object) -> Scalar | Refusal:
    return raw if isinstance(raw, bool) else _WRONG_TYPE


def _integer(field: UdmField, raw: object) -> Scalar | Refusal:
    return _integer_in(raw, field.type)


def _integer_in(raw: object, type_name: str) -> int | Refusal:
    if isinstance(raw, str) and _INTEGER.fullmatch(raw):
        value = int(raw)
    elif isinstance(raw, bool):
        return _WRONG_TYPE
    elif isinstance(raw, int):
        value = raw
    elif isinstance(raw, float) and raw.is_integer():
        value = int(raw)
    else:
        return _WRONG_TYPE
    low, high = _INTEGER_RANGES[type_name]
    return value if low <= value <= high else _OUT_OF_RANGE


def _float(field: UdmField, raw: object) -> Scalar | Refusal:
    if isinstance(raw, str):
        if raw in _FLOAT_WORDS:
            return _FLOAT_WORDS[raw]
        if not _NUMBER.fullmatch(raw):
            return _WRONG_TYPE
        raw = float(raw)
    elif isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return _WRONG_TYPE
    elif isinstance(raw, float) and not math.isfinite(raw):
        return raw
    return float(raw) if abs(raw) <= _LARGEST[field.type] else _OUT_OF_RANGE


def _enum(field: UdmField, raw: object) -> Scalar | Refusal:
    known = enumeration(field.ref or "")
    if isinstance(raw, str) and raw in known.members:
        return raw
    number = _integer_in(raw, "int32")
    if isinstance(number, Refusal):
        return Refusal("unknown-enum-member") if isinstance(raw, str) else number
    member = known.by_number.get(number)
    return Refusal("unknown-enum-member") if member is None else member


_READERS: dict[str, Callable[[UdmField, object], Scalar | Refusal]] = {
    "string": _text,
    "bytes": _bytes,
    "bool": _bool,
    "int32": _integer,
    "int64": _integer,
    "uint32": _integer,
    "uint64": _integer,
    "float": _float,
    "double": _float,
    "enum": _enum,
}
