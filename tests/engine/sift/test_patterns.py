"""All patterns of a leaf at once: the same answers as RE2 one by one."""

from __future__ import annotations

import pytest
import re2

from tests.engine.sift.generators import PATTERNS, TEXTS
from windshear.engine.sift import patterns
from windshear.engine.sift.nodes import Pattern


def _one_by_one(searched: list[Pattern], texts: list[str]) -> dict[int, list[int]]:
    found = {}
    for number, pattern in enumerate(searched):
        options = re2.Options()
        options.case_sensitive = not pattern.is_nocase
        compiled = re2.compile(pattern.text, options)
        hits = [position for position, text in enumerate(texts) if compiled.search(text)]
        if hits:
            found[number] = hits
    return found


def _together(pattern_set: patterns.PatternSet, texts: list[str]) -> dict[int, list[int]]:
    return {number: positions.tolist() for number, positions in pattern_set.hits(texts).items()}


ALL = [Pattern(text, is_nocase) for text in PATTERNS for is_nocase in (False, True)]


@pytest.mark.parametrize("per_filter", [1, 7, 512])
def test_equal_to_one_by_one(per_filter: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the patterns are cut into filters, and whether or not a text is remembered, RE2's answers come out."""
    monkeypatch.setattr(patterns, "_PATTERNS_PER_FILTER", per_filter)
    pattern_set = patterns.PatternSet(ALL)
    for _ in range(2):
        assert _together(pattern_set, TEXTS) == _one_by_one(ALL, TEXTS)


def test_companions_do_not_hide_a_match() -> None:
    """A pattern that matches alone also matches in company (the case that another library gets wrong)."""
    searched = [Pattern(r"shell.*\s-e(nc)?\s", is_nocase=True), Pattern(" /D %.*%"), Pattern("-e")]
    text = "powershell.exe -noP -sta -w 1 -enc  SQBmAC"
    assert _together(patterns.PatternSet(searched), [text]) == {0: [0], 2: [0]}


def test_a_set_too_large_for_one_filter() -> None:
    """A set that RE2 refuses is halved until it fits; nothing is lost without a word."""
    searched = [Pattern(f"{number:05d}" + "abcdefghij" * 15 + f"{number:05d}") for number in range(1500)]
    texts = [searched[0].text, searched[750].text, searched[-1].text, "nothing"]
    assert _together(patterns.PatternSet(searched), texts) == {0: [0], 750: [1], 1499: [2]}


def test_a_pattern_too_large_for_a_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A single pattern that no filter takes is searched alone."""

    def refuse(_filter: object) -> None:
        raise re2.error("too large")

    monkeypatch.setattr(re2.Filter, "Compile", refuse)
    assert _together(patterns.PatternSet(ALL), TEXTS) == _one_by_one(ALL, TEXTS)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the memory of texts is full it starts anew, and long texts never enter it."""
    monkeypatch.setattr(patterns, "_REMEMBERED_BYTES", 1000)
    pattern_set = patterns.PatternSet([Pattern("7$")])
    texts = [str(number) for number in range(1000)] + ["7" * 10_000]
    assert len(_together(pattern_set, texts)[0]) == 101
    assert len(pattern_set._memory) < 10  # noqa: SLF001 - the bound cannot be seen from outside
