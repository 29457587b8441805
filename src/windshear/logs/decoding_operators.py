"""What operators and methods of PowerShell make of texts that are written out: joined, replaced, turned round."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from windshear.logs.decoding_powershell import IN_LIST, ITEM, LIST, TEXT, as_one, has_variables, unquoted

if TYPE_CHECKING:
    from re import Match

_STRING = r"\[(?:system\.)?string\]::"
_ONE_LIST = rf"(?:@?\(\s*{LIST}\s*\)|{LIST})"
_JOINED = re2.compile(
    rf"(?i)-join\s*\(\s*({LIST})\s*\)|({_ONE_LIST})\s*-join\s*({TEXT})"
    rf"|{_STRING}(?:concat\s*\(\s*({LIST})\s*\)|join\s*\(\s*({TEXT})\s*,\s*({_ONE_LIST})\s*\))"
)
_REPLACED = re2.compile(
    rf"(?i)({ITEM})\s*(?:\.(replace)\s*\(\s*({TEXT})\s*,\s*({TEXT})\s*\)|-(c|i)?replace\s*({TEXT})\s*,\s*({TEXT}))"
)
_TURNED = re2.compile(rf"({ITEM})\s*\[\s*-1\s*\.\.\s*-\s*([0-9]{{1,6}})\s*\]")
_NO_PATTERN = re.compile(r"[\w\s-]+")
_MOST_GROWTH = 4  # what a join or a replacement makes is no longer than so many times what it is written with


def joining(text: str) -> str:
    """Join lists of texts that are written out.

    >>> joining("&(-join('Conn','ect-AzAccount'))"), joining("('Connect','AzAccount') -join '-'")
    ("&('Connect-AzAccount')", "'Connect-AzAccount'")
    >>> joining("[string]::Join('', ('az ', 'login'))")
    "'az login'"
    """
    if "join" not in text.lower() and "::" not in text:
        return text
    return str(_JOINED.sub(_joined, text))


def _joined(found: Match[str]) -> str:
    listed = found[1] or found[2] or found[4] or found[6]
    separator = found[3] or found[5] or "''"
    parts, between = IN_LIST.findall(listed), unquoted(separator)
    values = [unquoted(part) for part in parts]
    if _grows(found, len(between) * (len(values) - 1) + sum(map(len, values))):
        return str(found[0])
    return as_one([separator, *parts], [between.join(values)]) or str(found[0])


def replacing(text: str) -> str:
    """Replace in texts that are written out, where what is looked for is no pattern.

    >>> replacing("&('Connect-XxAccount'.Replace('Xx','Az'))"), replacing("'Xxx' -replace 'x','y'")
    ("&('Connect-AzAccount')", "'yyy'")
    >>> replacing("'a.b' -replace '.','c'")
    "'a.b' -replace '.','c'"
    """
    return str(_REPLACED.sub(_replaced, text)) if "replace" in text.lower() else text


def _replaced(found: Match[str]) -> str:
    (subject,) = IN_LIST.findall(found[1])
    old, new = (found[3], found[4]) if found[2] else (found[6], found[7])
    sought, put = unquoted(old), unquoted(new)
    is_plain = found[2] or (_NO_PATTERN.fullmatch(sought) and "$" not in put)
    if has_variables((subject, old, new)) or not sought or not is_plain:
        return str(found[0])
    minds_case = found[2] or (found[5] or "").lower() == "c"
    pieces = re.split(re.escape(sought), unquoted(subject), flags=0 if minds_case else re.IGNORECASE)
    if _grows(found, len(pieces) * len(put)) or _grows(found, len(put) * (len(pieces) - 1) + sum(map(len, pieces))):
        return str(found[0])
    return as_one([subject, old, new], [put.join(pieces)]) or str(found[0])


def turning(text: str) -> str:
    """Turn round texts whose signs are taken from the last to the first.

    >>> turning("'nigol za'[-1..-8] -join ''"), turning("'nigol za'[-1..-4]")
    ("'az login' -join ''", "'nigol za'[-1..-4]")
    """
    return str(_TURNED.sub(_turned, text)) if "[" in text else text


def _turned(found: Match[str]) -> str:
    (part,) = IN_LIST.findall(found[1])
    value = unquoted(part)
    if has_variables([part]) or int(found[2]) < len(value):
        return str(found[0])
    return as_one([part], [value[::-1]]) or str(found[0])


def _grows(found: Match[str], length: int) -> bool:
    """Say whether a text of a length would be too long for what it is made of; asked before it is made."""
    return length > _MOST_GROWTH * len(found[0])
