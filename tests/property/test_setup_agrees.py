"""Rules whose entities are changed by data tables find the same with sift, without it, and by the reference evaluator.

Small worlds in which names collide often: few users, titles and addresses, absent ones among them.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.engines import reference_evaluator
from windshear.conformance.case import Case, ExpectedDetections, JsonObject, JsonValue, Place
from windshear.conformance.engine import settle_alone, windshear_engine
from windshear.conformance.runner import Detections, compile_case

DAY = 1_770_076_800  # 2026-02-03
USERS = st.sampled_from(["ann", "bob", "ANN", ""])
TITLES = st.sampled_from(["lead", "clerk", ""])
ADDRESSES = st.lists(st.sampled_from(["192.0.2.1", "192.0.2.2", "::1"]), max_size=2, unique=True)
HOURS = st.sampled_from([0, 9, 10, 11])
SIZES = st.sampled_from([0, 1, 7])

_COLUMNS = {
    "user": "entity.user.userid",
    "title": "entity.user.title",
    "addresses": "entity.ip[]",
    "size": "entity.file.size",
    "start": "metadata.interval.start_time.seconds",
    "end": "metadata.interval.end_time.seconds",
    "name": "string",
    "number": "number",
    "names": "string[]",
}
_EQUALITIES = (
    "$g.graph.entity.user.userid = %{t}.name",
    "$g.graph.entity.user.userid = %{t}.user nocase",
    "$g.graph.entity.ip = %{t}.addresses",
    "$g.graph.entity.user.title = %{t}.names",
    "$g.graph.entity.file.size = %{t}.number",
    "strings.to_lower($g.graph.entity.user.userid) = %{t}.name",
)
_FURTHER = (
    "$g.graph.entity.user.title != %{t}.title",
    "$g.graph.entity.file.size > %{t}.number",
    'not $g.graph.entity.user.title = "lead"',
    "any $g.graph.entity.ip = /^192/",
)
_FILTERS = (
    '$g.graph.entity.user.title = "lead"',
    '$g.graph.entity.user.title != "clerk"',
    'any $g.graph.entity.ip = "192.0.2.1"',
    '$g.graph.entity.ip != ""',
    "$g.graph.entity.file.size > 0",
    "$g.graph.metadata.interval.end_time.seconds > 0",
    "",
)


@st.composite
def operations(draw: st.DrawFn) -> str:
    """Draw one operation on the only entity variable."""
    table = draw(st.sampled_from(["first", "second"]))
    if draw(st.booleans()):
        return f"graph_append [$g, %{table}]"
    operation = draw(st.sampled_from(["graph_override", "graph_exclude"]))
    tests = draw(st.lists(st.sampled_from(_EQUALITIES), min_size=1, max_size=2))
    joined = draw(st.sampled_from([" or ", " and "])).join(tests)
    further = [f" and {draw(st.sampled_from(_FURTHER))}"] if draw(st.booleans()) else []
    return f"{operation}(({joined}){''.join(further)})".replace("{t}", table)


def _appended(operation: str) -> object:
    """Tell two operations apart, unless both append one table, which the checker refuses."""
    return operation if operation.startswith("graph_append") else object()


@st.composite
def tables(draw: st.DrawFn) -> JsonObject:
    """Draw a table with columns of every kind; no two rows are equal, as equal rows are one entity."""
    rows = []
    for number in range(draw(st.integers(0, 3))):
        start, end = sorted((draw(HOURS), draw(HOURS)))
        bounds = [str(DAY + 3600 * hour) if hour else "" for hour in (start, end)]
        names = "|".join(draw(st.lists(TITLES, max_size=2)))
        row = [draw(USERS), draw(TITLES), "|".join(draw(ADDRESSES)), str(draw(SIZES)), *bounds]
        rows.append([*row, draw(USERS), str(draw(SIZES)), names, str(number)])
    return {"columns": {**_COLUMNS, "row": "entity.user.employee_id"}, "rows": rows}


@st.composite
def entities(draw: st.DrawFn, number: int) -> JsonObject:
    """Draw an entity; each has a number of its own, as equal entities are one."""
    user = {"userid": draw(USERS), "title": draw(TITLES), "employeeId": f"e{number}"}
    entity: dict[str, JsonValue] = {"user": {key: value for key, value in user.items() if value}}
    if addresses := draw(ADDRESSES):
        entity["ip"] = addresses
    if size := draw(SIZES):
        entity["file"] = {"size": str(size)}
    metadata: dict[str, JsonValue] = {"entityType": "USER"}
    if hour := draw(HOURS):
        metadata["interval"] = {"startTime": f"2026-02-03T{hour:02d}:00:00Z"}
    return {"metadata": metadata, "entity": entity}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a rule with a setup section, and what it reads."""
    setup = "\n    ".join(draw(st.lists(operations(), min_size=1, max_size=2, unique_by=_appended)))
    key = draw(st.sampled_from(["$g.graph.entity.user.userid = $user", "$g.graph.entity.user.title = $user"]))
    window = draw(st.sampled_from(["over 1h", "by 2h", "over 1h after $e"]))
    condition = draw(st.sampled_from(["$e and $g", "$e and !$g", "$e and #g >= 0", "$e and #g > 1"]))
    events: list[JsonObject] = []
    for number in range(draw(st.integers(1, 4))):
        time = f"2026-02-03T{draw(st.sampled_from([8, 10, 12])):02d}:{number:02d}:00Z"
        metadata = {"productLogId": f"{number}", "eventTimestamp": time, "eventType": "USER_LOGIN"}
        user = draw(st.sampled_from(["ann", "bob", "ANN", "lead"]))
        events.append({"metadata": metadata, "target": {"user": {"userid": user}}})
    context: JsonObject = {
        "tables": {"first": draw(tables()), "second": draw(tables())},
        "entities": [draw(entities(number)) for number in range(draw(st.integers(0, 3)))],
    }
    rule = f"""rule r {{
  meta:
    author = "x"
  setup:
    {setup}
  events:
    $e.target.user.userid = $user
    {key}
    {draw(st.sampled_from(_FILTERS))}
  match:
    $user {window}
  outcome:
    $titles = array_distinct($g.graph.entity.user.title)
    $addresses = array_distinct($g.graph.entity.ip)
    $rows = count($g.graph.entity.user.employee_id)
    $ids = array_distinct($g.graph.entity.user.employee_id)
    $size = sum($g.graph.entity.file.size)
  condition:
    {condition}
}}
"""
    place = Place("drawn", 1)
    return Case("SX-x", "", "SX", place, rule, tuple(events), context, "compat", ExpectedDetections(()))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases())
def test_setup_equals_reference(case: Case) -> None:
    """Detections, bound records and outcomes are equal."""
    rule, errors = compile_case(case)
    assert rule is not None, (case.rule, errors)
    found = [_stated(engine(rule, case)) for engine in (reference_evaluator, windshear_engine, settle_alone)]
    assert found[0] == found[1], case.rule
    assert found[0] == found[2], case.rule


def _stated(answer: object) -> list[str]:
    assert isinstance(answer, Detections), answer
    return sorted(
        repr(
            (
                one.start,
                one.end,
                sorted(one.match.items()),
                sorted((name, sorted(handles)) for name, handles in one.events.items()),
                sorted(
                    (name, sorted(value, key=repr) if isinstance(value, list) else value)
                    for name, value in one.outcomes.items()
                ),
            )
        )
        for one in answer.detections
    )
