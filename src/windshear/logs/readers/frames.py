"""What framing yields: texts with their numbers, and records that cannot be taken as text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.record import Indices, Unwritten

_NOTHING = pa.scalar(0, pa.int32())  # Arrow looks for another package each time that it takes a number of Python


@dataclass(frozen=True, slots=True)
class Frames:
    """Some records of one source in order, with their numbers."""

    texts: pa.StringArray
    numbers: Indices


@dataclass(frozen=True, slots=True)
class UnwrittenFrames:
    """The same, of records that are put together and not written yet."""

    records: Unwritten
    numbers: Indices


@dataclass(frozen=True, slots=True)
class BadFrame:
    """A record that is not handed on: why, and the text of it that was kept."""

    number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class BadEnd:
    """Framing came to a bad end: records may be missing."""

    reason: str


@dataclass(frozen=True, slots=True)
class JoinedLines:
    """So many lines were joined to so many records, whether these are good or not."""

    lines: int
    records: int


@dataclass(frozen=True, slots=True)
class OtherRecords:
    """Records that are something else than the source is read as; `number` is the first of them."""

    number: int
    count: int
    reason: str


Framed = Frames | UnwrittenFrames | BadFrame | BadEnd | JoinedLines | OtherRecords


def decoded(texts: pa.BinaryArray, numbers: Indices) -> list[Framed]:
    """Take bytes as UTF-8 text: without the white space around, without blank records, bad ones on their own.

    What is returned is a copy: the memory that holds the bytes may be written over.
    """
    framed: list[Framed] = []
    try:
        strings = texts.cast(pa.string())
    except pa.ArrowInvalid:
        good: list[int] = []
        for index, value in enumerate(texts.to_pylist()):
            try:
                value.decode()
            except UnicodeDecodeError as error:
                reason = f"not valid UTF-8: {error.reason} at byte {error.start}"
                framed.append(BadFrame(int(numbers[index]), reason, value.decode("utf-8", "replace")))
            else:
                good.append(index)
        strings, numbers = texts.take(pa.array(good, pa.int64())).cast(pa.string()), numbers[good]
    strings = pc.ascii_trim_whitespace(strings)
    is_blank = pc.equal(pc.binary_length(strings), _NOTHING).to_numpy(zero_copy_only=False)
    if is_blank.any():
        strings, numbers = strings.filter(pa.array(~is_blank)), numbers[~is_blank]
    if len(strings):
        framed.append(Frames(strings, np.asarray(numbers, np.int64)))
    return framed


def too_large(number: int, limit: int, beginning: bytes) -> BadFrame:
    """Say that a record is larger than the limit; its beginning is kept."""
    return BadFrame(number, f"record too large: more than {limit} bytes", beginning.decode("utf-8", "replace"))
