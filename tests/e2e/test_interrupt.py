"""Interrupted: exit code 130, no traceback, nothing half-written, no leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.command import COMMAND, clean_environment, line, quiet_lines

PATIENCE_SECONDS = 300  # how long to wait for what must happen; nothing is expected to be fast


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the command on a standard input that stays open, and wait until it writes its output."""
    (folder / "temporary").mkdir()
    child = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment({"TMPDIR": str(folder / "temporary")}),
    )
    assert child.stdin is not None
    child.stdin.write(line() + quiet_lines(200))
    child.stdin.flush()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not list(folder.glob(".*.part")):
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return child


@pytest.mark.parametrize(
    "arguments", [("scan", "-", "-f", "json"), ("normalize", "-"), ("scan", "-", "-f", "markdown", "--no-sift")]
)
def test_interrupt(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Ctrl-C while reading leaves earlier results as they were."""
    (tmp_path / "found").write_text("earlier\n")
    child = start(tmp_path, *arguments, "-o", "found", "--quarantine", "broken.jsonl")
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == 130
    assert out == b""
    assert err == b"interrupted; no output file was left half-written\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found", "temporary"]
    assert (tmp_path / "found").read_text() == "earlier\n"
    assert list((tmp_path / "temporary").iterdir()) == []


def test_terminated(tmp_path: Path) -> None:
    """The polite signal of a system that shuts down leaves nothing behind either."""
    child = start(tmp_path, "scan", "-", "-o", "found")
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == 128 + signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [("normalize", "-"), ("scan", "-"), ("scan", "-", "-f", "jsonl"), ("scan", "--help")]
)
def test_reader_goes_away(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """When `head` has seen enough the command ends without a word."""
    reader, writer = os.pipe()
    os.close(reader)
    child = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    )
    os.close(writer)
    _, err = child.communicate(line() * 2_000, timeout=PATIENCE_SECONDS)
    assert child.returncode == 0
    assert b"Traceback" not in err
    assert b"Broken pipe" not in err
