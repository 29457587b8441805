"""What the language has and the engine does not run yet: refused by name before planning, never approximated."""

from __future__ import annotations

from windshear.engine.settle.variables import holders, is_shared, is_timed, optional_partner
from windshear.language.rule import CheckedRule


def missing_feature(rule: CheckedRule) -> str | None:
    """Return the name of the first feature of a rule that the engine lacks, or None if the rule can run."""
    is_inner = rule.window is not None and rule.bounded == set(rule.variables)
    if not is_inner and any(is_shared(rule, name) for name in rule.placeholders):
        return "a placeholder bound below `or` to several event variables, one of which may be absent"
    if rule.window is not None and not any(is_timed(rule, name) for name in rule.bounded):
        events = {name for name in rule.variables if is_timed(rule, name)}
        for key in rule.match_keys:
            if not events <= set(holders(rule, key)):
                return "`or` between event variables that do not all bind every match key"
    for name, variable in rule.variables.items():
        if variable.source == "table" and name not in rule.bounded and optional_partner(rule, name) is None:
            return f"rows of the data table `{name}` joined to several events that may be absent"
    return None
