"""Suggestions: the word that was probably meant."""

import pytest

from windshear.language.diagnostics.suggest import closest

SECTIONS = ("meta", "setup", "events", "match", "outcome", "condition", "options", "export")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("event", "events"),
        ("conditons", "condition"),
        ("EVENTS", "events"),
        ("matches", "match"),
        ("xyzzy", None),
        ("", None),
        ("e" * 10_000, None),
    ],
)
def test_closest(word: str, expected: str | None) -> None:
    """A slip of the pen is recognised, in any case; a different word is not."""
    assert closest(word, SECTIONS) == expected


def test_order_of_candidates_does_not_matter() -> None:
    """Of two candidates that are equally close, the same one is always chosen."""
    assert closest("cat", ["bat", "hat"]) == closest("cat", ["hat", "bat"]) == "bat"


def test_no_candidates() -> None:
    """Nothing is close to a word if there is nothing."""
    assert closest("word", []) is None
