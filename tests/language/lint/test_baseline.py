"""Baselines: known findings stay known wherever the rule moves, and new ones are told."""

from __future__ import annotations

from tests.language.lint.linting import lint
from windshear.language.lint.baseline import baseline_of, without_known
from windshear.language.lint.examples import example_rule

BODY = """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.principal.ip != "10.0.0.1"
    {}
  condition:
    $e
"""


def test_known_findings_are_not_told_again() -> None:
    """A finding is known by its words: other lines and blanks change nothing."""
    known = baseline_of([lint(example_rule(BODY.format("")))])
    moved = "\n\n// moved\n" + example_rule(BODY.format("")).replace(" != ", "  !=  ")
    compared = without_known([lint(moved)], known)
    assert [file.findings for file in compared.files] == [()]
    assert (compared.known, compared.gone.total()) == (1, 0)


def test_new_findings_are_told() -> None:
    """Another finding of the same lint, and the same one once more, are new."""
    known = baseline_of([lint(example_rule(BODY.format("")))])
    for line in ('$e.principal.ip != "10.0.0.2"', '\n    ($e.target.port = 1 or $e.principal.ip != "10.0.0.1")'):
        compared = without_known([lint(example_rule(BODY.format(line)))], known)
        assert [found.lint.code for file in compared.files for found in file.findings] == ["W501"]


def test_what_is_gone_is_counted() -> None:
    """What a baseline knows and nobody finds any more is told, so that it can be taken out."""
    known = baseline_of([lint(example_rule(BODY.format("")))])
    mended = example_rule(BODY.format("")).replace("$e.principal.ip", "all $e.principal.ip")
    compared = without_known([lint(mended)], known)
    assert (compared.known, compared.gone) == (0, known)
