"""YAML as plain values with the line of each part: the types of JSON only, and nothing that expands.

A word is text unless JSON would read it otherwise: `no`, `2024-01-01` and `0x10` stay text. Anchors, tags and repeated
keys are refused: they are either a mistake or a way to make a small file large.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml
from pydantic import JsonValue

Place = tuple[str | int, ...]

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
class Document:
    """A value, and the line (from 1) at which each part of it starts."""

    value: JsonValue
    lines: Mapping[Place, int]

    def line(self, place: Sequence[str | int]) -> int:
        """Return the line of a part, or of the nearest part around it."""
        inside_out = (self.lines.get(tuple(place[:length])) for length in range(len(place), -1, -1))
        return next((line for line in inside_out if line is not None), 1)


def read_yaml(text: str) -> Document:
    r"""Read one YAML document.

    >>> document = read_yaml("a: no\nb:\n  - 1\n")
    >>> document.value, document.line(("b", 0))
    ({'a': 'no', 'b': [1]}, 3)
    """
    try:
        _refuse_expansion(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, error.problem or "not valid YAML") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(line, f"character {error.character!r} is not allowed") from error
    if node is None:
        return Document(None, {(): 1})
    lines: dict[Place, int] = {}
    return Document(_value(node, (), lines), lines)


def _refuse_expansion(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(line, "anchors and aliases are not allowed")
        if tag := getattr(event, "tag", None):
            raise YamlError(line, f"tags are not allowed (found `{tag}`)")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MOST_DEPTH:
            raise YamlError(line, f"nested deeper than {_MOST_DEPTH} levels")


def _value(node: yaml.Node, place: Place, lines: dict[Place, int]) -> JsonValue:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, JsonValue] = {}
        for key, child in _entries(node):
            mapping[key] = _value(child, (*place, key), lines)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*place, number), lines) for number, child in enumerate(node.value)]
    is_quoted = isinstance(node, yaml.ScalarNode) and node.style is not None
    return node.value if is_quoted else _word(node.value)


def _entries(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    seen: set[str] = set()
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError(line, "a key must be a word")
        if key.value in seen:
            raise YamlError(line, f"key `{key.value}` is given twice")
        seen.add(key.value)
        yield key.value, child


def _word(word: str) -> JsonValue:
    if word in _WORDS:
        return _WORDS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else word
