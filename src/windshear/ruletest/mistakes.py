"""Mistakes of a tests file, each with its line, the key, and the key that was probably meant."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from windshear.language.diagnostics.suggest import closest
from windshear.packs.yaml_text import Document
from windshear.ruletest.tests_file import TestsFile

Place = tuple[str | int, ...]

_EXPECTED = {
    "bool_type": "`true` or `false`",
    "dict_type": "a mapping of keys to values",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping of keys to values",
    "string_type": "a text (in quotes if it looks like something else)",
}


def mistakes(error: ValidationError, document: Document, name: str, model: type[BaseModel] = TestsFile) -> list[str]:
    """Return one line per mistake. Of the readings of a union that all failed, the first at each place is told."""
    told: dict[tuple[int, str], str] = {}
    for mistake in error.errors(include_url=False, include_input=False, include_context=False):
        place, reason = _existing(mistake["loc"], document), mistake["msg"].removeprefix("Value error, ")
        match mistake["type"]:
            case "missing":
                reason = f"`{mistake['loc'][-1]}` is missing"
            case "extra_forbidden":
                reason = _unknown(place, model)
            case kind if kind in _EXPECTED:
                reason = f"{_EXPECTED[kind]} is expected here"
        told.setdefault((document.line(place), _dotted(place)), reason)
    return [f"{name}:{line}: {key}: {reason}" for (line, key), reason in sorted(told.items())]


def _unknown(place: Place, model: type[BaseModel]) -> str:
    """Say that a key is not known, and which one was probably meant."""
    key, known = str(place[-1]) if place else "", _known_at(place[:-1], model)
    meant = closest(key, known)
    hint = f"did you mean `{meant}`?" if meant else f"expected one of {', '.join(sorted(known))}"
    return f"unknown key; {hint}"


def _known_at(place: Place, model: type[BaseModel]) -> set[str]:
    """Return the keys that a mapping at some place may have."""
    models: list[type[BaseModel]] = [model]
    for step in place:
        if isinstance(step, str):
            inside = [field for model in models for name, field in model.model_fields.items() if name == step]
            models = [model for field in inside for model in _models_in(field)] or models
    return {name for model in models for name in model.model_fields}


def _models_in(field: FieldInfo) -> Iterator[type[BaseModel]]:
    yield from _models_of(field.annotation)


def _models_of(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (list, dict, Annotated, Union, types.UnionType):
        for argument in get_args(annotation):
            yield from _models_of(argument)


def _existing(place: Sequence[str | int], document: Document) -> Place:
    """Return the part of a place that stands in the document.

    Names of union members, missing keys and the list around a single group of logs do not.
    """
    found: Place = ()
    for step in place:
        if (*found, step) in document.spans:
            found = (*found, step)
    return found


def _dotted(place: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in place) or "the file"
