"""Output files: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from windshear.cli.atomic import output
from windshear.core.errors import InputError


def test_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    """Until the end the earlier content stands; then the new one does, alone."""
    target = tmp_path / "found"
    target.write_text("earlier")
    with output(target) as stream:
        stream.write(b"new")
        stream.flush()
        assert target.read_text() == "earlier"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_nothing_half_written(error: type[BaseException], tmp_path: Path) -> None:
    """Whatever ends the work early leaves no file, and no temporary one."""

    def work() -> None:
        with output(tmp_path / "found") as stream:
            stream.write(b"half")
            raise error

    with pytest.raises(error):
        work()
    assert list(tmp_path.iterdir()) == []


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    """The umask decides who may read a result, as for any file."""
    old = os.umask(0o027)
    try:
        with output(tmp_path / "found") as stream:
            stream.write(b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "found").stat().st_mode & 0o777 == 0o640


def test_long_name(tmp_path: Path) -> None:
    """A name as long as the file system allows is no problem."""
    target = tmp_path / ("n" * 250)
    with output(target) as stream:
        stream.write(b"x")
    assert target.read_bytes() == b"x"


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    """A missing folder, a folder, and a file in the way of a folder are named."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "none" / "x", tmp_path, tmp_path / "file" / "x"):
        with pytest.raises(InputError, match="cannot write"), output(path):
            pass
