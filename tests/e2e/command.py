"""Starts the real command in a process of its own, and reads what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from windshear.packs.pack import builtin_pack, demo_folders

COMMAND = (sys.executable, "-m", "windshear")
REAL, WRITTEN = demo_folders()
CONSOLE_LOGIN = REAL / "stratus-red-team" / "aws.initial-access.console-login-without-mfa.json"
CONSOLE_LOGIN_ID = "865d9377-9c6b-4fd7-8aad-725e95f6a140"
_READ = re.compile(r"read ([\d,]+) records?: ([\d,]+) events?.*?, ([\d,]+) quarantined, ([\d,]+) skipped")


@dataclass(frozen=True, slots=True)
class Counts:
    """What the summary says of the input."""

    read: int
    events: int
    quarantined: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def counts(self) -> Counts:
        """The counts of the summary; that they add up is checked wherever they are read."""
        found = _READ.search(self.err)
        assert found, self.err
        counts = Counts(*(int(number.replace(",", "")) for number in found.groups()))
        assert counts.read == counts.events + counts.quarantined + counts.skipped, self.err
        return counts

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        """The JSON lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


def windshear(
    *arguments: str | Path, cwd: Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> Outcome:
    """Run `windshear` to its end."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=clean_environment(environment),
        check=False,
    )
    outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in outcome.err, outcome.err
    return outcome


def clean_environment(additions: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without what changes how output looks."""
    looks = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"}
    kept = {name: value for name, value in os.environ.items() if name not in looks}
    return {**kept, "PYTHONWARNINGS": "error", **(additions or {})}


def rule_file(name: str) -> Path:
    """Return the file of a built-in rule."""
    return next(path for path in builtin_pack("t1021_007").rule_files if path.parent.name == name)


def rule_options(*names: str) -> tuple[str | Path, ...]:
    """Return the options for some built-in rules: few are read and planned sooner than all."""
    return tuple(word for name in names for word in ("--rules", rule_file(name)))


@cache
def console_login() -> dict[str, Any]:
    """Return the real CloudTrail record of a console login without MFA."""
    loaded = json.loads(CONSOLE_LOGIN.read_text(encoding="utf-8"))
    record = loaded[0] if isinstance(loaded, list) else loaded
    assert record["eventID"] == CONSOLE_LOGIN_ID
    return dict(record)


def line(record: Mapping[str, Any] | None = None, **changes: object) -> bytes:
    """Return one JSON line: the console login, or another record, with some fields changed."""
    return json.dumps({**(console_login() if record is None else record), **changes}).encode() + b"\n"


def quiet_lines(count: int) -> bytes:
    """Return CloudTrail records in which no rule finds anything."""
    return b"".join(line(eventName="DescribeInstances", eventID=f"quiet-{i}") for i in range(count))


def product_ids(detections: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the vendor's ids of all events that are bound in detections; a detection that is bound has none."""
    bound = [events for found in detections for events in found["explanation"]["events"].values()]
    return [event["productLogId"] for events in bound for event in events["events"] if "productLogId" in event]
