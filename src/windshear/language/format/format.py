"""Formatting a rule file: one layout for the same tokens, comments kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Final

from windshear.core.errors import WindshearError
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.format.layout import lines
from windshear.language.format.pieces import Comment, Piece, pieces_of
from windshear.language.format.weaver import Node, Weaver
from windshear.language.source import Source
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.lexer import lex
from windshear.language.syntax.parser import parse

WIDTH: Final = 120  # characters
_SECTION, _ENTRY = 2, 4  # columns

_Section = (
    tree.Meta | tree.Setup | tree.Events | tree.Match | tree.Outcome | tree.Condition | tree.Options | tree.Export
)


class FormatError(WindshearError):
    """A defect of the formatter, seen before anything was written."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """The result of formatting. text: None if there are syntax errors, which are among the diagnostics."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


def format_source(source: Source) -> Formatted:
    """Lay out a rule file: the same tokens in the same order, keywords in small letters, and all comments.

    Blank lines between predicates are kept, one at a time. Whatever else the lines were, the result is the same, and
    formatting it again changes nothing.
    """
    parsed = parse(source)
    errors = tuple(diagnostic for diagnostic in parsed.diagnostics if diagnostic.is_error)
    if errors:
        return Formatted(None, errors)
    pieces = pieces_of(lex(source, Collector()))
    page = _Page(Weaver(pieces))
    for rule in parsed.rules:
        page.add_rule(rule)
    text = page.finish()
    kept = pieces_of(lex(Source(source.name, text), Collector()))
    if (_tokens(kept), _comments(kept)) != (_tokens(pieces), _comments(pieces)):
        raise FormatError(f"{source.name}: formatting would change more than the layout; please report this rule")
    return Formatted(text, ())


def _tokens(pieces: Iterable[Piece]) -> list[str]:
    tokens = [piece.token for piece in pieces]
    return [token.text.lower() if token.kind in kinds.KEYWORDS else token.text for token in tokens]


def _comments(pieces: Iterable[Piece]) -> list[str]:
    return ["".join(comment.text.split()) for piece in pieces for comment in piece.comments]


class _Page:
    """The lines of a file, as far as they are written."""

    def __init__(self, weaver: Weaver) -> None:
        self._weaver = weaver
        self._lines: list[str] = []
        self._heading = 0  # number of lines up to the last heading, behind which no empty line stands

    def add_rule(self, rule: tree.Rule) -> None:
        """Write a rule and the comments before it."""
        self._blank()
        self._write_comments(self._weaver.current.comments, 0)
        if self._weaver.current.has_blank_before:
            self._blank()
        self._write_heading(0, 3)
        for number, section in enumerate(_sections(rule)):
            self._add_section(section, is_first=number == 0)
        self._write_comments(self._weaver.current.comments, _ENTRY)
        self._lines.append(self._weaver.take().text)

    def finish(self) -> str:
        """Write the comments behind the last rule, and return the whole text."""
        comments = self._weaver.current.comments
        if comments and comments[0].begins_line:
            self._blank()
        self._write_comments(comments, 0)
        return "".join(f"{line}\n" for line in self._lines)

    def _add_section(self, section: _Section, *, is_first: bool) -> None:
        comments = self._weaver.current.comments
        own = len(_on_own_lines(comments)) if is_first else _comments_of_heading(self._weaver.current)
        self._write_comments(comments[: len(comments) - own], _ENTRY)
        self._heading = 0
        self._blank()
        self._write_comments(comments[len(comments) - own :], _SECTION)
        self._write_heading(_SECTION, 2)
        for entry in _entries(section):
            piece = self._weaver.current
            self._write_comments(piece.comments, _ENTRY)
            if piece.has_blank_before:
                self._blank()
            self._lines += lines(self._weaver.statement(entry), _ENTRY, WIDTH)

    def _write_heading(self, indent: int, count: int) -> None:
        """Write the next tokens as one line, then what was said among them."""
        pieces = [self._weaver.current]
        words = [self._weaver.take().text]
        for _ in range(count - 1):
            pieces.append(self._weaver.current)
            words.append(self._weaver.take().text)
        heading = " ".join([words[0].lower(), *words[1:]]).replace(" :", ":")
        self._lines.append(" " * indent + heading)
        self._heading = len(self._lines)
        self._write_comments([comment for piece in pieces[1:] for comment in piece.comments], indent + _SECTION)

    def _write_comments(self, comments: Sequence[Comment], indent: int) -> None:
        for comment in comments:
            first, *others = comment.lines
            if self._lines and self._lines[-1] and not comment.begins_line:
                self._lines[-1] += f" {first}"
            else:
                if comment.has_blank_before:
                    self._blank()
                self._lines.append(" " * indent + first)
            self._lines += others

    def _blank(self) -> None:
        if self._lines and self._lines[-1] and len(self._lines) != self._heading:
            self._lines.append("")


def _sections(rule: tree.Rule) -> list[_Section]:
    """Return the sections of a rule in the order of the text."""
    known = (rule.meta, rule.setup, rule.events, rule.match, rule.outcome, rule.condition, rule.options, rule.export)
    return sorted((section for section in known if section), key=lambda section: section.span.start)


def _entries(section: _Section) -> Sequence[Node]:
    """Return what stands on lines of its own in a section."""
    match section:
        case tree.Meta(entries=entries) | tree.Options(entries=entries):
            return entries
        case tree.Setup(operations=operations):
            return operations
        case tree.Events(predicates=predicates):
            return predicates
        case tree.Match():
            return [section]
        case tree.Outcome(assignments=assignments):
            return assignments
        case tree.Condition(expression=expression):
            return [expression]
        case tree.Export(writes=writes):
            return writes


def _on_own_lines(comments: Sequence[Comment]) -> Sequence[Comment]:
    """Return the comments from the first that begins a line."""
    return list(dropwhile(lambda comment: not comment.begins_line, comments))


def _comments_of_heading(piece: Piece) -> int:
    """Return how many comments before a section belong to it: the last ones, if only they are close to it."""
    if piece.has_blank_before:
        return 0
    for number, comment in enumerate(reversed(piece.comments), 1):
        if comment.has_blank_before:
            return number
    return 0
