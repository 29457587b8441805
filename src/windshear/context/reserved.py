"""Data tables by whose names Windshear knows what they say, and the columns that these must have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from windshear.context.tables import DataTable
from windshear.core.errors import InputError

ALIASES, EGRESS = "person_aliases", "site_egress"

_TEXTS, _ADDRESSES, _LISTS = ("string",), ("string", "cidr"), ("public_ip",)
# Per table the columns that are needed, and the types that they may have; of columns in one entry one is enough.
_NEEDED: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = MappingProxyType(
    {
        ALIASES: ((("alias",), _TEXTS), (("person_id",), _TEXTS)),
        EGRESS: ((("public_ip",), _ADDRESSES), (("cidr", "hostname"), _ADDRESSES)),
    }
)


def reserved_table(tables: Mapping[str, DataTable], name: str) -> DataTable | None:
    """Return a table that Windshear reads itself, None if there is none; `InputError` says what is wrong with it."""
    table = tables.get(name)
    if table is None:
        return None
    for columns, types in _NEEDED[name]:
        present = [column for column in columns if column in table.columns]
        if not present:
            wanted, there = (" or ".join(f"`{column}`" for column in some) for some in (columns, table.columns))
            raise InputError(f"data table `{table.source}` needs a column {wanted}; it has {there}")
        for column in present:
            found = table.columns[column]
            if found.type not in types or (found.is_repeated and column not in _LISTS):
                written = f"{found.type}{'[]' if found.is_repeated else ''}"
                expected = " or ".join(types)
                raise InputError(
                    f"data table `{table.source}`: column `{column}` is of type {written}, expected {expected}"
                )
    if table.problems:
        raise InputError(f"data table `{table.source}` is broken: {table.problems[0]}")
    return table
