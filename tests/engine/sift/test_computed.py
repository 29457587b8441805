"""What functions make of fields: an event that settles is always a candidate, and what can be told is told exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.sift.computed_generators import checks_of, texts
from tests.engine.sift.generators import LISTS, events, predicates, tables
from tests.engine.sift.oracle import Oracle
from tests.engine.sift.rules import checked
from tests.reference.building import NOWHERE, rule
from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.sift import evaluation
from windshear.engine.sift.compile import Sift, compile_sift
from windshear.engine.sift.formula import formula
from windshear.engine.sift.nodes import Atom, Computed, Leaf, OneOf
from windshear.language import expressions as ex
from windshear.language.rule import Binding, CheckedRule, PlaceholderDefinition
from windshear.language.types import STRING

Rows = Sequence[Mapping[str, object]]
_rows = st.lists(events, min_size=1, max_size=5)


def _accepted(tested: CheckedRule, rows: Rows) -> set[int]:
    oracle = Oracle(tested, LISTS)
    return {number for number, row in enumerate(rows) if oracle.accepts(row)}


def _candidates(tested: CheckedRule, table: pa.Table) -> set[int]:
    sift = compile_sift([(7, formula(tested, "e", LISTS.get))])
    found = [set(sift.apply(table).get(7, [])) for _ in range(2)]
    assert found[0] == found[1]  # the second time much is remembered
    return found[0]


@settings(max_examples=80, deadline=None)
@given(st.data(), checks_of(texts), _rows)
def test_one_test_is_told_exactly(data: st.DataObject, test: ex.Expression, rows: Rows) -> None:
    """A test of what functions make of fields, at most one of them repeated, takes the events that pass, no others."""
    tested = rule(predicates=(test,))
    accepted, candidates = _accepted(tested, rows), _candidates(tested, data.draw(tables(rows)))
    assert accepted <= candidates
    if not _is_vague(test):
        assert accepted == candidates


def _is_vague(test: ex.Expression) -> bool:
    """Say whether sift may keep more: several lists, and text in other letters."""
    lists = {read.path.text for read in ex.fields(test) if read.path.is_repeated}
    letters = {"strings.to_lower", "strings.to_upper"}
    others = any(
        (isinstance(node, ex.Call) and node.function in letters)
        or (isinstance(node, ex.Comparison | ex.RegexMatch | ex.Membership) and node.is_nocase)
        for node in ex.walk(test)
    )
    return len(lists) > 1 or others


@settings(max_examples=80, deadline=None)
@given(
    st.data(),
    st.lists(
        st.recursive(
            checks_of(texts) | predicates,
            lambda inner: st.one_of(
                st.builds(ex.Not, inner, st.just(NOWHERE)),
                st.builds(ex.And, st.lists(inner, min_size=2, max_size=3).map(tuple), st.just(NOWHERE)),
                st.builds(ex.Or, st.lists(inner, min_size=2, max_size=3).map(tuple), st.just(NOWHERE)),
            ),
            max_leaves=4,
        ),
        min_size=1,
        max_size=3,
    ),
    _rows,
)
def test_no_event_is_lost(data: st.DataObject, conjuncts: list[ex.Expression], rows: Rows) -> None:
    """Functions below any combination of other tests lose nothing."""
    tested = rule(predicates=tuple(conjuncts))
    assert _accepted(tested, rows) <= _candidates(tested, data.draw(tables(rows)))


@settings(max_examples=50, deadline=None)
@given(
    st.data(),
    texts,
    checks_of(st.just(ex.Placeholder("p", STRING, NOWHERE))),
    st.booleans(),
    _rows,
)
def test_placeholders_stand_for_what_is_made(
    data: st.DataObject, value: ex.Expression, test: ex.Expression, is_negated: bool, rows: Rows
) -> None:
    """A placeholder that is bound to a function is tested as the function is."""
    bound = PlaceholderDefinition("p", STRING, (Binding("e", value),), (), NOWHERE)
    tested = rule(placeholders=(bound,), predicates=(ex.Not(test, NOWHERE) if is_negated else test,))
    assert _accepted(tested, rows) <= _candidates(tested, data.draw(tables(rows)))


def _sift(events: str) -> Sift:
    lists = {"numbers": ["3"]}
    return compile_sift([(0, formula(checked(events), "e", lists.get))])


def _hits(sift: Sift, table: pa.Table) -> list[int]:
    return list(sift.apply(table).get(0, []))


def _statements(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note for how many rows of values something is computed each time."""
    counts: list[int] = []
    original = evaluation._computed  # noqa: SLF001 - how often it is called cannot be seen from outside

    def computed(value: Sql, columns: Sequence[pa.Array]) -> pa.Array | None:
        counts.append(len(columns[0]))
        return original(value, columns)

    monkeypatch.setattr(evaluation, "_computed", computed)
    return counts


def _hosts(numbers: Sequence[int]) -> pa.Table:
    return pa.table({"principal.hostname": [f"host{n}" for n in numbers], "target.port": numbers})


def test_values_are_computed_only_for_rows_that_pass_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cheap tests go first, so that a function never sees an event that fails one of them."""
    counts = _statements(monkeypatch)
    sift = _sift('    $e.target.port > 47\n    re.capture($e.principal.hostname, `[0-9]+`) = "49"')
    assert _hits(sift, _hosts(range(50))) == [49]
    assert counts == [2]
    assert _hits(sift, _hosts(range(40))) == []
    assert counts == [2]


def test_tests_of_one_field_that_differ_only_by_a_function() -> None:
    """Without its function, an alternative falls together with another one; the answer stays the same."""
    number = "re.capture($e.principal.hostname, `[0-9]+`)"
    sift = _sift(f'    $e.principal.hostname = /1/ or ($e.principal.hostname = /2/ and {number} = "24")')
    assert _hits(sift, _hosts([1, 2, 24, 30])) == [0, 2]


def test_what_is_known_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several tests of one value, and later batches, share what was computed."""
    counts = _statements(monkeypatch)
    number = "re.capture($e.principal.hostname, `[0-9]+`)"
    sift = _sift(f'    {number} != "2"\n    {number} in %numbers or {number} = /^1/')
    assert _hits(sift, _hosts([1, 2, 3, 1])) == [0, 2, 3]
    assert _hits(sift, _hosts([3, 10, 2])) == [0, 1]
    assert counts == [3, 1]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values that never come again do not pile up."""
    monkeypatch.setattr(evaluation, "_REMEMBERED_BYTES", 10_000)
    counts = _statements(monkeypatch)
    sift = _sift('    re.capture($e.principal.hostname, `[0-9]+`) = "3"')
    for first in range(0, 1_000, 20):
        _hits(sift, _hosts(range(first, first + 20)))
    assert _hits(sift, _hosts([3])) == [0]
    assert counts == [20] * 50 + [1]


def test_a_value_that_cannot_be_computed_passes() -> None:
    """What DuckDB refuses is for settle to report: no event is lost by it."""
    leaf = Leaf("principal.hostname", (), "text", "")
    broken = Computed((leaf,), sql.call("error", sql.text("no")), "text", "")
    tests = [Atom(broken, "plain", OneOf(frozenset(["x"])), is_negated=is_negated) for is_negated in (False, True)]
    found = compile_sift(list(enumerate(tests))).apply(_hosts(range(3)))
    assert {number: list(rows) for number, rows in found.items()} == {0: [0, 1, 2], 1: [0, 1, 2]}
