"""Data sets: a folder of logs with labels, and perhaps with the context and the history that belong to them.

<data>/
  labels.jsonl or EXPECTED.jsonl   what is known of the records
  context/                         tables, entities and so on, as `--context` takes them
  history/                         earlier logs, as `--history` takes them
  everything else                  logs, in any folders
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from windshear.core.errors import InputError
from windshear.evaluate.labels import Label, Labels, read_labels, refuse
from windshear.evaluate.marking import IN_ARCHIVE, below
from windshear.logs.readers.folder import files_below

CONTEXT, HISTORY = "context", "history"
LABELS_FILES = ("labels.jsonl", "EXPECTED.jsonl")


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set: its logs, its labels (None without any), and the folders beside them where there are some.

    elsewhere: labels of files that lie outside, which are left out.
    """

    files: tuple[str, ...]
    labels: Labels | None
    context: Path | None
    history: Path | None
    elsewhere: int = 0


def open_data(data: Path, labels: Path | None) -> DataSet:
    """Find what belongs to a data set; `labels` as given, else those in its folder. `InputError` says what is wrong."""
    if not data.exists():
        raise InputError(f"data `{data}` does not exist")
    home = data if data.is_dir() else data.parent
    found = labels or next((home / name for name in LABELS_FILES if (home / name).is_file()), None)
    if found is not None and not found.is_file():
        raise InputError(f"labels `{found}` do not exist")
    folder = _folder(data, found)
    if folder is None:
        data = _plain(data)
        folder = _folder(data, found) or data
    aside = {_plain(data / CONTEXT), _plain(data / HISTORY)}
    files = [data] if data.is_file() else list(files_below(data))
    skipped = {_plain(path) for path in (found, *(data / name for name in LABELS_FILES)) if path is not None}
    logs = tuple(
        str(file)
        for file in files
        if _plain(file) not in skipped and aside.isdisjoint(map(_plain, (file, *file.parents)))
    )
    if not logs:
        raise InputError(f"data `{data}` holds no logs")
    read = read_labels(found, folder) if found else None
    context, history = (path if path.is_dir() else None for path in (data / CONTEXT, data / HISTORY))
    if read is None:
        return DataSet(logs, None, context, history)
    kept, elsewhere = _inside(read, logs, data)
    return DataSet(logs, Labels(read.path, folder, kept), context, history, elsewhere)


def needed_labels(found: DataSet, data: Path) -> Labels:
    """Return the labels of a data set; `InputError` if it has none."""
    if found.labels is None:
        home = data if data.is_dir() else data.parent
        names = " or ".join(f"`{home / name}`" for name in LABELS_FILES)
        raise InputError(f"data `{data}` is not labelled: there is no {names}; `--labels FILE` names another file")
    return found.labels


def _folder(data: Path, labels: Path | None) -> Path | None:
    """Return the folder that labels count their files from: that of the labels if the data is in it, else the data.

    None if the way there cannot be written with the data's own path.
    """
    home = data if data.is_dir() else data.parent
    if labels is None:
        return home
    beside, inside = _plain(labels.parent), _plain(home)
    if not inside.is_relative_to(beside):
        return home
    up = len(inside.parts) - len(beside.parts)
    if up == 0:
        return home
    return home.parents[up - 1] if up <= len(home.parents) else None


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are


def _inside(labels: Labels, logs: Sequence[str], data: Path) -> tuple[tuple[Label, ...], int]:
    """Return the labels of files that are read, and how many are of files outside of the data."""
    names = [below(log, labels.folder) for log in logs]
    kept = [label for label in labels.labels if is_about_any(label, names)]
    rest = [label for label in labels.labels if label not in set(kept)]
    others: list[str] = []
    if rest and labels.folder != data:
        others = [below(str(file), labels.folder) for file in files_below(labels.folder)]
    lost = [label for label in rest if not is_about_any(label, others)]
    refuse(labels.path, [f"{label.line}: there is no file `{label.file}` below `{labels.folder}`" for label in lost])
    if not kept:
        raise InputError(f"no label of `{labels.path}` is about a file of `{data}`")
    return tuple(kept), len(rest)


def is_about_any(label: Label, names: Sequence[str]) -> bool:
    """Tell whether a label is about any of some files."""
    file = label.file.partition(IN_ARCHIVE)[0]
    return file == "*" or any(name == file or fnmatchcase(name, file) for name in names)
