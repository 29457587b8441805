"""Requests: each path asks for one flat column and says how to go on from its cell."""

import pytest

from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn, merge
from windshear.udm.paths import ResolvedPath, parse_path, resolve, split_root
from windshear.udm.requests import EVENT_NANOS, EVENT_SECONDS, Access, Each, Element, Hop, Member, access, scalar_kind

TEXT = ScalarColumn("text")

CASES: list[tuple[str, str, Column, tuple[Hop, ...]]] = [
    ("principal.hostname", "principal.hostname", TEXT, ()),
    ("principal.port", "principal.port", ScalarColumn("int"), ()),
    ("network.sent_bytes", "network.sent_bytes", ScalarColumn("uint"), ()),
    ("metadata.id", "metadata.id", TEXT, ()),
    ("metadata.event_timestamp.seconds", EVENT_SECONDS, ScalarColumn("int"), ()),
    ("metadata.event_timestamp.nanos", EVENT_NANOS, ScalarColumn("int"), ()),
    ("principal.ip", "principal.ip", ListColumn("text"), (Each("principal.ip"),)),
    ("principal.ip[0]", "principal.ip", ListColumn("text"), (Element(0),)),
    ("about.user.userid", "about", MessagesColumn({"user.userid": TEXT}), (Each("about"), Member("user.userid"))),
    ("about[1].hostname", "about", MessagesColumn({"hostname": TEXT}), (Element(1), Member("hostname"))),
    (
        "security_result.action",
        "security_result",
        MessagesColumn({"action": ListColumn("text")}),
        (Each("security_result"), Member("action"), Each("security_result.action")),
    ),
    (
        "about[0].labels[2].value",
        "about",
        MessagesColumn({"labels": MessagesColumn({"value": TEXT})}),
        (Element(0), Member("labels"), Element(2), Member("value")),
    ),
    (
        "additional.fields.value.string_value",
        "additional.fields",
        MessagesColumn({"value.string_value": TEXT}),
        (Each("additional.fields"), Member("value.string_value")),
    ),
    ('additional.fields["k"]', 'additional.fields["k"]', TEXT, ()),
    (r'principal.labels["a\"b\\c"]', r'principal.labels["a\"b\\c"]', TEXT, ()),
    ('security_result.detection_fields["k"]', 'security_result.detection_fields["k"]', TEXT, ()),
    (
        'detection.detection.variables["x"].int64_val',
        'detection.variables["x"].int64_val',
        ScalarColumn("int"),
        (),
    ),
    (
        'detection.detection.variables["x"].int64_seq.int64_vals',
        'detection.variables["x"].int64_seq.int64_vals',
        ListColumn("int"),
        (Each('detection.variables["x"].int64_seq.int64_vals'),),
    ),
    (
        "detection.collection_elements.references.event.principal.ip",
        "collection_elements",
        MessagesColumn({"references": MessagesColumn({"event.principal.ip": ListColumn("text")})}),
        (
            Each("collection_elements"),
            Member("references"),
            Each("collection_elements.references"),
            Member("event.principal.ip"),
            Each("collection_elements.references.event.principal.ip"),
        ),
    ),
]


def request(path: str) -> Access:
    """Return the access of a written path."""
    root, segments = split_root(parse_path(path))
    resolved = resolve(root, segments)
    assert isinstance(resolved, ResolvedPath), resolved
    return access(resolved.steps, scalar_kind(resolved.kind))


@pytest.mark.parametrize(("path", "column", "column_type", "hops"), CASES)
def test_access(path: str, column: str, column_type: Column, hops: tuple[Hop, ...]) -> None:
    """The path's column, what it must hold, and the hops to the value."""
    assert request(path) == Access(column, column_type, hops)


def test_requests_of_one_list_are_united() -> None:
    """Two members of one repeated message are one column."""
    paths = ["about.hostname", "about.ip", "principal.ip"]
    assert merge(request(path).request for path in paths) == {
        "about": MessagesColumn({"hostname": TEXT, "ip": ListColumn("text")}),
        "principal.ip": ListColumn("text"),
    }
