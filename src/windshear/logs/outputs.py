"""Outputs: what a requested column is in SQL, given the declaration of its field.

A column is one expression, or an assembly of several where it holds whole lists of labels.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, product

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.logs.assembly import Assembly, LabelList, MessageParts
from windshear.logs.extraction import unquoted
from windshear.logs.parser import Element, Flattened, Labels, Listed, Messages, Pairs, Repeated, Scalar, UdmValue
from windshear.logs.values import (
    EACH,
    Condition,
    Path,
    Reading,
    Value,
    all_captured,
    any_of,
    bare,
    captured_at,
    first,
    is_there,
    looked_up,
    once,
    position_of,
    read,
    reads_of,
    when,
)
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn, sql_type

_MOST_STEPS_WITH_DOTS = 4


@dataclass(slots=True)
class Outputs:
    """The expressions of a statement by name, and what is assembled from them afterwards."""

    values: dict[str, Value] = field(default_factory=dict)
    assemblies: list[Assembly] = field(default_factory=list)

    def add(self, name: str, column: Column, fields: Sequence[UdmValue]) -> bool:
        """Add a requested column; false if no field fills it."""
        declared = next((item for item in fields if item.name == name), None)
        value = _keyed(name, fields) if declared is None else _expression(declared, column)
        if value is not None:
            self.values[name] = value
            return True
        match declared, column:
            case Labels(), MessagesColumn():
                self.assemblies.append(Assembly(name, column, self.labels(name, declared)))
            case Messages(), MessagesColumn():
                self.assemblies.append(Assembly(name, column, self._messages(name, declared, column)))
            case _:
                return False
        return True

    def take_constants(self, names: Sequence[str]) -> dict[str, str]:
        """Take out those of some columns that hold the same text in every row; return the texts."""
        found = {name: value.text for name in names if (value := self.values.get(name)) and value.text is not None}
        for name in found:
            del self.values[name]
        return found

    def named(self, name: str, value: Value) -> str:
        """Add a column that others are made of; return its name."""
        self.values[name] = value
        return name

    def part(self, name: str, declared: Scalar | Repeated) -> Sql:
        """Add the column of a field, and return what refers to it."""
        column = ScalarColumn(declared.kind) if isinstance(declared, Scalar) else ListColumn("text")
        value = _expression(declared, column)
        if value is None:
            raise TypeError(f"`{name}` is no column")
        return sql.name(self.named(name, value))

    def labels(self, name: str, labels: Labels) -> LabelList:
        """Add the columns that a list of labels is made of."""
        entries = [
            (entry.key, self.named(f"{name}:{number}", entry.value)) for number, entry in enumerate(labels.entries)
        ]
        flattened = [
            (flat.prefix, self.named(f"{name}:json:{number}", read(Reading(flat.path, "json"))))
            for number, flat in enumerate(labels.flattened)
        ]
        pairs = [
            (pair, self.named(f"{name}:keys:{number}", keys), self.named(f"{name}:values:{number}", values))
            for number, pair in enumerate(labels.pairs)
            for keys, values in [_lists(pair)]
        ]
        numbered = [
            (found.prefix, self.named(f"{name}:numbered:{number}", all_captured(found.value, found.pattern)))
            for number, found in enumerate(labels.numbered)
        ]
        return LabelList(tuple(entries), tuple(flattened), tuple(pairs), tuple(numbered))

    def _messages(self, name: str, messages: Messages, column: MessagesColumn) -> tuple[MessageParts, ...]:
        parts: list[MessageParts] = []
        for number, element in enumerate(messages.elements):
            above = f"{name}:{number}"
            exists = _exists(element)
            members: list[tuple[str, str | LabelList]] = []
            for member in element.members:
                wanted = column.members.get(member.name)
                value = None if wanted is None else _expression(member, wanted)
                if value is not None:
                    members.append((member.name, self.named(f"{above}.{member.name}", value)))
                elif isinstance(wanted, MessagesColumn) and isinstance(member, Labels):
                    members.append((member.name, self.labels(f"{above}.{member.name}", member)))
            parts.append(MessageParts(self.named(above, Value(exists.sql, exists.reads)), tuple(members)))
        return tuple(parts)


def may_fill(fields: Sequence[UdmValue], place: str) -> bool:
    """Say whether some of the fields may fill a column, or a member of messages by its dotted name."""
    return any(_may_hold(item, place) for item in fields) or _keyed(place, fields) is not None


def _may_hold(declared: UdmValue, place: str) -> bool:
    if declared.name == place:
        return True
    if not place.startswith(declared.name + "."):
        return False
    inner = place.removeprefix(declared.name + ".")
    match declared:
        case Labels():
            return True
        case Messages(elements=elements):
            return any(_may_hold(member, inner) for element in elements for member in element.members)
        case Listed(member=member):
            return inner == member
        case _:
            return False


def _expression(declared: UdmValue, column: Column) -> Value | None:
    """Return a column as one expression; None if it is none, or the kinds do not fit."""
    match declared, column:
        case Scalar(), ScalarColumn():
            return _typed(declared.value, column)
        case Repeated(), ListColumn():
            return _list(declared)
        case Messages(), MessagesColumn():
            return _message_list(declared.elements, column)
        case Listed(), MessagesColumn():
            return _listed(declared, column)
        case _:
            return None


def _typed(value: Value, column: ScalarColumn) -> Value:
    if column.kind == "text":
        return value
    return Value(sql.try_cast(value.sql, sql_type(column)), value.reads)


def _list(field: Repeated) -> Value:
    kept: list[Sql] = []
    values = [once(value) for value in field.values]  # each stands several times in the list
    for order, value in enumerate(values):
        distinct = sql.all_of(sql.binary("IS DISTINCT FROM", value.sql, earlier.sql) for earlier in values[:order])
        kept.append(value.sql if distinct == sql.TRUE else sql.case(distinct, value.sql, sql.NULL))
    reads = reads_of(values)
    return Value(_present(kept, "VARCHAR[]"), reads)


def _present(items: Sequence[Sql], list_type: str) -> Sql:
    """List the items that are not NULL."""
    if not items:
        return sql.cast(sql.NULL, list_type)
    if len(items) == 1:
        is_there = sql.is_null(items[0], is_negated=True)
        return sql.case(is_there, sql.list_of(items), sql.cast(sql.NULL, list_type))
    return sql.list_of_present(items)


def _message_list(elements: Sequence[Element], column: MessagesColumn) -> Value | None:
    """Return the messages as a list of records; None where a whole list of labels is a member."""
    if any(isinstance(m, Labels) and m.name in column.members for element in elements for m in element.members):
        return None
    reads: frozenset[Reading] = frozenset()
    built: list[Sql] = []
    for element in (_once(element, column.members) for element in elements):
        exists = _exists(element)
        by_name = {member.name: member for member in element.members}
        members: list[tuple[str, Sql]] = []
        for name, wanted in sorted(column.members.items()):
            value = _expression(by_name[name], wanted) if name in by_name else None
            members.append((name, sql.cast(sql.NULL, sql_type(wanted)) if value is None else value.sql))
            reads |= frozenset() if value is None else value.reads
        reads |= exists.reads
        row_type = sql_type(column).removesuffix("[]")
        built.append(sql.case(exists.sql, sql.record_of(members), sql.cast(sql.NULL, row_type)))
    return Value(sql.cast(_present(built, sql_type(column)), sql_type(column)), reads)


def _listed(declared: Listed, column: MessagesColumn) -> Value:
    """Return a record for each text of a list."""
    one = sql.name("one")
    members = [
        (name, one if name == declared.member else sql.cast(sql.NULL, sql_type(wanted)))
        for name, wanted in sorted(column.members.items())
    ]
    each = sql.call("list_transform", declared.values.sql, sql.lambda_("one", sql.record_of(members)))
    return Value(sql.cast(each, sql_type(column)), declared.values.reads)


def _once(element: Element, wanted: Container[str]) -> Element:
    """Return an element whose wanted members are worked out once, for themselves and for whether it exists."""
    if element.exists is not None:
        return element
    return Element(tuple(_member_once(member) if member.name in wanted else member for member in element.members))


def _member_once(member: Scalar | Repeated | Labels) -> Scalar | Repeated | Labels:
    match member:
        case Scalar():
            return replace(member, value=once(member.value))
        case Repeated():
            return replace(member, values=tuple(map(once, member.values)))
        case Labels():
            return member


def _exists(element: Element) -> Condition:
    """Return whether an element exists: the shortest tests come first, and often decide."""
    if element.exists is not None:
        return element.exists
    tests = [_member_is_there(member) for member in element.members]
    constant = next((test for test in tests if not test.reads), None)
    return constant or any_of(*sorted(tests, key=lambda test: len(test.sql.text)))


def _member_is_there(member: Scalar | Repeated | Labels) -> Condition:
    match member:
        case Scalar():
            return is_there(member.value)
        case Repeated():
            return any_of(*(is_there(value) for value in member.values))
        case Labels():
            several = (*(_lists(pair)[0] for pair in member.pairs), *(found.value for found in member.numbered))
            return any_of(*map(is_there, (*(label.value for label in member.entries), *several)))


def _keyed(name: str, fields: Sequence[UdmValue]) -> Value | None:
    """Return the value of a map column, `map["key"]`: the first in document order."""
    base, bracket, rest = name.partition('["')
    if not bracket or not rest.endswith('"]'):
        return None
    key = rest[:-2].replace('\\"', '"').replace("\\\\", "\\")
    return _first_of([value for labels in _labels_at(base, fields) for value in _entry(labels, key)])


def _labels_at(base: str, fields: Sequence[UdmValue]) -> list[tuple[Labels, Condition | None]]:
    """Find the maps of that name, also inside repeated messages, each with the condition of its message."""
    found: list[tuple[Labels, Condition | None]] = []
    for declared in fields:
        if isinstance(declared, Labels) and declared.name == base:
            found.append((declared, None))
        elif isinstance(declared, Messages) and base.startswith(declared.name + "."):
            inner = base[len(declared.name) + 1 :]
            for element in declared.elements:
                found += [
                    (member, element.exists)
                    for member in element.members
                    if isinstance(member, Labels) and member.name == inner
                ]
    return found


def _entry(labels_if: tuple[Labels, Condition | None], key: str) -> list[Value]:
    labels, exists = labels_if
    values = [label.value for label in labels.entries if label.key == key]
    for flat in labels.flattened:
        values += [_leaf(path) for path in _leaf_paths(flat, key)]
    asked = [(pair, key.removeprefix(pair.prefix)) for pair in labels.pairs if key.startswith(pair.prefix)]
    for position, pairs in groupby(asked, lambda one: position_of(_lists(one[0])[0], one[1])):
        # Most keys that rules read stand in other logs: nothing is taken out of lists without them.
        values.append(when(is_there(position), first(*(_paired(pair, name) for pair, name in pairs))))
    for found in labels.numbered:
        number = key.removeprefix(found.prefix)
        if key.startswith(found.prefix) and number.isascii() and number.isdigit() and str(int(number)) == number:
            values.append(captured_at(found.value, found.pattern, int(number)))
    if exists is None:
        return values
    return [Value(sql.case(exists.sql, value.sql, sql.NULL), value.reads | exists.reads) for value in values]


def _paired(pairs: Pairs, name: str) -> Value:
    value = looked_up(*_lists(pairs), name)
    return bare(value) if pairs.is_bare else value


def _lists(pairs: Pairs) -> tuple[Value, Value]:
    """Return the keys and the values of an array."""
    key, value = pairs.names
    return read(Reading((*pairs.listing, EACH, key))), read(Reading((*pairs.listing, EACH, value)))


def _first_of(values: Sequence[Value]) -> Value | None:
    if not values:
        return None
    reads = reads_of(values)
    return Value(sql.call("coalesce", *(value.sql for value in values)), reads)


def _leaf_paths(flat: Flattened, key: str) -> list[Path]:
    """Return the places that flatten to a dotted key: a raw key may itself hold dots."""
    if key == flat.prefix:
        return [flat.path]
    if not key.startswith(flat.prefix + "."):
        return []
    steps = key[len(flat.prefix) + 1 :].split(".")
    if len(steps) > _MOST_STEPS_WITH_DOTS:
        return [(*flat.path, *steps)]
    paths: list[Path] = []
    for cuts in product((True, False), repeat=len(steps) - 1):
        path = [steps[0]]
        for is_cut, step in zip(cuts, steps[1:], strict=True):
            if is_cut:
                path.append(step)
            else:
                path[-1] += "." + step
        paths.append((*flat.path, *path))
    return paths


def _leaf(path: Path) -> Value:
    value = read(Reading(path, "json"))
    is_object = sql.call("starts_with", value.sql, sql.text("{"))
    return Value(sql.case(is_object, sql.NULL, unquoted(value.sql)), value.reads)
