"""Readings about searches."""

from __future__ import annotations

from windshear.core.readings.reading import Reading

READINGS: tuple[Reading, ...] = (
    Reading(
        "A8",
        "upper and lower case in comparisons",
        "rules tell them apart; of searches two pages say opposite things",
        "Rules tell upper from lower case unless `nocase` stands there, and so do searches unless asked not to.",
        "All pages agree on rules, and what is found should not change when a search becomes a rule.",
        settings=("search_case",),
        cases=("RD-rules-see-case", "RD-searches-see-case", "RD-searches-ignore-case"),
    ),
    Reading(
        "A29",
        "null after an outer join: its order, and whether `count_distinct` counts it",
        "silent",
        "It is smaller than every value, and is not counted, as in SQL. Rules have no null.",
        "Searches are close to SQL, and so are its words.",
        cases=("SE-left-join", "SE-null-order"),
        diagnostics=("null-test",),
    ),
)
