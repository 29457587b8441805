"""`re.*` functions other than the search itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tests.reference.patterns import Match, compiled, matches
from tests.reference.values import Value, text


class RegexFunction(Protocol):
    """A function that may be followed by `nocase`."""

    def __call__(self, arguments: Sequence[Value], *, is_nocase: bool) -> Value:
        """Apply the function."""


def _capture(arguments: Sequence[Value], *, is_nocase: bool) -> Value:
    value, pattern = text(arguments[0]), text(arguments[1])
    found = compiled(pattern, is_nocase=is_nocase).search(value)
    return _captured(found, pattern) if found else ""


def _capture_all(arguments: Sequence[Value], *, is_nocase: bool) -> Value:
    value, pattern = text(arguments[0]), text(arguments[1])
    return [_captured(found, pattern) for found in matches(pattern, value, is_nocase=is_nocase, keeps_touching=True)]


def _captured(found: Match, pattern: str) -> str:
    has_group = compiled(pattern, is_nocase=False).groups > 0
    return found.group(1 if has_group else 0) or ""


def _replace(arguments: Sequence[Value], *, is_nocase: bool) -> Value:
    value, pattern, template = (text(argument) for argument in arguments)
    pieces: list[str] = []
    position = 0
    for found in matches(pattern, value, is_nocase=is_nocase, keeps_touching=False):
        pieces += [value[position : found.start()], _expanded(template, found)]
        position = found.end()
    return "".join([*pieces, value[position:]])


def _expanded(template: str, found: Match) -> str:
    r"""Fill in a replacement: `\0` to `\9` are groups, `\\` is a backslash."""
    pieces: list[str] = []
    characters = iter(template)
    for character in characters:
        if character != "\\":
            pieces.append(character)
            continue
        after = next(characters, "")
        pieces.append(found.group(int(after)) or "" if after.isdigit() else after)
    return "".join(pieces)


FUNCTIONS: Mapping[str, RegexFunction] = {
    "re.capture": _capture,
    "re.capture_all": _capture_all,
    "re.replace": _replace,
}
