"""Functions and aggregates are shown by vectors: enough of them, and their documented examples among them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from tests.conformance.engines import ENGINES
from windshear.conformance.case import Case, Place, Vector
from windshear.conformance.cases import read_cases
from windshear.conformance.runner import Detections, Stopped, Unsupported, compile_case, run_case
from windshear.conformance.vectors import case_of
from windshear.language import expressions as ex
from windshear.language.functions import catalogue
from windshear.language.functions.aggregates import AGGREGATES, AggregateFunction, OverRows
from windshear.language.rewrite import rewritten_rule
from windshear.language.rule import CheckedRule

_TEXT = Path(__file__).with_name("functions.md").read_text("utf-8")
_FILE = read_cases("functions.md", _TEXT)
_PLACE = Place("an example", 1)
_LEAST = 3
_OF_SEARCHES = {aggregate.name for aggregate in AGGREGATES if aggregate.use == "search"}


def examples() -> list[tuple[AggregateFunction, OverRows]]:
    """Return the documented examples of aggregates."""
    return [(aggregate, example) for aggregate in AGGREGATES for example in aggregate.examples]


@pytest.mark.parametrize("name", [*catalogue.names(), *(a.name for a in AGGREGATES if a.use != "search")])
def test_function_has_vectors(name: str) -> None:
    """A function occurs in at least three vectors or cases, an aggregate over rows in at least three."""
    called = re.compile(rf"(?<![\w.]){re.escape(name)}(?=\(| over rows)")
    texts = [*(vector.call for vector in _FILE.vectors), *(case.rule for case in _FILE.cases)]
    assert sum(bool(called.search(text)) for text in texts) >= _LEAST


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("aggregate", "example"), examples(), ids=lambda value: getattr(value, "call", ""))
def test_example_of_an_aggregate_has_its_value(engine: str, aggregate: AggregateFunction, example: OverRows) -> None:
    """What the documentation shows is what engine and evaluator compute."""
    assert example.call.startswith(f"{aggregate.name}(")
    rows = ", ".join(orjson.dumps(row).decode() for row in example.rows)
    result = orjson.loads(orjson.dumps(example.result))
    found = run_case(case_of(Vector(f"{example.call} over rows {rows}", result, "AG", _PLACE)), ENGINES[engine])
    assert found.details == ()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "rows", "value"),
    [("earliest", "5, 0, 3", 3), ("latest", "5, 9, 0", 9), ("earliest", "0, 0", 0), ("latest", "0", 0)],
)
def test_times_of_searches(engine: str, name: ex.AggregateName, rows: str, value: int) -> None:
    """Rules cannot say `earliest` and `latest`; engine and evaluator know them: times that are absent are left out."""

    def with_search_aggregate(rule: CheckedRule, case: Case) -> Detections | Unsupported | Stopped:
        def change(node: ex.Expression) -> ex.Expression | None:
            return replace(node, function=name) if isinstance(node, ex.Aggregate) else None

        return ENGINES[engine](rewritten_rule(rule, change), case)

    assert name in _OF_SEARCHES
    case = case_of(Vector(f"max over rows {rows}", value, "AG", _PLACE))
    assert compile_case(case)[0] is not None
    assert run_case(case, with_search_aggregate).details == ()
