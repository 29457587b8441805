"""Comparisons and list tests of typed operands: whether the types go together, and what the test becomes."""

from __future__ import annotations

from dataclasses import replace

from windshear.language import expressions as ex
from windshear.language.check import patterns
from windshear.language.check.columns import find_column
from windshear.language.check.scope import Scope, unknown
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.diagnostics.suggest import closest
from windshear.language.lists import TYPE_OF_KIND
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.types import BOOL, FLOAT, STRING, UINT, Kind, Type
from windshear.udm.schema import enumeration

_ORDERINGS = ("<", "<=", ">", ">=")
_MOST_MEMBERS = 8


def compare(node: tree.Comparison, left: ex.Expression, right: ex.Expression, scope: Scope) -> ex.Expression:
    """Return the comparison of two typed operands."""
    if is_constant(left) and is_constant(right):
        scope.errors.add(
            Diagnostic(
                checks.CONSTANT_COMPARISON,
                "both sides of the comparison are constants",
                node.span,
                label="always the same",
            )
        )
        return unknown(node.span)
    left, right = coerce(left, right.type, scope), coerce(right, left.type, scope)
    if not is_unknown(left) and not is_unknown(right):
        _check_types(node, left, right, scope)
    if node.is_nocase:
        check_nocase(left, right, node.span, scope)
    check_one_quantifier(left, right, node.operator, scope)
    return ex.Comparison(node.operator, left, right, is_nocase=node.is_nocase, span=node.span)


def match_pattern(
    node: tree.Comparison, value: ex.Expression, pattern: tree.RegexLiteral, scope: Scope
) -> ex.Expression:
    """Return the test of `value = /pattern/`, negated for `!=`."""
    if is_constant(value):
        scope.errors.add(
            Diagnostic(checks.CONSTANT_COMPARISON, "both sides of the comparison are constants", node.span)
        )
        return unknown(node.span)
    if node.operator in _ORDERINGS:
        scope.errors.add(
            Diagnostic(
                checks.TYPE_MISMATCH,
                f"`{node.operator}` cannot stand before a pattern",
                node.operator_span,
                help="patterns are compared with `=` or `!=`",
            )
        )
        return unknown(node.span)
    check_pattern_value(value, scope)
    patterns.check_pattern(pattern.pattern, pattern.span, scope)
    if node.operator == "=":
        return ex.RegexMatch(value, pattern.pattern, is_nocase=node.is_nocase, span=node.span)
    matches = ex.RegexMatch(_dual(value), pattern.pattern, is_nocase=node.is_nocase, span=node.span)
    return ex.Not(matches, node.span)


def _dual(value: ex.Expression) -> ex.Expression:
    """Swap `any` and `all`: some element differs from a pattern where not all elements match it."""
    if isinstance(value, ex.Field) and value.quantifier is not None:
        return replace(value, quantifier="all" if value.quantifier == "any" else "any")
    return value


def member_of(node: tree.Membership, value: ex.Expression, scope: Scope) -> ex.Expression:
    """Return the test of `value in %list`."""
    if any(read.quantifier is not None for read in ex.fields(value)):
        scope.errors.add(
            Diagnostic(checks.MISPLACED_QUANTIFIER, "`any` and `all` cannot be used with a list", node.operand.span)
        )
    if isinstance(node.container, tree.TableColumn):
        return _in_column(node, node.container, value, scope)
    check_pattern_value(value, scope)
    if node.is_nocase and node.kind == "cidr":
        scope.errors.add(Diagnostic(checks.LIST_KIND, "`nocase` has no meaning for address ranges", node.span))
    kind = node.kind or "string"
    _check_list_type(node, node.container.name, kind, scope)
    return ex.Membership(value, node.container.name, None, kind, is_nocase=node.is_nocase, span=node.span)


def _check_list_type(node: tree.Membership, name: str, kind: str, scope: Scope) -> None:
    """Report a list of texts, patterns or networks that the rule reads as something else."""
    found = scope.lists.get(name)
    if found is None or found == TYPE_OF_KIND[kind]:
        return
    word = {"STRING": "in", "REGEX": "in regex", "CIDR": "in cidr"}[found]
    scope.errors.add(
        Diagnostic(
            checks.LIST_KIND,
            f"`%{name}` is a list of type {found}, the rule reads it as {TYPE_OF_KIND[kind]}",
            node.span,
            help=f"write `{word} %{name}`",
        )
    )


def _in_column(node: tree.Membership, column: tree.TableColumn, value: ex.Expression, scope: Scope) -> ex.Expression:
    """Return the test of `value in %table.column`; the column's type says how it is read where no keyword does."""
    known = find_column(column.table, column.column, column.span, scope)
    kind = node.kind or (known.tested_as if known else "number" if value.type.is_number else "string")
    if known and node.kind not in (None, known.tested_as):
        scope.errors.add(
            Diagnostic(
                checks.LIST_KIND,
                f"`in {node.kind}` with `%{column.table}.{column.column}`, a column of type {known.type}",
                node.span,
                help="leave the keyword out: the column has a type",
            )
        )
    if kind == "number":
        if not value.type.is_number and not is_unknown(value):
            scope.errors.add(
                Diagnostic(
                    checks.TYPE_MISMATCH,
                    f"a value of type {value.type} is looked up among the numbers of `%{column.table}.{column.column}`",
                    node.span,
                    help="convert it with `cast.as_float(…)`",
                )
            )
    else:
        check_pattern_value(value, scope)
    if node.is_nocase and kind in ("cidr", "number"):
        message = f"`nocase` has no meaning for a column of type {kind}"
        scope.errors.add(Diagnostic(checks.LIST_KIND, message, node.span))
    return ex.Membership(value, column.table, column.column, kind, is_nocase=node.is_nocase, span=node.span)


def is_constant(expression: ex.Expression) -> bool:
    """Whether an expression consists of literals only."""
    return not is_unknown(expression) and all(
        isinstance(node, ex.Literal | ex.Arithmetic) for node in ex.walk(expression)
    )


def is_unknown(expression: ex.Expression) -> bool:
    """Whether a mistake has already been reported for it."""
    return expression.type.kind is Kind.UNKNOWN


def coerce(literal: ex.Expression, other: Type, scope: Scope) -> ex.Expression:
    """Give a literal the type of what it is compared with, where the language does so: enums, floats, unsigned."""
    if not isinstance(literal, ex.Literal) or other.is_list:
        return literal
    kind, wanted = literal.type.kind, other.kind
    if kind is Kind.STRING and wanted is Kind.ENUM:
        return _member(literal, other, scope)
    if kind is Kind.STRING and wanted is Kind.BYTES:
        return replace(literal, type=other)
    if kind is Kind.INT and wanted is Kind.FLOAT:
        return replace(literal, value=float(literal.value), type=FLOAT)
    if kind is Kind.INT and wanted is Kind.UINT:
        return replace(literal, type=UINT)
    return literal


def _member(literal: ex.Literal, wanted: Type, scope: Scope) -> ex.Expression:
    members = enumeration(wanted.enum or "").members
    text = str(literal.value)
    if text in members:
        return replace(literal, type=wanted)
    close = closest(text, members)
    listed = ", ".join(f"`{name}`" for name in list(members)[:_MOST_MEMBERS])
    more = ", …" if len(members) > _MOST_MEMBERS else ""
    scope.errors.add(
        Diagnostic(
            checks.UNKNOWN_MEMBER,
            f"`{text}` is not a member of the enumeration `{wanted.enum}`",
            literal.span,
            label="no such member",
            help=f'did you mean `"{close}"`?' if close else f"its members are {listed}{more}",
            suggestion=Suggestion(literal.span, f'"{close}"') if close else None,
        )
    )
    return unknown(literal.span)


def _check_types(node: tree.Comparison, left: ex.Expression, right: ex.Expression, scope: Scope) -> None:
    if left.type.is_list or right.type.is_list:
        scope.errors.add(
            Diagnostic(
                checks.TYPE_MISMATCH,
                "a list cannot be compared",
                node.span,
                help="ask `arrays.contains(list, value)` or `arrays.length(field)`",
            )
        )
    elif not are_comparable(left.type, right.type):
        _report_mismatch(node, left, right, scope)
    elif node.operator in _ORDERINGS:
        _check_ordering(node, left, right, scope)


def are_comparable(left: Type, right: Type) -> bool:
    """Whether values of two types can be equal."""
    if left.is_number and right.is_number:
        return True
    if left.kind is Kind.ENUM and right.kind is Kind.ENUM:
        return left.enum == right.enum
    if left.is_text and right.is_text:
        return True
    return left.kind is right.kind


def _report_mismatch(node: tree.Comparison, left: ex.Expression, right: ex.Expression, scope: Scope) -> None:
    literal = right if isinstance(right, ex.Literal) else left if isinstance(left, ex.Literal) else None
    other = left if literal is right else right
    help_text, suggestion = "", None
    if literal is not None and literal.type == STRING and other.type.is_number and str(literal.value).isdecimal():
        help_text = "write the number without quotes"
        suggestion = Suggestion(literal.span, str(int(str(literal.value))))
    elif literal is not None and literal.type.is_number and other.type.is_text:
        help_text = "write the value in quotes"
        suggestion = Suggestion(literal.span, f'"{literal.value}"')
    elif literal is not None and other.type == BOOL:
        help_text = "write `true` or `false`, without quotes"
    elif literal is None:
        help_text = "convert one side with a `cast.` function"
    scope.errors.add(
        Diagnostic(
            checks.TYPE_MISMATCH,
            f"a value of type {left.type} is compared with one of type {right.type}",
            node.span,
            help=help_text,
            suggestion=suggestion,
        )
    )


def _check_ordering(node: tree.Comparison, left: ex.Expression, right: ex.Expression, scope: Scope) -> None:
    """Only numbers have an order, and enums by the numbers of their members; strings compare byte by byte."""
    if left.type.kind is Kind.BOOL:
        scope.errors.add(Diagnostic(checks.TYPE_MISMATCH, "booleans have no order", node.span, help="use `=` or `!=`"))
    elif left.type.enum != right.type.enum and not _has_literal(left, right):
        scope.unsupported.append(("the order of an enumerated value and a text", node.span))


def _has_literal(left: ex.Expression, right: ex.Expression) -> bool:
    return isinstance(left, ex.Literal) or isinstance(right, ex.Literal)


def check_pattern_value(value: ex.Expression, scope: Scope) -> None:
    """Report a value that patterns and lists cannot be held against."""
    if is_unknown(value) or (value.type.is_text and value.type.kind is not Kind.ENUM):
        return
    if value.type.kind is Kind.ENUM and not value.type.is_list:
        scope.errors.add(
            Diagnostic(
                checks.TEXT_TEST_ON_ENUM,
                f"a text test on a value of type {value.type}",
                value.span,
                help='compare with its members: `= "…"`, joined by `or`',
            )
        )
    else:
        scope.errors.add(
            Diagnostic(
                checks.TYPE_MISMATCH, f"a text test on a value of type {value.type}", value.span, label="text expected"
            )
        )


def check_nocase(left: ex.Expression, right: ex.Expression, span: Span, scope: Scope) -> None:
    """Report `nocase` on anything but strings."""
    for side in (left, right):
        if is_unknown(side):
            continue
        if side.type.kind is Kind.ENUM:
            scope.errors.add(
                Diagnostic(checks.TEXT_TEST_ON_ENUM, "`nocase` on an enumerated field", span, help="leave `nocase` out")
            )
        elif not side.type.is_text:
            scope.errors.add(
                Diagnostic(
                    checks.NOCASE_WITHOUT_TEXT,
                    f"`nocase` on a value of type {side.type}",
                    span,
                    help="leave `nocase` out",
                )
            )


def check_one_quantifier(left: ex.Expression, right: ex.Expression, operator: str, scope: Scope) -> None:
    """Report `any` and `all` where two records are compared, or on two fields of one test."""
    reads = [*ex.fields(left), *ex.fields(right)]
    quantified = [read for read in reads if read.quantifier is not None]
    if not quantified:
        return
    first = quantified[0]
    has_placeholder = operator == "=" and (isinstance(left, ex.Placeholder) or isinstance(right, ex.Placeholder))
    if has_placeholder or any(read.variable != first.variable for read in reads):
        scope.errors.add(
            Diagnostic(checks.MISPLACED_QUANTIFIER, f"`{first.quantifier}` cannot be used in a join", first.span)
        )
    elif len(quantified) > 1:
        scope.errors.add(
            Diagnostic(
                checks.MISPLACED_QUANTIFIER,
                "one test can have only one field with `any` or `all`",
                quantified[1].span,
            )
        )
