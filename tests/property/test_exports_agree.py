"""Tables after the rows of detections are the same with sift, without it, and by the reference evaluator."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.engines import reference_evaluator
from windshear.conformance.case import Case, ExpectedDetections, JsonObject, Place
from windshear.conformance.engine import settle_alone, windshear_engine
from windshear.conformance.runner import Detections, compile_case

USERS = st.sampled_from(["ann", "bob", "a|b", "#c", "192.0.2.1"])
HOSTS = st.sampled_from(["192.0.2.1", "::1", "ws1", "a|b", ""])
COLUMNS = {
    "user": st.sampled_from(["string", "string:key", "cidr", "entity.user.userid:key"]),
    "n": st.sampled_from(["number", "number:key", "string", "entity.file.size"]),
    "tags": st.sampled_from(["string[]", "cidr[]", "string[]:key"]),
    "note": st.sampled_from(["string", "string:key"]),
}
CELLS = {
    "user": st.sampled_from(["192.0.2.1", "::1"]),  # fits every type that the column may have
    "n": st.sampled_from(["1", "2", "07", ""]),
    "tags": st.sampled_from(["", "192.0.2.1", "::1|192.0.2.1"]),
    "note": st.sampled_from(["", "old"]),
}
WRITTEN = {"user": "$user", "n": "$n", "tags": "$tags", "note": '"new"'}


@st.composite
def tables(draw: st.DrawFn) -> JsonObject:
    """Draw a table whose columns have any of their types."""
    columns = {name: draw(kinds) for name, kinds in COLUMNS.items()}
    rows = [[draw(cells) for cells in CELLS.values()] for _ in range(draw(st.integers(0, 3)))]
    return {"columns": columns, "rows": rows}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a rule that writes some columns, all keys among them, and events that it finds."""
    table = draw(tables())
    columns = table["columns"]
    assert isinstance(columns, dict)
    keys = [name for name, kind in columns.items() if str(kind).endswith(":key")]
    others = draw(st.lists(st.sampled_from(list(columns)), unique=True, min_size=0 if keys else 1))
    written = ", ".join(f"{name}: {WRITTEN[name]}" for name in dict.fromkeys([*others, *keys]))
    events: list[JsonObject] = []
    for number in range(draw(st.integers(0, 5))):
        time = f"2026-02-03T{draw(st.sampled_from([8, 10])):02d}:{number:02d}:00Z"
        metadata = {"productLogId": f"{number}", "eventTimestamp": time, "eventType": "USER_LOGIN"}
        host, user = draw(HOSTS), draw(USERS)
        principal = {"hostname": host} if host else {}
        events.append({"metadata": metadata, "principal": principal, "target": {"user": {"userid": user}}})
    suppression = draw(st.sampled_from(["", "  options:\n    suppression_window = 4h\n"]))
    rule = f"""rule r {{
  meta:
    author = "x"
  events:
    $e.target.user.userid = $user
  match:
    $user {draw(st.sampled_from(["over 1h", "by 1m"]))}
  outcome:
    $n = count_distinct($e.metadata.product_log_id)
    $tags = array_distinct($e.principal.hostname)
  condition:
    $e
{suppression}  export:
    %seen.write_row({written})
}}
"""
    place, expected = Place("drawn", 1), ExpectedDetections(())
    return Case("EX-x", "", "EX", place, rule, tuple(events), {"tables": {"seen": table}}, "compat", expected)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases())
def test_exports_equal_reference(case: Case) -> None:
    """The rows are equal, in their order."""
    rule, errors = compile_case(case)
    assert rule is not None, (case.rule, errors)
    found = [_tables(engine(rule, case)) for engine in (reference_evaluator, windshear_engine, settle_alone)]
    assert found[0] == found[1], case.rule
    assert found[0] == found[2], case.rule


def _tables(answer: object) -> dict[str, list[list[str]]]:
    assert isinstance(answer, Detections), answer
    return {name: [list(row) for row in rows] for name, rows in answer.tables.items()}
