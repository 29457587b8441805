"""Reports in sections: what fits a terminal, and what Markdown must not take for its own."""

from __future__ import annotations

from windshear.cli.formats.sections import Item, Section, as_markdown, as_text

_LONG = "a name of many words that goes on and on until it does not fit any more, whatever one does"
_SECTION = Section(
    "Numbers",
    ("what", "number", "share"),
    ((_LONG, "1,234", "50 %"), ("x|y\x1b[31m", "7", "-")),
    (Item("an item", ("with *lines*", _LONG * 2)),),
    ("a note",),
)


def test_text_fits_a_terminal() -> None:
    """The widest column is wrapped, numbers stand to the right, and nothing steers the terminal."""
    lines = as_text("head", [_SECTION]).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[:3] == ["head", "", "Numbers"]
    assert lines[3].split() == ["what", "number", "share"]
    assert lines[4].endswith("   1,234   50 %")
    assert lines[6].startswith("  x|y\\x1b[31m  ")
    assert lines[6].endswith("       7      -")
    assert "  an item" in lines
    assert lines[-1] == "  a note"


def test_markdown_is_escaped() -> None:
    """Tables, lists and notes; what comes from logs and rules is text."""
    text = as_markdown("Report", "head", [_SECTION, Section("Empty", notes=("nothing",))])
    assert text.startswith("# Report\n\nhead\n\n## Numbers\n\n| what | number | share |\n| --- | ---: | ---: |\n")
    assert "| x\\|y\\\\x1b\\[31m | 7 | - |" in text
    assert "- an item\n  - with \\*lines\\*\n" in text
    assert text.endswith("\na note  \n\n## Empty\n\nnothing  \n")


def test_words_that_cannot_be_wrapped() -> None:
    """A path longer than a line stays whole: it is to be copied."""
    path = "x" * 100
    assert path in as_text("head", [Section("Files", items=(Item(path),))])
