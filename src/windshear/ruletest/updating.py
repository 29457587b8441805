"""Updating tests files: outcomes and counts that are not as expected are replaced by what was found, in place.

Only the text of those values changes; comments and layout around them stay. Whether a rule fires at all is never
changed: that is for a person to say.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import JsonValue

from windshear.packs.yaml_text import Place, Span, read_yaml
from windshear.ruletest.judging import Difference
from windshear.ruletest.reading import ReadFile, ReadTest

_UPDATED = frozenset({"count", "outcomes", "risk_score"})


@dataclass(frozen=True, slots=True)
class Update:
    """The new text of a tests file. values: how many of it are new. left: differences that an update does not touch."""

    path: Path
    before: str
    after: str
    values: int
    left: int

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), str(self.path), str(self.path)
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def updated(file: ReadFile, wrong: Iterable[tuple[ReadTest, Sequence[Difference]]]) -> Update:
    """Return a tests file with what was found in the place of what was expected."""
    values: dict[Place, JsonValue] = {}
    left = 0
    for read, differences in wrong:
        for difference in differences:
            place: Place = (*read.place, "expect", *difference.key)
            if _is_updated(difference) and place in file.document.spans:
                values[place] = difference.found_value
            else:
                left += 1
    after = file.text
    for place in sorted(values, key=lambda place: _begin(file.document.spans[place]), reverse=True):
        after = _replaced(after, file, place, values[place])
    _check(file, after, values)
    return Update(file.path, file.text, after, len(values), left)


def _begin(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _is_updated(difference: Difference) -> bool:
    named = [step for step in difference.key if isinstance(step, str)]
    if difference.found_value is None or not named:
        return False
    return named[0] in _UPDATED or (named[0] == "detections" and len(named) > 1 and named[1] in _UPDATED)


def _replaced(text: str, file: ReadFile, place: Place, value: JsonValue) -> str:
    span = file.document.spans[place]
    start = _offset(text, span.line, span.column)
    is_block = isinstance(value, list) and text[start] == "-"
    end = _end(text, file, place, span, start)
    written = _block(value, span.column) if is_block and isinstance(value, list) and value else _flow(value)
    return text[:start] + written + text[end:]


def _end(text: str, file: ReadFile, place: Place, span: Span, start: int) -> int:
    """Return where a value ends: that of a block is followed by blanks and comments, which are not part of it."""
    if text[start] == "-" and any(inside[: len(place)] == place and inside != place for inside in file.document.spans):
        inside = [s for p, s in file.document.spans.items() if p[: len(place)] == place and p != place]
        return max(_offset(text, one.end_line, one.end_column) for one in inside)
    end = _offset(text, span.end_line, span.end_column)
    return start + len(text[start:end].rstrip())


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1


def _flow(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return orjson.dumps(value).decode()


def _block(values: Sequence[JsonValue], column: int) -> str:
    return ("\n" + " " * (column - 1)).join(f"- {_flow(value)}" for value in values)


def _check(file: ReadFile, after: str, values: dict[Place, JsonValue]) -> None:
    """Make sure that the new text says what it should, and everything else as before."""
    new, old = read_yaml(after).value, read_yaml(file.text).value
    for place, value in values.items():
        *above, last = place
        here: Any = old
        for step in above:
            here = here[step]
        here[last] = value
    if new != old:
        raise AssertionError(f"an update of {file.path} would change more than it should")
