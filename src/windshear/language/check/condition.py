"""The condition section: from its own grammar to a boolean expression over counts and outcome variables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check import moments
from windshear.language.check.comparisons import is_unknown
from windshear.language.check.lowering import lower_test, lower_value
from windshear.language.check.scope import Scope, unknown
from windshear.language.check.walk import ungrouped, walk
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.diagnostics.suggest import closest
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.types import INT, STRING

_SWAPPED: dict[tree.CompareOperator, tree.CompareOperator] = {
    "=": "=",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


def check_condition(section: tree.Condition, match_keys: Collection[str], scope: Scope) -> ex.Expression:
    """Return the condition: `$e` has become `#e > 0`, `!$e` has become `#e = 0`."""
    scope.section = "condition"
    return _Condition(scope, match_keys).test(section.expression)


@dataclass(frozen=True, slots=True)
class _Condition:
    scope: Scope
    match_keys: Collection[str]

    def test(self, node: tree.Expression) -> ex.Expression:
        match node:
            case tree.Group(inner=inner):
                return self.test(inner)
            case tree.And(items=items, span=span):
                return ex.And(tuple(self.test(item) for item in items), span)
            case tree.Or(items=items, span=span):
                return ex.Or(tuple(self.test(item) for item in items), span)
            case tree.NOf():
                return self._n_of(node)
            case tree.Not():
                return self._not(node)
            case tree.Variable(name=name, span=span):
                return self._presence(name, span, operator=">")
            case tree.Absent(operand=operand, span=span):
                return self._absence(operand, span)
            case tree.Comparison():
                return self._comparison(node)
            case tree.Call():
                return self._call(node)
            case tree.Malformed(span=span):
                return unknown(span)
            case _:
                return self._refuse("this is not a condition", node.span)

    def _n_of(self, node: tree.NOf) -> ex.Expression:
        items = tuple(self.test(item) for item in node.items)
        if node.quantity == "any":
            return ex.Or(items, node.span)
        if node.quantity == "all":
            return ex.And(items, node.span)
        if not 1 <= node.quantity <= len(items):
            return self._refuse(f"`{node.quantity} of` a list of {len(items)}", node.span)
        return ex.NOf(node.quantity, items, node.span)

    def _not(self, node: tree.Not) -> ex.Expression:
        operand = self.test(node.operand)
        if any(isinstance(inner, ex.VariableCount) for inner in ex.walk(operand)):
            inner = ungrouped(node.operand)
            help_text = f"write `!${inner.name}`" if isinstance(inner, tree.Variable) else "turn the comparison round"
            self.scope.errors.add(
                Diagnostic(checks.NEGATED_EVENT, "`not` before a condition on events", node.span, help=help_text)
            )
        return ex.Not(operand, node.span)

    def _absence(self, operand: tree.Expression, span: Span) -> ex.Expression:
        inner = ungrouped(operand)
        if isinstance(inner, tree.Variable):
            return self._presence(inner.name, span, operator="=")
        return self._refuse("`!` stands only before a variable", span, "negate outcome conditions with `not`")

    def _presence(self, name: str, span: Span, operator: tree.CompareOperator) -> ex.Expression:
        count = self._count(name, span, sign="$")
        if is_unknown(count):
            return count
        return ex.Comparison(operator, count, ex.Literal(0, INT, span), is_nocase=False, span=span)

    def _count(self, name: str, span: Span, sign: str) -> ex.Expression:
        names = self.scope.names
        if name in names.events:
            return ex.VariableCount(name, "events", span)
        if name in self.match_keys:
            self.scope.errors.add(
                Diagnostic(checks.MATCH_KEY_IN_CONDITION, f"`${name}` is a match key and stands in the condition", span)
            )
            return unknown(span)
        if name in names.outcomes:
            help_text = f"compare it: `${name} > 0`"
            return self._refuse(f"`{sign}{name}` is an outcome variable, not an event", span, help_text)
        if name in names.placeholders:
            return ex.VariableCount(name, "values", span)
        self.scope.errors.add(
            Diagnostic(
                checks.UNKNOWN_IN_CONDITION,
                f"`${name}` is not defined in the events or outcome section",
                span,
                label="unknown variable",
                help=self._did_you_mean(name),
            )
        )
        return unknown(span)

    def _did_you_mean(self, name: str) -> str:
        names = self.scope.names
        close = closest(name, (*names.events, *names.outcomes, *names.placeholders))
        return f"did you mean `${close}`?" if close else ""

    def _comparison(self, node: tree.Comparison) -> ex.Expression:
        left, right = ungrouped(node.left), ungrouped(node.right)
        if isinstance(left, tree.Count):
            return self._count_comparison(left, node.operator, right, node.span)
        if isinstance(right, tree.Count):
            return self._count_comparison(right, _SWAPPED[node.operator], left, node.span)
        problem = self._operand_problem(node)
        if problem is not None:
            return problem
        test = lower_test(moments.with_seconds(node), self.scope)
        if isinstance(test, ex.Comparison):
            is_text = STRING in (test.left.type, test.right.type)
            if is_text and node.operator not in ("=", "!="):
                return self._refuse(f"`{node.operator}` on strings", node.span, "compare them with `=` or `!=`")
        return test

    def _count_comparison(
        self, count: tree.Count, operator: tree.CompareOperator, limit: tree.Expression, span: Span
    ) -> ex.Expression:
        counted = self._count(count.name, count.span, sign="#")
        if not isinstance(limit, tree.NumberLiteral) or not isinstance(limit.value, int) or limit.is_negative:
            return self._refuse(f"`#{count.name}` is compared with something else than an integer", span)
        if is_unknown(counted):
            return counted
        return ex.Comparison(operator, counted, ex.Literal(limit.value, INT, limit.span), is_nocase=False, span=span)

    def _operand_problem(self, root: tree.Expression) -> ex.Expression | None:
        """Report what may not stand in an outcome condition: fields, placeholders, events, counts in arithmetic."""
        for inner in walk(root):
            match inner:
                case tree.Path(span=span):
                    return self._refuse("a field is tested in the condition", span, "test it in the events section")
                case tree.Count(name=name, span=span):
                    return self._refuse(f"`#{name}` stands only directly beside a comparison", span)
                case tree.Variable(name=name, span=span) if name not in self.scope.names.outcomes:
                    return self._variable_problem(name, span)
                case tree.If(span=span):
                    return self._refuse(
                        "a value is chosen in the condition", span, "make it an outcome variable and compare that"
                    )
                case tree.TableColumn(table=table, column=column, span=span):
                    return self._refuse(
                        f"the column `%{table}.{column}` is tested in the condition",
                        span,
                        "test it in the events section, or make an aggregate of it an outcome variable",
                    )
                case tree.Call(function=function, span=span):
                    return self._refuse(
                        f"`{function}` is called in the condition", span, "make it an outcome variable and compare that"
                    )
                case _:
                    pass
        return None

    def _variable_problem(self, name: str, span: Span) -> ex.Expression:
        if is_unknown(self._count(name, span, sign="$")):
            return unknown(span)
        return self._refuse(f"`${name}` is compared, it has no value here", span, f"count it: `#{name}`")

    def _call(self, node: tree.Call) -> ex.Expression:
        if node.function != "arrays.contains":
            return self._refuse(
                f"`{node.function}` is called in the condition",
                node.span,
                "only `arrays.contains` can be; make other calls outcome variables",
            )
        for argument in node.arguments:
            problem = self._operand_problem(argument)
            if problem is not None:
                return problem
        return lower_value(node, self.scope)

    def _refuse(self, message: str, span: Span, help_text: str = "") -> ex.Expression:
        self.scope.errors.add(Diagnostic(checks.CONDITION_OPERAND, message, span, help=help_text))
        return unknown(span)
