"""Keys that occur twice in a map of a matching event: one of the settings stops the rule there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.reference.join import Join
from tests.reference.joined import JoinedRow
from tests.reference.records import read_entries
from tests.reference.stop import StoppedError
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule


def refuse_repeated_keys(join: Join, rows: Sequence[JoinedRow]) -> None:
    """Stop if an event of a joined row holds a key twice that the rule reads from it."""
    if join.context.readings.duplicate_keys == "first":
        return
    for field in _keyed_fields(join.rule):
        for row in rows:
            part = row.parts.get(field.variable)
            if part is not None and len(read_entries(part.record, field.path)) > 1:
                raise StoppedError("duplicate_keys")


def _keyed_fields(rule: CheckedRule) -> Iterator[ex.Field]:
    read = [*rule.predicates, *(outcome.value for outcome in rule.outcomes)]
    for definition in rule.placeholders.values():
        read += [binding.value for binding in (*definition.bindings, *definition.alternatives)]
    for expression in read:
        yield from (field for field in ex.fields(expression) if field.path.is_map)
