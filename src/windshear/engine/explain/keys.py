"""Keys: the values by which variables of a rule are equated, which of them met, and which nearly did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.explain.explanation import KeyStory, NearKey, Side
from windshear.engine.explain.scope import Scope
from windshear.engine.settle.evidence import written
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import integer
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import lower, quantified_field
from windshear.engine.settle.own_rows import leaf_alone, variable_rows
from windshear.engine.settle.variables import holders, variables_read
from windshear.language import expressions as ex

_EXAMPLES = 3
_PREFIX = r"^.*\\"  # the domain of a Windows account
_ADDRESS = "^[0-9a-fA-F.:]*$"  # of a host, or anything else without a name in it


@dataclass(frozen=True, slots=True)
class _Side:
    variable: str
    text: str
    value: Sql


@dataclass(frozen=True, slots=True)
class Equality:
    """Values of two variables that have to be equal."""

    text: str
    first: _Side
    second: _Side
    is_text: bool
    is_nocase: bool = False


def equalities(scope: Scope) -> Iterator[Equality]:
    """Yield every pair of values that ties two variables together."""
    rule = scope.rule
    for placeholder, definition in rule.placeholders.items():
        sides = [
            _Side(name, _bound(scope, placeholder, name), sql.column(name, placeholder_column(placeholder)))
            for name in holders(rule, placeholder)
        ]
        for other in sides[1:]:
            yield Equality(f"{sides[0].text} = {other.text}", sides[0], other, definition.type.is_text)
    for predicate, _ in scope.layout.cross:
        if isinstance(predicate, ex.Comparison) and predicate.operator == "=" and quantified_field(predicate) is None:
            left, right = _side(scope, predicate.left), _side(scope, predicate.right)
            if left is not None and right is not None and left.variable != right.variable:
                is_text = predicate.left.type.is_text
                text = written(rule, predicate, wanted=True)
                yield Equality(text, left, right, is_text, predicate.is_nocase)


def key_stories(scope: Scope) -> tuple[KeyStory, ...]:
    """Tell which values of the candidates met."""
    return tuple(_story(scope, equality) for equality in equalities(scope))


def _bound(scope: Scope, placeholder: str, variable: str) -> str:
    definition = scope.rule.placeholders[placeholder]
    values = [b.value for b in (*definition.bindings, *definition.alternatives) if b.variable == variable]
    return written(scope.rule, values[0], wanted=True)


def _side(scope: Scope, side: ex.Expression) -> _Side | None:
    read = variables_read(scope.rule, side)
    if len(read) != 1:
        return None
    (variable,) = read
    return _Side(variable, written(scope.rule, side, wanted=True), lower(side, leaf_alone(variable), scope.plan.lists))


def _story(scope: Scope, equality: Equality) -> KeyStory:
    first, second = (_values(scope, side, is_nocase=equality.is_nocase) for side in (equality.first, equality.second))
    met = f"{first} AS a JOIN {second} AS b ON a.k = b.k"
    ((count,),) = scope.store.rows(f"SELECT count(*) FROM {met}")
    examples = scope.store.rows(f"SELECT a.k::VARCHAR FROM {met} ORDER BY a.n + b.n DESC, a.k LIMIT {_EXAMPLES}")
    near = tuple(_near(scope, first, second)) if equality.is_text else ()
    return KeyStory(
        equality.text,
        equality.is_text,
        tuple(_told(scope, side, values) for side, values in ((equality.first, first), (equality.second, second))),
        integer(count),
        tuple(str(value) for (value,) in examples),
        near,
    )


def _values(scope: Scope, side: _Side, *, is_nocase: bool) -> str:
    """Return the relation of the values of one side, `k`, with the number of records that have each, `n`."""
    name = side.variable
    rows = variable_rows(scope.rule, name, scope.layout, scope.candidates(name), scope.plan.lists)
    value = sql.call("lower", side.value) if is_nocase else side.value
    counted = f"count(DISTINCT {sql.column(name, NUMBER)}) AS n"
    return f"(SELECT {value} AS k, {counted} FROM {rows} AS {sql.name(name)} GROUP BY k)"


def _told(scope: Scope, side: _Side, values: str) -> Side:
    ((number, records),) = scope.store.rows(f"SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM {values}")
    common = scope.store.rows(f"SELECT k::VARCHAR FROM {values} ORDER BY n DESC, k LIMIT {_EXAMPLES}")
    return Side(side.variable, side.text, integer(records), integer(number), tuple(str(value) for (value,) in common))


def _near(scope: Scope, first: str, second: str) -> Iterator[NearKey]:
    """Yield values that differ in case alone, or that name the same host or user with and without its domain."""
    found: set[tuple[object, object]] = set()
    is_name = f"NOT regexp_matches(k, {sql.text(_ADDRESS)})"
    named = f"(SELECT k, {_short('k')} AS form FROM {{}} WHERE {is_name})"
    lowered = "(SELECT k, lower(k) AS form FROM {})"
    for form, difference in ((lowered, "in case"), (named, "by the domain")):
        rows = scope.store.rows(
            f"SELECT a.k, b.k FROM {form.format(first)} AS a JOIN {form.format(second)} AS b USING (form) "
            f"WHERE a.k <> b.k AND form <> '' ORDER BY ALL LIMIT {_EXAMPLES * 2}"
        )
        for pair in rows:
            if pair not in found and len(found) < _EXAMPLES:
                found.add((pair[0], pair[1]))
                yield NearKey(str(pair[0]), str(pair[1]), difference)


def _short(column: str) -> str:
    r"""Return a name without its domain: of `CORP\ann`, `ann@corp.example` and `ann.corp.example` it is `ann`."""
    without_prefix = f"regexp_replace(lower({column}), {sql.text(_PREFIX)}, '')"
    return f"split_part(split_part({without_prefix}, '@', 1), '.', 1)"
