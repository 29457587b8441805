"""Clauses on rows: the truth of every test in an expression and the values that it read, as one SQL value.

The tests are lowered by the code that decides, in the scope where it decides, so that what is shown cannot disagree
with the engine. `marks` makes the SQL; `node` makes the tree that is shown from what SQL gave back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.explain.distance import moment
from windshear.engine.explain.explanation import Node, Shown
from windshear.engine.settle.evidence import atoms, written
from windshear.engine.settle.lower import Leaf, Lists, lower, matching_elements, quantified_field
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.types import BOOL, Kind
from windshear.udm.requests import EVENT_SECONDS

SHOWN_VALUES = 20  # elements of a list
_MOST_READINGS = 12  # values of one test
_READ_ALONE = (
    ex.Field
    | ex.Placeholder
    | ex.OutcomeVariable
    | ex.VariableCount
    | ex.WindowBound
    | ex.Aggregate
    | ex.Metric
    | ex.Call
    | ex.Arithmetic
    | ex.If
)
Note = Callable[[ex.Expression, bool, Sequence[Shown]], str]
Places = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that a test reads: its name as in the rule, and the expression."""

    name: str
    expression: ex.Expression

    @property
    def is_text(self) -> bool:
        """Whether the value is a text."""
        return self.expression.type.kind in (Kind.STRING, Kind.BYTES)


def readings(rule: CheckedRule, atom: ex.Expression) -> tuple[Reading, ...]:
    """List what a test reads and is shown, fields before what is computed from them, each once."""
    return _all_readings(rule, atom)[:_MOST_READINGS]


def _all_readings(rule: CheckedRule, atom: ex.Expression) -> tuple[Reading, ...]:
    found: dict[str, Reading] = {}
    for node in _inner_first(atom):
        if node is not atom and isinstance(node, _READ_ALONE):
            name = _name(rule, node)
            if name:
                found.setdefault(name, Reading(name, node))
    if isinstance(atom, _READ_ALONE) and not isinstance(atom, ex.Call):
        found.setdefault(_name(rule, atom), Reading(_name(rule, atom), atom))
    return tuple(found.values())


def marks(rule: CheckedRule, expression: ex.Expression, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    """Return a struct: per atom its truth, `t`, and per reading the texts of the values, `v`, and those that decided.

    Of a quantified field, `d` has the elements that satisfied `any` or failed `all`; of other readings nothing.
    """
    tests = atoms(expression)
    truths = sql.list_of(lower(atom, leaf, lists) if atom.type == BOOL else sql.TRUE for atom in tests)
    values = [[_values(one, leaf, lists) for one in readings(rule, atom)] for atom in tests]
    deciding = [[_deciding(atom, one, leaf, lists) for one in readings(rule, atom)] for atom in tests]
    return sql.raw(f"{{'t': {truths}::BOOLEAN[], 'v': {_nested(values)}, 'd': {_nested(deciding)}}}")


def node(
    rule: CheckedRule,
    expression: ex.Expression,
    found: Mapping[str, Sequence[object]],
    places: Places | None = None,
    note: Note | None = None,
) -> Node:
    """Return the tree of an expression. places: of repeated prefixes, which element the copy stands for."""
    tests = atoms(expression)
    known = dict(zip(map(id, tests), zip(found["t"], found["v"], found["d"], strict=True), strict=True))

    def tree(part: ex.Expression) -> Node:
        text = written(rule, part, wanted=True)
        match part:
            case ex.And(items=items):
                parts = tuple(map(tree, items))
                return Node("and", text, all(p.holds for p in parts), parts=parts)
            case ex.Or(items=items):
                parts = tuple(map(tree, items))
                return Node("or", text, any(p.holds for p in parts), parts=parts)
            case ex.NOf(minimum=minimum, items=items):
                parts = tuple(map(tree, items))
                return Node("n of", text, sum(p.holds for p in parts) >= minimum, parts=parts, minimum=minimum)
            case ex.Not(operand=operand):
                inner = tree(operand)
                return Node("not", text, not inner.holds, parts=(inner,))
            case _:
                truth, values, deciding = known[id(part)]
                shown = tuple(_shown(rule, part, values, deciding, places or {}))
                told = [] if note is None else [note(part, bool(truth), shown)]
                return Node(
                    "test", text, bool(truth), shown, note="; ".join(filter(None, [*told, _left_out(rule, part)]))
                )

    return tree(expression)


def _left_out(rule: CheckedRule, atom: ex.Expression) -> str:
    left = len(_all_readings(rule, atom)) - _MOST_READINGS
    return f"{left} more values are not shown" if left > 0 else ""


def _inner_first(expression: ex.Expression) -> Iterator[ex.Expression]:
    """Yield everything below an expression, operands before what reads them."""
    for part in ex.children(expression):
        if not isinstance(expression, ex.Aggregate | ex.Metric):
            yield from _inner_first(part)
    yield expression


def _name(rule: CheckedRule, part: ex.Expression) -> str:
    """Return what a reading is called; empty where its value needs no words of its own."""
    match part:
        case ex.Field():
            return field_name(part)
        case ex.Placeholder(name=name) | ex.OutcomeVariable(name=name):
            return "$" + name
        case ex.VariableCount(name=name):
            return "#" + name
        case ex.Call() | ex.Arithmetic() | ex.If() if quantified_field(part) is None:
            return written(rule, part, wanted=True)
        case ex.WindowBound(bound=bound):
            return f"window_{bound}"
        case ex.Aggregate() | ex.Metric():
            return written(rule, part, wanted=True)
        case _:
            return ""


def field_name(field: ex.Field) -> str:
    """Return a field as a rule writes it, its variable included."""
    sign = "" if field.variable.startswith("%") else "$"
    record = f"{field.path.source}." if field.path.source in ("graph", "detection") else ""
    return f"{sign}{field.variable}.{record}{field.path.text}"


def _values(reading: Reading, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    part = reading.expression
    if isinstance(part, ex.Field):
        is_list = part.quantifier is not None or part.is_whole_list
        values = leaf(part) if is_list else sql.list_of([leaf(part)])
    else:
        values = sql.list_of([lower(part, leaf, lists)])
        if part.type.is_list:
            values = lower(part, leaf, lists)
    return _texts(values)


def _deciding(atom: ex.Expression, reading: Reading, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    field = reading.expression
    quantified = quantified_field(atom)
    if quantified is None or not isinstance(field, ex.Field) or field is not quantified:
        return sql.raw("[]::VARCHAR[]")
    matching = matching_elements(atom, quantified, leaf, lists)
    if quantified.quantifier == "any":
        return _texts(matching)
    # The elements that fail `all` are those that do not match; equal elements fare alike.
    test = sql.not_(sql.call("list_contains", matching, sql.name("@one")))
    return _texts(sql.call("list_filter", leaf(quantified), sql.lambda_("@one", test)))


def _texts(values: Sql) -> Sql:
    return sql.cast(sql.raw(f"({values})[:{SHOWN_VALUES}]"), "VARCHAR[]")


def _nested(values: Sequence[Sequence[Sql]]) -> Sql:
    listed = sql.list_of(sql.raw(f"{sql.list_of(some)}::VARCHAR[][]") for some in values)
    return sql.raw(f"{listed}::VARCHAR[][][]")


def _shown(rule: CheckedRule, atom: ex.Expression, values: object, deciding: object, places: Places) -> Iterator[Shown]:
    assert isinstance(values, list)
    assert isinstance(deciding, list)
    for reading, texts, decided in zip(readings(rule, atom), values, deciding, strict=True):
        part = reading.expression
        is_list = isinstance(part, ex.Field) and (part.quantifier is not None or part.is_whole_list)
        is_list = is_list or part.type.is_list
        if not is_list:
            text = str(texts[0])
            yield Shown(reading.name, text, reading.is_text, _date(part, text) or _place(part, places))
        elif not texts:
            yield Shown(reading.name, "", reading.is_text, "no element", decides=False)
        else:
            for position, text in enumerate(texts, start=1):
                is_deciding = quantified_field(atom) is None or text in decided
                yield Shown(reading.name, str(text), reading.is_text, f"{position} of {_many(texts)}", is_deciding)


def _date(part: ex.Expression, text: str) -> str:
    """Return a time that a rule reads as seconds as a date; empty for anything else."""
    is_time = isinstance(part, ex.WindowBound) or (isinstance(part, ex.Field) and part.path.text == EVENT_SECONDS)
    return moment(int(text) * 1_000_000) if is_time else ""


def _many(texts: Sequence[object]) -> str:
    return f"{SHOWN_VALUES} or more" if len(texts) == SHOWN_VALUES else str(len(texts))


def _place(part: ex.Expression, places: Places) -> str:
    """Say which elements of repeated fields a value is from."""
    if not isinstance(part, ex.Field) or part.quantifier is not None or part.is_whole_list:
        return ""
    return ", ".join(places[prefix] for prefix in part.path.prefixes if prefix in places)
