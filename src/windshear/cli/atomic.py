"""Output files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from windshear.cli.console import ReaderGoneError
from windshear.core.errors import InputError


@contextmanager
def output(path: Path | None) -> Iterator[BinaryIO]:
    """Open a result for writing: standard output without a path, else a file that appears when it is complete.

    Until then an existing file keeps what it holds. Pipes and devices are written to directly.
    """
    if path is None or str(path) == "-":
        with _standard_output() as stream:
            yield stream
        return
    target = Path(os.path.realpath(path))  # a link stays a link
    if target.is_dir():
        raise InputError(f"cannot write `{path}`: it is a folder")
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
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
