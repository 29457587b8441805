"""Lint every rule below a folder; see that safe fixes keep its meaning; draw findings to be judged by a person.

    python -m tools.corpus_lint DIR [--sample N] [--seed N] [--at-least-one]

Prints the CPU time, how often each lint was found, and each rule whose meaning a fix changed, for which the exit code
is 1. `--sample` prints findings drawn at random with their places; with `--at-least-one` every lint that found
something is drawn once before the rest.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.meaning import differences
from windshear.language.check.scope import Mode
from windshear.language.diagnostics.render import render_text
from windshear.language.front import Compiled, compile_source
from windshear.language.lint.fixing import fix_file
from windshear.language.lint.lint import FixKind
from windshear.language.lint.run import Found, lint_files
from windshear.language.lint.settings import LintSettings
from windshear.language.source import Source
from windshear.packs.rules import load_rules

SETTINGS = LintSettings()
_SAFE: tuple[FixKind, ...] = ("safe",)


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Lint every rule below a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-least-one", action="store_true")
    options = parser.parse_args()
    started = time.process_time()
    files = load_rules([options.folder]).files
    linted = lint_files(files, lambda _: SETTINGS)
    seconds = time.process_time() - started
    found = [(file.compiled.source, item) for file in linted for item in file.findings]
    for (code, name), count in sorted(Counter((item.lint.code, item.lint.name) for _, item in found).items()):
        print(f"{count:6} {code} {name}")
    print(f"{len(found)} findings in {len(files)} files, {seconds:.2f} s of CPU")
    for source, item in _drawn(found, options.sample, options.seed, is_each_once=options.at_least_one):
        print(render_text(source, [item.diagnostic]))
    changed = [message for file in files for message in changes(file)]
    print("\n".join(changed) or "safe fixes keep the meaning of every rule")
    return 1 if changed else 0


def changes(file: Compiled) -> Iterator[str]:
    """Yield where safe fixes change what the rules of a file mean, or leave something to fix."""
    fixed = fix_file(file, SETTINGS, _SAFE, compile_source)
    if fixed.text == file.source.text:
        return
    after = compile_source(Source(file.source.name, fixed.text), Mode.COMPAT)
    if len(after.rules) != len(file.rules):
        yield f"{file.source.name}: {len(file.rules)} rules ran, {len(after.rules)} run"
        return
    for one, other in zip(file.rules, after.rules, strict=True):
        yield from (f"{file.source.name}: {text}" for text in differences(one, other))
    (left,) = lint_files([after], lambda _: SETTINGS)
    for item in left.findings:
        if item.finding.fix and item.lint.fix == "safe":
            yield f"{file.source.name}: {item.lint.name} is left after fixing"


def _drawn(
    found: Sequence[tuple[Source, Found]], number: int, seed: int, *, is_each_once: bool
) -> Sequence[tuple[Source, Found]]:
    draw = random.Random(seed)
    left = list(found)
    draw.shuffle(left)
    chosen: list[tuple[Source, Found]] = []
    if is_each_once:
        first = {item.lint.code: (source, item) for source, item in reversed(left)}
        chosen = [first[code] for code in sorted(first)]
    taken = {id(item) for _, item in chosen}
    chosen += [pair for pair in left if id(pair[1]) not in taken]
    return chosen[:number]


if __name__ == "__main__":
    sys.exit(main())
