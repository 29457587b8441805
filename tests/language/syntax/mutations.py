"""Damaged texts: rules that are cut, doubled, mixed and garbled, the same ones for the same seed.

Whatever the text, the lexer, the parser and the checker end in good time with a bounded number of diagnostics.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from tests.language.syntax.soup import PIECES
from windshear.language.check.checker import Mode, check
from windshear.language.diagnostics.collector import MAX_DIAGNOSTICS
from windshear.language.source import Source
from windshear.language.syntax.parser import parse

SLOWEST_SECONDS = 5.0
_LARGEST = 60_000  # characters
_ROOT = Path(__file__).parents[3]
_TOKEN = re.compile(r"[$#%]?\w+|\s+|.", re.DOTALL)
_CHARACTERS = "\x00\t\n\r \"'`/\\()[]{}$#%!=<>,.:;é\u200b\ufeff\u2028\U0001f600\udc80"

_WORDS: tuple[str, ...] = (*PIECES, *_CHARACTERS)


@cache
def texts() -> tuple[str, ...]:
    """Return the rules of the conformance cases, of the parser's cases and of the built-in content."""
    cases = [path.read_text(encoding="utf-8") for path in sorted((_ROOT / "tests/conformance").glob("*.md"))]
    rules = [block for text in cases for block in re.findall(r"```yaral\n(.*?)```", text, re.DOTALL)]
    files = [*(_ROOT / "tests/cases/parse").glob("*.yaral"), *(_ROOT / "src/windshear/content").rglob("*.yaral")]
    return (*rules, *(path.read_text(encoding="utf-8") for path in sorted(files)))


def damaged(random: Random) -> str:
    """Return a rule after one to six changes."""
    text = random.choice(texts())
    for _ in range(random.randint(1, 6)):
        text = random.choice(_CHANGES)(text, random)[:_LARGEST]
    return text


def examine(text: str) -> None:
    """Parse and check a text; raise, with the text, if anything but a bounded number of diagnostics comes out."""
    source = Source("damaged.yaral", text)
    start = time.process_time()
    try:
        parsed = parse(source)
        assert len(parsed.diagnostics) <= MAX_DIAGNOSTICS + 1
        for mode in Mode:
            for rule in parsed.rules:
                assert len(check(rule, source, mode).diagnostics) <= 2 * MAX_DIAGNOSTICS + 2
        assert time.process_time() - start < SLOWEST_SECONDS
    except Exception as error:  # whatever it is, it is raised again with the text that caused it
        error.add_note(repr(text))
        raise


def _span(text: str, random: Random, most: int) -> tuple[int, int]:
    start = random.randint(0, len(text))
    return start, min(len(text), start + random.randint(0, most))


def _cut(text: str, random: Random) -> str:
    start, end = _span(text, random, random.choice((1, 5, 60, _LARGEST)))
    return text[:start] + text[end:]


def _put_in(text: str, random: Random) -> str:
    place, _ = _span(text, random, 0)
    return text[:place] + random.choice(_WORDS) + text[place:]


def _garble(text: str, random: Random) -> str:
    place, _ = _span(text, random, 0)
    return text[:place] + chr(random.choice((random.randint(0, 127), random.randint(0, 0x10FFFF)))) + text[place + 1 :]


def _double(text: str, random: Random) -> str:
    start, end = _span(text, random, 40)
    return text[:end] + text[start:end] * random.choice((1, 2, 9, 400)) + text[end:]


def _mix(text: str, random: Random) -> str:
    other = random.choice(texts())
    return text[: random.randint(0, len(text))] + other[random.randint(0, len(other)) :]


def _swap(text: str, random: Random) -> str:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return text
    one, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return "".join(tokens)


def _nest(text: str, random: Random) -> str:
    start, end = _span(text, random, 40)
    depth = random.choice((1, 3, 300))
    opening, closing = random.choice((("(", ")"), ("not (", ")"), ("if(", ")"), ("[", "]"), ("f.g(", ")"), ("{", "}")))
    return text[:start] + opening * depth + text[start:end] + closing * depth + text[end:]


_CHANGES: tuple[Callable[[str, Random], str], ...] = (
    _cut,
    _cut,
    _put_in,
    _put_in,
    _put_in,
    _garble,
    _garble,
    _double,
    _mix,
    _swap,
    _swap,
    _nest,
)
