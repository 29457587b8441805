"""Operators that stand between two operands, and how tightly they bind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, cast

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Label, Suggestion
from windshear.language.source import Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.paths import read_list
from windshear.language.syntax.stream import MAX_ARITHMETIC, TokenStream
from windshear.language.syntax.tokens import Token

OR: Final = 10
AND: Final = 20
NOT: Final = 30
COMPARE: Final = 40
ADD: Final = 50
MULTIPLY: Final = 60

_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "==", ":=", "=>", "=<", "<>", "=~", "!~"})
INFIX_POWERS: Final[dict[str, int]] = {
    "or": OR,
    "||": OR,
    "and": AND,
    "&&": AND,
    "in": COMPARE,
    "is": COMPARE,
    "not": COMPARE,  # only as a mistake: `$e.f not in %list`
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
    "/": MULTIPLY,
    "%": MULTIPLY,
} | dict.fromkeys(_COMPARISONS, COMPARE)

ParseFrom = Callable[[TokenStream, int], tree.Expression]


def read_infix(stream: TokenStream, left: tree.Expression, power: int, parse: ParseFrom) -> tree.Expression | None:
    """Read an operator and what follows it; None if the token is no operator here."""
    if power == COMPARE:
        if stream.current.kind == "not" and stream.peek().kind != "in":
            return None
        return _read_test(stream, left, parse)
    if power in (OR, AND):
        return _read_connective(stream, left, power, parse)
    operator = stream.advance()
    right = parse(stream, power + 1)
    stream.arithmetic += 1
    if stream.arithmetic > MAX_ARITHMETIC:
        if stream.arithmetic == MAX_ARITHMETIC + 1:
            stream.report(
                Diagnostic(
                    mistakes.TOO_DEEP,
                    f"the statement holds more than {MAX_ARITHMETIC} arithmetic operators",
                    operator.span,
                    help="split it into several variables",
                )
            )
        return tree.Malformed(left.span.to(right.span))
    kind = cast(tree.ArithmeticOperator, operator.kind)
    return tree.Arithmetic(kind, left, right, Span(left.span.start, right.span.end))


def report_foreign(stream: TokenStream, token: Token) -> str:
    """Return the operator that a token stands for; report it if it is the spelling of another language."""
    meant = kinds.FOREIGN_OPERATORS.get(token.kind)
    if meant is None:
        return token.kind
    stream.collector.add(
        Diagnostic(
            mistakes.FOREIGN_OPERATOR,
            f"`{token.text}` is not an operator",
            token.span,
            help=f"write `{meant}`",
            suggestion=Suggestion(token.span, meant),
        )
    )
    return meant


def _read_connective(stream: TokenStream, left: tree.Expression, power: int, parse: ParseFrom) -> tree.Expression:
    items = [left]
    while INFIX_POWERS.get(stream.current.kind) == power:
        report_foreign(stream, stream.advance())
        items.append(parse(stream, power + 1))
    span = Span(left.span.start, max(left.span.end, items[-1].span.end))
    return tree.And(tuple(items), span) if power == AND else tree.Or(tuple(items), span)


def _read_test(stream: TokenStream, left: tree.Expression, parse: ParseFrom) -> tree.Expression:
    """Read a comparison, a membership or `is null`; a second one on its result is a mistake."""
    _refuse_group_first(stream, left)
    test = _read_one_test(stream, left, parse)
    while INFIX_POWERS.get(stream.current.kind) == COMPARE:
        if stream.current.kind == "not" and stream.peek().kind != "in":
            break
        stream.report(
            Diagnostic(
                mistakes.CHAINED_COMPARISON,
                f"`{stream.current.text}` cannot follow a comparison",
                stream.current.span,
                labels=(Label(test.span, "this is complete"),),
                help="join two comparisons with `and`",
            )
        )
        _read_one_test(stream, left, parse)
    return test


def _read_one_test(stream: TokenStream, left: tree.Expression, parse: ParseFrom) -> tree.Expression:
    if stream.current.kind == "in":
        return _read_membership(stream, left)
    if stream.current.kind == "not":
        return _read_infix_not(stream, left)
    if stream.current.kind == "is":
        return _read_is_null(stream, left)
    operator = stream.advance()
    kind = cast(tree.CompareOperator, report_foreign(stream, operator))
    first_index, first = stream.index, stream.current
    right = parse(stream, ADD)
    if first.starts_line and stream.current.kind in _COMPARISONS and first.kind in _MAY_START_LINE:
        # The value is missing: what was read as such is the beginning of the next line's predicate.
        stream.rewind(first_index)
        stream.report_expected(f"a value after `{operator.text}`", mistakes.EXPECTED_VALUE)
        right = tree.Malformed(operator.span)
    is_nocase = stream.accept("nocase")
    return tree.Comparison(kind, left, right, is_nocase, operator.span, stream.span_from(left.span.start))


_MAY_START_LINE: Final = frozenset({kinds.VARIABLE, kinds.NAME, kinds.LIST, "any", "all"})


def _read_membership(stream: TokenStream, operand: tree.Expression) -> tree.Expression:
    stream.advance()
    kind: Literal["regex", "cidr"] | None = None
    if stream.current.kind in ("regex", "cidr"):
        kind = cast(Literal["regex", "cidr"], stream.advance().kind)
    if stream.current.kind != kinds.LIST:
        stream.report_expected(
            "a list after `in`",
            mistakes.NOT_A_LIST,
            advice="`in` takes a reference list `%list` or a data table column `%table.column`",
        )
        if not stream.at_boundary() and not stream.at_operand_end() and not stream.at_statement():
            stream.skip_operand()
        return tree.Malformed(stream.span_from(operand.span.start))
    container = read_list(stream)
    is_nocase = stream.accept("nocase")
    return tree.Membership(operand, kind, container, is_nocase, stream.span_from(operand.span.start))


def _read_infix_not(stream: TokenStream, operand: tree.Expression) -> tree.Expression:
    token = stream.advance()
    start = operand.span.start
    written = stream.text[start : operand.span.end]
    stream.report(
        Diagnostic(
            mistakes.INFIX_NOT,
            "`not in` is not an operator",
            Span(token.start, stream.current.end),
            help="put `not` in front",
            suggestion=Suggestion(Span(start, stream.current.end), f"not {written} in"),
        )
    )
    membership = _read_membership(stream, operand)
    return tree.Not(membership, membership.span)


def _read_is_null(stream: TokenStream, operand: tree.Expression) -> tree.Expression:
    stream.advance()
    is_negated = stream.accept("not")
    if not stream.accept("null"):
        stream.report_expected("`null` after `is`")
        return tree.Malformed(stream.span_from(operand.span.start))
    return tree.IsNull(operand, is_negated, stream.span_from(operand.span.start))


def _refuse_group_first(stream: TokenStream, left: tree.Expression) -> None:
    """Report a comparison whose left side begins with a parenthesised group, where the language forbids it."""
    first = left
    while isinstance(first, tree.Arithmetic):
        first = first.left
    if not isinstance(first, tree.Group):
        return
    inner: tree.Expression = first
    while isinstance(inner, tree.Group):
        inner = inner.inner
    token = stream.current
    if isinstance(inner, _CONDITIONS):
        stream.report(
            Diagnostic(
                mistakes.CHAINED_COMPARISON,
                f"`{token.text}` cannot follow a parenthesised condition",
                token.span,
                labels=(Label(first.span, "this is a condition"),),
                help="join two conditions with `and`",
            )
        )
    elif stream.in_events and not isinstance(inner, tree.Malformed):
        stream.report(
            Diagnostic(
                mistakes.ARITHMETIC_GROUP,
                f"expected a predicate in parentheses, found a value and the operator `{token.text}`",
                first.span,
                label="a predicate may not start with this",
                help="leave the parentheses out, or write the other side first",
            )
        )


_CONDITIONS: Final = (tree.And, tree.Or, tree.Not, tree.Comparison, tree.Membership, tree.IsNull, tree.Absent, tree.NOf)
