"""The configuration of a rule repository, `windshear.toml`: found beside the rules or in a folder above them.

Each command that has settings reads its own table. A wrong key is an error that names file, line and the key that was
probably meant.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from windshear.core.errors import InputError, SettingError
from windshear.language.diagnostics.suggest import closest

FILE_NAME = "windshear.toml"
_LARGEST_FILE = 1_000_000  # bytes
_SeverityWord = Literal["error", "warning", "note"]
_Words = list[Annotated[str, Field(min_length=1)]]


def _dashed(name: str) -> str:
    return name.replace("_", "-")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=_dashed)


class TenantTable(_Table):
    """`[lint.tenant]`: the tenant that the rules are for."""

    edition: Literal["standard", "enterprise", "enterprise-plus"] | None = None
    run_frequency: Literal["live", "10m", "hourly", "daily"] | None = None


class LintTable(_Table):
    """`[lint]`: which lints are on, how severe they are, and what they measure against."""

    select: _Words = []
    ignore: _Words = []
    severity: dict[str, _SeverityWord] = {}
    per_file_ignore: dict[str, _Words] = {}
    required_meta: _Words | None = None
    most_literals: Annotated[int, Field(gt=0)] | None = None
    baseline: str | None = None
    tenant: TenantTable = TenantTable()


class Configuration(_Table):
    """The whole file."""

    lint: LintTable = LintTable()


_MODELS: dict[tuple[str, ...], type[_Table]] = {
    (): Configuration,
    ("lint",): LintTable,
    ("lint", "tenant"): TenantTable,
}


class FoundConfiguration(BaseModel):
    """A configuration and the file it came from; paths in it are relative to the folder of that file."""

    model_config = ConfigDict(frozen=True)

    path: Path | None
    values: Configuration

    @property
    def folder(self) -> Path:
        """The folder to which paths in the file belong."""
        return self.path.parent if self.path else Path()


def find_configuration(named: Path | None, rules: Sequence[Path]) -> FoundConfiguration:
    """Return the configuration that was named, or the nearest one in or above the folder of the first rules."""
    path = named or _nearest(rules[0] if rules else Path())
    if path is None:
        return FoundConfiguration(path=None, values=Configuration())
    return FoundConfiguration(path=path, values=read_configuration(path))


def read_configuration(path: Path) -> Configuration:
    """Read a configuration file; every mistake in it is told with its line."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"configuration `{path}` is larger than {_LARGEST_FILE} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"configuration `{path}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"configuration `{path}` is not UTF-8 text") from error
    try:
        return Configuration.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path}: {error}") from error
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        places = [tuple(str(step) for step in mistake["loc"]) for mistake in found]
        lines = [
            f"{path}:{_line(text, place)}: `{'.'.join(place)}`: {_reason(mistake['type'], mistake['msg'], place)}"
            for mistake, place in zip(found, places, strict=True)
        ]
        raise SettingError("\n".join(lines)) from error


def _nearest(start: Path) -> Path | None:
    folder = start.resolve()
    for parent in (folder, *folder.parents) if folder.is_dir() else folder.parents:
        candidate = parent / FILE_NAME
        if candidate.is_file():
            return candidate
    return None


def _reason(kind: str, message: str, place: Sequence[str]) -> str:
    if kind != "extra_forbidden":
        return message[:1].lower() + message[1:]
    known = _keys(place[:-1])
    near = closest(place[-1], known)
    return (
        f"there is no such key; did you mean `{near}`?" if near else f"there is no such key; known: {', '.join(known)}"
    )


def _keys(table: Sequence[str]) -> list[str]:
    models: dict[tuple[str, ...], type[_Table]] = {
        (): Configuration,
        ("lint",): LintTable,
        ("lint", "tenant"): TenantTable,
    }
    model = models.get(tuple(table))
    return [_dashed(name) for name in model.model_fields] if model else []


def _line(text: str, place: Sequence[str]) -> int:
    """Return the line on which the key, or its table, stands; 1 if it is written in some other way."""
    table: tuple[str, ...] = ()
    best = 1
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.fullmatch(r"\s*\[+\s*([^\]]+?)\s*\]+\s*(?:#.*)?", line)
        if header:
            table = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            if table == tuple(place[: len(table)]):
                best = number
        key = re.match(r"\s*[\"']?([^\"'=\s]+)[\"']?\s*=", line)
        if key and (*table, key[1]) == tuple(place[: len(table) + 1]):
            return number
    return best
