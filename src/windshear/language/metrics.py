"""The metrics: which events each counts, what it sums, by which fields it is kept, and how it may be asked for.

A metric is history that was counted beforehand: for every combination of some fields' values (its dimensions), how many
events there were in each hour or day, when the first and the last, and how many bytes they carried. The definition of
a metric is rule text over `$e`, so that it means what the same text means in a rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

Period = Literal["1h", "1d"]
Observed = Literal["event_count_sum", "first_seen", "last_seen", "value_sum"]  # kept for each period
MetricName = Observed | Literal["num_unique_filter_values"]
PeriodAggregate = Literal["avg", "max", "min", "sum", "stddev", "num_metric_periods"]

WINDOWS: Mapping[Period, str] = {"1h": "today", "1d": "30d"}
SECONDS: Mapping[Period, int] = {"1h": 3_600, "1d": 86_400}
OBSERVED: Mapping[Observed, str] = {
    "event_count_sum": "The number of events in the period.",
    "first_seen": "The time of the first event in the period, in seconds since 1970.",
    "last_seen": "The time of the last event in the period, in seconds since 1970.",
    "value_sum": "The sum of the bytes of the period's events; only metrics with `bytes` in their name have it.",
}
UNIQUE = "num_unique_filter_values"
METRIC_NAMES: Mapping[str, str] = {
    **{str(name): text for name, text in OBSERVED.items()},
    UNIQUE: "The number of different values, in the period, of the one dimension that is given as `*`.",
}
AGGREGATES: Mapping[PeriodAggregate, str] = {
    "avg": "The mean over the periods that have a value other than 0, as float.",
    "max": "The largest value of a period.",
    "min": "The smallest value of a period.",
    "num_metric_periods": "The number of periods that have a value other than 0.",
    "stddev": "The sample standard deviation over the periods that have a value other than 0, as float; of one, 0.",
    "sum": "The sum over the periods.",
}
DAYS = 30  # of the window `30d`

Fields = tuple[str, ...]  # fields of which one takes part


@dataclass(frozen=True, slots=True)
class MetricFunction:
    """A metric as it is declared.

    events: predicates over `$e`, one a line, that say which events count. value: what `value_sum` sums, as rule text
    over `$e`; empty where nothing is summed. dimensions: the combinations that the reference lists, each a field of
    every group.
    """

    name: str
    summary: str
    events: str
    dimensions: tuple[tuple[Fields, ...], ...]
    value: str = ""

    def lists(self, dimensions: Collection[str]) -> bool:
        """Whether the reference lists a combination of dimensions; namespaces may come on top."""
        named = [path for path in dimensions if not is_namespace(path)]
        return any(_is_one_of_each(named, groups) for groups in self.dimensions)


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """What is kept of history: one metric, by the period, for every combination of values of some fields.

    dimensions: paths of UDM fields in alphabetical order, those over whose values `*` counts included.
    """

    metric: str
    period: Period
    dimensions: tuple[str, ...]

    def __str__(self) -> str:
        by = " by " + ", ".join(self.dimensions) if self.dimensions else ""
        return f"metrics.{self.metric} per {self.period}{by}"


def is_namespace(path: str) -> bool:
    """Whether a dimension is a namespace, whose absence is a value like any other."""
    return path.endswith(".namespace")


def _is_one_of_each(paths: list[str], groups: tuple[Fields, ...]) -> bool:
    if len(paths) != len(groups):
        return False
    return any(all(path in group for path, group in zip(order, groups, strict=True)) for order in permutations(paths))


def _each(parent: str, *names: str) -> Fields:
    return tuple(f"{parent}.{name}" for name in names)


def _assets(noun: str) -> Fields:
    return _each(f"{noun}.asset", "asset_id", "hostname", "ip", "mac", "product_object_id")


def _users(noun: str) -> Fields:
    return _each(f"{noun}.user", "email_addresses", "employee_id", "product_object_id", "userid", "windows_sid")


def _with(first: Fields, *others: tuple[Fields, ...]) -> Iterator[tuple[Fields, ...]]:
    """Combine one group with nothing and with each of some further groups."""
    yield (first,)
    for other in others:
        yield (first, *other)


_CLIENT = _assets("principal") + _users("principal")
_COUNTRY = "principal.ip_geo_artifact.location.country_or_region"
_HASH: Fields = ("principal.process.file.sha256",)
_EVENT_TYPE: Fields = ("metadata.event_type",)
_PRODUCT: tuple[Fields, ...] = (("metadata.vendor_name",), ("metadata.product_name",))
_ALLOWED = 'any $e.security_result.action = "ALLOW"'
_REFUSED = f"not {_ALLOWED}"

_ALERTS = (
    (_assets("principal"), ("security_result.rule_name",)),
    (_assets("principal"), ("principal.process.file.full_path", *_HASH), ("security_result.rule_name",)),
    (
        _assets("principal"),
        ("principal.process.file.full_path", *_HASH),
        _users("principal"),
        ("security_result.rule_name",),
    ),
)
_SIGN_INS = (
    *_with(_CLIENT, (_assets("target"),)),
    (("target.application",),),
    *_with(
        _users("target"),
        (
            (
                "network.tls.client.certificate.sha256",
                _COUNTRY,
                "principal.ip_geo_artifact.network.organization_name",
                "target.application",
            ),
        ),
    ),
)
_LOOKUPS = tuple(_with(_CLIENT, (("network.dns_domain", "network.dns.questions.type"),)))
_LAUNCHES = (
    (_EVENT_TYPE, _HASH),
    (_EVENT_TYPE, _CLIENT, _HASH),
)
_REQUESTS = (
    (("target.hostname",),),
    *_with(
        _CLIENT,
        (("network.http.user_agent", "target.hostname"),),
        (("network.http.user_agent",), ("target.hostname",)),
    ),
)
_TRAFFIC = tuple(
    _with(
        _CLIENT,
        ((_COUNTRY, "security_result.category", "target.ip_geo_artifact.network.organization_name"),),
    )
)
_RESOURCES = tuple(
    (*some, *_PRODUCT)
    for some in (
        (_users("target"),),
        *_with(
            _users("principal"),
            (("principal.ip", "target.application", "target.resource.name"),),
            (("target.application",), ("target.location.name",)),
            (("target.resource.name",), ("target.resource.resource_type",)),
        ),
    )
)


def _total_success_fail(
    name: str,
    what: str,
    events: str,
    success: tuple[str, str],
    fail: tuple[str, str],
    dimensions: tuple[tuple[Fields, ...], ...],
) -> Iterator[MetricFunction]:
    """Give three metrics of one kind of event: all, those that succeeded, those that failed."""
    yield MetricFunction(f"{name}_total", f"{what}.", events, dimensions)
    yield MetricFunction(f"{name}_success", f"{what} {success[0]}.", f"{events}\n{success[1]}", dimensions)
    yield MetricFunction(f"{name}_fail", f"{what} {fail[0]}.", f"{events}\n{fail[1]}", dimensions)


_BY_ACTION = ("with an `ALLOW` among their actions", _ALLOWED), ("with no `ALLOW` among their actions", _REFUSED)
_CREATION = '$e.metadata.event_type = "RESOURCE_CREATION" or $e.metadata.event_type = "USER_RESOURCE_CREATION"'
_DELETION = '$e.metadata.event_type = "RESOURCE_DELETION" or $e.metadata.event_type = "USER_RESOURCE_DELETION"'
_READING = '$e.metadata.event_type = "RESOURCE_READ" or $e.metadata.event_type = "USER_RESOURCE_ACCESS"'


def _declared() -> Iterator[MetricFunction]:
    yield MetricFunction(
        "alert_event_name_count",
        "Events with a `security_result` whose alert state is `ALERTING`.",
        'any $e.security_result.alert_state = "ALERTING"',
        _ALERTS,
    )
    sign_in = '$e.metadata.event_type = "USER_LOGIN"'
    yield from _total_success_fail("auth_attempts", "Sign-ins (`USER_LOGIN`)", sign_in, *_BY_ACTION, _SIGN_INS)
    yield MetricFunction(
        "dns_bytes_outbound",
        "Events with bytes sent to port 53, or to port 3000 over TCP; the sum is of the bytes sent.",
        '$e.network.sent_bytes > 0\n$e.target.port = 53 or ($e.target.port = 3000 and $e.network.ip_protocol = "TCP")',
        ((("target.ip",),), *_with(_CLIENT, (("target.ip",),))),
        value="$e.network.sent_bytes",
    )
    yield from _total_success_fail(
        "dns_queries",
        "DNS queries (`network.dns.id` is not 0)",
        "$e.network.dns.id != 0",
        ("with response code 0", "$e.network.dns.response_code = 0"),
        ("with a response code above 0", "$e.network.dns.response_code > 0"),
        _LOOKUPS,
    )
    launch = '$e.metadata.event_type = "PROCESS_LAUNCH"'
    yield from _total_success_fail(
        "file_executions", "Process starts (`PROCESS_LAUNCH`)", launch, *_BY_ACTION, _LAUNCHES
    )
    yield from _total_success_fail(
        "http_queries",
        "HTTP requests (`network.http.method` is not empty)",
        '$e.network.http.method != ""',
        ("with a status below 400", "$e.network.http.response_code < 400"),
        ("with a status of 400 or above", "$e.network.http.response_code >= 400"),
        _REQUESTS,
    )
    yield MetricFunction(
        "network_bytes_inbound",
        "Events with bytes received, which are summed.",
        "$e.network.received_bytes > 0",
        _TRAFFIC,
        value="$e.network.received_bytes",
    )
    yield MetricFunction(
        "network_bytes_outbound",
        "Events with bytes sent, which are summed.",
        "$e.network.sent_bytes > 0",
        _TRAFFIC,
        value="$e.network.sent_bytes",
    )
    yield MetricFunction(
        "network_bytes_total",
        "Events with bytes sent or received, of which both are summed.",
        "$e.network.sent_bytes > 0 or $e.network.received_bytes > 0",
        _TRAFFIC,
        value="$e.network.sent_bytes + $e.network.received_bytes",
    )
    created = "Resources created (`RESOURCE_CREATION` or `USER_RESOURCE_CREATION`)"
    yield MetricFunction("resource_creation_total", f"{created}.", _CREATION, _RESOURCES)
    yield MetricFunction(
        "resource_creation_success", f"{created} {_BY_ACTION[0][0]}.", f"{_CREATION}\n{_ALLOWED}", _RESOURCES
    )
    deleted = "Resources deleted (`RESOURCE_DELETION` or `USER_RESOURCE_DELETION`)"
    yield MetricFunction(
        "resource_deletion_success", f"{deleted} {_BY_ACTION[0][0]}.", f"{_DELETION}\n{_ALLOWED}", _RESOURCES
    )
    read = "Resources read (`RESOURCE_READ` or `USER_RESOURCE_ACCESS`)"
    yield MetricFunction("resource_read_success", f"{read} {_BY_ACTION[0][0]}.", f"{_READING}\n{_ALLOWED}", _RESOURCES)
    yield MetricFunction("resource_read_fail", f"{read} {_BY_ACTION[1][0]}.", f"{_READING}\n{_REFUSED}", _RESOURCES)


def _by_name(metrics: Iterable[MetricFunction]) -> Mapping[str, MetricFunction]:
    return {metric.name: metric for metric in metrics}


METRICS: Mapping[str, MetricFunction] = _by_name(_declared())
