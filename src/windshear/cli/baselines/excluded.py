"""Detections whose persons and hosts must not teach a baseline, from the files that `scan` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from windshear.cli.formats.names import SEVERITIES
from windshear.core.errors import InputError
from windshear.udm.well_known import parse_timestamp

_FROM = SEVERITIES.index("MEDIUM")
_SUBJECTS = ("person_id", "host", "hostname", "principal")
_MARGIN = 86_400  # seconds before a detection: an attack begins before it is found
_WHAT = "`scan --format jsonl` writes detections, one per line"


def excluded_subjects(files: Sequence[Path]) -> dict[str, int]:
    """Return who must not teach, in lower case, and from when on (µs since 1970).

    `InputError` if a file does not hold detections.
    """
    found: dict[str, int] = {}
    for file in files:
        for place, detection in _detections(file):
            part = _part(detection, place)
            if _rank(part) < _FROM:
                continue
            start = _start(detection, place)
            for name in _names(part):
                found[name] = min(found.get(name, start), start)
    return found


def _detections(file: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read detections `{file}`: {error.strerror or error}") from error
    lines = [data] if data.lstrip().startswith(b"[") else data.splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise InputError(f"{file}:{number}: no detection: {error}; {_WHAT}") from error
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                raise InputError(f"{file}:{number}: no detection; {_WHAT}")
            yield f"{file}:{number}", item


def _part(detection: Mapping[str, object], place: str) -> Mapping[str, object]:
    parts = detection.get("detection")
    if not isinstance(parts, list) or not parts or not isinstance(parts[0], dict):
        raise InputError(f"{place}: no detection; {_WHAT}")
    return parts[0]


def _rank(part: Mapping[str, object]) -> int:
    severity = str(part.get("severity", "")).upper()
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _start(detection: Mapping[str, object], place: str) -> int:
    window = detection.get("timeWindow")
    time = parse_timestamp(str(window.get("startTime", ""))) if isinstance(window, dict) else None
    if time is None:
        raise InputError(f"{place}: the detection has no `timeWindow.startTime`; {_WHAT}")
    return (time[0] - _MARGIN) * 1_000_000


def _names(part: Mapping[str, object]) -> Iterator[str]:
    for pairs in (part.get("detectionFields"), part.get("outcomes")):
        for pair in pairs if isinstance(pairs, list) else ():
            if isinstance(pair, dict) and pair.get("key") in _SUBJECTS:
                yield from (name.lower() for name in str(pair.get("value", "")).split(", ") if name)
