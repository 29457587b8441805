"""Which rules can find anything in given logs: whether events of the kind that each variable wants are there at all.

It looks at where events come from and what kind they are, and takes every other test of a rule for passed: a rule
that is out of reach never fires on such logs, one within reach may. The tests are those of sift.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.batch import EventBatch
from windshear.engine.plan import Plan
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.nodes import AllOf, AnyOf, Atom, Formula, Leaf, Matches, OneOf, relaxed
from windshear.udm.columns import Columns, ScalarColumn

SOURCE_FIELDS = ("metadata.log_type", "metadata.vendor_name", "metadata.product_name")
KIND_FIELDS = (*SOURCE_FIELDS, "metadata.event_type", "metadata.product_event_type")
COLUMNS: Columns = MappingProxyType(dict.fromkeys(KIND_FIELDS, ScalarColumn("text")))

# From what says most of where an event comes from to what says least.
_TELLING_FIELDS = (
    "metadata.log_type",
    "metadata.product_name",
    "metadata.vendor_name",
    "metadata.event_type",
    "metadata.product_event_type",
)
_LOG_TYPE = "log type"
_COUNT = "count"


@dataclass(frozen=True, slots=True)
class VariableReach:
    """What an event variable can see.

    log_types: events of a kind that it wants, by the log type they are of. has_source: whether there are events of a
    source that it wants, of whatever kind.
    """

    variable: str
    log_types: Mapping[str, int]
    has_source: bool


@dataclass(frozen=True, slots=True)
class RuleReach:
    """What a rule can see: the variables over events without which it finds nothing."""

    name: str
    variables: tuple[VariableReach, ...]

    @property
    def missing(self) -> tuple[VariableReach, ...]:
        """The variables that can see nothing; with any of them the rule cannot fire."""
        return tuple(variable for variable in self.variables if not variable.log_types)

    @property
    def log_types(self) -> tuple[str, ...]:
        """The log types that the rule can see, by name."""
        return tuple(sorted({name for variable in self.variables for name in variable.log_types}))


class Kinds:
    """The kinds of events in some logs, counted."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: Counter[tuple[str, ...]] = Counter()

    def add(self, batch: EventBatch) -> None:
        """Count the events of a batch that has the columns `COLUMNS`, as far as its log type fills them."""
        columns = {name: _texts(batch.table, name) for name in KIND_FIELDS}
        grouped = pa.table(columns).group_by(list(KIND_FIELDS)).aggregate([([], "count_all")])
        for row in grouped.to_pylist():
            self._counts[batch.log_type, *(row[name] for name in KIND_FIELDS)] += row["count_all"]

    @property
    def log_types(self) -> Mapping[str, int]:
        """The number of events per log type."""
        found: Counter[str] = Counter()
        for (log_type, *_), count in self._counts.items():
            found[log_type] += count
        return found

    def table(self) -> pa.Table:
        """Return one row per kind."""
        rows = [dict(zip((_LOG_TYPE, *KIND_FIELDS), kind, strict=True)) for kind in self._counts]
        texts = {name: pa.array([row[name] for row in rows], pa.string()) for name in (_LOG_TYPE, *KIND_FIELDS)}
        return pa.table({**texts, _COUNT: pa.array(self._counts.values(), pa.int64())})


def reach(plans: Sequence[Plan], kinds: Kinds) -> list[RuleReach]:
    """Return for each rule what its event variables can see. A rule of several branches is one, and fires by any."""
    table = kinds.table()
    of_kind = compile_sift(list(_formulas(plans, KIND_FIELDS))).apply(table)
    of_source = compile_sift(list(_formulas(plans, SOURCE_FIELDS))).apply(table)
    found: dict[str, list[VariableReach]] = {}
    for plan in plans:
        seen = [
            VariableReach(name, _by_log_type(table, of_kind.get(slot)), bool(len(of_source.get(slot, ()))))
            for name, slot in plan.slots.items()
            if plan.rule.variables[name].source == "udm" and name in plan.rule.bounded
        ]
        found.setdefault(plan.facts.name, []).extend(seen)
    branches = {plan.facts.name for plan in plans if plan.branch}
    return [RuleReach(name, _any_of(seen) if name in branches else tuple(seen)) for name, seen in found.items()]


def wanted_sources(plan: Plan) -> tuple[str, ...]:
    """Return what a rule asks of where its events come from: log types, or products, or vendors, or kinds of events.

    Of these, the first that it asks for at all; nothing for a rule that takes events from anywhere.
    """
    formulas = [formula for name, formula in plan.formulas.items() if plan.rule.variables[name].source == "udm"]
    atoms = [atom for formula in formulas for atom in _atoms(formula) if not atom.is_negated]
    fields = [(atom.leaf.column, atom) for atom in atoms if isinstance(atom.leaf, Leaf)]
    for column in _TELLING_FIELDS:
        asked = (text for field, atom in fields if field == column for text in _wanted_texts(atom))
        if found := tuple(dict.fromkeys(asked)):
            return found
    return ()


def _atoms(formula: Formula) -> Iterator[Atom]:
    match formula:
        case Atom():
            yield formula
        case AllOf(items) | AnyOf(items):
            for item in items:
                yield from _atoms(item)


def _wanted_texts(atom: Atom) -> list[str]:
    match atom.probe:
        case OneOf(constants):
            return sorted(str(constant) for constant in constants if constant)
        case Matches(patterns):
            return sorted(f"/{pattern.text}/" for pattern in patterns)
        case _:
            return []


def _formulas(plans: Iterable[Plan], fields: Collection[str]) -> Iterable[tuple[int, Formula]]:
    for plan in plans:
        for name, slot in plan.slots.items():
            if plan.rule.variables[name].source == "udm":
                yield slot, relaxed(plan.formulas[name], lambda leaf: leaf.column not in fields)


def _any_of(seen: Sequence[VariableReach]) -> tuple[VariableReach, ...]:
    within = tuple(variable for variable in seen if variable.log_types)
    return within or tuple(seen)


def _by_log_type(table: pa.Table, rows: np.ndarray | None) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    if rows is not None:
        hit = table.select([_LOG_TYPE, _COUNT]).take(pa.array(rows))
        for name, count in zip(hit[_LOG_TYPE].to_pylist(), hit[_COUNT].to_pylist(), strict=True):
            found[name] += count
    return found


def _texts(table: pa.Table, name: str) -> pa.ChunkedArray | pa.Array:
    if name not in table.column_names:
        return pa.repeat("", table.num_rows)
    return pc.fill_null(table.column(name), "")
