"""The schema file: complete in itself, and read as the published protos mean it."""

import time

import pytest

from windshear.udm.schema import Ordering, enumeration, members_where, message, schema


def test_every_reference_leads_somewhere() -> None:
    """Each message and enum type that a field names exists."""
    for kind in schema().messages.values():
        for field in kind.fields.values():
            if field.type == "message":
                assert field.ref in schema().messages, f"{kind.name}.{field.name}"
            elif field.type == "enum":
                assert field.ref in schema().enumerations, f"{kind.name}.{field.name}"
            else:
                assert field.ref is None


def test_every_enumeration_has_a_zero_member() -> None:
    """An absent enum field always has a name to read as."""
    assert all(enum.zero_member in enum.members for enum in schema().enumerations.values())
    assert enumeration("SecurityResult.Action").zero_member == "UNKNOWN_ACTION"
    assert enumeration("Metadata.EventType").zero_member == "EVENTTYPE_UNSPECIFIED"


def test_fields_are_found_in_both_spellings() -> None:
    """The proto name and the JSON name lead to the same field."""
    metadata = message("Metadata")
    assert metadata.spellings["product_event_type"] is metadata.spellings["productEventType"]
    assert "ProductEventType" not in metadata.spellings


def test_the_supplement_is_merged_in() -> None:
    """The parsed user agent, absent from the published protos, has its fields and its list of annotations."""
    agent = message("UserAgentProto")
    assert agent.fields["os"].number is None
    assert agent.fields["browser_type"].type == "string"
    assert message(agent.fields["annotation"].ref or "").is_entry


def test_loading_is_quick() -> None:
    """Reading the schema is cheap enough for every start of the command."""
    schema.cache_clear()
    start = time.process_time()
    schema()
    assert time.process_time() - start < 0.3


@pytest.mark.parametrize(
    ("comparison", "member", "expected"),
    [
        ("=", "ALLOW", {"ALLOW"}),
        ("<", "BLOCK", {"UNKNOWN_ACTION", "ALLOW"}),
        ("<=", "ALLOW", {"UNKNOWN_ACTION", "ALLOW"}),
        (">", "QUARANTINE", {"FAIL", "CHALLENGE"}),
    ],
)
def test_members_are_ordered_by_number(comparison: Ordering, member: str, expected: set[str]) -> None:
    """An ordering comparison with an enum member selects a range of numbers."""
    assert set(members_where(enumeration("SecurityResult.Action"), comparison, member)) == expected


def test_the_numbers_decide_not_the_places() -> None:
    """Event types are not listed by number in the schema, and the documented user range is exact."""
    kinds = enumeration("Metadata.EventType")
    low = set(members_where(kinds, ">=", "USER_UNCATEGORIZED"))
    high = set(members_where(kinds, "<=", "USER_RESOURCE_DELETION"))
    assert {kinds.members[name] for name in low & high} == set(range(15000, 15015))


def test_an_alias_counts_with_its_number() -> None:
    """Two names of one number are equal."""
    kinds = enumeration("Collection.CollectionType")
    assert members_where(kinds, "=", "UPPERCASE_ALERT") == ["GCTI_FINDING", "UPPERCASE_ALERT"]
    assert kinds.by_number[2] == "GCTI_FINDING"
