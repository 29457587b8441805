"""Readings about match windows, what becomes of those that overlap, and suppression."""

from __future__ import annotations

from windshear.core.readings.reading import Reading

HOPS = 10  # hop windows that an event lies in: each begins a tenth of its size after the one before
SMALLEST_HOP_SECONDS = 1

READINGS: tuple[Reading, ...] = (
    Reading(
        "A1",
        "where hop windows begin",
        "“chosen by the system”",
        f"At multiples of a {HOPS}th of their size, counted from 1970 (at least {SMALLEST_HOP_SECONDS} second apart).",
        "It fits every window in published detections.",
        cases=("WI-hop-nine-tenths", "WI-hop-exactly-the-size"),
    ),
    Reading(
        "A2",
        "which of overlapping hop windows are detections",
        "the match section removes duplicates by itself; how is not said",
        "Per match tuple the window with most events stays (of equals the earliest), what overlaps it goes, and so on "
        "with the rest.",
        "One burst should be one detection, with as much of the burst in it as fits. `earliest` suits runs that cannot "
        "see the future; `exact` finds every set of events that some window of that length holds.",
        settings=("merging", "longest_chain"),
        cases=(
            "WI-hop-rest",
            "WI-hop-per-tuple",
            "RD-merging-coverage",
            "RD-merging-earliest",
            "RD-merging-exact",
            "RD-chain-too-long",
        ),
    ),
    Reading(
        "A3",
        "whether a window's end belongs to it",
        "an illustration whose windows end a second before the next begins",
        "No. Windows are half-open: their first moment belongs to them, their end does not.",
        "Windows follow one another without a gap and without sharing a moment.",
        cases=("WI-hop-exactly-the-size", "WI-block-edge"),
    ),
    Reading(
        "A4",
        "several pivots of one match tuple",
        "one window for each occurrence of the pivot",
        "One detection for each match tuple and moment of a pivot; windows of different moments stay side by side.",
        "It is the literal meaning. Merging them as hop windows are merged is a choice.",
        settings=("merge_sliding",),
        cases=("WI-two-pivots", "WI-pivots-of-one-moment", "RD-sliding-apart", "RD-sliding-merged"),
    ),
    Reading(
        "A20",
        "where tumbling windows begin",
        "an illustration that begins at the full hour",
        "At multiples of their size, counted from 1970 in UTC.",
        "It makes them independent of the first event, and the same in every run.",
        cases=("WI-day-block", "WI-every-block"),
    ),
    Reading(
        "A23",
        "when a suppression begins",
        "counted in tumbling windows of the option's length",
        "Time is cut into blocks of that length from 1970; the first detection per key and block stays, by detection "
        "time.",
        "It is the documented comparison, taken literally.",
        cases=("GX-suppressed-tuples",),
    ),
    Reading(
        "A35",
        "absence in hop windows",
        "correlation is per window; other windows are advised",
        "Judged in each window by itself, so the rule also fires in a window that ends before the missing event.",
        "It is the literal meaning; a warning names the sliding window that is usually meant.",
        cases=("CO-optional-at-most-one", "CO-absence-by-second-key"),
        diagnostics=("absence-in-hop-window",),
    ),
    Reading(
        "B1",
        "the ends of a sliding window",
        "silent",
        "It includes its pivot's moment and excludes its far end.",
        "“Within ten minutes after” should hold for an event of the same second, and windows stay half-open.",
        cases=("WI-after-same-moment", "WI-after-far-end", "WI-before-ends"),
    ),
)
