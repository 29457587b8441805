"""Compatibility: what of YARA-L 2.0 runs, what is refused, what is added, and how silence was read.

The lists come from the code: limits from its constants, what cannot be run from where it is refused. The readings are
written here; each names conformance cases that hold it in place.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from tools.pages.markdown import anchor, bullets, code, page, table
from windshear.engine import support
from windshear.engine.scan import Settings
from windshear.engine.settle.detections import DEFAULT_RISK_SCORE, SAMPLES
from windshear.engine.settle.statement import ARRAY_CAP, REFERENCE_LIMIT
from windshear.language.check import calls, checker, comparisons, lowering
from windshear.language.check.outcome import MOST_OUTCOMES
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.functions import catalogue
from windshear.logs.catalogue import log_types


@dataclass(frozen=True, slots=True)
class Reading:
    """What is done where the documentation is silent, why, and the conformance cases that show it."""

    reading: str
    reason: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """What compat mode takes although the service refuses it, and the diagnostic that says so."""

    mistake: Mistake
    what: str
    cases: tuple[str, ...] = ()


READINGS: tuple[Reading, ...] = (
    Reading(
        "Hop windows start at multiples of a tenth of their size, counted from 1970 (at least a second apart).",
        "Windows in published detections begin on such steps.",
        ("WI-hop-nine-tenths",),
    ),
    Reading(
        "Windows are half-open: their first moment belongs to them, their end does not.",
        "Published windows follow one another without a gap and without sharing a moment.",
        ("WI-hop-exactly-the-size", "WI-block-edge"),
    ),
    Reading(
        "Of overlapping hop windows of one tuple the one with most events stays (of equals the earliest), what "
        "overlaps it goes, and so on with the rest.",
        "One burst should be one detection, with as much of the burst in it as fits.",
        ("WI-hop-rest", "WI-hop-per-tuple"),
    ),
    Reading(
        "Tumbling windows begin at multiples of their size, counted from 1970 in UTC.",
        "It makes them independent of the first event, and the same in every run.",
        ("WI-day-block", "WI-every-block"),
    ),
    Reading(
        "A sliding window includes its pivot's moment and excludes its far end.",
        "“Within ten minutes after” should hold for an event of the same second, and windows stay half-open.",
        ("WI-after-same-moment", "WI-after-far-end", "WI-before-ends"),
    ),
    Reading(
        "Every pivot has a window of its own; pivots of one tuple at the same moment share one.",
        "The documentation speaks of one window for each occurrence.",
        ("WI-two-pivots", "WI-pivots-of-one-moment"),
    ),
    Reading(
        "One event may stand for two event variables at once.",
        "Nothing forbids it, and a join does it; a note tells the author (N601).",
        ("JO-one-record-twice",),
    ),
    Reading(
        "A repeated field read plainly has one copy of the event for each element; an empty one has one copy with the "
        "zero value.",
        "Absent reads as zero everywhere else, and an event must not vanish because a list is empty.",
        ("RF-negated-copy", "RF-childless-parent"),
    ),
    Reading(
        "Two independent repeated fields give every combination of their elements.",
        "It follows from copying once for each field.",
        ("RF-crossed-lists",),
    ),
    Reading(
        "On an empty list `all` is true and `any` is false.",
        "Logic; and `all $e.f != x` should hold where there is no `f`.",
        ("RF-all-pattern",),
    ),
    Reading(
        "`any` and `all` test the event and remove no copies.",
        "The outcome section is expected to see all elements afterwards.",
        ("RF-any-filters-no-rows", "RF-any-beside-plain"),
    ),
    Reading(
        "A match key that is bound to a function or an `if` may be zero; one that is bound to a field may not, unless "
        "`allow_zero_values` is set.",
        "The exception is documented for functions, and `if` computes a value in the same way.",
        ("ZV-key-from-if", "ZV-allowed-number-key"),
    ),
    Reading(
        "`#placeholder` counts different values, the zero value among them.",
        "Only match keys are filtered for zero.",
        ("CO-zero-value-counts",),
    ),
    Reading(
        "Fields of an event that is absent (`!$e`, or the missing side of an `or`) read as zero, and so they enter "
        "aggregates.",
        "Absent is zero, for an event as for a field.",
        ("CO-absent-in-outcome", "CO-either-with-both"),
    ),
    Reading(
        "Absence in hop windows is judged in each window by itself.",
        "It is the literal meaning; a warning names the sliding window that is usually meant (W601).",
        ("CO-optional-at-most-one", "CO-absence-by-second-key"),
    ),
    Reading(
        "A placeholder that is bound only below `or` takes each of its values in turn.",
        "Every side that holds is a way to bind it.",
        ("JO-either-field", "JO-either-field-once"),
    ),
    Reading(
        f"`array` and `array_distinct` are sorted, then cut at {ARRAY_CAP} elements.",
        "Which elements survive is not documented; sorted, two runs agree.",
        ("OU-array-cap", "OU-smallest-survive"),
    ),
    Reading(
        "`stddev` is that of a sample, and 0 for a single row.",
        "One value has no sample deviation, and what has no value is zero.",
        ("OU-single-deviation",),
    ),
    Reading(
        "Division gives a fraction; by zero, and the remainder by zero, give 0.",
        "An expression always has a value, and one odd event must not stop a rule.",
        ("OP-division", "OP-division-by-zero", "OP-remainder"),
    ),
    Reading(
        "Sums and differences of unsigned fields may be negative or exceed 64 bits on the way.",
        "Wrapping around would turn a small negative number into a huge one.",
        ("OP-unsigned-difference", "OU-unsigned-sum"),
    ),
    Reading(
        "`nocase` compares the small letters of both sides, letter by letter, in every script.",
        "Nothing in the documentation limits it to ASCII.",
        ("OP-nocase-other-scripts", "OP-nocase-keeps-length"),
    ),
    Reading(
        "A pattern is RE2 with its defaults: found anywhere, `.` stops at a line break, `$` is the end of the text.",
        "RE2 is what the documentation names, without flags.",
        ("OP-dollar-is-the-end", "OP-class-crosses-lines"),
    ),
    Reading(
        "Of several entries with one key the first decides, in document order over all parents, even if it is empty.",
        "The documentation says that the first value is taken.",
        ("MP-over-all-parents", "MP-empty-first"),
    ),
    Reading(
        "In `additional.fields` a number or a flag under a key reads as missing.",
        "Access by key gives text, and only text is text.",
        ("MP-flag-value",),
    ),
    Reading(
        "`suppression_window` counts blocks of its length from 1970, by detection time; the first in a block stays.",
        "The documentation compares it to tumbling windows.",
        ("GX-suppressed-tuples",),
    ),
)

_RUNS = (
    "single-event and multi-event rules; joins by placeholders, by equal fields, and inequalities between events",
    "plain repeated fields, `any` and `all`, indexes, map keys; enumerations with their order",
    "`nocase`, patterns, reference lists as text, patterns and address ranges",
    "hop, tumbling and sliding match windows",
    "absence (`!$e`, `#e = 0`), `or` between event variables, `n of […]`, counts of events and of values",
    "all outcome aggregates, arithmetic, `if`, conditions on outcome variables",
    "the options `allow_zero_values` and `suppression_window`",
)

EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        checks.INDEPENDENT_BRANCHES,
        "A rule without a match section whose condition is `$a or $b or …` over variables that have nothing to do with "
        "each other. Each variable is a branch with detections of its own, which name it; what the outcome section "
        "reads of another branch is zero.",
        ("CO-branches", "CO-branches-strict"),
    ),
    Extension(
        checks.BARE_MATCH_KEY,
        "A match key without an aggregate in the outcome section. It has one value for each group.",
    ),
    Extension(
        checks.BARE_REPEATED_PLACEHOLDER,
        "A placeholder of a repeated field without an aggregate in a rule without a match section. The outcome is the "
        "list of its different values.",
    ),
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
        "A rule that needs one of these is named with the reason, the other rules run, and the exit code is 2. Nothing "
        "is approximated.",
        "When it is read: the sections of searches and dashboards (E405), and bare queries (E410).",
        "When it is checked (E501):",
        bullets(refused_by_checker()),
        "When it is about to run:",
        bullets(refused_by_engine()),
        "Of a context (`scan --context`), reference lists are read so far.",
        "## What compat mode adds",
        "`windshear check --strict` accepts what the service accepts. The default, compat mode, also runs:",
        table(("Diagnostic", "What", "Cases"), [_extension_row(extension) for extension in EXTENSIONS]),
        "## Readings",
        "Where the documentation is silent or contradicts itself, this is what Windshear does. The "
        "[conformance cases](../../tests/conformance) show each of them, and the reference evaluator of the tests "
        "agrees with the engine on all.",
        table(("Reading", "Reason", "Cases"), [_reading_row(reading) for reading in READINGS]),
        "## Limits",
        table(("What", "Limit"), _limits()),
    )


def refused_by_checker() -> list[str]:
    """Return what the checker calls valid but not yet supported."""
    found = [text for module in (checker, lowering, comparisons) for text in _unsupported(module)]
    planned = ", ".join(code(name) for name in sorted(catalogue.PLANNED))
    if _unsupported(calls):
        found.append(f"the functions {planned}")
    return found


def refused_by_engine() -> list[str]:
    """Return the features that `missing_feature` names."""
    tree = ast.parse(inspect.getsource(support.missing_feature))
    returned = (node.value for node in ast.walk(tree) if isinstance(node, ast.Return))
    return [str(node.value) for node in returned if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _unsupported(module: ModuleType) -> list[str]:
    """Return the texts that a module appends to `scope.unsupported`, variable parts by their names."""
    found = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
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


def _extension_row(extension: Extension) -> tuple[str, str, str]:
    mistake = extension.mistake
    address = f"diagnostics.md#{anchor(f'{mistake.code} {mistake.slug}')}"
    return f"[{mistake.code}]({address})", extension.what, _cases(extension.cases)


def _reading_row(reading: Reading) -> tuple[str, str, str]:
    return reading.reading, reading.reason, _cases(reading.cases)


def _cases(names: tuple[str, ...]) -> str:
    return ", ".join(code(name) for name in names)


def _limits() -> list[tuple[str, str]]:
    settings = Settings()
    return [
        ("Detections of one rule that are written; all are counted", f"{settings.detection_limit:,}"),
        ("Sample events of one event variable in a detection", f"{SAMPLES}"),
        ("Bound events of one event variable that a detection lists; all are counted", f"{REFERENCE_LIMIT:,}"),
        ("Elements of an outcome list", f"{ARRAY_CAP}"),
        ("Outcome variables of a rule", f"{MOST_OUTCOMES}"),
        ("Match window", "1 minute to 48 hours"),
        ("Risk score of a detection whose rule sets none", f"{DEFAULT_RISK_SCORE:g}"),
    ]
