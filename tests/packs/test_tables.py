"""Data tables that come with rules: found beside them, and replaced by the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.context.context import Context
from windshear.context.tables import table_of
from windshear.core.errors import InputError
from windshear.packs.tables import load_with_tables, shipped_tables

RULE = 'rule r { meta: a = "b" events: $e.principal.hostname in %devs.hostname condition: $e }'


def pack(folder: Path, table: str) -> Path:
    """Make a pack of one rule and one table, and return the rule's file."""
    rule = folder / "rules" / "r" / "rule.yaral"
    for path, text in ((rule, RULE), (folder / "tables" / "devs.csv", table)):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return rule


def test_tables_are_found_from_files_and_from_folders_above(tmp_path: Path) -> None:
    """Whether the rule, its folder or the whole pack is named, the rule is checked with its table."""
    rule = pack(tmp_path, "hostname\nws-1\n")
    for path in (rule, rule.parent, tmp_path):
        loaded, context = load_with_tables([path])
        assert [one.name for one in loaded.rules] == ["r"]
        assert context.tables["devs"].rows.to_pylist() == [{"hostname": "ws-1"}]


def test_a_wrong_column_is_a_mistake_of_the_rule(tmp_path: Path) -> None:
    """The columns are known, so that a wrong one is told with its place."""
    loaded, _ = load_with_tables([pack(tmp_path, "host\n")])
    (mistake,) = loaded.broken[0].diagnostics
    assert mistake.message == "the data table `%devs` has no column `hostname`"


def test_own_tables_replace_those_that_come_with_rules(tmp_path: Path) -> None:
    """Of one name the user's table counts."""
    own = Context(tables={"devs": table_of("devs", [("hostname", "string")], [["ws-9"]])})
    _, context = load_with_tables([pack(tmp_path, "hostname\nws-1\n")], context=own)
    assert context.tables["devs"].rows.to_pylist() == [{"hostname": "ws-9"}]


def test_two_tables_of_one_name_must_agree(tmp_path: Path) -> None:
    """Equal ones are one; others are refused with both places."""
    one, other = pack(tmp_path / "a", "hostname\nws-1\n"), pack(tmp_path / "b", "hostname\nws-1\n")
    assert len(shipped_tables([one, other])) == 1
    (tmp_path / "b" / "tables" / "devs.csv").write_text("hostname\nws-2\n")
    with pytest.raises(InputError, match=r"comes with rules twice, and differs: `.*a/tables/devs.csv` and `.*b/tables"):
        shipped_tables([one, other])
