"""Compatibility: what of YARA-L 2.0 runs, what is refused, and within which limits.

The lists come from the code: limits from its constants, what cannot be run from where it is refused.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from tools.pages.markdown import bullets, page, table
from windshear.core.readings.outcomes import RISK_SCORE
from windshear.core.readings.settings import Readings
from windshear.engine import support
from windshear.engine.export import MOST_ROWS
from windshear.engine.scan import Settings
from windshear.engine.search.run import ARRAY_CAP
from windshear.engine.search.run import MOST_ROWS as SEARCH_ROWS
from windshear.engine.settle.detections import SAMPLES
from windshear.engine.settle.statement import REFERENCE_LIMIT
from windshear.language import check
from windshear.language.check.export import MOST_COLUMNS
from windshear.language.check.outcome import MOST_OUTCOMES
from windshear.language.check.setup import MOST_OPERATIONS
from windshear.language.functions import catalogue
from windshear.logs.catalogue import log_types

_RUNS = (
    "single-event and multi-event rules; joins by placeholders, by equal fields, and inequalities between events",
    "plain repeated fields, `any` and `all`, indexes, map keys; enumerations with their order",
    "`nocase`, patterns, reference lists as text, patterns and address ranges",
    "hop, tumbling and sliding match windows",
    "absence (`!$e`, `#e = 0`), `or` between event variables, `n of […]`, counts of events and of values",
    "all outcome aggregates, arithmetic, `if`, conditions on outcome variables",
    "the options `allow_zero_values` and `suppression_window`",
    "composite rules of any depth, over detections of the same run and of earlier ones",
    "entities, each valid in its interval",
    "data tables: looked up, joined by row, changing the entity graph of a rule (`setup`), and written (`export`)",
    "metrics over history, counted from earlier logs or kept in a file",
    "searches: filters without variables, raw text, statistics with and without windows, stages, `group`",
    "in searches also inner, left and right joins with null, `dedup`, `order`, `limit`, `select`, `unselect`",
)


def pages() -> dict[str, str]:
    """Return the page, by path below docs/."""
    return {"reference/compatibility.md": _page()}


def _page() -> str:
    return page(
        "Compatibility",
        "What Windshear makes of YARA-L 2.0 and UDM, compared with what Google documents. It was written from public "
        "documentation, public rules and public samples; nothing was tried on the service itself.",
        "## What runs",
        bullets(_RUNS),
        "[Functions](functions.md) and [log types](log-types.md) have pages of their own "
        f"({len(catalogue.names())} functions; {', '.join(log_types())}).",
        "## What is refused",
        *_refused(),
        "## What is read or taken differently",
        "[Differences](differences.md) says how each open point of the language is read, which settings change that, "
        "and what runs beyond what the service accepts.",
        "## Limits",
        table(("What", "Limit"), _limits()),
    )


def _refused() -> Iterator[str]:
    yield (
        "A rule that needs one of these is named with the reason, the other rules run, and the exit code is 2. Nothing "
        "is approximated."
    )
    for when, features in (
        ("When it is checked (E501):", refused_by_checker()),
        ("When it is about to run (`check` notes it as N603):", refused_by_engine()),
    ):
        if features:
            yield when
            yield bullets(features)


def refused_by_checker() -> list[str]:
    """Return what the checker calls valid but not yet supported."""
    files = sorted(Path(check.__file__).parent.rglob("*.py"))
    return list(dict.fromkeys(text for file in files for text in unsupported(file.read_text(encoding="utf-8"))))


def refused_by_engine() -> list[str]:
    """Return the features that `missing_feature` names."""
    tree = ast.parse(inspect.getsource(support.missing_feature))
    returned = (node.value for node in ast.walk(tree) if isinstance(node, ast.Return))
    return [str(node.value) for node in returned if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def unsupported(source: str) -> list[str]:
    """Return the texts that a module appends to `scope.unsupported`, variable parts by their names."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="unsupported"), attr="append"),
                args=[ast.Tuple(elts=[text, *_])],
            ):
                found.append("".join(_pieces(text)))
    return found


def _pieces(text: ast.expr) -> Iterator[str]:
    match text:
        case ast.Constant(value=value):
            yield str(value)
        case ast.JoinedStr(values=values):
            for value in values:
                yield from _pieces(value)
        case ast.FormattedValue(value=value):
            yield ast.unparse(value).rpartition(".")[2]
        case _:
            raise ValueError(f"unexpected text: {ast.unparse(text)}")


def _limits() -> list[tuple[str, str]]:
    settings = Settings()
    return [
        ("Detections of one rule that are written; all are counted", f"{settings.detection_limit:,}"),
        ("Sample events of one event variable in a detection", f"{SAMPLES}"),
        ("Bound events of one event variable that a detection lists; all are counted", f"{REFERENCE_LIMIT:,}"),
        ("Elements of an outcome list (setting `array_cap`)", f"{Readings().array_cap}"),
        ("Outcome variables of a rule", f"{MOST_OUTCOMES}"),
        ("Rows that one rule writes to a data table in a run; what is beyond is counted", f"{MOST_ROWS:,}"),
        ("Columns that a rule writes", f"{MOST_COLUMNS}"),
        ("Operations of a setup section", f"{MOST_OPERATIONS}"),
        ("Match window", "1 minute to 48 hours"),
        ("Elements of a list in a search (setting `array_cap`)", f"{ARRAY_CAP:,}"),
        ("Rows of a search that is not simply a list of events (`--max-rows`)", f"{SEARCH_ROWS:,}"),
        ("Overlapping windows of one match tuple in a row (setting `longest_chain`)", f"{Readings().longest_chain:,}"),
        ("Risk score of a detection whose rule sets none (setting `alerting`)", f"{RISK_SCORE:g}"),
    ]
