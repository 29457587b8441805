"""The header of a data table: `name`, `name:type` or `name:path.of.a.field`, then `[]` and `:key` where they apply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from windshear.core.errors import InputError
from windshear.language.diagnostics.suggest import closest
from windshear.language.entity_fields import EntityFieldError, entity_field
from windshear.language.tables import COLUMN_TYPES, ColumnType, TableColumn, TableSchema

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_SEVERAL, _KEY = "[]", "key"
_MOST_COLUMNS = 1_000  # what the service allows


def schema_of(header: Iterable[str], where: str) -> TableSchema:
    """Return the columns of a header's cells; `where` is its place. `InputError` says what is wrong with them."""
    columns = [_column(text.strip(), where) for text in header]
    if len(columns) > _MOST_COLUMNS:
        raise InputError(f"{where}: {len(columns)} columns, at most {_MOST_COLUMNS} are allowed")
    names = [name for name, _ in columns]
    if twice := _repeated(names):
        raise InputError(f"{where}: the column `{twice}` is named twice")
    if twice := _repeated([column.field.path for _, column in columns if column.field is not None]):
        raise InputError(f"{where}: two columns are mapped to `{twice}`")
    return dict(columns)


def header_of(schema: TableSchema) -> list[str]:
    """Return the cells of the header that says what a schema says.

    >>> header_of({"user": TableColumn("string", is_key=True), "net": TableColumn("cidr", is_repeated=True)})
    ['user:string:key', 'net:cidr[]']
    """
    return [
        f"{name}:{column.field.path if column.field else column.type}"
        + _SEVERAL * column.is_repeated
        + f":{_KEY}" * column.is_key
        for name, column in schema.items()
    ]


def _column(text: str, where: str) -> tuple[str, TableColumn]:
    name, *rest = (piece.strip() for piece in text.split(":"))
    is_key = bool(rest) and rest[-1] == _KEY
    rest = rest[:-1] if is_key else rest
    if not _NAME.fullmatch(name) or len(rest) > 1:
        raise InputError(
            f"{where}: `{text}` is not a column: write `name:type`, then `[]` if a cell may hold several values, and "
            "`:key` if the column identifies a row"
        )
    written = rest[0] if rest else "string"
    is_repeated = written.endswith(_SEVERAL)
    written = written.removesuffix(_SEVERAL) or "string"
    if "." in written:
        return name, _mapped(written, f"{where}, column `{name}`", is_repeated=is_repeated, is_key=is_key)
    kind = _type(written, f"{where}, column `{name}`")
    if kind == "until" and is_repeated:
        raise InputError(f"{where}, column `{name}`: a row ends once: leave `[]` out")
    return name, TableColumn(kind, is_repeated, is_key)


def _type(written: str, where: str) -> ColumnType:
    for known in COLUMN_TYPES:
        if written == known:
            return known
    close = closest(written, COLUMN_TYPES)
    listed = f"{', '.join(COLUMN_TYPES[:-1])} or {COLUMN_TYPES[-1]}, or a field of entities such as `entity.hostname`"
    raise InputError(
        f"{where}: `{written}` is not a type" + (f", did you mean `{close}`?" if close else f": it is {listed}")
    )


def _mapped(written: str, where: str, *, is_repeated: bool, is_key: bool) -> TableColumn:
    try:
        field = entity_field(written)
    except EntityFieldError as error:
        raise InputError(f"{where}: {error}") from error
    if is_repeated and not field.is_repeated:
        raise InputError(f"{where}: `{field.path}` holds one value, so its cells do, too: leave `[]` out")
    return TableColumn("number" if field.type.is_number else "string", is_repeated, is_key, field)


def _repeated(names: Sequence[str]) -> str | None:
    return next((name for number, name in enumerate(names) if name in names[:number]), None)
