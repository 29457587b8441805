"""The sample logs of the demo: where they come from, and what the pack finds and does not find in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from windshear.detections.detection import Detection
from windshear.engine.demand import required_columns
from windshear.engine.feed import Feed, Input
from windshear.engine.plan import build_plans
from windshear.engine.scan import Scan
from windshear.packs.pack import builtin_packs, demo_folders
from windshear.packs.rules import load_rules

REAL, WRITTEN = demo_folders()
LOGS = (".json", ".jsonl", ".gz")

# Of the records of a variable, these ids: enough to know the records that must be found.
EXPECTED = {
    ("aws_console_login_without_mfa", "login"): {"865d9377-9c6b-4fd7-8aad-725e95f6a140"},
    ("aws_instance_role_used_away_from_instance", "use"): {
        "bf68f8c0-590b-4740-ac89-aad0ed5dfe4f",
        "d3d5fd99-faa9-4959-a464-56fba613cc2e",
    },
    ("single_factor_azure_portal_sign_in", "signin"): {"f05079ed-f820-4531-ab26-498b53af3800"},
}
EXPECTED_WRITTEN = {
    ("cloud_cli_authentication_on_endpoint", "launch"): {"81206", "81207"},
    ("risky_entra_sign_in", "signin"): {"7b1c0d02-4a52-4c1e-9d0a-0f3b6a2e0200"},
}


def _logs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in LOGS)


def _scan(files: Sequence[Path]) -> tuple[list[Detection], Feed]:
    plans = build_plans(load_rules([path for pack in builtin_packs() for path in pack.rule_files]).rules)
    feed = Feed(Input([str(file) for file in files]), required_columns(plans), lambda _: None)
    with Scan(plans, feed.full_events) as scan:
        found = [detection for batch in feed.batches() for detection in scan.feed(batch)]
        return [*found, *scan.finish()], feed


def _bound(found: Sequence[Detection]) -> dict[tuple[str, str], set[str]]:
    bound: dict[tuple[str, str], set[str]] = {}
    for detection in found:
        for variable, events in detection.bound.items():
            ids = {reference.product_log_id for reference in events.references}
            bound.setdefault((detection.rule.name, variable), set()).update(ids)
    return bound


def test_real_logs_give_the_known_detections_and_no_other() -> None:
    """On real records the pack finds what is known to be in them; logins with MFA and single sign-on stay quiet."""
    found, feed = _scan(_logs(REAL))
    bound = _bound(found)
    instance = bound.pop(("aws_instance_role_used_away_from_instance", "agent"))
    assert bound == EXPECTED
    assert len(found) == len(EXPECTED)
    assert instance
    assert feed.report.read == feed.report.events.total()


def test_written_logs_give_the_known_detections_and_no_other() -> None:
    """On written records the pack finds the two behaviours that no open record shows, and leaves the rest alone."""
    found, feed = _scan(_logs(WRITTEN))
    assert _bound(found) == EXPECTED_WRITTEN
    assert feed.report.read == feed.report.events.total() == 12


@pytest.mark.parametrize("folder", sorted(path for path in REAL.iterdir() if path.is_dir()), ids=lambda path: path.name)
def test_real_source_carries_licence_and_provenance(folder: Path) -> None:
    """Each source has its licence, and says where it comes from and what was changed."""
    guide = (folder / "README.md").read_text(encoding="utf-8")
    assert (folder / "LICENSE").stat().st_size > 500
    assert "- Source: https://" in guide or "https://github.com/" in guide
    assert "- Licence: " in guide
    assert "- Changed: " in guide
    assert f"`{folder.name}`" in (REAL / "README.md").read_text(encoding="utf-8")


def test_written_records_say_so() -> None:
    """File names and guide of the written records tell what they are."""
    assert all(file.name.startswith("written_") for file in _logs(WRITTEN))
    assert "written by the project" in (WRITTEN / "README.md").read_text(encoding="utf-8")


def test_demo_data_are_small() -> None:
    """The samples that every install carries stay below two megabytes."""
    files = [path for folder in (REAL, WRITTEN) for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2_000_000
