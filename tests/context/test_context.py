"""Reference lists from folders and JSON, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.context.context import load_context
from windshear.context.lists import ReferenceList, lists_problem, parse_entries
from windshear.core.errors import InputError
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source

RULE = """rule r {
  meta:
    author = "x"
  events:
    $e.principal.ip in cidr %nets
    not $e.principal.hostname in regex %hosts
  condition:
    $e
}"""


def checked() -> CheckedRule:
    """Compile the rule that reads two lists."""
    compiled = compile_source(Source("r", RULE))
    assert not compiled.is_broken, compiled.diagnostics
    return compiled.rules[0]


def lists(**entries: tuple[str, ...]) -> dict[str, ReferenceList]:
    """Make lists whose type is not known."""
    return {name: ReferenceList(name, None, found) for name, found in entries.items()}


def test_comments_and_blank_lines_are_no_entries() -> None:
    """Only what stands before a comment counts; an escaped comment sign is text."""
    assert parse_entries(["// all", "root // superuser", "", "  ", r"http:\//x", "a b"]) == ("root", "http://x", "a b")


def test_a_folder_of_lists(tmp_path: Path) -> None:
    """Each text file is a list named by its stem."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "nets.txt").write_text("10.0.0.0/8\n// lab\n")
    assert load_context(tmp_path).lists["nets"].entries == ("10.0.0.0/8",)


def test_json_context(tmp_path: Path) -> None:
    """Lists with their type stand in one file."""
    file = tmp_path / "context.json"
    file.write_text('{"lists": {"a": {"type": "STRING", "lines": ["x"]}}}')
    assert load_context(file).lists["a"] == ReferenceList("a", "STRING", ("x",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"lists": {"a": {"type": "SET", "lines": []}}}', "lists.a.type"),
        ('{"list": {}}', "list: Extra inputs"),
        ("{", "the file"),
    ],
)
def test_broken_json_context_is_named(tmp_path: Path, text: str, said: str) -> None:
    """The message names the file and the key."""
    file = tmp_path / "context.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"context\.json") as caught:
        load_context(file)
    assert said in str(caught.value)


def test_missing_folder_content_is_named(tmp_path: Path) -> None:
    """A folder without lists, and a file that is not there, are inputs in error."""
    with pytest.raises(InputError, match="holds no"):
        load_context(tmp_path)
    with pytest.raises(InputError, match="cannot read"):
        load_context(tmp_path / "none.json")


def test_rule_and_lists_must_fit() -> None:
    """A missing list, a wrong type and a bad entry each say so; a good set says nothing."""
    rule = checked()
    assert lists_problem(rule, {}) == "reference list `%nets` is missing"
    wrong = {**lists(hosts=("x",)), "nets": ReferenceList("nets", "STRING", ("10.0.0.0/8",))}
    assert "is of type STRING, the rule reads it as CIDR" in str(lists_problem(rule, wrong))
    assert "`10.0.0.0/99` is neither" in str(lists_problem(rule, lists(nets=("10.0.0.0/99",), hosts=())))
    assert "`(` is not a pattern" in str(lists_problem(rule, lists(nets=("::1",), hosts=("(",))))
    assert lists_problem(rule, lists(nets=("10.0.0.0/8", "2001:db8::/32"), hosts=("^ws",))) is None
