"""Bytes of one source as chunks of UTF-8: unpacks gzip, drops a byte order mark, re-encodes UTF-16.

What a source is, is told by its first bytes, never by its name.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from windshear.logs.readers.limits import Limits

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's way to say: a gzip header comes first
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class BrokenStreamError(Exception):
    """The source cannot be read on; what was read before stands."""


def utf8_chunks(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """Yield the source's text; raise `BrokenStreamError` where it cannot be read on."""
    chunks = _checked(stream, limits)
    first = next(chunks, b"")
    if first.startswith(_GZIP):
        chunks = _unpacked(first, chunks, limits)
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


def _checked(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    while True:
        try:
            chunk = stream.read(limits.chunk_bytes)
        except OSError as error:
            raise BrokenStreamError(error.strerror or str(error)) from error
        if not chunk:
            return
        yield chunk


def _unpacked(first: bytes, rest: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Unpack gzip members one after the other, never more than a chunk at a time."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    packed: bytes | None = first
    total = 0
    while packed is not None:
        while packed:
            if unpacker.eof:
                if not packed.startswith(_GZIP):  # padding behind the last member
                    return
                unpacker = zlib.decompressobj(_GZIP_WINDOW)
            try:
                text = unpacker.decompress(packed, limits.chunk_bytes)
            except zlib.error as error:
                raise BrokenStreamError(f"broken gzip data ({error})") from error
            packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            total += len(text)
            if limits.expanded_bytes is not None and total > limits.expanded_bytes:
                raise BrokenStreamError(f"expands to more than {limits.expanded_bytes} bytes")
            if text:
                yield text
        packed = next(rest, None)
    if not unpacker.eof:
        raise BrokenStreamError("the gzip data end too early")
