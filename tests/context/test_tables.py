"""Data tables: what a CSV file or JSON gives, and what is said of those that are broken."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from windshear.context.context import context_of_json, load_context
from windshear.context.headers import header_of, schema_of
from windshear.context.tables import DataTable, read_table, tables_problem
from windshear.core.errors import InputError
from windshear.language.entity_fields import entity_field
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.language.tables import TableColumn

RULE = """rule r {
  meta:
    author = "x"
  events:
    $e.principal.user.userid in %t.user
  condition:
    $e
}"""

MISSING = "data table `%t` is missing: a context folder holds it as tables/t.csv (--context DIR)"


def table(folder: Path, text: str | bytes) -> DataTable:
    """Read a CSV text as a table named `t`."""
    path = folder / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path)


def rows(found: DataTable) -> list[tuple[object, ...]]:
    """Return the values of a table row by row."""
    return [tuple(row.values()) for row in found.rows.to_pylist()]


def refusal(folder: Path, text: str | bytes) -> str:
    """Return why a file is no table at all, with the folder left out."""
    with pytest.raises(InputError) as caught:
        table(folder, text)
    return str(caught.value).replace(str(folder), "")


def test_types_of_columns(tmp_path: Path) -> None:
    """Cells become texts and numbers, and lists of them where a column may hold several values."""
    found = table(tmp_path, "user:string:key,score:number,nets:cidr[],names:regex[]\nann,2.5,10.0.0.0/8|::1,^a|b$\n")
    assert rows(found) == [("ann", 2.5, ["10.0.0.0/8", "::1"], ["^a", "b$"])]
    assert found.columns == {
        "user": TableColumn("string", is_key=True),
        "score": TableColumn("number"),
        "nets": TableColumn("cidr", is_repeated=True),
        "names": TableColumn("regex", is_repeated=True),
    }
    assert not found.problems


def test_columns_without_a_type_hold_strings(tmp_path: Path) -> None:
    """A plain CSV file is a table of strings; a key and several values need no type either."""
    found = table(tmp_path, "user,host:key,groups:[]\nann,ws1,a|b\n")
    assert rows(found) == [("ann", "ws1", ["a", "b"])]
    assert [(column.is_key, column.is_repeated) for column in found.columns.values()] == [
        (False, False),
        (True, False),
        (False, True),
    ]


def test_comments_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    """None of them is a row; `#` inside a line is text."""
    text = "\ufeff# accounts of the lab\n\nuser,note\n# ann left\nbob,#1\n\n"
    assert rows(table(tmp_path, text)) == [("bob", "#1")]


def test_quoted_cells(tmp_path: Path) -> None:
    """Commas, quotes, line breaks and lines that look like comments stand between quotes."""
    text = 'user,note\n"a,b","say ""hi"""\nbob,"one\n# two\nthree"\n"#1",x\n'
    found = table(tmp_path, text)
    assert rows(found) == [("a,b", 'say "hi"'), ("bob", "one\n# two\nthree"), ("#1", "x")]


def test_line_ends_of_windows(tmp_path: Path) -> None:
    """They are no part of the last cell."""
    assert rows(table(tmp_path, "user,note\r\nann,x\r\n# no row\r\nbob,y\r\n")) == [("ann", "x"), ("bob", "y")]


def test_empty_cells(tmp_path: Path) -> None:
    """An empty cell is the zero value of its column; between separators nothing counts."""
    found = table(tmp_path, "a,b:number,c:cidr,d:string[]\n,,,| x ||\n")
    assert rows(found) == [("", 0.0, "", ["x"])]
    assert not found.problems


@pytest.mark.parametrize(
    ("cell", "value"),
    [("7", 7.0), (" 7 ", 7.0), ("-2.50", -2.5), ("+1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("007", 7.0)],
)
def test_numbers(tmp_path: Path, cell: str, value: float) -> None:
    """Numbers are written in the usual ways."""
    assert rows(table(tmp_path, f"n:number\n{cell}\n")) == [(value,)]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("n:number", "seven", "`seven` is not a number"),
        ("n:number", "nan", "`nan` is not a number"),
        ("n:number", "inf", "`inf` is not a number"),
        ("n:number", "1_000", "`1_000` is not a number"),
        ("n:number", '"1,5"', "`1,5` is not a number"),
        ("n:number", "1e999", "`1e999` is not a number"),
        ("n:number[]", "1|x", "`x` is not a number"),
        ("n:cidr", "10.0.0.0/33", "`10.0.0.0/33` is neither a network nor an address"),
        ("n:cidr", "ws1", "`ws1` is neither a network nor an address"),
        ("n:regex", "(a", "`(a` is not a pattern of RE2"),
        ("n:regex", "a(?=b)", "`a(?=b)` is not a pattern of RE2"),
        ("n:entity.user.hire_date.seconds", "today", "`today` is not a value of `entity.user.hire_date.seconds`"),
        ("n:entity.user.hire_date.seconds", "1.5", "which is of type int64"),
        ("n:entity.user.hire_date.seconds", "999999999999", "is no time that `entity.user.hire_date.seconds` can hold"),
        ("n:entity.user.hire_date.seconds", "2026-02-03T00:00:00Z", "as seconds since 1970: 1770076800"),
        ("n:metadata.entity_type", "USSER", "`USSER` is not a value of `metadata.entity_type`, did you mean `USER`?"),
        ("n:entity.domain.private_registration", "yes", "`yes` is neither `true` nor `false`"),
    ],
)
def test_cells_that_do_not_fit(tmp_path: Path, column: str, cell: str, reason: str) -> None:
    """A cell that does not fit is told with file, line and column, and its row is left out."""
    found = table(tmp_path, f"# head\n{column},other\n{cell},ok\n")
    assert rows(found) == []
    (problem,) = found.problems
    assert problem.startswith(f"{tmp_path / 't.csv'}:3, column `n`: ")
    assert reason in problem


def test_rows_of_another_length(tmp_path: Path) -> None:
    """They are told with both numbers; the line is the last of the row."""
    found = table(tmp_path, 'a,b\n1\n1,2,3\n"x\ny",2,3\n1,2\n')
    place = tmp_path / "t.csv"
    assert found.problems == (
        f"{place}:2: 1 cells, the header has 2 columns",
        f"{place}:3: 3 cells, the header has 2 columns",
        f"{place}:5: 3 cells, the header has 2 columns",
    )
    assert rows(found) == [("1", "2")]


def test_a_broken_table_keeps_its_rules_from_running(tmp_path: Path) -> None:
    """The first problem is told with how many there are; other rules do not mind."""
    compiled = compile_source(Source("r", RULE))
    (rule,) = compiled.rules
    broken = table(tmp_path, "user,n:number\na,x\nb,y\nc,z\n")
    problem = tables_problem(rule, {"t": broken})
    assert problem is not None
    assert "data table `%t` is broken" in problem
    assert problem.endswith("`x` is not a number (and 2 more)")
    assert tables_problem(rule, {}) == MISSING
    assert tables_problem(rule, {"t": table(tmp_path, "user\na\n")}) is None


def test_a_setup_section_is_checked_with_its_table(tmp_path: Path) -> None:
    """What a row says of entities is known to the checker alone; without the table the rule would change nothing."""
    setup = "setup:\n    graph_override($g.graph.entity.hostname = %t.host)\n  events:\n"
    events = (
        "    $g.graph.entity.hostname = $h\n    $e.principal.hostname = $h\n  match:\n    $h over 1h\n  condition:\n"
    )
    text = f'rule r {{\n  meta:\n    author = "x"\n  {setup}{events}    $e and $g\n}}'
    found = table(tmp_path, "host:entity.hostname\nws1\n")
    (without,) = compile_source(Source("r", text)).rules
    (checked,) = compile_source(Source("r", text), tables={"t": found.columns}).rules
    assert tables_problem(without, {}) == MISSING
    assert tables_problem(without, {"t": found}) == (
        "the rule was checked without the data table `%t`, whose mapped columns it needs"
    )
    assert tables_problem(checked, {"t": found}) is None


def test_at_most_twenty_problems_are_kept(tmp_path: Path) -> None:
    """A file of another kind gives no million of messages."""
    assert len(table(tmp_path, "n:number\n" + "x\n" * 1000).problems) == 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "data table `/t.csv` is empty: its first line names the columns"),
        ("# only a comment\n\n", "data table `/t.csv` is empty"),
        ("user,user\n", "data table `/t.csv`, line 1: the column `user` is named twice"),
        ("# x\nfirst name\n", "data table `/t.csv`, line 2: `first name` is not a column"),
        ("a,,b\n", "`` is not a column"),
        ("1st\n", "`1st` is not a column"),
        ("user:text:more\n", "`user:text:more` is not a column"),
        ("user:strng\n", "column `user`: `strng` is not a type, did you mean `string`?"),
        ("user:String\n", "column `user`: `String` is not a type, did you mean `string`?"),
        (
            "user:address\n",
            "`address` is not a type: it is string, number, regex, cidr or until, or a field of entities",
        ),
        ("host:entity.hostnme\n", "`entity.hostnme` is not a field of entities, did you mean `entity.hostname`?"),
        ("host:entiti.hostname\n", "`entiti` in `entiti.hostname` is not a field of entities"),
        ("host:entity.user.\n", "`entity.user.` is not the path of a field"),
        ("host:entity.user.attribute\n", "`entity.user.attribute` is a message, not a value"),
        ("s:metadata.interval.start_time\n", "`metadata.interval.start_time` is a time, write "),
        ("s:metadata.interval.start_time.nanos\n", "a time, which a table sets in whole seconds: `metadata.interval"),
        ("host:relations.entity.hostname\n", "`relations.entity.hostname` lies inside the repeated `relations`"),
        ("host:entity.ip[0]\n", "`entity.ip[0]` is an element of a list"),
        ("host:entity.hostname[]\n", "`entity.hostname` holds one value, so its cells do, too"),
        ("a:entity.hostname,b:graph.entity.hostname\n", "two columns are mapped to `entity.hostname`"),
        (",".join(f"c{n}" for n in range(1001)) + "\n", "1001 columns, at most 1000 are allowed"),
        ('user,note\n"a,b\n', "data table `/t.csv`, line 2: unexpected end of data"),
        ('user,note\n"a"b,c\n', "data table `/t.csv`, line 2: "),
        ("user\n" + "x" * 1_000_001 + "\n", "data table `/t.csv`, line 2: field larger than field limit"),
        ("user\nd\u00f6rte\n".encode("latin-1"), "data table `/t.csv` is not UTF-8 text"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, text: str | bytes, reason: str) -> None:
    """What is wrong with a whole file ends the run, with its place and, where one is near, the word that was meant."""
    assert reason in refusal(tmp_path, text)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    """What cannot be opened is told by name."""
    (tmp_path / "tables" / "t.csv").mkdir(parents=True)
    with pytest.raises(InputError, match=r"cannot read data table .*t\.csv"):
        load_context(tmp_path)


def test_many_rows_keep_their_order(tmp_path: Path) -> None:
    """They are packed as they come."""
    found = table(tmp_path, "n:number,tags:string[]\n" + "".join(f"{n},a|{n}\n" for n in range(100_001)))
    assert found.rows.num_rows == 100_001
    assert found.rows.column("n").to_pylist() == list(range(100_001))
    assert found.rows.column("tags")[100_000].as_py() == ["a", "100000"]


def test_mapped_columns(tmp_path: Path) -> None:
    """A column may name a field of entities: its cells are values of that field, exact to the last digit."""
    header = "host:entity.hostname:key,ips:entity.ip[],kind:graph.metadata.entity_type,size:entity.file.size"
    found = table(tmp_path, f"{header}\nws1,192.0.2.1|192.0.2.2,ASSET,9007199254740993\n,,,\n")
    assert rows(found) == [("ws1", ["192.0.2.1", "192.0.2.2"], "ASSET", 9007199254740993), ("", [], "", 0)]
    assert found.columns["host"] == TableColumn("string", is_key=True, field=entity_field("entity.hostname"))
    assert found.columns["ips"] == TableColumn("string", is_repeated=True, field=entity_field("entity.ip"))
    assert found.columns["size"].type == "number"
    assert found.rows.schema.field("size").type == pa.uint64()


def test_an_interval_that_ends_before_it_begins(tmp_path: Path) -> None:
    """Such a row would be valid at no time; an empty cell bounds nothing."""
    header = "s:metadata.interval.start_time.seconds,e:metadata.interval.end_time.seconds"
    found = table(tmp_path, f"{header}\n20,10\n20,\n,10\n10,20\n")
    assert found.problems == (f"{tmp_path / 't.csv'}:2: the interval ends (10) before it begins (20)",)
    assert rows(found) == [(20, 0), (0, 10), (10, 20)]


def test_tables_in_json() -> None:
    """The types are spelt as in a header; cells are texts, numbers, truth values or lists of them."""
    columns = {"user": "string:key", "ips": "entity.ip[]", "ok": "entity.domain.private_registration", "n": "number"}
    content = {"columns": columns, "rows": [["ann", ["192.0.2.1", "::1"], True, 2.5], ["7", "192.0.2.2", "false", "3"]]}
    found = context_of_json(json.dumps({"tables": {"t": content}}).encode()).tables["t"]
    assert rows(found) == [("ann", ["192.0.2.1", "::1"], "true", 2.5), ("7", ["192.0.2.2"], "false", 3.0)]
    assert not found.problems


def test_a_separator_inside_a_value_of_json() -> None:
    """In a list it would become two values, so the row is refused."""
    content = {"columns": {"names": "string[]"}, "rows": [[["a|b"]], [["c"]]]}
    found = context_of_json(json.dumps({"tables": {"t": content}}).encode()).tables["t"]
    assert found.problems == ("data table `t`, row 1: `a|b` holds `|`, which stands between the values of a cell",)
    assert rows(found) == [(["c"],)]


def test_headers_are_written_as_they_are_read() -> None:
    """What a schema says is said again by the header that is made from it."""
    header = ["user:string:key", "score:number", "nets:cidr[]", "host:entity.hostname", "ips:entity.ip[]:key"]
    assert header_of(schema_of(header, "here")) == header
