"""Mistakes that only long texts have, as files that hold the exact text that a person sees, not the text itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.language.diagnostics.collector import MAX_DIAGNOSTICS
from windshear.language.diagnostics.render import render_text
from windshear.language.source import Source
from windshear.language.syntax.parser import parse

CASES = Path(__file__).with_name("cases")
HEAD = 'rule long {\n  meta:\n    author = "us"\n  events:\n    $e.metadata.event_type = "USER_LOGIN"\n'
TEXTS = {
    "text-too-large": HEAD + "    // filler\n" * 100_000 + "  condition:\n    $e\n}\n",
    "more-mistakes": HEAD + "    @\n" * (MAX_DIAGNOSTICS + 50) + "  condition:\n    $e\n}\n",
}


@pytest.mark.parametrize("slug", TEXTS)
def test_case(slug: str, request: pytest.FixtureRequest) -> None:
    """What is said at the end about a long text is what its file holds."""
    source = Source(f"{slug}.yaral", TEXTS[slug])
    (said,) = [found for found in parse(source).diagnostics if found.mistake.slug == slug]
    rendered = "".join(f"// {line}".rstrip() + "\n" for line in render_text(source, [said]).splitlines())
    path = CASES / f"{slug}.yaral"
    if request.config.getoption("--golden"):
        path.write_text(rendered, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == rendered
