"""Readings about the language itself: text, patterns, functions, limits, and what is a mistake."""

from __future__ import annotations

from windshear.core.readings.reading import Reading

MOST_LIST_TESTS = {"all": 10, "regex": 5, "cidr": 5}
SURE_LIST_TESTS = {"all": 7, "regex": 4, "cidr": 2}

_MOST = "/".join(str(most) for most in MOST_LIST_TESTS.values())
_SURE = "/".join(str(most) for most in SURE_LIST_TESTS.values())

READINGS: tuple[Reading, ...] = (
    Reading(
        "A7",
        "how many list tests a rule may have (all, with patterns, with address ranges)",
        f"{_MOST} on one page, {_SURE} on another",
        f"A warning above {_SURE}, an error above {_MOST}.",
        "What both pages forbid is certain; what one allows should run.",
        diagnostics=("many-lists", "too-many-lists"),
    ),
    Reading(
        "A10",
        "`.` in a pattern and line breaks",
        "“only the first line is searched”",
        "A pattern is RE2 with its defaults: found anywhere, `.` stops at a line break, `$` is the end of the text.",
        "RE2 is what the documentation names, without flags.",
        cases=("OP-dollar-is-the-end", "OP-class-crosses-lines"),
    ),
    Reading(
        "A24",
        "`math.round(1.2567, 2)`",
        "1.25",
        "1.26.",
        "A slip: every way of rounding gives 1.26.",
        functions=("math.round",),
    ),
    Reading(
        "A25",
        "the type of `cast.as_int`",
        "a float",
        "An integer.",
        "A slip, as its name and its examples show.",
        functions=("cast.as_int",),
    ),
    Reading(
        "A26",
        "`+` in `strings.url_decode`",
        "an example keeps it",
        "It stays a plus sign.",
        "The example.",
        functions=("strings.url_decode",),
    ),
    Reading(
        "A27",
        "the names of a detection's typed variables",
        "`int64_value` on one page, `int64_val` elsewhere",
        "Both are accepted.",
        "One of them is a slip, and either is clear.",
        cases=("RD-two-spellings",),
    ),
    Reading(
        "A28",
        "an option with another name",
        "silent",
        "An error.",
        "A misspelt option would otherwise do nothing, silently.",
        diagnostics=("bad-option",),
    ),
    Reading(
        "A30",
        "`nocase` on a list of address ranges",
        "silent",
        "An error.",
        "It has no meaning there.",
        diagnostics=("list-kind",),
    ),
    Reading(
        "A32",
        "negative literals",
        "“only non-negative”, yet examples show `-1.2` as an argument",
        "Accepted, with a warning outside arguments of functions.",
        "The meaning is clear, though the service may refuse it.",
        diagnostics=("negative-literal",),
    ),
    Reading(
        "B9",
        "`nocase` and letters beyond ASCII",
        "silent",
        "The small letters of both sides are compared, letter by letter, in every script.",
        "Nothing limits it to ASCII.",
        cases=("OP-nocase-other-scripts", "OP-nocase-keeps-length"),
    ),
)
