"""Check every rule below a folder and count what is said about them.

    python tools/corpus_check.py DIR [--strict] [--show CODE]

Prints the number of rules that check, the time per rule, the number of diagnostics by code, and each refused rule with
its errors. `--show` prints each diagnostic of one code. Exit code 1 if a rule is refused.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from windshear.language.check.checker import Mode, check
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.source import Source
from windshear.language.syntax.parser import parse


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Check every rule below a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--show", default="")
    options = parser.parse_args()
    mode = Mode.STRICT if options.strict else Mode.COMPAT
    counts: Counter[str] = Counter()
    refused = 0
    seconds = 0.0
    paths = sorted(options.folder.rglob("*.yaral"))
    for path in paths:
        source = Source(str(path.relative_to(options.folder)), path.read_text(encoding="utf-8"))
        started = time.process_time()
        diagnostics = _diagnose(source, mode)
        seconds += time.process_time() - started
        counts.update(f"{d.mistake.code} {d.mistake.slug}" for d in diagnostics)
        errors = [d for d in diagnostics if d.is_error]
        refused += bool(errors)
        for found in [*errors, *(d for d in diagnostics if d.mistake.code == options.show and not d.is_error)]:
            place = source.position(found.span.start)
            help_text = f" ({found.help})" if found.help else ""
            print(f"{source.name}:{place.line}:{place.column}: {found.mistake.code} {found.message}{help_text}")
    for code, count in sorted(counts.items()):
        print(f"{count:6} {code}")
    print(f"{len(paths)} rules, {refused} refused, {1000 * seconds / max(len(paths), 1):.2f} ms each")
    return 1 if refused else 0


def _diagnose(source: Source, mode: Mode) -> tuple[Diagnostic, ...]:
    parsed = parse(source)
    found = [d for rule in parsed.rules for d in check(rule, source, mode).diagnostics]
    return (*parsed.diagnostics, *found)


if __name__ == "__main__":
    sys.exit(main())
