"""Readings about composite rules: what they see, and how their detections refer to it."""

from __future__ import annotations

from windshear.core.readings.reading import Reading

_SCAN = "tests/engine/test_composite_scan.py::"

READINGS: tuple[Reading, ...] = (
    Reading(
        "B20",
        "which rules' detections a composite rule sees in the same run",
        "detections of the same tenant",
        "Those that its filters may accept, as far as the rule's name, id and meta section tell. Where rules might "
        "read each other, a rule that names another waits for it; of rules that do not name each other, neither sees "
        "the other. A rule never sees its own.",
        "A run then has one answer, whatever the order of the rules.",
        cases=("CD-no-own-output",),
        tests=(
            "tests/engine/test_composite.py::test_case",
            f"{_SCAN}test_open_rules_see_neither_themselves_nor_each_other",
        ),
    ),
    Reading(
        "B21",
        "composite rules that name each other in a circle",
        "silent",
        "None of them can be evaluated; each is told with its circle, and the other rules run.",
        "No order gives them what they ask for.",
        diagnostics=("rules-in-a-circle",),
        tests=("tests/e2e/test_composite_rules.py::test_rules_that_wait_for_each_other_are_refused_by_name",),
    ),
    Reading(
        "B22",
        "earlier detections of the composite rule itself, and detections that are found again",
        "silent",
        "Earlier detections are input, whatever rule made them. One that is found again has the same id and counts "
        "once.",
        "What was found before is data like any other.",
        cases=("CD-no-own-output",),
        tests=(f"{_SCAN}test_what_was_found_before_counts_once",),
    ),
    Reading(
        "B23",
        "detections above the limit of a rule as input",
        "silent",
        "Composite rules do not see them.",
        "On the service they do not exist, and here nobody could look at them.",
        tests=(f"{_SCAN}test_detections_beyond_the_limit_are_not_seen",),
    ),
    Reading(
        "B24",
        "how the detection of a composite rule refers to its input detections",
        "references to events and entities are described, and ids have a namespace of detections",
        "Its reference has the id in that namespace, and beside it, as an addition, the detection itself. Input "
        "detections of that one are ids only.",
        "Whoever reads a detection wants to see what it rests on, without size growing with every level.",
        tests=(f"{_SCAN}test_input_detections_stand_in_the_detection",),
    ),
    Reading(
        "B25",
        "an entity that is joined to a detection",
        "an event joins an entity that is valid at its time",
        "The detection time must lie in the interval.",
        "A detection takes the place of an event.",
        cases=("CD-entity-of-a-detection",),
    ),
)
