"""What the records of one shape had so far, and the lean statement that this makes worthwhile.

Planning a statement takes as long as thousands of records, so nothing is planned anew for few.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from windshear.logs.record import Indices
from windshear.logs.statement import Statement
from windshear.logs.values import Path, Reading

LEAN_FROM = 10_000  # records of a shape that make a lean statement worthwhile
_SAMPLE = 2048
_SHORTEST = 30_000  # signs of a statement: a shorter one, as of most scans, has little to leave out
_MOST_SEEN = 0.8  # of all places: with more, a lean statement is not leaner
MANY_ODD = 4000  # records that the lean statement was too lean for
_MOST_TIMES = 5

# From places and some texts to those places that any of the texts has.
Look = Callable[[Mapping[Reading, Path], pa.StringArray], Collection[Reading]]
# From places that are not expected to the lean statement.
Compile = Callable[[Mapping[Reading, Path]], Statement]


@dataclass(slots=True)
class Seen:
    """What records of one shape had, of the places that the whole statement reads."""

    whole: Statement
    lean_from: int
    statement: Statement | None = None
    _records: int = 0
    _odd: int = 0
    _times: int = 0
    _paths: set[Path] = field(default_factory=set)

    def prepare(self, texts: pa.StringArray, look: Look, make: Compile) -> None:
        """Make the lean statement if that is worthwhile now."""
        self._records += len(texts)
        is_due = self._times == 0 and self._records >= self.lean_from
        if is_due and len(self.whole.strict) >= _SHORTEST:
            self._learn(texts, look, make)

    def met(self, odd: pa.StringArray, look: Look, make: Compile) -> None:
        """Learn from records that the lean statement was too lean for, if there were many."""
        self._odd += len(odd)
        if self._odd >= MANY_ODD:
            self._learn(odd, look, make)

    def _learn(self, texts: pa.StringArray, look: Look, make: Compile) -> None:
        self._times += 1
        self._odd = 0
        places = self.whole.places
        self._paths |= {one.path for one in look(places, _sample(texts))}
        unseen = {one: place for one, place in places.items() if one.path not in self._paths}
        is_worthwhile = len(unseen) >= len(places) * (1 - _MOST_SEEN) and self._times <= _MOST_TIMES
        self.statement = make(unseen) if is_worthwhile else None


def _sample(texts: pa.StringArray) -> pa.StringArray:
    """Take records from all over a batch, for neighbours are alike."""
    if len(texts) <= _SAMPLE:
        return texts
    rows: Indices = np.linspace(0, len(texts) - 1, _SAMPLE).astype(np.int64)
    return texts.take(pa.array(rows))
