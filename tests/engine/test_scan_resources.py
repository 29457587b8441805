"""A scan leaves nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pytest

from windshear.engine.inline import udm_events
from windshear.engine.scan import Scan, Settings


@pytest.mark.parametrize("memory_limit", ["160MB", "much"])
def test_temporary_files_go(memory_limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of a scan is removed at its end, and also if the store cannot be opened."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scan = Scan((), udm_events, Settings(memory_limit=memory_limit))
    if memory_limit == "much":
        with pytest.raises(duckdb.Error), scan:
            pass
    else:
        with scan:
            assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
