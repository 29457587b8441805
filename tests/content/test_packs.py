"""Finding content packs and their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.core.errors import InputError
from windshear.packs.pack import builtin_pack, builtin_packs, load_pack


def _rule(folder: Path, name: str, *files: str) -> None:
    rule = folder / name
    rule.mkdir(parents=True)
    for file in files or ("rule.yaral", "tests.yaml", "README.md"):
        (rule / file).touch()


def test_pack_lists_its_rules_by_name(tmp_path: Path) -> None:
    """Rules and comparison rules are found in order; files and hidden folders beside them are not rules."""
    _rule(tmp_path / "rules", "b_rule")
    _rule(tmp_path / "rules", "a_rule")
    _rule(tmp_path / "comparison", "c_rule")
    (tmp_path / "rules" / ".hidden").mkdir()
    (tmp_path / "rules" / "notes.txt").touch()
    pack = load_pack(tmp_path)
    assert pack.name == tmp_path.name
    assert [rule.name for rule in pack.rules] == ["a_rule", "b_rule"]
    assert [rule.name for rule in pack.comparison] == ["c_rule"]
    assert pack.rule_files == tuple(tmp_path / "rules" / name / "rule.yaral" for name in ("a_rule", "b_rule"))


def test_what_rule_folders_lack_is_told_and_the_rest_runs(tmp_path: Path) -> None:
    """A rule without tests or guide still runs; a folder without a rule is no rule. Both are told."""
    _rule(tmp_path / "rules", "a_rule", "rule.yaral", "README.md")
    _rule(tmp_path / "rules", "b_rule", "tests.yaml", "README.md")
    _rule(tmp_path / "rules", "c_rule")
    (tmp_path / "rules" / "empty").mkdir()
    pack = load_pack(tmp_path)
    assert [rule.name for rule in pack.rules] == ["a_rule", "c_rule"]
    assert [problem.partition("/rules/")[2] for problem in pack.problems] == [
        "a_rule` has no `tests.yaml`",
        "b_rule` has no `rule.yaral`",
    ]


def test_builtin_packs_lack_nothing() -> None:
    """Every built-in rule has its three files."""
    assert [problem for pack in builtin_packs() for problem in pack.problems] == []


def test_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    """A folder without rules and a missing folder are told apart."""
    with pytest.raises(InputError, match="has no rules"):
        load_pack(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        load_pack(tmp_path / "nothing")


def test_unknown_builtin_pack_is_named_with_the_known_ones() -> None:
    """Asking for a pack that does not exist tells which do."""
    assert builtin_pack("t1021_007").rules
    with pytest.raises(InputError, match="expected one of t1021_007"):
        builtin_pack("t1021_008")
