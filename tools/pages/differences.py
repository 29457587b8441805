"""Differences: how the open points of the language are read, and what is taken that the service refuses.

The readings come from where the code reads them. A test holds every place in the checker that tells the modes apart
against the list of extensions here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.pages.markdown import anchor, code, page, table
from windshear.core.readings.catalogue import all_readings
from windshear.core.readings.reading import Reading
from windshear.core.readings.settings import SETTINGS
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.catalogue import all_mistakes, lookup
from windshear.language.diagnostics.diagnostic import Mistake


@dataclass(frozen=True, slots=True)
class Extension:
    """What compat mode takes although the service refuses it, and the diagnostic that says so."""

    mistake: Mistake
    what: str
    cases: tuple[str, ...] = ()


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
    Extension(
        checks.REPEATED_AS_LIST,
        "A repeated field where a function takes a list. It stands for all its elements and makes no copies.",
    ),
    Extension(
        checks.SEARCH_FUNCTION, "A function that is documented for searches and dashboards only. It does the same here."
    ),
    Extension(
        checks.UNLISTED_DIMENSIONS,
        "A metric by fields by which the service does not keep it. It is counted from the history that a run is given.",
        ("MT-fields-of-one-element",),
    ),
    Extension(
        queries.OVER_SERVICE_LIMIT,
        "A query beyond a limit of the service. It runs as long as memory and time allow.",
    ),
)

# The compile errors of the language, numbered as in the conformance cases.
COMPILE_ERRORS = {
    "C1": "a section that is required is missing, or sections are repeated or out of order",
    "C2": "a meta value that is not a string in double quotes",
    "C3": "a variable named like a keyword, `$window_start` or `$window_end`",
    "C4": "a field or function that does not exist, or arguments that do not fit",
    "C5": "an enumerated field against a name that is no member, or with a pattern or `nocase`",
    "C6": "numbers against text, unsigned numbers with integers, `%` on floats",
    "C7": "a comparison of two literals",
    "C8": "an event variable that is not joined to the others",
    "C9": "a variable of events that the condition does not ask for, or the other way round",
    "C10": "a placeholder that no field defines, or arithmetic or several events in its definition",
    "C11": "a match variable that is not a placeholder of the events section",
    "C12": "a match variable in the condition",
    "C13": "a match variable that only events which may be absent define",
    "C14": "no event that must be present, or something absent that is not tied to one",
    "C15": "`not $e`, commas, or an `or` or `n of` that the condition does not allow",
    "C16": "outcomes: missing or nested aggregates, new variables, too many, used before they are defined",
    "C17": "an `if` with values of two types, or without a needed else",
    "C18": "`any` or `all` where it has no meaning",
    "C19": "an index that is negative, computed, or on some of several repeated fields",
    "C20": "a pattern that RE2 refuses, or with too many groups",
    "C21": "a match window of a size that is not allowed, or a pivot that may be absent",
    "C22": "a list read as what it is not, or too many list tests",
    "C23": "a data table joined with `and` in parentheses, without an equality, or without a match section",
    "C24": "metrics outside the outcome section, or hourly without daily",
    "C25": "a suppression window that is not longer than the match window",
    "C26": "a predicate that begins with arithmetic in parentheses",
    "C27": "a rule over detections without a match section",
    "C28": "several event variables without a match section",
}


def pages() -> dict[str, str]:
    """Return the page, by path below docs/."""
    return {"reference/differences.md": _page()}


def extension_table() -> str:
    """Return the table of what compat mode adds."""
    rows = [(_link(extension.mistake), extension.what, _codes(extension.cases)) for extension in EXTENSIONS]
    return table(("Diagnostic", "What", "Cases"), rows)


def _page() -> str:
    known = [reading for reading in all_readings() if reading.number.startswith("A")]
    further = [reading for reading in all_readings() if not reading.number.startswith("A")]
    return page(
        "Differences",
        "Where the documentation of YARA-L 2.0 is silent or contradicts itself, one reading has to be taken. This page "
        "says which, and why, and with which setting you take another. It also lists what Windshear accepts beyond "
        "what the service does, and how its diagnostics map to the compile errors of the language.",
        "The [conformance cases](../../tests/conformance) named here show each reading; the engine and the reference "
        "evaluator of the tests agree on all of them.",
        "## Settings",
        "`--set NAME=VALUE` of [`scan`](commands.md#scan), [`search`](commands.md#search) and "
        "[`conformance`](commands.md#conformance), as often as needed: "
        "`windshear scan logs/ --set merging=exact --set array_cap=100`. A conformance case may say "
        "`Setting: merging=exact` itself. Searches merge hop windows by `coverage` or `earliest`, and sliding windows "
        "never; another value is refused.",
        table(("Setting", "Values", "Usual value", "Decides"), _settings()),
        "## Readings",
        "Numbered like the ambiguities of the language reference.",
        *(part for reading in known for part in _entry(reading)),
        "## Further readings",
        *(part for reading in further for part in _entry(reading)),
        "## What compat mode adds",
        "`windshear check --strict` accepts what the service accepts. The default, compat mode, also runs:",
        extension_table(),
        "## Compile errors",
        "Each kind of compile error and the diagnostics that report it, with place, cause and fix.",
        table(("Class", "What is wrong", "Diagnostics"), _compile_errors()),
    )


def _settings() -> Iterator[tuple[str, str, str, str]]:
    for setting in SETTINGS:
        values = ", ".join(map(code, setting.choices)) or setting.values
        yield code(setting.name), values, code(setting.default), setting.what


def _entry(reading: Reading) -> Iterator[str]:
    yield f"### {reading.number}: {reading.point}"
    yield f"*The documentation:* {reading.sources}. *Here:* {reading.taken} *Why:* {reading.why}"
    shown = [f"cases {_codes(reading.cases)}"] if reading.cases else []
    shown += [f"diagnostics {', '.join(map(_link, _mistakes(reading.diagnostics)))}"] if reading.diagnostics else []
    shown += [f"examples of {_functions(reading.functions)}"] if reading.functions else []
    shown += [f"test {_codes(reading.tests)}"] if reading.tests else []
    line = f"Shown by {'; '.join(shown)}."
    if reading.settings:
        line = f"Setting{'s' if len(reading.settings) > 1 else ''} {_codes(reading.settings)}. {line}"
    yield line


def _compile_errors() -> Iterator[tuple[str, str, str]]:
    for number, what in COMPILE_ERRORS.items():
        links = [_link(mistake) for mistake in all_mistakes() if mistake.reference == number]
        yield number, what, ", ".join(links)


def _mistakes(slugs: Iterable[str]) -> Iterator[Mistake]:
    for slug in slugs:
        found = lookup(slug)
        if found is None:
            raise ValueError(f"no diagnostic `{slug}`")
        yield found


def _functions(names: Iterable[str]) -> str:
    return ", ".join(f"[{code(name)}](functions.md#{anchor(name)})" for name in names)


def _link(mistake: Mistake) -> str:
    return f"[{mistake.code}](diagnostics.md#{anchor(f'{mistake.code} {mistake.slug}')})"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))
