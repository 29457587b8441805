"""YAML as plain values with the line of each part: the types of JSON only, and nothing that expands.

A word is text unless JSON would read it otherwise: `no`, `2024-01-01` and `0x10` stay text. Anchors, tags and repeated
keys are refused: they are either a mistake or a way to make a small file large.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import yaml
from pydantic import JsonValue

Place = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML was built with it
_MOST_DEPTH = 60
_WORDS: Mapping[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,2})?")


class YamlError(ValueError):
    """A text that is not YAML of the plain kind."""

    def __init__(self, line: int, reason: str) -> None:
        """Say what is wrong at which line, from 1."""
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Span:
    """Where a part begins and ends: lines and columns from 1; the end is behind its last character."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A value, and where each part of it stands."""

    value: JsonValue
    spans: Mapping[Place, Span]

    def line(self, place: Sequence[str | int]) -> int:
        """Return the line (from 1) of a part, or of the nearest part around it."""
        inside_out = (self.spans.get(tuple(place[:length])) for length in range(len(place), -1, -1))
        return next((span.line for span in inside_out if span is not None), 1)


def read_yaml(text: str) -> Document:
    r"""Read one YAML document.

    >>> document = read_yaml("a: no\nb:\n  - 1\n")
    >>> document.value, document.line(("b", 0))
    ({'a': 'no', 'b': [1]}, 3)
    """
    try:
        return _Reader(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = text.count("\n") + 1  # an end that is missing is missed behind the last line
        raise YamlError(min(mark.line + 1, last) if mark else 1, error.problem or "not valid YAML") from error
    except yaml.reader.ReaderError as error:
        raise YamlError(
            _line_of(text, error.position), f"character {_shown(error.character)} is not allowed"
        ) from error


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _shown(character: object) -> str:
    return repr(chr(character)) if isinstance(character, int) else repr(character)


class _Mark(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def _mark(mark: _Mark | None) -> _Mark:
    if mark is None:
        raise AssertionError("the parser says where everything stands")
    return mark


class _Reader:
    """Builds values from the events of the parser, one pass for all."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._spans: dict[Place, Span] = {}

    def document(self) -> Document:
        value: JsonValue = None
        count = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                count += 1
                if count > 1:
                    raise YamlError(_mark(event.start_mark).line + 1, "only one document is allowed in a file")
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, (), 0)
        self._spans.setdefault((), Span(1, 1, 1, 1))
        return Document(value, self._spans)

    def _value(self, event: yaml.Event, place: Place, depth: int) -> JsonValue:
        line = _mark(event.start_mark).line + 1
        _refuse_expansion(event, line)
        if depth > _MOST_DEPTH:
            raise YamlError(line, f"nested deeper than {_MOST_DEPTH} levels")
        value: JsonValue
        begin, end = _mark(event.start_mark), _mark(event.end_mark)
        match event:
            case yaml.ScalarEvent():
                value = event.value if event.style else _word(event.value)
            case yaml.SequenceStartEvent():
                value, end = self._sequence(place, depth + 1)
            case _:
                value, end = self._mapping(place, depth + 1)
        self._spans[place] = Span(begin.line + 1, begin.column + 1, end.line + 1, end.column + 1)
        return value

    def _sequence(self, place: Place, depth: int) -> tuple[list[JsonValue], _Mark]:
        items: list[JsonValue] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return items, _mark(event.end_mark)
            items.append(self._value(event, (*place, len(items)), depth))
        raise AssertionError("the parser ends what it begins")

    def _mapping(self, place: Place, depth: int) -> tuple[dict[str, JsonValue], _Mark]:
        entries: dict[str, JsonValue] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                return entries, _mark(event.end_mark)
            line = _mark(event.start_mark).line + 1
            _refuse_expansion(event, line)
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlError(line, "a key must be a word")
            if event.value in entries:
                raise YamlError(line, f"key `{event.value}` is given twice")
            inside = (*place, event.value)
            entries[event.value] = self._value(next(self._events), inside, depth)
        raise AssertionError("the parser ends what it begins")


def _refuse_expansion(event: yaml.Event, line: int) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise YamlError(line, "anchors and aliases are not allowed")
    if tag := getattr(event, "tag", None):
        raise YamlError(line, f"tags are not allowed (found `{tag}`)")


def _word(word: str) -> JsonValue:
    if word in _WORDS:
        return _WORDS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else word
