"""What rules cover, put together from their metadata, their filters, and the logs that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from windshear.cli.console import count, tell
from windshear.cli.inputs import existing
from windshear.cli.progress import InputProgress
from windshear.cli.rule_sets import rule_files, tell_broken
from windshear.cli.summary import input_mistakes, say_input
from windshear.engine.feed import Feed, Input
from windshear.engine.plan import build_plans
from windshear.engine.reach import COLUMNS, Kinds, RuleReach, reach, wanted_sources
from windshear.language.rule import CheckedRule
from windshear.packs.attack import NO_TACTIC, AttackTags, attack_tags
from windshear.packs.needs import Lack, Needs, lacking, needs_of
from windshear.packs.tables import load_with_tables


@dataclass(frozen=True, slots=True)
class Logs:
    """The kinds of events in the logs that were read. is_bad: some of it could not be read."""

    kinds: Kinds
    is_bad: bool


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule. sources: what it asks of where events come from. reach: what it can see, None without logs.

    needs: what it says that it needs. lacks: what of it the logs do not have.
    """

    rule: CheckedRule
    tags: AttackTags
    sources: tuple[str, ...]
    reach: RuleReach | None
    needs: Needs
    lacks: tuple[Lack, ...] = ()

    @property
    def why_silent(self) -> str:
        """Why the rule can never fire on the logs; empty if it can, or there are none."""
        missing = self.reach.missing if self.reach else ()
        if not missing:
            return "; ".join(lack.text for lack in self.lacks if lack.kind != "baseline")
        if all(variable.has_source for variable in missing):
            return "the log source is there, but no event of the kind they want"
        return f"no such log source ({', '.join(self.sources[:3])})" if self.sources else "no events"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rules by name. log_types: events per log type in the logs, None without logs. is_broken: rules are left out."""

    rules: tuple[RuleCoverage, ...]
    log_types: Mapping[str, int] | None
    is_broken: bool

    @property
    def silent(self) -> tuple[RuleCoverage, ...]:
        """The rules that can never fire on the logs."""
        return tuple(rule for rule in self.rules if rule.why_silent)

    @property
    def without_technique(self) -> tuple[RuleCoverage, ...]:
        """The rules that name no technique."""
        return tuple(rule for rule in self.rules if not rule.tags.techniques)

    def by_tactic(self) -> dict[str, dict[str, list[RuleCoverage]]]:
        """Return the rules per tactic and technique; one that names several stands at each."""
        found: dict[str, dict[str, list[RuleCoverage]]] = {}
        for rule in self.rules:
            for tactic in rule.tags.tactics or (NO_TACTIC,):
                for technique in rule.tags.techniques:
                    found.setdefault(tactic, {}).setdefault(technique, []).append(rule)
        return found

    def by_source(self) -> dict[str, list[RuleCoverage]]:
        """Return the rules per log source."""
        found: dict[str, list[RuleCoverage]] = {}
        for rule in self.rules:
            for source in rule.sources or ("any source",):
                found.setdefault(source, []).append(rule)
        return found


def kinds_in(given: Input) -> Logs:
    """Read logs, and tell how that went."""
    found, missing = existing(given)
    kinds = Kinds()
    feed = Feed(found, COLUMNS, lambda _record: None)
    with InputProgress(found, "reading", writes_to_terminal=False) as progress:
        for batch in feed.batches():
            kinds.add(batch)
            progress.show(feed.report.bytes_read, count(feed.report.event_count, "event"))
    say_input(feed.report, tell, is_quarantine_kept=False)
    mistakes = input_mistakes(found, feed.report, is_strict=False)
    for mistake in mistakes:
        tell(mistake, style="bold red", lead="error")
    return Logs(kinds, bool(missing or mistakes))


def covered(paths: Sequence[Path], packs: Sequence[str], logs: Logs | None) -> Coverage:
    """Return what rules cover (all built-in ones if none are named); what is wrong with others is told."""
    loaded, context = load_with_tables(rule_files(paths, packs))
    tell_broken(loaded, is_any_left=bool(loaded.rules))
    plans = build_plans(loaded.rules)
    sources: dict[str, tuple[str, ...]] = {}
    for plan in plans:
        sources[plan.facts.name] = tuple(dict.fromkeys((*sources.get(plan.facts.name, ()), *wanted_sources(plan))))
    seen = {} if logs is None else {found.name: found for found in reach(plans, logs.kinds)}
    lacks = {} if logs is None else lacking(plans, logs.kinds.log_types, context.tables)
    rules = [
        RuleCoverage(
            rule, attack_tags(rule), sources[rule.name], seen.get(rule.name), needs_of(rule), lacks.get(rule.name, ())
        )
        for rule in sorted(loaded.rules, key=lambda rule: rule.name)
    ]
    return Coverage(tuple(rules), None if logs is None else logs.kinds.log_types, bool(loaded.broken))
