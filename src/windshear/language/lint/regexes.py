r"""The text of RE2 patterns, as far as lints read it: pieces, alternatives, and what is plain text.

What is not understood is said to be nothing special: lints stay silent where a pattern uses rarer syntax.

>>> plain_text(r"^cmd\.exe$")
Plain(text='cmd.exe', is_start=True, is_end=True)
>>> plain_text("a.b") is None
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_PIECE = re.compile(
    r"""
      (?P<escape>\\(?:[pPQEC].*|x\{[^}]*\}|x..|[0-7]{1,3}|.)?)
    | (?P<class>\[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\])
    | (?P<open>\((?:\?(?:P?<[^>]*>|[A-Za-z-]*:|[A-Za-z-]+\)))?)
    | (?P<close>\))
    | (?P<bar>\|)
    | (?P<anchor>[\^$])
    | (?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??)
    | (?P<dot>\.)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_PUNCTUATION = re.compile(r"\\[^A-Za-z0-9\s]")
_RARE = re.compile(r"\\[QECpPzA]|\(\?[A-Za-z-]*[msU]|\\[0-7]|\\x")
_CASELESS_ESCAPES = frozenset("dDsSbBtnrfva")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a pattern; `kind` is a group name of the reader above, `depth` the parentheses around it."""

    kind: str
    text: str
    start: int
    depth: int


@dataclass(frozen=True, slots=True)
class Plain:
    """A pattern that is nothing but a text, maybe anchored."""

    text: str
    is_start: bool
    is_end: bool


@lru_cache(maxsize=4096)
def pieces(pattern: str) -> tuple[Piece, ...] | None:
    """Return the pieces of a pattern; None if it uses syntax that is not read here."""
    if _RARE.search(pattern.replace("\\\\", "")):
        return None
    found, depth = [], 0
    for match in _PIECE.finditer(pattern):
        kind, text = match.lastgroup or "", match[0]
        if kind == "close":
            depth -= 1
        found.append(Piece(kind, text, match.start(), depth))
        if kind == "open" and not text.endswith(")"):
            depth += 1
    return tuple(found)


def plain_text(pattern: str) -> Plain | None:
    """Return the text that a pattern looks for, if it has no other part than anchors at its ends."""
    found = pieces(pattern)
    if not found:
        return None
    is_start, is_end = found[0].text == "^", found[-1].text == "$"
    inner = found[1 if is_start else 0 : len(found) - (1 if is_end else 0)]
    text = ""
    for piece in inner:
        if piece.kind == "literal":
            text += piece.text
        elif piece.kind == "escape" and _ESCAPED_PUNCTUATION.fullmatch(piece.text):
            text += piece.text[1]
        else:
            return None
    return Plain(text, is_start, is_end) if text else None


def alternatives(pattern: str) -> tuple[str, ...]:
    """Return the alternatives of a pattern at its top, or within the one group that it consists of.

    >>> alternatives("^(?:a|b[|]c)$")
    ('a', 'b[|]c')
    """
    found = pieces(pattern)
    if not found:
        return (pattern,)
    inner = [piece for piece in found if piece.kind != "anchor" or piece.depth]
    depth = 0
    if inner and inner[0].kind == "open" and inner[-1].kind == "close" and _is_one_group(inner):
        inner, depth = inner[1:-1], 1
    parts, current = [], ""
    for piece in inner:
        if piece.kind == "bar" and piece.depth == depth:
            parts.append(current)
            current = ""
        else:
            current += piece.text
    return (*parts, current)


def has_letters(pattern: str) -> bool:
    r"""Whether the case of letters can matter to a pattern; `True` in doubt.

    >>> has_letters(r"^\d+\.[0-9]{1,3}$"), has_letters(r"\w"), has_letters("[!-~]")
    (False, True, True)
    """
    found = pieces(pattern)
    if found is None:
        return True
    for piece in found:
        match piece.kind:
            case "escape":
                if piece.text[1:].isalpha() and piece.text[1:] not in _CASELESS_ESCAPES:
                    return True
            case "class":
                inner = re.sub(r"\\[dDsS]|0-9", "", piece.text)
                if "-" in inner[1:-1].strip("^-") or re.search(r"[^\W\d_]|\\|[^\x00-\x7f]", inner):
                    return True
            case "literal":
                if piece.text.lower() != piece.text.upper() or not piece.text.isascii():
                    return True
            case "open":
                if "<" in piece.text or "i" in piece.text:
                    return True
            case _:
                pass
    return False


def always_matches(pattern: str) -> bool:
    """Whether a search for the pattern succeeds in every text: it may be empty, and nothing anchors it.

    >>> always_matches(".*"), always_matches("a|.?"), always_matches("^.*$"), always_matches("a.*")
    (True, True, False, False)
    """
    found = pieces(pattern)
    if found is None or any(piece.kind == "anchor" or piece.text in ("\\b", "\\B") for piece in found):
        return False
    return _may_be_empty(found)


def _may_be_empty(found: tuple[Piece, ...]) -> bool:
    """Whether every piece of some top-level alternative is optional; groups only if all of it is."""
    branch = True
    position = 0
    while position < len(found):
        piece = found[position]
        if piece.kind == "bar":
            if branch:
                return True
            branch = True
            position += 1
            continue
        end = _unit_end(found, position)
        repeat = found[end].text if end < len(found) and found[end].kind == "repeat" else ""
        is_optional = repeat[:1] in ("*", "?") or repeat.startswith("{0")
        inside = piece.kind == "open" and end - position > 1 and _may_be_empty(found[position + 1 : end - 1])
        branch = branch and (is_optional or inside or (piece.kind == "open" and piece.text.endswith(")")))
        position = end + (1 if repeat else 0)
    return branch


def _unit_end(found: tuple[Piece, ...], start: int) -> int:
    """Return where the piece or the group at a place ends."""
    piece = found[start]
    if piece.kind != "open" or piece.text.endswith(")"):
        return start + 1
    for position in range(start + 1, len(found)):
        if found[position].kind == "close" and found[position].depth == piece.depth:
            return position + 1
    return len(found)


def _is_one_group(found: list[Piece]) -> bool:
    return not any(piece.kind == "close" and piece.depth == found[0].depth for piece in found[1:-1])
