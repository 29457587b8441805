"""Command lines that sign in to a cloud, or take and misuse its tokens, against the rules of the endpoint.

`command_lines.jsonl` has one line per command: the line, the image that it runs under, a family, whether a rule must
find it, and where it comes from: `reference` for the lines of the published study that the pack is measured by,
`variant` for those that the project adds. Each runs as the record that its system would write: an execve of the Linux
audit log where the image is a path of Linux, else event 1 of Sysmon. Lines that need no decoding run as plain UDM, too.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.command import windshear
from windshear.packs.pack import builtin_packs

RULES = (
    "cloud_cli_authentication_on_endpoint",
    "powershell_cloud_connection",
    "cloud_token_taken_by_cli",
    "cloud_credential_store_access",
    "cloud_identity_attack_tool",
    "instance_metadata_credential_request",
)
START = datetime(2026, 3, 2, tzinfo=UTC)
APART = timedelta(minutes=90)  # longer than the window of any of these rules


@dataclass(frozen=True, slots=True)
class Line:
    """One command: what it is, where it runs, and whether it must be found."""

    number: int
    command: str
    image: str
    family: str
    must_fire: bool
    origin: str

    @property
    def host(self) -> str:
        """The host that it runs on: a detection tells by it which line it is about."""
        return f"line-{self.number:03}"

    @property
    def is_windows(self) -> bool:
        """Whether the image is a path of Windows."""
        return "\\" in self.image


def _lines() -> list[Line]:
    text = (Path(__file__).parent / "command_lines.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    return [
        Line(number, one["command_line"], one["image"], one["family"], one["expect"] == "attack", one["origin"])
        for number, one in enumerate(found)
    ]


LINES = _lines()


def _sysmon(line: Line, when: datetime) -> Mapping[str, object]:
    return {
        "EventID": 1,
        "SourceName": "Microsoft-Windows-Sysmon",
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Hostname": line.host,
        "UtcTime": when.strftime("%Y-%m-%d %H:%M:%S.000"),
        "Image": line.image,
        "CommandLine": line.command,
        "User": "CORP\\alice",
        "ProcessId": "4711",
    }


def _audit(line: Line, when: datetime) -> Mapping[str, object]:
    arguments = shlex.split(line.command)
    call = {"arch": "0xc000003e", "syscall": 59, "success": "yes", "ppid": 1, "pid": 2, "uid": 1001}
    return {
        "ID": f"{int(when.timestamp())}.000:{10_000 + line.number}",
        "NODE": line.host,
        "SYSCALL": {**call, "exe": line.image, "SYSCALL": "execve", "UID": "alice"},
        "EXECVE": {"argc": len(arguments), "ARGV": arguments},
    }


def _udm(line: Line, when: datetime) -> Mapping[str, object]:
    return {
        "metadata": {
            "eventType": "PROCESS_LAUNCH",
            "eventTimestamp": when.isoformat(),
            "productLogId": str(line.number),
        },
        "principal": {"hostname": line.host, "user": {"userid": "alice"}},
        "target": {"process": {"commandLine": line.command, "file": {"fullPath": line.image}}},
    }


def _found(records: Iterable[Mapping[str, object]], file: Path) -> dict[str, set[str]]:
    """Return for each host the rules that have a detection on it. One scan for all."""
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    rules = [
        option for rule in builtin_packs()[0].rules if rule.name in RULES for option in ("--rules", str(rule.rule))
    ]
    outcome = windshear("scan", str(file), *rules, "--format", "jsonl", cwd=file.parent)
    assert outcome.code == 0, outcome.err
    assert outcome.counts.read == outcome.counts.events == len(LINES)
    found: dict[str, set[str]] = {}
    for detection in (json.loads(line)["detection"][0] for line in outcome.out.splitlines()):
        keys = {pair["key"]: pair["value"] for pair in detection["detectionFields"]}
        found.setdefault(keys["host"], set()).add(detection["ruleName"])
    return found


@pytest.fixture(scope="module")
def from_logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Scan all lines as records of their systems."""
    records = [
        (_sysmon if line.is_windows else _audit)(line, START + APART * line.number)
        for line in sorted(LINES, key=lambda line: line.is_windows)
    ]
    return _found(records, tmp_path_factory.mktemp("lines") / "records.jsonl")


@pytest.fixture(scope="module")
def from_events(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Scan all lines as UDM events without a decoded command."""
    records = [_udm(line, START + APART * line.number) for line in LINES]
    return _found(records, tmp_path_factory.mktemp("lines") / "events.jsonl")


def test_the_measure_is_whole() -> None:
    """The study has 76 commands of attacks and 15 benign ones; the project adds at least thirty of its own."""
    study = [line.must_fire for line in LINES if line.origin == "reference"]
    assert (study.count(True), study.count(False)) == (76, 15)
    assert sum(line.origin == "variant" and line.must_fire for line in LINES) >= 30
    assert len({(line.command, line.image) for line in LINES}) == len(LINES)


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.family} {line.number}: {line.command[:60]}")
def test_command_line_is_judged_rightly(from_logs: dict[str, set[str]], line: Line) -> None:
    """A command of an attack is in a detection of a rule of the endpoint, a benign one in none."""
    assert bool(from_logs.get(line.host)) == line.must_fire, from_logs.get(line.host)


@pytest.mark.parametrize(
    "line",
    [line for line in LINES if line.origin == "reference"],
    ids=lambda line: f"{line.family} {line.number}: {line.command[:60]}",
)
def test_command_line_is_judged_rightly_without_decoding(from_events: dict[str, set[str]], line: Line) -> None:
    """The commands of the study are found, and left alone, in events of a parser that decodes nothing."""
    assert bool(from_events.get(line.host)) == line.must_fire, from_events.get(line.host)


def test_no_benign_line_is_found_in_plain_events(from_events: dict[str, set[str]]) -> None:
    """What is benign stays so where nothing is decoded."""
    assert {
        line.command: from_events[line.host] for line in LINES if not line.must_fire and line.host in from_events
    } == {}
