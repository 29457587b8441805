"""What is said of sections that are repeated or stand in the wrong place, in rules and in queries."""

from __future__ import annotations

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Label
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


def misplaced(keyword: str, token: Token, successor: str, place: Span, order: str) -> Diagnostic:
    """Say that the section at `token` must stand before `successor`, which is at `place`; `order` names all."""
    return Diagnostic(
        mistakes.SECTION_ORDER,
        f"the section `{keyword}` must stand before `{successor}`",
        token.span,
        labels=(Label(place, f"`{successor}` stands here"),),
        help=f"the order is {order}",
    )
