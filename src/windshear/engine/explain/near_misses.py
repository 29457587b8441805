"""What nearly made a group's condition hold: records of the same match values that lie outside its window."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.core import sql
from windshear.engine.explain.distance import in_words
from windshear.engine.explain.explanation import Node
from windshear.engine.explain.scope import Scope
from windshear.engine.settle import fields
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import Group, integer
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.own_rows import variable_rows
from windshear.engine.settle.variables import holders, is_timed
from windshear.engine.settle.windows import windows_of
from windshear.language import expressions as ex

_NEEDED = {">": 1, ">=": 0, "=": 0}


def near_notes(scope: Scope, group: Group, condition: Node) -> Iterator[str]:
    """Say, for each count of events that is too low, how close together as many events of the same key are."""
    rule = scope.rule
    if rule.window is None or condition.holds:
        return
    failing = {node.text for node in _tests(condition) if not node.holds}
    for atom in (node for node in ex.walk(rule.condition) if isinstance(node, ex.Comparison)):
        text = rule.text[atom.span.start - rule.span.start : atom.span.end - rule.span.start]
        count, needed = atom.left, atom.right
        if " ".join(text.split()) not in failing or atom.operator not in _NEEDED:
            continue
        if not isinstance(count, ex.VariableCount) or count.counts != "events" or not isinstance(needed, ex.Literal):
            continue
        if is_timed(rule, count.name):
            yield from _closest(scope, group, count.name, int(needed.value) + _NEEDED[atom.operator])


def _tests(node: Node) -> Iterator[Node]:
    if node.kind == "test":
        yield node
    for part in node.parts:
        yield from _tests(part)


def _closest(scope: Scope, group: Group, variable: str, needed: int) -> Iterator[str]:
    """Compare all events of a variable that have the group's match values, wherever they lie in time."""
    rule = scope.rule
    assert rule.window is not None
    windows = windows_of(rule.window)
    keys = [key for key in rule.match_keys if variable in holders(rule, key)]
    if len(keys) < len(rule.match_keys) or needed < 1:
        return
    rows = variable_rows(rule, variable, scope.layout, scope.candidates(variable), scope.plan.lists)
    values = [sql.literal(value) for value in group.key[:-1] if isinstance(value, str | int | float | bool)]
    if len(values) < len(keys):
        return
    same = sql.all_of(
        sql.binary("=", sql.column(variable, placeholder_column(key)), value)
        for key, value in zip(keys, values, strict=True)
    )
    time = sql.name(fields.TIME)
    events = f"SELECT DISTINCT {sql.name(NUMBER)}, {time} FROM {rows} AS {sql.name(variable)} WHERE {same}"
    spans = f"SELECT lead({time}, {needed - 1}) OVER (ORDER BY {time}) - {time} AS span FROM ({events})"
    ((total,),) = scope.store.rows(f"SELECT count(*) FROM ({events})")
    ((span,),) = scope.store.rows(f"SELECT min(span) FROM ({spans})")
    size = in_words(windows.size)
    number = f"${variable} has {integer(total):,} event{'' if total == 1 else 's'} with these match values in all"
    if span is None:
        yield number
    elif needed > 1:
        yield f"{number}; the closest {needed:,} lie within {in_words(integer(span))}, the window is {size}"
    else:
        yield f"{number}, none of them inside the window"
