"""What rules need: read from their metadata and tables, and told where it is missing."""

from __future__ import annotations

import pytest

from windshear.context.context import Context
from windshear.context.tables import table_of
from windshear.engine.plan import Plan, build_plans, lists_of
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.packs.needs import Lack, Needs, lacking, needed_log_types, needs_of

LOGIN = '$e.metadata.event_type = "USER_LOGIN"'


def plans(*rules: str, context: Context | None = None) -> list[Plan]:
    """Return the plans of some rules."""
    known = context or Context()
    checked = [rule for text in rules for rule in compile_source(Source("", text), tables=known.schemas).rules]
    assert len(checked) == len(rules)
    return list(build_plans(checked, lists_of(known)))


def single(name: str, log_types: str, events: str = LOGIN) -> str:
    """Return a rule over one event."""
    meta = f'log_types = "{log_types}"' if log_types else 'author = "a"'
    return f"rule {name} {{ meta: {meta} events: {events} condition: $e }}"


def composite(name: str, *fed_by: str) -> str:
    """Return a rule over the detections of others, all of which it needs."""
    events = " ".join(
        f'$d{number}.detection.detection.rule_name = "{rule}" $d{number}.detection.detection.outcomes["p"] = $person'
        for number, rule in enumerate(fed_by)
    )
    condition = " and ".join(f"$d{number}" for number in range(len(fed_by)))
    return f'rule {name} {{ meta: author = "a" events: {events} match: $person over 1h condition: {condition} }}'


@pytest.mark.parametrize(
    ("said", "groups"),
    [
        ("", ()),
        ("OKTA", (("OKTA",),)),
        ("WINDOWS_SYSMON or POWERSHELL; azure_ad", (("WINDOWS_SYSMON", "POWERSHELL"), ("AZURE_AD",))),
        (" A  OR B ;; C; ", (("A", "B"), ("C",))),
    ],
)
def test_log_types(said: str, groups: tuple[tuple[str, ...], ...]) -> None:
    """Semicolons ask for all, `or` for any."""
    (plan,) = plans(single("r", said))
    assert needs_of(plan.rule) == Needs(groups)
    assert needed_log_types([plan]) == {name for group in groups for name in group}


def test_events_that_are_missing() -> None:
    """Each group needs one; of events that were UDM when they came nobody knows."""
    both = plans(single("r", "A or B; C"), single("s", ""))
    assert lacking(both, {"A"}, {}) == {"r": (Lack("events", ("C",)),)}
    assert lacking(both, (), {})["r"] == (Lack("events", ("A", "B")), Lack("events", ("C",)))
    assert lacking(both, {"B", "C"}, {}) == lacking(both, {"UDM"}, {}) == {}
    assert Lack("events", ("A", "B")).text == "no A or B events"


def test_baselines_that_are_empty() -> None:
    """A row to join must be there; of those that are looked up some may hold nothing, and all if the rule says so."""
    looked_up = f"{LOGIN} not $e.principal.ip in %baseline_a.key not $e.principal.ip in %baseline_b.key"
    joined = f"{LOGIN} $e.principal.hostname = $h $e.principal.hostname = %baseline_a.key not $h in %baseline_b.key"
    rules = (
        single("looks", "", looked_up),
        f'rule joins {{ meta: author = "a" events: {joined} match: $h over 1h condition: $e }}',
        single("other", "", f"{LOGIN} not $e.principal.ip in %devs.key"),
        f'rule without {{ meta: baselines = "optional" events: {looked_up} condition: $e }}',
    )
    names = ("baseline_a", "baseline_b", "devs")

    def lacks(*filled: str) -> dict[str, tuple[Lack, ...]]:
        tables = {name: table_of(name, [("key", "string")], [["x"]] * (name in filled)) for name in names}
        return lacking(plans(*rules, context=Context(tables=tables)), (), tables)

    none = Lack("baseline", ("baseline_a", "baseline_b"))
    assert lacks() == {"looks": (none,), "joins": (none,)}
    assert lacks("baseline_b") == {"joins": (Lack("baseline", ("baseline_a",)),)}
    assert lacks("baseline_a") == {}


def test_rules_that_nothing_feeds() -> None:
    """A composite rule needs for each of its detections a rule that is evaluable, and so do those above it."""
    rules = (
        single("a", "A"),
        single("b", "B"),
        composite("needs_both", "a", "b"),
        composite("above", "needs_both"),
        composite("needs_b", "b"),
    )
    found = lacking(plans(*rules), {"B"}, {})
    assert found == {
        "a": (Lack("events", ("A",)),),
        "needs_both": (Lack("detections", ("a",)),),
        "above": (Lack("detections", ("needs_both",)),),
    }
