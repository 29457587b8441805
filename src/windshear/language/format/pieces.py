"""The tokens of a text that mean something, each with the comments before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from windshear.language.format.layout import Doc, Text, Verbatim
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax.tokens import Token

BLANKS: Final = " \t\r"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. begins_line: nothing but blanks stands before it. has_blank_before: an empty line does."""

    text: str
    is_block: bool
    begins_line: bool
    has_blank_before: bool

    def doc(self) -> Doc:
        """Return the comment as it will stand; the further lines of a block keep their place."""
        text = "\n".join(self.lines)
        return Verbatim(text) if "\n" in text else Text(text)

    @property
    def lines(self) -> list[str]:
        """The lines of the comment without blanks at their ends. Only a line feed ends a line, as for the lexer."""
        return [line.rstrip(BLANKS) for line in self.text.split("\n")]


@dataclass(frozen=True, slots=True)
class Piece:
    """A token with the comments before it. has_blank_before: an empty line stands directly before the token."""

    token: Token
    comments: tuple[Comment, ...]
    has_blank_before: bool


def pieces_of(tokens: Sequence[Token]) -> list[Piece]:
    """Return the pieces of a text in order; an END token, with the comments before it, closes the list."""
    found: list[Piece] = []
    comments: list[Comment] = []
    breaks = 1  # line breaks since the last token or comment; the text begins a line
    end = Token(kinds.END, "", tokens[-1].end if tokens else 0, starts_line=False)
    for token in [*tokens, end]:
        if token.kind == kinds.WHITESPACE:
            breaks += token.text.count("\n")
        elif token.kind in (kinds.LINE_COMMENT, kinds.BLOCK_COMMENT):
            comments.append(Comment(token.text, token.kind == kinds.BLOCK_COMMENT, breaks > 0, breaks > 1))
            breaks = 0
        else:
            found.append(Piece(token, tuple(comments), breaks > 1))
            comments.clear()
            breaks = 0
    return found
