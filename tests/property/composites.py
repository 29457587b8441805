"""Generated composite rules, and detections and events for them: few values, so that much joins."""

from __future__ import annotations

from hypothesis import strategies as st

from windshear.conformance.case import JsonValue

_START = 1_770_112_800  # 2026-02-03T10:00:00Z
_USERS = ("ann", "bob", "")
_RULES = ("scan", "login", "spread")
Record = dict[str, JsonValue]

minutes = st.integers(0, 90)


def _time(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"2026-02-03T{10 + hour}:{rest:02}:00Z"


@st.composite
def events(draw: st.DrawFn) -> list[Record]:
    """Return some sign-ins."""
    drawn = draw(st.lists(st.tuples(minutes, st.sampled_from(_USERS)), max_size=6))
    return [
        {
            "metadata": {"eventType": "USER_LOGIN", "productLogId": f"e{number}", "eventTimestamp": _time(minute)},
            "target": {"user": {"userid": user}},
        }
        for number, (minute, user) in enumerate(drawn)
    ]


@st.composite
def detections(draw: st.DrawFn) -> list[Record]:
    """Return some detections in the shape of the API, each with typed variables and sample events."""
    count = draw(st.integers(1, 9))
    return [draw(_detection(f"d{number}")) for number in range(count)]


@st.composite
def _detection(draw: st.DrawFn, name: str) -> Record:
    user = draw(st.sampled_from(_USERS))
    ports = draw(st.lists(st.integers(1, 3), max_size=3))
    hosts = draw(st.lists(st.lists(st.sampled_from(["a", "b"]), max_size=2), max_size=2))
    minute = draw(minutes)
    inner: Record = {
        "ruleName": draw(st.sampled_from(_RULES)),
        "ruleLabels": [{"key": "stage", "value": draw(st.sampled_from(["1", "2"]))}],
        "outcomes": [{"key": "user", "value": user}],
        "variables": {
            "user": {"type": "OUTCOME", "stringVal": user},
            "n": {"type": "OUTCOME", "int64Val": str(draw(st.integers(-1, 2)))},
            "ports": {"type": "OUTCOME", "int64Seq": {"int64Vals": [str(port) for port in ports]}},
        },
    }
    if draw(st.booleans()):
        inner["riskScore"] = draw(st.integers(0, 100))
    return {
        "id": name,
        "detectionTime": _time(minute),
        "timeWindow": {"startTime": _time(max(0, minute - draw(st.integers(0, 9)))), "endTime": _time(minute)},
        "detection": [inner],
        "collectionElements": [
            {"label": label, "references": [{"event": {"principal": {"hostname": host}}} for host in some]}
            for label, some in zip("xy", hosts, strict=False)
        ],
    }


_USER_OF_DETECTION = (
    'detection.detection.outcomes["user"]',
    'detection.detection.variables["user"].string_val',
    'detection.detection.variables["user"].string_value',
)
_FILTERS = (
    '{d}.detection.detection.rule_name = "scan"',
    '{d}.detection.detection.rule_name != "scan"',
    "{d}.detection.detection.rule_name = /^S/ nocase",
    '{d}.detection.detection.rule_labels["stage"] = "1"',
    "{d}.detection.detection.risk_score > 40",
    '{d}.detection.detection.variables["n"].int64_val > 0',
    '{d}.detection.detection.variables["ports"].int64_seq.int64_vals != 2',
    'any {d}.detection.detection.variables["ports"].int64_seq.int64_vals = 2',
    'all {d}.detection.collection_elements.references.event.principal.hostname = "a"',
    '{d}.detection.collection_elements.references.event.principal.hostname = "a"',
    '{d}.detection.collection_elements.label = "x"',
    "{d}.detection.time_window.end_time.seconds - {d}.detection.time_window.start_time.seconds > 240",
    f"{{d}}.detection.detection_time.seconds >= {_START + 1800}",
    '{d}.detection.id != "d1"',
)
_OUTCOMES = (
    "count($d.detection.id)",
    "array_distinct($d.detection.id)",
    "sum($d.detection.detection.risk_score)",
    'sum($d.detection.detection.variables["n"].int64_val)',
    'array($d.detection.detection.variables["ports"].int64_seq.int64_vals)',
    'max(arrays.length($d.detection.detection.variables["ports"].int64_seq.int64_vals))',
    "array_distinct($d.detection.collection_elements.references.event.principal.hostname)",
    "min($d.detection.detection_time.seconds)",
    'count_distinct($d.detection.detection.rule_labels["stage"])',
)
_ALONE = ("$d", "#d >= 2", "#d = 1", "#r >= 2 and $d")
_OF_TWO = ("$d and ${o}", "$d and !${o}", "#d >= 2 and #{o} < 2", "#d > 0 and #{o} >= 2")


@st.composite
def composites(draw: st.DrawFn) -> str:
    """Return a rule over detections alone, over two kinds of them, or over detections and events."""
    other = draw(st.sampled_from(["", "o", "e"]))
    condition = draw(st.sampled_from(_OF_TWO if other else _ALONE)).replace("{o}", other)
    lines = draw(_detection_variable("d"))
    if "#r" in condition:
        lines.append("$d.detection.detection.rule_name = $r")
    if other == "o":
        lines += draw(_detection_variable("o"))
    if other == "e":
        lines += ['$e.metadata.event_type = "USER_LOGIN"', "$e.target.user.userid = $u"]
    if other and draw(st.booleans()):
        time = {"o": "$o.detection.detection_time.seconds", "e": "$e.metadata.event_timestamp.seconds"}[other]
        lines.append(f"$d.detection.detection_time.seconds <= {time}")
    window = draw(st.sampled_from(["over 10m", "over 1h", "by 30m", "over 15m after $d", "over 15m before $d"]))
    outcomes = draw(st.lists(st.sampled_from(_OUTCOMES), max_size=3, unique=True))
    options = draw(st.sampled_from([[], ["allow_zero_values = true"], ["suppression_window = 2h"]]))
    sections = {
        "meta": ['author = "x"'],
        "events": lines,
        "match": [f"$u {window}"],
        "outcome": [f"$o{number} = {value}" for number, value in enumerate(outcomes)],
        "condition": [condition],
        "options": options,
    }
    written = (f"  {name}:\n" + "".join(f"    {line}\n" for line in some) for name, some in sections.items() if some)
    return "rule generated {\n" + "".join(written) + "}\n"


@st.composite
def _detection_variable(draw: st.DrawFn, name: str = "d") -> list[str]:
    filters = draw(st.lists(st.sampled_from(_FILTERS), max_size=3, unique=True))
    return [
        f"${name}.{draw(st.sampled_from(_USER_OF_DETECTION))} = $u",
        *(f.replace("{d}", f"${name}") for f in filters),
    ]
