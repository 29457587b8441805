"""The cells of data tables: their text as a value of the column's type, and a value as the text of a cell."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Sequence

import pyarrow as pa

from windshear.language.diagnostics.suggest import closest
from windshear.language.entity_fields import EntityField
from windshear.language.patterns import compile_pattern
from windshear.language.tables import ColumnType, TableColumn
from windshear.language.types import Kind
from windshear.udm.scalars import Refusal, read_scalar, read_time
from windshear.udm.schema import DURATION, TIMESTAMP, enumeration
from windshear.udm.well_known import parse_timestamp

SEPARATOR = "|"  # between the values of a cell that may hold several

Scalar = str | int | float | bool
CellValue = str | int | float | list[str | int | float]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = 86_400_000_000  # microseconds
_NUMBERS = {Kind.INT: pa.int64(), Kind.UINT: pa.uint64()}


def cell_value(text: str, column: TableColumn) -> CellValue:
    """Return what a cell holds; `ValueError` says why it does not fit its column. An empty number is 0.

    An empty cell holds one empty value, whether or not its column may hold several; mapped to a field it holds none.
    """
    if not column.is_repeated:
        return _one(text, column)
    parts = [part.strip() for part in text.split(SEPARATOR) if part.strip()]
    if not parts and column.field is None:
        parts = [""]
    return [_one(part, column) for part in parts]


def cell_text(value: Scalar | Sequence[Scalar], column: TableColumn) -> str:
    """Return the text of a cell that holds a value; `ValueError` says why the column cannot hold it."""
    if isinstance(value, str | int | float):
        value = [value]
    texts = [_text(item) for item in value if item != ""]
    for text in texts:
        _one(text, column)
    if column.is_repeated:
        return _joined(texts)
    return texts[0] if texts else ""


def json_text(cell: object) -> str:
    """Return the text of a cell that is given in JSON: a value or a list of them; `ValueError` if it has none."""
    if isinstance(cell, list):
        return _joined([json_text(item) for item in cell])
    return _text(cell) if isinstance(cell, int | float) else str(cell)


def end_of(text: str) -> int | None:
    """Return the microsecond since 1970 from which on a row that ends then no longer counts, None if it has no end.

    A date is counted to its last moment, UTC. `ValueError` if the text is neither a date nor a time.

    >>> end_of("2027-06-30") == end_of("2027-07-01T00:00:00Z")
    True
    """
    text = text.strip()
    if not text:
        return None
    time = parse_timestamp(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    if time is None:
        raise ValueError(f"`{text}` is neither a date nor a time: write 2027-06-30, or 2027-06-30T12:00:00Z")
    return time[0] * 1_000_000 + time[1] // 1_000 + _DAY * bool(_DATE.fullmatch(text))


def arrow_type(column: TableColumn) -> pa.DataType:
    """Return the type in which the values of a column travel."""
    scalar = pa.string()
    if column.type == "number":
        scalar = _NUMBERS.get(column.field.type.kind, pa.float64()) if column.field else pa.float64()
    return pa.list_(scalar) if column.is_repeated else scalar


def _one(text: str, column: TableColumn) -> str | int | float:
    return _typed(text, column.type) if column.field is None else _mapped(text, column.field)


def _typed(text: str, kind: ColumnType) -> str | float:
    match kind:
        case "number":
            if not text.strip():
                return 0.0
            if not _NUMBER.fullmatch(text.strip()) or not math.isfinite(float(text)):
                raise ValueError(f"`{text}` is not a number")
            return float(text)
        case "cidr" if text:
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError:
                raise ValueError(f"`{text}` is neither a network nor an address") from None
        case "until":
            end_of(text)
        case "regex" if problem := compile_pattern(text).problem:
            raise ValueError(f"`{text}` is not a pattern of RE2: {problem}")
        case _:
            pass
    return text


def _mapped(text: str, field: EntityField) -> str | int | float:
    """Read a cell as the field reads proto-JSON; an empty cell says nothing of the field."""
    if not text.strip():
        return field.type.zero if field.type.is_number else ""
    if field.type.kind is Kind.BOOL:
        if text not in ("true", "false"):
            raise ValueError(f"`{text}` is neither `true` nor `false`, as `{field.path}` is")
        return text
    value = read_scalar(field.declared, text.strip() if field.type.is_number else text)
    if isinstance(value, Refusal):
        raise _refused(text, field)
    parent = field.parent.name
    if parent in (TIMESTAMP, DURATION) and isinstance(read_time(parent, {field.declared.name: value}), Refusal):
        raise ValueError(f"`{text}` is no time that `{field.path}` can hold")
    return value


def _refused(text: str, field: EntityField) -> ValueError:
    if field.parent.name == TIMESTAMP and (time := parse_timestamp(text.strip())):
        return ValueError(f"`{text}` stands in `{field.path}` as seconds since 1970: {time[0]}")
    if field.type.enum is None:
        return ValueError(f"`{text}` is not a value of `{field.path}`, which is of type {field.declared.type}")
    close = closest(text, enumeration(field.type.enum).members)
    hint = f", did you mean `{close}`?" if close else ""
    return ValueError(f"`{text}` is not a value of `{field.path}`{hint}")


def _joined(texts: Sequence[str]) -> str:
    for text in texts:
        if SEPARATOR in text:
            raise ValueError(f"`{text}` holds `{SEPARATOR}`, which stands between the values of a cell")
    return SEPARATOR.join(texts)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
