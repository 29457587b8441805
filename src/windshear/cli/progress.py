"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

from windshear.cli.console import err, out
from windshear.engine.feed import Input
from windshear.logs.readers.folder import files_below
from windshear.logs.readers.read import STANDARD_INPUT


class _Bar:
    """A bar on a terminal, if there is one. Use as a context manager."""

    def __init__(self, *, steps_aside: bool) -> None:
        self._steps_aside = steps_aside and out.is_terminal
        self._bar: Progress | None = None

    def _draw(self, columns: Sequence[ProgressColumn], doing: str, total: int | None) -> None:
        self._bar = Progress(
            *columns,
            console=err,
            transient=True,
            redirect_stdout=False,  # results belong to standard output, wherever the bar is
            redirect_stderr=False,
        )
        self._task = self._bar.add_task(doing, total=total, found="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar off the terminal while results are written there."""
        if self._bar is None or not self._steps_aside:
            yield
            return
        self._bar.stop()
        yield
        self._bar.start()


class InputProgress(_Bar):
    """How much of an input was read, while it is read. Use as a context manager."""

    def __init__(self, given: Input, doing: str, *, writes_to_terminal: bool) -> None:
        """`writes_to_terminal`: results go to standard output, so the bar must step aside for them."""
        super().__init__(steps_aside=writes_to_terminal)
        if err.is_terminal:
            size = _size(given)
            columns = (
                TextColumn("{task.description}"),
                SpinnerColumn() if size is None else BarColumn(),
                TransferSpeedColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[found]}"),
            )
            self._draw(columns, doing, size)

    def show(self, bytes_read: int, found: str, doing: str | None = None) -> None:
        """Show how far the work is."""
        if self._bar is not None:
            self._bar.update(self._task, completed=bytes_read, found=found, description=doing)


class Counted(_Bar):
    """How many of some things are done, while they are done. Use as a context manager."""

    def __init__(self, doing: str, total: int) -> None:
        """Show nothing where nobody looks."""
        super().__init__(steps_aside=True)
        if err.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._draw(columns, doing, total)

    def advance(self, number: int) -> None:
        """Count some more."""
        if self._bar is not None:
            self._bar.advance(self._task, number)


def _size(given: Input) -> int | None:
    """Return the bytes of the input, or None where they cannot be known before it is read."""
    total = 0
    for source in given.sources:
        if source == STANDARD_INPUT:
            return None
        path = Path(source)
        for file in files_below(path) if path.is_dir() else [path]:
            if file.suffix == ".gz" or not file.is_file():
                return None
            total += file.stat().st_size
    return total
