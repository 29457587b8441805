"""The other case of letters: ours against the SQL engine's, over all of Unicode."""

from __future__ import annotations

import duckdb
import pytest

from windshear.engine.sift.letters import change
from windshear.engine.sift.nodes import Letters


@pytest.mark.parametrize(("letters", "function"), [("lower", "lower"), ("upper", "upper")])
def test_agrees_where_it_is_sure(letters: Letters, function: str) -> None:
    """The same characters become ASCII here as there, and become the same."""
    query = (
        f"SELECT i, {function}(chr(i::INTEGER)) AS changed "
        "FROM (FROM range(128, 55296) UNION ALL FROM range(57344, 1114112)) AS t(i) "
        "WHERE regexp_full_match(changed, '[[:ascii:]]')"
    )
    exact = dict(duckdb.connect().execute(query).fetchall())
    numbers = (number for number in range(128, 0x110000) if not 0xD800 <= number <= 0xDFFF)
    assert {n: changed for n in numbers if (changed := change(chr(n), letters)).isascii()} == exact
    texts = "".join(map(chr, range(1, 128)))
    assert duckdb.execute(f"SELECT {function}(?)", [texts]).fetchone() == (change(texts, letters),)
