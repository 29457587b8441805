"""The settle statements of one rule: qualifying groups, the events of chosen groups, and the evidence for samples.

Steps 6 and 7 of the row model: group the joined rows by match tuple and window (by event without a match section),
count, aggregate, and keep the groups that satisfy the condition. Merging of hop windows happens outside, on the rows
that `groups` returns; the other statements then read the chosen groups back from the same row source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.core.sql import Sql
from windshear.engine.settle.conditions import marks_of_condition
from windshear.engine.settle.evidence import SHOWN_VALUES, Clause, clauses_of
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import IDENTITIES, TOTAL, Grouping, OfJoinedRows
from windshear.engine.settle.lower import Lists, lower
from windshear.engine.settle.participants import EVENT
from windshear.engine.settle.rows import GROUP, key_names
from windshear.engine.settle.ways import CLAUSES, Ways
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule, OutcomeDefinition

REFERENCE_LIMIT = 1000  # bound events that a detection lists per variable


@dataclass(frozen=True)
class Statements:
    """The settle stage of a rule without branches; each statement is compiled when it is first run."""

    ways: Ways

    @cached_property
    def pairs(self) -> str | None:
        """Of a rule whose joined rows must be made: one number, how many combinations of events its joins look at."""
        rule = self.ways.rule
        return self.ways.pairs() if isinstance(self.ways.groups(read_by_groups(rule)), OfJoinedRows) else None

    @cached_property
    def groups(self) -> str:
        """One row per qualifying group, ordered by keys and window.

        Its columns are the match keys, `@window` (µs, or NULL), `@total` (distinct events), then, of a rule without a
        window, the marks of the condition and the outcomes.
        """
        return _groups(self.ways, self.ways.groups(read_by_groups(self.ways.rule)))

    @cached_property
    def chosen(self) -> str | None:
        """Of a rule with a window: one row per chosen group with the marks of the condition and all outcomes."""
        return _chosen(self.ways) if self.ways.rule.window is not None else None

    @cached_property
    def events(self) -> dict[str, str]:
        """Per variable: one row per chosen group and bound event."""
        return {name: _events(self.ways.events(name)) for name in self.ways.rule.shown_variables}

    @cached_property
    def clauses(self) -> dict[str, tuple[Clause, ...]]:
        """Per variable: what the evidence is about."""
        return {name: clauses_of(self.ways.rule, name) for name in self.ways.rule.shown_variables}

    @cached_property
    def evidence(self) -> dict[str, str]:
        """Per variable: one row per chosen group and sampled event with clause truths and values."""
        return {name: _evidence(self.ways.evidence(name, clauses)) for name, clauses in self.clauses.items()}


def statements(rule: CheckedRule, candidates: Callable[[str], Sql], lists: Lists, readings: Readings) -> Statements:
    """Return the SQL statements of a rule without branches."""
    return Statements(Ways(rule, candidates, lists, readings))


def _groups(ways: Ways, grouping: Grouping) -> str:
    rule, lists = ways.rule, ways.lists
    shows_all = rule.window is None
    outcomes = grouping.outcomes(read_by_groups(rule))
    where = grouping.qualifies(lower(rule.condition, grouping.condition_leaf, lists))
    shown = [*map(sql.name, key_names(rule)), sql.name(TOTAL)]
    if shows_all:
        shown.append(marks_of_condition(rule, grouping.condition_leaf, lists))
        shown += [sql.name("o:" + outcome.name) for outcome in rule.outcomes]
    found = with_outcomes(grouping.grouped(), outcomes)
    return f"SELECT {_commas(shown)} FROM ({found}) WHERE {where} ORDER BY ALL"


def _chosen(ways: Ways) -> str:
    """Select (group, marks of the condition, outcomes in written order) of chosen groups."""
    rule, grouping = ways.rule, ways.chosen_groups()
    outcomes = grouping.outcomes(rule.outcomes)
    shown = [sql.name(GROUP), marks_of_condition(rule, grouping.condition_leaf, ways.lists)]
    shown += [sql.name("o:" + outcome.name) for outcome in rule.outcomes]
    return f"SELECT {_commas(shown)} FROM ({with_outcomes(grouping.grouped(), outcomes)})"


def read_by_groups(rule: CheckedRule) -> Sequence[OutcomeDefinition]:
    """Return the outcomes that decide about groups: those that the condition needs, with those that they read."""
    if rule.window is None:
        return rule.outcomes
    needed = _outcomes_read(rule.condition)
    for outcome in reversed(rule.outcomes):
        if outcome.name in needed:
            needed |= _outcomes_read(outcome.value)
    return [outcome for outcome in rule.outcomes if outcome.name in needed]


def _outcomes_read(expression: ex.Expression) -> set[str]:
    return {node.name for node in ex.walk(expression) if isinstance(node, ex.OutcomeVariable)}


def with_outcomes(grouped: str, outcomes: Sequence[tuple[str, Sql]]) -> str:
    """Add outcomes to grouped rows. Each may read the ones before it, by its name."""
    named = _commas(sql.aliased(value, "o:" + name) for name, value in outcomes)
    return f"SELECT *{', ' + named if named else ''} FROM ({grouped})"


def _events(rows: str) -> str:
    """Select (group, event number, id, time, log type, product log id, source, total), the earliest per group."""
    group, number = f"r.{sql.name(GROUP)}", sql.name(NUMBER)
    return (
        f"SELECT {group}, i.{number}, i.id, i.time, i.log_type, i.product_log_id, i.source, "
        f"count(*) OVER (PARTITION BY {group}) FROM {IDENTITIES} AS i "
        f"JOIN (SELECT DISTINCT * FROM ({rows})) AS r ON i.{number} = r.{sql.name(EVENT)} "
        f"QUALIFY row_number() OVER (PARTITION BY {group} ORDER BY i.time, i.id) <= {REFERENCE_LIMIT} "
        f"ORDER BY {group}, i.time, i.id"
    )


def _evidence(rows: str) -> str:
    """One row per chosen group and event of the variable: its copies and joined rows, clause by clause."""
    return (
        f"SELECT {sql.name(GROUP)}, {sql.name(EVENT)}, min({sql.name(CLAUSES)}, {SHOWN_VALUES}) "
        f"FROM (SELECT DISTINCT * FROM ({rows})) GROUP BY ALL"
    )


def _commas(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)
