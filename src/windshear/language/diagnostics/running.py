"""What is to be said about rules that are right, but that this version cannot run: found behind the checker."""

from __future__ import annotations

from windshear.language.diagnostics.diagnostic import Diagnostic, Mistake
from windshear.language.rule import CheckedRule

NOT_RUN_YET = Mistake(
    "N603",
    "not-run-yet",
    "note",
    "",
    "The rule is valid and has no mistakes, but `scan` cannot run it in this version: it refuses the rule by name and "
    "runs the others. Nothing is wrong with the rule; restate that part of it if you need it here now.",
)

RULES_IN_A_CIRCLE = Mistake(
    "W630",
    "rules-in-a-circle",
    "warning",
    "",
    "Composite rules name one another in a circle: each would have to wait for detections of the next, and the last "
    "for those of the first. `scan` refuses all rules of the circle by name and runs the others. Let one of them read "
    "detections that none of the others makes.",
)


def not_run_yet(rule: CheckedRule, feature: str) -> Diagnostic:
    """Return the note that a rule needs a feature that the engine lacks."""
    return Diagnostic(NOT_RUN_YET, f"`scan` cannot run the rule `{rule.name}` yet: {feature}", rule.span)


def in_a_circle(rule: CheckedRule, circle: str) -> Diagnostic:
    """Return the warning that a rule waits for its own detections, with the way on which it does."""
    message = f"the rule `{rule.name}` waits for its own detections: {circle}"
    return Diagnostic(
        RULES_IN_A_CIRCLE,
        message,
        rule.span,
        help="let one of these rules read detections that none of the others makes",
    )
