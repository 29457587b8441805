"""Hypothesis strategies for outcome sections and for the conditions that read them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from tests.property.events import ACTIONS
from tests.property.predicates import (
    EQUALITY,
    FLOATS,
    NUMBERS,
    ORDER,
    REPEATED,
    SCALARS,
    UNSIGNED,
    combined,
    form,
    literals,
    number_of,
    path,
    plain_atoms,
    quoted,
    text_of,
)

Kind = Literal["number", "text", "texts"]


@dataclass(frozen=True)
class Outcome:
    """One outcome variable: its name, its definition, and what kind of value it has."""

    name: str
    value: str
    kind: Kind

    @property
    def line(self) -> str:
        """The line that defines it."""
        return f"${self.name} = {self.value}"


@functools.cache
def _texts(variables: tuple[str, ...], placeholders: tuple[str, ...]) -> st.SearchStrategy[str]:
    names = SCALARS + REPEATED
    kinds = [st.one_of(path(v, names), text_of(v), path(v, ["security_result.action"])) for v in variables]
    chosen = [form('if({}, "y", "n")', combined(plain_atoms(v))) for v in variables]
    held = [st.just(f"${name}") for name in placeholders]
    return st.one_of(*kinds, *chosen, *held)


@functools.cache
def _numbers(variables: tuple[str, ...]) -> st.SearchStrategy[str]:
    fields = [*NUMBERS, *UNSIGNED, *FLOATS, "metadata.event_timestamp.seconds"]
    kinds = [st.one_of(path(v, fields), number_of(v)) for v in variables]
    chosen = [form("if({}, {}, 1)", combined(plain_atoms(v)), st.integers(0, 5)) for v in variables]
    return st.one_of(*kinds, *chosen)


@functools.cache
def _aggregated(variables: tuple[str, ...], placeholders: tuple[str, ...]) -> st.SearchStrategy[tuple[str, Kind]]:
    texts, numbers = _texts(variables, placeholders), _numbers(variables)
    either = st.one_of(texts, numbers)
    count = form("{}({})", st.sampled_from(["count", "count_distinct"]), either)
    over = form("{}({})", st.sampled_from(["max", "min", "sum", "avg", "stddev"]), numbers)
    arrays = form("{}({})", st.sampled_from(["array", "array_distinct"]), texts)
    return st.one_of(
        count.map(_number),
        over.map(_number),
        arrays.map(lambda text: (text, "texts")),
        form("{}({})", st.sampled_from(["array", "array_distinct"]), numbers).map(_number_list),
        form("{} {} {}", count, st.sampled_from("+-*/%"), count).map(_number),
        form("max({}) - min({})", path(variables[0], NUMBERS[:4]), path(variables[0], NUMBERS[:4])).map(_number),
        form('if({} > {}, "many", "few")', count, st.integers(0, 3)).map(lambda text: (text, "text")),
        form("arrays.join_string({}, {})", arrays, st.just('"|"')).map(lambda text: (text, "text")),
    )


def _number(text: str) -> tuple[str, Kind]:
    return text, "number"


def _number_list(text: str) -> tuple[str, Kind]:
    return f"arrays.size({text})", "number"


@functools.cache
def _of_window(variables: tuple[str, ...], placeholders: tuple[str, ...]) -> st.SearchStrategy[tuple[str, Kind]]:
    """Draw aggregates that only rules with a match section have."""
    texts, numbers = _texts(variables, placeholders), _numbers(variables)
    either = st.one_of(texts, numbers)
    switch = st.sampled_from(["", ", true", ", false"])
    at_end = st.sampled_from(["window.first", "window.last"])
    return st.one_of(
        form("{}({}{})", st.sampled_from(["window.avg", "window.median"]), numbers, switch).map(_number),
        form("{}({})", st.sampled_from(["window.stddev", "window.variance"]), numbers).map(_number),
        form("arrays.min(window.range({}{}))", numbers, switch).map(_number),
        form("arrays.size(window.range({}{}))", numbers, switch).map(_number),
        form("{}({}, {})", at_end, numbers_of_time(variables[0]), either).map(lambda text: (text, "text")),
        form("window.mode({})", either).map(lambda text: (text, "text")),
    )


def numbers_of_time(variable: str) -> st.SearchStrategy[str]:
    """Draw a sort key: a time, or something that many rows share."""
    return st.one_of(path(variable, ["metadata.event_timestamp.seconds", *UNSIGNED[:2]]), st.integers(0, 1).map(str))


@functools.cache
def _derived(earlier: tuple[Outcome, ...]) -> list[st.SearchStrategy[tuple[str, Kind]]]:
    """Draw outcomes that read earlier ones."""
    numbers = [f"${outcome.name}" for outcome in earlier if outcome.kind == "number"]
    lists = [f"${outcome.name}" for outcome in earlier if outcome.kind == "texts"]
    found: list[st.SearchStrategy[tuple[str, Kind]]] = []
    if numbers:
        some = st.sampled_from(numbers)
        found += [
            form("{} {} {}", some, st.sampled_from("+-/"), some).map(_number),
            form("if({} > {}, {}, 0 - 1)", some, st.integers(0, 3), st.integers(0, 9)).map(_number),
            form('strings.concat({}, "!")', some).map(lambda text: (text, "text")),
        ]
    if lists:
        found.append(st.sampled_from(lists).map(lambda text: _number(f"arrays.size({text})")))
    return found


@st.composite
def outcome_sections(
    draw: st.DrawFn,
    names: tuple[str, ...],
    variables: tuple[str, ...],
    placeholders: tuple[str, ...],
    *,
    has_window: bool = False,
) -> list[Outcome]:
    """Draw up to one outcome per name; later ones may read earlier ones."""
    windowed = [_of_window(variables, placeholders)] if has_window else []
    outcomes: list[Outcome] = []
    for name in names[: draw(st.integers(0, len(names)))]:
        choices = [_aggregated(variables, placeholders), *windowed, *_derived(tuple(outcomes))]
        outcomes.append(Outcome(name, *draw(st.one_of(*choices))))
    return outcomes


@functools.cache
def _test(outcome: Outcome) -> st.SearchStrategy[str]:
    match outcome.kind:
        case "number":
            return form("${} {} {}", st.just(outcome.name), ORDER, st.integers(0, 3))
        case "text":
            return form('${} {} "{}"', st.just(outcome.name), EQUALITY, st.sampled_from(["few", "many", "1", ""]))
        case "texts":
            values = st.one_of(literals(), st.sampled_from(ACTIONS).map(quoted))
            return form("arrays.contains(${}, {})", st.just(outcome.name), values)


def outcome_conditions(outcomes: list[Outcome]) -> st.SearchStrategy[str]:
    """Draw a condition over outcomes (there is at least one)."""
    tests = st.one_of(*(_test(outcome) for outcome in outcomes))
    return st.one_of(
        tests,
        tests.map("not {}".format),
        form("({} or {})", tests, tests),
        form("({} and not {})", tests, tests),
        form("any of [{}, {}]", tests, tests),
        form("2 of [{}, {}, {}]", tests, tests, tests),
    )
