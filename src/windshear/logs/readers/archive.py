"""Zip archives: each file in one is a source of its own, named after the archive and itself.

Nothing is unpacked to disk under a name that the archive chose; what its files expand to is read as a stream.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from windshear.logs.quarantine import SourceProblem

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED = 1  # bit of a file's flags


def is_archive(stream: BinaryIO) -> bool:
    """Tell whether a stream begins like a zip archive; nothing of it is used up."""
    if stream.seekable():
        place = stream.tell()
        start = stream.read(len(ZIP))
        stream.seek(place)
    else:
        peek = getattr(stream, "peek", None)
        start = b"" if peek is None else peek(len(ZIP))[: len(ZIP)]
    return start in (ZIP, EMPTY_ZIP)


def files_in(stream: BinaryIO, source: str) -> Iterator[tuple[IO[bytes], str] | SourceProblem]:
    """Yield the files of an archive, to be read before the next is asked for, and what cannot be read."""
    with _seekable(stream) as whole:
        try:
            archive = zipfile.ZipFile(whole)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            yield SourceProblem(source, f"broken zip archive ({error})", "unreadable")
            return
        with archive:
            for member in sorted(archive.infolist(), key=lambda info: info.filename):
                parts = member.filename.split("/")
                if member.is_dir() or any(part.startswith((".", "__MACOSX")) for part in parts):
                    continue
                name = f"{source}!{member.filename}".encode("utf-8", "backslashreplace").decode()
                if member.flag_bits & _ENCRYPTED:
                    yield SourceProblem(name, "encrypted; unpack it first", "unreadable")
                    continue
                try:
                    opened = archive.open(member)
                except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
                    yield SourceProblem(name, f"cannot be unpacked ({error})", "unreadable")
                    continue
                with opened:
                    yield opened, name


@contextmanager
def _seekable(stream: BinaryIO) -> Iterator[IO[bytes]]:
    """Give the stream, or a copy of it in a nameless file: the list of an archive stands at its end."""
    if stream.seekable():
        yield stream
        return
    with TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy
