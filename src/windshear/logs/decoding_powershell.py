"""What PowerShell makes of a script: back-ticks, texts that are put together, and signs that it takes for others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import re2

if TYPE_CHECKING:
    from re import Match

_SIGNS = str.maketrans(
    dict.fromkeys("\u2013\u2014\u2015", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b", "'")
    | dict.fromkeys("\u201c\u201d\u201e", '"')
)
_CONTINUED = re.compile(r"`[ \t]*\r?\n[ \t]*")
_BACK_TICK = re.compile(r"(``)|`([nrt])|`([^\s'\"`$])")
TEXT = r"""(?:'(?:[^']|'')*'|"(?:[^"]|"")*")"""
ITEM = rf"(?:\(\s*{TEXT}\s*\)|{TEXT})"
_CHAIN = re2.compile(rf"{ITEM}(?:\s*\+\s*{ITEM})+")
IN_LIST = re2.compile(TEXT)
LIST = rf"{TEXT}(?:\s*,\s*{TEXT})*"
_FORMAT = re2.compile(rf"({ITEM})\s*-[fF]\s*(?:\(\s*({LIST})\s*\)|({LIST}))")
# A text in quotes, which stays; or quotes in a word: none of these, in a script, stand in a comment.
_APOSTROPHES = re.compile(r"""(?a)(?<=\w)'([\w.-]*)'(?=[\w-])|'(?:[^']|'')*'""")
_ALL_QUOTES = re.compile(
    r"""(?a)(?<=\w)(?:'([\w.-]*)'|"([\w.-]*)")(?=[\w-])|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<!\S)#[^\n]*"""
)
_PLACE = re.compile(r"\{\{|\}\}|\{(\d{1,4})\}|[{}]")
_NUMBER = "(?:0x[0-9a-f]{1,6}|[0-9]{1,7})"
_CODE = re.compile(rf"(?i)\[char\]\s*(?:\(\s*({_NUMBER})\s*\)|({_NUMBER})\b)")
_CODES = re.compile(rf"(?i)\[char\[\]\]\s*\(\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)\s*\)")
_VARIABLE = re.compile(r"(?i)\$(?:env:(\w+)|\{env:(\w+)\})")
_BEFORE_CALL = re.compile(r"[\w\])]$")
_MOST_FORMATTED = 1 << 16
_ROUNDS = 2
_SET_BY_WINDOWS = {"comspec": r"C:\Windows\System32\cmd.exe", "systemroot": r"C:\Windows", "windir": r"C:\Windows"}


def signs(text: str) -> str:
    r"""Write the dashes and quotes that PowerShell takes for the plain ones as these.

    >>> signs("powershell \u2013enc AAAA; \u2018a\u2019")
    "powershell -enc AAAA; 'a'"
    """
    return text if text.isascii() else text.translate(_SIGNS)


def back_ticks(text: str) -> str:
    r"""Drop the back-ticks of escapes that mean the sign itself; those of white space become a blank.

    >>> back_ticks("Conn`ect-AzAcc`ount")
    'Connect-AzAccount'
    """
    if "`" not in text:
        return text
    return _BACK_TICK.sub(lambda found: found[1] or found[3] or " ", _CONTINUED.sub(" ", text))


def quotes_in_words(text: str) -> str:
    """Drop the single quotes inside words of a command line: what is in them is a part of the word.

    >>> quotes_in_words("powershell Con''nect-A'zAcc'ount"), quotes_in_words("-Filter name eq 'O''Brien'")
    ('powershell Connect-AzAccount', "-Filter name eq 'O''Brien'")
    """
    if "'" not in text:
        return text
    return _APOSTROPHES.sub(lambda found: found[0] if found[1] is None else found[1], text)


def quotes_in_script(text: str) -> str:
    r"""Drop the quotes inside words of a script, single and double ones.

    >>> quotes_in_script("Con''nect-A\"z\"Account 'a''b' # don't")
    "Connect-AzAccount 'a''b' # don't"
    """
    if "'" not in text and '"' not in text:
        return text
    return _ALL_QUOTES.sub(lambda found: found[0] if found.lastindex is None else found[found.lastindex], text)


def characters(text: str) -> str:
    """Write signs that are given by their numbers as texts.

    >>> characters("[char]65 + [char]0x7a"), characters("-join [char[]](97,122)")
    ("'A' + 'z'", "-join 'az'")
    """
    if "[" not in text:
        return text
    text = _CODES.sub(lambda found: _written(found, found[1].split(",")), text)
    return str(_CODE.sub(lambda found: _written(found, [found[1] or found[2]]), text))


def _written(found: Match[str], codes: list[str]) -> str:
    numbers = [int(code, 16 if "x" in code.lower() else 10) for code in codes]
    if all(0x20 <= number < 0x7F for number in numbers):
        return _quoted("".join(map(chr, numbers)))
    return str(found[0])


def concatenation(text: str) -> str:
    """Join texts that stand as such on both sides of a plus sign.

    >>> concatenation("&('Con'+'nect-' + ('AzAccount'))")
    "&('Connect-AzAccount')"
    """
    if "+" not in text:
        return text
    return str(_CHAIN.sub(lambda found: _chained(text, found), text))


def _chained(text: str, found: Match[str]) -> str:
    chain = str(found[0])
    # What stands in the parentheses of a call is its argument.
    if chain.startswith("(") and _BEFORE_CALL.search(text[max(0, found.start() - 1) : found.start()]):
        return chain
    parts = IN_LIST.findall(chain)
    return as_one(parts, [unquoted(part) for part in parts]) or chain


def formatting(text: str) -> str:
    """Put texts at the places of a format that is written out.

    >>> formatting("&('{1}{0}' -f 'Account','Connect-Az')")
    "&('Connect-AzAccount')"
    """
    if "-f" not in text.lower():
        return text
    for _ in range(_ROUNDS):
        formatted = _FORMAT.sub(_formatted, text)
        if formatted == text:
            break
        text = str(formatted)
    return text


def _formatted(found: Match[str]) -> str:
    template, parts = IN_LIST.findall(found[1])[0], IN_LIST.findall(found[2] or found[3])
    values = _filled(unquoted(template), [unquoted(part) for part in parts])
    return str(found[0]) if values is None else as_one([template, *parts], values) or str(found[0])


def _filled(template: str, values: list[str]) -> list[str] | None:
    """Return the pieces of a format that was filled; None if it asks for what is not there, or for a form."""
    pieces: list[str] = []
    end = length = 0
    for place in _PLACE.finditer(template):
        if place[1] is None:
            piece = place[0][0] if len(place[0]) == 2 else None
        else:
            piece = values[int(place[1])] if int(place[1]) < len(values) else None
        length += 0 if piece is None else len(piece)
        if piece is None or length > _MOST_FORMATTED:
            return None
        pieces += [template[end : place.start()], piece]
        end = place.end()
    return [*pieces, template[end:]]


def environment(text: str) -> str:
    r"""Put in the variables that Windows itself sets.

    >>> environment(r"& $env:ComSpec /c dir ${env:windir}\Temp $env:USERNAME")
    '& C:\\Windows\\System32\\cmd.exe /c dir C:\\Windows\\Temp $env:USERNAME'
    """
    if "$" not in text:
        return text
    return str(_VARIABLE.sub(lambda found: _SET_BY_WINDOWS.get((found[1] or found[2]).lower(), str(found[0])), text))


def unquoted(part: str) -> str:
    """Return what a text that is written in quotes says."""
    return part[1:-1].replace(part[0] * 2, part[0])


def as_one(parts: list[str], values: list[str]) -> str | None:
    """Write a text that was made of others; None where a variable in one of them would come to mean something else."""
    if not has_variables(parts):
        return _quoted("".join(values))
    has_another_sign = any('"' in part[1:-1] or (part.startswith("'") and "$" in part) for part in parts)
    return None if has_another_sign else '"' + "".join(values) + '"'


def has_variables(parts: Iterable[str]) -> bool:
    """Say whether a variable may stand in one of some texts, which are written in quotes."""
    return any(part.startswith('"') and "$" in part for part in parts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
