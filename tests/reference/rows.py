"""Step 1 of the model: the rows of one event variable.

A record is copied once per element of every repeated prefix that the rule reads plainly, anywhere in it: children
below their own parents, siblings crossed. An empty list contributes one copy whose element is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.reference.records import Copy, Record, child, list_by_key, listed
from windshear.language.expressions import Expression, FieldPath, fields
from windshear.language.rule import CheckedRule


@dataclass(frozen=True, slots=True)
class Row:
    """One copy of one record, bound to one variable.

    position: which record of its list. time: microseconds, None for entities. Two copies are the same row only if
    they are the same object: equal elements of a list still make two rows.
    """

    position: int
    time: int | None
    record: Record
    copy: Copy

    def is_valid_at(self, time: int) -> bool:
        """Whether a time lies in the interval of an entity: its start belongs to it, its end does not."""
        interval = child(child(self.record, "metadata"), "interval")
        start, end = child(interval, "start_time"), child(interval, "end_time")
        return (start is None or microseconds(start) <= time) and (end is None or time < microseconds(end))


def microseconds(timestamp: object) -> int:
    """Return a timestamp in microseconds; an absent one is the epoch."""
    seconds, nanos = child(timestamp, "seconds") or 0, child(timestamp, "nanos") or 0
    assert isinstance(seconds, int)
    assert isinstance(nanos, int)
    return seconds * 1_000_000 + nanos // 1_000


@dataclass(slots=True)
class _Level:
    """Fields below one message that lead to a copied list."""

    is_repeated: bool = False
    below: dict[str, _Level] = field(default_factory=dict)


def copies(record: Record, paths: Iterable[FieldPath]) -> list[Copy]:
    """Return the copies that plain reads of the given paths make of a record."""
    top = _Level()
    variables: dict[str, FieldPath] = {}
    for path in paths:
        if path.is_map and path.is_repeated:
            variables[path.text] = path
            continue
        level = top
        for step in path.steps if path.is_repeated else ():
            level = level.below.setdefault(step.name, _Level())
            level.is_repeated = step.is_repeated
    combined = _expand(record, top, "")
    for name, path in variables.items():
        combined = [{**copy, name: element} for copy in combined for element in list_by_key(record, path) or [None]]
    return combined


def copied_paths(rule: CheckedRule, variable: str) -> list[FieldPath]:
    """Return the paths that a rule reads plainly from a variable: in events, match and outcome."""
    return [
        found.path
        for expression in _expressions(rule)
        for found in fields(expression)
        if found.variable == variable and found.quantifier is None and not found.is_whole_list
    ]


def _expressions(rule: CheckedRule) -> Iterator[Expression]:
    yield from rule.predicates
    for placeholder in rule.placeholders.values():
        for binding in (*placeholder.bindings, *placeholder.alternatives):
            yield binding.value
    for outcome in rule.outcomes:
        yield outcome.value


def _expand(message: object, level: _Level, prefix: str) -> list[Copy]:
    combined: list[Mapping[str, object]] = [{}]
    for name, below in level.below.items():
        path = f"{prefix}.{name}" if prefix else name
        value = child(message, name)
        if below.is_repeated:
            choices = [
                {path: element, **inner}
                for element in listed(value) or [None]
                for inner in _expand(element, below, path)
            ]
        else:
            choices = [dict(inner) for inner in _expand(value, below, path)]
        combined = [{**left, **right} for left in combined for right in choices]
    return combined
