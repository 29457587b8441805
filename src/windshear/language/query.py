"""The checked query: what a search means once names and types are resolved.

Each stage wraps the checked form of its filter, keys and outcomes, which is that of rules, and says what a search adds:
a window or none, outer joins, and the shape of the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from windshear.language.expressions import Expression
from windshear.language.rule import CheckedRule
from windshear.language.types import Type

WINDOW_START = "window_start"
WINDOW_END = "window_end"
RAW = "raw"  # the path that reads the raw text of an event


@dataclass(frozen=True, slots=True)
class QueryWindow:
    """The window of a match section.

    size: of `unit`; hop and sliding windows are in seconds. Tumbling windows of seconds start at multiples of their
    size, counted from `origin` (seconds since 1970); those of months at multiples counted from January 1970.
    is_first: of each tuple of keys only the earliest window is kept. pivot: the event variable of a sliding window.
    """

    kind: Literal["hop", "tumbling", "sliding_after", "sliding_before"]
    size: int
    unit: Literal["second", "month"] = "second"
    origin: int = 0
    is_first: bool = False
    pivot: str | None = None


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of the result.

    holds: a value over the rows of the group, a bound of the window, or the time of `variable`'s event; bounds and
    times are microseconds since 1970 and shown as times. value: None for them.
    """

    name: str
    type: Type
    value: Expression | None
    holds: Literal["value", "window_start", "window_end", "time"] = "value"
    variable: str = ""

    @property
    def is_time(self) -> bool:
        """Whether the values are microseconds since 1970."""
        return self.holds != "value"


@dataclass(frozen=True, slots=True)
class OrderKey:
    """A column to sort by. Null counts as smaller than every value."""

    column: str
    is_descending: bool


@dataclass(frozen=True, slots=True)
class CheckedStage:
    """One stage, or the root (whose name is empty).

    body: variables (of source `stage` for earlier stages), placeholders, predicates, outcomes and condition; raw keys
    of the match section have become placeholders named after the path. `bounded` are the variables that are always
    there; the others may be missing, and then what is read of them is null. links: the equalities of outer joins.
    filters: predicates that test for null, which are decided after the joins.
    is_grouped: rows are aggregated by the match keys (all into one group without keys); otherwise each combination of
    events is a row of its own. columns: all that dedup and order may need; shown: those of the result, in order.
    """

    name: str
    body: CheckedRule
    links: tuple[Expression, ...]
    filters: tuple[Expression, ...]
    window: QueryWindow | None
    is_grouped: bool
    columns: tuple[ResultColumn, ...]
    shown: tuple[str, ...]
    dedup: tuple[str, ...]
    order: tuple[OrderKey, ...]
    limit: int | None

    @property
    def has_one_row(self) -> bool:
        """Whether the result certainly has no more than one row."""
        is_total = self.is_grouped and not self.body.match_keys and self.window is None
        return self.limit == 1 or is_total

    @property
    def lists_events(self) -> bool:
        """Whether the result is events one by one, in the order of reading."""
        is_plain = not self.is_grouped and len(self.body.variables) == 1
        return is_plain and not self.dedup and not self.order

    def column(self, name: str) -> ResultColumn:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that can run: its stages in order, and the root that gives the result."""

    stages: tuple[CheckedStage, ...]
    root: CheckedStage

    @property
    def parts(self) -> tuple[CheckedStage, ...]:
        """All stages in the order in which they run."""
        return (*self.stages, self.root)
