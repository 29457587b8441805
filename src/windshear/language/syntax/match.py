"""The match section: grouping keys and the window."""

from __future__ import annotations

from typing import Literal

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.source import Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.expressions import read_expression
from windshear.language.syntax.literals import duration
from windshear.language.syntax.sections import read_stray
from windshear.language.syntax.stream import OPERAND_STARTS, TokenStream

_UNITS = {"second": "s", "minute": "m", "min": "m", "hour": "h", "day": "d", "week": "w"}


def read_match(stream: TokenStream, start: int) -> tree.Match:
    """Read `$key, $key over 5m`."""
    keys = read_keys(stream)
    window: tree.Window | None = None
    if stream.current.kind in ("over", "by"):
        window = read_window(stream)
        while not stream.at_boundary():
            read_stray(stream, "the end of the match section")
    else:
        stream.report_expected("a window such as `over 5m`", mistakes.MALFORMED_WINDOW)
    return tree.Match(keys, window, stream.span_from(start))


def read_keys(stream: TokenStream) -> tuple[tree.Expression, ...]:
    """Read the keys of a match section, up to its window or its end."""
    keys: list[tree.Expression] = []
    while stream.current.kind not in ("over", "by") and not stream.at_boundary():
        if stream.current.kind not in OPERAND_STARTS:
            stream.report_stray("a match variable", mistakes.EXPECTED_VALUE)
            stream.advance()
            continue
        keys.append(read_expression(stream))
        if stream.accept(","):
            if stream.current.kind in ("over", "by"):
                stream.report_expected("a match variable after `,`", mistakes.EXPECTED_VALUE)
        elif stream.current.kind in OPERAND_STARTS and not stream.at_boundary():
            stream.report_no_comma("match variables")
    if not keys and stream.current.kind in ("over", "by"):
        stream.report_expected("a match variable", mistakes.EXPECTED_VALUE)
    return tuple(keys)


def read_window(stream: TokenStream) -> tree.Window | None:
    """Read a window; None, after a report, if it is malformed."""
    keyword = stream.advance()
    is_tumbling = keyword.kind == "by"
    if keyword.kind == "over" and stream.accept("every"):
        is_tumbling = True
    length = _read_duration(stream)
    if length is None:
        return None
    if stream.current.kind == kinds.NAME and stream.current.text.lower() == "tumbling" and is_tumbling:
        stream.advance()
        return tree.Window("tumbling", length, None, stream.span_from(keyword.start))
    if is_tumbling:
        return tree.Window("tumbling", length, None, stream.span_from(keyword.start))
    if stream.current.kind not in ("after", "before"):
        return tree.Window("hop", length, None, stream.span_from(keyword.start))
    direction = stream.advance()
    if stream.current.kind != kinds.VARIABLE:
        stream.report_expected(f"an event variable after `{direction.text}`", mistakes.MALFORMED_WINDOW)
        return None
    token = stream.advance()
    pivot = tree.Variable(token.text[1:], token.span)
    kind: Literal["sliding_after", "sliding_before"]
    kind = "sliding_after" if direction.kind == "after" else "sliding_before"
    return tree.Window(kind, length, pivot, stream.span_from(keyword.start))


def _read_duration(stream: TokenStream) -> tree.DurationLiteral | None:
    token = stream.current
    if token.kind == kinds.DURATION:
        return duration(stream.advance())
    following = stream.peek()
    if token.kind == kinds.INTEGER:
        unit = _unit(following.text) if following.kind == kinds.NAME and not following.starts_line else ""
        span = Span(token.start, following.end if unit else token.end)
        stream.report(
            Diagnostic(
                mistakes.MALFORMED_WINDOW,
                f"expected a duration such as `5m`, found `{stream.text[span.start : span.end]}`",
                span,
                label="a number needs its unit, without a space" if unit else "a number without unit",
                help="the units are `m`, `h` and `d`",
                suggestion=Suggestion(span, token.text + unit) if unit else None,
            )
        )
    elif token.kind == kinds.NAME and _unit(token.text):
        stream.report(
            Diagnostic(
                mistakes.MALFORMED_WINDOW,
                f"`{token.text}` is a unit of searches; a rule needs a duration such as `1{_unit(token.text)}`",
                token.span,
                suggestion=Suggestion(token.span, f"1{_unit(token.text)}"),
            )
        )
    else:
        stream.report_expected("a duration such as `5m`", mistakes.MALFORMED_WINDOW)
    stream.skip_section()
    return None


def _unit(word: str) -> str:
    lowered = word.lower()
    return lowered if lowered in kinds.DURATION_UNITS else _UNITS.get(lowered.removesuffix("s"), "")
