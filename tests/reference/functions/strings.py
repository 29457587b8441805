"""`strings.*`."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from urllib.parse import unquote_to_bytes

from tests.reference import case
from tests.reference.functions.hosts import extract_domain, extract_hostname
from tests.reference.values import Value, text

_DECIMALS = 16


def without_case(value: Value) -> Value:
    """Return text in lower case, anything else as it is."""
    return case.lower(value) if isinstance(value, str) else value


def printed(value: Value) -> str:
    """Return a value as `strings.concat` writes it: whole floats as integers, others with at most 16 decimals."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if math.isfinite(value) and value == int(value):
            return str(int(value))
        case float() if math.isfinite(value):
            shortest = repr(value)
            if "e" in shortest or len(shortest.partition(".")[2]) > _DECIMALS:
                shortest = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
            return shortest
        case _:
            return str(value)


def _base64_decode(value: Value) -> str:
    try:
        return base64.b64decode(text(value), validate=True).decode()
    except (binascii.Error, ValueError):
        return text(value)


def _from_base64(value: Value) -> str:
    try:
        decoded = base64.b64decode(text(value), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(decoded).decode()


def _from_hex(value: Value) -> str:
    try:
        decoded = binascii.unhexlify(text(value))
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(decoded).decode()


def _coalesce(*values: Value) -> str:
    return next((text(value) for value in values if value != ""), "")


def _concat(*values: Value) -> str:
    return "".join(printed(value) for value in values)


def _contains(value: Value, part: Value) -> bool:
    return text(part) in text(value)


def _count_substrings(value: Value, part: Value) -> int:
    return text(value).count(text(part)) if part else 0


def _starts_with(value: Value, part: Value) -> bool:
    return part != "" and text(value).startswith(text(part))


def _ends_with(value: Value, part: Value) -> bool:
    return part != "" and text(value).endswith(text(part))


def _trim(value: Value, cut: Value) -> str:
    return text(value).strip(text(cut)) if cut else text(value)


def _ltrim(value: Value, cut: Value) -> str:
    return text(value).lstrip(text(cut)) if cut else text(value)


def _rtrim(value: Value, cut: Value) -> str:
    return text(value).rstrip(text(cut)) if cut else text(value)


def _reverse(value: Value) -> str:
    return text(value)[::-1]


def _split(value: Value, delimiter: Value = ",") -> Value:
    return list(text(value).split(text(delimiter))) if delimiter else list(text(value))


def _to_lower(value: Value) -> str:
    return case.lower(text(value))


def _to_upper(value: Value) -> str:
    return case.upper(text(value))


def _url_decode(value: Value) -> str:
    """Decode percent signs; one without two hexadecimal digits, or bytes that are no UTF-8, spoil the whole text."""
    given = text(value)
    for piece in given.split("%")[1:]:
        if len(piece) < 2 or not all(digit in "0123456789abcdefABCDEF" for digit in piece[:2]):
            return ""
    try:
        return unquote_to_bytes(given).decode()
    except UnicodeDecodeError:
        return ""


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "strings.base64_decode": _base64_decode,
    "strings.coalesce": _coalesce,
    "strings.concat": _concat,
    "strings.contains": _contains,
    "strings.count_substrings": _count_substrings,
    "strings.ends_with": _ends_with,
    "strings.extract_domain": extract_domain,
    "strings.extract_hostname": extract_hostname,
    "strings.from_base64": _from_base64,
    "strings.from_hex": _from_hex,
    "strings.ltrim": _ltrim,
    "strings.reverse": _reverse,
    "strings.rtrim": _rtrim,
    "strings.split": _split,
    "strings.starts_with": _starts_with,
    "strings.to_lower": _to_lower,
    "strings.to_upper": _to_upper,
    "strings.trim": _trim,
    "strings.url_decode": _url_decode,
}
