"""Detections as `scan --format jsonl` writes them, read back for reports: values as texts, events as moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from windshear.core.errors import InputError

_LARGEST_LINE = 64_000_000  # bytes; a detection with all its samples is far below
_MOST_DEPTH = 8  # composite rules over composite rules
_SCALARS = ("stringVal", "int64Val", "uint64Val", "doubleVal", "boolVal", "bytesVal")
_LISTS = ("stringSeq", "int64Seq", "uint64Seq", "doubleSeq", "boolSeq", "bytesSeq")
_Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a detection, in the words of a story. An absent value is the empty text; `time` is RFC 3339."""

    time: str
    log_type: str
    action: str
    result: str
    who: str
    address: str
    host: str
    session: str
    application: str
    target: str
    id: str
    rule: str

    @property
    def instant(self) -> datetime:
        """The time as a point in time; the beginning of time if the event has none."""
        return instant_of(self.time)


@dataclass(frozen=True, slots=True)
class Found:
    """A detection. values: match and outcome variables as texts. inputs: detections that a composite rule read."""

    id: str
    rule: str
    description: str
    severity: str
    score: str
    labels: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]
    start: str
    end: str
    time: str
    moments: tuple[Moment, ...]
    reasons: tuple[str, ...]
    inputs: tuple[Found, ...] = ()

    def value(self, name: str) -> tuple[str, ...]:
        """Return the values of a variable that are not empty, without repeats."""
        return tuple(dict.fromkeys(text for text in self.values.get(name, ()) if text))

    @property
    def all_moments(self) -> tuple[Moment, ...]:
        """The events of this detection and of its inputs, each once, in the order of time."""
        found = [*self.moments, *(moment for one in self.inputs for moment in one.all_moments)]
        once = {(moment.id or repr(moment)): moment for moment in reversed(found)}
        return tuple(sorted(once.values(), key=lambda moment: (moment.instant, moment.id)))


def instant_of(text: str) -> datetime:
    """Return the point in time that an RFC 3339 text names.

    >>> instant_of("2026-03-02T08:00:00.5Z").microsecond
    500000
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read_found(path: Path) -> Iterator[Found]:
    """Yield the detections of a file of JSON lines, or of one JSON document. `InputError` names file and line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read detections `{path}`: {error.strerror}") from error
    for number, line in enumerate(_documents(data), start=1):
        if len(line) > _LARGEST_LINE:
            raise InputError(f"{path}:{number}: a detection of more than {_LARGEST_LINE} bytes")
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise InputError(f"{path}:{number}: not JSON: {error}") from error
        for one in _records(record):
            if not isinstance(one, dict) or not isinstance(one.get("detection"), list) or not one["detection"]:
                raise InputError(f"{path}:{number}: not a detection: write them by `windshear scan --format jsonl`")
            yield found_of(one)


def _documents(data: bytes) -> Iterator[bytes]:
    text = data.strip()
    if text.startswith((b"[", b"{\n", b"{\r")):
        yield text
    else:
        yield from (line for line in text.splitlines() if line.strip())


def _records(document: object) -> Sequence[object]:
    """Return the detections of a document: itself, a list, or what `--format json` wraps."""
    if isinstance(document, list):
        return document
    if isinstance(document, dict) and isinstance(document.get("detections"), list):
        listed: list[object] = document["detections"]
        return listed
    return [document]


def found_of(record: _Json, depth: int = 0) -> Found:
    """Return a detection from its JSON."""
    detection: _Json = record["detection"][0]
    rule = str(detection.get("ruleName", ""))
    moments, inputs = [], []
    for element in record.get("collectionElements", ()):
        for reference in element.get("references", ()):
            if "event" in reference:
                moments.append(_moment(reference["event"], rule))
            elif depth < _MOST_DEPTH and isinstance(reference.get("detection"), dict):
                inputs.append(found_of(reference["detection"], depth + 1))
    window = record.get("timeWindow", {})
    return Found(
        id=str(record.get("id", "")),
        rule=rule,
        description=str(detection.get("description", "")),
        severity=str(detection.get("severity", "")).lower(),
        score=str(detection.get("riskScore", "")),
        labels={str(label["key"]): str(label["value"]) for label in detection.get("ruleLabels", ())},
        values=_values(detection),
        start=str(window.get("startTime", "")),
        end=str(window.get("endTime", "")),
        time=str(record.get("detectionTime", "")),
        moments=tuple(moments),
        reasons=tuple(_reasons(record.get("explanation", {}))),
        inputs=tuple(inputs),
    )


def _values(detection: _Json) -> dict[str, tuple[str, ...]]:
    named = {
        str(entry["key"]): (str(entry.get("value", "")),)
        for part in ("detectionFields", "outcomes")
        for entry in detection.get(part, ())
    }
    typed = {name: _typed(variable) for name, variable in detection.get("variables", {}).items()}
    return {**named, **{name: values for name, values in typed.items() if values is not None}}


def _typed(variable: _Json) -> tuple[str, ...] | None:
    for key in _SCALARS:
        if key in variable:
            return (str(variable[key]),)
    for key in _LISTS:
        for inside in variable.get(key, {}).values():
            return tuple(map(str, inside))
    return None


def _reasons(explanation: _Json) -> Iterator[str]:
    for variable, events in explanation.get("variables", {}).items():
        for event in events[:1]:
            for clause in event.get("clauses", ()):
                told = ", ".join(
                    f"{value.get('field', '')} = {value.get('value', '')}" for value in clause.get("values", ())
                )
                yield f"${variable}: {clause.get('clause', '')}" + (f" ({told})" if told else "")
    for reason in explanation.get("condition", ()):
        yield str(reason.get("clause", reason) if isinstance(reason, dict) else reason)


def _moment(event: _Json, rule: str) -> Moment:
    metadata = event.get("metadata", {})
    return Moment(
        time=str(metadata.get("eventTimestamp", "")),
        log_type=str(metadata.get("logType", "")),
        action=_first(_at(event, "metadata.productEventType"), _at(event, "metadata.eventType")),
        result=", ".join(
            dict.fromkeys(a for found in event.get("securityResult", ()) for a in found.get("action", ()))
        ),
        who=_who(event),
        address=_first(*event.get("principal", {}).get("ip", ())),
        host=_first(_at(event, "principal.hostname"), _at(event, "principal.asset.hostname")),
        session=_first(_at(event, "network.sessionId"), _at(event, "additional.accessKeyId")),
        application=_first(_at(event, "target.application"), _at(event, "target.process.commandLine")),
        target=_first(
            _at(event, "target.resource.name"),
            _at(event, "target.url"),
            _at(event, "target.file.fullPath"),
            _at(event, "target.hostname"),
            _at(event, "target.user.userid"),
        ),
        id=_first(_at(event, "metadata.productLogId"), _at(event, "metadata.id")),
        rule=rule,
    )


def _who(event: _Json) -> str:
    for noun in ("principal", "target"):
        user = event.get(noun, {}).get("user", {})
        for label in user.get("attribute", {}).get("labels", ()):
            if label.get("key") == "person_id":
                return str(label.get("value", ""))
    return _first(_at(event, "principal.user.userid"), _at(event, "target.user.userid"))


def _at(event: _Json, path: str) -> str:
    value: object = event
    for step in path.split("."):
        value = value.get(step, "") if isinstance(value, Mapping) else ""
    return value if isinstance(value, str) else ""


def _first(*values: object) -> str:
    return next((str(value) for value in values if value), "")
