"""Documents that know where they may be broken, and putting them on lines of a given width.

The idea is Wadler's ("A prettier printer", 2003): a group stays on one line if it fits, else all of its own breaks
become line breaks, and the groups inside are asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text without line breaks."""

    text: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text with line breaks of its own, whose further lines are not indented."""

    text: str


@dataclass(frozen=True, slots=True)
class Break:
    """A place for a line break; `flat` stands there if the group is on one line. must: the group never is."""

    flat: str
    must: bool = False


@dataclass(frozen=True, slots=True)
class Nest:
    """Parts whose lines are further in."""

    parts: Sequence[Doc]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that stand on one line, or are broken at each of their own breaks."""

    parts: Sequence[Doc]
    width: int = field(init=False)  # on one line; too large for any line if something inside must be broken

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", _width(self.parts))


Doc = Text | Verbatim | Break | Nest | Group

SPACE = Text(" ")
SOFT = Break("")
LINE = Break(" ")
HARD = Break("", must=True)

_TOO_WIDE = 1_000_000_000
_INDENT = 2


def _width(parts: Sequence[Doc]) -> int:
    total = 0
    for part in parts:
        match part:
            case Text(text):
                total += len(text)
            case Break(flat, must):
                total += _TOO_WIDE if must else len(flat)
            case Nest(inner):
                total += _width(inner)
            case Group():
                total += part.width
            case Verbatim():
                total += _TOO_WIDE
    return total


def lines(parts: Sequence[Doc], indent: int, width: int) -> list[str]:
    """Return the lines of a document that begins at column `indent` (characters) and wants to end before `width`."""
    printer = _Printer(width)
    printer.lines.append(" " * indent)
    printer.put(parts, indent, is_flat=False)
    return [line.rstrip(" ") for line in printer.lines]


class _Printer:
    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []

    def put(self, parts: Sequence[Doc], indent: int, *, is_flat: bool) -> None:
        for number, part in enumerate(parts):
            match part:
                case Text(text):
                    self.lines[-1] += text
                case Verbatim(text):
                    first, *others = text.split("\n")
                    self.lines[-1] += first
                    self.lines += others
                case Break(flat, must):
                    if is_flat and not must:
                        self.lines[-1] += flat
                    else:
                        self.lines.append(" " * indent)
                case Nest(inner):
                    self.put(inner, indent + _INDENT, is_flat=is_flat)
                case Group(inner):
                    room = self.width - len(self.lines[-1]) - _next_width(parts[number + 1 :])
                    self.put(inner, indent, is_flat=is_flat or part.width <= room)


def _next_width(parts: Sequence[Doc]) -> int:
    """Return the width of what must stand on the same line behind a group: up to the next place for a break."""
    total = 0
    for part in parts:
        if not isinstance(part, Text):
            break
        total += len(part.text)
    return total
