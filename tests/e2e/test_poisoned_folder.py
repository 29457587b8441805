"""One folder of everything that can be wrong with a file: what is good is read, and each bad file is named once."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import sqlite3
import tarfile
import zipfile
from contextlib import closing

import pyarrow as pa
import pytest

from tests.e2e.command import Outcome, line, windshear

_NOISE = random.Random(4).randbytes(5_000)


def _record(number: int) -> bytes:
    return line(eventID=f"good-{number}")


def _zip(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def _damaged(archive: bytes) -> bytes:
    """Return an archive in whose first file one byte is another."""
    start = 30 + len("a.jsonl") + 20
    return archive[:start] + bytes([archive[start] ^ 0xFF]) + archive[start + 1 :]


def _cut(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def _tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for number in range(91, 94):
            info = tarfile.TarInfo(f"{number}.jsonl")
            info.size = len(_record(number))
            archive.addfile(info, io.BytesIO(_record(number)))
    return packed.getvalue()


_MANY = b"".join(line(eventID=f"many-{number}") for number in range(3_000))
_GOOD = {
    "plain.jsonl": _record(0),
    "mark.jsonl": b"\xef\xbb\xbf" + _record(1),
    "utf16.json": json.dumps({"Records": [json.loads(_record(2))]}).encode("utf-16"),
    "good.zip": _zip(("a.jsonl", _record(3)), ("b.jsonl", _record(4))),
    "good.zst": pa.compress(_record(5), codec="zstd", asbytes=True),
    "half.zip": _damaged(_zip(("a.jsonl", _record(90)), ("b.jsonl", _record(6)))),
}
_NO_LOGS = {
    "noise.bin": _NOISE,
    "zeros.bin": b"\0" * 100_000,
    "text.txt": b"hello\nworld\n",
    "page.html": b"<html><body>x</body></html>",
    "doc.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "short.csv": b'a,b,c\n1,2\n"open',
}
_BROKEN = {
    "cut.gz": (gzip.compress(_NOISE)[:300], "cut.gz: "),
    "wrong.gz": (b"\x1f\x8b" + _NOISE[:100], "wrong.gz: broken gzip data"),
    "cut.zip": (_cut(_GOOD["good.zip"]), "cut.zip: broken zip archive"),
    "cut.zst": (_cut(pa.compress(_MANY, codec="zstd", asbytes=True)), "cut.zst: broken Zstandard data"),
    "packed.tar": (_tar(), "packed.tar: holds a tar archive; unpack it first"),
    "packed.tar.gz": (gzip.compress(_tar()), "packed.tar.gz: holds a tar archive; unpack it first"),
    "trail.json.bz2": (bz2.compress(_record(95)), "trail.json.bz2: holds bzip2 data; unpack it first"),
    "trail.json.xz": (lzma.compress(_record(96)), "trail.json.xz: holds xz data; unpack it first"),
    "twice.gz": (gzip.compress(gzip.compress(_record(97))), "twice.gz: holds gzip data; unpack it first"),
    "cut.parquet": (b"PAR1" + _NOISE[:50], "cut.parquet: broken Parquet file"),
    "cut.evtx": (b"ElfFile\0" + _NOISE, "cut.evtx: broken Windows event log file"),
    "start.evtx": (b"ElfFile\0", "start.evtx: broken Windows event log file"),
    "open.json": (b'{"Records":[{"eventVersion":"1.08"', "open.json: the brackets do not balance"),
    "deep.json": (b"[" * 200_000, "deep.json: the brackets do not balance"),
    "envelope.json": (b'{"raw_logs":{"entries":[{"data":"' + b"x" * 50, "envelope.json: the brackets do not balance"),
}
_LINKS = {
    "gone.jsonl": ("nowhere", "gone.jsonl: No such file or directory"),
    "self.jsonl": ("self.jsonl", "self.jsonl: Too many levels of symbolic links"),
    "memory.jsonl": ("/proc/self/mem", "memory.jsonl: Input/output error"),
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Normalise the folder."""
    here = tmp_path_factory.mktemp("poisoned")
    folder = here / "logs"
    (folder / "inner").mkdir(parents=True)
    contents = _GOOD | _NO_LOGS | {name: content for name, (content, _) in _BROKEN.items()}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for name, (target, _) in _LINKS.items():
        (folder / name).symlink_to(target)
    (folder / "inner" / "circle").symlink_to(folder)
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "endless.jsonl").symlink_to("/dev/zero")
    for name, content in (("empty.jsonl", b""), ("blank.json", b" \n\n")):
        (folder / name).write_bytes(content)
    with closing(sqlite3.connect(folder / "data.sqlite")) as base:
        base.execute("CREATE TABLE a (b)")
        base.commit()
    return windshear("normalize", "logs", "--explain-type", cwd=here)


def test_every_good_record_is_read(outcome: Outcome) -> None:
    """Whatever stands beside them, in the order of the files; the counts add up."""
    assert outcome.code == 0
    ids = [event["metadata"]["productLogId"] for event in outcome.json_lines]
    assert sorted(name for name in ids if "good" in name) == [f"good-{number}" for number in range(7)]
    assert set(ids) <= {f"good-{number}" for number in range(7)} | {f"many-{number}" for number in range(3_000)}
    assert outcome.counts.events == len(ids)


@pytest.mark.parametrize("name", [*_NO_LOGS, "data.sqlite"])
def test_what_is_no_log_is_named_once(name: str, outcome: Outcome) -> None:
    """Each such file has one line with the reason."""
    assert [text.split(": ")[:2] for text in outcome.err.splitlines() if f"logs/{name}:" in text] == [
        [f"  logs/{name}", "no log"]
    ]


@pytest.mark.parametrize("name", [*_BROKEN, *_LINKS])
def test_what_is_broken_is_named_with_the_reason(name: str, outcome: Outcome) -> None:
    """The reason is what is wrong, not what our program was doing."""
    message = {**_BROKEN, **_LINKS}[name][1]
    assert f"logs/{message}" in outcome.err


def test_a_damaged_file_of_an_archive_is_named(outcome: Outcome) -> None:
    """The other files of the archive are read."""
    assert "not read: logs/half.zip!a.jsonl: broken zip data" in outcome.err


@pytest.mark.parametrize("name", ["empty.jsonl", "blank.json", "pipe.jsonl", "endless.jsonl"])
def test_what_holds_nothing_is_no_mistake(name: str, outcome: Outcome) -> None:
    """Empty files, and what is no file at all, are passed over."""
    assert name not in outcome.err
