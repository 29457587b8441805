"""Windows event log files (EVTX): an extra, because reading their binary form takes a package of its own.

The package gives each event as XML, so that what an event is need be said once. It looks around in the file, which is
therefore copied to a temporary one: sources may be compressed or come from a pipe.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from windshear.logs.readers.frames import BadEnd, BadFrame, Framed, Frames, too_large
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.stream import BrokenStreamError
from windshear.logs.readers.windows_event import event_json

EVTX_BEGINNING = b"ElfFile\x00"

_EVENTS_AT_A_TIME = 1000
_MISSING = "a Windows event log file (EVTX); to read it, install the extra: pip install 'windshear[evtx]'"
_HEADER_BYTES, _CHUNK_BYTES = 4096, 65536
_CHUNK_COUNT = slice(42, 44)


def frame_evtx(chunks: Iterable[bytes], limits: Limits) -> Iterator[Framed]:
    """Yield the events of a file as JSON, numbered from 1, and those that cannot be read."""
    try:
        package = importlib.import_module("evtx")
    except ImportError as error:
        raise BrokenStreamError(_MISSING) from error
    with TemporaryFile() as copy:
        for chunk in chunks:
            copy.write(chunk)
        is_cut_off = _is_cut_off(copy)
        copy.seek(0)
        try:
            events = iter(package.PyEvtxParser(copy, number_of_threads=1).records())
        except (RuntimeError, OSError) as error:
            raise BrokenStreamError(f"broken Windows event log file ({error})") from error
        yield from _framed(events, limits)
    if is_cut_off:
        yield BadEnd("the event log file is cut off: events are missing")


def _framed(events: Iterator[dict[str, object]], limits: Limits) -> Iterator[Framed]:
    number = 0
    is_at_end = False
    while not is_at_end:
        texts: list[str] = []
        numbers: list[int] = []
        size = 0
        while len(texts) < _EVENTS_AT_A_TIME and size < limits.chunk_bytes and not is_at_end:
            try:
                xml = str(next(events)["data"]).encode()
            except StopIteration:
                is_at_end = True
                continue
            except RuntimeError as error:  # one broken event; the next call goes on behind it
                number += 1
                yield BadFrame(number, f"broken event: {error}", "")
                continue
            number += 1
            found = _text(xml, number, limits)
            if isinstance(found, BadFrame):
                yield found
            else:
                texts.append(found)
                numbers.append(number)
                size += len(found)
        if texts:
            yield Frames(pa.array(texts, pa.string()), np.array(numbers, np.int64))


def _text(xml: bytes, number: int, limits: Limits) -> str | BadFrame:
    if len(xml) > limits.record_bytes:
        return too_large(number, limits.record_bytes, xml[: limits.kept_bytes])
    try:
        return event_json(xml)
    except ValueError as error:
        return BadFrame(number, str(error), xml.decode("utf-8", "replace"))


def _is_cut_off(file: BinaryIO) -> bool:
    """Tell whether there is less of the file than its header says."""
    size = file.seek(0, 2)
    file.seek(0)
    header = file.read(_CHUNK_COUNT.stop)
    return size < _HEADER_BYTES + int.from_bytes(header[_CHUNK_COUNT], "little") * _CHUNK_BYTES
