"""Which files below a folder are rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.core.errors import InputError
from windshear.packs.rules import rule_files


def _made(folder: Path, *names: str) -> list[Path]:
    made = [folder / name for name in names]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    return made


def test_rules_of_a_pack_are_found_and_its_queries_passed_over(tmp_path: Path) -> None:
    """Queries for tables are no rules, though they have the same suffix."""
    rule, _, readme = _made(tmp_path, "rules/a/rule.yaral", "baselines/table.yaral", "rules/a/README.md")
    assert rule_files([tmp_path]) == [rule]
    assert readme.is_file()


def test_a_folder_of_that_name_without_rules_beside_it_is_like_any_other(tmp_path: Path) -> None:
    """Somebody may call a folder of rules `baselines`."""
    made = _made(tmp_path, "baselines/b.yaral", "other/a.yl2")
    assert rule_files([tmp_path]) == made


def test_a_file_that_is_named_is_taken_wherever_it_stands(tmp_path: Path) -> None:
    """What is named by itself is not chosen."""
    rule, query = _made(tmp_path, "rules/a.yaral", "baselines/b.yaral")
    assert rule_files([query, rule, query]) == [query, rule]


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    """Nothing to run is a mistake, also if there are queries."""
    _made(tmp_path, "rules/a/README.md", "baselines/b.yaral")
    with pytest.raises(InputError, match="no rule files"):
        rule_files([tmp_path])
