"""The joined rows of a rule: copies per variable, their own predicates, the join, and the windows around it.

This is steps 1 to 5 of the row model: unnest what is read plainly, filter, bind placeholders, join the bounded
variables, put each joined row into every window that holds all its events, and add the optional (absent-able)
variables of the same window by an outer join.

Rows of one variable `v` live in a relation aliased `v` with the columns of the event, `@no` (event number), `@ts`
(microseconds), one copy column per unnested prefix and `$p` per placeholder bound on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.floating import beginning_at_any, beginning_at_events
from windshear.engine.settle.joins import Join, first_present, placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.own_rows import variable_rows
from windshear.engine.settle.variables import Layout, holders, is_shared, is_timed, layout, owner
from windshear.engine.settle.windows import (
    BUCKET,
    WINDOW,
    Windows,
    bucketed,
    floor_multiple,
    in_windows,
    inside_window,
    same_time,
    windows_of,
)
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

GROUP = "@group"
CHOSEN = "@chosen"  # relation of chosen groups: `@group`, the keys, `@window`


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """A FROM clause with its WHERE, and how to read values in that scope.

    relations: the rows of each variable alone, of which more may be there than are joined.
    """

    source: Sql
    where: Sql
    leaf: Callable[[Leaf], Sql]
    window: Sql | None
    relations: Mapping[str, Sql]


def row_leaf(rule: CheckedRule) -> Callable[[Leaf], Sql]:
    """Read fields and placeholders where every variable's relation is in scope under its own name."""

    def read(node: Leaf) -> Sql:
        match node:
            case ex.Field(variable=variable):
                return fields.read(node, variable)
            case ex.Placeholder(name=name, type=value_type):
                return sql.coalesce(placeholder_value(rule, name), sql.literal(value_type.zero))
            case ex.EventIdentity(variable=variable):
                return sql.coalesce(sql.column(variable, fields.IDENTITY), sql.text(""))
            case ex.Partition(variable=variable):
                return sql.coalesce(fields.partition(sql.column(variable, fields.NUMBER)), sql.integer(0))
            case _:
                raise AssertionError(f"{type(node).__name__} has no value on a row")

    return read


def placeholder_value(rule: CheckedRule, name: str) -> Sql:
    """Return a placeholder's value on a joined row; NULL where the event that binds it is absent."""
    column = placeholder_column(name)
    if is_shared(rule, name):
        return sql.column(column, column)
    is_sure = any(is_timed(rule, variable) for variable in rule.bounded)
    return first_present([owner(rule, name)] if is_sure else holders(rule, name), column)


def joined_rows(
    rule: CheckedRule, candidates: Callable[[str], Sql], lists: Lists, *, of_chosen: bool = False
) -> JoinedRows:
    """Build the row source of a rule. `candidates` gives the relation of candidate events of a variable.

    of_chosen: only the rows of chosen groups; `@chosen` is in scope, too. Windows are then given, so no row is put into
    every window that could hold it: of a hot key that would be most of the work.
    """
    plan = layout(rule)
    leaf = row_leaf(rule)
    relations = {name: variable_rows(rule, name, plan, candidates(name), lists) for name in rule.variables}
    if rule.window is None:
        (only,) = rule.variables
        rows = JoinedRows(sql.raw(f"{relations[only]} AS {sql.name(only)}"), sql.TRUE, leaf, None, relations)
        return _with_chosen(rule, rows) if of_chosen else rows
    windows = windows_of(rule.window)
    if not any(is_timed(rule, name) for name in rule.bounded):
        rows = _alternatives(rule, plan, windows, relations, lists)
        return _with_chosen(rule, rows) if of_chosen else rows
    bounded = [name for name in rule.variables if name in rule.bounded and is_timed(rule, name)]
    # Joins run as written, each building a table of its right side: the one with the fewest filters comes first.
    bounded.sort(key=lambda name: (name != windows.pivot, len(plan.own[name])))
    join = Join(rule, plan, relations, leaf, lists, bounded[:1])
    anchor = bounded[0]
    first = bucketed(relations[anchor], windows) if len(bounded) > 1 else relations[anchor]
    source = f"{first} AS {sql.name(anchor)}"
    if of_chosen:
        source += f" JOIN {sql.name(CHOSEN)} ON {sql.all_of(_anchored(rule, windows, anchor))}"
    for name in bounded[1:]:
        relation = _with_chosen_keys(rule, name, relations[name]) if of_chosen else relations[name]
        relation = bucketed(relation, windows, near=(0,) if windows.kind == "tumbling" else (-1, 0, 1))
        conditions = [*same_time(windows, anchor, name), *join.add(name)]
        source += f" JOIN {relation} AS {sql.name(name)} ON {sql.all_of(conditions)}"
    source += join.with_context()
    choices, kept = _shared_choices(rule, plan, leaf, lists)
    source += choices
    if of_chosen:
        window = sql.column(CHOSEN, WINDOW)
        inside = [inside_window(windows, window, name) for name in bounded[1:]]
    elif windows.kind == "floating":
        rows_so_far = f"{source} WHERE {sql.all_of(kept)}"
        starts, window, inside = beginning_at_events(rows_so_far, _match_values(rule), windows.size, bounded)
        source += starts
    else:
        hops, window, inside = in_windows(windows, bounded)
        source += hops
    for name in (name for name in rule.shown_variables if name not in rule.bounded):
        timed = []
        if is_timed(rule, name):
            relations[name] = bucketed(relations[name], windows, near=(-1, 0))
            same_block = sql.binary("=", floor_multiple(window, windows.size), sql.column(name, BUCKET))
            timed = [same_block, inside_window(windows, window, name)]
        conditions = [*timed, *join.add(name)]
        relation, further = join.with_tables(name)
        source += f" LEFT JOIN {relation} ON {sql.all_of([*conditions, *further])}"
    if of_chosen:
        kept += [sql.binary("=", value, sql.column(CHOSEN, name)) for name, value in _match_values(rule).items()]
    return JoinedRows(sql.raw(source), sql.all_of([*inside, *kept]), leaf, window, relations)


def key_values(rule: CheckedRule, window: Sql | None) -> dict[str, Sql]:
    """Return the columns that identify a group (match keys and window, or the event) with their values on a row."""
    if window is None:
        return {fields.NUMBER: sql.column(next(iter(rule.variables)), fields.NUMBER)}
    return {**_match_values(rule), WINDOW: window}


def key_names(rule: CheckedRule) -> list[str]:
    """Return the names of the columns that identify a group."""
    return [fields.NUMBER] if rule.window is None else [*map(placeholder_column, rule.match_keys), WINDOW]


def _match_values(rule: CheckedRule) -> dict[str, Sql]:
    read = row_leaf(rule)
    return {
        placeholder_column(key): read(ex.Placeholder(key, rule.placeholders[key].type, rule.span))
        for key in rule.match_keys
    }


def _with_chosen(rule: CheckedRule, rows: JoinedRows) -> JoinedRows:
    """Join finished rows with the chosen groups."""
    values = key_values(rule, rows.window).items()
    same = sql.all_of(sql.binary("=", value, sql.column(CHOSEN, name)) for name, value in values)
    return replace(rows, source=sql.raw(f"{rows.source} JOIN {sql.name(CHOSEN)} ON {same}"))


def _anchored(rule: CheckedRule, windows: Windows, anchor: str) -> list[Sql]:
    """Tie the anchor to the chosen groups: by the keys that it holds, and by its place in the window."""
    conditions = [
        sql.binary("=", sql.column(anchor, placeholder_column(key)), sql.column(CHOSEN, placeholder_column(key)))
        for key in rule.match_keys
        if anchor in holders(rule, key) and not is_shared(rule, key)
    ]
    start, time = sql.column(CHOSEN, WINDOW), sql.column(anchor, fields.TIME)
    match windows.kind:
        case "sliding_after":
            return [*conditions, sql.binary("=", time, start)]
        case "sliding_before":
            return [*conditions, sql.binary("=", time, sql.binary("+", start, sql.integer(windows.size)))]
        case _:
            return [*conditions, inside_window(windows, start, anchor)]


def _with_chosen_keys(rule: CheckedRule, name: str, relation: Sql) -> Sql:
    """Keep the rows of a bounded variable that hold match keys of chosen groups: a table is built of what it reads."""
    columns = [sql.name(placeholder_column(key)) for key in rule.match_keys if name in holders(rule, key)]
    chosen = [f"{column} IN (SELECT {column} FROM {sql.name(CHOSEN)})" for column in columns]
    return sql.raw(f"(SELECT * FROM {relation} WHERE {' AND '.join(chosen)})") if chosen else relation


def _shared_choices(
    rule: CheckedRule, plan: Layout, leaf: Callable[[Leaf], Sql], lists: Lists
) -> tuple[str, list[Sql]]:
    """Give each shared placeholder every value it may take on a joined row, and the predicates that then decide."""
    source = ""
    conditions = [lower(predicate, leaf, lists) for predicate in plan.late]
    for name, definition in rule.placeholders.items():
        if is_shared(rule, name):
            column = sql.name(placeholder_column(name))
            values = sql.list_of(lower(binding.value, leaf, lists) for binding in definition.alternatives)
            source += f" CROSS JOIN LATERAL (SELECT unnest(list_distinct({values})) AS {column}) AS {column}"
            if name in rule.zero_filtered_keys:
                zero = sql.literal(definition.type.zero)
                conditions.append(sql.binary("<>", placeholder_value(rule, name), zero))
    return source, conditions


def _alternatives(
    rule: CheckedRule, plan: Layout, windows: Windows, relations: Mapping[str, Sql], lists: Lists
) -> JoinedRows:
    """Join variables of which any may be missing: each is put into its windows, then all meet by full outer joins."""
    leaf = row_leaf(rule)
    join = Join(rule, plan, relations, leaf, lists, [], is_alternative=True)
    source = ""
    for name, relation in ((name, relations[name]) for name in rule.variables if is_timed(rule, name)):
        if windows.kind == "floating":
            keys = [placeholder_column(key) for key in rule.match_keys]
            timed = [found for other, found in relations.items() if is_timed(rule, other)]
            hops, start, inside = beginning_at_any(timed, keys, windows.size, name)
        else:
            hops, start, inside = in_windows(windows, [name])
        rows = f"{relation} AS {sql.name(name)}{hops} WHERE {sql.all_of(inside)}"
        placed = f"(SELECT *, {sql.aliased(start, WINDOW)} FROM {rows})"
        if not join.joined:
            source = f"{placed} AS {sql.name(name)}"
            join.joined.append(name)
        else:
            same_window = sql.binary("=", first_present(join.joined, WINDOW), sql.column(name, WINDOW))
            source += f" FULL JOIN {placed} AS {sql.name(name)} ON {sql.all_of([same_window, *join.add(name)])}"
    window = first_present(join.joined, WINDOW)
    source += join.with_context()
    return JoinedRows(sql.raw(source), sql.TRUE, leaf, window, relations)
