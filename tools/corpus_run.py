"""Run every rule of a folder over logs: compiled, planned and executed, repeated rule names included.

    python tools/corpus_run.py RULES_DIR LOGS... [--every]

Files are put into sets in which every rule name occurs once. Reference lists that rules read are given empty. With
--every, sift is off, so that each rule really settles over every event (expect minutes; give it few logs). Prints each
file that does not compile with its first diagnostic, each rule that cannot run with the reason, each rule that failed,
and a summary; the exit code is 1 if a rule failed or nothing was found.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from windshear.engine.demand import demand
from windshear.engine.feed import Feed, Input
from windshear.engine.plan import build_plans
from windshear.engine.scan import RuleCount, Scan, Settings
from windshear.engine.settle.lower import Lists
from windshear.engine.support import missing_feature
from windshear.language import expressions as ex
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.packs.rules import rule_files


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Run every rule of a folder over logs.")
    parser.add_argument("rules", type=Path)
    parser.add_argument("logs", nargs="+")
    parser.add_argument("--every", action="store_true", help="every rule settles over every event")
    options = parser.parse_args()
    files = rule_files([options.rules])
    rules = list(_compiled(files))
    runnable = [rule for rule in rules if not _refused(rule)]
    sets = list(_sets(runnable))
    print(f"{len(files)} files, {len(rules)} rules compile, {len(runnable)} run, in {len(sets)} sets", flush=True)
    counts: list[tuple[str, RuleCount]] = []
    for rules_once in sets:
        counts += _scan(rules_once, options.logs, Settings(uses_sift=not options.every))
    for name, count in counts:
        if count.failure:
            print(f"failed: {name}: {count.failure}")
    found = [count for _, count in counts if count.detections]
    failed = sum(bool(count.failure) for _, count in counts)
    with_candidates = sum(count.candidates > 0 for _, count in counts)
    print(
        f"{len(counts)} rules executed, {with_candidates} of them on candidates, {len(found)} found "
        f"{sum(count.detections for count in found):,} detections, {failed} failed"
    )
    return 1 if failed or not found else 0


def _compiled(files: Iterable[Path]) -> Iterator[CheckedRule]:
    for file in files:
        text = file.read_text(encoding="utf-8-sig", errors="replace")
        compiled = compile_source(Source(str(file), text))
        errors = [diagnostic for diagnostic in compiled.diagnostics if diagnostic.is_error]
        if errors:
            print(f"broken: {file.name}: {errors[0].mistake.code} {errors[0].message}")
        yield from compiled.rules


def _refused(rule: CheckedRule) -> bool:
    feature = missing_feature(rule)
    if feature:
        print(f"refused: {rule.name}: {feature}")
    return feature is not None


def _sets(rules: Iterable[CheckedRule]) -> Iterator[list[CheckedRule]]:
    waiting = list(rules)
    while waiting:
        once: dict[str, CheckedRule] = {}
        again = [rule for rule in waiting if once.setdefault(rule.name, rule) is not rule]
        yield list(once.values())
        waiting = again


def _scan(rules: list[CheckedRule], logs: list[str], settings: Settings) -> Iterator[tuple[str, RuleCount]]:
    plans = build_plans(rules, Lists({name: () for rule in rules for name in _lists_read(rule)}))
    wanted = demand(plans)
    feed = Feed(Input(logs), wanted, lambda _record: None)
    with Scan(plans, feed.full_events, settings) as scan:
        for batch in feed.batches():
            for _ in scan.feed(batch):
                pass
        for _ in scan.finish():
            pass
    yield from scan.counts.rules.items()


def _lists_read(rule: CheckedRule) -> Iterator[str]:
    roots = [*rule.predicates, *(outcome.value for outcome in rule.outcomes)]
    for root in roots:
        yield from (node.list_name for node in ex.walk(root) if isinstance(node, ex.Membership))


if __name__ == "__main__":
    sys.exit(main())
