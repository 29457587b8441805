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
    Reading(
        "B81",
        "hop windows of a search",
        "they overlap; which of them are rows is not said",
        "Those that a rule would report: overlapping windows of one key merge.",
        "One event lies in ten hop windows, and ten rows for it help nobody.",
        cases=("SE-hop",),
    ),
    Reading(
        "B82",
        "where weeks begin, and what `first` keeps, in `by first week`",
        "silent",
        "Weeks begin on Sunday (UTC); `first` keeps the earliest block of each key.",
        "`timestamp.get_week` counts from Sundays.",
        cases=("SE-by-week", "SE-by-first"),
    ),
    Reading(
        "B83",
        "`group` of fields with equal values",
        "the placeholder takes the value of each field in turn",
        "Each different value once for each event.",
        "A count of events should not count one twice.",
        cases=("SE-group-call",),
    ),
    Reading(
        "B84",
        "aggregates over no rows at all",
        "silent",
        "Without match keys there is one row: counts are 0, lists empty, everything else null.",
        "SQL again; and that nothing was found is an answer.",
        cases=("SE-total",),
    ),
)
