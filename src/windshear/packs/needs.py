"""What rules need to be evaluable: events of the log types in their metadata, and baselines that hold something.

A rule says what it needs in `log_types`: `WINDOWS_SYSMON or POWERSHELL; AZURE_AD` needs one of the first two, and the
third. Tables whose names begin with `baseline_` are baselines; a rule that only excludes by them, and finds all without
them, says `baselines = "optional"`. A composite rule needs rules that feed it, too.

    lacking(plans, {"AZURE_AD": 12}, context.tables)   # per rule that is not evaluable, why
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from windshear.context.tables import DataTable, tables_read
from windshear.engine.composite import compose
from windshear.engine.plan import Plan
from windshear.language.rule import CheckedRule
from windshear.language.tables import joined_table

LOG_TYPES = "log_types"
BASELINES, OPTIONAL = "baselines", "optional"
BASELINE = "baseline_"
_UDM = "UDM"  # events that were UDM when they were read: nobody knows which logs they are from
_OR = re.compile(r"\s+or\s+|\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Needs:
    """What one rule needs.

    log_types: of each group one. baselines: the baseline tables that it reads; joined: those of which it needs a row.
    """

    log_types: tuple[tuple[str, ...], ...]
    baselines: tuple[str, ...] = ()
    joined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a rule needs and does not have: events of one of some log types, baselines, or feeding rules."""

    kind: Literal["events", "baseline", "detections"]
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """Say it."""
        match self.kind:
            case "events":
                return f"no {' or '.join(self.names)} events"
            case "baseline":
                return "no baseline (windshear baseline build)"
            case "detections":
                return "the rules that feed it are not"


def needs_of(rule: CheckedRule) -> Needs:
    """Return what a rule says that it needs.

    A rule without `log_types` needs none.
    """
    said = next((value for key, value in rule.meta if key == LOG_TYPES), "")
    does_without = (BASELINES, OPTIONAL) in rule.meta
    groups = (tuple(name.upper() for name in _OR.split(group.strip()) if name) for group in said.split(";"))
    baselines = () if does_without else tuple(name for name in tables_read(rule) if name.startswith(BASELINE))
    joined = frozenset(joined_table(name) for name, variable in rule.variables.items() if variable.source == "table")
    return Needs(tuple(group for group in groups if group), baselines, joined & frozenset(baselines))


def lacking(
    plans: Sequence[Plan], log_types: Collection[str], tables: Mapping[str, DataTable]
) -> dict[str, tuple[Lack, ...]]:
    """Return the rules that are not evaluable, by name, with what they lack.

    log_types: those of which there are events, or that could be written. tables: those of the run.
    """
    rules = {plan.facts.name: plan.rule for plan in plans}
    found = {name: lacks for name, rule in rules.items() if (lacks := tuple(_lacks(needs_of(rule), log_types, tables)))}
    composition = compose(plans)
    if not composition.edges:
        return found
    while later := {name: lack for name, lack in _unfed(plans, composition.feeders, found) if name not in found}:
        found |= {name: (lack,) for name, lack in later.items()}  # which may feed others
    return found


def needed_log_types(plans: Iterable[Plan]) -> frozenset[str]:
    """Return all log types that rules name."""
    return frozenset(name for plan in plans for group in needs_of(plan.rule).log_types for name in group)


def _lacks(needs: Needs, log_types: Collection[str], tables: Mapping[str, DataTable]) -> Iterable[Lack]:
    if _UDM not in log_types:
        yield from (Lack("events", group) for group in needs.log_types if not any(name in log_types for name in group))
    empty = {name for name in needs.baselines if name in tables and not tables[name].rows.num_rows}
    if empty and (needs.joined & empty or empty == set(needs.baselines)):
        yield Lack("baseline", tuple(name for name in needs.baselines if name in empty))


def _unfed(
    plans: Sequence[Plan], feeders: Mapping[int, frozenset[str]], lacking: Collection[str]
) -> Iterable[tuple[str, Lack]]:
    """Yield the rules that need a detection which only rules that are not evaluable make."""
    for plan in plans:
        for slot in plan.required_slots:
            makers = feeders.get(slot, frozenset()) - {plan.facts.name}
            if makers and all(name in lacking for name in makers):
                yield plan.facts.name, Lack("detections", tuple(sorted(makers)))
                break
