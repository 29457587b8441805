"""The one place where tests of content meet the engine: a rule and its input in, detections out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import orjson
from pydantic import JsonValue

from windshear.detections.detection import Detection
from windshear.engine.batch import EventBatch
from windshear.engine.demand import required_columns
from windshear.engine.plan import Plan, build_plans
from windshear.engine.scan import Scan, Settings
from windshear.language.check.checker import Mode
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.logs.normalise import Normaliser
from windshear.logs.record import batch_of
from windshear.packs.rule_tests import RuleTest
from windshear.udm.columns import Columns

Record = Mapping[str, JsonValue]


def run_rule(rule_text: str, logs: Mapping[str, Sequence[Record]], *, uses_sift: bool = True) -> list[Detection]:
    """Run one rule over raw records by log type (`UDM` for events that are UDM already).

    The sample events of the detections are left empty: nothing here reads them.
    """
    plans, columns = _prepared(rule_text)
    found: list[Detection] = []
    with Scan(plans, lambda _, texts: [{} for _ in texts], Settings(uses_sift=uses_sift)) as scan:
        for log_type, records in logs.items():
            batch = batch_of([orjson.dumps(record).decode() for record in records])
            result = _normaliser().normalise(batch, log_type, columns)
            assert not result.quarantined, result.quarantined[0].reason
            assert not len(result.strangers), f"record {result.strangers[0]} does not look like {log_type}"
            found += scan.feed(EventBatch(log_type, result.table, batch.take(result.rows)))
        found += scan.finish()
    return found


def input_of(*tests: RuleTest) -> dict[str, list[Record]]:
    """Return the input of tests by log type, all together."""
    grouped: dict[str, list[Record]] = {}
    for test in tests:
        grouped.setdefault("UDM", []).extend(test.events or [])
        for logs in test.logs or []:
            grouped.setdefault(logs.type, []).extend(logs.records)
    return {log_type: records for log_type, records in grouped.items() if records}


@cache
def _prepared(rule_text: str) -> tuple[tuple[Plan, ...], Columns]:
    compiled = compile_source(Source("rule.yaral", rule_text), Mode.COMPAT)
    assert compiled.rules, compiled.diagnostics
    plans = build_plans(compiled.rules)
    return plans, required_columns(plans)


@cache
def _normaliser() -> Normaliser:
    return Normaliser()
