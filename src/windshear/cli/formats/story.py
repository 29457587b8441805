"""What a person wants to know of a detection, as plain pieces that the table and Markdown writers lay out.

Rules and logs are written by strangers: every piece of text that leaves here can be printed safely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from windshear.cli.console import count, printable
from windshear.cli.formats.names import SEVERITIES
from windshear.detections.detection import Bound, Detection, EventReference, Evidence, FieldValue
from windshear.detections.rendering import held_text, scalar_text, text, timestamp
from windshear.engine.settle.graph_setup import TABLE_ROW
from windshear.udm.schema import Root

_LONGEST_VALUE = 160
_LONGEST_PROSE = 600
_MOST_VALUES = 5  # of one field in one clause
_MOST_IDS = 3
_NOUNS: Mapping[Root, str] = {"udm": "event", "graph": "entity", "detection": "detection"}


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause that held, as written, and the values that made it hold where the clause does not show them."""

    clause: str
    values: tuple[str, ...]


def severity(detection: Detection) -> str:
    """Return the severity of the rule's meta in upper case, empty without one."""
    return shorten(detection.rule.meta_value("severity").strip().upper(), 20)


def rank(detection: Detection) -> int:
    """Return where a detection's severity stands; without one, or with a word of its own, it counts as high."""
    level = severity(detection)
    return SEVERITIES.index(level) if level in SEVERITIES else SEVERITIES.index("HIGH")


def description(detection: Detection) -> str:
    """Return the description of the rule, empty without one."""
    return shorten(" ".join(detection.rule.meta_value("description").split()), _LONGEST_PROSE)


def when(detection: Detection) -> str:
    """Return the time of a single event, or the window."""
    if detection.start == detection.end:
        return timestamp(detection.time)
    return f"{timestamp(detection.start)} to {timestamp(detection.end)}"


def risk(detection: Detection) -> str:
    """Return the risk score as text."""
    return scalar_text(detection.risk_score)


def facts(detection: Detection) -> Iterator[tuple[str, str]]:
    """Yield match and outcome variables that have something to say."""
    for value in (*detection.match, *detection.outcomes):
        shown = text(value)
        if shown and value.name != "risk_score":
            yield value.name, shorten(shown)


def events(bound: Bound) -> str:
    """Return which records are bound to a variable: their makers' ids where there are some, the total, their kind.

    The kind is the log types of events, and of detections the rules that found them.
    """
    noun = _NOUNS[bound.source]
    if not bound.references:
        return f"no {noun}"
    ids = [_id(reference) for reference in bound.references[:_MOST_IDS]]
    total = f"{count(bound.total, noun)}: " if bound.total > 1 else ""
    more = " …" if bound.total > len(ids) else ""
    return f"{total}{', '.join(shorten(i) for i in ids)}{more} ({', '.join(_kinds(bound))})"


def _id(reference: EventReference) -> str:
    """Return what a record is called: a row of a data table by its place, others by the id of their maker, or ours."""
    return reference.source if reference.log_type == TABLE_ROW else reference.product_log_id or reference.id


def _kinds(bound: Bound) -> list[str]:
    if bound.source == "detection":
        rules = [found.get("ruleName") for sample in bound.samples for found in _messages(sample.event, "detection")]
        kinds = [shorten(str(rule)) for rule in rules if rule]
    elif bound.source == "graph":
        metadata = [sample.event.get("metadata") for sample in bound.samples]
        kinds = [str(found.get("entityType", "")) for found in metadata if isinstance(found, Mapping)]
    else:
        kinds = [reference.log_type for reference in bound.references]
    return [kind for kind in dict.fromkeys(kinds) if kind] or [_NOUNS[bound.source]]


def _messages(record: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = record.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def conditions(detection: Detection) -> list[str]:
    """Return why the condition section held; that an event is there shows without it."""
    names = {"$" + name for name in detection.bound}
    return [shorten(held_text(held)) for held in detection.condition if held.clause not in names]


def reasons(detection: Detection, name: str, *, longest: int | None = None) -> list[Reason]:
    """Return why the first sample event of a variable was bound; clauses longer than `longest` are cut."""
    samples = detection.bound[name].samples
    return [_reason(detection, name, item, longest) for item in samples[0].evidence] if samples else []


def _reason(detection: Detection, name: str, item: Evidence, longest: int | None) -> Reason:
    clause = printable(item.clause) if longest is None else shorten(item.clause, longest)
    values = [value for value in item.values if not shows(item.clause, value.value)]
    if item.placeholder:
        clause = f"key ${item.placeholder} = {clause}"
        known = {text(value) for value in detection.match if value.name == item.placeholder}
        values = [value for value in values if value.value not in known]
    return Reason(clause, tuple(_field_lines(values, name, has_one_field=len(_paths(item.values, name)) == 1)))


def shows(clause: str, value: str) -> bool:
    """Tell whether the clause itself shows a value: as a text in quotes, or as a number or word of its own."""
    if f'"{value}"' in clause:
        return True
    return bool(re.fullmatch(r"[\w.+-]+", value)) and bool(re.search(rf"[=<>]\s*{re.escape(value)}(?![\w.])", clause))


def _field_lines(values: Sequence[FieldValue], name: str, *, has_one_field: bool) -> Iterator[str]:
    """Yield one line per field; the only field of a clause stands in the clause and needs no name."""
    for path in _paths(values, name):
        texts = [value.value for value in values if _path(value, name) == path]
        more = f" and {len(texts) - _MOST_VALUES} more" if len(texts) > _MOST_VALUES else ""
        quote = len(texts) > 1 or texts[0] != texts[0].strip() or not texts[0]
        shown = ", ".join(f'"{shorten(t)}"' if quote else shorten(t) for t in texts[:_MOST_VALUES]) + more
        yield shown if has_one_field else f"{path} = {shown}"


def _paths(values: Sequence[FieldValue], name: str) -> list[str]:
    return list(dict.fromkeys(_path(value, name) for value in values))


def _path(value: FieldValue, name: str) -> str:
    variable = value.variable or name
    sign = "" if variable.startswith("%") else "$"  # the row of a data table is named by its table
    return printable(f"{sign}{variable}.{value.field}")


def shorten(value: str, longest: int = _LONGEST_VALUE) -> str:
    """Return one printable line, the middle of long text left out.

    >>> shorten("abcdefghijklmnop", 11)
    'abcd … mnop'
    """
    if len(value) <= longest:
        line = printable(value)
    else:
        half = (longest - 3) // 2
        line = f"{printable(value[:half])} … {printable(value[-half:])}"
    return line
