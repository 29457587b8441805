"""Readings about outcomes, risk scores and what a detection holds."""

from __future__ import annotations

from windshear.core.readings.reading import Reading
from windshear.core.readings.settings import Readings

RISK_SCORE = 15.0  # of a rule that sets none and does not alert
ALERTING_RISK_SCORE = 40.0

READINGS: tuple[Reading, ...] = (
    Reading(
        "A14",
        "whether `count` leaves out absent values",
        "it counts rows",
        "It counts all rows.",
        "A field always has a value: absent is zero, never null.",
        cases=("RF-inner-siblings",),
    ),
    Reading(
        "A15",
        "two independent repeated fields in one rule",
        "one page speaks of a Cartesian product",
        "Every combination of their elements.",
        "It follows from copying the event once for each field.",
        cases=("RF-crossed-lists",),
    ),
    Reading(
        "A16",
        "a repeated field that events tests with `any` and the outcome reads plainly",
        "one example relies on the outcome seeing all elements",
        "`any` filters no rows; the outcome sees all elements.",
        "`any` speaks about the event, not about a copy.",
        cases=("RF-any-filters-no-rows",),
    ),
    Reading(
        "A17",
        "floats and truth values as text",
        "no sample",
        "The shortest text that gives the same float back, without a fraction if it has none; `true` and `false`.",
        "It is what JSON readers expect.",
        tests=("tests/detections/test_rendering.py::test_shape_of_a_detection",),
    ),
    Reading(
        "A18",
        "the order of elements in arrays, and which survive the cap",
        "arbitrary",
        f"Sorted, then cut at {Readings().array_cap} elements.",
        "Sorted, two runs agree.",
        settings=("array_cap",),
        cases=("OU-array-cap", "OU-smallest-survive", "RD-array-cap-small"),
    ),
    Reading(
        "A21",
        "a rule without a match section whose event has several copies",
        "a sample event; outcomes aggregate over copies",
        "One detection per event.",
        "Copies are a way to evaluate; what happened is the event.",
        cases=("RF-crossed-lists", "RF-equal-elements"),
    ),
    Reading(
        "A22",
        "events match, but the condition on outcomes is false",
        "silent",
        "No detection, and the suppression window is not touched.",
        "What was never raised cannot suppress what follows.",
        cases=("RD-suppression-untouched",),
    ),
    Reading(
        "A31",
        "an `if` in the outcome of a rule with a match section that mixes aggregates and bare fields",
        "every field must be aggregated",
        "An error if any field is bare.",
        "A bare field has many values in a group.",
        cases=("RD-if-with-bare-field",),
        diagnostics=("missing-aggregate",),
    ),
    Reading(
        "A34",
        "fields of an event that is absent, in the outcome",
        "zero values",
        "They read as zero and enter aggregates: `max` of nothing is 0, `array_distinct` gives one empty text.",
        "Absent is zero, for an event as for a field.",
        cases=("CO-absent-in-outcome", "CO-either-with-both"),
    ),
    Reading(
        "B5",
        "which standard deviation `stddev` is",
        "silent; that of `window.stddev` is shown to be of a sample",
        "That of a sample, and 0 for a single row.",
        "One value has no sample deviation, and what has no value is zero.",
        cases=("OU-single-deviation",),
    ),
    Reading(
        "B6",
        "the risk score of a rule that sets none",
        f"{ALERTING_RISK_SCORE:g} for an alerting rule, {RISK_SCORE:g} otherwise; whether a rule alerts is set where "
        "it is deployed",
        f"Rules do not alert: {RISK_SCORE:g}.",
        "A scan deploys nothing.",
        settings=("alerting",),
        cases=("RD-risk-not-alerting", "RD-risk-alerting"),
    ),
    Reading(
        "B7",
        "division",
        "silent",
        "It gives a fraction; by zero, and the remainder by zero, give 0.",
        "An expression always has a value, and one odd event must not stop a rule.",
        cases=("OP-division", "OP-division-by-zero", "OP-remainder"),
    ),
    Reading(
        "B8",
        "sums and differences of unsigned fields",
        "silent",
        "They may be negative or exceed 64 bits on the way.",
        "Wrapping around would turn a small negative number into a huge one.",
        cases=("OP-unsigned-difference", "OU-unsigned-sum"),
    ),
)
