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


def not_run_yet(rule: CheckedRule, feature: str) -> Diagnostic:
    """Return the note that a rule needs a feature that the engine lacks."""
    return Diagnostic(NOT_RUN_YET, f"`scan` cannot run the rule `{rule.name}` yet: {feature}", rule.span)
