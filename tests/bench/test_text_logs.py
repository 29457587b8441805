"""The bench of text logs: what it writes is read by both sides, so that the comparison means something."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bench.text_logs import FORMS
from windshear.logs.quarantine import Quarantined, SourceProblem
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch


@pytest.mark.parametrize("name", FORMS)
def test_both_sides_find_the_same_records(name: str, tmp_path: Path) -> None:
    """Nothing that was written is broken, and the plain parser counts what the reader gives."""
    path = tmp_path / name
    FORMS[name].write(path, 300_000, [])
    items = list(read([str(path)], io.BytesIO()))
    assert not [item for item in items if isinstance(item, Quarantined | SourceProblem)]
    assert FORMS[name].parse(path) == sum(len(item) for item in items if isinstance(item, RecordBatch)) > 0
