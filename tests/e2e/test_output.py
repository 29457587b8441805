"""What comes out: formats, widths, colours, and where it goes."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import threading
from pathlib import Path

import pytest

from tests.e2e.command import (
    COMMAND,
    CONSOLE_LOGIN,
    CONSOLE_LOGIN_ID,
    REAL,
    WRITTEN,
    clean_environment,
    line,
    product_ids,
    quiet_lines,
    rule_options,
    windshear,
)
from tests.e2e.terminal import COLUMNS, on_terminal

ESCAPE = "\x1b"
FULL = Path("/dev/full")
RULE = 'rule login { meta: author = "me" events: $e.metadata.event_type = "USER_LOGIN" condition: $e }\n'
ONE = rule_options("aws_console_login_without_mfa")
SOME = rule_options(
    "aws_console_login_without_mfa",
    "aws_instance_role_used_away_from_instance",
    "caller_identity_check",
    "cloud_cli_authentication_on_endpoint",
    "cloud_compute_or_network_created",
    "host_cli_linked_to_cloud_session",
    "risky_entra_sign_in",
    "sign_in_impossible_travel",
)


@pytest.mark.parametrize("columns", [80, 120])
def test_table_keeps_to_the_width(columns: int, tmp_path: Path) -> None:
    """Lines are wrapped, never cut, and have no blanks at their ends; a pipe gets no colours."""
    done = windshear("scan", REAL, *SOME, cwd=tmp_path, environment={"COLUMNS": str(columns)})
    assert done.code == 0
    assert ESCAPE not in done.out + done.err
    for text in done.out.splitlines():
        assert len(text) <= columns
        assert text == text.rstrip()
    words = " ".join(done.out.split())
    assert "from another address than the one where the instance itself reports" in words
    assert "because of $login 865d9377-9c6b-4fd7-8aad-725e95f6a140 (AWS_CLOUDTRAIL)" in words
    assert "key $session = strings.to_lower($agent.principal.user.userid)" in words


def test_a_clause_and_its_value_are_shown_once(tmp_path: Path) -> None:
    """A value that the clause already shows is not repeated."""
    done = windshear("scan", CONSOLE_LOGIN, *ONE, cwd=tmp_path)
    assert done.out.count("MFAUsed: No") == 1
    assert done.out.count("AWS CloudTrail") == 1


def test_json_lines_have_the_documented_shape(tmp_path: Path) -> None:
    """One detection per line, in the shape of Google's API, with our explanation."""
    (found,) = windshear("scan", CONSOLE_LOGIN, *ONE, "-f", "jsonl", cwd=tmp_path).json_lines
    assert found["type"] == "RULE_DETECTION"
    (rule,) = found["detection"]
    assert (rule["ruleName"], rule["ruleType"], rule["severity"]) == (
        "aws_console_login_without_mfa",
        "SINGLE_EVENT",
        "MEDIUM",
    )
    assert rule["variables"]["user_kind"] == {"type": "OUTCOME", "value": "IAMUser", "stringVal": "IAMUser"}
    (element,) = found["collectionElements"]
    assert element["label"] == "login"
    assert element["references"][0]["event"]["metadata"]["productLogId"] == CONSOLE_LOGIN_ID
    assert product_ids([found]) == [CONSOLE_LOGIN_ID]


def test_formats_agree(tmp_path: Path) -> None:
    """Table, JSON, JSON Lines and Markdown tell of the same detections."""
    lines = windshear("scan", WRITTEN, *SOME, "-f", "jsonl", cwd=tmp_path).json_lines
    whole = json.loads(windshear("scan", WRITTEN, *SOME, "-f", "json", cwd=tmp_path).out)
    assert whole == lines
    markdown = windshear("scan", WRITTEN, *SOME, "-f", "markdown", cwd=tmp_path).out
    table = windshear("scan", WRITTEN, *SOME, cwd=tmp_path).out
    ids = product_ids(lines)
    assert len(ids) >= len(lines) >= 3
    assert markdown.count("\n## ") == len(lines)
    for name in ids:
        assert name in table
        assert name in markdown


@pytest.mark.parametrize(
    ("form", "nothing"), [("json", "[]\n"), ("jsonl", ""), ("markdown", "# Detections\n\nNone.\n")]
)
def test_nothing_found(form: str, nothing: str, tmp_path: Path) -> None:
    """No detection is a proper result in every format."""
    done = windshear("scan", "-", *ONE, "-f", form, cwd=tmp_path, stdin=quiet_lines(3))
    assert (done.code, done.out) == (0, nothing)
    assert "0 detections from 0 of " in done.err


def test_markdown_cannot_be_broken_out_of(tmp_path: Path) -> None:
    """Values of a log are text in the report, whatever they hold."""
    record = line(userAgent="[x](http://evil)\n# head <img> `code` ``@all``")
    done = windshear("scan", "-", *ONE, "-f", "markdown", cwd=tmp_path, stdin=record)
    (shown,) = [text for text in done.out.splitlines() if text.startswith("- user_agent")]
    assert shown == r"- user_agent: ``` [x](http://evil)\n# head <img> `code` ``@all`` ```"


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "markdown"])
def test_output_file_holds_what_standard_output_would(form: str, tmp_path: Path) -> None:
    """With -o the results go to the file alone; the talk stays on standard error."""
    shown = windshear("scan", CONSOLE_LOGIN, *ONE, "-f", form, cwd=tmp_path)
    done = windshear("scan", CONSOLE_LOGIN, *ONE, "-f", form, "-o", "found", cwd=tmp_path)
    assert done.out == ""
    assert (tmp_path / "found").read_text(encoding="utf-8") == shown.out
    assert "read 1 record: 1 event (AWS_CLOUDTRAIL 1), 0 quarantined, 0 skipped" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["found"]


def test_what_is_read_is_not_written_over(tmp_path: Path) -> None:
    """Neither results nor broken records nor a report take the place of the logs, the rule or the detections."""
    (tmp_path / "logs.jsonl").write_bytes(line())
    (tmp_path / "link.jsonl").symlink_to("logs.jsonl")
    (tmp_path / "rule.yaral").write_text(RULE, encoding="utf-8")
    scan = ("scan", "logs.jsonl", "-r", "rule.yaral")
    for arguments, named in (
        ((*scan, "-o", "link.jsonl"), "link.jsonl"),
        ((*scan, "-o", "rule.yaral"), "rule.yaral"),
        (("normalize", "logs.jsonl", "--quarantine", "logs.jsonl"), "logs.jsonl"),
        (("report", "logs.jsonl", "-o", "logs.jsonl"), "logs.jsonl"),
    ):
        done = windshear(*arguments, cwd=tmp_path)
        told = f"error: `{named}` is read by this run and would be lost: write to another file\n"
        assert (done.code, done.out, done.err) == (3, "", told)
    assert (tmp_path / "logs.jsonl").read_bytes() == line()
    assert (tmp_path / "rule.yaral").read_text(encoding="utf-8") == RULE


def test_open_pipes_are_written_to(tmp_path: Path) -> None:
    """`-o /dev/stdout` is standard output, and a shell's `>(command)` is the pipe that it names."""
    (tmp_path / "rule.yaral").write_text(RULE, encoding="utf-8")
    reader, writer = os.pipe()
    done = subprocess.run(
        [*COMMAND, "normalize", "-", "-o", "/dev/stdout", "--quarantine", f"/dev/fd/{writer}"],
        cwd=tmp_path,
        input=line() + b"{broken\n",
        capture_output=True,
        pass_fds=[writer],
        env=clean_environment(),
        check=False,
    )
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        assert json.loads(stream.read())["number"] == 2
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["metadata"]["productLogId"] == CONSOLE_LOGIN_ID


def test_closed_streams(tmp_path: Path) -> None:
    """Closed standard streams are an error where they are needed, and none where they are not."""
    (tmp_path / "rule.yaral").write_text(RULE, encoding="utf-8")
    (tmp_path / "logs.jsonl").write_bytes(line())

    def code(redirected: str) -> tuple[int, bytes]:
        words = [*COMMAND, "scan", "-r", "rule.yaral"]
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$@" {redirected}', "sh", *words],
            cwd=tmp_path,
            capture_output=True,
            env=clean_environment(),
            check=False,
        )
        return done.returncode, done.stderr

    assert code("-o found logs.jsonl <&- >&- 2>&-") == (0, b"")
    assert "because of $e" in (tmp_path / "found").read_text(encoding="utf-8")
    assert code("logs.jsonl >&-") == (3, b"error: cannot go on: Bad file descriptor\n")
    number, told = code("- <&-")
    assert (number, b"not read: -: Bad file descriptor" in told) == (3, True)


def test_output_follows_links_and_writes_into_pipes(tmp_path: Path) -> None:
    """A link stays a link, and a named pipe gets the results instead of being replaced."""
    (tmp_path / "kept.jsonl").write_text("earlier\n")
    (tmp_path / "link.jsonl").symlink_to("kept.jsonl")
    windshear("scan", CONSOLE_LOGIN, *ONE, "-f", "jsonl", "-o", "link.jsonl", cwd=tmp_path)
    assert (tmp_path / "link.jsonl").is_symlink()
    assert CONSOLE_LOGIN_ID in (tmp_path / "kept.jsonl").read_text()
    os.mkfifo(tmp_path / "pipe")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    reader.start()
    windshear("scan", CONSOLE_LOGIN, *ONE, "-f", "jsonl", "-o", "pipe", cwd=tmp_path)
    reader.join()
    assert CONSOLE_LOGIN_ID in got[0]


def test_standard_input_and_gzip_give_the_same(tmp_path: Path) -> None:
    """Plain or packed, named or piped: the same detection with the same id, and the place where it was read."""
    (tmp_path / "a.json").write_bytes(CONSOLE_LOGIN.read_bytes())
    (tmp_path / "b.gz").write_bytes(gzip.compress(CONSOLE_LOGIN.read_bytes(), mtime=0))
    named = windshear("scan", "a.json", *ONE, "-f", "jsonl", cwd=tmp_path).json_lines
    packed = windshear("scan", "b.gz", *ONE, "-f", "jsonl", cwd=tmp_path).json_lines
    piped = windshear("scan", "-", *ONE, "-f", "jsonl", cwd=tmp_path, stdin=(tmp_path / "b.gz").read_bytes()).json_lines
    assert [found["id"] for found in (*named, *packed, *piped)] == [named[0]["id"]] * 3
    sources = [found[0]["explanation"]["events"]["login"]["events"][0]["source"] for found in (named, packed, piped)]
    assert sources == ["a.json:1", "b.gz:1", "-:1"]


def test_normalised_events_scan_like_raw_logs(tmp_path: Path) -> None:
    """`normalize` writes UDM that `scan --type udm` reads: the same rule fires on the same record."""
    done = windshear("normalize", REAL, "-o", "events.jsonl", cwd=tmp_path)
    assert done.code == 0
    events = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(events) == done.counts.events
    raw = windshear("scan", REAL, *SOME, "-f", "jsonl", cwd=tmp_path).json_lines
    udm = windshear("scan", "events.jsonl", *SOME, "--type", "udm", "-f", "jsonl", cwd=tmp_path).json_lines
    assert sorted(product_ids(udm)) == sorted(product_ids(raw)) != []


def test_sift_changes_nothing(tmp_path: Path) -> None:
    """--no-sift gives the very same lines."""
    quick = windshear("scan", REAL, WRITTEN, *SOME, "-f", "jsonl", cwd=tmp_path)
    slow = windshear("scan", REAL, WRITTEN, *SOME, "-f", "jsonl", "--no-sift", cwd=tmp_path)
    assert sorted(quick.out.splitlines()) == sorted(slow.out.splitlines()) != []


def test_explained_type(tmp_path: Path) -> None:
    """--explain-type says which log type each input was found to be, and by what."""
    (tmp_path / "logs.jsonl").write_bytes(line())
    done = windshear("normalize", "logs.jsonl", "--explain-type", cwd=tmp_path)
    assert "logs.jsonl: AWS_CLOUDTRAIL (record): `eventSource` present" in done.err


def test_help_teaches(tmp_path: Path) -> None:
    """The first page names every command and exit code; the page of each command has an example of it."""
    top = windshear(cwd=tmp_path)
    assert (top.code, top.err) == (0, "")
    assert top.out == windshear("--help", cwd=tmp_path).out
    commands = re.findall(r"^  ([a-z]+)  +[A-Z]", top.out.partition("Commands:")[2], re.MULTILINE)
    assert commands[:2] == ["demo", "scan"]
    for code in ("0", "1", "2", "3", "130"):
        assert re.search(rf"^    {code} ", top.out, re.MULTILINE)
    for command in commands:
        page = windshear(command, "-h", cwd=tmp_path)
        assert page.code == 0
        assert re.search(rf"^    (.* )?windshear {command}", page.out, re.MULTILINE)
        assert max(map(len, page.out.splitlines())) <= 100


def test_version(tmp_path: Path) -> None:
    """`--version` gives name and number."""
    done = windshear("--version", cwd=tmp_path)
    assert done.code == 0
    assert re.fullmatch(r"windshear \d+\.\d+\.\d+\n", done.out)


def test_terminal_has_colours_and_progress(tmp_path: Path) -> None:
    """On a terminal there is a progress bar that steps aside for results, and colour."""
    code, shown = on_terminal("scan", REAL / "stratus-red-team", *SOME, cwd=tmp_path)
    assert code == 0
    assert "scanning" in shown
    assert "\x1b[33mMEDIUM" in shown
    first, last = shown.index("\x1b[33mMEDIUM"), shown.index("records: ")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown[first:last].replace("\r", ""))
    detection = plain[: plain.index("\n\n", plain.index("because of"))]
    assert len(detection.splitlines()) > 10
    assert all(len(text) <= COLUMNS for text in detection.splitlines())


def test_no_color(tmp_path: Path) -> None:
    """NO_COLOR takes the colours away on a terminal."""
    _, shown = on_terminal("scan", CONSOLE_LOGIN, *ONE, cwd=tmp_path, environment={"NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)
    assert "MEDIUM" in shown


def test_results_go_to_the_file_while_progress_is_shown(tmp_path: Path) -> None:
    """Standard output in a file, standard error on a terminal: the file gets the whole table and no colours."""
    code, shown = on_terminal("scan", CONSOLE_LOGIN, *ONE, cwd=tmp_path, out=tmp_path / "out.txt")
    assert code == 0
    assert (tmp_path / "out.txt").read_text() == windshear("scan", CONSOLE_LOGIN, *ONE, cwd=tmp_path).out
    assert "because of" not in shown


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    "arguments", [("normalize", REAL), ("scan", CONSOLE_LOGIN, *ONE), ("scan", CONSOLE_LOGIN, *ONE, "-f", "jsonl")]
)
def test_full_disk(arguments: tuple[str | Path, ...], tmp_path: Path) -> None:
    """If results cannot be written the command says so, in one line, and fails."""
    with FULL.open("wb") as full:
        command = [*COMMAND, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, env=clean_environment(), check=False
        )
    assert done.returncode == 3
    assert done.stderr.decode().splitlines()[-1] == "error: cannot go on: No space left on device"
    assert b"Traceback" not in done.stderr


def test_standard_input_of_a_terminal_is_announced(tmp_path: Path) -> None:
    """Whoever names `-` without a pipe is told what the command waits for."""
    code, shown = on_terminal("scan", "-", cwd=tmp_path, keys="\x04")
    assert code == 0
    assert "reading logs from the terminal; Ctrl-D ends them" in shown
