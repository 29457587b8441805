"""Where the brackets of a JSON text are, chunk by chunk, without parsing it.

NumPy looks at all bytes at once: quotes that are not escaped switch between inside and outside of a string, and the
brackets outside raise and lower the depth. What a chunk leaves open is carried into the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from windshear.logs.record import Indices

_QUOTE, _BACKSLASH, _OPEN, _CLOSE = 1, 2, 3, 4
_KINDS = np.zeros(256, np.uint8)
_KINDS[ord('"')] = _QUOTE
_KINDS[ord("\\")] = _BACKSLASH
_KINDS[[ord("["), ord("{")]] = _OPEN
_KINDS[[ord("]"), ord("}")]] = _CLOSE


@dataclass(frozen=True, slots=True)
class Brackets:
    """Brackets outside of strings: positions, and the depth after each. An opening one is deeper than before."""

    positions: Indices
    depths: Indices
    is_open: npt.NDArray[np.bool_]


class BracketScanner:
    """Finds brackets in consecutive chunks of one text; `depth` is the depth after the last one."""

    def __init__(self) -> None:
        """Start at the beginning of a text."""
        self._is_inside = False
        self._is_escaped = False  # the chunk before ended with an odd number of backslashes
        self.depth = 0

    def scan(self, chunk: bytes) -> Brackets:
        """Return the brackets of the next chunk."""
        kinds = _KINDS[np.frombuffer(chunk, np.uint8)]
        places = np.flatnonzero(kinds)
        kinds = kinds[places]
        is_quote = kinds == _QUOTE
        slashes = places[kinds == _BACKSLASH]
        if len(slashes) or self._is_escaped:
            is_quote &= ~self._escaped(places, slashes, len(chunk))
        quotes_before = np.cumsum(is_quote) + self._is_inside
        keep = (kinds >= _OPEN) & (quotes_before % 2 == 0)
        is_open = kinds[keep] == _OPEN
        depths = self.depth + np.cumsum(np.where(is_open, 1, -1))
        if len(quotes_before):
            self._is_inside = bool(quotes_before[-1] % 2)
        if len(depths):
            self.depth = int(depths[-1])
        return Brackets(places[keep], depths, is_open)

    def _escaped(self, places: Indices, slashes: Indices, length: int) -> npt.NDArray[np.bool_]:
        """Tell for each place whether an odd number of backslashes stands right before it."""
        run_starts = np.ones(len(slashes), np.bool_)
        run_starts[1:] = np.diff(slashes) != 1
        first_of_run = slashes[np.maximum.accumulate(np.where(run_starts, np.arange(len(slashes)), 0))]
        lengths = slashes - first_of_run + 1
        lengths += self._is_escaped & (first_of_run == 0)
        before = np.searchsorted(slashes, places) - 1  # the last backslash before the place
        follows = (before >= 0) & (slashes[before] == places - 1) if len(slashes) else np.zeros(len(places), np.bool_)
        is_escaped = np.zeros(len(places), np.bool_)
        is_escaped[follows] = lengths[before[follows]] % 2 == 1
        if self._is_escaped and len(places) and places[0] == 0 and not follows[0]:
            is_escaped[0] = True
        if len(slashes) and slashes[-1] == length - 1:
            self._is_escaped = bool(lengths[-1] % 2)
        elif length:
            self._is_escaped = False
        return is_escaped
