"""Format every rule below a folder: a second run must change nothing, and every rule must mean the same.

    python tools/corpus_format.py DIR

Prints what is not so, and the CPU time of formatting once. Exit code 1 if anything was printed. Files with syntax
errors are named.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from windshear.language.check.scope import Mode
from windshear.language.format.format import FormatError, format_source
from windshear.language.front import compile_source
from windshear.language.lint.shapes import rule_shape
from windshear.language.source import Source


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Format every rule below a folder, in memory.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    seconds, changed, problems = 0.0, 0, 0
    paths = sorted(folder.rglob("*.yaral"))
    for path in paths:
        source = Source(str(path.relative_to(folder)), path.read_text(encoding="utf-8-sig"))
        started = time.process_time()
        try:
            text = format_source(source).text
        except FormatError as error:
            print(error)
            problems += 1
            continue
        seconds += time.process_time() - started
        for problem in ("syntax errors",) if text is None else _problems(source, text):
            print(f"{source.name}: {problem}")
            problems += 1
        changed += text is not None and text != source.text
    print(f"{len(paths)} files, {changed} changed, {problems} problems, {seconds:.2f} s of CPU")
    return 1 if problems else 0


def _problems(source: Source, text: str) -> list[str]:
    after = Source(source.name, text)
    found = []
    if format_source(after).text != text:
        found.append("a second run changes something")
    rules = [compile_source(one, Mode.COMPAT) for one in (source, after)]
    if [rule_shape(rule) for rule in rules[0].rules] != [rule_shape(rule) for rule in rules[1].rules]:
        found.append("a rule means something else")
    if [one.mistake.code for one in rules[0].diagnostics] != [one.mistake.code for one in rules[1].diagnostics]:
        found.append("the diagnostics differ")
    return found


if __name__ == "__main__":
    sys.exit(main())
