"""The data tables that come with rules: those beside a pack's rules, which a user's tables of the same name replace.

<pack>/
  rules/<rule>/rule.yaral
  tables/<table>.csv
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from windshear.context.context import Context
from windshear.context.tables import DataTable, read_table
from windshear.packs.pack import RULE_FOLDERS

_TABLES = "tables"


def tables_beside(path: Path) -> Path | None:
    """Return the folder of tables that belongs to a rule file or a folder of rules, if there is one."""
    whole = path.resolve()
    for folder in (whole, *whole.parents):
        if folder.name in RULE_FOLDERS:
            tables = folder.parent / _TABLES
            return tables if tables.is_dir() else None
    return None


def shipped_tables(paths: Iterable[Path]) -> Mapping[str, DataTable]:
    """Return the tables that come with some rules, by name. `InputError` if one is broken or two have one name."""
    folders = dict.fromkeys(folder for path in paths if (folder := tables_beside(path)) is not None)
    return {file.stem: read_table(file) for folder in folders for file in sorted(folder.glob("*.csv"))}


def with_tables(context: Context, shipped: Mapping[str, DataTable]) -> Context:
    """Return a context with the tables that come with rules, where it has none of their name."""
    return replace(context, tables={**shipped, **context.tables}) if shipped else context
