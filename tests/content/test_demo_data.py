"""The sample logs of the demo: where they come from, and what the pack finds and does not find in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from windshear.context.metrics import measures_of
from windshear.detections.detection import Detection
from windshear.engine.demand import demand
from windshear.engine.feed import Feed, Input
from windshear.engine.input_report import InputReport
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.packs.pack import builtin_packs, demo_folders
from windshear.packs.tables import load_with_tables

REAL, WRITTEN = demo_folders()
NOW = 1_788_000_000  # any time after the records: what the run takes for the present
LOGS = (".json", ".jsonl", ".gz")

# What the demo is there to show: the records of these variables, in both folders.
KNOWN = {
    "real": {
        ("aws_console_login_without_mfa", "login"): {"865d9377-9c6b-4fd7-8aad-725e95f6a140"},
        ("aws_instance_role_used_away_from_instance", "use"): {
            "bf68f8c0-590b-4740-ac89-aad0ed5dfe4f",
            "d3d5fd99-faa9-4959-a464-56fba613cc2e",
        },
        ("single_factor_azure_portal_sign_in", "signin"): {"f05079ed-f820-4531-ab26-498b53af3800"},
    },
    "written": {
        ("cloud_cli_authentication_on_endpoint", "launch"): {"81206", "81207"},
        ("risky_entra_sign_in", "signin"): {"7b1c0d02-4a52-4c1e-9d0a-0f3b6a2e0200"},
    },
}
# Real records in which nothing may be found: single sign-on, discovery on hosts, and a console login with MFA.
QUIET = {"otrf-security-datasets", "traildiscover"}
LOGIN_WITH_MFA = "8feee4c2"
EXPECTED = Path(__file__).parent / "demo"
MOST_IDS = 3


def _logs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in LOGS)


@cache
def _scan(folder: Path) -> tuple[list[Detection], InputReport]:
    """Scan a folder with every built-in rule that needs no history, as the demo does."""
    loaded, context = load_with_tables([path for pack in builtin_packs() for path in pack.rule_files])
    assert not loaded.broken
    plans = build_plans([rule for rule in loaded.rules if not measures_of([rule])], lists_of(context))
    wanted = demand(plans)
    given = Input([str(file) for file in _logs(folder)])
    feed = Feed(given, wanted, lambda _: None)
    with Scan(plans, feed.full_events, Settings(now_seconds=NOW)) as scan:
        found = [detection for batch in feed.batches() for detection in scan.feed(batch)]
        return [*found, *scan.finish()], feed.report


def _ids(found: Sequence[Detection]) -> dict[tuple[str, str], set[str]]:
    """Return the vendor's ids of all records, by rule and variable."""
    ids: dict[tuple[str, str], set[str]] = {}
    for detection in found:
        for variable, bound in detection.bound.items():
            records = {reference.product_log_id for reference in bound.references}
            ids.setdefault((detection.rule.name, variable), set()).update(records)
    return ids


def _line(detection: Detection) -> str:
    """Return a rule with the records of its variables: their ids if they are few, else how many they are."""
    parts = []
    for variable, bound in detection.bound.items():
        ids = sorted(reference.product_log_id for reference in bound.references)
        is_told = bound.source == "udm" and len(ids) <= MOST_IDS
        parts.append(f"${variable} {' '.join(ids) if is_told else f'{bound.total} of {bound.source}'}")
    return f"{detection.rule.name}: {', '.join(parts)}"


@pytest.mark.parametrize("folder", [REAL, WRITTEN], ids=lambda folder: folder.name)
def test_logs_give_the_known_detections_and_no_other(folder: Path, request: pytest.FixtureRequest) -> None:
    """Every record is read, and the pack finds in them what it is known to find, and nothing else."""
    found, report = _scan(folder)
    assert report.read == report.events.total()
    lines = "".join(f"{line}\n" for line in sorted(map(_line, found)))
    expected = EXPECTED / f"{folder.name}.txt"
    if request.config.getoption("--golden"):
        expected.write_text(lines, encoding="utf-8")
    assert lines == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [REAL, WRITTEN], ids=lambda folder: folder.name)
def test_what_the_demo_shows_is_found(folder: Path) -> None:
    """The records that the demo is there to show are those of their rules, whatever other rules find."""
    ids = _ids(_scan(folder)[0])
    assert {key: ids.get(key) for key in KNOWN[folder.name]} == KNOWN[folder.name]


def test_benign_records_stay_quiet() -> None:
    """No rule finds anything in the sources without an intruder, nor names a login with MFA to be one without."""
    found, _ = _scan(REAL)
    sources = {reference.source for one in found for bound in one.bound.values() for reference in bound.references}
    assert not [source for source in sources if QUIET & set(Path(source).parts)]
    assert not [ids for ids in _ids(found).values() if any(name.startswith(LOGIN_WITH_MFA) for name in ids)]


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
