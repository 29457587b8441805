"""The sections of a query: each function reads one, from behind its colon to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, cast

from windshear.language.diagnostics import queries
from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.source import Span
from windshear.language.syntax import query_tree, tree
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax.expressions import read_expression
from windshear.language.syntax.literals import integer_value
from windshear.language.syntax.match import read_keys, read_window
from windshear.language.syntax.sections import read_stray, report_empty
from windshear.language.syntax.stream import OPERAND_STARTS, TokenStream

_SIDES: Final = ("left", "right")
_UNITS: Final[dict[str, query_tree.Unit]] = {
    "minute": "minute",
    "m": "minute",
    "min": "minute",
    "hour": "hour",
    "h": "hour",
    "day": "day",
    "d": "day",
    "week": "week",
    "w": "week",
    "month": "month",
    "mo": "month",
}


@dataclass(frozen=True, slots=True)
class Predicates:
    """The filter of a query: predicates, and the outer joins between them."""

    items: tuple[tree.Expression, ...]
    joins: tuple[query_tree.OuterJoin, ...]

    def followed_by(self, more: Predicates) -> Predicates:
        """Return both, one after the other."""
        return Predicates(self.items + more.items, self.joins + more.joins)


def read_predicates(stream: TokenStream, _start: int) -> Predicates:
    """Read predicates and outer joins that follow each other."""
    items: list[tree.Expression] = []
    joins: list[query_tree.OuterJoin] = []
    stream.in_events = True
    while not stream.at_boundary():
        stream.arithmetic = 0
        if _at_outer_join(stream):
            joins.append(_read_outer_join(stream))
        elif stream.current.kind in OPERAND_STARTS or stream.current.kind == "-":
            items.append(read_expression(stream))
        else:
            read_stray(stream, "a predicate")
    stream.in_events = False
    return Predicates(tuple(items), tuple(joins))


def _word(stream: TokenStream, distance: int = 0) -> str:
    token = stream.peek(distance) if distance else stream.current
    return token.text.lower() if token.kind == kinds.NAME else ""


def _at_outer_join(stream: TokenStream) -> bool:
    return _word(stream) == "join" or (_word(stream) in _SIDES and _word(stream, 1) == "join")


def _read_outer_join(stream: TokenStream) -> query_tree.OuterJoin:
    token = stream.current
    side = _word(stream)
    if side == "join":
        stream.report(
            Diagnostic(
                queries.MALFORMED_OUTER_JOIN,
                "expected `left` or `right` before `join`",
                token.span,
                help="an inner join needs no keyword: equate the fields",
                suggestion=Suggestion(token.span, "left join"),
            )
        )
        side = "left"
    else:
        stream.advance()
    stream.advance()
    on: tree.Expression
    if stream.at_boundary() or stream.current.kind not in OPERAND_STARTS:
        stream.report_expected("an equality of two fields after `join`", queries.MALFORMED_OUTER_JOIN)
        on = tree.Malformed(stream.span_from(token.start))
    else:
        on = read_expression(stream)
    return query_tree.OuterJoin(cast(Literal["left", "right"], side), on, stream.span_from(token.start))


def read_query_match(stream: TokenStream, start: int) -> query_tree.Match:
    """Read `key, key [over 5m | by [first] day]`."""
    keys = read_keys(stream)
    window: tree.Window | query_tree.Granularity | None = None
    if stream.current.kind in ("over", "by"):
        is_granular = stream.current.kind == "by" or stream.peek().kind == "every"
        window = _read_granularity(stream) if is_granular else read_window(stream)
    while not stream.at_boundary():
        read_stray(stream, "the end of the match section")
    section = query_tree.Match(keys, window, stream.span_from(start))
    if not keys and window is None:
        report_empty(stream, "match", section.span)
    return section


def _read_granularity(stream: TokenStream) -> query_tree.Granularity | None:
    """Read `by day`, `by first 2 hours`, `over every 5m [tumbling]`."""
    keyword = stream.advance()
    stream.accept("every")
    is_first = _word(stream) == "first"
    if is_first:
        stream.advance()
    token = stream.current
    count, unit = 1, ""
    if token.kind == kinds.DURATION:
        count, unit = integer_value(token.text[:-1]), token.text[-1]
        stream.advance()
    else:
        if token.kind == kinds.INTEGER:
            count = integer_value(token.text)
            stream.advance()
        unit = _word(stream)
        if unit:
            stream.advance()
    found = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
    if found is None:
        place = stream.span_from(keyword.start)
        stream.report(
            Diagnostic(
                mistakes.MALFORMED_WINDOW,
                f"expected a unit of time, found `{unit}`" if unit else "expected a unit of time",
                place,
                help="for instance `by day`, `by 5m` or `over every 2 hours`; units are minutes, hours, days, weeks, "
                "months",
            )
        )
        stream.skip_section()
        return None
    if _word(stream) == "tumbling":
        stream.advance()
    return query_tree.Granularity(count, found, is_first, stream.span_from(keyword.start))


def read_columns(stream: TokenStream, start: int) -> query_tree.Columns:
    """Read the names of `dedup`, `select` or `unselect`."""
    items = _read_names(stream)
    section = query_tree.Columns(items, stream.span_from(start))
    if not items:
        report_empty(stream, stream.text[start : section.span.end].partition(":")[0].strip(), section.span)
    return section


def read_order(stream: TokenStream, start: int) -> query_tree.Order:
    """Read `$x desc, principal.hostname`."""
    items: list[query_tree.OrderItem] = []
    while not stream.at_boundary():
        if stream.current.kind not in OPERAND_STARTS:
            read_stray(stream, "a column of the result")
            continue
        column = read_expression(stream)
        direction = _word(stream) if not stream.at_boundary() else ""
        if direction in ("asc", "desc"):
            stream.advance()
        items.append(query_tree.OrderItem(column, direction == "desc"))
        _read_comma(stream)
    section = query_tree.Order(tuple(items), stream.span_from(start))
    if not items:
        report_empty(stream, "order", section.span)
    return section


def read_limit(stream: TokenStream, start: int) -> query_tree.Limit:
    """Read a number of rows."""
    token = stream.current
    rows: int | None = None
    if token.kind == kinds.INTEGER and not stream.at_boundary():
        rows = integer_value(token.text)
        stream.advance()
    if rows is None or rows < 1:
        span = token.span if not stream.at_boundary() or rows is not None else Span(stream.previous_end, token.start)
        stream.report(
            Diagnostic(queries.LIMIT_VALUE, "expected a number of rows", span, help="for instance `limit: 10`")
        )
        rows = None
        stream.skip_section()
    while not stream.at_boundary():
        read_stray(stream, "the end of the limit section")
    return query_tree.Limit(rows, stream.span_from(start))


def _read_names(stream: TokenStream) -> tuple[tree.Expression, ...]:
    items: list[tree.Expression] = []
    while not stream.at_boundary():
        if stream.current.kind not in OPERAND_STARTS:
            read_stray(stream, "a column of the result")
            continue
        items.append(read_expression(stream))
        _read_comma(stream)
    return tuple(items)


def _read_comma(stream: TokenStream) -> None:
    """Step past the comma behind a name; a missing one is reported, one too many is not."""
    if not stream.accept(",") and not stream.at_boundary() and stream.current.kind in OPERAND_STARTS:
        stream.report_no_comma("columns")
