"""The parser's view of the tokens: a cursor, where sections and brackets end, and how to report and recover.

Everything that needs a look ahead (which `)` closes which `(`, where the next section begins) is worked out once in
one pass over the tokens, so recovery costs no more than reading on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic, Label, Mistake, Suggestion
from windshear.language.source import Source, Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.lexer import lex
from windshear.language.syntax.tokens import Token

MAX_NESTING: Final = 64
MAX_ARITHMETIC: Final = 64

OPERAND_STARTS: Final = (
    frozenset({kinds.VARIABLE, kinds.NAME, kinds.COUNT, kinds.LIST, kinds.REGEX, kinds.DURATION, kinds.BROKEN})
    | kinds.STRINGS
    | kinds.NUMBERS
    | {"(", "not", "any", "all", "if", "true", "false", "!"}
)
_CONNECTIVES: Final = frozenset({"and", "or", "&&", "||"})
_OPERAND_ENDS: Final = _CONNECTIVES | {")", "]", ","}
_CLOSERS: Final = {"(": ")", "[": "]"}


class TokenStream:
    """The tokens without trivia, and a cursor; mutable, one per parse.

    in_events, in_condition: where the cursor is, for rules that differ between sections.
    """

    def __init__(self, source: Source, collector: Collector, *, is_query: bool = False) -> None:
        significant = [token for token in lex(source, collector) if token.kind not in kinds.TRIVIA]
        significant.append(Token(kinds.END, "", len(source.text), starts_line=True))
        self.text = source.text
        self.collector = collector
        self.tokens = significant
        self.index = 0
        self.current = significant[0]
        self.in_events = False
        self.in_condition = False
        self.nesting = 0
        self.arithmetic = 0
        self._reported_at = -1
        self._closed_by, self._boundaries = _structure(significant, is_query=is_query)

    def advance(self) -> Token:
        """Return the current token and step past it (the end is never passed)."""
        token = self.current
        if self.index + 1 < len(self.tokens):
            self.index += 1
            self.current = self.tokens[self.index]
        return token

    def accept(self, kind: str) -> bool:
        """Step past the current token if it is of this kind; say whether it was."""
        if self.current.kind == kind:
            self.advance()
            return True
        return False

    def peek(self, distance: int = 1) -> Token:
        """Return a later token (the end if there is none)."""
        index = self.index + distance
        return self.tokens[index] if index < len(self.tokens) else self.tokens[-1]

    def rewind(self, index: int) -> None:
        """Go back to a token that was read before."""
        self.index = index
        self.current = self.tokens[index]

    @property
    def previous_end(self) -> int:
        """The offset behind the token read last."""
        return self.tokens[self.index - 1].end if self.index else 0

    def span_from(self, start: int) -> Span:
        """Return the span from an offset to the end of the token read last."""
        return Span(start, max(start, self.previous_end))

    def at_boundary(self) -> bool:
        """Whether the section ends here: the next header, the closing brace, the next rule, the end."""
        return self.index in self._boundaries

    def is_closed(self, opening: int) -> bool:
        """Whether the bracket at this token index has its partner in the same section."""
        return opening in self._closed_by

    def report(self, diagnostic: Diagnostic) -> None:
        """Report a mistake, unless the parser stumbled at this token already or the lexer did just before it."""
        is_consequence = self.index == self._reported_at or (
            self.index > 0 and self.tokens[self.index - 1].kind == kinds.BROKEN
        )
        if not is_consequence:
            self._reported_at = self.index
            self.collector.add(diagnostic)

    def report_expected(self, expected: str, mistake: Mistake = mistakes.UNEXPECTED_TOKEN, *, advice: str = "") -> None:
        """Report that something is missing before the current token; on a new line that is where the last one ends."""
        found = "the end of the line" if self._is_behind_gap() else self.describe()
        message = f"expected {expected}, found {found}"
        self.report(Diagnostic(mistake, message, self.place(), label=f"expected {expected}", help=advice))

    def report_stray(self, expected: str, mistake: Mistake = mistakes.UNEXPECTED_TOKEN) -> None:
        """Report that the current token is not what may begin here."""
        message = f"expected {expected}, found {self.describe()}"
        self.report(Diagnostic(mistake, message, self.current.span, label=f"expected {expected}"))

    def report_no_comma(self, listed: str) -> None:
        """Report that no comma stands before the current token; `listed` names what such a list holds."""
        place = Span(self.previous_end, self.previous_end)
        self.report(
            Diagnostic(
                mistakes.MISSING_COMMA,
                f"expected `,` before {self.describe()}",
                self.current.span,
                help=f"{listed} are separated by commas",
                suggestion=Suggestion(place, ","),
            )
        )

    def describe(self) -> str:
        """Return the current token for a message."""
        token = self.current
        if token.kind == kinds.END:
            return "the end of the file"
        text = token.text if len(token.text) <= 40 else f"{token.text[:40]}…"
        return f"`{text}`" if "`" not in text and "\n" not in text else f"a {token.kind.lower().replace('_', ' ')}"

    def place(self) -> Span:
        """Return the place of the current token, or where the line before ends if it starts a new line."""
        if self.index and (self._is_behind_gap() or self.current.kind == kinds.END):
            return Span(self.previous_end, self.previous_end)
        return self.current.span

    def _is_behind_gap(self) -> bool:
        return self.index > 0 and self.current.starts_line and self.current.kind != kinds.END

    def nested(self, read: Callable[[], tree.Expression]) -> tree.Expression:
        """Read something that may hold itself again, unless it is nested too deeply already."""
        if self.nesting >= MAX_NESTING:
            start = self.current.start
            self.report(
                Diagnostic(
                    mistakes.TOO_DEEP,
                    f"more than {MAX_NESTING} expressions are nested here",
                    self.current.span,
                    help="split the expression into several predicates or variables",
                )
            )
            self.skip_operand()
            return tree.Malformed(self.span_from(start))
        self.nesting += 1
        node = read()
        self.nesting -= 1
        return node

    def skip_operand(self) -> None:
        """Skip to where an expression may go on: a connective, a comma, a closing bracket, a new line's start."""
        self._skip_bracketed()
        while not self.at_boundary() and self.current.kind not in _OPERAND_ENDS and not self.at_statement():
            self._skip_bracketed()

    def skip_argument(self, opening: int) -> None:
        """Skip to the end of a malformed argument of the call whose bracket is at `opening`."""
        is_closed = self.is_closed(opening)
        while not self.at_boundary() and self.current.kind not in {",", ")", "]"}:
            if not is_closed and self.current.starts_line:
                return
            self._skip_bracketed()

    def skip_brackets(self) -> None:
        """Skip a bracket with all that it holds."""
        self._skip_bracketed()

    def close_bracket(self, opening: int, closer: str) -> bool:
        """Step past the closing bracket, or report that it is missing; say whether it was there."""
        if self.current.kind == closer:
            self.advance()
            return True
        closing = self._closed_by.get(opening)
        if closing is None or closing < self.index:
            self.report_unclosed(opening)
            return False
        self.report_expected(f"`{closer}`")
        self.rewind(closing)
        self.advance()
        return True

    def report_unclosed(self, opening: int) -> None:
        """Report that the bracket at this token index is never closed."""
        token = self.tokens[opening]
        self.report(
            Diagnostic(
                mistakes.UNCLOSED_PARENTHESIS,
                f"`{token.text}` is never closed",
                token.span,
                label="opened here",
                help=f"add `{_CLOSERS[token.text]}`",
                labels=(Label(self.place(), f"expected `{_CLOSERS[token.text]}` before this"),),
            )
        )

    def skip_statement(self) -> None:
        """Skip to the next line that may start a statement, or to the end of the section."""
        while not self.at_boundary():
            self._skip_bracketed()
            if self.at_statement():
                return

    def skip_section(self) -> None:
        """Skip to the end of the section."""
        while not self.at_boundary():
            self.advance()

    def at_operand_end(self) -> bool:
        """Whether the current token ends an operand and belongs to what holds it."""
        return self.current.kind in _OPERAND_ENDS

    def at_statement(self) -> bool:
        """Whether the current token begins a line in the way a statement begins."""
        return self.current.starts_line and self.current.kind in OPERAND_STARTS

    def _skip_bracketed(self) -> None:
        if self.at_boundary():
            return
        closing = self._closed_by.get(self.index)
        if closing is not None:
            self.rewind(closing)
        self.advance()


def is_connective(token: Token) -> bool:
    """Whether the token is `and`, `or` or a foreign spelling of them."""
    return token.kind in _CONNECTIVES


def _structure(found: list[Token], *, is_query: bool) -> tuple[dict[int, int], frozenset[int]]:
    """Return which bracket closes which, and the indices at which a section ends."""
    closed_by: dict[int, int] = {}
    boundaries: set[int] = set()
    open_brackets: list[int] = []
    for index, token in enumerate(found):
        kind = token.kind
        if kind in _CLOSERS:
            open_brackets.append(index)
        elif kind in (")", "]"):
            if open_brackets and _CLOSERS[found[open_brackets[-1]].kind] == kind:
                closed_by[open_brackets.pop()] = index
        elif kind in _MAY_BOUND and (
            kind in _BOUNDS_ALWAYS
            or _is_header(found, index, is_nested=bool(open_brackets))
            or (is_query and not open_brackets and _is_query_header(found, index))
        ):
            boundaries.add(index)
            open_brackets.clear()
    return closed_by, frozenset(boundaries)


_BOUNDS_ALWAYS: Final = frozenset({kinds.END, "}"})
_MAY_BOUND: Final = _BOUNDS_ALWAYS | frozenset(kinds.SECTIONS) | {"rule", kinds.NAME}


def _is_query_header(found: list[Token], index: int) -> bool:
    """Whether a section of a search begins here: queries are often written on one line."""
    following = found[index + 1 : index + 3]
    if found[index].text.lower() == "stage" and len(following) == 2 and following[1].kind == "{":
        return True
    is_name = index == 0 or found[index - 1].kind != "."
    return is_name and following[0].kind == ":"


def _is_header(found: list[Token], index: int, *, is_nested: bool) -> bool:
    token, following = found[index], found[index + 1]
    if token.kind == "rule":
        return token.starts_line and following.kind != "=" and found[min(index + 2, len(found) - 1)].kind == "{"
    if token.kind != kinds.NAME:
        if following.kind == ":":
            return token.starts_line or not is_nested
        begins_entries = following.starts_line or following.kind in (kinds.VARIABLE, kinds.COUNT)
        return token.starts_line and begins_entries and not is_nested
    if is_nested or not token.starts_line:
        return False
    if token.text.lower() == "stage" and following.kind == kinds.NAME:
        return found[min(index + 2, len(found) - 1)].kind == "{"
    if following.kind != ":":
        return False
    behind = found[min(index + 2, len(found) - 1)]
    return behind.starts_line or (token.text.lower() in kinds.SEARCH_SECTIONS and behind.kind != kinds.STRING)
