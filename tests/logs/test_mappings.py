"""Mappings: fields in one documented form only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from windshear.logs.catalogue import mappings, parser_of
from windshear.logs.mappings import Form
from windshear.logs.normalise import Normaliser
from windshear.logs.parser import LogParser
from windshear.udm.proto_json import write_event

_SAMPLE = Path(__file__).parent / "azure_ad" / "four_categories.jsonl"


def _event(mapping: str | None, number: int = 0) -> dict[str, Any]:
    texts = _SAMPLE.read_text(encoding="utf-8").splitlines()
    chosen = {"AZURE_AD": mapping} if mapping else {}
    event = Normaliser(mappings=chosen).normalise_full([texts[number]], "AZURE_AD")[0]
    assert event is not None
    return write_event(event)


def _places(event: object, path: str = "") -> set[str]:
    """Give every place of an event that has a value; labels by their keys."""
    if isinstance(event, dict):
        if set(event) == {"key", "value"}:
            return {f'{path}["{event["key"]}"]'}
        return {place for key, value in event.items() for place in _places(value, f"{path}.{key}")}
    if isinstance(event, list):
        return {place for value in event for place in _places(value, path)}
    return {path}


@pytest.mark.parametrize("number", range(4))
def test_both_forms_are_filled_by_default(number: int) -> None:
    """The usual form holds every place that one of the two forms fills."""
    forms = [_places(_event(form, number)) for form in ("2025", "2026")]
    assert _places(_event(None, number)) == forms[0] | forms[1]
    assert forms[0] != forms[1]


def test_forms_are_as_documented() -> None:
    """Each form has its own places, and not those of the other."""
    old, new = _event("2025"), _event("2026")
    assert ".additional.riskState" in _places(old)
    assert '.securityResult.detectionFields["riskState"]' in _places(new)
    assert '.securityResult.detectionFields["riskState"]' not in _places(old)
    assert ".additional.riskState" not in _places(new)
    assert {".target.user.productObjectId", '.target.resource.attribute.labels["App Id"]'} <= _places(old) - _places(
        new
    )
    assert {".principal.user.productObjectId", ".target.resource.name"} <= _places(new) - _places(old)
    assert old["securityResult"][0]["description"] == "MFA requirement satisfied by claim in the token"
    assert "description" not in json.dumps(new["securityResult"])


def test_forms_have_names() -> None:
    """The forms that a user may ask for."""
    assert mappings()["AZURE_AD"] == ("2025", "2026")


def test_forms_name_what_is_there() -> None:
    """A form that leaves out what no field is, is a mistake in the declaration."""
    parser = parser_of("AZURE_AD")
    assert isinstance(parser, LogParser)
    with pytest.raises(ValueError, match=r"no such field: target\.user\.usrid"):
        Form(without=("target.user.usrid",)).of(parser.fields)
