"""Readings about metrics: which history a rule sees, and what of it counts."""

from __future__ import annotations

from windshear.core.readings.reading import Reading

READINGS: tuple[Reading, ...] = (
    Reading(
        "B30",
        "where the thirty days of a daily metric end",
        "before the rule's own time; a day's values are ready by six in the morning",
        "With the day before the one in which the window begins (the event lies, without a match section), in UTC.",
        "Here yesterday is always ready, and a window never meets itself in its history.",
        cases=("MT-day-ends-before-window", "MT-thirty-days", "MT-window-start-decides", "MT-without-match-section"),
    ),
    Reading(
        "B31",
        "which hours `today` has",
        "those between the daily window and the rule's own time",
        "The whole hours of that day before the hour in which the window begins.",
        "It is what the daily metric lacks; the hour that the window begins in is not over.",
        cases=("MT-hours-of-today", "MT-first-hour-of-a-day"),
    ),
    Reading(
        "B32",
        "what history is in a run over files",
        "silent",
        "What is given as history, and nothing else: events of the scan are not, not even for later windows.",
        "Then the answer does not depend on how logs are cut into runs, and nothing is counted twice.",
        cases=("MT-events-are-no-history", "MT-no-history"),
    ),
    Reading(
        "B33",
        "events that lack a field by which a metric is kept",
        "a metric cannot be joined with a default value; namespaces may be absent",
        "They do not count, neither for the absent value nor as one of the different values; an absent namespace is a "
        "namespace.",
        "Nobody is not somebody.",
        cases=("MT-absent-dimension", "MT-absent-is-no-country", "MT-namespace"),
    ),
    Reading(
        "B34",
        "repeated fields by which a metric is kept",
        "silent",
        "They are read as a rule reads them: the event counts once for each different value, fields of one element "
        "stay together.",
        "It is how the placeholder gets its values.",
        cases=("MT-repeated-dimension", "MT-fields-of-one-element"),
    ),
    Reading(
        "B35",
        "`stddev` of a metric",
        "“statistical standard deviation”",
        "That of a sample, and 0 for a single period.",
        "So is the aggregate of the same name.",
        cases=("MT-deviation", "MT-deviation-of-one-day"),
    ),
    Reading(
        "B36",
        "a filter together with `num_unique_filter_values`",
        "filters test what was counted beforehand",
        "The filter tests each value's own counts, and the values that pass are counted.",
        "Different values are counted when the rule runs, after the filter.",
        cases=("MT-filter-of-unique-values",),
    ),
    Reading(
        "B37",
        "which events are alerts for `alert_event_name_count`",
        "alerts of four products, without a definition",
        "Events of any product with a `security_result` whose `alert_state` is `ALERTING`.",
        "UDM has this field for exactly that.",
        cases=("MT-alerts",),
    ),
    Reading(
        "B38",
        "which event types are equivalent for metrics of resources",
        "some are said to be; named for creation only",
        "`USER_RESOURCE_CREATION`, `USER_RESOURCE_DELETION` and `USER_RESOURCE_ACCESS` count like `RESOURCE_CREATION`, "
        "`RESOURCE_DELETION` and `RESOURCE_READ`.",
        "They say the same, and parsers use either.",
        cases=("MT-resources",),
    ),
    Reading(
        "B39",
        "bytes sent to port 53",
        "ports 53 over UDP and TCP, 3000 over TCP",
        "Port 53 counts whatever carries it, also where the log does not say.",
        "Nothing else is on that port, and many logs leave the protocol out.",
        cases=("MT-dns-bytes",),
    ),
)
