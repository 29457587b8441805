"""Joins: agreement of placeholders, optional variables, and variables joined by `or`."""

from __future__ import annotations

from tests.reference import ReferenceDetection, evaluate
from tests.reference.building import NOWHERE, equal, event, field, placeholder, rule
from tests.reference.records import Record
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule, MatchWindow, PlaceholderDefinition
from windshear.language.types import INT, STRING

BLOCKS = MatchWindow("tumbling", 3600, None)
TYPE = "metadata.product_event_type"


def typed(minutes: float, kind: str, **fields: object) -> Record:
    """Return an event of a product event type."""
    timed = event(minutes, **fields)
    metadata = timed["metadata"]
    assert isinstance(metadata, dict)
    return {**timed, "metadata": {**metadata, "product_event_type": kind}}


def pair(bounded: str, condition: ex.Expression | None = None, *more: PlaceholderDefinition) -> CheckedRule:
    """Return a rule that joins a login `a` and a file event `b` on the host, and counts its rows."""
    host = placeholder("h", field("a", "principal.hostname"), field("b", "principal.hostname"))
    return rule(
        variables="ab",
        placeholders=(host, *more),
        predicates=(equal(field("a", TYPE), "login"), equal(field("b", TYPE), "file")),
        keys="h",
        window=BLOCKS,
        outcomes={
            "rows": ex.Aggregate("count", field("a", TYPE), INT, NOWHERE),
            "paths": ex.Aggregate("array", field("b", "target.file.full_path"), STRING.list_of, NOWHERE),
        },
        condition=condition,
        bounded=bounded,
    )


def summaries(found: list[ReferenceDetection]) -> list[tuple[object, ...]]:
    """Return match value, events and outcomes of each detection."""
    return [(one.match["h"], one.events["a"], one.events["b"], one.outcomes) for one in found]


EVENTS = [
    typed(0, "login", principal={"hostname": "one"}),
    typed(1, "login", principal={"hostname": "one"}),
    typed(2, "file", principal={"hostname": "one"}, target={"file": {"full_path": "/a"}}),
    typed(3, "file", principal={"hostname": "one"}, target={"file": {"full_path": "/b"}}),
    typed(4, "login", principal={"hostname": "two"}),
    typed(5, "file", principal={"hostname": "three"}, target={"file": {"full_path": "/c"}}),
]


def test_join_yields_every_combination() -> None:
    """Two logins and two files of one host are four rows."""
    found = evaluate(pair("ab"), EVENTS)
    assert summaries(found) == [("one", (0, 1), (2, 3), {"rows": 4, "paths": ["/a", "/a", "/b", "/b"]})]


def test_optional_variable_is_left_joined() -> None:
    """A bounded row without partner stays, and the fields of the absent variable are zero."""
    found = evaluate(pair("a"), EVENTS)
    assert summaries(found)[1:] == [("two", (4,), (), {"rows": 1, "paths": [""]})]
    assert len(found) == 2


def test_absence() -> None:
    """`#b = 0` keeps the groups in which no row has a partner."""
    absent = equal(ex.VariableCount("b", "events", NOWHERE), 0)
    assert [one.match["h"] for one in evaluate(pair("a", absent), EVENTS)] == ["two"]


def test_or_between_variables_is_a_full_join() -> None:
    """A group qualifies with either side; the missing side counts nothing and reads as zero."""
    either = ex.Or((equal(ex.VariableCount("a", "events", NOWHERE), 1), _at_least_one("b")), NOWHERE)
    assert summaries(evaluate(pair("", either), EVENTS)) == [
        ("one", (0, 1), (2, 3), {"rows": 4, "paths": ["/a", "/a", "/b", "/b"]}),
        ("three", (), (5,), {"rows": 1, "paths": ["/c"]}),
        ("two", (4,), (), {"rows": 1, "paths": [""]}),
    ]


def test_count_of_a_placeholder_ignores_absent_variables() -> None:
    """`#p` is the number of values that are there."""
    full_path = placeholder("p", field("b", "target.file.full_path"))
    counted = ex.VariableCount("p", "values", NOWHERE)
    for host, count in (("one", 2), ("two", 0)):
        found = evaluate(pair("a", equal(counted, count), full_path), EVENTS)
        assert [one.match["h"] for one in found] == [host]


def test_zero_match_keys_are_dropped() -> None:
    """Events without the key join each other, but the tuple is filtered."""
    nameless = [typed(0, "login"), typed(0, "file")]
    assert evaluate(pair("ab"), nameless) == []


def test_alternatives_are_chosen_in_turn() -> None:
    """A placeholder bound only below `or` takes each distinct value that the predicates accept."""
    here, there = field("e", "principal.hostname"), field("e", "target.hostname")
    either = placeholder("h", here, there, is_choice=True)
    value = ex.Placeholder("h", STRING, NOWHERE)
    checked = rule(
        placeholders=(either,),
        predicates=(ex.Or((equal(here, value), equal(there, value)), NOWHERE),),
        keys="h",
        window=BLOCKS,
        outcomes={"rows": ex.Aggregate("count", here, INT, NOWHERE)},
    )
    events = [
        event(0, principal={"hostname": "a"}, target={"hostname": "b"}),
        event(0, principal={"hostname": "a"}, target={"hostname": "a"}),
    ]
    found = evaluate(checked, events)
    assert [(one.match["h"], one.events["e"], one.outcomes["rows"]) for one in found] == [
        ("a", (0, 1), 2),
        ("b", (0,), 1),
    ]


def test_one_record_may_be_both_variables() -> None:
    """Nothing says that two variables are two events."""
    host = placeholder("h", field("a", "principal.hostname"), field("b", "principal.hostname"))
    checked = rule(variables="ab", placeholders=(host,), keys="h", window=BLOCKS)
    [found] = evaluate(checked, [event(0, principal={"hostname": "x"})])
    assert found.events == {"a": (0,), "b": (0,)}


def _at_least_one(variable: str) -> ex.Comparison:
    return ex.Comparison(
        ">=",
        ex.VariableCount(variable, "events", NOWHERE),
        ex.Literal(1, INT, NOWHERE),
        is_nocase=False,
        span=NOWHERE,
    )
