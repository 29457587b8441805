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
    found: list[Piece] = []
    depth = 0
    for match in _PIECE.finditer(pattern):
        kind, text = match.lastgroup or "", match[0]
        if kind == "close":
            depth -= 1
        if kind == "repeat" and found and found[-1].kind == "open":
            return None  # behind flags it repeats what stands before them
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
    """Whether every piece of some alternative is optional; of a group, every piece of one of its alternatives."""
    outer: list[tuple[bool, bool]] = []  # of the groups around: whether a branch is empty so far, and a whole one was
    branch, is_empty = True, False
    for position, piece in enumerate(found):
        follows = found[position + 1] if position + 1 < len(found) else None
        repeat = follows.text if follows is not None and follows.kind == "repeat" else ""
        is_optional = repeat[:1] in ("*", "?") or repeat.startswith("{0")
        match piece.kind:
            case "bar":
                branch, is_empty = True, is_empty or branch
            case "open" if not piece.text.endswith(")"):
                outer.append((branch, is_empty))
                branch, is_empty = True, False
            case "close" if outer:
                inner = branch or is_empty or is_optional
                branch, is_empty = outer.pop()
                branch = branch and inner
            case "open" | "close" | "repeat":  # flags, and what belongs to the piece before
                pass
            case _:
                branch = branch and is_optional
    return branch or is_empty


def _is_one_group(found: list[Piece]) -> bool:
    return not any(piece.kind == "close" and piece.depth == found[0].depth for piece in found[1:-1])
