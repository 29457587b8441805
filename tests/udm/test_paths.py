"""Paths: what resolves, as what, and what is said about the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windshear.udm.paths import (
    PathProblem,
    PathSegment,
    PathStep,
    ResolvedPath,
    parse_path,
    path_text,
    resolve,
    resolve_below,
    split_root,
)
from windshear.udm.schema import message

GOOD = [
    ("metadata.event_type", "metadata.event_type", "enum"),
    ("udm.metadata.event_type", "metadata.event_type", "enum"),
    ("metadata.event_timestamp.seconds", "metadata.event_timestamp.seconds", "int"),
    ("metadata.event_timestamp.nanos", "metadata.event_timestamp.nanos", "int"),
    ("metadata.id", "metadata.id", "bytes"),
    ("principal.ip", "principal.ip", "string"),
    ("principal.port", "principal.port", "int"),
    (
        "principal.process.parent_process.parent_process.pid",
        "principal.process.parent_process.parent_process.pid",
        "string",
    ),
    ("principal.location.region_coordinates.latitude", "principal.location.region_coordinates.latitude", "float"),
    ("network.sent_bytes", "network.sent_bytes", "uint"),
    ("network.session_duration.seconds", "network.session_duration.seconds", "int"),
    ("network.dns.authoritative", "network.dns.authoritative", "bool"),
    ("network.http.parsed_user_agent.browser", "network.http.parsed_user_agent.browser", "string"),
    ("about[1].hostname", "about[1].hostname", "string"),
    ("about[0].labels[0].value", "about[0].labels[0].value", "string"),
    ('additional.fields["k"]', 'additional.fields["k"]', "string"),
    ("additional.fields.value.string_value", "additional.fields.value.string_value", "string"),
    ('target.resource.attribute.labels["k"]', 'target.resource.attribute.labels["k"]', "string"),
    ('security_result.detection_fields["k"]', 'security_result.detection_fields["k"]', "string"),
    ("target.labels.key", "target.labels.key", "string"),
    ("principal.process", "principal.process", "message"),
    ("graph.entity.user.userid", "entity.user.userid", "string"),
    ("graph.metadata.interval.start_time.seconds", "metadata.interval.start_time.seconds", "int"),
    ("graph.relations.entity.ip", "relations.entity.ip", "string"),
    ("graph.risk_score.risk_window_size.seconds", "risk_score.risk_window_size.seconds", "int"),
    ("detection.id", "id", "string"),
    ("detection.detection.rule_name", "detection.rule_name", "string"),
    ('detection.detection.outcomes["x"]', 'detection.outcomes["x"]', "string"),
    ('detection.detection.variables["x"].string_val', 'detection.variables["x"].string_val', "string"),
    ('detection.detection.variables["x"].int64_value', 'detection.variables["x"].int64_val', "int"),
    ('detection.detection.variables["x"].int64_seq.int64_vals', 'detection.variables["x"].int64_seq.int64_vals', "int"),
    ("detection.time_window.start_time.seconds", "time_window.start_time.seconds", "int"),
    (
        "detection.collection_elements.references.event.principal.hostname",
        "collection_elements.references.event.principal.hostname",
        "string",
    ),
]

BAD = [
    ("udm", "empty-path", 0, ()),
    ("graph", "empty-path", 0, ()),
    ("principal.hostnme", "unknown-field", 1, ("principal.hostname",)),
    ("principal.commandLine", "unknown-field", 1, ("principal.process.command_line",)),
    ("metadata.eventType", "unknown-field", 1, ("metadata.event_type",)),
    ("principal.userid", "unknown-field", 1, ("principal.user.userid",)),
    ("principal.user.user_id", "unknown-field", 2, ("principal.user.userid",)),
    ("principal.user.email_address", "unknown-field", 2, ("principal.user.email_addresses",)),
    ("principal.sha256", "unknown-field", 1, ("principal.file.sha256",)),
    ("hostname", "unknown-field", 0, ("principal.hostname",)),
    ("source.ip", "unknown-field", 0, ("src", "principal")),
    ("extensions.auth.details", "unknown-field", 2, ("extensions.auth.auth_details",)),
    ("target.username", "unknown-field", 1, ("target.user.userid",)),
    ("metadata.username", "unknown-field", 1, ()),
    ("graph.entty.ip", "unknown-field", 0, ("entity",)),
    ("principal.xyzzy", "unknown-field", 1, ()),
    ("principal.ip.text", "not-a-message", 2, ()),
    ('principal.labels["k"].value', "not-a-message", 2, ()),
    ("principal.hostname[0]", "index-on-scalar", 1, ()),
    ("additional.fields[0].key", "index-on-scalar", 1, ()),
    ('principal["k"]', "key-on-non-map", 0, ('principal.labels["k"]',)),
    ('additional["k"]', "key-on-non-map", 0, ('additional.fields["k"]',)),
    ('principal.ip["k"]', "key-on-non-map", 1, ()),
    ("about[1].ip", "mixed-index", 1, ("about[1].ip[0]",)),
    ("about.ip[1]", "mixed-index", 0, ("about[0]",)),
    ('about[0].labels["k"]', "key-and-index", 1, ()),
]


def found(path: str) -> ResolvedPath | PathProblem:
    """Resolve the written part after a variable."""
    root, segments = split_root(parse_path(path))
    return resolve(root, segments)


@pytest.mark.parametrize(("path", "text", "kind"), GOOD)
def test_good_path(path: str, text: str, kind: str) -> None:
    """The path resolves to its canonical spelling and its kind of leaf."""
    resolved = found(path)
    assert isinstance(resolved, ResolvedPath), resolved
    assert (resolved.text, resolved.kind, resolved.is_message) == (text, kind, kind == "message")


@pytest.mark.parametrize(("path", "kind", "segment", "suggestions"), BAD)
def test_bad_path(path: str, kind: str, segment: int, suggestions: tuple[str, ...]) -> None:
    """The problem names the wrong segment, and what was probably meant comes first."""
    problem = found(path)
    assert isinstance(problem, PathProblem), problem
    assert (problem.kind, problem.segment) == (kind, segment)
    assert problem.suggested_paths[: len(suggestions) or 1] == suggestions


def test_steps_say_what_repeats() -> None:
    """Lists, label lists and the inside of a Struct are repeated; index and key are kept."""
    resolved = found('security_result.detection_fields["k"]')
    assert isinstance(resolved, ResolvedPath)
    assert resolved.steps == (
        PathStep("security_result", is_repeated=True),
        PathStep("detection_fields", is_repeated=True, key="k"),
    )
    resolved = found("principal.ip[2]")
    assert isinstance(resolved, ResolvedPath)
    assert resolved.steps == (PathStep("principal", is_repeated=False), PathStep("ip", is_repeated=True, index=2))


def test_enum_and_message_ends_carry_their_types() -> None:
    """The end says which enumeration or message it is."""
    action, process = found("security_result.action"), found("principal.process")
    assert isinstance(action, ResolvedPath)
    assert isinstance(process, ResolvedPath)
    assert action.enumeration is not None
    assert action.enumeration.zero_member == "UNKNOWN_ACTION"
    assert process.message is message("Process")


def test_deprecated_fields_are_marked() -> None:
    """A path through a deprecated field resolves and says so."""
    old, current = found("security_result.verdict.verdict"), found("security_result.summary")
    assert isinstance(old, ResolvedPath)
    assert isinstance(current, ResolvedPath)
    assert (old.is_deprecated, current.is_deprecated) == (True, False)


def test_paths_below_a_message() -> None:
    """A path can also start at any message."""
    resolved = resolve_below(message("Noun"), parse_path("user.userid"))
    assert isinstance(resolved, ResolvedPath)
    assert resolved.text == "user.userid"


def test_a_long_path_is_walked_in_a_loop() -> None:
    """Ten thousand segments of a message that contains itself are no deeper than two."""
    resolved = found("principal.process" + ".parent_process" * 10_000 + ".pid")
    assert isinstance(resolved, ResolvedPath)
    assert len(resolved.steps) == 10_003


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", "a[", 'a["x]', "a[1", "a b", "a[-1]", "é"])
def test_what_is_no_path(text: str) -> None:
    """Only the canonical spelling is read back."""
    with pytest.raises(ValueError, match="not a path"):
        parse_path(text)


@settings(deadline=None)
@given(st.text())
def test_any_key_survives_its_spelling(key: str) -> None:
    """A key with quotes, backslashes, dots or line breaks is written and read back unchanged."""
    text = path_text([PathStep("labels", is_repeated=True, key=key), PathStep("value", is_repeated=False)])
    assert parse_path(text) == (PathSegment("labels", key=key), PathSegment("value"))


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=5))
def test_any_name_gets_an_answer(names: list[str]) -> None:
    """No written name makes the resolver or its suggestions raise."""
    assert resolve("udm", [PathSegment(name) for name in names]) is not None
