"""What several tests read: the demo, run once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import REAL, WRITTEN, Outcome, windshear


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder away from the checkout."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="session")
def demo(empty_folder: Path) -> Outcome:
    """Run `windshear demo`."""
    return windshear("demo", cwd=empty_folder)


@pytest.fixture(scope="session")
def demo_detections(empty_folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Give the detections of the demo's two folders, as JSON."""
    folders = {"real": REAL, "written": WRITTEN}
    return {
        name: windshear("scan", folder, "-f", "jsonl", cwd=empty_folder).json_lines for name, folder in folders.items()
    }
