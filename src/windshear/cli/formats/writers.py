"""One writer per output format: each takes detections one by one and is closed at the end."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import orjson
from rich.console import Console

from windshear.cli.console import out
from windshear.cli.formats.markdown import lines
from windshear.cli.formats.names import ScanFormat
from windshear.cli.formats.table import print_detection
from windshear.detections.detection import Detection
from windshear.detections.rendering import to_json

_FILE_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Writer:
    """Where detections go."""

    write: Callable[[Detection], None]
    close: Callable[[], None]


def writer(form: ScanFormat, stream: BinaryIO, *, is_shown: bool) -> Writer:
    """Return the writer of a format. `is_shown`: the stream is standard output, which may be a terminal."""
    match form:
        case ScanFormat.TABLE:
            return _table(stream, is_shown=is_shown)
        case ScanFormat.JSONL:
            return Writer(lambda d: _put(stream, orjson.dumps(to_json(d)) + b"\n"), lambda: None)
        case ScanFormat.JSON:
            return _json(stream)
        case ScanFormat.MARKDOWN:
            return _markdown(stream)


def _put(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)


def _table(stream: BinaryIO, *, is_shown: bool) -> Writer:
    if is_shown:
        return Writer(lambda d: print_detection(out, d), lambda: None)
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", write_through=True)
    console = Console(file=text, width=_FILE_WIDTH, highlight=False, color_system=None)

    def close() -> None:
        text.detach()  # whoever opened the stream closes it

    return Writer(lambda d: print_detection(console, d), close)


def _json(stream: BinaryIO) -> Writer:
    """Write one array, streaming."""
    opening = [b"[\n"]

    def write(detection: Detection) -> None:
        stream.write(opening[0] + orjson.dumps(to_json(detection)))
        opening[0] = b",\n"

    return Writer(write, lambda: _put(stream, b"\n]\n" if opening[0] == b",\n" else b"[]\n"))


def _markdown(stream: BinaryIO) -> Writer:
    written = 0
    stream.write(b"# Detections\n\n")

    def write(detection: Detection) -> None:
        nonlocal written
        written += 1
        stream.write(("\n".join(lines(detection)) + "\n").encode("utf-8", "backslashreplace"))

    return Writer(write, lambda: _put(stream, b"" if written else b"None.\n"))
