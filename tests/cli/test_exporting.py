"""Tables as files: what stands in them can be read again, and what is not in them is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from windshear.cli.exporting import export_folder, export_tables
from windshear.cli.formats.writers import Writer
from windshear.cli.rule_sets import ready_rules
from windshear.cli.scanning import Job, ScanResult, run_scan
from windshear.context.context import Context
from windshear.context.tables import DataTable, read_table, table_of
from windshear.core.errors import InputError
from windshear.engine.feed import Input
from windshear.engine.scan import Settings

RULE = """rule hosts {
  meta:
    author = "x"
  events:
    $e.metadata.event_type = "USER_LOGIN"
  outcome:
    $host = $e.principal.hostname
  condition:
    $e
  export:
    %seen.write_row(host: $host)
}
"""


def scan(folder: Path, hosts: list[str], table: DataTable, most: int = 10) -> tuple[ScanResult, list[str]]:
    """Scan an event per host, write the table into the folder; return what is said of that."""
    (folder / "rule.yaral").write_text(RULE)
    events = [
        {
            "metadata": {"eventType": "USER_LOGIN", "eventTimestamp": f"2026-03-02T10:{minute:02d}:00Z"},
            "principal": {"hostname": host},
        }
        for minute, host in enumerate(hosts)
    ]
    (folder / "events.jsonl").write_text("\n".join(json.dumps(event) for event in events))
    ready = ready_rules((folder / "rule.yaral",), (), Context(tables={"seen": table}))
    job = Job(ready, Input((str(folder / "events.jsonl"),)), Settings(detection_limit=most), threshold=5)
    result = run_scan(job, Writer(lambda _: None, lambda: None), lambda _: None)
    said: list[str] = []
    export_tables(result.exports, folder, said.append)
    return result, said


AWKWARD = [
    "#1",
    "a,b",
    'say "x"',
    "one\ntwo",
    "\r",
    "\r\n# no comment",
    " edge ",
    "\u00fcber \U0001f600",
    "x\x00y",
    "'",
]


def test_awkward_texts_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Whatever stands in a log comes back from the table, in the first column as in others."""
    columns = {"host": "string", "note": "string"}
    scan(tmp_path, AWKWARD, table_of("seen", columns.items(), [[text, text] for text in AWKWARD[::-1]]))
    found = read_table(tmp_path / "seen.csv")
    assert found.problems == ()
    rows = [tuple(row.values()) for row in found.rows.to_pylist()]
    assert rows == [*((text, text) for text in AWKWARD[::-1]), *((text, "") for text in AWKWARD)]


def test_a_row_that_is_empty_is_a_row(tmp_path: Path) -> None:
    """An empty line would be none."""
    scan(tmp_path, ["", "ws1"], table_of("seen", {"host": "string"}.items(), []))
    assert (tmp_path / "seen.csv").read_bytes() == b'host:string\n""\nws1\n'
    assert read_table(tmp_path / "seen.csv").rows.to_pylist() == [{"host": ""}, {"host": "ws1"}]


def test_rows_of_detections_that_were_only_counted_are_told(tmp_path: Path) -> None:
    """What is hidden by a threshold is written; what is beyond the limit is not, and that is said."""
    result, said = scan(tmp_path, ["a", "b", "c"], table_of("seen", {"host": "string"}.items(), []), most=2)
    assert result.hidden == 2
    assert said == [
        f"wrote {tmp_path / 'seen.csv'}: 2 rows, 2 of them from detections",
        "  hosts: 1 more row for %seen left out, a rule writes 2 in a run",
    ]


def test_a_folder_is_made_with_those_above(tmp_path: Path) -> None:
    """Only what is no folder is refused."""
    assert export_folder(None) is None
    assert export_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write tables to"):
        export_folder(tmp_path / "file")
