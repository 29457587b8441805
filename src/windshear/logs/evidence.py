"""Evidence of a log type in one parsed record; the statements test the same evidence for whole batches."""

from __future__ import annotations

from windshear.logs.parser import Begins, Evidence, Has, HasAny, IsNot, Lacks, Shape
from windshear.logs.values import Path


def shows(record: dict[str, object], shape: Shape) -> bool:
    """Tell whether a record has all the evidence of a shape."""
    return all(holds(record, evidence) for evidence in shape.evidence)


def evidence_text(shape: Shape) -> str:
    """Write the evidence of a shape for people."""
    return ", ".join(str(evidence) for evidence in shape.evidence)


def holds(record: dict[str, object], evidence: Evidence) -> bool:
    """Tell whether a record has one piece of evidence."""
    match evidence:
        case Has(path):
            return text_at(record, path) is not None
        case HasAny(paths):
            return any(text_at(record, path) is not None for path in paths)
        case Lacks(path):
            return text_at(record, path) is None
        case Begins(path, options):
            return (text_at(record, path) or "").startswith(options)
        case IsNot(path, options):
            return text_at(record, path) not in options
        case _:
            return text_at(record, evidence.path) in evidence.options


def text_at(record: dict[str, object], path: Path) -> str | None:
    """Return the text at a place as the statement reads it: absent, null and empty are the same."""
    value: object = record
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
