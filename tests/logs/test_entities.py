"""Entities: users of a directory become context that rules read; where events are read they are named and skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.logs.support import take
from windshear.cli.inputs import input_of
from windshear.cli.normalizing import Wishes, run_normalize
from windshear.context.context import load_context
from windshear.context.records import ContextRecord
from windshear.core.errors import SettingError

_USERS = Path(__file__).parent / "azure_ad_context" / "users_page.json"


def test_entities_are_read_as_context(tmp_path: Path) -> None:
    """What `normalize` writes is a context without a broken record."""
    given = input_of([str(_USERS)], "azure_ad_context", takes_entities=True)
    assert run_normalize(given, Wishes(tmp_path / "entities.jsonl", is_strict=True)) == 0
    source = load_context(tmp_path).entities
    assert source is not None
    records = list(source.read())
    assert all(isinstance(record, ContextRecord) for record in records)
    found = [record.value["entity"] for record in records if isinstance(record, ContextRecord)]
    users = [entity["user"] for entity in found if isinstance(entity, dict)]
    assert [user.get("windows_sid") for user in users] == ["S-1-5-21-3623811015-3361044348-30300820-1013", None]


def test_entities_among_events_are_named() -> None:
    """Without their type asked for, entities are no events and the reason says what to do."""
    taken = take(_USERS)
    assert not taken.events
    assert [(item.count, "normalize --type azure_ad_context" in item.reason) for item in taken.skipped] == [(2, True)]


def test_commands_for_events_refuse_types_of_entities() -> None:
    """Where events are needed, the type is refused with the way to go."""
    with pytest.raises(SettingError, match=r"`--context DIR` reads them"):
        input_of([str(_USERS)], "azure_ad_context")
