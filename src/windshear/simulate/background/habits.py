"""The habits of the background, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from windshear.simulate.day import Day
from windshear.simulate.record import Record

HABITS: tuple[Callable[[Day], Iterator[Record]], ...] = ()
