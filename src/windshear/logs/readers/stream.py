"""Bytes of one source as chunks of UTF-8: unpacks gzip and Zstandard, drops a byte order mark, re-encodes UTF-16.

What a source is, is told by its first bytes, never by its name.
"""

from __future__ import annotations

import codecs
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

import pyarrow as pa

from windshear.logs.readers.limits import Limits

_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_PADDING = b"\0"  # behind the last gzip member
_GZIP_WINDOW = 31  # zlib's way to say: a gzip header comes first
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class BrokenStreamError(Exception):
    """The source cannot be read on; what was read before stands."""


def utf8_chunks(stream: IO[bytes], limits: Limits, *, is_packed: bool = False) -> Iterator[bytes]:
    """Yield the source's text; raise `BrokenStreamError` where it cannot be read on.

    is_packed: the stream itself is unpacked while it is read, as a file in an archive is.
    """
    chunks = _within(_checked(stream, limits), limits) if is_packed else _checked(stream, limits)
    first = next(chunks, b"")
    if first.startswith(_GZIP):
        chunks = _within(_unpacked(first, chunks, limits), limits)
        first = next(chunks, b"")
    elif first.startswith(_ZSTANDARD):
        chunks = _within(_unpacked_zstandard(first, chunks, limits), limits)
        first = next(chunks, b"")
    first = first.removeprefix(codecs.BOM_UTF8)
    encoding = _UTF16.get(first[:2])
    if encoding is None:
        yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    yield decoder.decode(first[2:]).encode("utf-8", "replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode()


def _checked(stream: IO[bytes], limits: Limits) -> Iterator[bytes]:
    while True:
        try:
            chunk = stream.read(limits.chunk_bytes)
        except OSError as error:
            raise BrokenStreamError(error.strerror or str(error)) from error
        except (EOFError, zlib.error, zipfile.BadZipFile, lzma.LZMAError) as error:
            raise BrokenStreamError(f"broken zip data ({error})") from error
        if not chunk:
            return
        yield chunk


def _within(chunks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Pass on what is unpacked, up to the limit."""
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if limits.expanded_bytes is not None and total > limits.expanded_bytes:
            raise BrokenStreamError(f"expands to more than {limits.expanded_bytes} bytes")
        yield chunk


def _unpacked(first: bytes, rest: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Unpack gzip members one after the other, never more than a chunk at a time."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    packed: bytes | None = first
    while packed is not None:
        while packed:
            if unpacker.eof:
                packed = packed.lstrip(_PADDING)
                if not packed:
                    break
                if not _GZIP.startswith(packed[: len(_GZIP)]):
                    yield b"\n"  # the last line is whole
                    raise BrokenStreamError("what stands behind the gzip data was not read")
                unpacker = zlib.decompressobj(_GZIP_WINDOW)
            try:
                text = unpacker.decompress(packed, limits.chunk_bytes)
            except zlib.error as error:
                raise BrokenStreamError(f"broken gzip data ({error})") from error
            packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if text:
                yield text
        packed = next(rest, None)
    if not unpacker.eof:
        raise BrokenStreamError("the gzip data end too early")


class _Chunks(io.RawIOBase):
    """Chunks as a file to read from."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._waiting = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._waiting:
            self._waiting = next(self._rest, b"")
        size = len(self._waiting) if size < 0 else size
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given


def _unpacked_zstandard(first: bytes, rest: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    with pa.CompressedInputStream(pa.PythonFile(_Chunks(first, rest), "r"), "zstd") as unpacked:
        while True:
            try:
                text = unpacked.read(limits.chunk_bytes)
            except (OSError, pa.ArrowException) as error:
                raise BrokenStreamError(f"broken Zstandard data ({error})") from error
            if not text:
                return
            yield text
