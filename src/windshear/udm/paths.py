"""Paths: what a dotted UDM name in a rule or a parser points at.

`resolve` walks the schema from the root that a variable reads (an event, an entity, a detection) and gives either the
steps with the kind of the leaf, or the first thing that is wrong with a suggestion. `Struct.fields["k"]` and every
list of key/value messages (`labels["k"]`) read as maps of text; the long form `labels.key`, `labels.value` is an
ordinary repeated read. A Timestamp or Duration ends in `.seconds` or `.nanos`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from windshear.udm.schema import Enumeration, Message, Root, UdmField, enumeration, message, schema
from windshear.udm.suggestions import suggest_fields

LeafKind = Literal["string", "int", "uint", "float", "bool", "bytes", "enum", "message"]
ProblemKind = Literal[
    "empty-path", "unknown-field", "not-a-message", "index-on-scalar", "key-on-non-map", "mixed-index", "key-and-index"
]

_KINDS: dict[str, LeafKind] = {
    "string": "string",
    "bytes": "bytes",
    "int32": "int",
    "int64": "int",
    "uint32": "uint",
    "uint64": "uint",
    "float": "float",
    "double": "float",
    "bool": "bool",
    "enum": "enum",
    "message": "message",
}
_SEGMENT = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)(?:\[(?:([0-9]{1,9})|"((?:[^"\\]|\\.)*)")\])?', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TYPED_VALUE = "FindingVariable"  # the documentation spells its members both `int64_val` and `int64_value`


@dataclass(frozen=True, slots=True)
class PathSegment:
    """One written piece of a path: `name`, `name[3]` or `name["key"]`."""

    name: str
    index: int | None = None
    key: str | None = None


class StepLike(Protocol):
    """One field of a resolved path, whoever made it."""

    @property
    def name(self) -> str:
        """The field's name."""

    @property
    def is_repeated(self) -> bool:
        """Whether the schema says list."""

    @property
    def index(self) -> int | None:
        """The element that is read."""

    @property
    def key(self) -> str | None:
        """The map key that is read."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """One field of a resolved path."""

    name: str
    is_repeated: bool
    index: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ResolvedPath:
    """A path that the schema has; `message` is the type of the end if that is no scalar."""

    steps: tuple[PathStep, ...]
    kind: LeafKind
    enumeration: Enumeration | None
    message: Message | None
    is_deprecated: bool

    @property
    def is_message(self) -> bool:
        """Whether the path stops above the leaves."""
        return self.kind == "message"

    @property
    def text(self) -> str:
        """The canonical spelling without the variable."""
        return path_text(self.steps)


@dataclass(frozen=True, slots=True)
class PathProblem:
    """Why a path does not resolve: the first wrong segment, by position among those given.

    `message` is the type in which the segment was looked for (None below a leaf); `suggestions` are spellings to write
    in the segment's place, the most likely first.
    """

    kind: ProblemKind
    segment: int
    name: str
    parent: str  # the resolved part before the segment, as text
    message: Message | None
    suggestions: tuple[str, ...] = ()

    @property
    def suggested_paths(self) -> tuple[str, ...]:
        """The suggestions as whole paths up to the segment."""
        return tuple(f"{self.parent}.{name}" if self.parent else name for name in self.suggestions)


def split_root(segments: Sequence[PathSegment]) -> tuple[Root, Sequence[PathSegment]]:
    """Return which record the written segments after a variable read, and the segments below that record.

    `$g.graph.entity.ip` reads an entity, `$d.detection.id` a detection, `$e.udm.principal` and `$e.principal` an
    event.
    """
    first = segments[0].name if segments else ""
    if first == "graph":
        return "graph", segments[1:]
    if first == "detection":
        return "detection", segments[1:]
    return "udm", segments


def resolve(root: Root, segments: Sequence[PathSegment]) -> ResolvedPath | PathProblem:
    """Return what the segments below a record of this root point at. For an event a leading `udm` may stand first."""
    offset = 1 if root == "udm" and segments and segments[0] == PathSegment("udm") else 0
    return _resolve(schema().roots[root], segments, offset)


def resolve_below(start: Message, segments: Sequence[PathSegment]) -> ResolvedPath | PathProblem:
    """Return what the segments below a message of this type point at."""
    return _resolve(start, segments, 0)


def parse_path(text: str) -> tuple[PathSegment, ...]:
    r"""Return the segments of a path in its canonical spelling (see `path_text`); ValueError for anything else.

    >>> parse_path(r'about[1].labels["a\"b.c"]')
    (PathSegment(name='about', index=1, key=None), PathSegment(name='labels', index=None, key='a"b.c'))
    """
    segments = []
    position = 0
    while found := _SEGMENT.match(text, position):
        name, index, key = found.groups()
        unquoted = None if key is None else _ESCAPED.sub(r"\1", key)
        segments.append(PathSegment(name, None if index is None else int(index), unquoted))
        position = found.end()
        if position == len(text):
            return tuple(segments)
        if text[position] != ".":
            break
        position += 1
    raise ValueError(f"not a path: `{text}`")


def path_text(steps: Iterable[StepLike]) -> str:
    r"""Return the canonical spelling of steps; a quote or backslash in a key gets a backslash before it.

    >>> path_text([PathStep("labels", is_repeated=True, key='a"b')])
    'labels["a\\"b"]'
    """
    return ".".join(_step_text(step) for step in steps)


def _resolve(start: Message, segments: Sequence[PathSegment], offset: int) -> ResolvedPath | PathProblem:
    if len(segments) == offset:
        return PathProblem("empty-path", max(offset - 1, 0), start.name, "", start)
    walk = _Walk(start)
    for position in range(offset, len(segments)):
        problem = walk.enter(position, segments[position])
        if problem is not None:
            return problem
    return _mixed_access(walk.steps, offset) or walk.end()


class _Walk:
    """The place reached so far: always a message, or a leaf after which nothing may follow."""

    def __init__(self, start: Message) -> None:
        self.steps: list[PathStep] = []
        self.message: Message | None = start
        self.kind: LeafKind = "message"
        self.enumeration: Enumeration | None = None
        self.is_deprecated = False

    def enter(self, position: int, segment: PathSegment) -> PathProblem | None:
        """Go one segment down."""
        if self.message is None:
            return self._problem("not-a-message", position, segment)
        field = _find(self.message, segment.name)
        if field is None:
            return self._problem("unknown-field", position, segment, suggest_fields(self.message, segment.name))
        if segment.index is not None and not _can_index(field):
            return self._problem("index-on-scalar", position, segment)
        if segment.key is not None and not _is_map(field):
            return self._problem("key-on-non-map", position, segment, _maps_below(field, segment.key))
        self.steps.append(PathStep(field.name, field.is_repeated, segment.index, segment.key))
        self.is_deprecated = self.is_deprecated or field.is_deprecated
        if segment.key is None:
            self._arrive(field)
        else:
            self._arrive_at_value(field)
        return None

    def _problem(
        self, kind: ProblemKind, position: int, segment: PathSegment, suggestions: tuple[str, ...] = ()
    ) -> PathProblem:
        return PathProblem(kind, position, segment.name, path_text(self.steps), self.message, suggestions)

    def _arrive(self, field: UdmField) -> None:
        self.kind = _KINDS[field.type]
        self.message = _message_of(field)
        self.enumeration = enumeration(field.ref) if field.type == "enum" and field.ref else None

    def _arrive_at_value(self, field: UdmField) -> None:
        """Stand on the value of a map entry: text, except that a detection's typed variables are messages."""
        entry = _message_of(field)
        value = entry.fields["value"] if entry else None
        if value is not None and value.ref == _TYPED_VALUE:
            self._arrive(value)
        else:
            self.kind, self.message, self.enumeration = "string", None, None

    def end(self) -> ResolvedPath:
        """Return the place as a value."""
        return ResolvedPath(tuple(self.steps), self.kind, self.enumeration, self.message, self.is_deprecated)


def _find(parent: Message, name: str) -> UdmField | None:
    field = parent.fields.get(name)
    if field is None and parent.name == _TYPED_VALUE and name.endswith("_value"):
        return parent.fields.get(name.removesuffix("ue"))
    return field


def _message_of(field: UdmField) -> Message | None:
    return message(field.ref) if field.type == "message" and field.ref else None


def _can_index(field: UdmField) -> bool:
    return field.is_repeated and not field.is_map


def _is_map(field: UdmField) -> bool:
    entry = _message_of(field)
    return field.is_repeated and entry is not None and entry.is_entry


def _maps_below(field: UdmField, key: str) -> tuple[str, ...]:
    """Return where a key can be read instead: the maps directly below the field."""
    below = _message_of(field)
    maps = [inner.name for inner in below.fields.values() if _is_map(inner)] if below else []
    start = PathStep(field.name, is_repeated=False)
    return tuple(path_text([start, PathStep(name, is_repeated=True, key=key)]) for name in maps)


def _mixed_access(steps: Sequence[PathStep], offset: int) -> PathProblem | None:
    """Say where an indexed path leaves a list unindexed, or also reads a map."""
    if all(step.index is None for step in steps):
        return None
    for position, step in enumerate(steps):
        parent = path_text(steps[:position])
        if step.key is not None:
            return PathProblem("key-and-index", position + offset, step.name, parent, None)
        if step.is_repeated and step.index is None:
            return PathProblem("mixed-index", position + offset, step.name, parent, None, (f"{step.name}[0]",))
    return None


def _step_text(step: StepLike) -> str:
    if step.key is not None:
        quoted = step.key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{step.name}["{quoted}"]'
    return step.name if step.index is None else f"{step.name}[{step.index}]"
