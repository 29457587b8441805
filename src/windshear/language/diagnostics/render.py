"""Diagnostics for people (text, with or without colours) and for programs (JSON).

Rule text is hostile: whatever is shown of it has its control characters replaced and its long lines cut, so that a
rule cannot write to the terminal of whoever checks it.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from windshear.language.diagnostics.diagnostic import Diagnostic, Label, Severity
from windshear.language.source import Source, Span

_TAB: Final = "    "
_MAX_LINE: Final = 160  # columns of a source line that are shown
_BEFORE_SPAN: Final = 40  # of these, how many stand before the place of the mistake in a line that is cut
_MAX_MESSAGE: Final = 600
_ADVICE_WIDTH: Final = 100
_COLOURS: Final[dict[Severity, str]] = {"error": "1;31", "warning": "1;33", "note": "1;36"}
_GUTTER: Final = "34"


class PositionJson(TypedDict):
    """Lines and columns from 1; the end is the first column behind the place."""

    startLine: int
    startColumn: int
    endLine: int
    endColumn: int


class SuggestionJson(TypedDict):
    """Replace what stands at the position by the text."""

    position: PositionJson
    replacement: str


class DiagnosticJson(TypedDict):
    """One diagnostic; `message`, `position`, `severity`, `uri` as Google's `compilationDiagnostics` have them."""

    code: str
    slug: str
    severity: str
    reference: str
    message: str
    uri: str
    position: PositionJson
    help: str
    suggestion: SuggestionJson | None


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return diagnostics in the order of the text, each kind at most once per place."""
    unique = {(found.span, found.mistake.code, found.message): found for found in diagnostics}
    return tuple(unique[key] for key in sorted(unique))


def summarize(diagnostics: Iterable[Diagnostic], files: int) -> str:
    """Return one line with the counts.

    >>> summarize([], 3)
    'no mistakes in 3 files'
    """
    counts: dict[Severity, int] = {"error": 0, "warning": 0, "note": 0}
    for found in diagnostics:
        counts[found.mistake.severity] += 1
    shown = ", ".join(_plural(count, severity) for severity, count in counts.items() if count)
    return f"{shown or 'no mistakes'} in {_plural(files, 'file')}"


def render_text(source: Source, diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return diagnostics as text for a terminal, in the order of the text, an empty line between them."""
    return "\n".join(_render_one(source, found, color=color) for found in sort_diagnostics(diagnostics))


def to_json(source: Source, diagnostic: Diagnostic) -> DiagnosticJson:
    """Return one diagnostic as a JSON object."""
    suggestion = diagnostic.suggestion
    return {
        "code": diagnostic.mistake.code,
        "slug": diagnostic.mistake.slug,
        "severity": diagnostic.mistake.severity.upper(),
        "reference": diagnostic.mistake.reference,
        "message": diagnostic.message,
        "uri": source.name,
        "position": _position(source, diagnostic.span),
        "help": _advice(diagnostic),
        "suggestion": None
        if suggestion is None
        else {"position": _position(source, suggestion.span), "replacement": suggestion.replacement},
    }


def _position(source: Source, span: Span) -> PositionJson:
    start, end = source.position(span.start), source.position(span.end)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _render_one(source: Source, found: Diagnostic, *, color: bool) -> str:
    mistake = found.mistake
    place = source.position(found.span.start)
    paint = _Paint(_COLOURS[mistake.severity]) if color else _Paint("")
    marks = _marks(source, found)
    width = max(len(str(mark.line)) for mark in marks) + 1
    lines = [
        f"{paint.strong(f'{mistake.severity}[{mistake.code}] {mistake.slug}')}: {_printable(found.message)}",
        f"{paint.gutter(' ' * (width - 1) + '-->')} {_printable(source.name)}:{place.line}:{place.column}",
    ]
    shown_line = 0
    for mark in marks:
        text, before, length = _excerpt(source.line(mark.line), mark.start, mark.end)
        if mark.line != shown_line:
            if shown_line and mark.line > shown_line + 1:
                lines.append(paint.gutter(" " * width + " :"))
            lines.append(f"{paint.gutter(f'{mark.line:>{width}} |')} {text}".rstrip())
            shown_line = mark.line
        underline = mark.sign * max(1, length)
        note = f"{underline} {_printable(mark.text)}".rstrip()
        note = paint.strong(note) if mark.sign == "^" else paint.gutter(note)
        lines.append(f"{paint.gutter(' ' * width + ' |')} {' ' * before}{note}")
    for index, line in enumerate(_wrapped(_printable(_advice(found)))):
        lines.append(f"{paint.gutter(' ' * width + ' =')} help: {line}" if index == 0 else f"{' ' * (width + 9)}{line}")
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _ADVICE_WIDTH, break_long_words=False, break_on_hyphens=False)


def _advice(found: Diagnostic) -> str:
    """Return how to mend it: what was found out about this place, else what the language asks for."""
    if found.help:
        return found.help
    if found.suggestion is None:
        return found.mistake.explanation
    replacement = found.suggestion.replacement.strip()
    return f"did you mean `{replacement}`?" if replacement else "remove it"


@dataclass(frozen=True, slots=True)
class _Mark:
    """A piece of one line to underline; columns from 0, the end exclusive."""

    line: int
    start: int
    end: int
    sign: str
    text: str


def _marks(source: Source, found: Diagnostic) -> Sequence[_Mark]:
    """Return the places to underline, in the order of the text; of equal lines the mistake itself comes first."""
    marks = [_mark(source, Label(found.span, found.label), "^")]
    marks.extend(_mark(source, label, "-") for label in found.labels)
    return sorted(marks, key=lambda mark: (mark.line, mark.sign != "^"))


def _mark(source: Source, label: Label, sign: str) -> _Mark:
    start, end = source.position(label.span.start), source.position(label.span.end)
    last = end.column - 1 if end.line == start.line else len(source.line(start.line))
    return _Mark(start.line, start.column - 1, max(last, start.column - 1), sign, label.text)


def _excerpt(line: str, start: int, end: int) -> tuple[str, int, int]:
    """Return a line as it is shown, and in columns what stands before the place and how long the place is."""
    head = ""
    if len(line) > _MAX_LINE and start > _BEFORE_SPAN:
        cut = start - _BEFORE_SPAN
        line, start, end, head = line[cut:], start - cut, end - cut, "…"
    tail = "…" if len(line) > _MAX_LINE else ""
    line, end = line[:_MAX_LINE], min(end, _MAX_LINE)
    before = len(head) + _width(line[:start])
    return f"{head}{_printable(line)}{tail}", before, _width(line[start:end])


def _printable(text: str) -> str:
    text = text.replace("\t", _TAB)[:_MAX_MESSAGE]
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _width(text: str) -> int:
    """Return how many columns a terminal needs for a text."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if character == "\t":
        return len(_TAB)
    if not character.isprintable():
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


class _Paint:
    """Colours, or none."""

    def __init__(self, colour: str) -> None:
        self.colour = colour

    def strong(self, text: str) -> str:
        return f"\x1b[{self.colour}m{text}\x1b[0m" if self.colour else text

    def gutter(self, text: str) -> str:
        return f"\x1b[{_GUTTER}m{text}\x1b[0m" if self.colour else text
