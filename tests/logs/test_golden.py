"""Golden samples: raw records of each log type and the UDM that they become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.logs.support import begin_anew_after, full_events, normaliser_of, take
from windshear.logs.catalogue import entity_types, log_types

_HERE = Path(__file__).parent
_SAMPLES = sorted(
    path
    for form in ("*/*.json*", "*/*.csv", "*/*.log", "*/*.xml", "*/*.evtx.gz")
    for path in _HERE.glob(form)
    if not path.name.endswith(".expected.json")
)


@pytest.mark.parametrize("sample", _SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sample_becomes_the_expected_udm(sample: Path, request: pytest.FixtureRequest) -> None:
    """A sample gives the events, the quarantine reasons and the skips that stand beside it."""
    log_type = sample.parent.name.upper()
    normaliser = normaliser_of(log_type)
    taken = take(sample, log_type=log_type if log_type in entity_types() else None, normaliser=normaliser)
    found = {
        "events": full_events(taken, normaliser),
        "quarantined": [{"number": item.number, "reason": item.reason} for item in taken.quarantined],
        "skipped": [{"count": item.count, "reason": item.reason} for item in taken.skipped],
    }
    begin_anew_after(taken)
    expected = sample.with_suffix(".expected.json")
    if request.config.getoption("--golden"):
        expected.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("log_type", [*log_types(), *entity_types()])
def test_every_log_type_has_samples(log_type: str) -> None:
    """A log type has at least two good samples, a broken one, and says where they come from."""
    names = {path.name for path in _SAMPLES if path.parent.name == log_type.lower()}
    assert any(name.startswith("broken.") for name in names)
    assert len(names) >= 3
    assert (_HERE / log_type.lower() / "README.md").is_file()
