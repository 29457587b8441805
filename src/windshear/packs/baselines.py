"""Baselines of packs: the queries that fill their tables from history, checked against the tables' columns.

<pack>/
  baselines/<table>.yaral  a statistical query: its keys and outcomes are the columns
  tables/<table>.csv       the table, with its header, empty as it comes
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from windshear.context.tables import DataTable
from windshear.core.errors import InputError
from windshear.engine.baseline.builder import BaselineQuery
from windshear.language.check.queries.checker import QueryOptions
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.query import CheckedQuery
from windshear.language.query_front import CompiledQuery, compile_query
from windshear.language.tables import TableSchema, TableSchemas
from windshear.packs.pack import BASELINES, builtin_packs
from windshear.packs.rules import RULE_SUFFIXES, rule_source


@dataclass(frozen=True, slots=True)
class Baselines:
    """Queries that can run; and per file what is wrong with those that cannot: diagnostics, or a reason."""

    queries: tuple[BaselineQuery, ...]
    broken: tuple[CompiledQuery, ...]
    unfit: Mapping[Path, str]


def baseline_folders() -> list[Path]:
    """Return the folders of queries of the packs that come with Windshear."""
    return [folder for pack in builtin_packs() if (folder := pack.folder / BASELINES).is_dir()]


def load_baselines(folders: Sequence[Path], tables: Mapping[str, DataTable]) -> Baselines:
    """Compile the queries of folders for tables of the same names; `InputError` if there are none."""
    files = [file for folder in folders for file in sorted(folder.glob("*")) if file.suffix in RULE_SUFFIXES]
    if not files:
        raise InputError(f"no queries `<table>{RULE_SUFFIXES[0]}` in {', '.join(f'`{folder}`' for folder in folders)}")
    schemas: TableSchemas = {name: table.columns for name, table in tables.items()}
    queries, broken, unfit = [], [], {}
    for file in files:
        compiled = compile_query(rule_source(file), QueryOptions(tables=schemas))
        if compiled.query is None:
            broken.append(compiled)
        elif reason := _misfit(file.stem, compiled.query, schemas.get(file.stem)):
            unfit[file] = reason
        else:
            queries.append(BaselineQuery(file.stem, compiled.query, schemas[file.stem]))
    return Baselines(tuple(queries), tuple(broken), unfit)


def errors_of(compiled: CompiledQuery) -> list[Diagnostic]:
    """Return the errors of a query."""
    return [found for found in compiled.diagnostics if found.is_error]


def _misfit(name: str, query: CheckedQuery, schema: TableSchema | None) -> str:
    """Return why the rows of a query are none of a table, empty if they are."""
    root = query.root
    if schema is None:
        return f"there is no `tables/{name}.csv` beside it: its header says which columns the table has"
    if query.stages:
        return "a baseline is one query without stages"
    if not root.is_grouped or not root.body.match_keys:
        return "a baseline has a row per key: add `match: $key` and outcomes"
    if sorted(root.shown) != sorted(schema):
        shown, wanted = (", ".join(f"`{column}`" for column in names) for names in (root.shown, schema))
        return f"it gives the columns {shown}; the table `{name}` has {wanted}"
    for column in map(root.column, root.shown):
        is_number = schema[column.name].type == "number"
        if column.is_time or column.type.is_number != is_number or column.type.is_list:
            return f"column `{column.name}` is {column.type}, in the table `{name}` it is {schema[column.name].type}"
    return ""
