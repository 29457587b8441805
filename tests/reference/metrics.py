"""Metrics from the raw events of history: every question is answered by going through all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tests.reference.records import Record, child, listed, read
from tests.reference.rows import copies, microseconds
from tests.reference.values import Scalar
from tests.reference.wire import wire_form
from windshear.language import expressions as ex

Period = Mapping[str, int]  # what is known of a period, by the names that a filter uses

_SECOND = 1_000_000
_HOUR, _DAY = 3_600 * _SECOND, 86_400 * _SECOND
_LARGEST = 2**63 - 1


def ask(
    metric: ex.Metric,
    asked: Sequence[Scalar],
    begin: int,
    history: Sequence[Record],
    passes: Callable[[Period], bool],
) -> int | float:
    """Return what history says about some values before a moment (µs).

    asked: the value of each dimension that has one. passes: the filter of periods.
    """
    size = _HOUR if metric.period == "1h" else _DAY
    today = begin // _DAY * _DAY
    first, end = (today, begin // _HOUR * _HOUR) if metric.period == "1h" else (today - 30 * _DAY, today)
    found: dict[int, dict[tuple[Scalar, ...], list[tuple[int, int]]]] = {}
    for record in (wire_form(event, "udm") for event in history):
        time = microseconds(child(child(record, "metadata"), "event_timestamp"))
        start = time // size * size
        if not first <= start < end or not _COUNTS[metric.name](record):
            continue
        for values in _values(metric, record):
            if values[: len(asked)] == tuple(asked):
                found.setdefault(start, {}).setdefault(values, []).append((time, _bytes(metric.name, record)))
    numbers: list[int] = []
    for groups in found.values():
        kept = [period for period in map(_known, groups.values()) if passes(period)]
        if metric.metric == "num_unique_filter_values":
            numbers += [len(kept)] if kept else []
        else:
            numbers += [period[metric.metric] for period in kept]
    return _aggregate(metric.agg, numbers)


def _values(metric: ex.Metric, record: Record) -> set[tuple[Scalar, ...]]:
    """Return the different combinations of values that an event has, those with an absent one left out.

    The value of the field whose different values are counted comes last.
    """
    paths = [*metric.dimensions, *([metric.counted] if metric.counted else [])]
    combinations = {tuple(read(record, path, copy) for path in paths) for copy in copies(record, paths)}
    return {
        values
        for values in combinations
        if all(
            value != path.type.zero or path.steps[-1].name == "namespace"
            for value, path in zip(values, paths, strict=True)
        )
    }


def _known(events: Sequence[tuple[int, int]]) -> Period:
    times = [time // _SECOND for time, _ in events]
    return {
        "event_count_sum": len(events),
        "value_sum": min(sum(carried for _, carried in events), _LARGEST),
        "first_seen": min(times),
        "last_seen": max(times),
    }


def _aggregate(name: str, numbers: Sequence[int]) -> int | float:
    something = [number for number in numbers if number != 0]
    match name:
        case "max":
            return max(numbers, default=0)
        case "min":
            return min(numbers, default=0)
        case "sum":
            return max(-_LARGEST - 1, min(sum(numbers), _LARGEST))
        case "num_metric_periods":
            return len(something)
        case "avg":
            return math.fsum(something) / len(something) if something else 0.0
        case "stddev":
            return _deviation(something) if len(something) > 1 else 0.0
        case _:
            raise KeyError(name)


def _deviation(numbers: Sequence[int]) -> float:
    mean = math.fsum(numbers) / len(numbers)
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1))


def _leaf(record: Record, *names: str) -> object:
    value: object = record
    for name in names:
        value = child(value, name)
    return value


def _number(record: Record, *names: str) -> int:
    value = _leaf(record, *names)
    return value if isinstance(value, int) else 0


def _results(record: Record, name: str) -> Iterator[object]:
    """Yield a field, single or repeated, of every security result."""
    for result in listed(child(record, "security_result")):
        value = child(result, name)
        yield from listed(value) if isinstance(value, list) else [value]


def _is_allowed(record: Record) -> bool:
    return "ALLOW" in _results(record, "action")


def _is_type(*names: str) -> Callable[[Record], bool]:
    return lambda record: _leaf(record, "metadata", "event_type") in names


def _both(*tests: Callable[[Record], bool]) -> Callable[[Record], bool]:
    return lambda record: all(test(record) for test in tests)


def _is_not_allowed(record: Record) -> bool:
    return not _is_allowed(record)


def _is_alert(record: Record) -> bool:
    return "ALERTING" in _results(record, "alert_state")


def _is_lookup(record: Record) -> bool:
    return _number(record, "network", "dns", "id") != 0


def _is_request(record: Record) -> bool:
    return bool(_leaf(record, "network", "http", "method"))


def _goes_to_dns(record: Record) -> bool:
    port = _number(record, "target", "port")
    return port == 53 or (port == 3000 and _leaf(record, "network", "ip_protocol") == "TCP")


def _sent(record: Record) -> int:
    return _number(record, "network", "sent_bytes")


def _received(record: Record) -> int:
    return _number(record, "network", "received_bytes")


def _by_result(name: str, counts: Callable[[Record], bool]) -> Iterable[tuple[str, Callable[[Record], bool]]]:
    yield f"{name}_total", counts
    yield f"{name}_success", _both(counts, _is_allowed)
    yield f"{name}_fail", _both(counts, _is_not_allowed)


_COUNTS: Mapping[str, Callable[[Record], bool]] = {
    "alert_event_name_count": _is_alert,
    **dict(_by_result("auth_attempts", _is_type("USER_LOGIN"))),
    "dns_bytes_outbound": _both(_goes_to_dns, lambda record: _sent(record) > 0),
    "dns_queries_total": _is_lookup,
    "dns_queries_success": _both(_is_lookup, lambda record: _number(record, "network", "dns", "response_code") == 0),
    "dns_queries_fail": _both(_is_lookup, lambda record: _number(record, "network", "dns", "response_code") > 0),
    **dict(_by_result("file_executions", _is_type("PROCESS_LAUNCH"))),
    "http_queries_total": _is_request,
    "http_queries_success": _both(
        _is_request, lambda record: _number(record, "network", "http", "response_code") < 400
    ),
    "http_queries_fail": _both(_is_request, lambda record: _number(record, "network", "http", "response_code") >= 400),
    "network_bytes_inbound": lambda record: _received(record) > 0,
    "network_bytes_outbound": lambda record: _sent(record) > 0,
    "network_bytes_total": lambda record: _sent(record) > 0 or _received(record) > 0,
    "resource_creation_total": _is_type("RESOURCE_CREATION", "USER_RESOURCE_CREATION"),
    "resource_creation_success": _both(_is_type("RESOURCE_CREATION", "USER_RESOURCE_CREATION"), _is_allowed),
    "resource_deletion_success": _both(_is_type("RESOURCE_DELETION", "USER_RESOURCE_DELETION"), _is_allowed),
    "resource_read_success": _both(_is_type("RESOURCE_READ", "USER_RESOURCE_ACCESS"), _is_allowed),
    "resource_read_fail": _both(_is_type("RESOURCE_READ", "USER_RESOURCE_ACCESS"), _is_not_allowed),
}


def _bytes(metric: str, record: Record) -> int:
    match metric:
        case "network_bytes_total":
            return _sent(record) + _received(record)
        case "network_bytes_inbound":
            return _received(record)
        case "network_bytes_outbound" | "dns_bytes_outbound":
            return _sent(record)
        case _:
            return 0
