"""Run all rules over logs with sift and without, and compare every rule's detections.

    python tools/compare_sift.py RULES_DIR LOGS...

The promise under test: sift only saves work. Prints what was loaded and read, each difference, and a summary; rules
that cannot run are named with the reason. Exit code 1 on a difference, or if a rule failed, or if nothing was found.
Without sift every rule looks at every event: expect about a minute for 40,000 events with 800 rules.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from windshear.context.lists import lists_problem
from windshear.detections.detection import Detection
from windshear.engine.demand import demand
from windshear.engine.feed import Feed, Input
from windshear.engine.input_report import InputReport
from windshear.engine.plan import Plan, build_plans
from windshear.engine.scan import Counts, Scan, Settings
from windshear.engine.support import missing_feature
from windshear.language.rule import CheckedRule
from windshear.packs.rules import RuleSet, load_rules

_IDS = 1 << 128


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished scan: `ids` has per rule the sum of its detection ids, which does not depend on their order."""

    report: InputReport
    counts: Counts
    ids: Counter[str]
    seconds: float

    def of(self, rule: str) -> str:
        """Say what a rule found."""
        count = self.counts.rules[rule]
        failure = f", failed: {count.failure}" if count.failure else ""
        return f"{count.detections:,} detections, ids {self.ids[rule] % _IDS:032x}{failure}"


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Compare detections with sift and without.")
    parser.add_argument("rules", type=Path)
    parser.add_argument("logs", nargs="+")
    parser.add_argument("--limit", type=int, default=10_000, help="detections per rule whose ids are compared")
    options = parser.parse_args()
    rule_set = load_rules([options.rules])
    runnable = _runnable(rule_set)
    plans = build_plans(runnable)
    print(f"{len(runnable)} rules loaded, {len(rule_set.broken)} files broken", flush=True)
    sifted = _scan(plans, options.logs, Settings(detection_limit=options.limit))
    _print_input(sifted.report)
    _print_scan("with sift", sifted)
    plain = _scan(plans, options.logs, Settings(detection_limit=options.limit, uses_sift=False))
    _print_scan("without sift", plain)
    different = [name for name in sifted.counts.rules if sifted.of(name) != plain.of(name)]
    failed = [name for name, count in (sifted.counts.rules | plain.counts.rules).items() if count.failure]
    for name in sorted({*different, *failed}):
        print(f"{name}\n  with sift:    {sifted.of(name)}\n  without sift: {plain.of(name)}")
    print(f"{len(different)} rules differ, {len(failed)} failed")
    return 1 if different or failed or not sifted.ids else 0


def _runnable(rule_set: RuleSet) -> list[CheckedRule]:
    """Print why some rules do not run; return those that do."""
    for file in rule_set.broken:
        errors = [diagnostic for diagnostic in file.diagnostics if diagnostic.is_error]
        print(f"broken: {file.source.name}: {errors[0].mistake.code} {errors[0].message}")
    runnable = []
    for rule in rule_set.rules:
        reason = missing_feature(rule) or lists_problem(rule, {})
        if reason is None:
            runnable.append(rule)
        else:
            print(f"refused: {rule.name}: {reason}")
    return runnable


def _scan(plans: Sequence[Plan], logs: Sequence[str], settings: Settings) -> Outcome:
    wanted = demand(plans)
    feed = Feed(Input(logs), wanted, lambda _record: None)
    ids: Counter[str] = Counter()
    started = time.monotonic()
    with Scan(plans, feed.full_events, settings) as scan:
        for detection in _detections(feed, scan):
            ids[detection.rule.name] += UUID(detection.id.removeprefix("de_")).int
        return Outcome(feed.report, scan.counts, ids, time.monotonic() - started)


def _detections(feed: Feed, scan: Scan) -> Iterator[Detection]:
    for batch in feed.batches():
        yield from scan.feed(batch)
    yield from scan.finish()


def _print_input(report: InputReport) -> None:
    kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(report.events.items()))
    print(
        f"{report.read:,} records: {kinds}; {report.quarantined_count:,} quarantined, {report.skipped_count:,} skipped"
    )


def _print_scan(name: str, outcome: Outcome) -> None:
    counts = outcome.counts
    found = [count for count in counts.rules.values() if count.detections]
    total = sum(count.detections for count in found)
    print(
        f"{name}: {total:,} detections of {len(found)} rules, {counts.candidates:,} candidate events, "
        f"{counts.duplicates:,} repeats, {outcome.seconds:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
