"""The statement of one stage: rows into groups, outcomes, condition, and the shape of the result.

Without aggregates each combination of events is a group of its own, so both kinds of queries are one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.search.nulls import lower_with_nulls
from windshear.engine.search.rows import Candidates, StageRows, stage_rows
from windshear.engine.search.windows import in_seconds
from windshear.engine.settle.aggregation import aggregation, finished, row_value
from windshear.engine.settle.fields import NUMBER, TIME
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.named import Named
from windshear.language import expressions as ex
from windshear.language.query import CheckedStage, ResultColumn
from windshear.language.rule import CheckedRule
from windshear.udm.columns import ScalarKind

START, _END = "@start", "@end"  # of the window, in microseconds
TOTAL = "@total"  # different events of a window


def result_column(name: str) -> str:
    """Name the column of the result table; no column of the statement's inner parts is called so."""
    return "r:" + name


def unshaped(stage: CheckedStage, rule: CheckedRule, candidates: Candidates, lists: Lists, array_cap: int) -> str:
    """Return a SELECT of all columns of a stage, before dedup, order and limit. `rule` is its body as read in this run.

    Of a stage with hop windows it also gives the keys, the start and the number of events, by which windows merge; of
    one that is not grouped, the number of each event.
    """
    rows = stage_rows(stage, rule, candidates, lists)
    grouping = _Grouping(stage, rule, rows, lists, array_cap)
    outcomes = [(outcome.name, grouping.value(outcome.value)) for outcome in rule.outcomes]
    condition = grouping.value(rule.condition)
    columns = [sql.aliased(grouping.column(column), result_column(column.name)) for column in stage.columns]
    keys = grouping.keys()
    names = [sql.name(name) for name in keys]
    events = list(rule.shown_variables) if merges(stage) else grouping.counts("events")
    counted = [sql.aliased(sql.column(name, NUMBER), f"e:{name}") for name in events]
    counted += [sql.aliased(rows.value(_placeholder(rule, name)), f"p:{name}") for name in grouping.counts("values")]
    arguments = grouping.arguments.selected
    inner = f"SELECT {_listed([*keys.values(), *counted, *arguments])} FROM {rows.source} WHERE {rows.where}"
    counts = [sql.aliased(_distinct(f"e:{name}"), f"#{name}") for name in grouping.counts("events")]
    counts += [sql.aliased(_distinct(f"p:{name}"), f"#{name}") for name in grouping.counts("values")]
    if merges(stage):
        counts.append(sql.aliased(_total(rule), TOTAL))
    grouped = f"SELECT {_listed([*names, *counts, *grouping.aggregates.selected])} FROM ({inner})"
    grouped += f" GROUP BY {_listed(names)}" if names else ""
    if stage.window is not None and stage.window.is_first:
        grouped = _earliest(grouped, key_columns(stage))
    computed = _listed([sql.raw("*"), *(sql.aliased(value, f"o:{name}") for name, value in outcomes)])
    extra = [] if stage.is_grouped else names
    extra = [*key_columns(stage), sql.name(START), sql.name(TOTAL)] if merges(stage) else extra
    return f"SELECT {_listed([*columns, *extra])} FROM (SELECT {computed} FROM ({grouped})) WHERE {condition}"


def merges(stage: CheckedStage) -> bool:
    """Whether the windows of a stage overlap, so that only some of those which qualify are shown."""
    return stage.window is not None and stage.window.kind == "hop"


def key_columns(stage: CheckedStage) -> list[Sql]:
    """Name the columns that hold the match keys."""
    return [sql.name(placeholder_column(key)) for key in stage.body.match_keys]


def kept_statement(stage: CheckedStage, result: str) -> str:
    """Return the SELECT that makes a stage's result a relation for later stages: numbered rows with plain names."""
    named = [sql.aliased(_for_reading(stage, name), name) for name in stage.shown]
    number = sql.aliased(sql.raw("row_number() OVER ()"), NUMBER)
    time = sql.aliased(sql.integer(0), TIME)
    return f"SELECT {_listed([number, time, *named])} FROM ({result})"


def _for_reading(stage: CheckedStage, name: str) -> Sql:
    """Return a column in the type in which fields of its type are carried; times become seconds."""
    column, value = stage.column(name), sql.name(result_column(name))
    if column.is_time:
        return in_seconds(value)
    kinds: dict[str, ScalarKind] = {"int": "int", "unsigned int": "uint", "float": "float", "bool": "bool"}
    sql_types = {"text": "VARCHAR", "int": "BIGINT", "uint": "UBIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
    sql_type = sql_types[kinds.get(column.type.kind.value, "text")]
    return sql.cast(value, sql_type + "[]" if column.type.is_list else sql_type)


def shaped(stage: CheckedStage, rows: str) -> str:
    """Apply dedup, order and limit to what `unshaped` gives, and select the shown columns.

    What the query leaves open is decided by the columns, so that two runs agree.
    """
    given = [_ordered(sql.name(result_column(key.column)), is_descending=key.is_descending) for key in stage.order]
    columns = [_ordered(sql.name(result_column(column.name))) for column in stage.columns]
    if not stage.is_grouped:
        times = [_ordered(sql.name(result_column(column.name))) for column in stage.columns if column.is_time]
        numbers = [_ordered(sql.name(_number_column(name))) for name in stage.body.shown_variables]
        columns = [*(() if stage.lists_events else times), *numbers]
    order = _listed([*given, *columns]) or "1"
    if stage.dedup:
        keys = _listed(sql.name(result_column(name)) for name in stage.dedup)
        rows = f"SELECT * FROM ({rows}) QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {order}) = 1"
    shown = _listed(sql.name(result_column(name)) for name in stage.shown)
    limit = f" LIMIT {stage.limit}" if stage.limit is not None else ""
    return f"SELECT {shown} FROM ({rows}) ORDER BY {order}{limit}"


def _ordered(value: Sql, *, is_descending: bool = False) -> Sql:
    """Sort by a value; null is the smallest."""
    return sql.raw(f"{value} DESC NULLS LAST" if is_descending else f"{value} ASC NULLS FIRST")


def _earliest(grouped: str, keys: Iterable[Sql]) -> str:
    partition = _listed(keys)
    over = f"PARTITION BY {partition} " if partition else ""
    return f"SELECT * FROM ({grouped}) QUALIFY row_number() OVER ({over}ORDER BY {sql.name(START)}) = 1"


def _placeholder(rule: CheckedRule, name: str) -> ex.Placeholder:
    return ex.Placeholder(name, rule.placeholders[name].type, rule.span)


def _number_column(variable: str) -> str:
    """Name the column with the number of a variable's event, where each combination of events is a group."""
    return "n:" + variable


def _total(rule: CheckedRule) -> Sql:
    """Count the different events of a group over all variables together."""
    events = [sql.name(f"e:{name}") for name, variable in rule.variables.items() if variable.source == "udm"]
    lists = _listed(
        sql.raw(f"coalesce(list(DISTINCT {name}) FILTER (WHERE {name} IS NOT NULL), [])") for name in events
    )
    return sql.raw(f"len(list_distinct(flatten([{lists}])))")


def _distinct(column: str) -> Sql:
    return sql.raw(f"count(DISTINCT {sql.name(column)})")


def _listed(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)


@dataclass(slots=True)
class _Grouping:
    """Collects what is computed on rows and aggregated over them for outcomes, condition and columns."""

    stage: CheckedStage
    rule: CheckedRule
    rows: StageRows
    lists: Lists
    array_cap: int
    arguments: Named = field(default_factory=lambda: Named("x"))
    aggregates: Named = field(default_factory=lambda: Named("y"))

    def keys(self) -> dict[str, Sql]:
        """Return what identifies a group, as select items by name."""
        if not self.stage.is_grouped:
            events = {_number_column(name): sql.column(name, NUMBER) for name in self.rule.shown_variables}
            return {name: sql.aliased(value, name) for name, value in events.items()}
        names = {placeholder_column(key): self.rows.value(_placeholder(self.rule, key)) for key in self.rule.match_keys}
        if self.rows.window is not None:
            names |= {START: self.rows.window.start, _END: self.rows.window.end}
        return {name: sql.aliased(value, name) for name, value in names.items()}

    def counts(self, of: Literal["events", "values"]) -> list[str]:
        """Return the variables whose events, or the placeholders whose different values, the condition counts."""
        found = [n.name for n in ex.walk(self.rule.condition) if isinstance(n, ex.VariableCount) and n.counts == of]
        return list(dict.fromkeys(found))

    @property
    def may_be_null(self) -> bool:
        """Whether an aggregate may see nothing but null: after an outer join, or over no rows at all."""
        has_optional = self.rule.bounded != self.rule.variables.keys()
        return has_optional or (self.stage.is_grouped and not self.rule.match_keys)

    def value(self, expression: ex.Expression) -> Sql:
        """Return the value of an expression over a group."""
        if not self.may_be_null:
            return lower(expression, self.leaf, self.lists)
        return lower_with_nulls(expression, self.leaf, self._null_test, self.lists)

    def column(self, column: ResultColumn) -> Sql:
        """Return the value of a column of the result."""
        match column.holds:
            case "window_start":
                return sql.name(START)
            case "window_end":
                return sql.name(_END)
            case "time":
                return self._over_rows(sql.column(column.variable, TIME), lambda name: sql.call("first", name))
            case _:
                assert column.value is not None
                return self.value(column.value)

    def leaf(self, node: Leaf) -> Sql:
        match node:
            case ex.Aggregate():
                return self._aggregate(node)
            case ex.OutcomeVariable(name=name):
                return sql.name("o:" + name)
            case ex.VariableCount(name=name):
                return sql.name("#" + name)
            case ex.WindowBound(bound=bound):
                return in_seconds(sql.name(START if bound == "start" else _END))
            case ex.Placeholder(name=name) if self.stage.is_grouped and name in self.rule.match_keys:
                return sql.name(placeholder_column(name))
            case _:
                return self._over_rows(self.rows.value(node), lambda name: sql.call("first", name))

    def _null_test(self, node: Leaf) -> Sql | None:
        return None if isinstance(node, ex.VariableCount | ex.WindowBound) else sql.is_null(self.leaf(node))

    def _aggregate(self, node: ex.Aggregate) -> Sql:
        argument = self._row_value(node)
        if not self.may_be_null and node.function != "array":
            return finished(node, self._over_rows(argument, lambda name: aggregation(node, name, self.array_cap)))
        return finished(node, self._over_rows(argument, lambda name: self._of_known(node, name)))

    def _row_value(self, node: ex.Aggregate) -> Sql:
        """Return what an aggregate needs of a row; null if its value is."""
        parts = {"@value": self.rows.value(node.argument)}
        stand_in = replace(node, argument=ex.Placeholder("@value", node.argument.type, node.span))
        if node.sort_key is not None:
            parts["@key"] = self.rows.value(node.sort_key)
            stand_in = replace(stand_in, sort_key=ex.Placeholder("@key", node.sort_key.type, node.span))

        def read(leaf: Leaf) -> Sql:
            assert isinstance(leaf, ex.Placeholder)
            return parts[leaf.name]

        wanted = row_value(stand_in, read, self.lists)
        if node.sort_key is None or not self.may_be_null:
            return wanted
        return sql.case(sql.is_null(parts["@value"]), sql.NULL, wanted)

    def _of_known(self, node: ex.Aggregate, column: Sql) -> Sql:
        """Aggregate the values that are not null; of none, counts are 0, lists empty, and everything else null."""
        match node.function:
            case "count":
                return sql.call("count", column)
            case "count_distinct":
                return aggregation(node, column, self.array_cap)
            case "array" | "array_distinct":  # rules keep few elements, for which SQL reserves room in every group
                distinct = "DISTINCT " if node.function == "array_distinct" else ""
                items = f"list({distinct}{column}) FILTER (WHERE {column} IS NOT NULL)"
                return sql.coalesce(sql.raw(f"list_sort({items})[:{int(self.array_cap)}]"), sql.raw("[]"))
            case _:
                is_empty = sql.binary("=", sql.call("count", column), sql.integer(0))
                return sql.case(is_empty, sql.NULL, aggregation(node, column, self.array_cap))

    def _over_rows(self, argument: Sql, aggregate: Callable[[Sql], Sql]) -> Sql:
        """Compute an argument on every row and aggregate it; return the aggregate's column."""
        return self.aggregates.add(aggregate(self.arguments.add(argument)))
