"""Names with dots: variables, field paths, function names, lists and table columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Label
from windshear.language.source import Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.literals import integer_value, string_value
from windshear.language.syntax.stream import TokenStream

_MAX_INDEX: Final = 1 << 31

ParseExpression = Callable[[TokenStream], tree.Expression]


def read_variable(stream: TokenStream, parse: ParseExpression) -> tree.Variable | tree.Path:
    """Read `$name` or `$name.a.b[0]`."""
    token = stream.advance()
    name = token.text[1:]
    span = token.span
    if stream.current.kind == "[" and not stream.current.starts_line:
        stream.report(
            Diagnostic(
                mistakes.MALFORMED_PATH,
                f"`{token.text}` cannot be indexed: only fields have indices and map keys",
                stream.current.span,
                help="to read an element of a list use `arrays.index_to_str($list, 0)`",
            )
        )
        stream.skip_brackets()
    if stream.current.kind != ".":
        return tree.Variable(name, span)
    segments = read_segments(stream, parse)
    return tree.Path(None, name, span, segments, stream.span_from(span.start))


def read_segments(
    stream: TokenStream, parse: ParseExpression, *, is_first_bare: bool = False
) -> tuple[tree.Segment, ...]:
    """Read `.a.b[0].c["k"]`, from the first dot on, or from the first name on in the form without variable."""
    segments: list[tree.Segment] = []
    while is_first_bare or stream.current.kind == ".":
        if not is_first_bare:
            stream.advance()
        is_first_bare = False
        token = stream.current
        if token.kind != kinds.NAME:
            stream.report_expected("a field name after `.`", mistakes.MALFORMED_PATH)
            break
        stream.advance()
        if stream.current.kind == "[" and not stream.current.starts_line:
            segments.append(_read_index(stream, token.text, token.start, parse))
        else:
            segments.append(tree.Segment(token.text, token.span))
    return tuple(segments)


def read_list(stream: TokenStream) -> tree.ListReference | tree.TableColumn:
    """Read `%list` or `%table.column`."""
    token = stream.advance()
    if stream.current.kind != ".":
        return tree.ListReference(token.text[1:], token.span)
    stream.advance()
    if stream.current.kind != kinds.NAME:
        stream.report_expected("a column name after `.`", mistakes.MALFORMED_PATH)
        return tree.ListReference(token.text[1:], token.span)
    column = stream.advance()
    return tree.TableColumn(token.text[1:], column.text, Span(token.start, column.end))


def _read_index(stream: TokenStream, name: str, start: int, parse: ParseExpression) -> tree.Segment:
    opening = stream.index
    stream.advance()
    inner, following = stream.current, stream.peek()
    segment: tree.Segment
    if inner.kind == kinds.INTEGER and following.kind == "]" and integer_value(inner.text) < _MAX_INDEX:
        stream.advance()
        segment = tree.Segment(name, Span(start, following.end), index=integer_value(inner.text))
    elif inner.kind in kinds.STRINGS and following.kind == "]":
        stream.advance()
        segment = tree.Segment(name, Span(start, following.end), key=string_value(inner))
    else:
        index = stream.nested(lambda: parse(stream))
        segment = tree.Segment(name, stream.span_from(start), bad_index=index)
    stream.close_bracket(opening, "]")
    if stream.current.kind != "[" or stream.current.starts_line:
        return segment
    if segment.bad_index is None and (segment.key is None) == (stream.peek().kind in kinds.STRINGS):
        stream.skip_brackets()
        return replace(segment, span=stream.span_from(start), has_both=True)
    stream.report(
        Diagnostic(
            mistakes.MALFORMED_PATH,
            "a field has at most one index or map key",
            stream.current.span,
            labels=(Label(segment.span, "the first one"),),
        )
    )
    stream.skip_brackets()
    return segment
