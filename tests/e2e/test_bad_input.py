"""Bad input gets a clear message, the rest is processed, the counts add up, and the exit code says how bad it was."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.command import CONSOLE_LOGIN_ID, Counts, line, product_ids, quiet_lines, rule_file, windshear

RULE = rule_file("aws_console_login_without_mfa")
GOOD = line()
FIFTY_MEGABYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of bad input.

    `make` fills the current folder and returns the inputs to name; `says`: pieces of the message. In every input stands
    one record that must be found if `finds`.
    """

    make: Callable[[Path], list[str]]
    code: int
    counts: Counts
    says: tuple[str, ...] = ()
    finds: bool = True


def one_file(content: bytes, name: str = "logs.jsonl") -> Callable[[Path], list[str]]:
    """Make a single file."""

    def make(folder: Path) -> list[str]:
        (folder / name).write_bytes(content)
        return [name]

    return make


def broken_record(folder: Path) -> list[str]:
    """Put a record that is cut off between good ones."""
    return one_file(GOOD + b'{"eventVersion": "1.08", "eventName": \n' + quiet_lines(1))(folder)


def long_line(folder: Path) -> list[str]:
    """Put a line of 50 MB between good ones."""
    with (folder / "logs.jsonl").open("wb") as file:
        file.write(GOOD + b'{"eventVersion": "1.08", "a": "' + b"x" * FIFTY_MEGABYTES + b'"}\n' + quiet_lines(1))
    return ["logs.jsonl"]


def deep_record(folder: Path) -> list[str]:
    """Put a record with a hundred thousand levels behind a good one."""
    depth = 100_000
    return one_file(GOOD + b'{"eventSource": "a", "eventName": "b", "c": ' + b"[" * depth + b"]" * depth + b"}\n")(
        folder
    )


def truncated_gzip(folder: Path) -> list[str]:
    """Cut a gzip file in its middle; the login stands at its beginning."""
    noise = b"".join(line(eventName="DescribeInstances", eventID=os.urandom(16).hex()) for _ in range(2_000))
    packed = gzip.compress(GOOD + noise, mtime=0)
    return one_file(packed[: len(packed) // 2], "logs.jsonl.gz")(folder)


def empty_folder(folder: Path) -> list[str]:
    """Name a folder that holds nothing."""
    (folder / "logs").mkdir()
    return ["logs"]


def folder_without_logs(folder: Path) -> list[str]:
    """Name a folder of a text, an image and an archive."""
    (folder / "logs").mkdir()
    (folder / "logs" / "README.md").write_text("# Read me\n")
    (folder / "logs" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    (folder / "logs" / "packed.zip").write_bytes(b"PK\x03\x04\x14\x00")
    return ["logs"]


def mixed_folder(folder: Path) -> list[str]:
    """Name a folder of logs, of logs that nobody knows, of texts, and of links that lead nowhere or in a circle."""
    folder_without_logs(folder)
    (folder / "logs" / "good.jsonl").write_bytes(GOOD)
    (folder / "logs" / "unknown.jsonl").write_bytes(b'{"colour": "red"}\n{"colour": "blue"}\n')
    (folder / "logs" / "gone.jsonl").symlink_to("nowhere")
    (folder / "logs" / "circle").symlink_to(folder / "logs")
    (folder / "logs" / "self.jsonl").symlink_to("self.jsonl")
    return ["logs"]


def missing_beside_good(folder: Path) -> list[str]:
    """Name a file that does not exist beside one that does."""
    return [*one_file(GOOD)(folder), "missing.jsonl"]


def unknown_beside_good(folder: Path) -> list[str]:
    """Name a file of an unknown log type beside a good one."""
    return [*one_file(GOOD)(folder), *one_file(b'{"colour": "red"}\n', "unknown.jsonl")(folder)]


CASES = {
    "broken record": Case(
        broken_record, 0, Counts(3, 2, 1, 0), ("quarantined 1: not valid JSON", "logs.jsonl:2", "--quarantine FILE")
    ),
    "record that is no object": Case(
        one_file(GOOD + b'[1, 2]\n"text"\n'), 0, Counts(3, 1, 2, 0), ("quarantined 2:", "logs.jsonl:2")
    ),
    "unknown log type": Case(
        one_file(b'{"colour": "red"}\n{"colour": "blue"}\n'),
        3,
        Counts(2, 0, 0, 2),
        ("skipped 2: unrecognised log type (keys `colour`)", "no event could be read from `logs.jsonl`"),
        finds=False,
    ),
    "known but unsupported log type": Case(
        one_file(b'{"logName": "a", "insertId": "b", "textPayload": "c"}\n' + GOOD),
        0,
        Counts(2, 1, 1, 0),
        ("quarantined 1: unsupported log type (GCP log without an audit payload)", "logs.jsonl:1"),
    ),
    "truncated gzip without a whole record": Case(
        one_file(gzip.compress(GOOD, mtime=0)[:20], "logs.gz"),
        3,
        Counts(0, 0, 0, 0),
        ("not read: logs.gz: the gzip data end too early", "no event could be read from `logs.gz`"),
        finds=False,
    ),
    "invalid UTF-8": Case(
        one_file(GOOD + GOOD.replace(b"IAMUser", b"IAM\xff\xfeUser")),
        0,
        Counts(2, 1, 1, 0),
        ("quarantined 1: not valid UTF-8", "logs.jsonl:2"),
    ),
    "line of 50 MB": Case(long_line, 0, Counts(3, 2, 1, 0), ("quarantined 1: record too large", "logs.jsonl:2")),
    "deeply nested record": Case(deep_record, 0, Counts(2, 1, 1, 0), ("nested deeper than 100 levels", "logs.jsonl:2")),
    "empty file": Case(one_file(b""), 0, Counts(0, 0, 0, 0), finds=False),
    "blank file": Case(one_file(b"\n \r\n\t\n"), 0, Counts(0, 0, 0, 0), finds=False),
    "empty folder": Case(
        empty_folder,
        3,
        Counts(0, 0, 0, 0),
        ("no event could be read: there are no logs of a known type in logs",),
        finds=False,
    ),
    "folder without logs": Case(
        folder_without_logs,
        3,
        Counts(0, 0, 0, 0),
        ("no logs: 2 files: README.md, picture.png", "broken zip archive", "no event could be read"),
        finds=False,
    ),
    "mixed folder": Case(
        mixed_folder,
        0,
        Counts(3, 1, 0, 2),
        (
            "skipped 2: unrecognised log type",
            "not read: logs/gone.jsonl: No such file or directory",
            "not read: logs/self.jsonl: Too many levels of symbolic links",
            "not read: logs/packed.zip: broken zip archive",
            "no logs: 2 files",
        ),
    ),
    "file that is no log": Case(
        one_file(b"# Read me\n", "README.md"),
        3,
        Counts(0, 0, 0, 0),
        ("no log: README.md: not JSON: begins with `# Read me`", "no event could be read from `README.md`"),
        finds=False,
    ),
    "missing file beside a good one": Case(
        missing_beside_good,
        3,
        Counts(1, 1, 0, 0),
        ("error: input `missing.jsonl` does not exist; the others are read",),
    ),
    "file without events beside a good one": Case(
        unknown_beside_good, 3, Counts(2, 1, 0, 1), ("error: no event could be read from `unknown.jsonl`",)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input(name: str, tmp_path: Path) -> None:
    """The message names cause and place, the good record is still found, and counts and exit code are right."""
    case = CASES[name]
    done = windshear("scan", *case.make(tmp_path), "-r", RULE, "-f", "jsonl", cwd=tmp_path)
    assert done.counts == case.counts
    for piece in case.says:
        assert piece in done.err
    assert product_ids(done.json_lines) == ([CONSOLE_LOGIN_ID] if case.finds else [])
    assert done.code == case.code, done.err


def test_truncated_gzip_keeps_what_was_whole(tmp_path: Path) -> None:
    """Of a gzip file that is cut off, the records before the cut are events, and the cut is told."""
    done = windshear("scan", *truncated_gzip(tmp_path), "-r", RULE, "-f", "jsonl", cwd=tmp_path)
    assert "read only in part: logs.jsonl.gz: the gzip data end too early" in done.err
    assert 0 < done.counts.events < 2_001
    assert product_ids(done.json_lines) == [CONSOLE_LOGIN_ID]
    assert done.code == 0


@pytest.mark.parametrize("name", ["broken record", "mixed folder", "known but unsupported log type"])
def test_strict_input_makes_it_an_error(name: str, tmp_path: Path) -> None:
    """With --strict-input whatever was left out gives exit code 3; the results are written nevertheless."""
    inputs = CASES[name].make(tmp_path)
    done = windshear("scan", *inputs, "-r", RULE, "-f", "jsonl", "-o", "found.jsonl", "--strict-input", cwd=tmp_path)
    assert done.code == 3
    assert "error: --strict-input:" in done.err
    assert CONSOLE_LOGIN_ID in (tmp_path / "found.jsonl").read_text()


def test_good_input_passes_strictly(tmp_path: Path) -> None:
    """Nothing left out, nothing wrong."""
    done = windshear("scan", *one_file(GOOD)(tmp_path), "-r", RULE, "--strict-input", cwd=tmp_path)
    assert done.code == 0


def test_all_inputs_missing(tmp_path: Path) -> None:
    """If no input exists nothing is read, and a file of earlier results stays as it is."""
    (tmp_path / "found.jsonl").write_text("earlier\n")
    done = windshear("scan", "a.jsonl", "b", "-f", "jsonl", "-o", "found.jsonl", cwd=tmp_path)
    assert done.code == 3
    assert done.err == "error: no input exists: `a.jsonl`, `b`\n"
    assert (tmp_path / "found.jsonl").read_text() == "earlier\n"


def test_quarantine_keeps_reason_place_and_text(tmp_path: Path) -> None:
    """A quarantined record can be looked up and read again."""
    inputs = CASES["broken record"].make(tmp_path)
    done = windshear("normalize", *inputs, "-o", "events.jsonl", "--quarantine", "broken.jsonl", cwd=tmp_path)
    assert done.code == 0
    assert "--quarantine FILE" not in done.err
    (kept,) = [json.loads(text) for text in (tmp_path / "broken.jsonl").read_text().splitlines()]
    assert (kept["source"], kept["number"]) == ("logs.jsonl", 2)
    assert kept["reason"].startswith("not valid JSON")
    assert kept["text"] == '{"eventVersion": "1.08", "eventName":'
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == done.counts.events == 2


@pytest.mark.parametrize("name", [b"b\xff\xfe.jsonl", b"\x1b[31mred.jsonl", b"[red]x.jsonl", b"-x.jsonl"])
def test_any_file_name(name: bytes, tmp_path: Path) -> None:
    """File names with bytes that are no text, that steer a terminal, or that look like markup do no harm."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / os.fsdecode(name)).write_bytes(GOOD + b"{\n")
    done = windshear("scan", "logs", "-r", RULE, "-f", "jsonl", cwd=tmp_path)
    assert product_ids(done.json_lines) == [CONSOLE_LOGIN_ID]
    assert "\x1b" not in done.err
    assert done.counts == Counts(2, 1, 1, 0)


def test_logs_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Control characters and markup in values and keys are shown, not obeyed."""
    record = line(userAgent="\x1b]0;owned\x07 \u202e[bold red]x[/]") + b'{"\\u001b[2Jkey [/red]": 1}\n'
    done = windshear("scan", *one_file(record)(tmp_path), "-r", RULE, cwd=tmp_path)
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out + done.err)
    assert r"\x1b]0;owned\x07 \u202e[bold red]x[/]" in done.out
    assert r"`\x1b[2Jkey [/red]`" in done.err
