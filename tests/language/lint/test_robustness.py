"""Large and strange rules: linted to the end, and in a time that grows with their length."""

from __future__ import annotations

import time

import pytest

from tests.language.lint.linting import codes, compiled
from windshear.language.front import compile_source
from windshear.language.lint.examples import example_rule
from windshear.language.lint.fixing import fix_file
from windshear.language.lint.lint import FixKind
from windshear.language.lint.settings import LintSettings

COUNT = 3_000
BODY = '\n  events:\n    $e.metadata.event_type = "USER_LOGIN"\n{}\n  condition:\n    $e\n'
LINES = {
    "exclusions": [f'$e.target.url != "{number}"' for number in range(COUNT)],
    "choices": ["(" + " or ".join(f'$e.target.url = "{number}"' for number in range(COUNT)) + ")"],
    "wrong choices": ["(" + " or ".join(f'$e.target.url != "{number}"' for number in range(COUNT)) + ")"],
    "bounds": [f"$e.target.port > {number}" for number in range(COUNT)],
    "patterns": [f"not re.regex($e.target.url, `.*a{number}.*`)" for number in range(COUNT)],
    "alternatives": ["re.regex($e.target.url, `" + "|".join(f"a{number}" for number in range(COUNT)) + "`)"],
    "placeholders": [f"$e.target.url = $p{number}" for number in range(COUNT)],
    "comments": [f'$e.target.url != "{number}" // lint: ignore[W501] x' for number in range(COUNT)],
    "nested groups": ["re.regex($e.target.url, `" + "(" * 900 + "a" + ")" * 900 + "`)"],
    "one long word": [f'$e.target.url = "{"x" * 500_000}"'],
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES.keys())
def test_large_rule(lines: list[str]) -> None:
    """No lint tries all pairs of lines: each of these would take minutes."""
    text = example_rule(BODY.format("\n".join(lines)))
    started = time.process_time()
    assert isinstance(codes(text), list)
    assert time.process_time() - started < 20


def test_many_fixes_in_one_file() -> None:
    """Thousands of fixes are applied in a few rounds."""
    file = compiled(example_rule(BODY.format("\n".join(LINES["patterns"][:1_000]))))
    safe: tuple[FixKind, ...] = ("safe",)
    fixed = fix_file(file, LintSettings(), safe, compile_source)
    assert len(fixed.applied) == 2_000  # the wildcards first, then each is a plain text
    assert 'not strings.contains($e.target.url, "a999")' in fixed.text
