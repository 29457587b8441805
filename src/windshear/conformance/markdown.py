"""Markdown as the case reader sees it: headings, fenced blocks and other lines, each with its line number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from windshear.conformance.case import Place
from windshear.core.errors import InputError

_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a Markdown text. `label` is the word after an opening fence."""

    kind: Literal["section", "case", "fence", "line"]
    text: str
    label: str
    place: Place


def blocks(name: str, text: str) -> Iterator[Block]:
    """Yield the pieces of a Markdown text in order; blank lines and the title are left out."""
    lines = enumerate(text.splitlines(), start=1)
    for number, line in lines:
        place = Place(name, number)
        if line.startswith(_FENCE):
            yield Block("fence", _fenced(lines, place), line.removeprefix(_FENCE).strip(), place)
        elif line.startswith("## "):
            yield Block("section", line.removeprefix("## ").strip(), "", place)
        elif line.startswith("### "):
            yield Block("case", line.removeprefix("### ").strip(), "", place)
        elif line.strip() and not line.startswith("# "):
            yield Block("line", line.strip(), "", place)


def _fenced(lines: Iterator[tuple[int, str]], start: Place) -> str:
    inside: list[str] = []
    for _, line in lines:
        if line.rstrip() == _FENCE:
            return "\n".join(inside) + "\n"
        inside.append(line)
    raise InputError(f"{start}: the block that opens here is not closed")
