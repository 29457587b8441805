"""Sift never loses an event: whatever the plain oracle accepts is among the candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.sift.generators import (
    COLUMNS,
    LISTS,
    PATTERNS,
    TEXTS,
    atoms,
    compare,
    constant,
    events,
    predicates,
    tables,
)
from tests.engine.sift.oracle import Oracle
from tests.reference.building import NOWHERE, field, placeholder, rule
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.formula import formula
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.types import STRING
from windshear.udm.columns import arrow_type

Rows = Sequence[Mapping[str, object]]


def _accepted(checked: CheckedRule, rows: Rows) -> set[int]:
    oracle = Oracle(checked, LISTS)
    return {number for number, row in enumerate(rows) if oracle.accepts(row)}


def _candidates(checked: CheckedRule, table: pa.Table) -> set[int]:
    sift = compile_sift([(7, formula(checked, "e", LISTS.get))])
    return set(sift.apply(table).get(7, []))


@settings(max_examples=150, deadline=None)
@given(st.data(), st.lists(predicates, min_size=1, max_size=3), st.lists(events, min_size=1, max_size=5))
def test_no_event_is_lost(data: st.DataObject, conjuncts: list[ex.Expression], rows: Rows) -> None:
    """Every event that has a passing copy is a candidate, however the table is stored."""
    checked = rule(predicates=tuple(conjuncts))
    assert _accepted(checked, rows) <= _candidates(checked, data.draw(tables(rows)))


@settings(max_examples=150, deadline=None)
@given(st.data(), atoms, st.booleans(), st.lists(events, min_size=1, max_size=5))
def test_one_test_loses_nothing_and_keeps_little(
    data: st.DataObject,
    atom: ex.Expression,
    is_negated: bool,
    rows: Rows,
) -> None:
    """A single test of a field as written is told exactly; one that sift cannot say, or tell, loses nothing."""
    predicate = ex.Not(atom, atom.span) if is_negated else atom
    checked = rule(predicates=(predicate,))
    accepted, candidates = _accepted(checked, rows), _candidates(checked, data.draw(tables(rows)))
    assert accepted <= candidates
    if not _is_vague(atom):
        assert accepted == candidates


def _is_vague(atom: ex.Expression) -> bool:
    """Say whether sift may keep more: functions of a field, and text in other letters."""
    nodes = list(ex.walk(atom))
    return any(
        (isinstance(n, ex.Call) and n.function in ("strings.to_lower", "strings.to_upper", "strings.concat"))
        or (isinstance(n, ex.Comparison | ex.Membership) and n.is_nocase)
        for n in nodes
    )


@settings(max_examples=100, deadline=None)
@given(
    st.data(),
    st.sampled_from(["principal.hostname", "principal.ip[]", "about[].ip[]", "principal.ip[0]"]),
    predicates,
    st.lists(events, min_size=1, max_size=5),
)
def test_match_keys_and_placeholders(data: st.DataObject, path: str, predicate: ex.Expression, rows: Rows) -> None:
    """The zero filter of a match key and tests of a placeholder are read through its field."""
    key = placeholder("k", field("e", path))
    test = ex.RegexMatch(ex.Placeholder("k", key.type, key.span), "a|1", is_nocase=False, span=key.span)
    checked = rule(placeholders=(key,), keys="k", predicates=(predicate, test))
    assert _accepted(checked, rows) <= _candidates(checked, data.draw(tables(rows)))


@settings(max_examples=100, deadline=None)
@given(st.data(), st.lists(predicates, min_size=2, max_size=6), st.lists(events, min_size=1, max_size=5))
def test_rules_do_not_disturb_each_other(data: st.DataObject, tests: list[ex.Expression], rows: Rows) -> None:
    """Many formulas compiled together give what each gives alone, also on a second batch."""
    formulas = [(n, formula(rule(predicates=(test,)), "e", LISTS.get)) for n, test in enumerate(tests)]
    together = compile_sift(formulas)
    for _ in range(2):
        table = data.draw(tables(rows))
        alone = {n: compile_sift([(n, one)]).apply(table).get(n) for n, one in formulas}
        found = together.apply(table)
        assert {n: list(hits) for n, hits in found.items()} == {n: list(h) for n, h in alone.items() if h is not None}


@pytest.mark.parametrize("letters", ["nocase", "strings.to_lower", "strings.to_upper"])
def test_other_letters(letters: str) -> None:
    """Every text meets every constant and pattern in other letters, and no pair that agrees is lost."""
    rows = [{name: text if name == "principal.hostname" else None for name in COLUMNS} for text in TEXTS]
    table = pa.table({"principal.hostname": pa.array(TEXTS, pa.string())})
    read: ex.Expression = field("e", "principal.hostname")
    if letters != "nocase":
        read = ex.Call(letters, (read,), is_nocase=False, type=STRING, span=NOWHERE)
    is_nocase = letters == "nocase"
    tests: list[ex.Expression] = [compare("=", read, constant(text, STRING), is_nocase=is_nocase) for text in TEXTS]
    tests += [compare("!=", read, constant(text, STRING), is_nocase=is_nocase) for text in TEXTS]
    tests += [ex.RegexMatch(read, pattern, is_nocase=is_nocase, span=NOWHERE) for pattern in PATTERNS]
    tests += [ex.Not(ex.RegexMatch(read, pattern, is_nocase=is_nocase, span=NOWHERE), NOWHERE) for pattern in PATTERNS]
    for test in tests:
        checked = rule(predicates=(test,))
        assert _accepted(checked, rows) <= _candidates(checked, table)


_LISTS: list[list[str] | None] = [None, [], ["a"], ["b"], ["a", "b"], ["", "a"]]
_ABOUTS: list[object] = [None, [], *([{"user.userid": user, "ip": ips}] for ips in _LISTS for user in (None, "a"))]
_SHAPES: list[dict[str, object]] = [{"principal.ip": ips, "about": about} for ips in _LISTS for about in _ABOUTS]
_SHAPES += [{"about": [{"ip": first}, {"ip": second}]} for first in _LISTS for second in _LISTS]


@pytest.mark.parametrize("path", ["principal.ip[]", "about[].user.userid", "about[].ip[]", "about[0].ip[0]"])
@pytest.mark.parametrize("quantifier", [None, "any", "all"])
def test_every_shape_of_list(path: str, quantifier: ex.Quantifier | None) -> None:
    """Empty, absent and nested lists, their zero values and negations are told exactly, without luck."""
    rows = [dict.fromkeys(COLUMNS) | shape for shape in _SHAPES]
    names = ("principal.ip", "about")
    table = pa.table({name: pa.array([row[name] for row in rows], arrow_type(COLUMNS[name])) for name in names})
    read = field("e", path, quantifier=None if "[0]" in path else quantifier)
    tests: list[ex.Expression] = [
        compare(operator, read, constant(text, STRING)) for text in ("", "a", "c") for operator in ("=", "!=")
    ]
    tests += [ex.RegexMatch(read, pattern, is_nocase=False, span=NOWHERE) for pattern in ("^$", "a", "^b")]
    for test in [*tests, *(ex.Not(test, NOWHERE) for test in tests)]:
        checked = rule(predicates=(test,))
        assert _accepted(checked, rows) == _candidates(checked, table)
