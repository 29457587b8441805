"""Which values of one field or placeholder a test lets through, as far as constants and patterns say."""

from __future__ import annotations

from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.lint.clauses import Against, Clause, against
from windshear.language.lint.presence import key_of
from windshear.language.patterns import finds
from windshear.language.source import Span
from windshear.language.types import Kind


@dataclass(frozen=True, slots=True)
class Limits:
    """What a test, or an `or` of equalities, says of the value that `key` names."""

    key: str
    clauses: tuple[Clause, ...]
    span: Span

    @property
    def is_exact(self) -> bool:
        """Whether this names the values."""
        return all(_equality(clause) is not None for clause in self.clauses)

    @property
    def is_narrow(self) -> bool:
        """Whether this names the values or bounds them."""
        found = against(self.clauses[0])
        return found is not None and found.operator != "!="

    def excludes(self, other: Limits) -> bool:
        """Whether no value passes both."""
        return all(_contradict(one, two) for one in self.clauses for two in other.clauses)

    def implies(self, other: Limits) -> bool:
        """Whether each value that passes this passes the other: known if this names the values."""
        if len(other.clauses) != 1:
            return False
        return all(_implies(one, other.clauses[0]) for one in self.clauses)


def limits_of_clause(test: Clause) -> Limits | None:
    """Return what a test says of a field or placeholder; None if it is about something else."""
    key = _key(test)
    return Limits(key, (test,), test.span) if key else None


def limits_of_choice(predicate: ex.Expression) -> Limits | None:
    """Return what an `or` of equalities says of the one value that they all are about; None for anything else."""
    if not isinstance(predicate, ex.Or):
        return None
    sides = [Clause(item, is_negated=False, is_required=True, span=item.span) for item in predicate.items]
    keys = {_key(side) for side in sides}
    if len(keys) != 1 or "" in keys or any(_equality(side) is None for side in sides):
        return None
    return Limits(keys.pop(), tuple(sides), predicate.span)


def _key(test: Clause) -> str:
    if isinstance(test.node, ex.RegexMatch):
        return key_of(test.node.value)
    found = against(test)
    return key_of(found.value) if found else ""


def _equality(test: Clause) -> Against | None:
    found = against(test)
    return found if found and found.operator == "=" else None


def _contradict(one: Clause, other: Clause) -> bool:
    left, right = against(one), against(other)
    if left and right and {left.operator, right.operator} & {"<", "<=", ">", ">="}:
        return _is_empty_range(left, right)
    if (value := _equality(one)) is not None:
        return _passes(value, other) is False
    if (value := _equality(other)) is not None:
        return _passes(value, one) is False
    return False


def _implies(one: Clause, other: Clause) -> bool:
    value = _equality(one)
    if value is None:
        return False
    found = _equality(other)
    if found is not None:  # the same equality: a duplicate, and said as such; or one with and one without `nocase`
        return not value.is_nocase and found.is_nocase and _passes(value, other) is True
    return _passes(value, other) is True


def _passes(value: Against, test: Clause) -> bool | None:
    """Tell whether a value that equals a constant passes a test; None if that is not known."""
    constant = value.constant.value
    if isinstance(test.node, ex.RegexMatch):
        if not isinstance(constant, str) or (value.is_nocase and not test.node.is_nocase):
            return None
        return finds(test.node.pattern, constant, is_nocase=test.node.is_nocase) != test.is_negated
    found = against(test)
    if found is None:
        return None
    if found.operator in ("=", "!="):
        return _equals(value, found, wanted=found.operator == "=")
    if value.value.type.kind is Kind.ENUM or not isinstance(constant, int | float):
        return None
    limit = found.constant.value
    if not isinstance(limit, int | float):
        return None
    return {"<": constant < limit, "<=": constant <= limit, ">": constant > limit, ">=": constant >= limit}[
        found.operator
    ]


def _equals(value: Against, found: Against, *, wanted: bool) -> bool | None:
    first, second = value.constant.value, found.constant.value
    if isinstance(first, str) and isinstance(second, str) and (value.is_nocase or found.is_nocase):
        if first.lower() != second.lower():
            return not wanted
        return wanted if found.is_nocase else None
    return (first == second) == wanted


def _is_empty_range(one: Against, other: Against) -> bool:
    if one.value.type.kind is Kind.ENUM or not one.value.type.is_number:
        return False
    least, most = float("-inf"), float("inf")
    step = 1 if one.value.type.kind in (Kind.INT, Kind.UINT) else 0
    is_open = False
    for bound in (one, other):
        limit = bound.constant.value
        if not isinstance(limit, int | float):
            return False
        match bound.operator:
            case ">":
                least, is_open = max(least, limit + step), is_open or not step
            case ">=":
                least = max(least, limit)
            case "<":
                most, is_open = min(most, limit - step), is_open or not step
            case "<=":
                most = min(most, limit)
            case "=":
                least, most = max(least, limit), min(most, limit)
            case _:
                return False
    return least > most or (is_open and least == most)
