"""What is said of sections that are repeated, stand in the wrong place or lack their colon, in rules and in queries."""

from __future__ import annotations

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Label, Suggestion
from windshear.language.source import Span
from windshear.language.syntax.tokens import Token


def repeated(keyword: str, token: Token, first: Span) -> Diagnostic:
    """Say that the section at `token` was there before, at `first`."""
    return Diagnostic(
        mistakes.REPEATED_SECTION,
        f"the section `{keyword}` is repeated",
        token.span,
        labels=(Label(first, "first here"),),
        help="put everything into one section",
    )


def without_colon(token: Token, place: int) -> Diagnostic:
    """Say that there is no colon behind the name of a section, at `place`."""
    return Diagnostic(
        mistakes.MALFORMED_HEADER,
        f"expected `:` after `{token.text}`",
        token.span,
        help="add the colon",
        suggestion=Suggestion(Span(place, place), ":"),
    )


def misplaced(keyword: str, token: Token, successor: str, place: Span, order: str) -> Diagnostic:
    """Say that the section at `token` must stand before `successor`, which is at `place`; `order` names all."""
    return Diagnostic(
        mistakes.SECTION_ORDER,
        f"the section `{keyword}` must stand before `{successor}`",
        token.span,
        labels=(Label(place, f"`{successor}` stands here"),),
        help=f"the order is {order}",
    )
