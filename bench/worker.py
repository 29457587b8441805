"""What is measured, in a process of its own: `python -m bench.worker TASK FILE …` prints one line of JSON at its end.

`cpu_seconds` is user and system time, waited-for children included, of the task without start-up and loading of rules;
those are `load_cpu_seconds`. Peak memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import resource
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import orjson

from bench.facts import Facts
from windshear.cli.normalizing import Wishes, run_normalize
from windshear.core.freed_memory import keep_freed_memory
from windshear.detections.detection import Detection
from windshear.detections.rendering import to_json
from windshear.engine.demand import demand
from windshear.engine.feed import Feed, Input
from windshear.engine.plan import Plan, build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.engine.sifting import Part, Sifting
from windshear.engine.support import missing_feature
from windshear.packs.pack import builtin_packs
from windshear.packs.tables import load_with_tables

_KIBIBYTE = 1024
_DETECTION_IDS = 1 << 128


def main(arguments: list[str] | None = None) -> int:
    """Do one task and report on it."""
    parser = argparse.ArgumentParser(prog="bench.worker", description="Do one measured task.")
    parser.add_argument("task", choices=("parse", "normalise", "sift", "write", "scan"))
    parser.add_argument("file", type=_file)
    parser.add_argument("--rules", type=Path, help="a folder of rules; without it the built-in ones")
    parser.add_argument("--no-sift", action="store_true")
    options = parser.parse_args(arguments)
    keep_freed_memory()
    match options.task:
        case "parse":
            report = parse(options.file)
        case "normalise":
            report = normalise(options.file, load(options.rules))
        case "sift":
            report = normalise(options.file, load(options.rules), sifts=True)
        case "write":
            report = write(options.file)
        case _:
            report = scan(options.file, load(options.rules), uses_sift=not options.no_sift)
    report["peak_mebibytes"] = peak_mebibytes()
    sys.stdout.buffer.write(orjson.dumps(report) + b"\n")
    return 0


def _file(name: str) -> str:
    if not Path(name).is_file():
        raise argparse.ArgumentTypeError(f"`{name}` is no file")
    return name


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule set ready to run. `refused` rules have a mistake or need what the engine lacks."""

    plans: tuple[Plan, ...]
    loaded: int
    refused: int


def load(folder: Path | None) -> Loaded:
    """Load the rules below a folder, or the built-in ones."""
    built_in = [path for pack in builtin_packs() for path in pack.rule_files]
    rules, context = load_with_tables(built_in if folder is None else [folder])
    runnable = [rule for rule in rules.rules if missing_feature(rule) is None and context.problem(rule) is None]
    refused = len(rules.rules) - len(runnable) + len(rules.broken)
    return Loaded(build_plans(runnable, lists_of(context)), len(runnable), refused)


def parse(file: str) -> Facts:
    """Parse every line to Python objects with orjson, and nothing else: the yardstick."""
    started = cpu_seconds()
    events = 0
    with Path(file).open("rb") as stream:
        for line in stream:
            orjson.loads(line)
            events += 1
    return {"events": events, "load_cpu_seconds": started, "cpu_seconds": cpu_seconds() - started}


def normalise(file: str, rules: Loaded, *, sifts: bool = False) -> Facts:
    """Normalise as a scan does: the columns that the rules need, broken records to quarantine, raw text kept.

    sifts: also look for candidates, and read all columns of these.
    """
    quarantined: Counter[str] = Counter()
    started = cpu_seconds()
    wanted = demand(rules.plans)
    feed = Feed(Input([file]), wanted, lambda record: quarantined.update([record.reason]))
    sifting = Sifting(wanted, uses_sift=True) if sifts else None
    events = columns = candidates = 0
    for batch in feed.batches():
        events += len(batch.records)
        columns = max(columns, batch.table.num_columns)
        if sifting is not None:
            candidates += _hit_rows(sifting.parts(batch))
        del batch  # before the next one is made
    return {
        "events": events,
        "columns": columns,
        "candidates": candidates,
        "quarantined": quarantined.total(),
        "rules_loaded": rules.loaded,
        "rules_refused": rules.refused,
        "load_cpu_seconds": started,
        "cpu_seconds": cpu_seconds() - started,
    }


def _hit_rows(parts: Sequence[Part]) -> int:
    rows = [part.rows[hit] for part in parts for hit in part.hits.values()]
    return len(np.unique(np.concatenate(rows))) if rows else 0


def write(file: str) -> Facts:
    """Write the whole events as JSON Lines, as `windshear normalize` does, repeats left out."""
    started = cpu_seconds()
    target = Path(f"{file}.{os.getpid()}.events.jsonl")
    with contextlib.redirect_stderr(io.StringIO()):
        run_normalize(Input([file]), Wishes(to=target))
    spent = cpu_seconds() - started
    with target.open("rb") as stream:
        events = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
    target.unlink()
    return {"events": events, "load_cpu_seconds": started, "cpu_seconds": spent}


def scan(file: str, rules: Loaded, *, uses_sift: bool) -> Facts:
    """Scan; detections are rendered as JSON Lines to the null device, up to the limit per rule that a scan has."""
    ids: Counter[str] = Counter()  # per rule the sum of detection ids, which does not depend on their order
    started = cpu_seconds()
    wanted = demand(rules.plans)
    feed = Feed(Input([file]), wanted, lambda _record: None)
    with (
        Path(os.devnull).open("wb") as sink,
        Scan(rules.plans, feed.full_events, Settings(uses_sift=uses_sift)) as run,
    ):
        for detection in detections(feed, run):
            sink.write(orjson.dumps(to_json(detection)) + b"\n")
            ids[detection.rule.name] += UUID(detection.id.removeprefix("de_")).int
        counts = run.counts
    found = {name: count.detections for name, count in counts.rules.items() if count.detections}
    return {
        "events": counts.events,
        "quarantined": feed.report.quarantined_count,
        "candidates": counts.candidates,
        "rules_loaded": rules.loaded,
        "rules_refused": rules.refused,
        "rules_hit": len(found),
        "detections": sum(found.values()),
        "rendered": sum(count.rendered for count in counts.rules.values()),
        "failed": {name: count.failure for name, count in counts.rules.items() if count.failure},
        "per_rule": found,
        "ids": {name: f"{total % _DETECTION_IDS:032x}" for name, total in ids.items()},
        "load_cpu_seconds": started,
        "cpu_seconds": cpu_seconds() - started,
    }


def detections(feed: Feed, run: Scan) -> Iterator[Detection]:
    """Yield all detections of a feed."""
    for batch in feed.batches():
        yield from run.feed(batch)
        del batch  # before the next one is made
    yield from run.finish()


def cpu_seconds() -> float:
    """Return user and system time of this process and its waited-for children."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def peak_mebibytes() -> float:
    """Return the peak of resident memory of this process.

    Linux keeps it per address space in `VmHWM`; `ru_maxrss` would count the parent that forked this process, too.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / _KIBIBYTE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _KIBIBYTE / (_KIBIBYTE if sys.platform == "darwin" else 1)


if __name__ == "__main__":
    sys.exit(main())
