"""Readings about functions and the aggregates of windows."""

from __future__ import annotations

from windshear.core.readings.reading import Reading

_ROWS = "tests/conformance/test_function_vectors.py::test_example_of_an_aggregate_has_its_value"

READINGS: tuple[Reading, ...] = (
    Reading(
        "B90",
        "ties of `window.first`, `window.last` and `window.mode`",
        "arbitrary",
        "The smallest of the values that would do.",
        "No answer should depend on the order in which rows are read.",
        cases=("AG-first-user", "AG-values-of-copies"),
        tests=(_ROWS,),
    ),
    Reading(
        "B91",
        "`window.median` of an even number of rows",
        "one of the two middle values",
        "The smaller one.",
        "It is a value of the rows, and the same in every run.",
        tests=(_ROWS,),
    ),
    Reading(
        "B92",
        "a window aggregate that is asked to leave out zeros, and is left with nothing",
        "silent",
        "0; of `window.range` an empty list.",
        "What has no value is the zero value of its type.",
        cases=("AG-absent-in-window",),
        tests=(_ROWS,),
    ),
    Reading(
        "B93",
        "the algorithm of `hash.fingerprint2011`",
        "not documented",
        "The last 64 bits of the MD5 of the text or the bytes, at least 2.",
        "Any stable hash serves for sampling; its numbers differ from those of the service.",
        functions=("hash.fingerprint2011", "optimization.sample_rate"),
    ),
    Reading(
        "B94",
        "what `math.random` returns when a rule is evaluated again",
        "a random number",
        "The same number: it is computed from the seed of the run (`--seed`), the place of the call and the events.",
        "An explanation must see what decided, with sift or without, on any machine and in any order of events.",
        cases=("FX-random-sample", "FX-random-other-seed", "FX-random-of-copies", "FX-random-of-pairs"),
    ),
    Reading(
        "B95",
        "the present, for `timestamp.now` and `timestamp.current_seconds`",
        "the time of the rule run",
        "One moment for the whole run: `--now`, or the second at which the run begins.",
        "Logs of last year can be scanned as they would have been then.",
        cases=("FX-time-of-the-run",),
    ),
    Reading(
        "B96",
        "`math.geo_distance` with a place that is missing",
        "-1 for missing values, and absent fields are zero",
        "A place that is read from fields and lies at 0, 0 is missing; one that is written as literals is not.",
        "Otherwise every event without coordinates would be thousands of kilometres away.",
        cases=("FX-missing-place",),
    ),
    Reading(
        "B98",
        "a local time in `timestamp.as_unix_seconds` that comes twice, or never, as clocks are put back or forward",
        "silent",
        "Of the two moments that it may be, the later one.",
        "It is how the calendar library of the engine reads it.",
        functions=("timestamp.as_unix_seconds",),
    ),
)
