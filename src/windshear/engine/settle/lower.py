"""From typed expressions to SQL values: the meaning of every operator, in one place.

All SQL made here is total: it never yields NULL, because absent reads as zero. Leaves (fields, placeholders, counts,
aggregates) differ by scope and are supplied by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from windshear.context.metrics import Rollups
from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language import expressions as ex
from windshear.language.functions.catalogue import lookup
from windshear.language.functions.net import IN_NETWORK
from windshear.language.types import Kind, Type
from windshear.udm.schema import Ordering, enumeration, members_where

Leaf = (
    ex.Field
    | ex.Placeholder
    | ex.OutcomeVariable
    | ex.VariableCount
    | ex.WindowBound
    | ex.EventIdentity
    | ex.Partition
    | ex.Aggregate
    | ex.Metric
    | ex.Observation
)
LeafReader = Callable[[Leaf], Sql]

_Atom = ex.Comparison | ex.RegexMatch | ex.RowMatch | ex.Membership | ex.Call

_MOST_INLINE = 1_000  # cells of a table's column that a statement writes out
_CELL = "@cell"
_ELEMENT = "@element"
_WORD, _WIDEST = 64, 127  # bits of a field's integer, and of the widest integer that SQL has
_LONG = 5_000  # characters of a call from which on its arguments are written once
_SWAPPED: dict[Ordering, Ordering] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Lists:
    """What else a rule reads, as loaded for the run.

    entries: reference list texts by name. tables: data tables with one column per name. rollups: history that was
    counted; None without any.
    """

    entries: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    rollups: Rollups | None = None

    def find(self, name: str, most: int | None = None) -> tuple[str, ...] | None:
        """Return the texts of a list (`name`) or of a table's column (`name.column`); None if unknown or too many."""
        table, _, column = name.partition(".")
        if column and table in self.tables:
            return _column_texts(self.tables[table], column, most)
        return self.entries.get(name)


NO_LISTS = Lists({})


def _column_texts(table: pa.Table, column: str, most: int | None) -> tuple[str, ...] | None:
    values = table.column(column)
    if pa.types.is_list(values.type):
        values = pc.list_flatten(values)
    if not pa.types.is_string(values.type) or (most is not None and len(values) > most):
        return None
    return tuple(dict.fromkeys(values.to_pylist()))


def table_relation(table: str) -> str:
    """Name the relation in which statements see the rows of a data table."""
    return f"table {table}"


def zero(value_type: Type) -> Sql:
    """Return the SQL constant that an absent value of this type reads as."""
    if value_type.is_list:
        return sql.raw("[]")
    return sql.literal(value_type.zero)


def lower(expression: ex.Expression, leaf: LeafReader, lists: Lists) -> Sql:
    """Return the SQL value of an expression; quantified fields are resolved at the boolean atom around them."""
    return _Lowering(leaf, lists).value(expression)


def matching_elements(atom: ex.Expression, field: ex.Field, leaf: LeafReader, lists: Lists) -> Sql:
    """Return the list of elements of a quantified field that satisfy the atom around it."""
    return _Lowering(leaf, lists).matching(atom, field)


def quantified_field(expression: ex.Expression) -> ex.Field | None:
    """Return the `any`/`all` field that an atom quantifies over, if there is one."""
    return next((f for f in ex.fields(expression) if f.quantifier is not None), None)


@dataclass(frozen=True, slots=True)
class _Lowering:
    leaf: LeafReader
    lists: Lists

    def value(self, node: ex.Expression) -> Sql:
        match node:
            case ex.Literal(value=value):
                return sql.literal(value)
            case (
                ex.Field()
                | ex.Placeholder()
                | ex.OutcomeVariable()
                | ex.VariableCount()
                | ex.WindowBound()
                | ex.EventIdentity()
                | ex.Partition()
                | ex.Aggregate()
                | ex.Metric()
                | ex.Observation()
            ):
                return self.leaf(node)
            case ex.Slice(values=values, count=count, number=number):
                # Equal integers of different types have different hashes, so it is their texts that count.
                texts = [sql.cast(self.value(item), "VARCHAR") for item in values]
                remainder = sql.binary("%", sql.call("hash", *texts), sql.integer(count))
                return sql.binary("=", remainder, sql.integer(number))
            case ex.And(items=items):
                return sql.all_of(self.value(item) for item in items)
            case ex.Or(items=items):
                return sql.any_of(self.value(item) for item in items)
            case ex.Not(operand=operand):
                return sql.not_(self.value(operand))
            case ex.IsNull(operand=operand, is_negated=is_negated):
                return sql.is_null(self.value(operand), is_negated=is_negated)
            case ex.NOf(minimum=minimum, items=items):
                ones = [sql.case(self.value(item), sql.integer(1), sql.integer(0)) for item in items]
                return sql.binary(">=", _sum(ones), sql.integer(minimum))
            case ex.If(condition=condition, then=then, otherwise=otherwise):
                return sql.case(self.value(condition), self.value(then), self.value(otherwise))
            case ex.Arithmetic():
                return self._arithmetic(node)
            case ex.Comparison() | ex.RegexMatch() | ex.RowMatch() | ex.Membership() | ex.Call():
                return self._atom_or_call(node)

    def _atom_or_call(self, node: _Atom) -> Sql:
        field = quantified_field(node)
        if field is None:
            return self._plain(node)
        if field.quantifier == "any":
            return sql.binary(">", sql.call("len", self.matching(node, field)), sql.integer(0))
        return sql.binary("=", sql.call("len", self.matching(node, field, is_negated=True)), sql.integer(0))

    def matching(self, node: ex.Expression, field: ex.Field, *, is_negated: bool = False) -> Sql:
        """List the elements of a quantified field for which the atom around it holds (or fails)."""
        holds = _Lowering(_bind_element(self.leaf, field), self.lists).bound(node, field)
        test = sql.not_(holds) if is_negated else holds
        return sql.call("list_filter", self.leaf(field), sql.lambda_(_ELEMENT, test))

    def bound(self, node: ex.Expression, field: ex.Field) -> Sql:
        """Lower an atom whose quantified field now stands for one element."""
        others = [f for f in ex.fields(node) if f.quantifier is not None and f is not field]
        assert not others  # the checker allows one quantified field in an atom
        assert isinstance(node, _Atom)
        return self._plain(node)

    def _plain(self, node: _Atom) -> Sql:
        match node:
            case ex.Comparison():
                return self._comparison(node)
            case ex.RegexMatch(value=value, pattern=pattern, is_nocase=is_nocase):
                return regex_match(self.value(value), pattern, is_nocase=is_nocase)
            case ex.RowMatch(value=value, cell=cell, kind=kind, is_nocase=is_nocase):
                return _cell_match(self.value(value), self.value(cell), kind, is_nocase=is_nocase)
            case ex.Membership():
                return self._membership(node)
            case ex.Call(function=function, arguments=arguments):
                return _called(function, [self.value(argument) for argument in arguments], node)

    def _comparison(self, node: ex.Comparison) -> Sql:
        enumerated = self._enum_order(node)
        if enumerated is not None:
            return enumerated
        left, right = self.value(node.left), self.value(node.right)
        if node.is_nocase:
            left, right = sql.call("lower", left), sql.call("lower", right)
        return sql.binary("<>" if node.operator == "!=" else node.operator, left, right)

    def _enum_order(self, node: ex.Comparison) -> Sql | None:
        """Turn an ordering against an enum member into the set of members whose number satisfies it.

        Two values that are not known are compared by their numbers.
        """
        if node.operator in ("=", "!="):
            return None
        operator: Ordering = node.operator
        field, member = node.left, node.right
        if isinstance(field, ex.Literal):
            field, member, operator = node.right, node.left, _SWAPPED[operator]
        if field.type.enum is None:
            return None
        if not isinstance(member, ex.Literal):
            members = enumeration(field.type.enum).members
            return sql.binary(operator, _number(self.value(field), members), _number(self.value(member), members))
        names = members_where(enumeration(field.type.enum), operator, str(member.value))
        return sql.in_list(self.value(field), [sql.text(name) for name in names])

    def _arithmetic(self, node: ex.Arithmetic) -> Sql:
        left, right = self.value(node.left), self.value(node.right)
        is_float = node.type.kind is Kind.FLOAT
        kind = "DOUBLE" if is_float else "HUGEINT"
        left, right = sql.cast(left, kind), sql.cast(right, kind)
        zero_value = sql.double(0.0) if is_float else sql.raw("0::HUGEINT")
        if node.operator in ("/", "%"):
            divisor = sql.call("nullif", right, zero_value)
            return sql.coalesce(sql.binary(node.operator, left, divisor), zero_value)
        if is_float or _width(node) < _WIDEST:
            return sql.binary(node.operator, left, right)
        return _saturated(node.operator, left, right)

    def _membership(self, node: ex.Membership) -> Sql:
        value = self.value(node.value)
        name = node.list_name if node.column is None else f"{node.list_name}.{node.column}"
        entries = self.lists.find(name, None if node.column is None else _MOST_INLINE)
        if entries is None or node.kind == "number":
            return self._in_column(node, value)
        if node.kind in ("regex", "cidr"):
            entries = tuple(entry for entry in entries if entry)  # an empty cell holds no pattern and no range
        match node.kind:
            case "string":
                if node.is_nocase:
                    lowered = [sql.call("lower", sql.text(entry)) for entry in entries]
                    return sql.in_list(sql.call("lower", value), lowered)
                return sql.in_list(value, [sql.text(entry) for entry in entries])
            case "regex":
                return sql.any_of(regex_match(value, entry, is_nocase=node.is_nocase) for entry in entries)
            case "cidr":
                function = lookup("net.ip_in_range_cidr")
                return sql.any_of(
                    function.sql(
                        (value, sql.text(entry)),
                        ex.Call(
                            function.name,
                            (node.value, ex.Literal(entry, node.value.type, node.span)),
                            is_nocase=False,
                            type=node.type,
                            span=node.span,
                        ),
                    )
                    for entry in entries
                )

    def _in_column(self, node: ex.Membership, value: Sql) -> Sql:
        """Look a value up in a column of a table that is too large to be written out."""
        assert node.column is not None
        cell = sql.name(node.column)
        if pa.types.is_list(self.lists.tables[node.list_name].column(node.column).type):
            cell = sql.call("unnest", cell)
        cells = sql.aliased(cell, _CELL)
        rows = f"(SELECT {cells} FROM {sql.name(table_relation(node.list_name))})"
        found = sql.name(_CELL)
        if node.kind in ("string", "number"):
            if node.is_nocase:
                value, found = sql.call("lower", value), sql.call("lower", found)
            return sql.raw(f"({value} IN (SELECT {found} FROM {rows}))")
        test = _cell_match(value, found, node.kind, is_nocase=node.is_nocase)
        return sql.raw(f"(EXISTS (SELECT 1 FROM {rows} WHERE {test}))")


def _number(name: Sql, members: Mapping[str, int]) -> Sql:
    """Return the number of an enumeration's member."""
    position = sql.call("list_position", sql.list_of(sql.text(member) for member in members), name)
    return sql.call("list_extract", sql.list_of(map(sql.integer, members.values())), position)


def _cell_match(value: Sql, cell: Sql, kind: str, *, is_nocase: bool) -> Sql:
    """Hold a value against a pattern or an address range that is itself a value; an empty cell has neither."""
    if kind == "cidr":
        return sql.call(IN_NETWORK.name, value, cell)
    options = (sql.text("i"),) if is_nocase else ()
    is_pattern = sql.binary("<>", cell, sql.text(""))
    return sql.case(is_pattern, sql.call("regexp_matches", value, cell, *options), sql.FALSE)


def regex_match(value: Sql, pattern: str, *, is_nocase: bool) -> Sql:
    """Search a pattern in a text: DuckDB's own RE2, unanchored, `.` not matching a line break."""
    options = (sql.text("i"),) if is_nocase else ()
    return sql.call("regexp_matches", value, sql.text(pattern), *options)


def _width(node: ex.Expression) -> int:
    """Return a number of bits that the size of an integer value certainly fits into."""
    match node:
        case ex.Literal(value=value):
            return int(value).bit_length() if isinstance(value, int) else _WORD
        case ex.Arithmetic(operator=operator, left=left, right=right):
            if operator == "%":
                return _width(left)
            return _width(left) + _width(right) if operator == "*" else max(_width(left), _width(right)) + 1
        case ex.If(then=then, otherwise=otherwise):
            return max(_width(then), _width(otherwise))
        case ex.Call(arguments=arguments):
            return max([_WORD, *map(_width, arguments)])
        case ex.Aggregate(function="sum") | ex.OutcomeVariable():
            return _WIDEST
        case ex.Aggregate(argument=argument):
            return max(_width(argument), _WORD)
        case _:
            return _WORD


def _saturated(operator: str, left: Sql, right: Sql) -> Sql:
    """Compute an integer that may be too large for any type; it then stays at the largest or smallest of them."""

    def compute(operands: Sequence[Sql]) -> Sql:
        a, b = operands
        is_negative = sql.binary("<", a, sql.integer(0))
        if operator == "*":
            is_negative = sql.binary("<>", is_negative, sql.binary("<", b, sql.integer(0)))
        extreme = sql.case(is_negative, sql.integer(1 - 2**_WIDEST), sql.integer(2**_WIDEST - 1))
        return sql.coalesce(sql.call("TRY", sql.binary(operator, a, b)), extreme)

    return _written_once([left, right], compute)


def _called(function: str, arguments: Sequence[Sql], node: ex.Call) -> Sql:
    """Call a function. Many repeat an argument in their SQL, so that a deep nest of calls must not be written out."""
    declared = lookup(function)
    written = declared.sql(tuple(arguments), node)
    if len(written.text) <= _LONG:
        return written
    computed = [i for i, argument in enumerate(node.arguments) if not isinstance(argument, ex.Literal)]

    def compute(operands: Sequence[Sql]) -> Sql:
        given = dict(zip(computed, operands, strict=True))
        return declared.sql(tuple(given.get(i, argument) for i, argument in enumerate(arguments)), node)

    return _written_once([arguments[i] for i in computed], compute)


def _written_once(operands: Sequence[Sql], compute: Callable[[Sequence[Sql]], Sql]) -> Sql:
    """Compute a value in which operands occur several times, each written and evaluated once, as a lambda's record."""
    record = sql.record_of((f"x{i}", operand) for i, operand in enumerate(operands))
    once = sql.name("@once")
    body = compute([sql.member(once, f"x{i}") for i in range(len(operands))])
    return sql.element(sql.call("list_transform", sql.list_of([record]), sql.lambda_("@once", body)), 0)


def _bind_element(leaf: LeafReader, field: ex.Field) -> LeafReader:
    def read(node: Leaf) -> Sql:
        return sql.name(_ELEMENT) if node is field else leaf(node)

    return read


def _sum(items: list[Sql]) -> Sql:
    total = items[0]
    for item in items[1:]:
        total = sql.binary("+", total, item)
    return total
