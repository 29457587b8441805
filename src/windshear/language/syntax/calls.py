"""What stands in brackets: groups, arguments, `if(…)`, `n of […]`."""

from __future__ import annotations

from typing import Literal

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.source import Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.paths import ParseExpression
from windshear.language.syntax.stream import OPERAND_STARTS, TokenStream, is_connective


def read_group(stream: TokenStream, parse: ParseExpression) -> tree.Group:
    """Read `( … )`; what stands in it without a connective is reported, and joined by `and`."""
    opening = stream.index
    start = stream.advance().start
    items = [parse(stream)]
    while stream.current.kind != ")":
        if stream.at_boundary() or (not stream.is_closed(opening) and stream.current.starts_line):
            break
        if is_connective(stream.current) or stream.current.kind == ",":
            stream.report_expected("`)`")
            stream.advance()
        elif stream.current.kind in OPERAND_STARTS:
            report_missing_operator(stream)
        else:
            stream.report_expected("`)`")
            stream.skip_operand()
            continue
        items.append(parse(stream))
    stream.close_bracket(opening, ")")
    inner = items[0] if len(items) == 1 else tree.And(tuple(items), items[0].span.to(items[-1].span))
    return tree.Group(inner, stream.span_from(start))


def report_missing_operator(stream: TokenStream) -> None:
    """Report that two predicates follow each other where a connective must stand between them."""
    stream.report(
        Diagnostic(
            mistakes.MISSING_OPERATOR,
            f"expected `and` or `or` before {stream.describe()}",
            stream.current.span,
            label="a second predicate begins here",
            help="only top-level lines of the events section are joined without `and`",
            suggestion=Suggestion(Span(stream.current.start, stream.current.start), "and "),
        )
    )


def read_arguments(stream: TokenStream, parse: ParseExpression) -> tuple[tree.Expression, ...]:
    """Read `( argument, … )` of a call."""
    opening = stream.index
    stream.advance()
    if stream.current.kind == ")":
        stream.advance()
        return ()
    was_in_events, stream.in_events = stream.in_events, False
    arguments = _read_items(stream, opening, parse)
    stream.in_events = was_in_events
    stream.close_bracket(opening, ")")
    return arguments


def read_if(stream: TokenStream, parse: ParseExpression) -> tree.Expression:
    """Read `if(condition, then[, otherwise])`."""
    keyword = stream.advance()
    if stream.current.kind != "(":
        stream.report_expected("`(` after `if`", mistakes.MALFORMED_IF)
        stream.skip_operand()
        return tree.Malformed(stream.span_from(keyword.start))
    arguments = read_arguments(stream, parse)
    span = stream.span_from(keyword.start)
    if len(arguments) not in (2, 3):
        stream.report(
            Diagnostic(
                mistakes.MALFORMED_IF,
                f"`if` takes 2 or 3 arguments, found {len(arguments)}",
                span,
                help="write `if(condition, value)` or `if(condition, value, otherwise)`",
            )
        )
        return tree.Malformed(span)
    return tree.If(arguments[0], arguments[1], arguments[2] if len(arguments) == 3 else None, span)


def read_n_of(
    stream: TokenStream, quantity: int | Literal["any", "all"], start: int, parse: ParseExpression
) -> tree.Expression:
    """Read `of [ … ]` behind its quantity."""
    stream.advance()
    opening = stream.index
    if stream.current.kind != "[":
        stream.report_expected("`[` after `of`")
        stream.skip_operand()
        return tree.Malformed(stream.span_from(start))
    stream.advance()
    items = _read_items(stream, opening, parse)
    stream.close_bracket(opening, "]")
    return tree.NOf(quantity, items, stream.span_from(start))


def _read_items(stream: TokenStream, opening: int, parse: ParseExpression) -> tuple[tree.Expression, ...]:
    """Read expressions and the commas between them, up to a closing bracket or where one is missing."""
    items: list[tree.Expression] = []
    is_closed = stream.is_closed(opening)
    while True:
        items.append(_read_argument(stream, parse))
        if stream.current.kind == ",":
            stream.advance()
            continue
        if stream.current.kind in (")", "]") or stream.at_boundary():
            break
        if not is_closed and stream.current.starts_line:
            break
        if stream.current.kind in OPERAND_STARTS:
            gap = Span(stream.previous_end, stream.previous_end)
            stream.report(
                Diagnostic(
                    mistakes.MISSING_COMMA,
                    f"expected `,` or a closing bracket before {stream.describe()}",
                    stream.current.span,
                    label="a second argument begins here",
                    help="separate arguments by `,`",
                    suggestion=Suggestion(gap, ","),
                )
            )
            continue
        stream.report_expected("`,` or a closing bracket")
        stream.skip_argument(opening)
        if stream.current.kind != ",":
            break
        stream.advance()
    return tuple(items)


def _read_argument(stream: TokenStream, parse: ParseExpression) -> tree.Expression:
    """Read an argument, maybe with a name: metrics and `write_row` have `name: value`."""
    distance = _name_length(stream)
    if not distance:
        return parse(stream)
    start = stream.current.start
    name = "".join(stream.advance().text for _ in range(distance))
    stream.advance()
    token = stream.current
    value: tree.Expression
    if token.kind in (kinds.DURATION, "*"):  # `period: 1h`, `window: 30d`, `target.ip: *`: words of the metrics
        value = tree.Word(token.text, token.span)
        stream.advance()
    else:
        value = parse(stream)
    return tree.NamedArgument(name, value, stream.span_from(start))


def _name_length(stream: TokenStream) -> int:
    """Return how many tokens make up the name of a named argument, 0 if there is none."""
    if stream.current.kind != kinds.NAME and stream.current.kind not in kinds.KEYWORDS:
        return 0
    distance = 1
    while stream.peek(distance).kind == "." and stream.peek(distance + 1).kind == kinds.NAME:
        distance += 2
    return distance if stream.peek(distance).kind == ":" and not stream.at_boundary() else 0
