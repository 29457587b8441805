"""Texts that stand in several records, a part in each."""

from __future__ import annotations

from collections.abc import Sequence

from windshear.core import sql
from windshear.logs.values import Condition, Reading, Value, read, reads_of

_MOST_PARTS = 500


def whole_text(part: Value, number: Value, total: Reading, same: Sequence[Value]) -> Value:
    """Join the parts of a text that several records hold, at the record of the last part.

    The parts have numbers from 1 to a total, and the same values of `same`. Absent unless all parts stand, once each,
    in the same batch: nothing is held from one batch to the next. Texts of more than 500 parts stay in parts.
    """
    at, of = (
        Value(sql.try_cast(number.sql, "INTEGER")),
        Value(sql.try_cast(read(total).sql, "INTEGER")),
    )  # so that none overflows
    is_last = Condition(
        sql.coalesce(
            sql.all_of(
                [
                    sql.binary("=", at.sql, of.sql),
                    sql.binary(">", of.sql, sql.integer(1)),
                    sql.binary("<=", of.sql, sql.integer(_MOST_PARTS)),
                ]
            ),
            sql.FALSE,
        )
    )
    # The other records look at themselves alone, so that a text is not made once for every part of it.
    before = sql.case(is_last.sql, sql.binary("-", of.sql, sql.integer(1)), sql.integer(0))
    window = (
        f"OVER (PARTITION BY {', '.join(value.sql.text for value in same)} ORDER BY {at.sql} "
        f"ROWS BETWEEN {before} PRECEDING AND CURRENT ROW)"
    )
    joined_parts = sql.raw(f"string_agg({part.sql}, '') {window}")
    first_number, count = sql.raw(f"min({at.sql}) {window}"), sql.raw(f"count({part.sql}) {window}")
    numbers = sql.raw(f"sum({at.sql}) {window}")
    all_numbers = sql.binary("//", sql.binary("*", of.sql, sql.binary("+", of.sql, sql.integer(1))), sql.integer(2))
    is_whole = sql.all_of(
        [
            is_last.sql,
            sql.binary("=", first_number, sql.integer(1)),
            sql.binary("=", count, of.sql),
            sql.binary("=", numbers, all_numbers),
        ]
    )
    whole = Value(sql.case(is_whole, joined_parts, sql.NULL), reads_of((part, number, read(total), *same)))
    return read(Reading((), made=whole, among=total))
