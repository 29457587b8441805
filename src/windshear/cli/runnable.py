"""What `check` says of rules without a mistake that `scan` cannot run yet."""

from __future__ import annotations

from dataclasses import replace

from windshear.engine.support import missing_feature
from windshear.language.diagnostics.running import not_run_yet
from windshear.language.front import Compiled
from windshear.packs.rules import RuleSet


def with_notes(rules: RuleSet) -> RuleSet:
    """Return a rule set with a note for every rule that the engine would refuse, by the feature that it lacks."""
    return replace(rules, files=tuple(_with_notes(file) for file in rules.files))


def _with_notes(file: Compiled) -> Compiled:
    missing = ((rule, missing_feature(rule)) for rule in file.rules)
    notes = [not_run_yet(rule, feature) for rule, feature in missing if feature is not None]
    found = sorted([*file.diagnostics, *notes], key=lambda diagnostic: (diagnostic.span, diagnostic.mistake.code))
    return replace(file, diagnostics=tuple(found))
