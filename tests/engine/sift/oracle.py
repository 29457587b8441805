"""What an event means, done the plain way: copies one by one, expressions by recursion, patterns by google-re2.

Shares nothing with the code under test but the checked rule. What rarer functions give, the reference evaluator says.
An event is a dictionary of flat columns.
"""

from __future__ import annotations

import itertools
import operator as operators
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import re2

from tests.reference import functions
from tests.reference.functions import Run, Written
from tests.reference.operators import arithmetic
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.types import Kind
from windshear.udm.schema import enumeration

Event = Mapping[str, object]
Copy = Mapping[str, object]  # the element that each repeated prefix stands for
Lists = Mapping[str, Sequence[str]]

_ORDERS = {"<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge}

OWN_FUNCTIONS = {
    "strings.to_lower",
    "strings.to_upper",
    "strings.concat",
    "strings.contains",
    "strings.starts_with",
    "strings.ends_with",
    "net.ip_in_range_cidr",
}


@dataclass(frozen=True)
class Oracle:
    """Judges whether an event can bind to variable `e` of a rule that has no other."""

    rule: CheckedRule
    lists: Lists

    def accepts(self, event: Event) -> bool:
        """Say whether some copy of the event passes all predicates and the zero filter of the match keys."""
        read = [*self.rule.predicates, *(b.value for p in self.rule.placeholders.values() for b in p.bindings)]
        prefixes = {
            prefix
            for expression in read
            for field in ex.fields(expression)
            if field.quantifier is None and not field.is_whole_list
            for prefix in field.path.prefixes
        }
        return any(self._passes(event, copy) for copy in copies(event, sorted(prefixes)))

    def _passes(self, event: Event, copy: Copy) -> bool:
        reading = Reading(event, copy, self.rule, self.lists)
        keys = [self.rule.placeholders[key] for key in self.rule.zero_filtered_keys]
        return all(reading.value(p) for p in self.rule.predicates) and all(
            reading.value(key.bindings[0].value) != key.type.zero for key in keys
        )


def copies(event: Event, prefixes: Sequence[str]) -> Iterator[Copy]:
    """Unnest: children below their parents, siblings crossed; an empty list gives one absent element."""

    def below(element: object, parent: str) -> list[dict[str, object]]:
        inner = [p for p in prefixes if p.startswith(parent) and not _has_parent(p, parent, prefixes)]
        choices = []
        for prefix in inner:
            items = element.get(prefix.removeprefix(parent)) if isinstance(element, Mapping) else None
            choices.append([{prefix: item} | rest for item in items or [None] for rest in below(item, prefix + ".")])
        return [dict(itertools.chain(*(part.items() for part in parts))) for parts in itertools.product(*choices)]

    yield from below(event, "")


def _has_parent(prefix: str, root: str, prefixes: Sequence[str]) -> bool:
    return any(p != prefix and p.startswith(root) and prefix.startswith(p + ".") for p in prefixes)


@dataclass(frozen=True)
class Reading:
    """Values of expressions on one copy of one event; `element` is the value that a quantified field stands for."""

    event: Event
    copy: Copy
    rule: CheckedRule
    lists: Lists
    element: tuple[object] | None = None

    def value(self, node: ex.Expression) -> object:
        """Return the total value of an expression."""
        match node:
            case ex.Literal(value=constant):
                return constant
            case ex.Placeholder(name=name):
                return self.value(self.rule.placeholders[name].bindings[0].value)
            case ex.Not(operand=operand):
                return not self.value(operand)
            case ex.And(items=items):
                return all(self.value(item) for item in items)
            case ex.Or(items=items):
                return any(self.value(item) for item in items)
            case ex.NOf(minimum=minimum, items=items):
                return sum(bool(self.value(item)) for item in items) >= minimum
            case ex.If(condition=condition, then=then, otherwise=otherwise):
                return self.value(then if self.value(condition) else otherwise)
            case ex.Arithmetic(operator=operator, left=left, right=right):
                return arithmetic(operator, self._scalar(left), self._scalar(right), node.type)
            case ex.Field():
                return self._field(node)
            case _:
                return self._quantified(node)

    def _scalar(self, node: ex.Expression) -> str | int | float | bool:
        value = self.value(node)
        assert isinstance(value, str | int | float | bool)
        return value

    def _quantified(self, node: ex.Expression) -> object:
        field = next((f for f in ex.fields(node) if f.quantifier is not None), None)
        if field is None or self.element is not None:
            return self._test(node)
        tests = (
            Reading(self.event, self.copy, self.rule, self.lists, (element,))._test(node)  # noqa: SLF001 - itself
            for element in elements(self.event, field.path)
        )
        return any(tests) if field.quantifier == "any" else all(tests)

    def _test(self, node: ex.Expression) -> object:
        match node:
            case ex.Comparison(operator=operator, left=left, right=right, is_nocase=is_nocase):
                return compare(operator, self._comparable(left, is_nocase), self._comparable(right, is_nocase))
            case ex.RegexMatch(value=value, pattern=pattern, is_nocase=is_nocase):
                return search(pattern, str(self.value(value)), is_nocase=is_nocase)
            case ex.Membership():
                return self._membership(node)
            case ex.Call(function=function, arguments=arguments) if function in OWN_FUNCTIONS:
                return call(function, [self.value(argument) for argument in arguments])
            case ex.Call(function=function, arguments=arguments):
                types = [argument.type for argument in arguments]
                return functions.call(function, list(map(self._scalar, arguments)), types, Written(), Run())
            case _:
                raise AssertionError(f"the oracle does not know {type(node).__name__}")

    def _comparable(self, node: ex.Expression, is_nocase: bool) -> object:
        value = self.value(node)
        if node.type.kind is Kind.ENUM:
            return enumeration(node.type.enum or "").members[str(value)]
        return lower(str(value)) if is_nocase else value

    def _membership(self, node: ex.Membership) -> bool:
        value = str(self.value(node.value))
        name = node.list_name if node.column is None else f"{node.list_name}.{node.column}"
        match node.kind:
            case "string" if node.is_nocase:
                return lower(value) in map(lower, self.lists[name])
            case "string":
                return value in self.lists[name]
            case "regex":
                return any(search(pattern, value, is_nocase=node.is_nocase) for pattern in self.lists[name])
            case "cidr":
                return any(call("net.ip_in_range_cidr", [value, network]) for network in self.lists[name])
            case "number":
                raise AssertionError("the oracle knows no columns of numbers")

    def _field(self, node: ex.Field) -> object:
        if node.quantifier is not None and self.element is not None:
            return self.element[0]
        if not node.path.is_repeated:
            return next(iter(elements(self.event, node.path)), node.path.type.zero)
        prefix = node.path.prefixes[-1]
        rest = ".".join(step.name for step in node.path.steps)[len(prefix) + 1 :]
        element = self.copy[prefix]
        value = element.get(rest) if rest and isinstance(element, Mapping) else element
        return node.path.type.zero if value is None else value


def elements(event: Event, path: ex.FieldPath) -> list[object]:
    """Return all values of a path in order; an index keeps one element of its list, a key reads a column."""
    if path.is_map:
        return [_or_zero(event.get(path.text), path)]
    found: list[object] = [event]
    name = ""
    for position, step in enumerate(path.steps):
        name = f"{name}.{step.name}" if name else step.name
        is_last = position == len(path.steps) - 1
        if not step.is_repeated and not is_last:
            continue
        cells = [item.get(name) if isinstance(item, Mapping) else None for item in found]
        if not step.is_repeated:
            return [_or_zero(cell, path) for cell in cells]
        lists = [cell if isinstance(cell, list) else [] for cell in cells]
        if step.index is not None:
            lists = [items[step.index : step.index + 1] for items in lists]
        found = [item for items in lists for item in items]
        name = ""
    return found


def _or_zero(value: object, path: ex.FieldPath) -> object:
    return path.type.zero if value is None else value


def compare(operator: str, left: object, right: object) -> bool:
    """Compare two values of one kind."""
    match operator:
        case "=":
            return left == right
        case "!=":
            return left != right
    assert isinstance(left, int | float | str)
    assert isinstance(right, type(left) if isinstance(left, str) else int | float)
    return bool(_ORDERS[operator](left, right))


def search(pattern: str, text: str, *, is_nocase: bool) -> bool:
    """Search as RE2 does."""
    options = re2.Options()
    options.case_sensitive = not is_nocase
    return re2.compile(pattern, options).search(text) is not None


def lower(text: str) -> str:
    """Map to lower case one character at a time, each to one character."""
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


def upper(text: str) -> str:
    """Map to upper case one character at a time, each to one character."""
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


def call(function: str, arguments: Sequence[object]) -> object:
    """Return the value of a rule function."""
    texts = [str(argument) for argument in arguments]
    match function:
        case "strings.to_lower":
            return lower(texts[0])
        case "strings.to_upper":
            return upper(texts[0])
        case "strings.concat":
            return "".join(texts)
        case "strings.contains":
            return texts[1] in texts[0]
        case "strings.starts_with":
            return texts[1] != "" and texts[0].startswith(texts[1])
        case "strings.ends_with":
            return texts[1] != "" and texts[0].endswith(texts[1])
        case "net.ip_in_range_cidr":
            try:
                return ip_address(texts[0]) in ip_network(texts[1], strict=False)
            except ValueError:
                return False
        case _:
            raise AssertionError(f"the oracle does not know {function}")
