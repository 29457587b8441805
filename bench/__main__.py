"""`python -m bench`: build a corpus, measure, and print the figures. See `--help`."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import orjson

from bench.corpus import LOG_TYPES, Corpus, NoSeedsError, all_seeds, build, find_seeds, sample
from bench.facts import Facts
from bench.measure import BenchError, Measured, Task, measure, run_worker
from bench.report import document, overview, refuse_empty, stopped, table
from windshear.packs.pack import demo_folders

_UNITS = {"KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_CHECKED_RECORDS = 20_000
EVERY = "every"
_HELP = """\
Measure how fast and in how much memory logs are normalised and scanned.

A corpus is made by replicating real records (those of the demo; more with --seeds) with fresh ids and times and partly
unique values; one record in a thousand is of those that the project wrote for its demo, where there are some. Then
these are measured, each in a process of its own, several times in turn:

  orjson       parse every line with orjson and nothing else: the yardstick
  normalise    to the columns that the project's rules test; broken records to quarantine, raw text kept
  sift         the same, and all columns that they read of the records that they may want
  write        whole events with every label, as JSON Lines, as `normalize` does
  scan         with the project's rules; detections are rendered as JSON to the null device
  --rules DIR  adds both once more with the rules below a folder

CPU seconds are user and system time without start-up and loading of rules, which have a column of their own; cost and
load are medians, memory is the highest peak. Trust ratios of one run, not absolute figures: machines are noisy.
Nothing is reported, and the exit code is 1, if a measurement did no work (no rows, rules or hits) or runs disagree.
Rules that were stopped early, as those that need too much memory are, are named below the figures; the exit code is 1.
"""
_LOGS_HELP = "the log type, or `every` for one line per log type and shape of the records (default %(default)s)"
_EXAMPLES = """\
examples:
  make bench                                          100 MB of CloudTrail
  make bench ARGS="--size 1GB --runs 5 --json out.json"
  make bench ARGS="--logs every --seeds tests/logs --size 50MB --runs 1"
  make bench ARGS="--logs windows_sysmon --rules path/to/rules --check"
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    options = _options().parse_args(arguments)
    if options.logs == EVERY:
        return every(options)
    log_type = options.logs.upper()
    note(f"building {options.size:,} bytes of {log_type}")
    try:
        real, written = demo_folders()
        seeds = find_seeds([real, *options.seeds], [written], log_type)
        corpus = build(options.work, seeds, options.size, options.seed)
        if options.check:
            check(sample(corpus, _CHECKED_RECORDS), options.rules)
        measured = measure(tasks(corpus, options.rules), options.runs, note)
        refuse_empty(measured)
    except (BenchError, NoSeedsError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(table(corpus, measured))
    if options.json:
        options.json.write_bytes(orjson.dumps(document(corpus, measured), option=orjson.OPT_INDENT_2) + b"\n")
    return 1 if stopped(measured) else 0


def tasks(corpus: Corpus, rules: Path | None) -> list[Task]:
    """Return what is measured, in order."""
    file = str(corpus.path)
    found = [
        Task("orjson", ("parse", file)),
        Task("normalise, project's rules", ("normalise", file)),
        Task("sift, project's rules", ("sift", file)),
        Task("whole events as JSON Lines", ("write", file)),
        Task("scan, project's rules", ("scan", file)),
    ]
    if rules is not None:
        given = ("--rules", str(rules))
        found[4:4] = [
            Task("normalise, given rules", ("normalise", file, *given)),
            Task("sift, given rules", ("sift", file, *given)),
        ]
        found.append(Task("scan, given rules", ("scan", file, *given)))
    return found


def every(options: argparse.Namespace) -> int:
    """Measure every log type, in every shape of which there are records; a shape that cannot be is named."""
    rows: list[tuple[str, Corpus, list[Measured]]] = []
    refused: list[str] = []
    for seeds in all_seeds([demo_folders()[0], *options.seeds]):
        name = f"{seeds.log_type}, {seeds.shape}"
        note(name)
        corpus = build(options.work, seeds, options.size, options.seed)
        wanted = ("parse", "normalise", "sift", "write")
        chosen = [task for task in tasks(corpus, None) if task.arguments[0] in wanted]
        try:
            measured = measure(chosen, options.runs, note)
            refuse_empty(measured)
            rows.append((name, corpus, measured))
        except BenchError as error:
            refused.append(f"{name}: {error}")
        corpus.path.unlink()
    if rows:
        print(overview(rows))
    for text in refused:
        print(f"bench: {text}", file=sys.stderr)
    return 1 if refused or not rows else 0


def check(corpus: Corpus, rules: Path | None) -> None:
    """Raise unless every rule gives the same detections with sift and without."""
    for task in (task for task in tasks(corpus, rules) if task.arguments[0] == "scan"):
        note(f"checking {task.name} on {corpus.records:,} records, with sift and without")
        fast = run_worker(task.arguments)
        plain = run_worker([*task.arguments, "--no-sift"])
        different = differences(fast, plain)
        if different:
            raise BenchError(f"{task.name}: sift changes the detections of {', '.join(different)}")
        if not fast["rules_hit"]:
            raise BenchError(f"{task.name}: no rule was hit in the sample")
        note(f"  same detections: {fast['detections']:,} of {fast['rules_hit']:,} rules")


def differences(fast: Facts, plain: Facts) -> list[str]:
    """Return the rules whose number or identities of detections differ between two scans."""
    different = _unequal(fast["per_rule"], plain["per_rule"]) | _unequal(fast["ids"], plain["ids"])
    return sorted(different)


def _unequal(ours: Mapping[str, object], theirs: Mapping[str, object]) -> set[str]:
    return {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}


def note(text: str) -> None:
    """Tell a person what is going on."""
    print(text, file=sys.stderr, flush=True)


def size(text: str) -> int:
    """Read a size such as `100MB`.

    >>> size("100MB")
    100000000
    """
    found = re.fullmatch(r"(\d+)(KB|MB|GB)", text.upper())
    if found is None or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"`{text}` is no size such as 100MB or 1GB")
    return int(found[1]) * _UNITS[found[2]]


def positive(text: str) -> int:
    """Read a number from 1."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"`{text}` is no number from 1")
    return int(text)


def _path(text: str) -> Path:
    """Read a path; workers run in another folder."""
    return Path(text).resolve()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=_HELP,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [name.lower() for name in LOG_TYPES]
    work = Path(tempfile.gettempdir()) / "windshear-bench"
    parser.add_argument("--size", type=size, default=size("100MB"), help="of the corpus: 100MB, 1GB (default 100MB)")
    parser.add_argument("--logs", choices=[*names, EVERY], default=names[0], help=_LOGS_HELP)
    parser.add_argument("--rules", type=_path, metavar="DIR", help="measure with the rules below this folder, too")
    parser.add_argument(
        "--seeds", type=_path, metavar="DIR", action="append", default=[], help="more real records; repeatable"
    )
    parser.add_argument("--runs", type=positive, default=3, help="how often each is measured (default 3)")
    parser.add_argument("--seed", type=int, default=7, help="of the random choices in the corpus (default 7)")
    parser.add_argument(
        "--work",
        type=_path,
        metavar="DIR",
        default=work,
        help="where corpora are kept (default: the system's temp folder)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"first see that sift changes no rule's detections on {_CHECKED_RECORDS:,} records",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
