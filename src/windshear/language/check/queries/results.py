"""The result of a query: its columns, and what `dedup`, `order`, `limit`, `select` and `unselect` make of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from windshear.language import expressions as ex
from windshear.language.check.comparisons import is_unknown
from windshear.language.check.fields import check_field
from windshear.language.check.queries.groups import GROUP
from windshear.language.check.queries.windows import path_name
from windshear.language.check.scope import Scope
from windshear.language.check.walk import ungrouped, walk
from windshear.language.diagnostics import queries
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.diagnostics.suggest import closest
from windshear.language.query import RAW, WINDOW_END, WINDOW_START, OrderKey, ResultColumn
from windshear.language.rule import OutcomeDefinition, PlaceholderDefinition
from windshear.language.source import Span
from windshear.language.syntax import query_tree, tree
from windshear.language.types import INT

TIME = "time"
_EVENT_TYPE = ("metadata", "event_type")
_TIMESTAMP = ("metadata", "event_timestamp")


@dataclass(frozen=True, slots=True)
class Shape:
    """The result sections of a stage as checked."""

    columns: tuple[ResultColumn, ...]
    shown: tuple[str, ...]
    dedup: tuple[str, ...]
    order: tuple[OrderKey, ...]
    limit: int | None


@dataclass(slots=True)
class Results:
    """What may stand in the result of one stage.

    implicit: the variable that fields without one belong to. Of a query that is not grouped every field can be a
    column; `named` are the fields that its text reads.
    """

    scope: Scope
    implicit: str
    is_grouped: bool
    has_window: bool
    keys: tuple[str, ...]
    outcomes: Sequence[OutcomeDefinition]
    placeholders: Mapping[str, PlaceholderDefinition]
    named: Sequence[tree.Path]
    columns: dict[str, ResultColumn] = field(default_factory=dict)

    def shape(self, body: query_tree.Body) -> Shape:
        """Return the columns and how they are shown."""
        shown = self._all_grouped() if self.is_grouped else self._all_events()
        dedup = self._names(body.dedup.items if body.dedup else ())
        order = tuple(
            OrderKey(name, item.is_descending)
            for item in (body.order.items if body.order else ())
            for name in self._names((item.column,))
        )
        if not self.is_grouped:
            shown = list(self.columns)  # what is sorted by, or kept apart by, is shown as well
        if body.select is not None:
            shown = list(self._names(body.select.items))
        if body.unselect is not None:
            left_out = set(self._names(body.unselect.items))
            shown = [name for name in shown if name not in left_out]
        limit = body.limit.rows if body.limit else None
        return Shape(tuple(self.columns.values()), tuple(dict.fromkeys(shown)), dedup, order, limit)

    def _all_grouped(self) -> list[str]:
        for key in self.keys:
            self._add(key, ex.Placeholder(key, self.placeholders[key].type, self.placeholders[key].span))
        if self.has_window:
            self.columns[WINDOW_START] = ResultColumn(WINDOW_START, INT, None, "window_start")
            self.columns[WINDOW_END] = ResultColumn(WINDOW_END, INT, None, "window_end")
        for outcome in self.outcomes:
            self._add(outcome.name, ex.OutcomeVariable(outcome.name, outcome.value.type, outcome.span))
        return list(self.columns)

    def _all_events(self) -> list[str]:
        for variable, found in self.scope.names.events.items():
            if found.source == "udm":
                self._add_time(variable)
                self._add_path(_path(variable, _EVENT_TYPE, found.span))
        for path in self.named:
            names = tuple(segment.name for segment in path.segments[:2])
            is_shown_anyway = names in (_EVENT_TYPE, _TIMESTAMP) or names == (RAW,)
            if not is_shown_anyway and path.variable in self.scope.names.events:
                self._add_path(replace(path, quantifier=None))
        for outcome in self.outcomes:
            self._add(outcome.name, ex.OutcomeVariable(outcome.name, outcome.value.type, outcome.span))
        return list(self.columns)

    def _add(self, name: str, value: ex.Expression) -> str:
        self.columns.setdefault(name, ResultColumn(name, value.type, value))
        return name

    def _add_time(self, variable: str) -> None:
        name = TIME if self._is_alone(variable) else f"{variable}.{TIME}"
        self.columns.setdefault(name, ResultColumn(name, INT, None, "time", variable))

    def _add_path(self, path: tree.Path) -> str | None:
        read = check_field(path, self.scope)
        if is_unknown(read) or not isinstance(read, ex.Field):
            return None
        if read.path.is_repeated:
            read = replace(read, is_whole_list=True, type=read.path.type.list_of)
        variable = path.variable or ""
        return self._add(path_name(path, variable if self._is_alone(variable) else self.implicit), read)

    def _is_alone(self, variable: str) -> bool:
        """Whether fields of a variable are shown without it."""
        return variable == self.implicit or len(self.scope.names.events) == 1

    def _names(self, items: Iterable[tree.Expression]) -> tuple[str, ...]:
        names = (self._name(ungrouped(item)) for item in items)
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def _name(self, node: tree.Expression) -> str | None:
        """Return the column that an item of a result section means."""
        match node:
            case tree.Malformed():
                return None
            case tree.Variable(name=name, span=span):
                return self._variable(name, span)
            case tree.Word(text=text, span=span):
                return text.lower() if text.lower() in self.columns else self._refuse(text, span)
            case tree.Path() if path_name(node, self.implicit) in self.columns:
                return path_name(node, self.implicit)
            case tree.Path(variable=variable) if not self.is_grouped:
                if variable in self.scope.names.events:
                    return self._add_path(replace(node, quantifier=None))
                return self._refuse(path_name(node, self.implicit), node.span)
            case tree.Path():
                return self._refuse(path_name(node, self.implicit), node.span)
            case _:
                return self._refuse("this", node.span)

    def _variable(self, name: str, span: Span) -> str | None:
        if name in self.columns:
            return name
        if not self.is_grouped and name in self.placeholders:
            definition = self.placeholders[name]
            value: ex.Expression = ex.Placeholder(name, definition.type, span)
            if has_many_values(definition):
                value = ex.Aggregate("array_distinct", value, definition.type.list_of, span)
            return self._add(name, value)
        return self._refuse(f"${name}", span)

    def _refuse(self, name: str, span: Span) -> str | None:
        close = closest(name.removeprefix("$"), self.columns)
        listed = ", ".join(f"`{known}`" for known in list(self.columns)[:8])
        self.scope.errors.add(
            Diagnostic(
                queries.UNKNOWN_RESULT_COLUMN,
                f"`{name}` is no column of the result",
                span,
                help=f"did you mean `{close}`?" if close else f"its columns are {listed}" if listed else "",
            )
        )
        return None


def fields_named(expressions: Iterable[tree.Expression]) -> list[tree.Path]:
    """Return the field paths in some expressions, in written order."""
    return [node for root in expressions for node in walk(root) if isinstance(node, tree.Path)]


def has_many_values(definition: PlaceholderDefinition) -> bool:
    """Whether a placeholder may have several values for one event."""
    if len(definition.alternatives) > 1:
        return True
    values = [binding.value for binding in (*definition.bindings, *definition.alternatives)]
    return any(
        (isinstance(value, ex.Call) and value.function == GROUP)
        or any(read.path.is_repeated and read.quantifier is None for read in ex.fields(value))
        for value in values
    )


def _path(variable: str, names: tuple[str, ...], span: Span) -> tree.Path:
    return tree.Path(None, variable, span, tuple(tree.Segment(name, span) for name in names), span)
