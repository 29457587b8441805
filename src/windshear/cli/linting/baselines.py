"""Baseline files: known findings as JSON, one entry a line, so that changes read well in a review."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from windshear.cli.atomic import output
from windshear.core.errors import InputError
from windshear.language.lint.baseline import Known

_LARGEST_FILE = 50_000_000  # bytes
_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Entry(BaseModel):
    model_config = _STRICT

    rule: str
    lint: str
    fingerprint: str
    count: int = Field(default=1, ge=1)


class _Baseline(BaseModel):
    model_config = _STRICT

    version: Literal[1]
    findings: list[_Entry]


def read_baseline(path: Path) -> Known:
    """Read a baseline file."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"baseline `{path}` is larger than {_LARGEST_FILE} bytes")
        read = _Baseline.model_validate_json(path.read_bytes())
    except OSError as error:
        hint = "; `--update-baseline` writes one" if isinstance(error, FileNotFoundError) else ""
        raise InputError(f"baseline `{path}` cannot be read: {error.strerror}{hint}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise InputError(
            f"baseline `{path}` is not one that `--update-baseline` wrote: {place} {first['msg']}"
        ) from error
    known: Known = Counter()
    for entry in read.findings:
        known[entry.rule, entry.lint, entry.fingerprint] += entry.count
    return known


def write_baseline(path: Path, known: Known) -> None:
    """Write a baseline file, whole or not at all."""
    entries = [
        {"rule": rule, "lint": lint, "fingerprint": print_, **({"count": count} if count > 1 else {})}
        for (rule, lint, print_), count in sorted(known.items())
    ]
    lines = ",\n".join("    " + json.dumps(entry) for entry in entries)
    text = (
        '{\n  "version": 1,\n  "findings": [\n' + lines + "\n  ]\n}\n"
        if entries
        else '{"version": 1, "findings": []}\n'
    )
    with output(path) as stream:
        stream.write(text.encode())
