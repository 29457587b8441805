"""Try the mutants of the built-in rules, and keep what came of it with the state of rule and tests.

    python -m tools.mutants [--jobs N] [RULE...]

All mutants of all rules take longer than a run of the tests may, and a rule that did not change has the same ones as
before. So the result of each rule is kept in tests/content/mutants.json under a digest of everything that it depends
on; only rules whose digest differs are tried again. The tests refuse a digest that is out of date, and try some rules
anew themselves.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from windshear.packs.pack import ContentRule, builtin_packs
from windshear.packs.tables import tables_beside
from windshear.ruletest.mutation.checking import check_mutants
from windshear.ruletest.reading import load_tests
from windshear.ruletest.running import Run
from windshear.ruletest.suites import find_suites

KEPT = Path(__file__).parents[1] / "tests" / "content" / "mutants.json"
_MUTATION = Path(__file__).parents[1] / "src" / "windshear" / "ruletest" / "mutation"


def every_rule() -> list[ContentRule]:
    """Return the built-in rules, those of the comparison and of posture included."""
    return [rule for pack in builtin_packs() for rule in (*pack.rules, *pack.comparison, *pack.posture)]


def digest(rule: ContentRule) -> str:
    """Return a digest of what mutants of a rule depend on: its text, tests and tables, and how mutants are made."""
    text = rule.rule.read_text(encoding="utf-8")
    file = load_tests(rule.tests)
    tests = [one.test.model_dump_json(exclude_defaults=True) for one in file.tests]
    excuses = [one.model_dump_json(exclude_defaults=True) for one in file.survivors]
    folder = tables_beside(rule.rule)
    tables = (
        [t.read_text(encoding="utf-8") for t in sorted(folder.glob("*.csv")) if f"%{t.stem}." in text] if folder else []
    )
    makers = [path.read_text(encoding="utf-8") for path in sorted(_MUTATION.glob("*.py")) if path.name != "checking.py"]
    whole = json.dumps([text, tests, excuses, tables, makers])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def tried(rule: ContentRule) -> dict[str, Any]:
    """Return what came of the mutants of a rule."""
    (suite,) = find_suites([rule.rule]).suites
    (found,) = check_mutants([suite], Run())
    return {
        "digest": digest(rule),
        "caught": len(found.of("caught")),
        "justified": len(found.of("justified")),
        "survived": [one.mutant.said for one in found.of("survived")],
        "notes": [*found.notes, *([found.problem] if found.problem else [])],
    }


def kept() -> dict[str, dict[str, Any]]:
    """Return what is kept, by rule."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}


def stale(rules: Iterable[ContentRule], known: dict[str, dict[str, Any]]) -> list[ContentRule]:
    """Return the rules that changed since their mutants were tried."""
    return [rule for rule in rules if known.get(rule.name, {}).get("digest") != digest(rule)]


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Try the mutants of built-in rules that changed.")
    parser.add_argument("rule", nargs="*", help="only these rules, changed or not")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    chosen = parser.parse_args()
    rules, known = every_rule(), kept()
    wanted = [rule for rule in rules if rule.name in chosen.rule] if chosen.rule else stale(rules, known)
    names = {rule.name for rule in rules}
    known = {name: entry for name, entry in known.items() if name in names}
    with ProcessPoolExecutor(chosen.jobs) as pool:
        waiting = {pool.submit(tried, rule): rule for rule in wanted}
        for number, done in enumerate(as_completed(waiting), start=1):
            rule, result = waiting[done], done.result()
            known[rule.name] = result
            KEPT.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
            said = f"{result['caught']} caught, {len(result['survived'])} survived"
            print(f"{number}/{len(wanted)} {rule.name}: {said}", flush=True)
            for line in (*result["survived"], *result["notes"]):
                print(f"    {line}", flush=True)
    KEPT.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
    return 1 if any(entry["survived"] or entry["notes"] for entry in known.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
