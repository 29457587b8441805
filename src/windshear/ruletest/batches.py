"""Which trials share a scan: those in which every rule, list and table that is read has one meaning."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from windshear.context.context import Context
from windshear.context.lists import ReferenceList, lists_read
from windshear.context.metrics import Rollups, measures_of
from windshear.context.tables import DataTable, tables_read
from windshear.engine.enrichment.supplied import supplied_by
from windshear.language.rule import CheckedRule
from windshear.ruletest.trial import Trial

_MOST_TRIALS = 20_000  # of a scan: its partitions are numbers, its records are held while it is fed


@dataclass(slots=True)
class Meanings:
    """What names mean: rules, the lists and tables that they read (None where there is none), and roll-ups."""

    rules: dict[str, CheckedRule] = field(default_factory=dict)
    lists: dict[str, ReferenceList | None] = field(default_factory=dict)
    tables: dict[str, DataTable | None] = field(default_factory=dict)
    rollups: dict[str, Rollups | None] = field(default_factory=dict)

    def agree_with(self, other: Meanings) -> bool:
        """Whether no name means two things."""
        return (
            _agree(self.rules, other.rules)
            and _agree(self.lists, other.lists)
            and _agree(self.tables, other.tables)
            and _agree(self.rollups, other.rollups)
        )

    def add(self, other: Meanings) -> None:
        """Take in what agrees."""
        self.rules |= other.rules
        self.lists |= other.lists
        self.tables |= other.tables
        self.rollups |= other.rollups

    @property
    def context(self) -> Context:
        """The lists, tables and roll-ups as a context."""
        return Context(
            lists={name: found for name, found in self.lists.items() if found is not None},
            tables={name: found for name, found in self.tables.items() if found is not None},
            rollups=next(iter(self.rollups.values()), None),
        )


def _agree(mine: Mapping[str, object], theirs: Mapping[str, object]) -> bool:
    return all(name not in mine or mine[name] is found or mine[name] == found for name, found in theirs.items())


@dataclass(slots=True)
class Batch:
    """Trials of one scan, by their place in the list, and what their names mean."""

    places: list[int]
    meanings: Meanings

    def take(self, place: int, meanings: Meanings) -> bool:
        """Take a trial in, unless it means something else by a name."""
        if len(self.places) >= _MOST_TRIALS or not self.meanings.agree_with(meanings):
            return False
        self.meanings.add(meanings)
        self.places.append(place)
        return True


def batches(trials: Sequence[Trial]) -> Iterator[Batch]:
    """Divide trials among few scans."""
    by_setting: dict[Hashable, list[Batch]] = {}
    known: dict[int, Reads] = {}
    for place, trial in enumerate(trials):
        meanings = meanings_of(trial, known)
        waiting = by_setting.setdefault(_setting(trial), [])
        if not any(batch.take(place, meanings) for batch in waiting):
            waiting.append(Batch([place], meanings))
    for waiting in by_setting.values():
        yield from waiting


def _setting(trial: Trial) -> Hashable:
    """Return what must be the same for a scan as a whole.

    What a composite rule reads depends on which other rules there are, so it runs with its own set of rules only.
    """
    is_composite = any(v.source == "detection" for rule in trial.rules for v in rule.variables.values())
    own: Hashable = None
    if is_composite:
        context = trial.data.context
        # It may also read the whole events of detections, to which a context may add something.
        own = (frozenset(map(id, trial.rules)), 0 if supplied_by(context).enrichment.is_nothing else id(context))
    return (trial.now_seconds, trial.seed, trial.readings, own)


@dataclass(frozen=True, slots=True)
class Reads:
    """What a rule reads besides records, by name."""

    lists: tuple[str, ...]
    tables: tuple[str, ...]
    has_metrics: bool


def meanings_of(trial: Trial, known: dict[int, Reads] | None = None) -> Meanings:
    """Return what a trial means by the names that its rules read. known: what rules read, as found out before."""
    context, found, reads = trial.data.context, Meanings(), {} if known is None else known
    for rule in trial.rules:
        if id(rule) not in reads:
            reads[id(rule)] = Reads(lists_read(rule), tables_read(rule), bool(measures_of([rule])))
        of_rule = reads[id(rule)]
        found.rules[rule.name] = rule
        found.lists |= {name: context.lists.get(name) for name in of_rule.lists}
        found.tables |= {name: context.tables.get(name) for name in of_rule.tables}
        if of_rule.has_metrics:
            found.rollups["all"] = context.rollups
    return found
