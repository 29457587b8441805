"""What an outcome was computed from: the values that the rows of a group brought to its aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import EventReference, NamedValue
from windshear.engine.explain.explanation import AggregateStory, Contribution, OutcomeStory
from windshear.engine.explain.scope import Scope
from windshear.engine.settle.evidence import written
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.settle.groups import Group, chosen_groups, integer
from windshear.engine.settle.lower import lower
from windshear.engine.settle.metrics import MetricJoins
from windshear.engine.settle.rows import CHOSEN, joined_rows
from windshear.engine.settle.variables import variables_read
from windshear.language import expressions as ex
from windshear.language.rule import OutcomeDefinition

_MOST_ROWS = 20
_MOST_PARTS = 8  # of one outcome


class Records(Protocol):
    """The first records of a group for one variable."""

    @property
    def total(self) -> int:
        """How many there are."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the first."""

    @property
    def references(self) -> tuple[EventReference, ...]:
        """Who the first are."""


def outcome_stories(
    scope: Scope,
    group: Group,
    outcomes: Sequence[NamedValue],
    records: Mapping[str, Records],
    candidates: Callable[[str], Sql],
) -> tuple[OutcomeStory, ...]:
    """Tell, for each outcome of one group, which rows contributed which values.

    candidates: the rule's, restricted to the first records of the group.
    """
    return tuple(
        OutcomeStory(
            value,
            written(scope.rule, definition.value, wanted=True),
            tuple(_parts(scope, group, definition, records, candidates)),
        )
        for definition, value in zip(scope.rule.outcomes, outcomes, strict=True)
    )


def _parts(
    scope: Scope,
    group: Group,
    definition: OutcomeDefinition,
    records: Mapping[str, Records],
    candidates: Callable[[str], Sql],
) -> Iterator[AggregateStory]:
    parts = list(_sources(definition.value))
    for number, part in enumerate(parts[:_MOST_PARTS], start=1):
        story = _story(scope, group, part, records, candidates)
        yield replace(story, is_complete=False) if number == _MOST_PARTS < len(parts) else story


def _sources(expression: ex.Expression) -> Iterator[ex.Expression]:
    """Yield the aggregates of an outcome, and the fields that it reads outside of them."""
    if isinstance(expression, ex.Aggregate | ex.Field | ex.Metric):
        yield expression
        return
    for part in ex.children(expression):
        yield from _sources(part)


def _story(
    scope: Scope, group: Group, part: ex.Expression, records: Mapping[str, Records], candidates: Callable[[str], Sql]
) -> AggregateStory:
    rule, lists = scope.rule, scope.plan.lists
    argument = part.argument if isinstance(part, ex.Aggregate) else part
    read = [name for name in rule.shown_variables if name in variables_read(rule, argument)]
    read = read or [name for name in rule.shown_variables if records[name].total][:1]
    rows = joined_rows(rule, candidates, lists, of_chosen=True)
    metrics = MetricJoins(rule, rows, lists, IDENTITIES)
    value = sql.cast(lower(argument, metrics.leaf, lists), "VARCHAR")
    columns = [sql.aliased(sql.column(name, NUMBER), f"n{i}") for i, name in enumerate(read)]
    listed = ", ".join(item.text for item in [*columns, sql.aliased(value, "value")])
    found = scope.store.rows(
        f"SELECT DISTINCT {listed} FROM {rows.source}{metrics.source} WHERE {rows.where} ORDER BY ALL "
        f"LIMIT {_MOST_ROWS + 1}",
        **{CHOSEN: chosen_groups(scope.plan, [group])},
    )
    known = {
        name: dict(zip(records[name].numbers, records[name].references, strict=True)) for name in rule.shown_variables
    }
    contributions = tuple(
        Contribution(
            tuple(
                (name, known[name][integer(number)])
                for name, number in zip(read, numbers, strict=True)
                if number is not None and integer(number) in known[name]
            ),
            str(text),
        )
        for *numbers, text in found[:_MOST_ROWS]
    )
    is_complete = len(found) <= _MOST_ROWS and all(
        records[name].total == len(records[name].numbers) for name in rule.shown_variables
    )
    return AggregateStory(written(rule, part, wanted=True), argument.type.is_text, contributions, is_complete)
