"""What the language has and the engine does not run yet: refused by name before planning, never approximated."""

from __future__ import annotations

from windshear.engine.settle.variables import all_expressions, holders, is_shared
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule


def missing_feature(rule: CheckedRule) -> str | None:
    """Return the name of the first feature of a rule that the engine lacks, or None if the rule can run."""
    sources = {variable.source for variable in rule.variables.values()}
    if "graph" in sources:
        return "entity graph"
    if "detection" in sources:
        return "detections as input (composite rules)"
    is_inner = rule.window is not None and rule.bounded == set(rule.variables)
    if not is_inner and any(is_shared(rule, name) for name in rule.placeholders):
        return "a placeholder bound below `or` to several event variables, one of which may be absent"
    if rule.window is not None and not rule.bounded:
        for key in rule.match_keys:
            if set(holders(rule, key)) != set(rule.variables):
                return "`or` between event variables that do not all bind every match key"
    for expression in all_expressions(rule):
        for node in ex.walk(expression):
            if isinstance(node, ex.Membership) and node.column is not None:
                return "data tables"
    return None
