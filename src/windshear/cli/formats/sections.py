"""Reports in sections: a title, a table, a list, and notes; written for a terminal of 80 columns or as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from windshear.cli.console import printable
from windshear.cli.formats.markdown import plain

_WIDTH = 80  # columns
_GAP = "  "
_NARROWEST = 16  # columns that a cell with text may be wrapped to


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: its first line, and what stands below it."""

    head: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report. rows: cells as texts, numbers among them to the right; the widest column is wrapped."""

    title: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()


def as_text(headline: str, sections: Iterable[Section]) -> str:
    """Return a report as text."""
    lines = [*_wrapped(headline, "", "")]
    for section in sections:
        lines += ["", printable(section.title), *_text_lines(section)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def as_markdown(title: str, headline: str, sections: Iterable[Section]) -> str:
    """Return a report as Markdown."""
    lines = [f"# {plain(title)}", "", plain(headline)]
    for section in sections:
        lines += ["", f"## {plain(section.title)}", ""]
        if section.rows:
            lines.append(_bar(section.header))
            lines.append(_bar(["---:" if right else "---" for right in _to_the_right(section)], is_plain=True))
            lines += map(_bar, section.rows)
        for item in section.items:
            lines.append(f"- {plain(item.head)}")
            lines += [f"  - {plain(line)}" for line in item.lines]
        if section.notes and (section.rows or section.items):
            lines.append("")
        lines += [f"{plain(note)}  " for note in section.notes]
    return "".join(f"{line}\n" for line in lines)


def _text_lines(section: Section) -> Iterator[str]:
    yield from _table(section)
    for item in section.items:
        yield from _wrapped(item.head, "  ", "    ")
        for line in item.lines:
            yield from _wrapped(line, "      ", "        ")
    for note in section.notes:
        yield from _wrapped(note, "  ", "  ")


def _table(section: Section) -> Iterator[str]:
    if not section.rows:
        return
    grid = [tuple(map(printable, row)) for row in (section.header, *section.rows)]
    widths = [max(len(row[column]) for row in grid) for column in range(len(section.header))]
    spare = _WIDTH - 2 - len(_GAP) * (len(widths) - 1) - sum(widths)
    widest = widths.index(max(widths))
    if spare < 0:
        widths[widest] = max(_NARROWEST, widths[widest] + spare)
    right = _to_the_right(section)
    for row in grid:
        cells = [[cell] for cell in row]
        cells[widest] = textwrap.wrap(row[widest], widths[widest]) or [""]
        for number in range(max(map(len, cells))):
            shown = [cell[number] if number < len(cell) else "" for cell in cells]
            placed = [
                f"{cell:>{width}}" if is_right else f"{cell:<{width}}"
                for cell, width, is_right in zip(shown, widths, right, strict=True)
            ]
            yield "  " + _GAP.join(placed).rstrip()


def _to_the_right(section: Section) -> list[bool]:
    """Tell which columns hold numbers only."""
    columns = zip(*section.rows, strict=True)
    return [all(_is_number(cell) for cell in column) and any(column) for column in columns]


def _is_number(cell: str) -> bool:
    return not cell or cell[0].isdigit() or cell == "-"


def _bar(cells: Sequence[str], *, is_plain: bool = False) -> str:
    return "| " + " | ".join(cells if is_plain else map(plain, cells)) + " |"


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
