"""Records that no log type claims: in a source that holds logs they are broken ones, elsewhere they are no logs.

Which of the two a source is may show only later, so the first of its records wait. What a source holds decides,
not how it is cut into batches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from windshear.logs.quarantine import Quarantined, Skipped

_MOST_WAITING = 1_000  # records of one source
_MOST_BYTES = 4_000_000  # of their texts (characters)


@dataclass(slots=True)
class _Source:
    """One source. waiting: None once it was too much to wait for: what comes then is skipped at once."""

    is_claimed: bool = False
    waiting: list[Quarantined] | None = field(default_factory=list)
    size: int = 0


class Unclaimed:
    """Decides for the records of each source that no log type claims."""

    def __init__(self) -> None:
        """Begin without sources."""
        self._sources: dict[str, _Source] = {}

    def decide(
        self, present: Collection[str], claimed: Iterable[str], records: Iterable[Quarantined]
    ) -> tuple[list[Quarantined], list[Skipped]]:
        """Return which records are broken and which are no logs, as far as that is known.

        present: the sources of a batch; those that were there before and are not any more have ended. claimed: those
        of them in which a log type was recognised. records: those that none claims, in the order of reading.
        """
        skipped = self._ended(present)
        broken: list[Quarantined] = []
        for name in claimed:
            source = self._sources.setdefault(name, _Source())
            source.is_claimed = True
            broken += source.waiting or ()
            source.waiting = []
        for record in records:
            source = self._sources.setdefault(record.source, _Source())
            if source.is_claimed:
                broken.append(record)
            elif source.waiting is None:
                skipped.append(_skipped(record))
            else:
                source.waiting.append(record)
                source.size += len(record.text)
                if len(source.waiting) > _MOST_WAITING or source.size > _MOST_BYTES:
                    skipped += [_skipped(waiting) for waiting in source.waiting]
                    source.waiting = None
        return broken, _together(skipped)

    def finish(self) -> list[Skipped]:
        """Return what is still waiting: it is no logs."""
        return _together(self._ended(()))

    def _ended(self, present: Collection[str]) -> list[Skipped]:
        ended = [name for name in self._sources if name not in present]
        return [_skipped(record) for name in ended for record in self._sources.pop(name).waiting or ()]


def _skipped(record: Quarantined) -> Skipped:
    return Skipped(record.source, record.number, 1, record.reason)


def _together(skipped: Iterable[Skipped]) -> list[Skipped]:
    """Count records of one source and reason together."""
    found: dict[tuple[str, str], Skipped] = {}
    for one in skipped:
        known = found.get((one.source, one.reason), Skipped(one.source, one.number, 0, one.reason))
        found[one.source, one.reason] = Skipped(one.source, known.number, known.count + one.count, one.reason)
    return list(found.values())
