"""The row model: copies of repeated fields, and how records are read."""

from __future__ import annotations

import pytest

from tests.reference import evaluate
from tests.reference.building import constant, equal, event, field, path, rule
from tests.reference.records import Record, read, read_all
from tests.reference.rows import copies
from tests.reference.values import Scalar
from tests.reference.wire import wire_form
from windshear.language import expressions as ex
from windshear.language.source import Span
from windshear.language.types import BOOL, INT, STRING

IP = "principal.ip[]"
RECORD: Record = {
    "principal": {"ip": ["a", "b"], "hostname": "h"},
    "target": {"ip": ["x", "y", "z"]},
    "about": [{"hostname": "one", "ip": ["p", "q"]}, {"hostname": "two"}],
}


def values(record: Record, *texts: str) -> list[tuple[Scalar, ...]]:
    """Return what the given paths read on every copy of a record."""
    paths = [path(text) for text in texts]
    return [tuple(read(record, wanted, copy) for wanted in paths) for copy in copies(record, paths)]


def test_one_copy_per_element() -> None:
    """A plain repeated path makes one copy per element, in order."""
    assert values(RECORD, IP) == [("a",), ("b",)]


def test_scalar_makes_no_copies() -> None:
    """A record without plain repeated reads is one row."""
    assert values(RECORD, "principal.hostname") == [("h",)]


def test_siblings_are_crossed() -> None:
    """Two independent lists give every combination."""
    assert len(values(RECORD, IP, "target.ip[]")) == 6


def test_children_stay_below_their_parents() -> None:
    """A nested list is copied below its own parent; a parent without it gives one row with a zero."""
    assert values(RECORD, "about[].hostname", "about[].ip[]") == [("one", "p"), ("one", "q"), ("two", "")]


def test_empty_list_is_one_zero_row() -> None:
    """An absent list gives one row whose element is the zero of its type."""
    assert values({}, IP, "about[].ip[]") == [("", "")]


def test_equal_elements_stay_two_copies() -> None:
    """Equal elements of one list are two rows."""
    assert len(values({"principal": {"ip": ["a", "a"]}}, IP)) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [("about[1].hostname", "two"), ("about[0].ip[1]", "q"), ("about[1].ip[0]", ""), ("about[7].hostname", "")],
)
def test_index_reads_one_element_and_makes_no_copies(text: str, expected: str) -> None:
    """An indexed path is a scalar; past the end it is zero."""
    assert values(RECORD, text) == [(expected,)]


def test_whole_list_is_flat() -> None:
    """The whole list goes over all parents: an absent scalar of a message is a zero, an absent list is nothing."""
    assert read_all(RECORD, path("about[].ip[]")) == ["p", "q"]
    assert read_all({"about": [{}, {"hostname": "b"}]}, path("about[].hostname")) == ["", "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('target.labels["k"]', "first"),
        ('target.labels["none"]', ""),
        ('target.labels["bare"]', ""),
        ('additional.fields["tier"]', "gold"),
        ('additional.fields["number"]', ""),
        ('security_result[].detection_fields["d"]', "2"),
    ],
)
def test_map_reads_first_text_under_key(text: str, expected: str) -> None:
    """Access by key takes the first entry over all parents, text only, and makes no copies."""
    record = wire_form(
        {
            "target": {"labels": [{"key": "bare"}, {"key": "k", "value": "first"}, {"key": "k", "value": "second"}]},
            "additional": {"tier": "gold", "number": 5},
            "security_result": [{}, {"detection_fields": [{"key": "d", "value": "2"}]}],
        },
        "udm",
    )
    assert values(record, text) == [(expected,)]


def test_absent_scalars_are_zero() -> None:
    """Absent reads as the zero of the type."""
    assert [read({}, path("a.b", kind), {}) for kind in (STRING, INT, BOOL)] == ["", 0, False]


@pytest.mark.parametrize(
    ("quantifier", "addresses", "expected"),
    [
        ("any", ["a", "b"], True),
        ("all", ["a", "b"], False),
        ("all", ["a", "a"], True),
        ("any", [], False),
        ("all", [], True),
    ],
)
def test_quantifiers_see_the_whole_list(quantifier: ex.Quantifier, addresses: list[str], *, expected: bool) -> None:
    """`any` and `all` judge the list; on an empty one `any` is false and `all` true."""
    checked = rule(predicates=(equal(field("e", IP, quantifier=quantifier), "a"),))
    assert bool(evaluate(checked, [event(principal={"ip": addresses})])) is expected


def test_quantifier_belongs_to_the_innermost_test() -> None:
    """`any` inside a boolean call that is compared quantifies the call, not the comparison."""
    wanted = field("e", IP, quantifier="any")
    call = ex.Call("strings.contains", (wanted, constant("a")), is_nocase=False, type=BOOL, span=Span(0, 0))
    checked = rule(predicates=(equal(call, constant(value=False)),))
    assert evaluate(checked, [event(principal={"ip": ["a", "b"]})]) == []


def test_field_read_only_in_outcome_makes_copies() -> None:
    """A list that only the outcome reads multiplies the rows of every aggregate."""
    counted = ex.Aggregate("count", field("e", "principal.hostname"), INT, Span(0, 0))
    listed = ex.Aggregate("array", field("e", IP), STRING.list_of, Span(0, 0))
    [found] = evaluate(rule(outcomes={"n": counted, "ips": listed}), [event(principal={"ip": ["b", "a"]})])
    assert found.outcomes == {"n": 2, "ips": ["a", "b"]}
