"""Hypothesis strategies for events that provoke disagreement.

The values are chosen where meanings differ: absent, empty and repeated fields, non-ASCII and multi-line text, letters
whose case folding is odd, extreme numbers, map keys that differ only in case.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from windshear.conformance.case import JsonValue

Json = dict[str, JsonValue]

TEXTS = ["", "ws1", "WS1", "ws1\nsrv", "späť", "SPÄŤ", "Kelvin \u212a", "x" * 40, "a.b", "10", "\u017f", "n\x00l", "k"]
IPS = ["192.0.2.1", "198.51.100.7", "10.0.0.1", "2001:db8::1", "not-an-ip", "010.0.0.1", ""]
ACTIONS = ["ALLOW", "BLOCK", "QUARANTINE", "UNKNOWN_ACTION"]
SEVERITIES = ["UNKNOWN_SEVERITY", "LOW", "HIGH", "CRITICAL"]
EVENT_TYPES = ["USER_LOGIN", "FILE_CREATION", "NETWORK_HTTP"]
KEYS = ["k", "K"]
EDGES = [0, 60, 300, 600, 900, 1200, 1500]  # seconds at which blocks begin, and entities become or cease to be valid
START = datetime(2025, 3, 12, 13, tzinfo=UTC)  # when the events of the first day begin

FOLDING = ["späť", "SPÄŤ", "Kelvin \u212a", "kelvin k", "\u017f"]
LINES = ["ws1\nsrv", "\nws1", "srv\n"]

texts = st.one_of(*map(st.sampled_from, (TEXTS, FOLDING, LINES)))
_ports = st.sampled_from([0, 22, 443, -5])
labels = st.lists(st.fixed_dictionaries({"key": st.sampled_from(KEYS), "value": texts}), max_size=2)
addresses = st.lists(st.sampled_from(IPS), max_size=3)
_counters = st.sampled_from(["0", "7", "900", str(2**64 - 1)])


def _message(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[Json]:
    """Draw a message of which every field may be absent; half of them are complete."""
    return st.one_of(st.fixed_dictionaries(fields), st.fixed_dictionaries({}, optional=fields))


_noun = _message(hostname=texts, ip=addresses, user=_message(userid=texts), port=_ports, labels=labels)
_result = _message(
    action=st.lists(st.sampled_from(ACTIONS), max_size=2),
    severity=st.sampled_from(SEVERITIES),
    description=texts,
    actionDetails=texts,
    riskScore=st.sampled_from([0.0, 1.5, 80.0]),
    detectionFields=labels,
)
_about = _message(hostname=texts, ip=addresses, labels=labels, port=_ports)
_network = _message(
    receivedBytes=_counters,
    sentBytes=_counters,
    sessionDuration=st.sampled_from(["5s", "-3s", "0s"]),
    tls=_message(established=st.booleans()),
)
_body = _message(
    principal=_noun,
    target=_noun,
    securityResult=st.lists(_result, max_size=2),
    about=st.lists(_about, max_size=2),
    network=_network,
    additional=st.dictionaries(st.sampled_from(KEYS), st.one_of(texts, st.just(5)), max_size=2),
)
_moments = st.one_of(st.integers(0, 1500), st.sampled_from(EDGES))
# Most events share a few values, so that rules with several conditions still find something.
_common: Json = {"principal": {"hostname": "ws1", "ip": ["192.0.2.1"]}, "target": {"hostname": "ws1", "port": 22}}


def clock(day: int, seconds: float) -> str:
    """Return a time of some day, counted in seconds from the moment at which events begin."""
    return (START + timedelta(days=day, seconds=seconds)).isoformat().replace("+00:00", "Z")


@st.composite
def events(draw: st.DrawFn, name: str, day: int) -> Json:
    """Draw one event in proto-JSON, less than half an hour after the beginning; its vendor id is `name`."""
    metadata: Json = {
        "productLogId": name,
        "eventTimestamp": clock(day, draw(_moments) + draw(st.sampled_from([0, 0.5]))),
        "eventType": draw(st.sampled_from(EVENT_TYPES)),
    }
    common = _common if draw(st.booleans()) else {}
    return {"metadata": metadata, **common, **draw(_body)}


@st.composite
def event_sets(draw: st.DrawFn, day: int = 0, first: int = 0) -> list[Json]:
    """Draw a small set of events of one day; `first` is the number of the first."""
    return [draw(events(f"e{first + number}", day)) for number in range(draw(st.integers(1, 8)))]


def awkward_events() -> list[Json]:
    """Return an event per awkward text, which is in every field of it that holds text, and events with nothing."""
    filled = list(dict.fromkeys([*TEXTS, *FOLDING, *LINES]))
    bodies = [_filled(text, IPS[number % len(IPS)]) for number, text in enumerate(filled)]
    empty: Json = {"principal": {"ip": []}, "about": [], "securityResult": []}
    hollow: Json = {"about": [{}], "securityResult": [{}]}
    return [
        {"metadata": {"productLogId": f"e{number}", "eventTimestamp": "2025-03-12T13:00:00Z"}, **body}
        for number, body in enumerate([*bodies, empty, hollow, {}])
    ]


def _filled(text: str, address: str) -> Json:
    pairs = [{"key": "k", "value": text}, {"key": "K", "value": text}]
    noun: Json = {"hostname": text, "user": {"userid": text}, "ip": [address, text], "port": 22, "labels": pairs}
    result: Json = {"description": text, "actionDetails": text, "action": ["ALLOW", "BLOCK"], "detectionFields": pairs}
    about: list[Json] = [{"hostname": text, "ip": [text], "labels": pairs}, {"hostname": "ws1", "port": 443}]
    return {
        "principal": noun,
        "target": noun,
        "about": about,
        "securityResult": [result, {"severity": "LOW"}],
        "network": {"sentBytes": "7", "receivedBytes": str(2**64 - 1), "sessionDuration": "-3s"},
        "additional": {"k": text, "K": text},
    }
