"""Parse all rules below a folder, whole, cut off and mutated, and say what the parser made of them.

    python tools/corpus_parse.py DIR [--cut-every 40] [--mutations 20] [--seed 1] [--sample N]

Prints the syntax errors of the whole files, how fast they were read, and whether anything raised or lost text when each
was cut at every so many characters and changed at random places. Exit code 1 if there was an error or an exception.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.render import render_text
from windshear.language.source import Source
from windshear.language.syntax.lexer import lex
from windshear.language.syntax.parser import parse

PIECES = (
    *"(){}[]\"`'/$#%=!<>,.:\n\\ a0é",
    " and ",
    " or ",
    " not ",
    " in ",
    "\n  events:\n",
    " nocase ",
    "if(",
    "any ",
)
SHOWN_FAILURES = 5


@dataclass(slots=True)
class Tally:
    """What has been counted so far."""

    files: int = 0
    rules: int = 0
    errors: int = 0
    warnings: int = 0
    variants: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slowest_seconds: float = 0.0


def main() -> int:
    """Run over the folder that the command line names."""
    arguments = read_arguments()
    paths = sorted(arguments.folder.rglob("*.yaral"))
    chance = random.Random(arguments.seed)
    tally = Tally()
    for path in paths:
        parse_whole(path, tally)
    sampled = paths if not arguments.sample else chance.sample(paths, min(arguments.sample, len(paths)))
    for path in sampled:
        text = path.read_bytes().decode("utf-8")
        for variant in variants(text, arguments.cut_every, arguments.mutations, chance):
            parse_variant(path, variant, tally)
    print_tally(tally, len(sampled))
    return 1 if tally.errors or tally.failures or not tally.files else 0


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cut-every", type=int, default=40, help="0 leaves cutting out")
    parser.add_argument("--mutations", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0, help="cut and mutate only so many files")
    return parser.parse_args()


def parse_whole(path: Path, tally: Tally) -> None:
    """Parse one file as it is, and show what is wrong with it."""
    source = Source(path.name, path.read_bytes().decode("utf-8"))
    start = time.process_time()
    result = parse(source)
    tally.seconds += time.process_time() - start
    tally.files += 1
    tally.rules += len(result.rules)
    errors = sum(found.is_error for found in result.diagnostics)
    tally.errors += errors
    tally.warnings += len(result.diagnostics) - errors
    if errors:
        print(render_text(source, result.diagnostics))


def variants(text: str, cut_every: int, mutations: int, chance: random.Random) -> Iterator[str]:
    """Yield the text cut off at regular places, and changed at random ones."""
    if cut_every:
        yield from (text[:end] for end in range(0, len(text), cut_every))
    for _ in range(mutations):
        changed = text
        for _ in range(chance.choice((1, 1, 1, 3, 10))):
            place = chance.randrange(len(changed) + 1)
            changed = changed[:place] + chance.choice(("", *PIECES)) + changed[place + chance.choice((0, 1, 1, 8)) :]
        yield changed


def parse_variant(path: Path, text: str, tally: Tally) -> None:
    """Parse one changed text; it may be wrong, but it must be answered and no character may be lost."""
    source = Source(path.name, text)
    start = time.process_time()
    try:
        parse(source)
    except Exception:  # noqa: BLE001 - finding any exception at all is what this is for
        tally.failures.append(f"{path}: {traceback.format_exc(limit=-3)}\n{text}")
    tally.slowest_seconds = max(tally.slowest_seconds, time.process_time() - start)
    tally.variants += 1
    if "".join(token.text for token in lex(source, Collector())) != text:
        tally.failures.append(f"{path}: the lexer lost text\n{text}")


def print_tally(tally: Tally, sampled: int) -> None:
    """Print the figures, and the first failures."""
    for failure in tally.failures[:SHOWN_FAILURES]:
        print(failure)
    milliseconds = 1000 * tally.seconds / max(1, tally.files)
    print(f"{tally.files} files, {tally.rules} rules: {tally.errors} errors, {tally.warnings} warnings")
    print(f"{milliseconds:.2f} ms per file on average, {tally.seconds:.2f} s in all")
    print(f"{tally.variants} variants of {sampled} files: {len(tally.failures)} failures, ", end="")
    print(f"slowest {1000 * tally.slowest_seconds:.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
