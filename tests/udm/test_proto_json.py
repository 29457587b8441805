"""proto-JSON: every accepted spelling is read, one canonical spelling is written, nothing raises."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windshear.udm.proto_json import read_event, write_event
from windshear.udm.schema import DURATION, STRUCT, TIMESTAMP, Message, Root, UdmField, enumeration, message, schema
from windshear.udm.validate import missing_fields

SAMPLES = Path(__file__).parent / "data" / "chronicle_api_samples"
ROOTS: list[Root] = ["udm", "graph", "detection"]

READ: list[tuple[object, dict[str, object]]] = [
    ({"metadata": {"eventType": "USER_LOGIN"}}, {"metadata": {"event_type": "USER_LOGIN"}}),
    ({"metadata": {"event_type": 15001}}, {"metadata": {"event_type": "USER_LOGIN"}}),
    ({"metadata": {"event_type": "15001"}}, {"metadata": {"event_type": "USER_LOGIN"}}),
    ({"udm": {"principal": {"hostname": "h"}}}, {"principal": {"hostname": "h"}}),
    ({"event": {"principal": {"hostname": "h"}}}, {"principal": {"hostname": "h"}}),
    (
        {"event": {"timestamp": "", "idm": {"readOnlyUdm": {"principal": {"hostname": "h"}}}}},
        {"principal": {"hostname": "h"}},
    ),
    ({"principal": {"ip": "192.0.2.1"}}, {"principal": {"ip": ["192.0.2.1"]}}),
    ({"securityResult": {"action": "ALLOW"}}, {"security_result": [{"action": ["ALLOW"]}]}),
    ({"principal": {"ip": ["a", None, ""]}}, {"principal": {"ip": ["a", ""]}}),
    ({"principal": {"port": "443"}}, {"principal": {"port": 443}}),
    ({"principal": {"port": 443.0}}, {"principal": {"port": 443}}),
    ({"network": {"sentBytes": "18446744073709551615"}}, {"network": {"sent_bytes": 2**64 - 1}}),
    ({"metadata": {"id": "_-8="}}, {"metadata": {"id": "/+8="}}),
    ({"metadata": {"id": "_-8"}}, {"metadata": {"id": "/+8="}}),
    ({"network": {"sessionDuration": "1.5s"}}, {"network": {"session_duration": {"seconds": 1, "nanos": 500_000_000}}}),
    ({"principal": {"hostname": "", "port": 0, "ip": []}}, {"principal": {}}),
    ({"principal": None}, {}),
    ({"additional": {"a": 1, "b": {"c": [None, True]}}}, {"additional": {"a": 1, "b": {"c": [None, True]}}}),
    ({"principal": {"hostname": "\ud800x"}}, {"principal": {"hostname": "\ufffdx"}}),
    ({"securityResult": [{"riskScore": "Infinity"}]}, {"security_result": [{"risk_score": float("inf")}]}),
    ({"securityResult": [{"riskScore": float("-inf")}]}, {"security_result": [{"risk_score": float("-inf")}]}),
    ({"principal": {"hostname": "gr\u00fcn"}}, {"principal": {"hostname": "gr\u00fcn"}}),
    ({"securityResult": [{"riskScore": "1.5e1"}]}, {"security_result": [{"risk_score": 15.0}]}),
    (
        {"securityResult": [{"variables": {"n": {"int64Val": "0"}}}]},
        {"security_result": [{"variables": {"n": {"int64_val": 0}}}]},
    ),
]

TIMES = [
    ("2021-07-14T15:30:18Z", 1626276618, 0),
    ("2021-07-14T15:30:18.1Z", 1626276618, 100_000_000),
    ("2021-07-14T15:30:18.142265Z", 1626276618, 142_265_000),
    ("2021-07-14T15:30:18.142265789Z", 1626276618, 142_265_789),
    ("2021-07-14T17:30:18+02:00", 1626276618, 0),
    ("2021-07-14t10:00:18-05:30", 1626276618, 0),
    ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
    ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
]
NO_TIMES: list[object] = [
    "",
    "2021-07-14",
    "2021-07-14T15:30:18",
    "2021-07-14T15:30:60Z",
    "2021-02-30T00:00:00Z",
    "2021-07-14T15:30:18.1234567890Z",
    "0001-01-01T00:00:00+01:00",
    "\uff12\uff10\uff12\uff11-07-14T15:30:18Z",
    {"seconds": "x"},
    {"seconds": 10**12},
    {"nanos": -1},
]

LEFT_OUT: list[tuple[object, str, str, str]] = [
    ([], "not-an-object", "", "a list"),
    ({"principal": "x"}, "wrong-type", "principal", "x"),
    ({"principal": {"hostname": 5}}, "wrong-type", "principal.hostname", "5"),
    ({"principal": {"hostname": ["a"]}}, "wrong-type", "principal.hostname", "a list"),
    ({"principal": {"port": True}}, "wrong-type", "principal.port", "True"),
    ({"principal": {"port": "22x"}}, "wrong-type", "principal.port", "22x"),
    ({"principal": {"port": 2**31}}, "out-of-range", "principal.port", "2147483648"),
    ({"network": {"sentBytes": -1}}, "out-of-range", "network.sent_bytes", "-1"),
    ({"network": {"sentBytes": 10**9000}}, "out-of-range", "network.sent_bytes", "a huge number"),
    ({"securityResult": [{"riskScore": 1e39}]}, "out-of-range", "security_result.risk_score", "1e+39"),
    ({"securityResult": [{"action": ["allowed"]}]}, "unknown-enum-member", "security_result.action", "allowed"),
    ({"metadata": {"eventType": 999999}}, "unknown-enum-member", "metadata.event_type", "999999"),
    ({"metadata": {"id": "no base64!"}}, "bad-base64", "metadata.id", "no base64!"),
    ({"metadata": {"id": "e1"}}, "bad-base64", "metadata.id", "e1"),
    ({"metadata": {"no_such": 1}}, "unknown-field", "metadata.no_such", "1"),
    (
        {"metadata": {"event_type": "USER_LOGIN", "eventType": "USER_LOGIN"}},
        "duplicate-field",
        "metadata.event_type",
        "USER_LOGIN",
    ),
    ({"additional": {"a": float("nan")}}, "out-of-range", "additional.a", "nan"),
    ({"additional": {"a": 10**400}}, "out-of-range", "additional.a", "a huge number"),
    ({"metadata": {"id": 5}}, "wrong-type", "metadata.id", "5"),
    ({"metadata": {"eventTimestamp": 5}}, "wrong-type", "metadata.event_timestamp", "5"),
    ({"metadata": {"eventType": []}}, "wrong-type", "metadata.event_type", "a list"),
    ({"network": {"dns": {"authoritative": "yes"}}}, "wrong-type", "network.dns.authoritative", "yes"),
    ({"network": {"sessionDuration": "1m"}}, "bad-time", "network.session_duration", "1m"),
    ({"network": {"sessionDuration": "999999999999s"}}, "bad-time", "network.session_duration", "999999999999s"),
    (
        {"network": {"sessionDuration": {"seconds": 1, "nanos": -1}}},
        "bad-time",
        "network.session_duration",
        "an object",
    ),
    ({"securityResult": [{"riskScore": "high"}]}, "wrong-type", "security_result.risk_score", "high"),
    ({"securityResult": [{"riskScore": True}]}, "wrong-type", "security_result.risk_score", "True"),
    ({"securityResult": [{"variables": {"n": 5}}]}, "wrong-type", "security_result.variables", "5"),
    ({"additional": []}, "wrong-type", "additional", "a list"),
    ({"securityResult": [{"variables": []}]}, "wrong-type", "security_result.variables", "a list"),
]


@pytest.mark.parametrize(("raw", "expected"), READ)
def test_accepted_spellings(raw: object, expected: dict[str, object]) -> None:
    """The record is read without a remark."""
    assert read_event(raw) == (expected, [])


@pytest.mark.parametrize(("text", "seconds", "nanos"), TIMES)
def test_times(text: str, seconds: int, nanos: int) -> None:
    """An RFC 3339 time is read to the nanosecond."""
    event, problems = read_event({"metadata": {"eventTimestamp": text}})
    assert (event, problems) == ({"metadata": {"event_timestamp": {"seconds": seconds, "nanos": nanos}}}, [])


@pytest.mark.parametrize("raw", NO_TIMES)
def test_no_times(raw: object) -> None:
    """What is no RFC 3339 time is left out and noted."""
    event, problems = read_event({"metadata": {"eventTimestamp": raw}})
    assert event == {"metadata": {}}
    assert [problem.kind for problem in problems] == ["bad-time"]


@pytest.mark.parametrize(("raw", "kind", "path", "look"), LEFT_OUT)
def test_what_is_left_out(raw: object, kind: str, path: str, look: str) -> None:
    """A field that cannot be read is noted with its path, and the rest of the event is kept."""
    if isinstance(raw, dict):
        raw = {**raw, "network": {**raw.get("network", {}), "asn": "kept"}}
    event, problems = read_event(raw)
    assert [(problem.kind, problem.path, problem.found) for problem in problems] == [(kind, path, look)]
    if isinstance(raw, dict):
        network = event["network"]
        assert isinstance(network, dict)
        assert network["asn"] == "kept"


def test_writing_groups_fractions_by_three() -> None:
    """Times and durations have as few groups of three digits as hold the value."""
    event: dict[str, object] = {
        "metadata": {"event_timestamp": {"seconds": 1, "nanos": 5_879_700}},
        "network": {"session_duration": {"seconds": -1, "nanos": -500_000_000}, "sent_bytes": 7, "dns": {"id": 7}},
    }
    assert write_event(event) == {
        "metadata": {"eventTimestamp": "1970-01-01T00:00:01.005879700Z"},
        "network": {"sessionDuration": "-1.500s", "sentBytes": "7", "dns": {"id": 7}},
    }


@pytest.mark.parametrize(
    ("value", "text"), [(float("nan"), "NaN"), (float("inf"), "Infinity"), (-float("inf"), "-Infinity")]
)
def test_numbers_that_json_lacks_are_words(value: float, text: str) -> None:
    """What is no finite number is written as protobuf's word for it."""
    assert write_event({"security_result": [{"risk_score": value}]}) == {"securityResult": [{"riskScore": text}]}


def test_zeros_are_not_written() -> None:
    """A default is left out, unless the field tells absent from zero."""
    event: dict[str, object] = {
        "principal": {"hostname": "", "port": 0, "ip": []},
        "security_result": [{"severity": "UNKNOWN_SEVERITY", "variables": {"b": {"bool_val": False}}}],
    }
    assert write_event(event) == {"principal": {}, "securityResult": [{"variables": {"b": {"boolVal": False}}}]}


def test_published_samples() -> None:
    """The published sample bodies are read whole; in lowerCamelCase they come back as they were."""
    (event,) = json.loads((SAMPLES / "sample_udm_events.json").read_text(encoding="utf-8"))
    read, problems = read_event(event)
    assert problems == missing_fields(read) == []
    assert write_event(read) == event
    for entity in json.loads((SAMPLES / "sample_entities.json").read_text(encoding="utf-8")):
        read, problems = read_event(entity, "graph")
        assert problems == []
        assert write_event(read, "graph")["entity"] == {
            "user": {
                "userid": entity["entity"]["user"]["userid"],
                "productObjectId": entity["entity"]["user"]["product_object_id"],
            }
        }


def test_an_entity_in_its_wrapper() -> None:
    """The wrapper `entity` and an entity's own field `entity` are told apart."""
    bare: dict[str, object] = {"metadata": {"entityType": "USER"}, "entity": {"hostname": "h"}}
    expected = {"metadata": {"entity_type": "USER"}, "entity": {"hostname": "h"}}
    for raw in (bare, {"entity": bare}, {"graph": bare}, {"event": {"idm": {"entity": bare}}}):
        assert read_event(raw, "graph") == (expected, [])
    assert read_event({"entity": {"hostname": "h"}}, "graph") == ({"entity": {"hostname": "h"}}, [])


def test_a_short_detection() -> None:
    """A detection's own fields may stand at the top, and its outcomes as an object."""
    short = {"id": "de_1", "ruleName": "scan", "riskScore": 40, "outcomes": {"host": "ws1"}}
    long = {
        "id": "de_1",
        "detection": [{"rule_name": "scan", "risk_score": 40.0, "outcomes": [{"key": "host", "value": "ws1"}]}],
    }
    assert read_event(short, "detection") == (long, [])
    assert read_event(write_event(long, "detection"), "detection") == (long, [])


def test_required_fields() -> None:
    """An event without a time or a type says which."""
    event, _ = read_event({"metadata": {"eventType": "EVENTTYPE_UNSPECIFIED", "eventTimestamp": "noon"}})
    assert [problem.path for problem in missing_fields(event)] == ["metadata.event_timestamp", "metadata.event_type"]


def test_depth_is_bounded() -> None:
    """A thousand levels are cut at the limit, in messages and in free-form JSON."""
    process: dict[str, object] = {"pid": "1"}
    inner: object = "x"
    for _ in range(1000):
        process, inner = {"parentProcess": process}, [inner]
    _, problems = read_event({"principal": {"process": process}, "additional": {"a": inner}})
    assert [problem.kind for problem in problems] == ["too-deep", "too-deep"]


def test_size_and_remarks_are_bounded() -> None:
    """A record of a million values is cut off, and not every one of them is remarked on."""
    event, problems = read_event({"principal": {"ip": ["192.0.2.1"] * 300_000}, "target": {"ip": [5] * 1000}})
    principal = event["principal"]
    assert isinstance(principal, dict)
    assert 0 < len(principal["ip"]) <= 200_000
    assert len(problems) == 100


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["principal", "metadata", "ip"]), inner)
    ),
)


@settings(deadline=None)
@given(JSON, st.sampled_from(ROOTS))
def test_any_json_is_read(raw: object, root: Root) -> None:
    """No JSON value makes the reader raise, and what it gives can be written."""
    event, _ = read_event(raw, root)
    json.dumps(write_event(event, root), allow_nan=False).encode()


NUMBERS = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def values(field: UdmField, depth: int) -> st.SearchStrategy[object]:
    """Return canonical values of one field, sometimes of the wrong kind."""
    match field.type:
        case "message" if field.ref == TIMESTAMP:
            seconds, nanos = st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999)
            return st.builds(lambda s, n: {"seconds": s, "nanos": n}, seconds, nanos)
        case "message" if field.ref == DURATION:
            parts = st.tuples(st.integers(0, 10**11), st.integers(0, 999_999_999), st.sampled_from([1, -1]))
            return parts.map(lambda part: {"seconds": part[0] * part[2], "nanos": part[1] * part[2]})
        case "message" if field.ref == STRUCT:
            return st.dictionaries(st.text(max_size=4), PLAIN, max_size=3)
        case "message":
            return records(message(field.ref or ""), depth + 1)
        case "enum":
            return st.sampled_from(list(enumeration(field.ref or "").members))
        case "bytes":
            return st.binary(max_size=5).map(lambda content: content.hex() * 4)
        case "string":
            return st.text(max_size=6)
        case "bool":
            return st.booleans()
        case "float" | "double":
            return st.floats(width=32)
        case number:
            return st.integers(*NUMBERS[number])


@st.composite
def records(draw: st.DrawFn, kind: Message, depth: int = 0) -> dict[str, object]:
    """Draw a canonical record with a few fields on each level."""
    names = [name for name, field in kind.fields.items() if depth < 4 or field.type != "message"]
    record: dict[str, object] = {}
    for name in draw(st.lists(st.sampled_from(names), max_size=4, unique=True)) if names else ():
        field = kind.fields[name]
        if field.is_map:
            one = values(message(field.ref or "").fields["value"], depth)
            record[name] = draw(st.dictionaries(st.text(max_size=4), one, max_size=2))
        else:
            record[name] = draw(
                st.lists(values(field, depth), max_size=2) if field.is_repeated else values(field, depth)
            )
    return record


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(ROOTS))
def test_written_records_come_back(data: st.DataObject, root: Root) -> None:
    """What was written is read without a remark and written the same again."""
    written = write_event(data.draw(records(schema().roots[root])), root)
    read, problems = read_event(written, root)
    assert problems == []
    assert json.dumps(write_event(read, root)) == json.dumps(written)
