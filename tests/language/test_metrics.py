"""The declarations of metrics: their texts, and the combinations of dimensions."""

from __future__ import annotations

import pytest

from windshear.engine.rollups import rule_of
from windshear.language.metrics import METRICS, Measure, MetricFunction
from windshear.language.query_front import compile_query
from windshear.language.rule import CheckedRule
from windshear.language.source import Source


def some_rule(metric: MetricFunction) -> CheckedRule:
    """Return the rule of a metric kept by the first field of every group of its last combination."""
    paths = tuple(sorted(group[0] for group in metric.dimensions[-1]))
    return rule_of(Measure(metric.name, "1d", paths), "r")


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_definition_is_a_rule(metric: MetricFunction) -> None:
    """What a metric counts is valid rule text, and so are its dimensions and the value that it sums."""
    rule = some_rule(metric)
    assert rule.predicates
    assert len(rule.placeholders) == len(metric.dimensions[-1])
    assert len(rule.outcomes) == bool(metric.value)


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_every_listed_field_exists(metric: MetricFunction) -> None:
    """Every field of every combination is a UDM field by which a metric can be kept."""
    for path in sorted({path for groups in metric.dimensions for group in groups for path in group}):
        assert rule_of(Measure(metric.name, "1d", (path,)), "r").placeholders


def test_only_metrics_of_bytes_have_a_value() -> None:
    """A value is summed exactly where the name says bytes."""
    assert all(bool(metric.value) == ("bytes" in name) for name, metric in METRICS.items())


@pytest.mark.parametrize(
    ("name", "dimensions", "is_listed"),
    [
        ("auth_attempts_total", ["target.user.userid"], True),
        ("auth_attempts_total", ["target.application", "target.user.userid"], True),
        ("auth_attempts_total", ["principal.namespace", "target.user.userid"], True),
        ("auth_attempts_total", ["target.user.email_addresses", "target.user.userid"], False),
        ("auth_attempts_total", [], False),
        ("http_queries_fail", ["network.http.user_agent", "principal.asset.ip", "target.hostname"], True),
        ("http_queries_fail", ["network.http.user_agent", "target.hostname"], False),
        ("resource_read_fail", ["principal.user.userid"], False),
        ("resource_read_fail", ["metadata.product_name", "metadata.vendor_name", "principal.user.userid"], True),
    ],
)
def test_listed_combinations(name: str, dimensions: list[str], is_listed: bool) -> None:
    """A combination has one field of every group, in any order; namespaces may come on top."""
    assert METRICS[name].lists(dimensions) is is_listed


def test_queries_do_not_run_them_yet() -> None:
    """A query that reads a metric is refused by name, and only for that."""
    call = "metrics.auth_attempts_total(period: 1d, window: 30d, metric: first_seen, agg: min, target.user.userid: $u)"
    text = f"$u = target.user.userid match: $u outcome: $n = max({call})"
    found = compile_query(Source("query", text)).diagnostics
    assert [(one.mistake.slug, one.message) for one in found if one.is_error] == [
        ("not-supported-yet", "a metric in a query cannot be run yet")
    ]


def test_a_measure_in_words() -> None:
    """A measure is named in messages by what it counts and by what."""
    assert str(Measure("dns_queries_total", "1h", ())) == "metrics.dns_queries_total per 1h"
    named = str(Measure("dns_queries_total", "1d", ("network.dns_domain", "principal.asset.ip")))
    assert named == "metrics.dns_queries_total per 1d by network.dns_domain, principal.asset.ip"
