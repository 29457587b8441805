"""All readings, in the order of their numbers."""

from __future__ import annotations

from windshear.core.readings import composites, events, functions, language, metrics, outcomes, search, tables, windows
from windshear.core.readings.reading import Reading

_MODULES = (windows, events, outcomes, language, functions, search, composites, metrics, tables)


def all_readings() -> tuple[Reading, ...]:
    """Return every reading, those of the language reference first."""
    return tuple(sorted((r for m in _MODULES for r in m.READINGS), key=lambda r: (r.number[0], int(r.number[1:]))))
