"""The sections of a rule: each function reads one, from behind its colon to its end."""

from __future__ import annotations

from typing import Final

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.source import Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.calls import read_arguments, report_missing_operator
from windshear.language.syntax.expressions import read_expression
from windshear.language.syntax.infix import report_foreign
from windshear.language.syntax.stream import OPERAND_STARTS, TokenStream, is_connective
from windshear.language.syntax.tokens import Token

_CONDITIONS: Final = (tree.Comparison, tree.Membership, tree.IsNull, tree.Not, tree.And, tree.Or)
_ASSIGNMENT_SIGNS: Final = frozenset({"=", "==", ":=", ":"})


def read_events(stream: TokenStream, start: int) -> tree.Events:
    """Read predicates, joined by nothing but following each other."""
    is_empty = stream.at_boundary()
    stream.in_events = True
    predicates: list[tree.Expression] = []
    while not stream.at_boundary():
        if stream.current.kind in OPERAND_STARTS or stream.current.kind == "-":
            stream.arithmetic = 0
            predicates.append(read_expression(stream))
        else:
            read_stray(stream, "a predicate")
    stream.in_events = False
    section = tree.Events(tuple(predicates), stream.span_from(start))
    if is_empty:
        report_empty(stream, "events", section.span)
    return section


def read_setup(stream: TokenStream, start: int) -> tree.Setup:
    """Read `graph_override(…)`, `graph_exclude(…)`, `graph_append [$g, %t]`."""
    is_empty = stream.at_boundary()
    operations: list[tree.GraphOperation] = []
    while not stream.at_boundary():
        token = stream.current
        if token.kind != kinds.NAME or stream.peek().kind not in ("(", "["):
            read_stray(stream, "a graph operation such as `graph_override(…)`")
            continue
        stream.advance()
        arguments = _read_predicates_in_brackets(stream) if stream.current.kind == "(" else _read_list(stream)
        operations.append(tree.GraphOperation(token.text, arguments, stream.span_from(token.start)))
    section = tree.Setup(tuple(operations), stream.span_from(start))
    if is_empty:
        report_empty(stream, "setup", section.span)
    return section


def read_outcome(stream: TokenStream, start: int) -> tree.Outcome:
    """Read `$name = value` lines."""
    assignments: list[tree.Assignment] = []
    while not stream.at_boundary():
        token = stream.current
        if token.kind not in (kinds.VARIABLE, kinds.NAME) or stream.peek().kind not in _ASSIGNMENT_SIGNS:
            if token.kind in OPERAND_STARTS:
                stream.report_stray("`$name = value`", mistakes.MALFORMED_ENTRY)
                stream.skip_statement()
            else:
                read_stray(stream, "`$name = value`")
            continue
        assignments.append(_read_assignment(stream))
    return tree.Outcome(tuple(assignments), stream.span_from(start))


def read_condition(stream: TokenStream, start: int) -> tree.Condition:
    """Read the one expression of the condition section."""
    if stream.at_boundary():
        section = tree.Condition(tree.Malformed(stream.span_from(start)), stream.span_from(start))
        report_empty(stream, "condition", section.span)
        return section
    stream.in_condition = True
    stream.arithmetic = 0
    items = [read_expression(stream)]
    commas: list[Span] = []
    while not stream.at_boundary():
        token = stream.current
        if token.kind == ",":
            if not commas:
                stream.report(
                    Diagnostic(
                        mistakes.COMMA_BETWEEN_CONDITIONS,
                        "conditions are not separated by commas",
                        token.span,
                        help="write `and`",
                        suggestion=Suggestion(token.span, " and"),
                    )
                )
            commas.append(stream.advance().span)
            if stream.at_boundary():
                break
        elif token.kind in OPERAND_STARTS:
            report_missing_operator(stream)
        else:
            read_stray(stream, "`and` or `or`")
            continue
        items.append(read_expression(stream))
    stream.in_condition = False
    span = items[0].span.to(items[-1].span)
    expression = items[0] if len(items) == 1 and not commas else tree.And(tuple(items), span, tuple(commas))
    return tree.Condition(expression, stream.span_from(start))


def read_options(stream: TokenStream, start: int) -> tree.Options:
    """Read `name = value` lines."""
    entries: list[tree.Option] = []
    while not stream.at_boundary():
        token = stream.current
        if token.kind != kinds.NAME or stream.peek().kind not in _ASSIGNMENT_SIGNS:
            read_stray(stream, "`name = value`")
            continue
        stream.advance()
        _read_assignment_sign(stream)
        value = _read_value(stream)
        entries.append(tree.Option(token.text, value, stream.span_from(token.start)))
    return tree.Options(tuple(entries), stream.span_from(start))


def read_export(stream: TokenStream, start: int) -> tree.Export:
    """Read `%table.write_row(column: value, …)`; the function's name is kept whole: `%table.write_row`."""
    is_empty = stream.at_boundary()
    writes: list[tree.Call] = []
    while not stream.at_boundary():
        token = stream.current
        if token.kind != kinds.LIST or [stream.peek(n).kind for n in (1, 2, 3)] != [".", kinds.NAME, "("]:
            read_stray(stream, "`%table.write_row(column: value)`")
            continue
        stream.advance()
        stream.advance()
        method = stream.advance()
        function_span = stream.span_from(token.start)
        arguments = read_arguments(stream, read_expression)
        name = f"{token.text}.{method.text}"
        span = stream.span_from(token.start)
        writes.append(tree.Call(name, function_span, arguments, is_nocase=False, quantifier=None, span=span))
    section = tree.Export(tuple(writes), stream.span_from(start))
    if is_empty:
        report_empty(stream, "export", section.span)
    return section


def read_stray(stream: TokenStream, expected: str) -> None:
    """Report what cannot begin a statement, and skip it."""
    token = stream.current
    if token.kind == ",":
        stream.report(
            Diagnostic(
                mistakes.STRAY_COMMA,
                "lines are not separated by commas",
                token.span,
                help="remove it",
                suggestion=Suggestion(token.span, ""),
            )
        )
        stream.advance()
    elif token.kind in (")", "]"):
        stream.report(
            Diagnostic(
                mistakes.UNMATCHED_PARENTHESIS,
                f"`{token.text}` closes nothing",
                token.span,
                help="remove it, or add the bracket that it should close",
            )
        )
        stream.advance()
        if is_connective(stream.current):
            stream.advance()  # goes on with what the bracket was meant to end
    else:
        stream.report_stray(expected)
        stream.skip_statement()


def report_empty(stream: TokenStream, keyword: str, span: Span) -> None:
    """Report a section that must hold something."""
    stream.collector.add(
        Diagnostic(
            mistakes.EMPTY_SECTION,
            f"the section `{keyword}` is empty",
            span,
            help="leave it out"
            if keyword in ("setup", "export", "match")
            else f"a rule needs something in `{keyword}`",
        )
    )


def _read_assignment(stream: TokenStream) -> tree.Assignment:
    token = stream.advance()
    if token.kind == kinds.NAME:
        stream.report(
            Diagnostic(
                mistakes.MALFORMED_ENTRY,
                f"outcome variables begin with `$`, found `{token.text}`",
                token.span,
                help=f"write `${token.text}`",
                suggestion=Suggestion(token.span, f"${token.text}"),
            )
        )
    _read_assignment_sign(stream)
    value = _read_value(stream)
    name = token.text.removeprefix("$")
    return tree.Assignment(name, token.span, value, Span(token.start, max(value.span.end, token.end)))


def _read_assignment_sign(stream: TokenStream) -> None:
    token = stream.advance()
    if token.kind == ":":
        _report_colon(stream, token)
    else:
        report_foreign(stream, token)


def _report_colon(stream: TokenStream, token: Token) -> None:
    stream.collector.add(
        Diagnostic(
            mistakes.MALFORMED_ENTRY,
            "expected `=`, found `:`",
            token.span,
            help="values are given with `=`",
            suggestion=Suggestion(token.span, " ="),
        )
    )


def _read_value(stream: TokenStream) -> tree.Expression:
    """Read the value of an outcome variable or option: an operand, not a test."""
    stream.arithmetic = 0
    following = stream.peek().kind in _ASSIGNMENT_SIGNS
    if stream.current.starts_line and stream.current.kind in (kinds.VARIABLE, kinds.NAME) and following:
        place = stream.place()
        stream.report_expected("a value after `=`", mistakes.EXPECTED_VALUE)
        return tree.Malformed(place)
    value = read_expression(stream)
    if isinstance(value, _CONDITIONS):
        written = stream.text[value.span.start : value.span.end]
        stream.collector.add(
            Diagnostic(
                mistakes.CONDITION_AS_VALUE,
                "expected a value, found a condition",
                value.span,
                help="wrap it in `if(…)`",
                suggestion=Suggestion(value.span, f"if({written}, 1, 0)"),
            )
        )
    if not stream.at_boundary() and not stream.current.starts_line and not _is_at_next(stream):
        if stream.current.kind in (")", "]"):
            read_stray(stream, "a new line")
        else:
            stream.report_expected("a new line")
            stream.skip_statement()
    return value


def _is_at_next(stream: TokenStream) -> bool:
    """Whether the next variable or option begins here, on the line of the last; a comma is reported as such."""
    kind = stream.current.kind
    return kind in (",", kinds.VARIABLE) or (kind == kinds.NAME and stream.peek().kind == "=")


def _read_predicates_in_brackets(stream: TokenStream) -> tuple[tree.Expression, ...]:
    """Read `( predicate predicate … )` of a graph operation."""
    opening = stream.index
    stream.advance()
    predicates: list[tree.Expression] = []
    while stream.current.kind in OPERAND_STARTS and not stream.at_boundary():
        stream.arithmetic = 0
        predicates.append(read_expression(stream))
    stream.close_bracket(opening, ")")
    return tuple(predicates)


def _read_list(stream: TokenStream) -> tuple[tree.Expression, ...]:
    """Read `[$g, %table]` of `graph_append`."""
    opening = stream.index
    start = stream.advance().start
    items: list[tree.Expression] = []
    while stream.current.kind in OPERAND_STARTS and not stream.at_boundary():
        items.append(read_expression(stream))
        if not stream.accept(","):
            break
    is_closed = stream.close_bracket(opening, "]")
    if is_closed and [type(item) for item in items] != [tree.Variable, tree.ListReference]:
        stream.collector.add(
            Diagnostic(
                mistakes.UNEXPECTED_TOKEN,
                "expected an entity variable and a table",
                stream.span_from(start),
                help="write `[$entity, %table]`",
            )
        )
    return tuple(items)
