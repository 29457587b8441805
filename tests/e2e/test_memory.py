"""Small files that expand hugely, and large records: they are told or read, and memory stays bounded."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.command import COMMAND, CONSOLE_LOGIN_ID, clean_environment, line, rule_file

MEGABYTE = 1 << 20
MOST_MEMORY = 600 * MEGABYTE
MOST_TO_NORMALIZE = 512_000_000
RULE = rule_file("aws_console_login_without_mfa")


def bomb(head: bytes, block: bytes, size: int, tail: bytes = b"") -> Callable[[Path], None]:
    """Return a function that packs `size` bytes of repeated blocks into a small file."""

    def make(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=6) as file:
            file.write(head)
            whole = block * (MEGABYTE // len(block))
            for _ in range(size // MEGABYTE):
                file.write(whole)
            file.write(tail)

    return make


BOMBS = {
    "one long line": bomb(b'{"eventVersion": "1.08", "a": "', b"x", 256 * MEGABYTE, b'"}\n'),
    "opening brackets": bomb(b"", b"[", 48 * MEGABYTE),
    "closing brackets": bomb(b"[", b"}", 48 * MEGABYTE),
    "quotes": bomb(b'{"Records": [', b'"', 48 * MEGABYTE),
    "white space in an array": bomb(b'{"Records": [', b" ", 256 * MEGABYTE, b"]}"),
    "blank lines": bomb(b"{}\n", b"\n", 256 * MEGABYTE),
    "zeros": bomb(b"", b"\0", 256 * MEGABYTE),
    "empty records": bomb(b"[", b"{},", 2 * MEGABYTE, b"{}]"),
}


# A process takes over the peak of the one that it was forked from: a small one stands between it and the tests.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:], stdout=open("out.txt", "wb"), stderr=open("err.txt", "wb"))
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def peak_memory(folder: Path, *arguments: str) -> tuple[int, int, str, str]:
    """Run the command; return its exit code, its peak memory in bytes, and what it wrote."""
    measure = [sys.executable, "-c", MEASURE, "peak.txt", *COMMAND, *arguments]
    code = subprocess.run(measure, cwd=folder, env=clean_environment(), check=False).returncode
    unit = 1 if sys.platform == "darwin" else 1024
    peak, out, err = ((folder / name).read_text(encoding="utf-8") for name in ("peak.txt", "out.txt", "err.txt"))
    return code, int(peak) * unit, out, err


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_zip_bomb(name: str, tmp_path: Path) -> None:
    """A bomb in a folder does not take more memory than honest logs, and the login beside it is found."""
    (tmp_path / "logs").mkdir()
    packed = tmp_path / "logs" / "bomb.json.gz"
    BOMBS[name](packed)
    assert packed.stat().st_size < 2 * MEGABYTE
    (tmp_path / "logs" / "good.jsonl").write_bytes(line())
    code, memory, out, err = peak_memory(tmp_path, "scan", "logs", "-r", str(RULE), "-f", "jsonl")
    assert code == 0, err
    assert CONSOLE_LOGIN_ID in out
    assert "bomb.json.gz" in err
    assert memory < MOST_MEMORY


def large_records(count: int, parameters: str) -> str:
    """Return CloudTrail records with so much in one field; `%d` in it is the number of the record."""
    head = {
        "eventVersion": "1.08",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "eventTime": "2026-03-02T10:00:00Z",
        "userIdentity": {"type": "Root"},
    }
    return "".join(f'{json.dumps(head)[:-1]}, "requestParameters": {parameters % n}}}\n' for n in range(count))


LARGE = {
    "many keys": (3, '{"n": "%d", ' + ",".join(f'"k{n}": "v{n:012}"' for n in range(290_000)) + "}"),
    "many objects": (3, '{"n": "%d", "list": [' + ",".join(f'{{"a": {n}}}' for n in range(149_000)) + "]}"),
    "one text": (3, '{"n": "%d", "text": "' + "x" * 8_000_000 + '"}'),
    "many keys in many records": (70, '{"n": "%d", ' + ",".join(f'"k{n}": "v{n:012}"' for n in range(8_000)) + "}"),
    "nested lists in many records": (70, '{"n": "%d", "list": [' + ",".join(["[[[[]]]]"] * 22_000) + "]}"),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_records_as_whole_events(name: str, tmp_path: Path) -> None:
    """What a record grows to while it becomes an event is bounded."""
    count, parameters = LARGE[name]
    (tmp_path / "large.jsonl").write_text(large_records(count, parameters), encoding="utf-8")
    code, memory, _, err = peak_memory(tmp_path, "normalize", "large.jsonl", "-o", "events.jsonl")
    assert code == 0, err
    assert (tmp_path / "events.jsonl").read_bytes().count(b"\n") == count
    assert memory < MOST_TO_NORMALIZE


def test_record_with_too_many_values(tmp_path: Path) -> None:
    """Lists in lists would take a hundred times their text: the record goes to quarantine, the other is read."""
    nested = '{"n": "%d", "list": [' + ",".join(["[[[[]]]]"] * 900_000) + "]}"
    text = large_records(2, '{"n": "%d"}').splitlines(keepends=True)[1] + large_records(2, nested)
    (tmp_path / "large.jsonl").write_text(text, encoding="utf-8")
    code, memory, _, err = peak_memory(tmp_path, "normalize", "large.jsonl", "-o", "events.jsonl")
    assert code == 0, err
    assert "record too large: more than 300000 commas and opening brackets" in err
    assert (tmp_path / "events.jsonl").read_bytes().count(b"\n") == 1
    assert memory < MOST_TO_NORMALIZE
