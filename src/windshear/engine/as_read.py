"""A rule as it is read in one run: settings that change what a rule means become part of the rule.

What comes out says outright what the setting implies, so that sift, settle and explanations need not know of it.
"""

from __future__ import annotations

from dataclasses import replace

from windshear.core.readings.settings import Readings
from windshear.language import expressions as ex
from windshear.language.rewrite import rewritten_rule
from windshear.language.rule import CheckedRule
from windshear.language.types import INT

_ATOMS = (ex.Comparison, ex.RegexMatch, ex.RowMatch, ex.Membership, ex.Call)


def as_read(rule: CheckedRule, readings: Readings) -> CheckedRule:
    """Return a rule that means, by the default readings, what the given one means by some other readings."""
    if rule.window is not None and rule.window.kind == "hop" and readings.merging == "exact":
        rule = replace(rule, window=replace(rule.window, kind="floating"))
    return rule if readings.empty_all else rewritten_rule(rule, _not_on_empty_lists)


def _not_on_empty_lists(node: ex.Expression) -> ex.Expression | None:
    """Add to a test of `all` elements that there is one."""
    if not isinstance(node, _ATOMS):
        return None
    quantified = next((field for field in ex.fields(node) if field.quantifier is not None), None)
    if quantified is None or quantified.quantifier != "all":
        return None
    whole = replace(quantified, quantifier=None, is_whole_list=True, type=quantified.path.type.list_of)
    length = ex.Call("arrays.length", (whole,), is_nocase=False, type=INT, span=node.span)
    is_filled = ex.Comparison(">", length, ex.Literal(0, INT, node.span), is_nocase=False, span=node.span)
    return ex.And((node, is_filled), node.span)
