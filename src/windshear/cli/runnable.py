"""What `check` says of rules without a mistake that `scan` cannot run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from windshear.engine.support import missing_feature
from windshear.language.diagnostics.running import in_a_circle, not_run_yet
from windshear.language.front import Compiled
from windshear.language.rule import CheckedRule
from windshear.packs.rules import RuleSet


def with_notes(rules: RuleSet) -> RuleSet:
    """Return a rule set with a note for every rule that the engine would refuse: what it lacks, or waits for."""
    circles = _circles(rules.rules)
    return replace(rules, files=tuple(_with_notes(file, circles) for file in rules.files))


def _circles(rules: Sequence[CheckedRule]) -> Mapping[str, str]:
    """Return the composite rules that wait for their own detections, each with the way on which it does."""
    composites = [rule for rule in rules if any(v.source == "detection" for v in rule.variables.values())]
    if not composites:
        return {}
    from windshear.engine.composite import compose
    from windshear.engine.plan import build_plans

    return compose(build_plans([rule for rule in composites if missing_feature(rule) is None])).cycles


def _with_notes(file: Compiled, circles: Mapping[str, str]) -> Compiled:
    missing = ((rule, missing_feature(rule)) for rule in file.rules)
    notes = [not_run_yet(rule, feature) for rule, feature in missing if feature is not None]
    notes += [in_a_circle(rule, circles[rule.name]) for rule in file.rules if rule.name in circles]
    found = sorted([*file.diagnostics, *notes], key=lambda diagnostic: (diagnostic.span, diagnostic.mistake.code))
    return replace(file, diagnostics=tuple(found))
