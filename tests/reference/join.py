"""Steps 2 to 4 of the model: predicates, joins and placeholders, inside one window.

Variables are joined one after the other, the bounded ones first. A predicate is decided as soon as every variable that
it reads has been joined. A bounded variable that finds no partner drops the combination; an optional one leaves it
without that variable (a left join). When no variable is bounded, the condition joins variables by `or`, and rows of
the later variable without a partner stay, too (a full join). Rows of a table that belong to an optional event come
with it: without such a row the event is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import product

from tests.reference import ties
from tests.reference.context import ReferenceContext
from tests.reference.expressions import Scope, holds, value_of
from tests.reference.joined import JoinedRow
from tests.reference.rows import Row
from tests.reference.values import Scalar, scalar
from windshear.language import expressions as ex
from windshear.language.rule import Binding, CheckedRule


@dataclass(frozen=True, slots=True)
class Join:
    """How the variables of one rule are joined.

    order: the variables, bounded ones first. companions: per optional variable the tables whose rows come with it.
    decided: per variable the predicates that can be decided once it and all before it have been joined, and not
    earlier. valid: per entity the events in whose time it must be valid.
    """

    rule: CheckedRule
    context: ReferenceContext
    order: tuple[str, ...]
    companions: Mapping[str, tuple[str, ...]]
    decided: Mapping[str, tuple[ex.Expression, ...]]
    valid: Mapping[str, frozenset[str]]


def plan_join(rule: CheckedRule, context: ReferenceContext) -> Join:
    """Lay down in which order variables are joined and when each predicate is decided."""
    bounded = [name for name in rule.variables if name in rule.bounded]
    hosts = {name: host for name in rule.variables if (host := ties.host(rule, name)) is not None}
    order = (*bounded, *(name for name in rule.variables if name not in rule.bounded and name not in hosts))
    decided: dict[str, list[ex.Expression]] = {name: [] for name in order}
    for predicate in rule.predicates:
        needed = {hosts.get(name, name) for name in _needed(rule, (*order, *hosts), predicate)}
        last = max((order.index(name) for name in needed), default=0)
        decided[order[last]].append(predicate)
    return Join(
        rule,
        context,
        order,
        {host: tuple(name for name in hosts if hosts[name] == host) for host in hosts.values()},
        {name: tuple(items) for name, items in decided.items()},
        {name: ties.tied_events(rule, name) for name, found in rule.variables.items() if found.source == "graph"},
    )


def own_rows(join: Join, variable: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of one variable that pass every predicate which reads nothing else."""
    predicates = [predicate for predicate in join.rule.predicates if _is_own(join.rule, variable, predicate)]
    start = JoinedRow({}, {})
    return [row for row in rows if any(_assignments(join, start, {variable: row}, {variable}, predicates))]


def joined_rows(join: Join, rows: Mapping[str, Sequence[Row]]) -> list[JoinedRow]:
    """Join the rows of all variables; rows whose match keys are zero where they must not be are left out."""
    combined: list[JoinedRow] = [JoinedRow({}, {})]
    for variable in join.order:
        combined = _extend(join, combined, variable, rows)
    zeros = {key: join.rule.placeholders[key].type.zero for key in join.rule.zero_filtered_keys}
    return [row for row in combined if all(row.placeholders.get(key, zero) != zero for key, zero in zeros.items())]


def _extend(
    join: Join, combined: Sequence[JoinedRow], variable: str, rows_of: Mapping[str, Sequence[Row]]
) -> list[JoinedRow]:
    """Join one more variable; rows without a partner stay as the kind of join says."""
    position = join.order.index(variable)
    companions = join.companions.get(variable, ())
    joined = {
        *join.order[: position + 1],
        *(name for host in join.order[: position + 1] for name in join.companions.get(host, ())),
    }
    rows = rows_of[variable]
    is_full = not join.rule.bounded
    keeps_left = variable not in join.rule.bounded and position > 0
    index = _Index(join, variable, rows)
    extended: list[JoinedRow] = []
    partnered: set[int] = set()
    for left in combined:
        found: list[JoinedRow] = []
        for number, row in index.candidates(left):
            for others in product(*(rows_of[name] for name in companions)):
                parts = {**left.parts, variable: row, **dict(zip(companions, others, strict=True))}
                if not _is_valid_together(join, parts):
                    continue
                matched = list(_assignments(join, left, parts, joined, join.decided[variable]))
                if matched:
                    partnered.add(number)
                found += matched
        extended += found or (_assignments(join, left, left.parts, joined, ()) if keeps_left else ())
    if is_full and position > 0:
        for number, row in enumerate(rows):
            if number not in partnered:
                extended += _assignments(join, JoinedRow({}, {}), {variable: row}, joined, ())
    return extended


class _Index:
    """The rows of a variable by the values of the placeholders that it shares with those already joined."""

    def __init__(self, join: Join, variable: str, rows: Sequence[Row]) -> None:
        before = set(join.order[: join.order.index(variable)])
        self._shared = []
        for name, definition in join.rule.placeholders.items():
            holders = {binding.variable for binding in definition.bindings}
            if variable in holders and holders & before:
                self._shared.append(name)
        self._all = list(enumerate(rows))
        self._by_values: dict[tuple[Scalar, ...], list[tuple[int, Row]]] = {}
        start = JoinedRow({}, {})
        for number, row in self._all:
            for alone in _assignments(join, start, {variable: row}, set(), ()):
                self._by_values.setdefault(self._key(alone), []).append((number, row))

    def candidates(self, left: JoinedRow) -> Sequence[tuple[int, Row]]:
        """Return the rows whose shared placeholders can agree with those of a combination."""
        if all(name in left.placeholders for name in self._shared):
            return self._by_values.get(self._key(left), [])
        return self._all

    def _key(self, row: JoinedRow) -> tuple[Scalar, ...]:
        return tuple(row.placeholders[name] for name in self._shared)


def _assignments(
    join: Join,
    left: JoinedRow,
    parts: Mapping[str, Row],
    joined: AbstractSet[str],
    predicates: Sequence[ex.Expression],
) -> Iterator[JoinedRow]:
    """Yield a combination once per choice of placeholder values that agrees with its rows and the predicates.

    All bindings of a placeholder must have the same value. A placeholder that is bound only below `or` takes the value
    of each alternative in turn, each distinct value once, as soon as all variables of the alternatives are in `joined`.
    """
    scope = Scope(join.context, JoinedRow(parts, {}))
    choices: dict[str, list[Scalar]] = {name: [value] for name, value in left.placeholders.items()}
    for name, definition in join.rule.placeholders.items():
        values = _bound_values(definition.bindings, scope)
        if definition.bindings:
            values = list(dict.fromkeys([*choices.get(name, []), *values]))
            if len(values) > 1:
                return
        elif name not in choices and {alternative.variable for alternative in definition.alternatives} <= joined:
            values = list(dict.fromkeys(_bound_values(definition.alternatives, scope)))
        if values:
            choices[name] = values
    for combination in product(*choices.values()):
        row = JoinedRow(parts, dict(zip(choices, combination, strict=True)))
        if all(holds(predicate, replace(scope, row=row)) for predicate in predicates):
            yield row


def _bound_values(bindings: Sequence[Binding], scope: Scope) -> list[Scalar]:
    """Return the values of the bindings whose variable is present."""
    return [scalar(value_of(binding.value, scope)) for binding in bindings if binding.variable in scope.row.parts]


def _needed(rule: CheckedRule, order: Sequence[str], predicate: ex.Expression) -> set[str]:
    """Return the variables that must have been joined before a predicate can be decided."""
    needed: set[str] = set()
    for node in ex.walk(predicate):
        if isinstance(node, ex.Field):
            needed.add(node.variable)
        elif isinstance(node, ex.Placeholder):
            definition = rule.placeholders[node.name]
            if definition.bindings:
                needed.add(min((binding.variable for binding in definition.bindings), key=order.index))
            needed |= {alternative.variable for alternative in definition.alternatives}
    return needed


def _is_own(rule: CheckedRule, variable: str, predicate: ex.Expression) -> bool:
    """Whether a predicate can be decided on the rows of one variable alone."""
    for node in ex.walk(predicate):
        if isinstance(node, ex.Field) and node.variable != variable:
            return False
        if isinstance(node, ex.Placeholder):
            definition = rule.placeholders[node.name]
            if definition.bindings:
                is_here = any(binding.variable == variable for binding in definition.bindings)
            else:
                is_here = all(alternative.variable == variable for alternative in definition.alternatives)
            if not is_here:
                return False
    return True


def _is_valid_together(join: Join, parts: Mapping[str, Row]) -> bool:
    """Whether the events of the combination happened while the entities that they are tied to were valid."""
    return all(
        parts[entity].is_valid_at(parts[event].time or 0)
        for entity, events in join.valid.items()
        for event in events
        if entity in parts and event in parts
    )
