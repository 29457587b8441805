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
from windshear.core.errors import InputError
from windshear.language.check.scope import Mode
from windshear.packs.pack import BASELINES, RULE_FOLDERS, TABLES
from windshear.packs.rules import RuleSet, load_rules, rule_files


def tables_beside(path: Path) -> Path | None:
    """Return the folder of tables that belongs to a rule file or a folder of rules, if there is one."""
    whole = path.resolve()
    for folder in (whole, *whole.parents):
        if folder.name in (*RULE_FOLDERS, BASELINES):
            tables = folder.parent / TABLES
            return tables if tables.is_dir() else None
    return None


def shipped_tables(paths: Iterable[Path]) -> Mapping[str, DataTable]:
    """Return the tables that come with some rules, by name.

    `InputError` if a table has no header that can be read, or if two folders say different things by one name.
    """
    beside = {path.parent if path.suffix else path: path for path in paths}  # files of one folder have one answer
    folders = dict.fromkeys(folder for path in beside.values() if (folder := tables_beside(path)) is not None)
    found: dict[str, DataTable] = {}
    for file in (file for folder in folders for file in sorted(folder.glob("*.csv"))):
        table = read_table(file)
        other = found.setdefault(table.name, table)
        if (other.columns, other.rows) != (table.columns, table.rows):
            raise InputError(
                f"data table `%{table.name}` comes with rules twice, and differs: `{other.source}` and "
                f"`{table.source}`; use the rules apart, or make the tables equal"
            )
    return found


def with_tables(context: Context, shipped: Mapping[str, DataTable]) -> Context:
    """Return a context with the tables that come with rules, where it has none of their name."""
    return replace(context, tables={**shipped, **context.tables}) if shipped else context


def load_with_tables(
    paths: Iterable[Path], mode: Mode = Mode.COMPAT, context: Context | None = None
) -> tuple[RuleSet, Context]:
    """Compile the rule files below some paths, and return them with the context that they were compiled for.

    That is the given one and the tables that come with the rules.
    """
    files = rule_files(paths)
    known = with_tables(context or Context(), shipped_tables(files))
    return load_rules(files, mode, known.schemas, known.list_types), known
