"""What a reading is: an open point of the language, how it is read here, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One open point.

    number: `A…` as in the list of ambiguities of the language reference, `B…` for further ones. sources: what the
    documentation says, in a few words. settings: the names of the settings with which a user takes another reading.
    cases: conformance cases that show the reading; where it shows in no detection, `diagnostics` (slugs), `functions`
    (whose examples show it) or `tests` (`file::function`) say where it shows.
    """

    number: str
    point: str
    sources: str
    taken: str
    why: str
    settings: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    diagnostics: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
