"""Events of the Linux audit log whose lines are known: their text is written, or their values read, when asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from windshear.logs.readers.audit_layout import Layout, in_order
from windshear.logs.readers.audit_text import written_events
from windshear.logs.readers.audit_values import OWN, values_of
from windshear.logs.record import Indices, Path, Values
from windshear.logs.text_slices import places

EVENT_END = "EOE"

_COLUMNS = ["serial", "node", "kind", "body"]
_HEAD_BYTES = 50  # about what stands before a line's body


def joined_events(lines: pa.Table, events: Indices) -> JoinedEvents:
    """Return the events that some lines belong to, in the order of their numbers.

    lines: with `serial`, `node`, `kind` and `body`. events: the number of each line's event, none without lines.
    """
    lines, events = in_order(lines.select(_COLUMNS), events)
    return JoinedEvents(lines.combine_chunks(), np.append(np.flatnonzero(np.diff(events, prepend=-1)), len(events)))


class JoinedEvents:
    """Some events. Their text is one JSON object each, as `audit_text` says."""

    def __init__(self, lines: pa.Table, starts: Indices) -> None:
        """Take lines as `in_order` puts them; `starts` are the first lines of events, and the number of lines."""
        self.lines, self.starts = lines, starts
        self._texts: pa.StringArray | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> Indices:
        """About how many bytes each event takes."""
        _, ends = places(self.lines.column("body").chunk(0))
        sizes: Indices = np.diff(ends[self.starts]) + _HEAD_BYTES * np.diff(self.starts)
        return sizes

    def take(self, indices: Indices) -> JoinedEvents:
        """Return the chosen events, in the given order."""
        counts = np.diff(self.starts)[indices]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        rows = np.arange(starts[-1]) + np.repeat(self.starts[indices] - starts[:-1], counts)
        return JoinedEvents(self.lines.take(pa.array(rows)).combine_chunks(), starts)

    @classmethod
    def joined(cls, parts: Sequence[JoinedEvents]) -> JoinedEvents:
        """Put events one after the other."""
        before = np.cumsum([0, *(int(part.starts[-1]) for part in parts)])
        starts = [part.starts[:-1] + first for part, first in zip(parts, before[:-1], strict=True)]
        lines = pa.concat_tables([part.lines for part in parts]).combine_chunks()
        return cls(lines, np.append(np.concatenate(starts), before[-1]))

    def texts(self) -> pa.StringArray:
        """Return each event as JSON."""
        if self._texts is None:
            self._texts = written_events(self.lines, self._layout()) if len(self) else pa.array([], pa.string())
        return self._texts

    @property
    def own(self) -> frozenset[Path]:
        """The places at which each event has a value of its own."""
        return OWN

    def values(self, own: Sequence[Path], shared: Sequence[Path]) -> Values | None:
        """Return what stands at some places of the events, as their text would tell; None if only the text can."""
        if ("LOG",) not in (*own, *shared) or not len(self):  # without it, an audit log is not what is asked for
            return None
        return values_of(self.lines, self._layout(), own, shared)

    def _layout(self) -> Layout:
        return Layout(self.lines.column("kind").chunk(0), self.starts)
