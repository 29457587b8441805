"""Rows for tables: from findings, into tables and files."""

from __future__ import annotations

import re

import pytest

from tests.evaluate.scenes import FIRST, detection
from windshear.context.tables import DataTable, table_of
from windshear.detections.detection import Bound, NamedValue, Value
from windshear.evaluate.findings import Finding
from windshear.evaluate.rows import Row, candidates_of, file_with_rows, has_row, tuning_of, why_none, with_rows

_TABLES: dict[str, DataTable] = {
    "hosts": table_of("hosts", [("name", "string"), ("owner", "string")], [["ws-1", "ann"]]),
    "t1021_exclusions": table_of("t1021_exclusions", [("key", "string"), ("reason", "string")], []),
    "nets": table_of("nets", [("net", "cidr")], []),
    "patterns": table_of("patterns", [("what", "regex")], []),
    "travel": table_of("travel", [("person", "string"), ("country", "string")], []),
}


def _finding(tuning: str, **outcomes: Value) -> Finding:
    named = [NamedValue(name, value, "string") for name, value in outcomes.items()]
    meta = [("tuning", tuning)] if tuning else []
    return Finding(detection("d", "my_rule", meta, {"e": Bound(0, (), ())}, FIRST, named), ())


@pytest.mark.parametrize(
    ("tuning", "outcomes", "rows"),
    [
        ("hosts.name=host", {"host": "WS-7"}, [["hosts: name=ws-7"], ["hosts: name=WS-7"]]),
        ("hosts.name = $host", {"host": "ws-7"}, [["hosts: name=ws-7"]]),
        (
            "hosts.name=host; t1021_exclusions.key=who",
            {"host": "", "who": "Ann"},
            [["t1021_exclusions: key=my_rule|ann"], ["t1021_exclusions: key=my_rule|Ann"]],
        ),
        ("hosts.name=host", {"host": ["a", "b", "a"]}, [["hosts: name=a", "hosts: name=b"]]),
        ("hosts.name=host", {"host": list("abcdef")}, []),
        ("nets.net=ip", {"ip": "192.0.2.7"}, [["nets: net=192.0.2.7"]]),
        ("nets.net=ip", {"ip": "no address"}, []),
        ("patterns.what=command", {"command": "a.b"}, [["patterns: what=^a\\.b$"]]),
        (
            "travel.person=who; travel.country=country",
            {"who": "ann", "country": "peru"},
            [["travel: person=ann, country=peru"]],
        ),
        ("travel.person=who; travel.country=country", {"who": "ann", "country": ""}, []),
        ("unknown.name=host; hosts.none=host; nonsense", {"host": "a"}, []),
        ("hosts.name=number", {"number": 64500.0}, [["hosts: name=64500"]]),
        ("", {"host": "a"}, []),
    ],
)
def test_rows_that_may_silence_a_finding(tuning: str, outcomes: dict[str, Value], rows: list[list[str]]) -> None:
    """In the order of the rule, in lower case first, and only such as the column can hold."""
    found = candidates_of(_finding(tuning, **outcomes), _TABLES)
    assert [[row.text for row in some] for some in found] == rows


@pytest.mark.parametrize(
    ("tuning", "reason"),
    [
        ("", "the rule names no table"),
        ("unknown.name=host", "there is no table `unknown`"),
        ("hosts.name=host", "is empty or too much: `host`"),
    ],
)
def test_why_there_is_no_row(tuning: str, reason: str) -> None:
    """Whoever writes the rule can do something about it."""
    assert re.search(reason, why_none(_finding(tuning), _TABLES))


def test_rows_join_a_table_and_its_file() -> None:
    """What is there stays as it is; cells are quoted where they must be; what nobody fills is empty."""
    row = Row("hosts", (("name", 'a "b", c'),))
    table = with_rows(_TABLES["hosts"], [row])
    assert table.rows.to_pylist() == [{"name": "ws-1", "owner": "ann"}, {"name": 'a "b", c', "owner": ""}]
    assert has_row(table, row)
    assert not has_row(_TABLES["hosts"], row)
    text = file_with_rows("# mine\nname,owner\nws-1,ann", _TABLES["hosts"], [row], {"owner": "me", "reason": "x"})
    assert text == '# mine\nname,owner\nws-1,ann\n"a ""b"", c",me\n'


def test_rows_that_are_there() -> None:
    """A row is known by its cells, also where a cell holds several values."""
    table = table_of("t", [("names", "string[]"), ("limit", "number"), ("note", "string")], [["a|b", 3, "x"]])
    assert has_row(table, Row("t", (("names", "a|b"), ("limit", "3.0"))))
    assert not has_row(table, Row("t", (("names", "a"), ("limit", "3"))))
    assert not has_row(table, Row("t", (("names", "a|b"), ("limit", "4"))))


def test_parts_of_tuning_that_cannot_be_read_are_left_out() -> None:
    """Words and dots that mean nothing do no harm."""
    assert tuning_of("; hosts.name ; =x; a.b=c; a.d=e")[0].columns == (("b", "c"), ("d", "e"))
    assert tuning_of("") == ()
