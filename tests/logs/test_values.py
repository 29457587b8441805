"""Values: what the building blocks of a declaration mean."""

from __future__ import annotations

import ipaddress
import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windshear.core import sql
from windshear.logs.addresses import is_ip
from windshear.logs.extraction import extraction
from windshear.logs.normalise import ingest_connection
from windshear.logs.parser import Shape
from windshear.logs.prepared import Prepared
from windshear.logs.values import (
    Condition,
    Value,
    captured,
    constant,
    field,
    first,
    is_any,
    joined,
    line_after,
    lines_of,
    lower,
    not_,
    translate,
    unescaped,
    when,
    whole_number,
)

_PREPARED = Prepared(ingest_connection())


def evaluate(value: Value | Condition, record: object) -> object:
    """Give a value for one record."""
    query = sql.select([sql.aliased(value.sql, "value")], extraction(value.reads, Shape("plain", ())))
    cells: list[object] = _PREPARED.run(query.text, pa.array([json.dumps(record)])).column("value").to_pylist()
    return cells[0]


RECORD = {"a": "x", "b": "", "c": None, "d": 5, "e": {"f": True, "g": ["x", None, "", 1]}, "h": "DOMAIN\\user"}
RECORD |= {"i": "Host\r\nA User = z\r\nUser =  x y \r\nScript = \r\n", "j": "&lt;&quot;a&quot; &amp; &apos;b&apos;&gt;"}
CASES: list[tuple[Value | Condition, object]] = [
    (field("a"), "x"),
    (field("b"), None),
    (field("c"), None),
    (field("missing", "deeper"), None),
    (field("d"), "5"),
    (field("e", "f"), "true"),
    (field("e"), '{"f":true,"g":["x",null,"",1]}'),
    (first(field("b"), field("c"), field("a")), "x"),
    (joined("<", field("a"), ">"), "<x>"),
    (joined("<", field("b")), None),
    (captured(field("h"), r"^([^\\]*)\\"), "DOMAIN"),
    (captured(field("a"), r"^([^\\]*)\\"), None),
    (lower(field("h")), "domain\\user"),
    (translate(field("a"), {"x": "one", "y": "two"}), "one"),
    (translate(field("d"), {"x": "one"}), None),
    (translate(field("c"), {"x": "one"}, constant("other")), "other"),
    (joined(field("e", "f"), " of ", field("e")), 'true of {"f":true,"g":["x",null,"",1]}'),
    (joined(field("h", "inner"), field("h")), None),
    (line_after(lines_of(field("i")), constant("User = ")), "x y"),
    (line_after(lines_of(field("i")), constant("Script = ")), None),
    (line_after(lines_of(field("i")), constant("Path = ")), None),
    (unescaped(field("j")), "<\"a\" & 'b'>"),
    (unescaped(field("a")), "x"),
    (whole_number(field("d")), 5),
    (whole_number(field("a")), None),
    (when(is_any(field("a"), ["x", "y"]), field("d")), "5"),
    (when(not_(is_any(field("c"), ["x"])), field("d")), "5"),
    (is_any(field("c"), ["x"]), False),
]


@pytest.mark.parametrize(("value", "expected"), CASES, ids=lambda case: str(getattr(case, "sql", case))[:40])
def test_value(value: Value | Condition, expected: object) -> None:
    """A building block gives what its documentation says."""
    assert evaluate(value, RECORD) == expected


ADDRESSES = [
    "10.0.0.1",
    "255.255.255.255",
    "256.1.1.1",
    "225.01.00.16",
    "1.2.3",
    "1.2.3.4.5",
    "10.0.0.1:443",
    "::",
    "::1",
    "1::",
    "2001:db8::7",
    "2001:DB8:0:0:0:0:0:7",
    "2001:db8:0:0:0:0:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1::2:3:4:5:6:7:8",
    "1::2::3",
    ":::",
    ":1",
    "1:",
    ":1::",
    "12345::",
    "::ffff:10.0.0.1",
    "::ffff:10.0.0.01",
    "g::1",
    "AWS Internal",
    "ec2.amazonaws.com",
    "10.0.0.1\n",
    "::1\n",
    "",
]


def test_addresses() -> None:
    """An address is what Python's standard library takes for one."""
    for text in ADDRESSES:
        assert evaluate(is_ip(field("x")), {"x": text}) == is_address(text), text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["", "0", "1", "fF0a", "12345", "10.0.0.1"]), min_size=1, max_size=10).map(":".join))
def test_any_groups(text: str) -> None:
    """Whatever stands between colons, an address is what Python's standard library takes for one."""
    if text.count(".") == 3 and not text.startswith(("::10", "::ffff:10")) and ":" in text:
        return  # IPv4 inside other IPv6 prefixes is not looked for
    assert evaluate(is_ip(field("x")), {"x": text}) == is_address(text)


def is_address(text: str) -> bool:
    """Ask the standard library."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
