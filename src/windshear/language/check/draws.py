"""Which number a call of `math.random` draws: the checker says it, so that every stage of a run draws the same.

The call gets arguments that are not written: its place among the draws of the rule, and the identities of the events
that it is evaluated for. What is computed from these and the seed of the run is the same wherever and however often
it is computed (see docs/decisions/0012-random-numbers-belong-to-events.md).
"""

from __future__ import annotations

from windshear.language import expressions as ex
from windshear.language.check.scope import Scope
from windshear.language.syntax import tree
from windshear.language.types import INT


def drawn_for(node: tree.Call, scope: Scope) -> tuple[ex.Expression, ...]:
    """Return the arguments of a draw: its place, and the identity of the event of each event variable."""
    place = scope.draws.setdefault(node.span, len(scope.draws) + 1)
    events = (name for name, variable in scope.names.events.items() if variable.source == "udm")
    return (ex.Literal(place, INT, node.span), *(ex.EventIdentity(name, node.span) for name in events))
