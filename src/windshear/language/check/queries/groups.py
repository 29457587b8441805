"""`group(…)`: a placeholder that takes the value of several fields in turn."""

from __future__ import annotations

from dataclasses import replace

from windshear.language import expressions as ex
from windshear.language.check.choices import unify
from windshear.language.check.comparisons import is_unknown
from windshear.language.check.fields import check_field
from windshear.language.check.scope import Scope, unknown
from windshear.language.check.walk import ungrouped
from windshear.language.diagnostics import queries
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.syntax import tree

GROUP = "group"


def check_group(node: tree.Call, scope: Scope) -> ex.Expression:
    """Return the call: its arguments are fields, repeated ones as whole lists, its type is that of one value."""
    if not node.arguments:
        return _refuse(node, "`group` takes the fields of which each gives a value", scope)
    arguments: list[ex.Field] = []
    for argument in node.arguments:
        inner = ungrouped(argument)
        if not isinstance(inner, tree.Path) or inner.quantifier is not None:
            return _refuse(node, "an argument of `group` is not a field", scope)
        read = check_field(inner, scope)
        if is_unknown(read) or not isinstance(read, ex.Field):
            return unknown(node.span)
        arguments.append(replace(read, is_whole_list=True, type=read.type.list_of) if read.path.is_repeated else read)
    common = arguments[0].path.type
    for found in arguments[1:]:
        united = unify(common, found.path.type)
        if united is None:
            return _refuse(node, f"the fields of `group` are of types {common} and {found.path.type}", scope)
        common = united
    return ex.Call(GROUP, tuple(arguments), is_nocase=False, type=common, span=node.span)


def _refuse(node: tree.Call, message: str, scope: Scope) -> ex.Expression:
    scope.errors.add(Diagnostic(queries.GROUP_CALL, message, node.span))
    return unknown(node.span)
