"""Comments that suppress findings: `// lint: ignore[W501, zero-value-join] why that is right here`.

A comment behind code speaks of that line, one on a line of its own of the next line that holds code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from windshear.language.source import Source, Span
from windshear.language.syntax.tokens import TRIVIA, Token

_COMMENT = re.compile(r"lint:\s*ignore\s*\[(?P<lints>[^\]]*)\][\s:-]*(?P<reason>.*)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the words between its brackets, each with its place, and the line of code that it speaks of."""

    words: tuple[tuple[str, Span], ...]
    line: int
    reason: str
    span: Span


def find_suppressions(source: Source, tokens: Sequence[Token]) -> Iterator[Suppression]:
    """Yield the suppressions of a file, in the order of the text."""
    code = [token for token in tokens if token.kind not in TRIVIA]
    starts = [source.position(token.start).line for token in code]
    ends = [source.position(max(token.start, token.end - 1)).line for token in code]
    for token in tokens:
        if not token.kind.endswith("COMMENT") or "lint:" not in token.text.lower():
            continue
        found = _COMMENT.search(token.text)
        if found is None:
            continue
        own = source.position(token.start).line
        line = own if own in starts or own in ends else next((line for line in starts if line > own), own)
        reason = found["reason"].removesuffix("*/").strip()
        yield Suppression(tuple(_words(found, token)), line, reason, token.span)


def _words(found: re.Match[str], token: Token) -> Iterator[tuple[str, Span]]:
    position = token.start + found.start("lints")
    for part in found["lints"].split(","):
        if word := part.strip():
            start = position + len(part) - len(part.lstrip())
            yield word, Span(start, start + len(word))
        position += len(part) + 1
