"""The context of a run, read from a folder or from one JSON file.

Folder: `lists/<name>.txt`, one reference list per file; `tables/<name>.csv`, one data table per file; `entities.jsonl`,
`derived.jsonl` and `detections.jsonl`, one record per line; `metrics.parquet`, roll-ups of history; `geoip/*.mmdb`
and `geoip/*.csv`, places and networks of addresses.
JSON: `{"lists": {"<name>": {"type": "STRING", "lines": […]}}, "tables": {"<name>": {"columns": {"user": "string"},
"rows": [["ann"]]}}, "entities": […], "detections": […]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from windshear.context.detections import DETECTION
from windshear.context.entities import ENTITY
from windshear.context.lists import ReferenceList, lists_problem, parse_entries
from windshear.context.metrics import Rollups, metrics_problem, read_rollups
from windshear.context.records import Kind, RecordLines, RecordList, RecordSource, RecordSources
from windshear.context.tables import DataTable, read_table, table_of, tables_problem
from windshear.core.errors import InputError
from windshear.language.lists import ListTypes
from windshear.language.rule import CheckedRule
from windshear.language.tables import TableSchemas

_MOST_BYTES = 6_000_000  # what the service allows for one list

ENTITIES, DERIVED, DETECTIONS, ROLLUPS = "entities.jsonl", "derived.jsonl", "detections.jsonl", "metrics.parquet"


@dataclass(frozen=True, slots=True)
class Context:
    """Everything but events that rules may read. Entities and detections are read when a run asks for them."""

    lists: Mapping[str, ReferenceList] = field(default_factory=dict)
    tables: Mapping[str, DataTable] = field(default_factory=dict)
    entities: RecordSource | None = None
    detections: RecordSource | None = None
    rollups: Rollups | None = None
    geoip: tuple[Path, ...] = ()

    @property
    def schemas(self) -> TableSchemas:
        """The columns of the tables, for the checker."""
        return {name: table.columns for name, table in self.tables.items()}

    @property
    def list_types(self) -> ListTypes:
        """The types of the lists that name theirs, for the checker."""
        return {name: found.type for name, found in self.lists.items() if found.type is not None}

    def problem(self, rule: CheckedRule) -> str | None:
        """Return why a rule cannot be evaluated with these lists, tables and roll-ups, or None."""
        known = None if self.rollups is None else self.rollups.measures
        return lists_problem(rule, self.lists) or tables_problem(rule, self.tables) or metrics_problem(rule, known)


class _ListModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["STRING", "REGEX", "CIDR"] | None = None
    lines: list[str]


class _TableModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    columns: dict[str, str]
    rows: list[list[str | bool | int | float | list[str] | list[float]]] = []


class _ContextModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lists: dict[str, _ListModel] = {}
    tables: dict[str, _TableModel] = {}
    entities: list[object] | None = None
    detections: list[object] | None = None


def load_context(path: Path) -> Context:
    """Read a context folder or JSON file."""
    if path.is_dir():
        return _from_folder(path)
    try:
        return context_of_json(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"cannot read context `{path}`: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"]) or "the file"
        raise InputError(f"context `{path}`: {place}: {first['msg']}") from error


def context_of_json(data: bytes, name: str = "context") -> Context:
    """Read a context from JSON text; `name` is what places in it are called after."""
    model = _ContextModel.model_validate_json(data)
    return Context(
        {name: ReferenceList(name, found.type, parse_entries(found.lines)) for name, found in model.lists.items()},
        {table: table_of(table, found.columns.items(), found.rows) for table, found in model.tables.items()},
        RecordList(f"{name}:entities", model.entities, ENTITY) if model.entities is not None else None,
        RecordList(f"{name}:detections", model.detections, DETECTION) if model.detections is not None else None,
    )


def _from_folder(folder: Path) -> Context:
    lists = {}
    for file in sorted((folder / "lists").glob("*.txt")):
        if file.stat().st_size > _MOST_BYTES:
            raise InputError(f"reference list `{file}` is larger than {_MOST_BYTES} bytes")
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise InputError(f"reference list `{file}` is not UTF-8 text: {error.reason}") from error
        lists[file.stem] = ReferenceList(file.stem, None, parse_entries(lines))
    tables = {file.stem: read_table(file) for file in sorted((folder / "tables").glob("*.csv"))}
    entities = _entity_files(folder)
    detections = _record_file(folder / DETECTIONS, DETECTION)
    rollups = read_rollups(folder / ROLLUPS) if (folder / ROLLUPS).exists() else None
    geoip = tuple(sorted(file for form in ("*.mmdb", "*.csv") for file in (folder / "geoip").glob(form)))
    if not any((lists, tables, entities, detections, rollups, geoip)):
        raise InputError(
            f"context `{folder}` holds no `lists/<name>.txt`, `tables/<name>.csv`, `{ENTITIES}`, `{DERIVED}`, "
            f"`{DETECTIONS}`, `{ROLLUPS}`, `geoip/<name>.mmdb` or `geoip/<name>.csv`"
        )
    return Context(lists, tables, entities, detections, rollups, geoip)


def _entity_files(folder: Path) -> RecordSource | None:
    """Return what is known of entities and what was counted of them, None if there is neither."""
    files = [file for name in (ENTITIES, DERIVED) if (file := _record_file(folder / name, ENTITY))]
    return RecordSources(files) if len(files) > 1 else next(iter(files), None)


def _record_file(path: Path, kind: Kind) -> RecordLines | None:
    return RecordLines(path, kind) if path.exists() else None
