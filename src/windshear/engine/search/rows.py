"""The joined rows of one stage: every variable's rows, the joins between them, and the windows around them.

The rows of one variable come from settle, as a rule about that variable alone has them. Variables that are always there
are joined first; then each row is put into its windows; then follow the variables that may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.search import windows
from windshear.engine.search.groups import with_groups, without_groups
from windshear.engine.search.nulls import lower_with_nulls
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.joins import Join
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.rows import joined_rows, row_leaf
from windshear.engine.settle.variables import holders, layout
from windshear.engine.settle.windows import windows_of
from windshear.language import expressions as ex
from windshear.language.query import CheckedStage, QueryWindow
from windshear.language.rule import CheckedRule, MatchWindow, OutcomeDefinition

Candidates = Callable[[str], Sql]


@dataclass(frozen=True, slots=True)
class StageRows:
    """A FROM clause with its WHERE, and how to read values in that scope.

    value: of an expression on a row, null where it reads what is missing. is_null: when a leaf is null on a row.
    """

    source: str
    where: Sql
    value: Callable[[ex.Expression], Sql]
    window: windows.Placed | None


def stage_rows(stage: CheckedStage, rule: CheckedRule, candidates: Candidates, lists: Lists) -> StageRows:
    """Build the row source of a stage; `rule` is its body as it is read in this run."""
    body = without_groups(replace(rule, predicates=(*rule.predicates, *stage.links)))
    everything = reading_all(body, stage)
    if rule.is_alternative:
        return _either(everything, stage, lambda name: with_groups(rule, name, candidates(name)), lists)
    relations = {
        name: _relation(everything, name, with_groups(rule, name, candidates(name)), lists) for name in body.variables
    }
    leaf = row_leaf(body)
    sure = _in_joining_order(body, stage.window)
    join = Join(body, layout(body), relations, leaf, lists, [])
    source, place = _joined(join, sure, stage.window)
    for name in (name for name in body.variables if name not in body.bounded):
        timed = windows.inside(stage.window, place, name) if stage.window and place and _is_timed(body, name) else []
        on = sql.all_of([*timed, *join.add(name)])
        source += f" LEFT JOIN {relations[name]} AS {sql.name(name)} ON {on}"

    def read(node: Leaf) -> Sql:
        if place is None or not isinstance(node, ex.WindowBound):
            return leaf(node)
        return windows.in_seconds(place.start if node.bound == "start" else place.end)

    def value(expression: ex.Expression) -> Sql:
        if body.bounded == body.variables.keys():
            return lower(expression, read, lists)
        return lower_with_nulls(expression, read, lambda node: _null_test(body, node), lists)

    kept = [value(test) for test in stage.filters]
    return StageRows(source, sql.all_of([*(place.inside if place else ()), *kept]), value, place)


def _either(rule: CheckedRule, stage: CheckedStage, candidates: Candidates, lists: Lists) -> StageRows:
    """Join events of which each may be missing, as the condition asks for one or another: settle has such joins."""
    assert stage.window is not None
    window = MatchWindow("hop", stage.window.size, None)
    rows = joined_rows(replace(rule, window=window), candidates, lists)
    assert rows.window is not None
    end = sql.binary("+", rows.window, sql.integer(windows_of(window).size))
    place = windows.Placed("", rows.window, end, ())

    def read(node: Leaf) -> Sql:
        if isinstance(node, ex.WindowBound):
            return windows.in_seconds(place.start if node.bound == "start" else place.end)
        return rows.leaf(node)

    def value(expression: ex.Expression) -> Sql:
        return lower_with_nulls(expression, read, lambda node: _null_test(rule, node), lists)

    return StageRows(rows.source.text, rows.where, value, place)


def _joined(join: Join, sure: Sequence[str], window: QueryWindow | None) -> tuple[str, windows.Placed | None]:
    """Join the variables that are always there, and put their rows into windows."""
    timed = [name for name in sure if _is_timed(join.rule, name)]
    source = ""
    for name in timed or sure:
        relation, conditions = join.relations[name], []
        if window is not None and name in timed and len(timed) > 1:
            relation = windows.bucketed(relation, window, is_anchor=name == timed[0])
            conditions = [] if name == timed[0] else windows.same_window(window, timed[0], name)
        conditions += join.add(name)
        if not source:
            source = f"{relation} AS {sql.name(name)}"
        else:
            source += f" JOIN {relation} AS {sql.name(name)} ON {sql.all_of(conditions)}"
    source += join.with_context() if timed else ""
    if window is None:
        return source, None
    place = windows.placed(window, timed)
    return source + place.source, place


def _in_joining_order(rule: CheckedRule, window: QueryWindow | None) -> list[str]:
    """Return the variables that are always there: the pivot, other events, then stages and entities."""
    own = layout(rule).own
    pivot = window.pivot if window else None
    sure = [name for name in rule.variables if name in rule.bounded]
    return sorted(sure, key=lambda name: (not _is_timed(rule, name), name != pivot, len(own[name])))


def _is_timed(rule: CheckedRule, name: str) -> bool:
    return rule.variables[name].source == "udm"


def reading_all(rule: CheckedRule, stage: CheckedStage) -> CheckedRule:
    """Return a rule whose outcomes read whatever the stage reads, for that decides which copies there are."""
    values = [
        *rule.predicates,
        *stage.links,
        *stage.filters,
        *(column.value for column in stage.columns if column.value is not None),
    ]
    read = tuple(OutcomeDefinition(f"@{i}", value, rule.span) for i, value in enumerate(values))
    return replace(rule, outcomes=(*rule.outcomes, *read))


def _relation(rule: CheckedRule, name: str, candidates: Sql, lists: Lists) -> Sql:
    """Return the rows of one variable: those of a rule that has no other."""
    placeholders = {}
    for placeholder in rule.placeholders:
        if name in holders(rule, placeholder):
            definition = rule.placeholders[placeholder]
            placeholders[placeholder] = replace(
                definition,
                bindings=tuple(binding for binding in definition.bindings if binding.variable == name),
                alternatives=tuple(binding for binding in definition.alternatives if binding.variable == name),
            )
    alone = replace(
        rule,
        variables={name: rule.variables[name]},
        placeholders=placeholders,
        predicates=layout(rule).own[name],
        bounded=frozenset({name}),
    )
    rows = joined_rows(alone, lambda _name: candidates, lists)
    return sql.raw(f"(SELECT * FROM {rows.source} WHERE {rows.where})")


def _null_test(rule: CheckedRule, node: Leaf) -> Sql | None:
    """Return when a value of a row is null: where the only variables that could give it are missing."""
    match node:
        case ex.Field(variable=variable) | ex.EventIdentity(variable=variable):
            names = [variable]
        case ex.Placeholder(name=name):
            names = list(holders(rule, name))
        case _:
            return None
    if any(name in rule.bounded for name in names):
        return None
    return sql.all_of(sql.is_null(sql.column(name, NUMBER)) for name in names)
