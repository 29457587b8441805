"""The words that options take: formats and severities."""

from __future__ import annotations

from enum import StrEnum

from windshear.core.errors import SettingError

SEVERITIES = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")


class ScanFormat(StrEnum):
    """How detections are written."""

    TABLE = "table"
    JSONL = "jsonl"
    JSON = "json"
    MARKDOWN = "markdown"

    @property
    def holds_events(self) -> bool:
        """Whether detections are written with their sample events in full."""
        return self in (ScanFormat.JSONL, ScanFormat.JSON)


class SearchFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"


class LintFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"


class EvaluationFormat(StrEnum):
    """How evaluations are written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class TuneFormat(StrEnum):
    """How proposed rows are written."""

    TABLE = "table"
    JSON = "json"


def severity_rank(name: str) -> int:
    """Return where a severity stands among all.

    >>> severity_rank("high")
    3
    """
    if name.upper() not in SEVERITIES:
        raise SettingError(f"`--min-severity {name}` is unknown; use one of {', '.join(SEVERITIES).lower()}")
    return SEVERITIES.index(name.upper())
