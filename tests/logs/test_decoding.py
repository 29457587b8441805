"""Decoded commands: cases as a table, evasions of known commands, and any text."""

from __future__ import annotations

import base64
import re
import tomllib
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import cast

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.logs.support import full_events, json_lines, take
from windshear.core import sql
from windshear.logs.decoded_commands import (
    DECODED_TEXT,
    DECODING_STEPS,
    ONE_LINE,
    decoding_name,
    register_decoding,
)
from windshear.logs.decoding import MOST_SIGNS, CommandKind, Decoded, decode
from windshear.logs.normalise import Normaliser
from windshear.udm.columns import ScalarColumn

_FOLDER = Path(__file__).parent / "decoding"
_CASES = tomllib.loads((_FOLDER / "cases.toml").read_text(encoding="utf-8"))["case"]
_COMMANDS = (_FOLDER / "commands.txt").read_text(encoding="utf-8").splitlines()
_KINDS: tuple[CommandKind, ...] = ("windows", "script", "posix")


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Give a connection that knows how to decode."""
    connection = duckdb.connect()
    register_decoding(connection)
    return connection


def _found(connection: duckdb.DuckDBPyConnection, texts: list[str], kind: CommandKind) -> list[tuple[str, str | None]]:
    """Decode texts as the statement of a log type does."""
    decoded = sql.call(decoding_name(kind), sql.name("command"))
    text = sql.call(DECODED_TEXT, decoded, sql.name("command"))
    written = text if kind == "script" else sql.call(ONE_LINE, text)
    rows = connection.execute(
        f"SELECT {written}, {DECODING_STEPS}({decoded}) FROM unnest($1::VARCHAR[]) t(command)",
        [texts],
    )
    return rows.fetchall()


@pytest.mark.parametrize("case", _CASES, ids=[case["name"] for case in _CASES])
def test_case(case: dict[str, str], connection: duckdb.DuckDBPyConnection) -> None:
    """A text decodes to what the table says, and what was done is named."""
    kind: CommandKind = next(kind for kind in _KINDS if kind == case["kind"])
    assert _found(connection, [case["raw"]], kind) == [(case["decoded"], ", ".join(case["steps"]) or None)]


_BLANKS = " \t\n\r\f\v\N{NO-BREAK SPACE}\N{EM SPACE}\N{LINE SEPARATOR}"


@given(commands=st.lists(st.text(st.sampled_from("ab" + _BLANKS), max_size=6), min_size=20, max_size=100))
@settings(max_examples=50)
def test_blanks_are_written_once(connection: duckdb.DuckDBPyConnection, commands: list[str]) -> None:
    """Whether a line has blanks to take out is looked for first, and nothing is missed."""
    plain = "nullif(regexp_replace(trim(command), '\\s+', ' ', 'g'), '')"
    query = f"SELECT command FROM unnest($1::VARCHAR[]) t(command) WHERE {ONE_LINE}(command) IS DISTINCT FROM {plain}"
    assert connection.execute(query, [commands]).fetchall() == []


def _encoded(command: str) -> str:
    return base64.b64encode(command.encode("utf-16-le")).decode()


def _is_plain(command: str) -> bool:
    return not set(command) & set("\"'&|%`^${}()")


def _careted(command: str) -> str:
    return "".join("^" + sign if sign.isalnum() else sign for sign in command)


def _called(script: str) -> str:
    return f"powershell -c &({script})"


_EVASIONS: dict[str, Callable[[str], str]] = {
    "carets": lambda command: f"cmd /c {_careted(command)}",
    "carets in quotes": lambda command: f'cmd.exe /c "{_careted(command)}"',
    "carets in words": lambda command: re.sub("(?<=[a-z])(?=[a-z])", "^", command),
    "quotes": lambda command: re.sub("([a-z])([a-z]+)", r'\1"\2"', command),
    "back-ticks": lambda command: "powershell -c " + re.sub("([c-eg-mo-qsu-zA-Z])", r"`\1", command),
    "base64": lambda command: f"powershell -NonI -ec {_encoded(command)}",
    "base64 twice": lambda command: f"pwsh /e {_encoded(f'powershell -enc {_encoded(command)}')}",
    "concatenation": lambda command: _called(f"'{command[:2]}'+'{command[2:5]}' + ('{command[5:]}')"),
    "format": lambda command: _called(f"'{{2}}{{0}}{{1}}' -f '{command[2:5]}','{command[5:]}','{command[:2]}'"),
    "join": lambda command: _called(f"-join('{command[:2]}','{command[2:5]}','{command[5:]}')"),
    "replacement": lambda command: _called(f"'{command[:3]}~~{command[3:]}'.Replace('~~','')"),
    "reversal": lambda command: _called(f"'{command[::-1]}'[-1..-{len(command)}] -join ''"),
    "single quotes": lambda command: "powershell -c " + re.sub("([a-z])([a-z]+)", r"\1''\2", command),
    "numbers": lambda command: _called("+".join(f"[char]{ord(sign)}" for sign in command)),
    "base64 of concatenation": lambda command: "powershell -e " + _encoded(f"iex ('{command[:3]}'+\"{command[3:]}\")"),
}


@pytest.mark.parametrize("evasion", _EVASIONS)
def test_evasions_are_undone(evasion: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Each known command is found again in what decoding makes of an evasion of it."""
    plain = [command for command in _COMMANDS if _is_plain(command)]
    assert len(plain) > 60
    found = _found(connection, [_EVASIONS[evasion](command) for command in plain], "windows")
    missed = [command for command, (text, _) in zip(plain, found, strict=True) if " ".join(command.split()) not in text]
    assert not missed


def test_known_commands_stay(connection: duckdb.DuckDBPyConnection) -> None:
    """A command that is written plainly stays as it is."""
    for kind in _KINDS:
        found = _found(connection, _COMMANDS, kind)
        assert [steps for _, steps in found] == [None] * len(_COMMANDS)


def test_long_texts_stay(connection: duckdb.DuckDBPyConnection) -> None:
    """A text over the limit is not decoded, and not cut."""
    text = "a`b" * (MOST_SIGNS // 3 + 1)
    assert _found(connection, [text], "script") == [(text, None)]


@pytest.mark.parametrize(
    "text",
    [
        "(" + ",".join(["''"] * 20_000) + ") -join '" + "x" * 60_000 + "'",
        "'" + "a" * 60_000 + "' -replace 'a','" + "x" * 60_000 + "'",
    ],
    ids=["join", "replacement"],
)
def test_small_texts_make_no_large_ones(text: str) -> None:
    """A text that would grow by thousands of times stays, and is not even made."""
    tracemalloc.start()
    try:
        assert decode(text, "script").text == text
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_a_text_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text in many rows is decoded once, and texts without a sign of something never."""
    seen: list[str] = []

    def counted(text: str, kind: CommandKind) -> Decoded:
        seen.append(text)
        return decode(text, kind)

    monkeypatch.setattr("windshear.logs.decoded_commands.decode", counted)
    fresh = duckdb.connect()
    register_decoding(fresh)
    assert len(_found(fresh, ["a^z login", "az login"] * 5000, "windows")) == 10_000
    assert seen == ["a^z login"]


_PIECES = st.sampled_from(
    [
        *"`^'\"+-(){}&|%!$\\/:;,= \t\n\0\u2018\u2019\u201c\xe9",
        *("az", "a", "login", "cmd /c ", "-enc ", "\u2013e ", "-f ", "{0}", "{1}", "[char]65", "[char[]](65,66)"),
        *("FromBase64String('", "sh -c ", "${IFS}", "$'\\x41'", "%comspec%", "set a=b&", "%a:~0,1%", "!a!"),
        *(
            "$env:windir",
            "| base64 -d",
            "echo ",
            "-join ",
            ".Replace(",
            "-creplace ",
            "[-1..-2]",
            "[string]::Join(",
            "a''b",
            _encoded("whoami"),
            "YXogbG9naW4K",
        ),
    ]
)
_TEXTS = st.one_of(
    st.lists(_PIECES, max_size=25).map("".join), st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
)


@settings(deadline=None)
@given(_TEXTS, st.sampled_from(_KINDS))
def test_any_text_decodes(text: str, kind: CommandKind) -> None:
    """Whatever the text, decoding ends, with a text that is bounded; without a step it is the same."""
    result = decode(text, kind)
    assert len(result.text) <= MOST_SIGNS
    assert result.steps or result.text == text


@settings(deadline=None)  # the first query takes longer than the others
@given(texts=st.lists(_TEXTS, min_size=1, max_size=20), kind=st.sampled_from(_KINDS))
def test_whatever_decodes_has_a_sign(
    connection: duckdb.DuckDBPyConnection, texts: list[str], kind: CommandKind
) -> None:
    """The test that the statement makes before it decodes loses nothing."""
    expected = [", ".join(decode(text, kind).steps) or None for text in texts]
    assert [steps for _, steps in _found(connection, texts, kind)] == expected


_ENCODED_LINE = f"powershell.exe -enc {_encoded('Connect-AzAccount')}"
_DECODED_LINE = "powershell.exe -enc Connect-AzAccount"
_FIELDS = {
    "target.process.command_line": ScalarColumn("text"),
    'additional.fields["decoded_command_line"]': ScalarColumn("text"),
    'additional.fields["decoding"]': ScalarColumn("text"),
    'additional.fields["joined_arguments"]': ScalarColumn("text"),
}


def _windows(channel: str, number: int, **data: str | int) -> dict[str, object]:
    return {"Channel": channel, "EventID": number, "TimeCreated": "2026-04-01T12:00:00Z", "Hostname": "ws-042"} | data


def _block(number: int, text: str) -> dict[str, object]:
    return _windows(
        "Microsoft-Windows-PowerShell/Operational",
        4104,
        ScriptBlockText=text,
        ScriptBlockId="b",
        MessageNumber=number,
        MessageTotal=2,
    )


_AUDIT = """\
type=SYSCALL msg=audit(1775044800.000:7): arch=c000003e syscall=59 success=yes pid=2 comm="sh" exe="/bin/sh"
type=EXECVE msg=audit(1775044800.000:7): argc=3 a0="sh" a1="-c" a2=617A206C5C6F67696E
"""


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(
            json_lines(_windows("Microsoft-Windows-Sysmon/Operational", 1, CommandLine=_ENCODED_LINE)),
            [(_ENCODED_LINE, _DECODED_LINE, "base64", None)],
            id="Sysmon",
        ),
        pytest.param(
            json_lines(_windows("Security", 4688, CommandLine=_ENCODED_LINE)),
            [(_ENCODED_LINE, _DECODED_LINE, "base64", None)],
            id="4688",
        ),
        pytest.param(
            json_lines(
                _windows(
                    "System",
                    7045,
                    SourceName="Service Control Manager",
                    ServiceName="s",
                    ImagePath="%COMSPEC% /c a^z login",
                )
            ),
            [("%COMSPEC% /c a^z login", r"C:\Windows\System32\cmd.exe /c az login", "carets, variables", None)],
            id="service",
        ),
        pytest.param(
            json_lines(_block(1, "&('Connect-'+"), _block(2, "'AzAccount')")),
            [
                (None, "&('Connect-'+", None, None),
                (None, "&('Connect-AzAccount')", "concatenation", None),
            ],
            id="4104 in parts",
        ),
        pytest.param(
            json_lines(
                _windows(
                    "Microsoft-Windows-PowerShell/Operational",
                    4103,
                    Payload='CommandInvocation(Connect-AzAccount): "Connect-AzAccount"',
                    ContextInfo=f"\n        Host Application = {_ENCODED_LINE}\n        Shell ID = x\n",
                )
            ),
            [
                (
                    _ENCODED_LINE,
                    f'{_DECODED_LINE}\nCommandInvocation(Connect-AzAccount): "Connect-AzAccount"',
                    "base64",
                    None,
                )
            ],
            id="4103",
        ),
        pytest.param(
            _AUDIT.encode(),
            [(r"sh -c az l\ogin", "sh -c az login", "shell escapes", r"sh -c 'az l\ogin'")],
            id="audit log",
        ),
        pytest.param(
            json_lines(_windows("Microsoft-Windows-Sysmon/Operational", 3, Image="x")),
            [(None, None, None, None)],
            id="no launch",
        ),
    ],
)
def test_log_types_decode(raw: bytes, expected: list[tuple[str | None, ...]]) -> None:
    """Launches have the decoded command beside the original, the same when only columns are asked for and in whole."""
    normaliser = Normaliser()
    taken = take(raw, _FIELDS, normaliser=normaliser)
    assert [tuple(row.get(name) for name in _FIELDS) for row in taken.rows()] == expected
    fields = [cast("dict[str, str]", event.get("additional", {})) for event in full_events(taken, normaliser)]
    keys = ("decoded_command_line", "decoding", "joined_arguments")
    assert [tuple(found.get(key) for key in keys) for found in fields] == [row[1:] for row in expected]
