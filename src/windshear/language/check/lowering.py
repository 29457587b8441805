"""From syntax to meaning: each written value or test becomes a typed expression.

The functions here go through the tree; what an operator, call or field means on typed operands stands in the modules
beside this one. An expression about which a mistake was reported has type unknown, which silences its consequences.
"""

from __future__ import annotations

from windshear.language import expressions as ex
from windshear.language.check import aggregates, arithmetic, calls, choices, comparisons, metrics, tables
from windshear.language.check.fields import check_field
from windshear.language.check.queries import groups
from windshear.language.check.scope import Scope, unknown
from windshear.language.check.walk import ungrouped, walk
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic, Mistake
from windshear.language.functions.function import Function
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.types import BOOL, FLOAT, INT, STRING, UNKNOWN, Kind


def lower_value(node: tree.Expression, scope: Scope) -> ex.Expression:
    """Return what a written value means."""
    match node:
        case tree.Group(inner=inner):
            return lower_value(inner, scope)
        case tree.StringLiteral() | tree.NumberLiteral() | tree.BoolLiteral():
            return lower_literal(node, scope)
        case tree.Path():
            return check_field(node, scope)
        case tree.Variable():
            return _variable(node, scope)
        case tree.Call():
            return _call(node, scope)
        case tree.If():
            return _choice(node, scope)
        case tree.Arithmetic(left=left, right=right):
            return arithmetic.calculate(node, lower_value(left, scope), lower_value(right, scope), scope)
        case tree.TableColumn():
            return tables.check_column(node, scope)
        case tree.Word():
            return _word(node, scope)
        case tree.Malformed(span=span):
            return unknown(span)
        case (
            tree.Comparison()
            | tree.Membership()
            | tree.IsNull()
            | tree.Not()
            | tree.And()
            | tree.Or()
            | tree.NOf()
            | tree.Absent()
        ):
            return lower_test(node, scope)
        case tree.RegexLiteral() | tree.DurationLiteral() | tree.Count() | tree.ListReference() | tree.NamedArgument():
            return _no_value(node, scope)


def lower_test(node: tree.Expression, scope: Scope) -> ex.Expression:
    """Return what a written predicate means: an expression of type bool, or unknown."""
    match node:
        case tree.Group(inner=inner):
            return lower_test(inner, scope)
        case tree.And(items=items, span=span):
            return ex.And(tuple(lower_test(item, scope) for item in items), span)
        case tree.Or(items=items, span=span):
            return ex.Or(tuple(lower_test(item, scope) for item in items), span)
        case tree.Not(operand=operand, span=span):
            return ex.Not(lower_test(operand, scope), span)
        case tree.Comparison():
            return _comparison(node, scope)
        case tree.Membership():
            return comparisons.member_of(node, lower_value(node.operand, scope), scope)
        case tree.IsNull(operand=operand, is_negated=is_negated, span=span) if scope.is_search:
            return ex.IsNull(lower_value(operand, scope), is_negated, span)
        case tree.IsNull(span=span):
            scope.errors.add(
                Diagnostic(checks.NULL_TEST, "rules have no null", span, help='an absent value is `""`, `0` or `false`')
            )
            return unknown(span)
        case tree.Absent(span=span) | tree.NOf(span=span):
            return _refuse(checks.CONDITION_OPERAND, "this stands only in the condition section", span, scope)
        case _:
            return _boolean(lower_value(node, scope), scope)


def refuse_quantifiers(value: ex.Expression, where: str, scope: Scope) -> None:
    """Report `any` and `all` before fields whose value is taken instead of tested."""
    stack = [value]
    while stack:
        node = stack.pop()
        match node:
            case ex.Field(quantifier=quantifier, span=span) if quantifier is not None:
                scope.errors.add(
                    Diagnostic(
                        checks.MISPLACED_QUANTIFIER,
                        f"`{quantifier}` cannot be used in {where}",
                        span,
                        help=f"leave `{quantifier}` out",
                    )
                )
            case ex.If(then=then, otherwise=otherwise):
                stack += [then, otherwise]
            case ex.Arithmetic() | ex.Aggregate() | ex.Call():
                if node.type.kind is not Kind.BOOL:
                    stack += ex.children(node)
            case _:
                pass


def lower_literal(node: tree.StringLiteral | tree.NumberLiteral | tree.BoolLiteral, scope: Scope) -> ex.Literal:
    """Return what a written constant means."""
    match node:
        case tree.StringLiteral(value=text, span=span):
            return ex.Literal(text, STRING, span)
        case tree.BoolLiteral(value=truth, span=span):
            return ex.Literal(truth, BOOL, span)
        case tree.NumberLiteral(span=span):
            if node.is_negative:
                scope.notices.add(
                    Diagnostic(
                        checks.NEGATIVE_LITERAL, "a negative literal", span, help=f"write `0 - {abs(node.value)}`"
                    )
                )
            return _number(node)


def _number(node: tree.NumberLiteral) -> ex.Literal:
    value = -abs(node.value) if node.is_negative else node.value
    return ex.Literal(value, FLOAT if isinstance(value, float) else INT, node.span)


def _variable(node: tree.Variable, scope: Scope) -> ex.Expression:
    name, span = node.name, node.span
    if name in scope.names.events:
        return _refuse(
            checks.VARIABLE_AS_VALUE,
            f"`${name}` is an event variable and has no value",
            span,
            scope,
            "read one of its fields",
        )
    if scope.section != "events" and name in scope.outcome_types:
        return ex.OutcomeVariable(name, scope.outcome_types[name], span)
    if name in scope.names.placeholders:
        return ex.Placeholder(name, scope.placeholder_types.get(name, UNKNOWN), span)
    if name in scope.names.outcomes:
        return _refuse(
            checks.FORWARD_REFERENCE, f"`${name}` is used before it is defined", span, scope, "move its definition up"
        )
    return _refuse(checks.UNKNOWN_IN_OUTCOME, f"`${name}` is not defined", span, scope)


def _word(node: tree.Word, scope: Scope) -> ex.Expression:
    if scope.section == "filter" and (observed := metrics.read_observation(node)):
        return observed
    bound = node.text.lower()
    if bound not in ("window_start", "window_end"):
        help_text = f'write `"{node.text}"` or `${node.text}`'
        return _refuse(checks.UNKNOWN_WORD, f"`{node.text}` has no value here", node.span, scope, help_text)
    if scope.section == "events" or not scope.has_match:
        where = "in the events section" if scope.section == "events" else "without a match window"
        return _refuse(checks.WINDOW_BOUND, f"`{bound}` has no value {where}", node.span, scope)
    return ex.WindowBound("start" if bound == "window_start" else "end", node.span)


def _no_value(
    node: tree.RegexLiteral | tree.DurationLiteral | tree.Count | tree.ListReference | tree.NamedArgument, scope: Scope
) -> ex.Expression:
    match node:
        case tree.RegexLiteral():
            message = "a pattern stands after `=` or `!=`, or in a call of a `re.` function"
            return _refuse(checks.WRONG_ARGUMENT, message, node.span, scope, "write it in quotes if it is a text")
        case tree.DurationLiteral(text=text):
            return _refuse(checks.UNKNOWN_WORD, f"the duration `{text}` has no value here", node.span, scope)
        case tree.Count(name=name):
            message = f"`#{name}` stands only in the condition section"
            return _refuse(checks.CONDITION_OPERAND, message, node.span, scope)
        case tree.ListReference(name=name):
            return _refuse(checks.LIST_KIND, f"the list `%{name}` stands only after `in`", node.span, scope)
        case tree.NamedArgument(name=name):
            return _refuse(checks.NAMED_ARGUMENT, f"the argument `{name}` is given by name", node.span, scope)


def _comparison(node: tree.Comparison, scope: Scope) -> ex.Expression:
    left, right = ungrouped(node.left), ungrouped(node.right)
    if isinstance(left, tree.RegexLiteral) and isinstance(right, tree.RegexLiteral):
        return _refuse(checks.CONSTANT_COMPARISON, "both sides of the comparison are constants", node.span, scope)
    if isinstance(right, tree.RegexLiteral):
        return comparisons.match_pattern(node, lower_value(left, scope), right, scope)
    if isinstance(left, tree.RegexLiteral):
        return comparisons.match_pattern(node, lower_value(right, scope), left, scope)
    return comparisons.compare(node, lower_value(left, scope), lower_value(right, scope), scope)


def _boolean(value: ex.Expression, scope: Scope) -> ex.Expression:
    """Take a value as a test: a boolean call as it is, another boolean compared with true."""
    if comparisons.is_unknown(value) or isinstance(value, ex.RegexMatch):
        return value
    if value.type != BOOL:
        help_text = "compare it with something"
        return _refuse(checks.NOT_A_TEST, f"a value of type {value.type} is not a test", value.span, scope, help_text)
    if isinstance(value, ex.Field | ex.Placeholder | ex.OutcomeVariable):
        truth = ex.Literal(value=True, type=BOOL, span=value.span)
        return ex.Comparison("=", value, truth, is_nocase=False, span=value.span)
    if isinstance(value, ex.Literal):
        return _refuse(checks.CONSTANT_COMPARISON, "a constant is not a test", value.span, scope)
    return value


def _choice(node: tree.If, scope: Scope) -> ex.Expression:
    condition, then = lower_test(node.condition, scope), lower_value(node.then, scope)
    otherwise = None if node.otherwise is None else lower_value(node.otherwise, scope)
    return choices.choose(node, condition, then, otherwise, scope)


def _call(node: tree.Call, scope: Scope) -> ex.Expression:
    if node.quantifier is not None:
        scope.errors.add(
            Diagnostic(
                checks.MISPLACED_QUANTIFIER,
                f"`{node.quantifier}` stands before a call",
                node.span,
                help=f"write `{node.quantifier}` directly before the field, inside the call",
            )
        )
    if node.function in aggregates.AGGREGATES:
        return _aggregate(node, scope)
    if node.function.startswith("metrics."):
        if scope.section != "outcome":
            return _refuse(
                checks.MISPLACED_METRIC, f"`{node.function}` stands outside the outcome section", node.span, scope
            )
        return metrics.check_metric(node, lower_value, lower_test, scope)
    if node.function == groups.GROUP and scope.is_search:
        return groups.check_group(node, scope)
    function = calls.find_function(node, scope)
    if function is None:
        return unknown(node.span)
    row_match = _row_match(node, scope)
    if row_match is not None:
        return row_match
    arguments = tuple(_argument(item, function, scope) for item in node.arguments)
    if function.name == "re.regex":
        return calls.call_regex(node, arguments, scope)
    return calls.call_function(node, function, arguments, scope)


def _row_match(node: tree.Call, scope: Scope) -> ex.Expression | None:
    """Return the meaning of `re.regex(value, %table.column)` and its like: the pattern is a cell of the joined row."""
    kind = tables.ROW_FUNCTIONS.get(node.function)
    if kind is None or len(node.arguments) != 2:
        return None
    value, column = node.arguments[0], ungrouped(node.arguments[1])
    if not isinstance(column, tree.TableColumn):
        return None
    return tables.match_row(node, kind, lower_value(value, scope), column, scope)


def _aggregate(node: tree.Call, scope: Scope) -> ex.Expression:
    if scope.section != "outcome":
        help_text = f"count with `#name`, or make `{node.function}(…)` an outcome variable"
        return _refuse(
            checks.MISPLACED_AGGREGATE,
            f"`{node.function}` stands outside the outcome section",
            node.span,
            scope,
            help_text,
        )
    arguments = tuple(lower_value(item, scope) for item in node.arguments)
    for argument in arguments:
        refuse_quantifiers(argument, "an aggregate", scope)
    return aggregates.aggregate(node, arguments, scope)


def _argument(node: tree.Expression, function: Function, scope: Scope) -> ex.Expression:
    inner = ungrouped(node)
    match inner:
        case tree.NumberLiteral():
            return _number(inner)  # here a minus sign is documented
        case tree.RegexLiteral(pattern=pattern, span=span) if function.name.startswith("re."):
            return ex.Literal(pattern, STRING, span)
        case tree.Path() if function.reads_whole_list:
            return check_field(inner, scope, is_whole_list=True)
        case _:
            return lower_value(inner, scope)


def _refuse(mistake: Mistake, message: str, span: Span, scope: Scope, help_text: str = "") -> ex.Literal:
    scope.errors.add(Diagnostic(mistake, message, span, help=help_text))
    return unknown(span)


def reads_field(node: tree.Expression) -> bool:
    """Whether a field is read anywhere below a node."""
    return any(isinstance(inner, tree.Path) for inner in walk(node))
