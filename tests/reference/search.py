"""The plain evaluator of queries: a checked query over a whole data set, by loops over dictionaries.

It shares the row model, functions and operators of the rules' evaluator, and nothing of the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tests.reference.context import ReferenceContext
from tests.reference.expressions import Scope, value_of
from tests.reference.joined import JoinedRow
from tests.reference.nulls import Nullable, NullScope, lowest, nullable
from tests.reference.records import Record, child, read_all
from tests.reference.rows import Row, copies, microseconds
from tests.reference.search_windows import Window, holds_time, windows_at
from tests.reference.tables import table_records
from tests.reference.values import Scalar, scalar
from tests.reference.wire import wire_form
from windshear.language import expressions as ex
from windshear.language.query import RAW, CheckedQuery, CheckedStage
from windshear.language.rule import Binding, PlaceholderDefinition

ResultRow = tuple[Nullable, ...]
_SECOND = 1_000_000


_NONE = Window(0, 0)


def search(
    query: CheckedQuery, events: Sequence[Record], raw: Sequence[str], context: ReferenceContext
) -> list[ResultRow]:
    """Return the rows of a query; `raw` are the raw texts of the events."""
    tables: dict[str, list[Record]] = {}
    records = [{**wire_form(event, "udm"), RAW: text} for event, text in zip(events, raw, strict=True)]
    rows: list[ResultRow] = []
    for stage in query.parts:
        rows = _Stage(stage, records, tables, context).rows()
        names = [(name, stage.column(name)) for name in stage.shown]
        tables[stage.name] = [
            {
                name: value // _SECOND if column.is_time and isinstance(value, int) else value
                for (name, column), value in zip(names, row, strict=True)
                if value is not None
            }
            for row in rows
        ]
    return rows


@dataclass(frozen=True, slots=True)
class _Group:
    key: tuple[Nullable, ...]
    window: Window
    rows: list[JoinedRow]


@dataclass(frozen=True, slots=True)
class _Stage:
    stage: CheckedStage
    events: Sequence[Record]
    tables: Mapping[str, Sequence[Record]]
    context: ReferenceContext

    def rows(self) -> list[ResultRow]:
        """Return the shown columns of the stage, shaped."""
        results = []
        for group in self._groups():
            found = self._result(group)
            if found is not None:
                results.append((group, *found))
        if self.stage.window is not None and self.stage.window.kind == "hop":
            results = _merged(results, by_start=self.context.readings.merging == "earliest")
        return self._shaped([(columns, order) for _, _, columns, order in results])

    def _result(self, group: _Group) -> tuple[int, dict[str, Nullable], tuple[int, ...]] | None:
        """Return the events of a group, its columns and its place in the order of reading; None if it is left out."""
        rule = self.stage.body
        positions = {
            name: sorted({row.parts[name].position for row in group.rows if name in row.parts})
            for name in rule.shown_variables
        }
        values = {
            name: {row.placeholders[name] for row in group.rows if name in row.placeholders}
            for name in rule.placeholders
        }
        counts = {name: len(found) for name, found in (*positions.items(), *values.items())}
        first = group.rows[0] if group.rows else JoinedRow({}, {})
        plain = Scope(
            self.context, first, rows=group.rows, counts=counts, start=group.window.start, end=group.window.end
        )
        keys = dict(zip(rule.match_keys, group.key, strict=True)) if self.stage.is_grouped else {}
        scope = NullScope(rule, plain, {}, keys)
        outcomes: dict[str, Nullable] = {}
        for outcome in rule.outcomes:
            outcomes[outcome.name] = nullable(outcome.value, replace(scope, outcomes=dict(outcomes)))
        scope = replace(scope, outcomes=outcomes)
        if nullable(rule.condition, scope) is not True:
            return None
        columns: dict[str, Nullable] = {}
        for column in self.stage.columns:
            match column.holds:
                case "window_start":
                    columns[column.name] = group.window.start
                case "window_end":
                    columns[column.name] = group.window.end
                case "time":
                    part = first.parts.get(column.variable)
                    columns[column.name] = part.time if part else None
                case _:
                    assert column.value is not None
                    columns[column.name] = nullable(column.value, scope)
        udm = {(name, position) for name, found in positions.items() if self._is_timed(name) for position in found}
        order = tuple(found[0] if found else -1 for found in positions.values())
        return len({position for _, position in udm}), columns, order

    def _shaped(self, rows: list[tuple[dict[str, Nullable], tuple[int, ...]]]) -> list[ResultRow]:
        stage = self.stage
        times = [column.name for column in stage.columns if column.is_time]
        if stage.is_grouped:
            rows.sort(key=lambda row: lowest([row[0][column.name] for column in stage.columns]))
        elif stage.lists_events:
            rows.sort(key=lambda row: row[1])
        else:
            rows.sort(key=lambda row: (lowest([row[0][name] for name in times]), row[1]))
        for key in reversed(stage.order):
            rows.sort(key=lambda row: lowest([row[0][key.column]]), reverse=key.is_descending)
        seen: set[str] = set()
        kept = []
        for columns, _ in rows:
            mark = repr([columns[name] for name in stage.dedup])
            if not stage.dedup or mark not in seen:
                kept.append(tuple(columns[name] for name in stage.shown))
            seen.add(mark)
        return kept if stage.limit is None else kept[: stage.limit]

    def _groups(self) -> list[_Group]:
        found: dict[tuple[object, ...], _Group] = {}
        for row, window in self._joined():
            if self.stage.is_grouped:
                key: tuple[Nullable, ...] = tuple(self._key(row, name) for name in self.stage.body.match_keys)
            else:
                names = self.stage.body.shown_variables
                key = tuple(row.parts[name].position if name in row.parts else None for name in names)
            found.setdefault((repr(key), window), _Group(key, window, [])).rows.append(row)
        groups = list(found.values())
        if self.stage.window is not None and self.stage.window.is_first:
            earliest: dict[str, Window] = {}
            for group in groups:
                mark = repr(group.key)
                earliest[mark] = min(earliest.get(mark, group.window), group.window)
            groups = [group for group in groups if group.window == earliest[repr(group.key)]]
        if not groups and self.stage.is_grouped and not self.stage.body.match_keys and self.stage.window is None:
            return [_Group((), _NONE, [])]
        return groups

    def _key(self, row: JoinedRow, name: str) -> Nullable:
        placeholder = ex.Placeholder(name, self.stage.body.placeholders[name].type, self.stage.body.span)
        return nullable(placeholder, self._scope(row))

    def _scope(self, row: JoinedRow) -> NullScope:
        return NullScope(self.stage.body, Scope(self.context, row), {}, {})

    def _joined(self) -> Iterator[tuple[JoinedRow, Window]]:
        """Yield the joined rows, each once for every window that it lies in."""
        rule = self.stage.body
        own = {name: self._own(name) for name in rule.variables}
        if rule.is_alternative:
            yield from self._either(own)
            return
        sure = [name for name in rule.variables if name in rule.bounded]
        optional = [name for name in rule.variables if name not in rule.bounded]
        for combination in product(*(own[name] for name in sure)):
            combined = self._together(combination)
            if combined is None or not self._passes(combined):
                continue
            for window in self._windows(combined):
                for whole in self._with_optional(combined, window, optional, own):
                    if all(nullable(test, self._scope(whole)) is True for test in self.stage.filters):
                        yield whole, window

    def _either(self, own: Mapping[str, Sequence[JoinedRow]]) -> Iterable[tuple[JoinedRow, Window]]:
        """Join events of which each may be missing, window by window: rows without a partner stay on both sides."""
        found: list[tuple[JoinedRow, Window]] = []
        for position, (name, rows) in enumerate(own.items()):
            placed = [(row, window) for row in rows for window in self._windows(row)]
            partnered: set[int] = set()
            extended: list[tuple[JoinedRow, Window]] = []
            for left, window in found:
                both = []
                for number, (right, other) in enumerate(placed):
                    together = self._together((left, right)) if other == window else None
                    if together is not None and self._passes(together, name):
                        partnered.add(number)
                        both.append((together, window))
                extended += both or [(left, window)]
            found = [*extended, *(one for number, one in enumerate(placed) if number not in partnered or not position)]
        return found

    def _with_optional(
        self, row: JoinedRow, window: Window, optional: Sequence[str], own: Mapping[str, Sequence[JoinedRow]]
    ) -> Iterable[JoinedRow]:
        rows = [row]
        for name in optional:
            extended = []
            for left in rows:
                matching = []
                for right in own[name]:
                    both = self._together((left, right))
                    if both is not None and self._passes(both, name) and self._is_inside(right.parts[name], window):
                        matching.append(both)
                extended += matching or [left]
            rows = extended
        return rows

    def _together(self, rows: Sequence[JoinedRow]) -> JoinedRow | None:
        """Return combined rows whose placeholders agree."""
        parts: dict[str, Row] = {}
        placeholders: dict[str, Scalar] = {}
        for row in rows:
            parts.update(row.parts)
            for name, value in row.placeholders.items():
                if placeholders.setdefault(name, value) != value:
                    return None
        return JoinedRow(parts, placeholders)

    def _passes(self, row: JoinedRow, newest: str | None = None) -> bool:
        """Whether everything that can be decided on a row holds; `newest` was joined last."""
        tests = (*self.stage.body.predicates, *self.stage.links)
        decidable = (test for test in tests if self._read(test) <= row.parts.keys())
        if newest is not None:
            decidable = (test for test in decidable if newest in self._read(test))
        if not all(nullable(test, self._scope(row)) is True for test in decidable):
            return False
        events = [part.time for name, part in row.parts.items() if self._is_timed(name)]
        entities = [part for name, part in row.parts.items() if self.stage.body.variables[name].source == "graph"]
        return all(entity.is_valid_at(time or 0) for entity in entities for time in events)

    def _read(self, test: ex.Expression) -> set[str]:
        found: set[str] = set()
        for node in ex.walk(test):
            if isinstance(node, ex.Field):
                found.add(node.variable)
            elif isinstance(node, ex.Placeholder):
                definition = self.stage.body.placeholders[node.name]
                holders = {binding.variable for binding in (*definition.bindings, *definition.alternatives)}
                sure = holders & self.stage.body.bounded
                found |= set(sorted(sure or holders)[:1])
        return found

    def _own(self, name: str) -> list[JoinedRow]:
        """Return the rows of one variable with its placeholders, those that its own predicates leave."""
        rule = self.stage.body
        source = rule.variables[name].source
        records: Sequence[Record]
        match source:
            case "stage":
                records = self.tables[name]
            case "graph":
                records = [wire_form(entity, "graph") for entity in self.context.entities]
            case "table":
                records = table_records(self.context.tables[name.removeprefix("%")])
            case _:
                records = self.events
        paths = [
            read.path
            for expression in self._expressions()
            for read in ex.fields(expression)
            if read.variable == name and read.quantifier is None and not read.is_whole_list
        ]
        rows = []
        for position, record in enumerate(records):
            time = microseconds(child(child(record, "metadata"), "event_timestamp")) if source == "udm" else None
            for copy in copies(record, paths):
                row = Row(position, time, record, copy)
                rows += [alone for alone in self._assigned(name, row) if self._holds_alone(alone, name)]
        return rows

    def _holds_alone(self, row: JoinedRow, name: str) -> bool:
        return all(
            nullable(test, self._scope(row)) is True for test in self.stage.body.predicates if self._is_own(test, name)
        )

    def _is_own(self, test: ex.Expression, name: str) -> bool:
        for node in ex.walk(test):
            if isinstance(node, ex.Field) and node.variable != name:
                return False
            if isinstance(node, ex.Placeholder):
                definition = self.stage.body.placeholders[node.name]
                if all(binding.variable != name for binding in (*definition.bindings, *definition.alternatives)):
                    return False
        return True

    def _assigned(self, name: str, row: Row) -> Iterator[JoinedRow]:
        choices: dict[str, list[Scalar]] = {}
        for placeholder, definition in self.stage.body.placeholders.items():
            values = self._values(definition, name, row)
            if values is None:
                return
            if values:
                choices[placeholder] = values
        for combination in product(*choices.values()):
            yield JoinedRow({name: row}, dict(zip(choices, combination, strict=True)))

    def _values(self, definition: PlaceholderDefinition, name: str, row: Row) -> list[Scalar] | None:
        """Return the values that a placeholder may take on a row; None if its bindings contradict each other."""
        scope = Scope(self.context, JoinedRow({name: row}, {}))
        bound = [self._bound(binding, scope) for binding in definition.bindings if binding.variable == name]
        if bound:
            common = [value for value in dict.fromkeys(bound[0]) if all(value in other for other in bound[1:])]
            return common or None
        values = [self._bound(binding, scope) for binding in definition.alternatives if binding.variable == name]
        return list(dict.fromkeys(value for found in values for value in found))

    def _bound(self, binding: Binding, scope: Scope) -> list[Scalar]:
        value = binding.value
        if isinstance(value, ex.Call) and value.function == "group":
            found: list[Scalar] = []
            for read in ex.fields(value):
                record = scope.row.parts[binding.variable].record
                found += (
                    (read_all(record, read.path) or [read.path.type.zero])
                    if read.is_whole_list
                    else [scalar(value_of(read, scope))]
                )
            return found
        return [scalar(value_of(value, scope))]

    def _expressions(self) -> Iterator[ex.Expression]:
        rule = self.stage.body
        yield from (*rule.predicates, *self.stage.links, *self.stage.filters)
        for definition in rule.placeholders.values():
            yield from (binding.value for binding in (*definition.bindings, *definition.alternatives))
        yield from (outcome.value for outcome in rule.outcomes)
        yield from (column.value for column in self.stage.columns if column.value is not None)

    def _is_timed(self, name: str) -> bool:
        return self.stage.body.variables[name].source == "udm"

    def _windows(self, row: JoinedRow) -> list[Window]:
        window = self.stage.window
        if window is None:
            return [_NONE]
        times = [part.time or 0 for name, part in row.parts.items() if self._is_timed(name)]
        found = windows_at(window, min(times), row.parts[window.pivot].time or 0 if window.pivot else 0)
        return [one for one in found if all(holds_time(window, one, time) for time in times)]

    def _is_inside(self, row: Row, window: Window) -> bool:
        kind = self.stage.window
        return kind is None or row.time is None or holds_time(kind, window, row.time)


_Result = tuple[_Group, int, dict[str, Nullable], tuple[int, ...]]


def _merged(results: Sequence[_Result], *, by_start: bool) -> list[_Result]:
    """Keep, of the overlapping windows of one key, the one with most events (the earliest of those), and repeat.

    by_start: the earliest window is kept first, however many events it holds.
    """
    left = list(results)
    chosen = []
    while left:
        best = min(left, key=lambda one: (0 if by_start else -one[1], one[0].window, repr(one[0].key)))
        chosen.append(best)
        left = [one for one in left if repr(one[0].key) != repr(best[0].key) or not _overlap(one[0], best[0])]
    return chosen


def _overlap(left: _Group, right: _Group) -> bool:
    return left.window.start < right.window.end and right.window.start < left.window.end
