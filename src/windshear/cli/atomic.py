"""Output files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from windshear.cli.console import ReaderGoneError
from windshear.core.errors import InputError, SettingError

_STANDARD_OUTPUT = ("-", "/dev/stdout")


@contextmanager
def output(path: Path | None, read: Iterable[str | Path] = ()) -> Iterator[BinaryIO]:
    """Open a result for writing: standard output without a path, else a file that appears when it is complete.

    Until then an existing file keeps what it holds. Pipes and devices are written to directly.
    read: what the run reads, of which none may be written over.
    """
    if path is None or str(path) in _STANDARD_OUTPUT:
        with _standard_output() as stream:
            yield stream
        return
    if path.is_dir():
        raise InputError(f"cannot write `{path}`: it is a folder")
    if path.is_file() and any(Path(name).is_file() and path.samefile(name) for name in read):
        raise SettingError(f"`{path}` is read by this run and would be lost: write to another file")
    target = Path(os.path.realpath(path))  # a link stays a link
    try:
        if path.exists() and not target.is_file():  # the link to an open pipe leads to what is no path: `/dev/fd/63`
            with path.open("wb") as stream:
                yield stream
            return
    except BrokenPipeError as error:
        raise ReaderGoneError from error
    with _replacing(target, path) as stream:
        yield stream


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    try:
        yield sys.stdout.buffer
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGoneError from error


@contextmanager
def _replacing(target: Path, named: Path) -> Iterator[BinaryIO]:
    if not target.parent.is_dir():
        raise InputError(f"cannot write `{named}`: the folder `{named.parent}` does not exist")
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        stream = temporary.open("xb")
    except OSError as error:
        raise InputError(f"cannot write `{named}`: {error.strerror}") from error
    try:
        with stream:
            yield stream
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
