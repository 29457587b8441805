"""Which rules a scan runs: loaded, and parted from those that cannot run, which are told by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from windshear.cli.console import count, err, some, tell
from windshear.cli.counting import History
from windshear.cli.formats.diagnostics import print_diagnostics
from windshear.cli.inputs import time_of_run
from windshear.context.context import DETECTIONS, ENTITIES, Context
from windshear.context.expiry import in_force
from windshear.context.metrics import measures_of
from windshear.core.readings.settings import Readings
from windshear.engine.composite import compose
from windshear.engine.demand import slots_over
from windshear.engine.plan import Plan, build_plans, lists_of
from windshear.engine.support import missing_feature
from windshear.language.rule import CheckedRule
from windshear.packs.pack import builtin_pack, builtin_packs
from windshear.packs.rules import RuleSet
from windshear.packs.tables import load_with_tables

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Ready:
    """The plans of the rules that run, whether all rules are among them, and what they read besides events.

    rules: all that could be loaded, whether or not they can run.
    """

    plans: Sequence[Plan]
    is_complete: bool
    context: Context
    rules: Sequence[CheckedRule]
    notes: Sequence[str] = ()  # what built-in rules lack, to be told with the summary


def ready_rules(
    paths: Sequence[Path],
    packs: Sequence[str],
    context: Context,
    readings: Readings | None = None,
    history: History | None = None,
    now_seconds: int | None = None,
    *,
    says_gaps: bool = True,
) -> Ready:
    """Load rules (all built-in ones if none are named) and tell what is wrong with those that cannot run.

    Data tables that come with the rules are in the context unless it has its own of their name.
    `history` is counted for their metrics. now_seconds: when rows of tables have to count; the time that it is if left
    out. says_gaps: whether to tell which rules miss history, entities or detections that nobody gave.
    """
    rules, context = load_with_tables(rule_files(paths, packs), context=context)
    context = in_force(context, time_of_run(None) if now_seconds is None else now_seconds)
    if history is not None:
        context = history.added_to(context, measures_of(rules.rules))
    idle = () if paths else _without_history(rules.rules, context)
    runnable = [rule for rule in rules.rules if rule not in idle and _runs(rule, context)]
    tell_broken(rules, is_any_left=bool(runnable))
    plans = _without_cycles(build_plans(runnable, lists_of(context), readings))
    if says_gaps and paths:
        _tell_without_input(plans, context)
    is_complete = not rules.broken and len({plan.facts.name for plan in plans}) + len(idle) == len(rules.rules)
    return Ready(plans, is_complete, context, rules.rules, [_said_of_idle(idle)] if idle and says_gaps else [])


def rule_files(paths: Sequence[Path], packs: Sequence[str]) -> Sequence[Path]:
    """Return where rules are: what is named, or all built-in ones. What a pack's folders lack is told."""
    chosen = [builtin_pack(name) for name in packs] or ([] if paths else builtin_packs())
    for problem in (problem for pack in chosen for problem in pack.problems):
        tell(problem, style="yellow", lead="warning")
    return [*paths, *(path for pack in chosen for path in pack.rule_files)]


def _runs(rule: CheckedRule, context: Context) -> bool:
    problem = why_unfit(rule, context)
    if problem:
        tell(f"rule {rule.name} cannot be evaluated: {problem}", style="red", lead="error")
    return problem is None


def _without_history(rules: Sequence[CheckedRule], context: Context) -> Sequence[CheckedRule]:
    """Return the rules that only lack history for their metrics.

    Whoever names a rule gets an error for that; the built-in ones run as far as what is known goes.
    """
    return [rule for rule in rules if context.rollups is None and measures_of([rule])]


def _said_of_idle(idle: Sequence[CheckedRule]) -> str:
    names = some([rule.name for rule in idle], _SHOWN)
    return f"not evaluable without history (windshear baseline build, or --history): {names}"


def why_unfit(rule: CheckedRule, context: Context) -> str | None:
    """Return why a rule cannot be evaluated with what is known besides events, None if it can."""
    feature = missing_feature(rule)
    return f"{feature} is not supported yet" if feature else context.problem(rule)


def _without_cycles(plans: Sequence[Plan]) -> Sequence[Plan]:
    cycles = compose(plans).cycles
    for name, cycle in cycles.items():
        problem = f"it waits for its own detections: {cycle}"
        tell(f"rule {name} cannot be evaluated: {problem}", style="red", lead="error")
    return [plan for plan in plans if plan.facts.name not in cycles]


def _tell_without_input(plans: Sequence[Plan], context: Context) -> None:
    """Warn of rules that cannot find anything, or find too much, because what they read was not given."""
    if context.entities is None:
        names = [plan.facts.name for plan in plans if slots_over(plan, "graph")]
        if names:
            missing = f"and none are given (--context DIR with {ENTITIES}): {some(names, _SHOWN)}"
            tell(f"entities are read by {count(len(names), 'rule')}, {missing}", style="yellow", lead="warning")
    if context.detections is None:
        for name in compose(plans).unfed:
            rest = f"no other rule makes, and no earlier ones are given (--context DIR with {DETECTIONS})"
            tell(f"rule {name} reads detections that {rest}", style="yellow", lead="warning")


def tell_broken(rules: RuleSet, *, is_any_left: bool) -> None:
    """Tell which rules cannot be loaded, and why."""
    if rules.broken:
        print_diagnostics(rules, err, only_errors=True)
        rest = "; the other rules run" if is_any_left else ""
        broken = f"{len(rules.broken):,} of {count(len(rules.files), 'rule file')} cannot be loaded"
        tell(broken + rest, style="red", lead="error")
    elif not is_any_left:
        tell("no rule can run", style="red", lead="error")
    for name in _unique(rules.repeated):
        tell(f"rule name {name} occurs again; the first is kept", style="yellow", lead="warning")


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
