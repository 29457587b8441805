"""What a person wants to know of a detection, as plain pieces that the table and Markdown writers lay out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from windshear.detections.detection import Bound, Detection, Evidence
from windshear.detections.rendering import scalar_text, text, timestamp

SEVERITIES = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
_LONGEST_VALUE = 160


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause that held, as written, and the values that made it hold."""

    clause: str
    values: str


def severity(detection: Detection) -> str:
    """Return the severity of the rule's meta in upper case; without one a rule counts as high."""
    return detection.rule.meta_value("severity").upper() or "HIGH"


def rank(detection: Detection) -> int:
    """Return where a detection's severity stands; an unknown word counts as high."""
    level = severity(detection)
    return SEVERITIES.index(level) if level in SEVERITIES else SEVERITIES.index("HIGH")


def when(detection: Detection) -> str:
    """Return the time of a single event, or the window."""
    if detection.start == detection.end:
        return timestamp(detection.time)
    return f"{timestamp(detection.start)} to {timestamp(detection.end)}"


def facts(detection: Detection) -> Iterator[tuple[str, str]]:
    """Yield match and outcome variables that have something to say."""
    for value in (*detection.match, *detection.outcomes):
        shown = text(value)
        if shown and value.name != "risk_score":
            yield f"${value.name}", shorten(shown)


def reasons(bound: Bound) -> list[Reason]:
    """Return why the first sample event of a variable was bound."""
    if not bound.samples:
        return []
    return [Reason(item.clause, _values(item)) for item in bound.samples[0].evidence]


def _values(item: Evidence) -> str:
    """Return the values that the clause does not already show."""
    shown = [f"{value.field} = {quoted(value.value)}" for value in item.values if f'"{value.value}"' not in item.clause]
    return ", ".join(shown)


def quoted(value: str) -> str:
    """Return a value in quotes, control characters escaped and long text cut in the middle."""
    return '"' + shorten(value) + '"'


def shorten(value: str) -> str:
    """Return one printable line: control characters escaped, the middle of long text left out."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
    if len(line) <= _LONGEST_VALUE:
        return line
    half = _LONGEST_VALUE // 2 - 2
    return f"{line[:half]} … {line[-half:]}"


def events(name: str, bound: Bound) -> str:
    """Return which events are bound to a variable: vendor ids where there are some, and the total."""
    ids = [reference.product_log_id or reference.id for reference in bound.references[:3]]
    types = dict.fromkeys(reference.log_type for reference in bound.references)
    more = f" and {bound.total - len(ids)} more" if bound.total > len(ids) else ""
    return f"${name}: {', '.join(shorten(i) for i in ids)}{more} ({', '.join(types)})"


def risk(detection: Detection) -> str:
    """Return the risk score as text."""
    return scalar_text(detection.risk_score)
