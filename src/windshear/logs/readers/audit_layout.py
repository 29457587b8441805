"""Which record of its event each line of the Linux audit log is.

An event has the form that Laurel writes: each record stands under its type, `PATH` as an array. `MESSAGE` is the record
that tells what the event is about, if that is neither a system call nor a part of one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_types import KERNEL_PARTS
from windshear.logs.record import Indices

_Mask = npt.NDArray[np.bool_]
_NONE = -1
_BITS = 64


class Layout:
    """The records of some events, whose lines stand together, those of a type, too.

    Per line: `kind`, the number of its type in `names`; `owner`, its event; `place`, which of its type it is in its
    event, from 0; `is_about`, whether it is the message or of its type. Per event: `starts`, its first line; `primary`,
    the line of the type that the event is told by.
    """

    def __init__(self, kinds: pa.StringArray, starts: Indices) -> None:
        """Lay out lines of some types; an event begins at each start but the last, which is the number of lines."""
        encoded = kinds.dictionary_encode()
        self.names: list[str] = encoded.dictionary.to_pylist()
        self.kind: Indices = encoded.indices.to_numpy().astype(np.int64)
        self.starts = starts[:-1]
        count, all_lines = len(kinds), np.arange(len(kinds))
        self.is_first: _Mask = np.zeros(count, np.bool_)
        self.is_first[self.starts] = True
        self.owner: Indices = np.repeat(np.arange(len(self.starts)), np.diff(starts))
        is_part = np.array([name in KERNEL_PARTS for name in self.names])[self.kind]
        about = np.minimum.reduceat(np.where(is_part, count, all_lines), self.starts)  # `count` if there is none
        call = np.minimum.reduceat(np.where(self.is_kind("SYSCALL"), all_lines, count), self.starts)
        self.primary: Indices = np.where(about < count, about, np.where(call < count, call, self.starts))
        about_kind = np.where(about < count, self.kind[np.minimum(about, count - 1)], _NONE)
        self.is_about: _Mask = self.kind == about_kind[self.owner]
        self.is_new: _Mask = (np.diff(self.kind, prepend=_NONE) != 0) | self.is_first
        self.place: Indices = all_lines - np.maximum.accumulate(np.where(self.is_new, all_lines, 0))

    def is_kind(self, name: str) -> _Mask:
        """Tell which lines are of a type."""
        found: _Mask = self.kind == (self.names.index(name) if name in self.names else _NONE)
        return found

    def lines_of(self, name: str, place: int = 0) -> Indices:
        """Return the lines that stand under a name, at most one of each event."""
        is_named = self.is_about if name == "MESSAGE" else self.is_kind(name) & ~self.is_about
        return np.flatnonzero(is_named & (self.place == place))


def in_order(lines: pa.Table, events: Indices) -> tuple[pa.Table, Indices]:
    """Put lines in the order of their events, those of a type together, and arguments that go on in one line.

    lines: with `kind` and `body`. events: the number of each line's event. Returns the lines, and their events.
    """
    kinds = lines.column("kind").chunk(0).dictionary_encode()
    names, kind = kinds.dictionary.to_pylist(), kinds.indices.to_numpy().astype(np.int64)
    order = _order(events, kind)
    if order is not None:
        lines, events, kind = lines.take(pa.array(order)).combine_chunks(), events[order], kind[order]
    if "EXECVE" not in names:
        return lines, events
    is_execve = kind == names.index("EXECVE")
    goes_on = is_execve & (np.diff(events, prepend=_NONE) == 0)
    goes_on[1:] &= is_execve[:-1]
    if not goes_on.any():
        return lines, events
    begins = np.flatnonzero(~goes_on)
    parts = pa.ListArray.from_arrays(pa.array(np.append(begins, len(lines)), pa.int32()), lines.column("body").chunk(0))
    whole = lines.take(pa.array(begins)).combine_chunks()
    return whole.set_column(whole.column_names.index("body"), "body", pc.binary_join(parts, " ")), events[begins]


def _order(events: Indices, kind: Indices) -> Indices | None:
    """Give the order in which an event's lines stand together, those of a type, too; None if they do already."""
    pair = events * (int(kind.max()) + 1) + kind
    begins = np.flatnonzero(np.diff(pair, prepend=_NONE))
    if (np.diff(events) >= 0).all() and _are_distinct(events[begins], kind[begins]):
        return None
    _, first, group = np.unique(pair, return_index=True, return_inverse=True)
    return np.lexsort((np.arange(len(events)), first[group], events))


def _are_distinct(events: Indices, kind: Indices) -> bool:
    """Tell whether no event has a type twice, given its types one after the other."""
    if int(kind.max()) >= _BITS:
        return False
    starts = np.flatnonzero(np.diff(events, prepend=_NONE))
    types = np.bitwise_or.reduceat(np.uint64(1) << kind.astype(np.uint64), starts)
    return bool((np.bitwise_count(types) == np.diff(np.append(starts, len(events)))).all())
