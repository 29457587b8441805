"""Hypothesis strategies for what ties rules to their context: joins with entities and with rows of tables."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.property.outcomes import Kind
from tests.property.predicates import EQUALITY, form, quoted

ENTITY = "g0"
_NAME = "principal.hostname"  # what ties most often, so that joins find something
_FIELDS = (_NAME, _NAME, _NAME, "target.hostname", "principal.user.userid", "principal.ip", "about.hostname")
_ENTITY_FIELDS = ("hostname", "hostname", "hostname", "ip", "user.userid", 'labels["k"]')
_NOCASE = st.sampled_from(["", "", " nocase"])


@dataclass(frozen=True)
class ContextJoin:
    """Lines of the events section, conditions, and at most one outcome (with the kind of its value)."""

    lines: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    outcomes: tuple[tuple[str, Kind], ...] = ()


@st.composite
def context_joins(draw: st.DrawFn, variables: tuple[str, ...], placeholder: str, shape: str) -> ContextJoin:
    """Draw, for some rules, a join with an entity or with a row; rules that join by `or` have none."""
    kind = draw(st.sampled_from(["nothing", "nothing", "nothing", "entity", "row"]))
    if kind == "nothing" or shape == "either":
        return ContextJoin()
    if kind == "entity":
        return draw(_entity_joins(variables[0], placeholder, may_be_absent=shape == "present"))
    return draw(_row_joins(draw(st.sampled_from(variables))))


@st.composite
def _entity_joins(draw: st.DrawFn, variable: str, placeholder: str, *, may_be_absent: bool) -> ContextJoin:
    entity = f"${ENTITY}.graph.entity"
    related = f"${ENTITY}.graph.relations.entity.hostname"
    field = f"{entity}.{draw(st.sampled_from(_ENTITY_FIELDS))}"
    tie = draw(st.sampled_from([f"${placeholder}", f"${variable}.{draw(st.sampled_from(_FIELDS))}"]))
    filters = [
        f'${ENTITY}.graph.metadata.entity_type = "USER"',
        f'{related} != "ws1"',
        f'any {related} = "ws1"',
        f'not {entity}.labels["k"] = "k"',
    ]
    there = [f"${ENTITY}", f"#{ENTITY} > 0", f"#{ENTITY} > 1"]
    absent = [f"!${ENTITY}", f"#{ENTITY} = 0", f"#{ENTITY} >= 0"] if may_be_absent else []
    outcomes: list[tuple[str, Kind]] = [
        (f"array_distinct({field})", "texts"),
        (f"count({related})", "number"),
        (f"array({related})", "texts"),
    ]
    return ContextJoin(
        (f"{field} = {tie}", *draw(st.lists(st.sampled_from(filters), max_size=1))),
        (draw(st.sampled_from([*there, *absent])),),
        tuple(draw(st.lists(st.sampled_from(outcomes), max_size=1))),
    )


@st.composite
def _row_joins(draw: st.DrawFn, variable: str) -> ContextJoin:
    table = draw(st.sampled_from(["hosts", "hosts", "hosts", "nobody"]))
    columns = ["host", "user"] if table == "nobody" else ["host", "host", "names", "user"]
    fields = st.sampled_from(_FIELDS).map(lambda name: f"${variable}.{name}")
    column = st.sampled_from(columns).map(lambda name: f"%{table}.{name}")
    outcomes: list[tuple[str, Kind]] = [
        (f"array({draw(column)})", "texts"),
        (f"count_distinct({draw(column)})", "number"),
    ]
    tests: st.SearchStrategy[str] = form("{} {} {}", fields, EQUALITY, column)
    if table == "hosts":
        tests = _row_tests(variable, fields, column)
        outcomes += [("sum(%hosts.score)", "number"), (f"sum(if({draw(tests)}, 1, 0))", "number")]
    return ContextJoin(
        (draw(form("{} = {}{}", fields, column, _NOCASE)), *draw(st.lists(tests, max_size=2))),
        (),
        tuple(draw(st.lists(st.sampled_from(outcomes), max_size=1))),
    )


def _row_tests(variable: str, fields: st.SearchStrategy[str], column: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Draw tests of a row beside the equality that joins it, alone or below `not` and `or`."""
    ports = st.sampled_from([f"${variable}.target.port", f"${variable}.principal.port"])
    tests = st.one_of(
        form("{} {} {}{}", fields, EQUALITY, column, _NOCASE),
        form("re.regex({}, %hosts.pattern){}", fields, _NOCASE),
        st.just(f"net.ip_in_range_cidr(${variable}.principal.ip, %hosts.net)"),
        form("{} {} %hosts.score", ports, st.sampled_from(["=", "<", ">=", "!="])),
        form("{} {} {}", column, EQUALITY, st.sampled_from(["ws1", "k", ""]).map(quoted)),
        form("%hosts.score {} {}", st.sampled_from(["<", ">"]), st.integers(0, 30)),
    )
    either = form("({} or {})", tests, tests)
    return st.one_of(tests, tests, tests.map("not ({})".format), either, form("not ({} and {})", tests, tests))
