"""The reader of case files: Markdown in, cases and function vectors out.

A section heading is `## XX: name`; sections with other headings are prose. In a section, `### XX-id title` opens a
case: `Context:` and `Events:` (optional), a `yaral` block with a rule or a `udm` block with a query, `Expected:`, each
label directly followed by its `json` block, and prose. `Mode: compat` asks for the tolerant checks, with `nocase`
behind it for a query that ignores case, `Setting: name=value` for another reading than the usual
one. A `jsonl` block outside of cases holds function vectors. Whatever else stands where data should is an error with
file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

import orjson

from windshear.conformance.case import Case, CaseFile, JsonObject, JsonValue, Mode, Place, QueryCase, Vector
from windshear.conformance.expectations import read_expectation, read_rows
from windshear.conformance.markdown import Block, blocks
from windshear.core.errors import InputError, SettingError
from windshear.core.readings.settings import read_settings

_SECTION = re.compile(r"([A-Z]{2}): (.+)")
_CASE = re.compile(r"(([A-Z]{2})-[A-Za-z0-9-]+) (.+)")
_MODE = re.compile(r"Mode: (.*)")
_SETTING = re.compile(r"Setting: (.*)")
_LABELS = ("Context:", "Events:", "Expected:")


@dataclass(slots=True)
class _Draft:
    """A case while its pieces are collected."""

    id: str
    title: str
    section: str
    place: Place
    mode: Mode = "strict"
    rule: str | None = None
    query: str | None = None
    ignores_case: bool = False
    settings: list[str] = field(default_factory=list)
    data: dict[str, tuple[JsonValue, Place]] = field(default_factory=dict)


def read_cases(name: str, text: str) -> CaseFile:
    """Read a case file; `name` is what its places call it."""
    cases: list[Case | QueryCase] = []
    vectors: list[Vector] = []
    section: str | None = None
    draft: _Draft | None = None
    label = ""
    for block in blocks(name, text):
        if block.kind in ("section", "case") and draft is not None:
            cases.append(_finish(draft))
            draft = None
        if label and (block.kind, block.label) != ("fence", "json"):
            raise InputError(f"{block.place}: expected a `json` block after `{label}`")
        if block.kind == "section":
            heading = _SECTION.fullmatch(block.text)
            section = heading[1] if heading else None
        elif block.kind == "case" and section is not None:
            draft = _open(block, section)
        elif draft is not None:
            label = _take(draft, block, label)
        elif block.kind == "fence" and section is not None:
            vectors += _vectors(block, section)
    if draft is not None:
        cases.append(_finish(draft))
    _refuse_repeated(cases)
    rules = tuple(case for case in cases if isinstance(case, Case))
    return CaseFile(name, rules, tuple(vectors), tuple(case for case in cases if isinstance(case, QueryCase)))


def _open(block: Block, section: str) -> _Draft:
    heading = _CASE.fullmatch(block.text)
    if heading is None or heading[2] != section:
        raise InputError(f"{block.place}: expected a heading `### {section}-id title`")
    return _Draft(heading[1], heading[3], section, block.place)


def _take(draft: _Draft, block: Block, label: str) -> str:
    """Put one piece into its case; return the label that the next piece belongs to."""
    if block.kind == "fence":
        _take_fence(draft, block, label)
    elif block.text in _LABELS:
        return block.text
    elif mode := _MODE.fullmatch(block.text):
        word = mode[1].removesuffix(" nocase")
        if word not in ("strict", "compat"):
            raise InputError(f"{block.place}: a mode is `strict` or `compat`, not `{mode[1]}`")
        draft.mode, draft.ignores_case = cast("Mode", word), word != mode[1]
    elif setting := _SETTING.fullmatch(block.text):
        try:
            read_settings([setting[1]])
        except SettingError as error:
            raise InputError(f"{block.place}: {error}") from error
        draft.settings.append(setting[1])
    return ""


def _take_fence(draft: _Draft, block: Block, label: str) -> None:
    match block.label:
        case "json" if label and label not in draft.data:
            draft.data[label] = (_json(block.text, block.place), block.place)
        case "yaral" if draft.rule is None:
            draft.rule = block.text
        case "udm" if draft.rule is None and draft.query is None:
            draft.query = block.text
        case "json" | "yaral" | "udm":
            raise InputError(f"{block.place}: a `{block.label}` block that belongs to nothing in `{draft.id}`")
        case _:
            raise InputError(f"{block.place}: a case has `json`, `yaral` and `udm` blocks, not `{block.label}`")


def _finish(draft: _Draft) -> Case | QueryCase:
    if draft.rule is None and draft.query is None:
        raise InputError(f"{draft.place}: `{draft.id}` has no `yaral` block")
    if "Expected:" not in draft.data:
        raise InputError(f"{draft.place}: `{draft.id}` does not say what is expected")
    events, place = draft.data.get("Events:", ([], draft.place))
    context, context_place = draft.data.get("Context:", ({}, draft.place))
    if not isinstance(events, list):
        raise InputError(f"{place}: events are a list of objects")
    given = tuple(_object(event, place) for event in events)
    if draft.query is not None:
        return QueryCase(
            id=draft.id,
            title=draft.title,
            section=draft.section,
            place=draft.place,
            query=draft.query,
            events=given,
            context=_object(context, context_place),
            mode=draft.mode,
            ignores_case=draft.ignores_case or read_settings(draft.settings).search_case == "insensitive",
            expected=read_rows(*draft.data["Expected:"]),
            settings=tuple(draft.settings),
        )
    return Case(
        id=draft.id,
        title=draft.title,
        section=draft.section,
        place=draft.place,
        rule=draft.rule or "",
        events=given,
        context=_object(context, context_place),
        mode=draft.mode,
        expected=read_expectation(*draft.data["Expected:"]),
        settings=tuple(draft.settings),
    )


def _vectors(block: Block, section: str) -> Iterable[Vector]:
    if block.label != "jsonl":
        raise InputError(f"{block.place}: a `{block.label}` block outside of a case")
    for offset, line in enumerate(block.text.splitlines(), start=1):
        place = Place(block.place.file, block.place.line + offset)
        vector = _object(_json(line, place), place)
        call = vector.get("call")
        if not isinstance(call, str) or "result" not in vector:
            raise InputError(f"{place}: a vector has a `call` and a `result`")
        yield Vector(call, vector["result"], section, place)


def _json(text: str, place: Place) -> JsonValue:
    try:
        return cast("JsonValue", orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{place}: no JSON: {error}") from error


def _object(value: JsonValue, place: Place) -> JsonObject:
    if not isinstance(value, dict):
        raise InputError(f"{place}: expected an object")
    return value


def _refuse_repeated(cases: Iterable[Case | QueryCase]) -> None:
    known: dict[str, Place] = {}
    for case in cases:
        if case.id in known:
            raise InputError(f"{case.place}: `{case.id}` is already at {known[case.id]}")
        known[case.id] = case.place
