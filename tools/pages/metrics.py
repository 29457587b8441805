"""Metrics: what each counts and by which fields, from their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from tools.pages.markdown import bullets, code, table
from windshear.language.metrics import AGGREGATES, METRIC_NAMES, METRICS, WINDOWS, Fields, MetricFunction

_CALL = """```text
metrics.<name>(period: 1d, window: 30d, metric: …, agg: …, <UDM field>: $placeholder, … [, filter: …])
```"""


def metrics() -> Iterator[str]:
    """Yield the section of the page of functions."""
    yield "## Metrics"
    yield (
        "For the outcome section: what history says about some values before the window of a row (before the event, "
        "in a rule without a match section). In a rule with a match section a metric needs an aggregate around it, as "
        "in `max(metrics.…)`. A run must be given history, see [metrics and history]"
        "(../howto/metrics-and-history.md)."
    )
    yield _CALL
    windows = " or ".join(f"`period: {period}` with `window: {window}`" for period, window in WINDOWS.items())
    yield (
        f"The arguments have names and stand in any order. Periods and windows go together: {windows}. A rule that "
        "reads a metric by the hour also reads it by the day. Each field is given a placeholder; an event without a "
        "value for the field does not count, unless the field is a namespace. A filter is a test of a period, of what "
        "is known about it: `event_count_sum > 2 and first_seen != last_seen`. Without data a metric is 0."
    )
    yield table(("`metric`", "Of a period"), [(code(name), text) for name, text in METRIC_NAMES.items()])
    yield table(("`agg`", "Over the periods of the window"), [(code(name), text) for name, text in AGGREGATES.items()])
    yield (
        "Under each group of metrics stand the combinations of fields that the reference lists, one field of each "
        "part. Namespaces may come on top. Here a metric can be kept by any fields; a warning says that the service "
        "may refuse it."
    )
    for _, group in groupby(METRICS.values(), key=lambda metric: metric.dimensions):
        yield from _kept_together(list(group))


def _kept_together(some: list[MetricFunction]) -> Iterator[str]:
    yield f"### {', '.join(f'metrics.{metric.name}' for metric in some)}"
    yield table(("Metric", "Counts"), [(code(metric.name), metric.summary) for metric in some])
    yield bullets(" and ".join(_written(fields) for fields in groups) for groups in some[0].dimensions)


def _written(fields: Fields) -> str:
    """Return fields of which one is taken, those below one message together."""
    parts = [_below(parent, list(some)) for parent, some in groupby(fields, key=_parent)]
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _below(parent: str, paths: Iterable[str]) -> str:
    names = [path.rpartition(".")[2] for path in paths]
    return code(f"{parent}.{names[0]}") if len(names) == 1 else code(f"{parent}.({'|'.join(names)})")


def _parent(path: str) -> str:
    return path.rpartition(".")[0]
