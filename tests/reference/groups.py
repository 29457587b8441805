"""Steps 6 and 7 of the model: groups of joined rows, their counts, outcomes and condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.reference.context import ReferenceContext
from tests.reference.expressions import Scope, holds, value_of
from tests.reference.joined import JoinedRow
from tests.reference.values import Scalar, Value
from tests.reference.windows import Window
from windshear.language.rule import CheckedRule


@dataclass(frozen=True, slots=True)
class Group:
    """The joined rows of one match tuple in one window that satisfy the condition."""

    key: tuple[Scalar, ...]
    window: Window
    positions: dict[str, tuple[int, ...]]
    outcomes: dict[str, Value]

    def records(self, rule: CheckedRule) -> frozenset[tuple[str, int]]:
        """Return the distinct events (and detections) over all variables; entities and rows of tables are no events."""
        return frozenset(
            (variable.source, position)
            for name, variable in rule.variables.items()
            if variable.source in ("udm", "detection")
            for position in self.positions[name]
        )


def group_by_key(rule: CheckedRule, rows: Sequence[JoinedRow]) -> dict[tuple[Scalar, ...], list[JoinedRow]]:
    """Return the joined rows per match tuple."""
    groups: dict[tuple[Scalar, ...], list[JoinedRow]] = {}
    for row in rows:
        key = tuple(row.placeholders.get(name, rule.placeholders[name].type.zero) for name in rule.match_keys)
        groups.setdefault(key, []).append(row)
    return groups


def begins_with_an_event(rule: CheckedRule, window: Window, rows: Sequence[JoinedRow]) -> bool:
    """Whether the first event of a group that must be there (that is there, if none must) is at the window's start."""
    parts = [part for row in rows for name, part in row.parts.items() if name in rule.bounded or not _must_any(rule)]
    return min(part.time for part in parts if part.time is not None) == window.start


def _must_any(rule: CheckedRule) -> bool:
    return any(rule.variables[name].source in ("udm", "detection") for name in rule.bounded)


def judge(
    rule: CheckedRule, context: ReferenceContext, window: Window, key: tuple[Scalar, ...], rows: Sequence[JoinedRow]
) -> Group | None:
    """Compute counts and outcomes of a group; return it if the condition holds.

    What stands outside an aggregate has the same value on all rows (the checker sees to it), so the first row serves.
    """
    positions = {
        name: tuple(sorted({row.parts[name].position for row in rows if name in row.parts})) for name in rule.variables
    }
    values = {name: {row.placeholders[name] for row in rows if name in row.placeholders} for name in rule.placeholders}
    counts = {name: len(found) for name, found in (*positions.items(), *values.items())}
    outcomes: dict[str, Value] = {}
    scope = Scope(context, rows[0], rows=rows, counts=counts, start=window.start, end=window.end)
    for outcome in rule.outcomes:
        outcomes[outcome.name] = value_of(outcome.value, replace(scope, outcomes=dict(outcomes)))
    if not holds(rule.condition, replace(scope, outcomes=outcomes)):
        return None
    return Group(key, window, positions, outcomes)
