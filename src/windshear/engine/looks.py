"""How the records of one log type are read: the columns of every event, and all columns of candidates.

Candidates are read twice, which pays where they are few. So where most records of a batch turned out to be candidates,
those of the next batches are read as a whole at once, until another look; and so are they from the start where there
are so few that a second statement is not worth its planning.
"""

from __future__ import annotations

from dataclasses import dataclass

from windshear.engine.enrichment.enrichment import Enrichment
from windshear.udm.columns import Columns

_FEW, _SMALL = 1_000, 1 << 20  # records, and bytes of all of them
_UNSEEN = 15  # batches


@dataclass(frozen=True, slots=True)
class Chosen:
    """Columns of events, and those that normalising must give so that they can be filled."""

    columns: Columns
    asked: Columns

    @classmethod
    def of(cls, columns: Columns, enrichment: Enrichment) -> Chosen:
        """Choose columns that are filled up with what is added to events."""
        return cls(columns, enrichment.asked(columns))


class Looks:
    """What is read of a log type's records at the first look and the second. Does not change within a batch."""

    def __init__(self, early: Chosen, whole: Chosen | None) -> None:
        """Read every record with some columns; `whole` are those that candidates need, if they need more."""
        self._early = early
        self._whole = whole
        self.is_at_once = False
        self._has_looked = False
        self._unseen = 0  # batches to be read at once
        self._records = self._candidates = 0

    @property
    def first(self) -> Chosen:
        """The columns that every record of this batch is read with."""
        return self._whole if self._whole is not None and self.is_at_once else self._early

    @property
    def second(self) -> Chosen | None:
        """The columns that candidates of this batch are read with; None if the first ones are all."""
        return None if self.is_at_once else self._whole

    def begin(self, records: int, size: int) -> None:
        """Begin a batch of so many records and bytes, of whatever log types."""
        if self._records:
            self._has_looked = True
            self._unseen = _UNSEEN if 2 * self._candidates > self._records else 0
        elif self._unseen:
            self._unseen -= 1
        is_small = records < _FEW and size < _SMALL
        self.is_at_once = self._unseen > 0 or (is_small and not self._has_looked)
        self._records = self._candidates = 0

    def note(self, records: int) -> None:
        """Count records of which only the first columns were read."""
        self._records += records

    def note_candidates(self, records: int) -> None:
        """Count records that turned out to be candidates."""
        self._candidates += records
