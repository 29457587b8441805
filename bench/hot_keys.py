"""`python -m bench.hot_keys`: whether settling grows linearly when one key has half of all events. See `--help`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.hot_events import batches, full_events
from bench.hot_shapes import SHAPES, Shape
from bench.worker import peak_mebibytes
from windshear.detections.rendering import to_json
from windshear.engine.plan import build_plans
from windshear.engine.scan import Scan, Settings
from windshear.language.front import compile_source
from windshear.language.source import Source

_ROOT = Path(__file__).parent.parent
_HELP = """\
Measure whether settling grows linearly when one key has half of all events.

One day of events is made twice, with --small and with --large many of them; half belong to one user, the others to
users with ten each. For every shape of rule (window, join, absence, count, order in time, outcomes), a scan with that
one rule runs in a process of its own over both. What is compared is user CPU time of the whole scan. All detections are
counted, and 1,000 of a rule rendered to the null device (a scan writes up to 10,000, each with up to 1,000 events, and
would spend its time on that). Five times the events may cost --limit times as much (6): pairs of events would cost 25
times.

The exit code is 1 if a shape grows faster, finds nothing, or its rule is stopped.
"""
_EXAMPLES = """\
examples:
  python -m bench.hot_keys                                   all shapes, about twenty minutes
  python -m bench.hot_keys --only hop                        the shapes whose names hold `hop`
  python -m bench.hot_keys --only after --small 40000 --large 200000
"""
_SLOW_SECONDS = 3_600
_RENDERED = 1_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one scan cost and found; `failure` is empty if the rule ran to its end."""

    user_seconds: float
    peak_mebibytes: float
    detections: int
    failure: str


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    options = _options().parse_args(arguments)
    if options.worker is not None:
        sys.stdout.buffer.write(orjson.dumps(scan(SHAPES[options.worker], options.small)) + b"\n")
        return 0
    shapes = [shape for name, shape in SHAPES.items() if options.only in name]
    if not shapes:
        print(f"hot_keys: no shape's name holds `{options.only}`", file=sys.stderr)
        return 1
    small, large = options.small, options.large
    print(f"{'shape':<22} {f'{small:,}':>10} {f'{large:,}':>10}  ratio   peak MiB  detections", flush=True)
    problems = []
    for shape in shapes:
        costs = [measure(shape, count) for count in (small, large)]
        print(line(shape, costs), flush=True)
        problems += [f"{shape.name}: {text}" for text in found_wrong(costs, options.limit)]
    for problem in problems:
        print(f"hot_keys: {problem}", file=sys.stderr)
    return 1 if problems else 0


def line(shape: Shape, costs: Sequence[Cost]) -> str:
    """Return a row of the table: seconds for both sizes, their ratio, peak memory and detections of the larger."""
    small, large = costs
    ratio = large.user_seconds / small.user_seconds
    return (
        f"{shape.name:<22} {small.user_seconds:>8.2f} s {large.user_seconds:>8.2f} s  {ratio:>5.1f} "
        f"{large.peak_mebibytes:>10,.0f}  {large.detections:>10,}"
    )


def found_wrong(costs: Sequence[Cost], limit: float) -> list[str]:
    """Say why a shape does not pass, if it does not."""
    small, large = costs
    stopped = [cost.failure for cost in costs if cost.failure]
    if stopped:
        return [f"its rule was stopped: {stopped[0]}"]
    if not small.detections or not large.detections:
        return ["its rule found nothing"]
    ratio = large.user_seconds / small.user_seconds
    return [f"grows by {ratio:.1f}, more than {limit:g}"] if ratio > limit else []


def measure(shape: Shape, count: int) -> Cost:
    """Run one scan in a process of its own."""
    command = [sys.executable, "-m", "bench.hot_keys", "--worker", shape.name, "--small", str(count)]
    try:
        finished = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=_ROOT, timeout=_SLOW_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        return Cost(float("nan"), float("nan"), 0, str(error))
    return Cost(**orjson.loads(finished.stdout))


def scan(shape: Shape, count: int) -> Cost:
    """Scan with one rule; detections are rendered as JSON to the null device."""
    plans = build_plans(compile_source(Source(shape.name, shape.rule)).rules)
    settings = Settings(detection_limit=_RENDERED)
    started = os.times().user
    with Path(os.devnull).open("wb") as sink, Scan(plans, full_events, settings) as run:
        for batch in batches(count):
            sink.writelines(orjson.dumps(to_json(detection)) for detection in run.feed(batch))
        sink.writelines(orjson.dumps(to_json(detection)) for detection in run.finish())
        (rule,) = run.counts.rules.values()
    return Cost(os.times().user - started, peak_mebibytes(), rule.detections, rule.failure)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.hot_keys",
        description=_HELP,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="the shapes whose names hold this text")
    parser.add_argument("--small", type=int, default=200_000, metavar="N", help="events of the first run (200000)")
    parser.add_argument("--large", type=int, default=1_000_000, metavar="N", help="events of the second run (1000000)")
    parser.add_argument("--limit", type=float, default=6.0, help="the ratio above which a shape fails (6)")
    parser.add_argument("--worker", choices=sorted(SHAPES), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
