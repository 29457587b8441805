"""Zip archives: each file in one is a source of its own, named after the archive and itself.

Nothing is unpacked to disk under a name that the archive chose; what its files expand to is read as a stream.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from windshear.logs.quarantine import SourceProblem
from windshear.logs.readers.stream import BrokenStreamError

_BEGINNING = 4
_ENCRYPTED = 1  # bit of a file's flags


ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")  # of one with files, and of an empty one


def beginning(stream: IO[bytes]) -> bytes:
    """Return the first bytes of a stream, four if it has them; none of them is used up.

    Raise `BrokenStreamError` for a damaged file of an archive, which says so only once.
    """
    if stream.seekable():
        try:
            place = stream.tell()
            start = stream.read(_BEGINNING)
            stream.seek(place)
        except OSError:  # whoever reads it will be told
            return b""
        except (EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise BrokenStreamError(f"broken zip data ({error})") from error
        return start
    peek = getattr(stream, "peek", None)
    # A terminal tells its end once: whoever looks ahead there has used it up.
    return b"" if peek is None or stream.isatty() else bytes(peek(_BEGINNING)[:_BEGINNING])


def files_in(stream: BinaryIO, source: str) -> Iterator[tuple[IO[bytes], str] | SourceProblem]:
    """Yield the files of an archive, to be read before the next is asked for, and what cannot be read."""
    with seekable(stream) as whole:
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
                # `NotImplementedError` is what the library says of a packing that it does not know.
                except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
                    yield SourceProblem(name, f"cannot be unpacked ({error})", "unreadable")
                    continue
                with opened:
                    yield opened, name


@contextmanager
def seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give the stream, or a copy of it in a nameless file: the list of an archive stands at its end."""
    if stream.seekable():
        yield stream
        return
    with TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy
