"""Explanations as a person reads them: each case is a page with events, a rule and the text that must come out.

A page: a title, prose, and fenced blocks: `jsonl` events, `json` a context, `yaral` the rule (and behind it the rules
whose detections it may read), `text` the expectation. `Event: ID` asks for an event, `Setting: NAME=VALUE` takes
another reading, `Now: SECONDS` is the time of the run.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from windshear.cli.formats.explained import text_lines
from windshear.context.context import context_of_json
from windshear.core.readings.settings import read_settings
from windshear.engine.explain.run import Wanted, explain
from windshear.engine.scan import Settings
from windshear.language.check.scope import Mode
from windshear.language.front import compile_source
from windshear.language.source import Source

CASES = sorted((Path(__file__).parents[2] / "cases" / "explain").glob("*.md"))
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"^(Event|Setting|Now|Limit): (.+)$", re.MULTILINE)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_explanation(path: Path, request: pytest.FixtureRequest) -> None:
    """A rule and its events are explained in these words, which fit on a terminal of 80 columns."""
    page = path.read_text(encoding="utf-8")
    found = _explained(page)
    if request.config.getoption("--golden"):
        kept = re.sub(r"\n```text\n.*?^```\n", "", page, flags=re.MULTILINE | re.DOTALL).rstrip("\n")
        path.write_text(f"{kept}\n\n```text\n{found}```\n", encoding="utf-8")
        return
    assert found == _blocks(page)["text"]
    assert max(map(len, found.splitlines())) <= 80


def _blocks(page: str) -> dict[str, str]:
    return dict(_BLOCK.findall(page))


def _explained(page: str) -> str:
    blocks = _blocks(page)
    options = [(name, value) for name, value in _OPTION.findall(page)]
    context = context_of_json(blocks.get("json", "{}").encode())
    compiled = compile_source(Source("rule", blocks["yaral"]), Mode.COMPAT, context.schemas, context.list_types)
    assert not compiled.is_broken, compiled.diagnostics
    rule, *others = compiled.rules
    now = next((int(value) for name, value in options if name == "Now"), 0)
    explanation = explain(
        rule,
        [json.loads(line) for line in blocks["jsonl"].splitlines()],
        context,
        others=others,
        readings=read_settings([value for name, value in options if name == "Setting"]),
        wanted=Wanted(
            next((int(value) for name, value in options if name == "Limit"), 2),
            tuple(value for name, value in options if name == "Event"),
            Settings(now_seconds=now),
        ),
    )
    return "".join(line + "\n" for line in text_lines(explanation))
