"""Readings about data tables: what they change in the entity graph, and the rows that detections write."""

from __future__ import annotations

from windshear.core.readings.reading import Reading

_COMMAND = "tests/e2e/test_data_tables.py::"

READINGS: tuple[Reading, ...] = (
    Reading(
        "B50",
        "which fields of entities a column may be mapped to",
        "fields of entities, chosen from a list in the web interface",
        "Any single value, and any list of values at the end of a path; no map keys, and nothing inside a repeated "
        "message. Times are set in whole seconds.",
        "A cell cannot say which element of a list it means.",
        cases=("SX-override-whole-seconds",),
        tests=("tests/context/test_tables.py::test_files_that_are_no_tables",),
    ),
    Reading(
        "B51",
        "an empty cell in a mapped column",
        "silent",
        "It says nothing of its field, and neither does a number that is 0: an entity that is overridden keeps its "
        "own value, an appended row has none. An empty bound of an interval bounds nothing.",
        "In UDM, too, a field without a value is not there.",
        cases=("SX-override-empty-cell", "SX-append-open-interval"),
    ),
    Reading(
        "B52",
        "several rows of a table that fit one entity",
        "silent",
        "`graph_override` gives the entity a version for each row; it still counts as one entity.",
        "A join does it.",
        cases=("SX-override-several-rows",),
    ),
    Reading(
        "B53",
        "what the join of an operation may be",
        "joins by `=` of entity fields and columns",
        "Any tests of one entity variable and one table, as long as every side of an `or` has an `=` between them. "
        "Of a repeated field or column any value may fit, and absent values read as zero.",
        "So predicates read everywhere else.",
        cases=("SX-override-either", "SX-override-any-address", "SX-override-further-tests", "SX-exclude-absent-value"),
        diagnostics=("graph-join",),
    ),
    Reading(
        "B54",
        "the order of two operations",
        "at most two operations",
        "The order in which they are written; each sees what the one before left.",
        "It is the order in which they are read.",
        cases=("SX-append-then-exclude", "SX-exclude-then-append", "SX-override-then-exclude"),
    ),
    Reading(
        "B55",
        "what a detection shows of an entity that was overridden",
        "silent",
        "The entity as it was read; the evidence beside it has the values that decided. An appended row is shown as "
        "the entity that it became.",
        "The change holds for the rule alone, the sample is the record.",
        tests=(f"{_COMMAND}test_an_appended_row_is_shown_as_an_entity_with_its_place",),
    ),
    Reading(
        "B60",
        "what may be written to a table",
        "outcome variables, up to 20 columns",
        "Outcome variables, match keys and constants. A list needs a column with `[]`; a column of strings takes the "
        "text of anything.",
        "It is what a detection says.",
        cases=("EX-rows", "EX-constants", "EX-numbers"),
        diagnostics=("write-value",),
    ),
    Reading(
        "B61",
        "rows with the same key, and columns that are not written",
        "a row with the same key is updated, else one is added",
        "Of several detections the latest wins, of the same moment the one whose cells sort last. Columns "
        "that are not written keep their values; in a new row they are empty.",
        "The table is then the same whatever the order of the input.",
        cases=("EX-key", "EX-latest", "EX-two-keys"),
        tests=("tests/engine/test_export.py::test_the_order_of_detections_does_not_matter",),
    ),
    Reading(
        "B62",
        "rows of a table without key columns",
        "a row is added",
        "A row that the table has already is not added again.",
        "The same logs may be scanned twice.",
        cases=("EX-without-key", "EX-unwritten-number"),
    ),
    Reading(
        "B63",
        "a value that its column cannot hold",
        "silent",
        "The row is left out and counted, with the reason; the detection is there.",
        "A table with such a cell could not be read any more.",
        cases=("EX-does-not-fit",),
        tests=(f"{_COMMAND}test_rows_that_do_not_fit_are_told",),
    ),
    Reading(
        "B64",
        "when a written row is seen by rules",
        "silent",
        "In the next run that is given the written table; no rule of the same run sees it.",
        "A run then has one answer.",
        cases=("EX-read-and-write",),
        tests=(f"{_COMMAND}test_tables_are_written_whole_and_read_by_the_next_run",),
    ),
    Reading(
        "B97",
        "rows that end",
        "no such type of column; every row counts",
        "A row whose date or time in a column of the type `until` is past, as of the run's time, does not count: a "
        "date when its day (UTC) is over, a time when it comes. Rules read the cell as text, and a written table keeps "
        "the row.",
        "Exceptions without an end are forgotten, not removed.",
        cases=("LT-ended-rows", "LT-ended-rows-joined", "EX-ended-rows"),
        tests=("tests/context/test_expiry.py::test_rows_come_and_go_with_the_time",),
    ),
)
