"""Comments that suppress findings, and what is said of such comments."""

from __future__ import annotations

import pytest

from tests.language.lint.linting import codes, lint
from windshear.language.front import compile_source
from windshear.language.lint.examples import example_rule
from windshear.language.lint.run import lint_files
from windshear.language.lint.settings import LintSettings
from windshear.language.source import Source

BODY = """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    {}
  condition:
    $e
"""
FOUND = '$e.principal.ip != "10.0.0.1"'


@pytest.mark.parametrize(
    "lines",
    [
        FOUND + " // lint: ignore[W501] one address only",
        FOUND + " // lint: ignore[w501]: one address only",
        FOUND + " // LINT: Ignore[plain-not-equal-on-repeated] one address only",
        FOUND + " /* lint: ignore[W501] one address only */",
        "// lint: ignore[W501] one address only\n    " + FOUND,
        "/* lint: ignore[W501]\n       one address only */\n\n    " + FOUND,
        "// lint: ignore[W501, missing-metadata, W501] one address only\n    " + FOUND,
    ],
)
def test_finding_is_suppressed(lines: str) -> None:
    """By code or name, behind the line or above it, in either kind of comment."""
    found = lint(example_rule(BODY.format(lines)), LintSettings(ignore=("unused-suppression",)))
    assert found.findings == ()
    assert found.suppressed == 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (FOUND + " // lint: ignore[W501]", ["W591"]),
        (FOUND + " // lint: ignore[W502] wrong code", ["W501", "W590"]),
        (FOUND + " // lint: ignore[W999] no such lint", ["W501", "W592"]),
        (FOUND + "\n    // lint: ignore[W501] on the wrong line\n    $e.target.port = 1", ["W501", "W590"]),
        ("// lint: ignore[W501] the next line only\n    $e.target.port = 1\n    " + FOUND, ["W590", "W501"]),
        (FOUND + " // ignore[W501] not for us", ["W501"]),
    ],
)
def test_comment_is_told(lines: str, expected: list[str]) -> None:
    """What a comment does not do, or does without saying why, is told."""
    assert codes(example_rule(BODY.format(lines))) == expected


def test_comment_about_a_lint_that_is_off() -> None:
    """A comment is not unused because its lint is off in this run."""
    text = example_rule(BODY.format("$e.target.port = 1 // lint: ignore[W501] for later"))
    assert codes(text, LintSettings(ignore=("W501",))) == []
    assert codes(text) == ["W590"]


def test_finding_about_the_whole_rule() -> None:
    """A finding at the name of the rule is suppressed by a comment above the rule."""
    text = example_rule(BODY.format("$e.target.port = 1")).replace('    author = "Detection team"\n', "")
    assert codes(text) == ["W560"]
    assert codes("// lint: ignore[missing-metadata] the folder names the author\n" + text) == []


def test_warning_of_the_checker_is_suppressed_and_an_error_is_not() -> None:
    """Warnings and notes of the checker are suppressed as findings are; errors never."""
    deprecated = '$e.principal.resource.type = "x"'
    comment = "// lint: ignore[deprecated-field] the mapping fills it\n    "
    assert [d.mistake.slug for d in lint(example_rule(BODY.format(deprecated))).compiled.diagnostics]
    found = lint(example_rule(BODY.format(comment + deprecated)))
    assert (found.compiled.diagnostics, found.findings, found.suppressed) == ((), (), 1)
    wrong = "// lint: ignore[unknown-field] no\n    $e.principal.nothing = 1"
    broken = compile_source(Source("example.yaral", example_rule(BODY.format(wrong))))
    (file,) = lint_files([broken], lambda _: LintSettings())
    assert [d.mistake.slug for d in file.compiled.diagnostics] == ["unknown-field"]


def test_rule_with_errors_is_not_linted() -> None:
    """A rule that cannot run has its diagnostics and no findings; the other rule of the file has its own."""
    good, bad = BODY.format(FOUND), BODY.format("$e.principal.nothing = 1")
    text = example_rule(bad, "broken") + example_rule(good)
    (file,) = lint_files([compile_source(Source("x", text))], lambda _: LintSettings())
    assert [(found.rule, found.lint.code) for found in file.findings] == [("example", "W501")]
