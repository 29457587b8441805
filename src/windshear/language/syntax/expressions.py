"""Expressions: a Pratt parser from tokens to tree nodes.

From tightest to loosest: calls and paths, `* / %`, `+ -`, comparisons and `in`, `not`, `and`, `or`. What cannot be
understood becomes `Malformed`, is reported once, and the parser goes on at the next place that makes sense.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal, cast

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.calls import read_arguments, read_group, read_if, read_n_of
from windshear.language.syntax.infix import INFIX_POWERS, NOT, read_infix
from windshear.language.syntax.literals import LITERALS, integer_value, number
from windshear.language.syntax.paths import read_list, read_segments, read_variable
from windshear.language.syntax.stream import TokenStream

_Prefix = Callable[[TokenStream], tree.Expression]


def read_expression(stream: TokenStream, power: int = 0) -> tree.Expression:
    """Read the longest expression whose operators bind at least as tightly as `power`."""
    left = _read_prefix(stream)
    powers = INFIX_POWERS
    while True:
        current_power = powers.get(stream.current.kind)
        if current_power is None or current_power < power:
            return left
        joined = read_infix(stream, left, current_power, read_expression)
        if joined is None:
            return left
        left = joined


def _read_prefix(stream: TokenStream) -> tree.Expression:
    kind = stream.current.kind
    if kind == kinds.VARIABLE:
        return read_variable(stream, read_expression)
    if kind in LITERALS:
        if kind == kinds.INTEGER and stream.peek().kind == "of":
            token = stream.advance()
            return stream.nested(lambda: read_n_of(stream, integer_value(token.text), token.start, read_expression))
        return LITERALS[kind](stream.advance())
    prefix = _PREFIXES.get(kind)
    if prefix is None or stream.at_boundary():
        return _report_missing_value(stream)
    return prefix(stream)


def _report_missing_value(stream: TokenStream) -> tree.Malformed:
    place = stream.place()
    stream.report_expected("a value", mistakes.EXPECTED_VALUE)
    if not stream.at_boundary() and not stream.at_operand_end():
        stream.skip_operand()
        return tree.Malformed(stream.span_from(place.start))
    return tree.Malformed(place)


def _group(stream: TokenStream) -> tree.Expression:
    return stream.nested(lambda: read_group(stream, read_expression))


def _if(stream: TokenStream) -> tree.Expression:
    return stream.nested(lambda: read_if(stream, read_expression))


def _not(stream: TokenStream) -> tree.Expression:
    def read() -> tree.Expression:
        start = stream.advance().start
        operand = read_expression(stream, NOT)
        return tree.Not(operand, stream.span_from(start))

    return stream.nested(read)


def _bang(stream: TokenStream) -> tree.Expression:
    """Read `!$name` (absence); before anything else a `!` was meant as `not`."""

    def read() -> tree.Expression:
        token = stream.advance()
        is_absence = stream.in_condition and stream.current.kind in (kinds.VARIABLE, kinds.BROKEN)
        if not is_absence:
            stream.report(
                Diagnostic(
                    mistakes.MISPLACED_BANG,
                    "`!` stands only before a variable in the condition section",
                    token.span,
                    help="negate a predicate with `not`",
                    suggestion=Suggestion(token.span, "not "),
                )
            )
            operand = read_expression(stream, NOT)
            return tree.Not(operand, stream.span_from(token.start))
        variable = _read_prefix(stream)
        return tree.Absent(variable, stream.span_from(token.start))

    return stream.nested(read)


def _minus(stream: TokenStream) -> tree.Expression:
    """Read a negative number; before anything else there is no such sign."""
    token = stream.advance()
    if stream.current.kind in kinds.NUMBERS:
        return number(stream.advance(), is_negative=True, start=token.start)

    def read() -> tree.Expression:
        stream.report(
            Diagnostic(
                mistakes.UNARY_MINUS,
                f"`-` cannot stand before {stream.describe()}",
                token.span,
                help="subtract from zero",
                suggestion=Suggestion(token.span, "0 - "),
            )
        )
        operand = _read_prefix(stream)
        return tree.Arithmetic("-", tree.NumberLiteral(0, is_negative=False, span=token.span), operand, operand.span)

    return stream.nested(read)


def _quantifier(stream: TokenStream) -> tree.Expression:
    """Read `any`/`all` before a field (or, misplaced, before a call), or `any of […]`."""
    token = stream.advance()
    quantifier = cast(Literal["any", "all"], token.kind)
    if stream.current.kind == "of":
        return stream.nested(lambda: read_n_of(stream, quantifier, token.start, read_expression))
    if stream.current.kind not in (kinds.VARIABLE, kinds.NAME) or stream.at_boundary():
        stream.report_expected(f"a field after `{token.text}`", mistakes.EXPECTED_VALUE)
        if stream.current.kind in _PREFIXES and not stream.at_boundary():
            return stream.nested(lambda: _read_prefix(stream))
        return tree.Malformed(token.span)
    operand = _read_prefix(stream)
    span = stream.span_from(token.start)
    match operand:
        case tree.Path() | tree.Call():
            return replace(operand, quantifier=quantifier, span=span)
        case tree.Variable(name, name_span):
            return tree.Path(quantifier, name, name_span, (), span)
        case _:
            stream.report(Diagnostic(mistakes.EXPECTED_VALUE, f"`{token.text}` stands only before a field", token.span))
            return operand


def _name(stream: TokenStream) -> tree.Expression:
    """Read a call, a bare word, or a path without variable as searches have them."""
    token = stream.current
    start = token.start
    first_index = stream.index
    stream.advance()
    if stream.current.kind == "." and stream.peek(2).kind == "(" and stream.peek().kind == kinds.NAME:
        stream.advance()
        stream.advance()
    if stream.current.kind == "(" and not stream.current.starts_line:
        return stream.nested(lambda: _call(stream, start))
    if stream.current.kind not in (".", "["):
        return tree.Word(token.text, token.span)
    stream.rewind(first_index)
    segments = read_segments(stream, read_expression, is_first_bare=True)
    if stream.current.kind == "(" and not stream.current.starts_line:
        return stream.nested(lambda: _call(stream, start))
    return tree.Path(None, None, segments[0].span, segments, stream.span_from(start))


def _call(stream: TokenStream, start: int) -> tree.Expression:
    """Read the arguments of the function whose name reaches from `start` to here."""
    function_span = stream.span_from(start)
    function = stream.text[start : function_span.end]
    arguments = read_arguments(stream, read_expression)
    is_nocase = stream.accept("nocase")
    if not function.isidentifier():  # `re.regex`, but blanks and comments may stand around the dot
        function = ".".join(part.strip() for part in function.split("."))
    return tree.Call(function, function_span, arguments, is_nocase, None, stream.span_from(start))


def _list(stream: TokenStream) -> tree.Expression:
    return read_list(stream)


_PREFIXES: Final[dict[str, _Prefix]] = {
    "(": _group,
    "if": _if,
    "not": _not,
    "!": _bang,
    "-": _minus,
    "any": _quantifier,
    "all": _quantifier,
    kinds.NAME: _name,
    kinds.LIST: _list,
}
