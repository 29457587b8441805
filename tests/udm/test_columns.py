"""Flat columns: one contract, the same types in Arrow and in SQL."""

import duckdb
import pytest

from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn, arrow_type, sql_type

COLUMNS: list[Column] = [
    ScalarColumn("text"),
    ScalarColumn("int"),
    ScalarColumn("uint"),
    ScalarColumn("float"),
    ListColumn("bool"),
    MessagesColumn({"z": ScalarColumn("text"), "a.b": ListColumn("uint"), 'labels["k"]': ScalarColumn("text")}),
    MessagesColumn({"inner": MessagesColumn({"x": ScalarColumn("int")})}),
]


@pytest.mark.parametrize("column", COLUMNS)
def test_arrow_and_sql_agree(column: Column) -> None:
    """An empty SQL column of the type arrives as the Arrow type, whatever the members are called."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t (c {sql_type(column)})")
        assert connection.table("t").to_arrow_table().schema.field("c").type == arrow_type(column)
