"""Rules for a scan of several data sets that never meet: what they join and group is of one partition.

The number of its partition is the upper part of a record's event number, so it is known wherever the record goes. A
rule that correlates records gets one more match key, which nobody sees. A rule that looks at one event at a time needs
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from windshear.engine.settle.fields import PARTITION_BITS
from windshear.engine.settle.variables import is_timed
from windshear.language import expressions as ex
from windshear.language.rule import Binding, CheckedRule, PlaceholderDefinition
from windshear.language.types import INT

KEY = "@partition"  # no placeholder of a rule can be called so


def apart(rule: CheckedRule) -> CheckedRule:
    """Return a rule that joins and groups only what is of one partition."""
    if rule.window is None:
        return rule
    own = tuple(Binding(name, ex.Partition(name, rule.span)) for name in rule.variables if is_timed(rule, name))
    key = PlaceholderDefinition(KEY, INT, own, (), rule.span)
    here = ex.Placeholder(KEY, INT, rule.span)
    # A placeholder or an equality of fields would tie an entity to the time of the events; this does not.
    tied = (
        ex.Comparison("=", ex.Partition(name, rule.span), here, is_nocase=False, span=rule.span)
        for name, variable in rule.variables.items()
        if variable.source == "graph"
    )
    return replace(
        rule,
        placeholders={KEY: key, **rule.placeholders},
        match_keys=(KEY, *rule.match_keys),
        predicates=(*rule.predicates, *tied),
    )


def partition_of(rule: CheckedRule, key: Sequence[object]) -> int:
    """Return the partition of a group from its key, which is match values or the number of its event."""
    if rule.window is not None and KEY not in rule.match_keys:
        return 0
    found = key[0]
    if not isinstance(found, int):
        raise TypeError(f"the key of a group begins with a {type(found).__name__}")
    return found if rule.window is not None else found >> PARTITION_BITS
