"""`--type list`: the log types that there are."""

from __future__ import annotations

from windshear.cli.console import write
from windshear.logs.catalogue import descriptions, entity_types

_WIDEST = 32


def print_log_types() -> None:
    """Print each log type that `--type` may name, and what it is."""
    rows = {"auto": "Found by what each record holds; this is the default."}
    rows |= {name.lower(): text for name, text in descriptions().items()}
    only_named = {name.lower() for name in entity_types()}
    for name, text in rows.items():
        note = " Entities: read only by `normalize`, where it is named." if name in only_named else ""
        write(f"{name:<{_WIDEST}} {text}{note}\n")
