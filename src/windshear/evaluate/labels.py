"""Labels: what is known of records, one JSON object per line in a file beside them.

    {"file": "signin.jsonl", "record_id": "a1", "verdict": "flag", "behaviours": ["B01"], "campaign": "storm_0501"}

`file` is a path or glob below the folder of the data; with `source` it lies in the folder of that name. `record_id` is
the vendor's id of a record, or `line N`. One that starts with `*` or `every` means all records of the file that have no
line of their own, whatever else it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from windshear.core.errors import InputError
from windshear.language.diagnostics.suggest import closest

_MOST_PROBLEMS = 20
_LARGEST_LINE = 100_000  # characters
_LINE = re.compile(r"line ([1-9][0-9]{0,17})")


class Verdict(StrEnum):
    """What rules should make of a record.

    flag: some detection must hold it. flag_if_covered: it must if a rule claims its behaviour. clean: no detection of
    medium severity or above may hold it. neutral: either way is right.
    """

    FLAG = "flag"
    FLAG_IF_COVERED = "flag_if_covered"
    NEUTRAL = "neutral"
    CLEAN = "clean"

    @property
    def is_attack(self) -> bool:
        """Whether rules are there to find such records."""
        return self in (Verdict.FLAG, Verdict.FLAG_IF_COVERED)


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of one record, or of the rest of a file.

    line: its place in the labels file, from 1. file: below the folder of the data, perhaps a glob. names: what the
    record is, in the words of whoever labelled it. behaviours: ids, empty where only the names say it.
    """

    line: int
    file: str
    record_id: str
    verdict: Verdict
    names: tuple[str, ...] = ()
    behaviours: tuple[str, ...] = ()
    campaign: str = ""
    stage: str = ""
    step: int = 0
    why: str = ""
    time: datetime | None = None

    @property
    def is_rest(self) -> bool:
        """Whether it is about all records of its files that have no line of their own."""
        return self.record_id.startswith(("*", "every"))

    @property
    def is_background(self) -> bool:
        """Whether it is about everything that nothing else speaks of."""
        return self.is_rest and self.file == "*"

    @property
    def number(self) -> int | None:
        """The line or element of the file that it is about, where it names one."""
        found = _LINE.fullmatch(self.record_id)
        return int(found[1]) if found else None


@dataclass(frozen=True)
class Labels:
    """The labels of a data set; their files lie below `folder`."""

    path: Path
    folder: Path
    labels: tuple[Label, ...]

    def place(self, label: Label) -> str:
        """Return where a label stands, as `file:line`."""
        return f"{self.path}:{label.line}"

    @property
    def latest(self) -> int | None:
        """The last time that a label names, in seconds since 1970; None if none does."""
        return max((int(label.time.timestamp()) for label in self.labels if label.time is not None), default=None)


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    source: str = ""
    file: str = Field(min_length=1)
    record_id: str = Field(min_length=1)
    verdict: str
    labels: list[str] = []
    behaviours: list[str] = []
    campaign: str | None = None
    stage: str | None = None
    step: int | None = None
    why: str | None = None
    time: AwareDatetime | None = None


def read_labels(path: Path, folder: Path) -> Labels:
    """Read a labels file; `folder` is where the data is. `InputError` names every line that cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"labels `{path}` are not UTF-8 text: {error.reason}") from error
    except OSError as error:
        raise InputError(f"cannot read labels `{path}`: {error.strerror or error}") from error
    problems: list[str] = []
    labels = list(_lines(text.split("\n"), problems))
    problems += _repeats(labels)
    refuse(path, problems)
    if not labels:
        raise InputError(f"labels `{path}` are empty: write one JSON object per line, with file, record_id and verdict")
    return Labels(path, folder, tuple(labels))


def refuse(path: Path, problems: Sequence[str]) -> None:
    """Raise `InputError` with what is wrong with some lines of a labels file (`12: reason`), if anything is."""
    if not problems:
        return
    shown = [f"{path}:{problem}" for problem in problems[:_MOST_PROBLEMS]]
    more = [f"and {len(problems) - _MOST_PROBLEMS:,} more"] if len(problems) > _MOST_PROBLEMS else []
    raise InputError("labels cannot be used", [*shown, *more])


def _lines(lines: Iterable[str], problems: list[str]) -> Iterator[Label]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(line) > _LARGEST_LINE:
            problems.append(f"{number}: longer than {_LARGEST_LINE:,} characters")
            continue
        try:
            read = _Line.model_validate_json(line)
            yield _label(number, read)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            problems.append(f"{number}: {where + ': ' if where else ''}{first['msg']}")
        except ValueError as error:
            problems.append(f"{number}: {error}")


def _label(number: int, read: _Line) -> Label:
    file = f"{read.source}/{read.file}" if read.source else read.file
    if file.startswith("/") or ".." in file.split("/"):
        raise ValueError(f"file `{file}` must lie below the folder of the data")
    if read.verdict not in list(Verdict):
        near = closest(read.verdict, Verdict)
        meant = f", did you mean `{near}`?" if near else f": it is one of {', '.join(Verdict)}"
        raise ValueError(f"verdict `{read.verdict}` is unknown{meant}")
    return Label(
        number,
        file,
        read.record_id,
        Verdict(read.verdict),
        tuple(read.labels),
        tuple(read.behaviours),
        read.campaign or "",
        read.stage or "",
        read.step or 0,
        read.why or "",
        read.time,
    )


def _repeats(labels: Iterable[Label]) -> Iterator[str]:
    first: dict[tuple[str, str], Label] = {}
    for label in labels:
        key = (label.file, "*" if label.is_rest else label.record_id)
        known = first.setdefault(key, label)
        if known is not label:
            yield f"{label.line}: `{label.record_id}` of `{label.file}` is labelled in line {known.line} already"
