"""Interrupted: exit code 130, no traceback, nothing half-written, no leftovers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.command import COMMAND, clean_environment, line, quiet_lines

# Each event costs ten milliseconds.
SLOW_RULE = f"""rule slow {{
  meta:
    author = "me"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    {"re.replace(" * 10}$e.network.http.user_agent{", `a`, `ab`)" * 10} = "x"
  condition:
    $e
}}
"""
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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_in_a_query(number: signal.Signals, code: int, tmp_path: Path) -> None:
    """The database makes an error of its own of a signal; the run ends as it does elsewhere."""
    (tmp_path / "rule.yaral").write_text(SLOW_RULE, encoding="utf-8")
    child = start(tmp_path, "scan", "-", "-r", "rule.yaral", "-o", "found")
    assert child.stdin is not None
    child.stdin.write(b"".join(line(userAgent=f"{i}{'a' * 4_000}") for i in range(500)))
    child.stdin.close()
    child.stdin = None
    time.sleep(1)
    child.send_signal(number)
    _, err = child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == code, err
    assert b"Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rule.yaral", "temporary"]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_at_once(tmp_path: Path) -> None:
    """Ctrl-C before the command has loaded what it works with is no reason for a traceback."""
    code = (
        "import os, signal, sys\n"
        "class Early:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'windshear.cli.application':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Early())\n"
        "from windshear.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"")


def test_tests_in_several_processes(tmp_path: Path) -> None:
    """Ctrl-C on a terminal reaches every process: they end together, and only the first one says so."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        (folder / "rule.yaral").write_text(SLOW_RULE.replace("slow", folder.name), encoding="utf-8")
        event = {
            "metadata": {"eventType": "USER_LOGIN", "eventTimestamp": "2026-01-01T00:00:00Z"},
            "network": {"http": {"userAgent": "a" * 4_000}},
        }
        test = {"name": "slow", "events": [event] * 500, "expect": {"count": 0}}
        (folder / "rule.test.yaml").write_text(json.dumps({"tests": [test]}), encoding="utf-8")
    child = subprocess.Popen(
        [*COMMAND, "test", ".", "-j", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        start_new_session=True,
    )
    time.sleep(1)
    os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode in {130, -signal.SIGINT}, err  # the second from Python, if it came while text was compiled
    assert err in {b"interrupted; no output file was left half-written\n", b""}


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
