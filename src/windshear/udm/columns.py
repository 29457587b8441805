"""Flat columns: how events are stored between normalising and settling.

An event is one row. A UDM leaf that is not repeated is one column named by its dotted path
(`principal.user.userid`). A repeated scalar is a list column (`principal.ip`). A repeated message is one column of
LIST<STRUCT> whose members are again flat and named relative to the message (`about` with `user.userid`, `ip`). A map
read by key is a text column of its own (`additional.fields["k"]`, `security_result.detection_fields["k"]`): its value
is the first in document order over all parents, text values only. Only columns that somebody asked for exist, and a
log type that never fills a requested column leaves it out of its table.

Conventions of values: enums are member names; bytes are base64 text; a Timestamp or Duration is the two leaves
`.seconds` and `.nanos`; int32/int64 are BIGINT, uint32/uint64 UBIGINT, float/double DOUBLE. Lists hold no NULL
elements (a message element may have NULL members); an absent scalar is NULL, an absent list NULL or empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ScalarKind = Literal["text", "int", "uint", "float", "bool"]

_ARROW_SCALARS: dict[ScalarKind, pa.DataType] = {
    "text": pa.string(),
    "int": pa.int64(),
    "uint": pa.uint64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
}
_SQL_SCALARS: dict[ScalarKind, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "uint": "UBIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class ScalarColumn:
    """One value per row."""

    kind: ScalarKind


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A list of scalars per row."""

    kind: ScalarKind


@dataclass(frozen=True, slots=True)
class MessagesColumn:
    """A list of flat messages per row."""

    members: Mapping[str, Column]


Column = ScalarColumn | ListColumn | MessagesColumn
Columns = Mapping[str, Column]


def arrow_type(column: Column) -> pa.DataType:
    """Return the Arrow type in which a column travels. Members of messages are in name order."""
    match column:
        case ScalarColumn(kind):
            return _ARROW_SCALARS[kind]
        case ListColumn(kind):
            return pa.list_(_ARROW_SCALARS[kind])
        case MessagesColumn(members):
            return pa.list_(pa.struct([(name, arrow_type(member)) for name, member in sorted(members.items())]))


def sql_type(column: Column) -> str:
    """Return the DuckDB type of a column, with the same member order as `arrow_type`."""
    match column:
        case ScalarColumn(kind):
            return _SQL_SCALARS[kind]
        case ListColumn(kind):
            return _SQL_SCALARS[kind] + "[]"
        case MessagesColumn(members):
            inner = ", ".join(
                '"' + name.replace('"', '""') + '" ' + sql_type(member) for name, member in sorted(members.items())
            )
            return f"STRUCT({inner})[]"


def merge(parts: Iterable[Columns]) -> dict[str, Column]:
    """Unite several requests: members of one repeated message are united, too."""
    merged: dict[str, Column] = {}
    for part in parts:
        for name, column in part.items():
            known = merged.get(name)
            if isinstance(known, MessagesColumn) and isinstance(column, MessagesColumn):
                merged[name] = MessagesColumn(merge([known.members, column.members]))
            else:
                merged[name] = column
    return merged
