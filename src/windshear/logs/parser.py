"""What a log parser is: a declaration of how one log type becomes UDM.

A declaration names the *shapes* in which its records arrive (the same record may stand in an envelope, or be exported
with other key names), says what must be there, and gives one value per UDM field. It is data: `statement` compiles
it, together with the columns that somebody asked for, to one DuckDB statement; nothing runs per event.

Each field carries the basis on which it is filled that way: the parser page of Google (`published`), the way public
rules read it (`public rules`), or neither (`our choice`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from windshear.logs.values import Condition, Path, Reading, Value
from windshear.udm.columns import ScalarKind
from windshear.udm.schema import Root

Basis = Literal["published", "public rules", "our choice"]

_NO_NAMES: Mapping[Path, Path] = MappingProxyType({})
_NOTHING_MADE: Mapping[Path, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Has:
    """Evidence: the record has a non-empty value at a place."""

    path: Path

    def __str__(self) -> str:
        return f"`{'.'.join(self.path)}` present"


@dataclass(frozen=True, slots=True)
class HasAny:
    """Evidence: at least one of several places has a non-empty value."""

    paths: tuple[Path, ...]

    def __str__(self) -> str:
        return "one of " + ", ".join(f"`{'.'.join(path)}`" for path in self.paths) + " present"


@dataclass(frozen=True, slots=True)
class Is:
    """Evidence: the text at a place is one of several."""

    path: Path
    options: tuple[str, ...]

    def __str__(self) -> str:
        listed = " or ".join(f"`{option}`" for option in self.options)
        return f"`{'.'.join(self.path)}` is {listed}"


@dataclass(frozen=True, slots=True)
class Begins:
    """Evidence: the text at a place begins with one of several."""

    path: Path
    options: tuple[str, ...]

    def __str__(self) -> str:
        listed = " or ".join(f"`{option}`" for option in self.options)
        return f"`{'.'.join(self.path)}` begins with {listed}"


@dataclass(frozen=True, slots=True)
class IsNot:
    """Evidence: the text at a place, if there is one, is none of several."""

    path: Path
    options: tuple[str, ...]

    def __str__(self) -> str:
        listed = " or ".join(f"`{option}`" for option in self.options)
        return f"`{'.'.join(self.path)}` is not {listed}"


@dataclass(frozen=True, slots=True)
class Lacks:
    """Evidence: the record has no value at a place."""

    path: Path

    def __str__(self) -> str:
        return f"`{'.'.join(self.path)}` absent"


Evidence = Has | HasAny | Is | Begins | IsNot | Lacks


@dataclass(frozen=True, slots=True)
class Split:
    """Records that hold several events in an array: where the condition holds, each of them becomes a record.

    is_alone: the element itself is the record, which may also be a single one, packed as base64; else it stands in a
    copy of the record that holds no other element.
    """

    path: Path
    condition: Condition
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """How records that are rewritten can be read as they are, if nothing else is asked for than what is told here.

    names: where places of the declaration stand; made: what they are made of, of raw readings. is_all: what is told in
    neither is not there. unless: where this holds, the record has to be rewritten after all.
    """

    names: Mapping[Path, Path]
    made: Mapping[Path, Value] = field(default_factory=lambda: _NOTHING_MADE)
    is_all: bool = False
    unless: Condition | None = None


def capitalised(key: str) -> str:
    """Return a key with a capital letter at its beginning.

    >>> capitalised("eventName")
    'EventName'
    """
    return key[:1].upper() + key[1:]


@dataclass(frozen=True, slots=True)
class Shape:
    """One form in which records of a log type arrive.

    A place of the declaration is looked up in `names` (longest prefix first), else it stands under `prefix`. Evidence
    is written with the keys of the raw record. Roots in `text_roots` may hold their object as a JSON string. Where SQL
    cannot say how a record is read, `rewrite` gives a text that it can read, record by record; the evidence must hold
    for both, unless `rewritten` says what tells a rewritten record, where that is quicker to test. `plain` says how the
    text can be spared. `made` has places of the declaration that hold what is made of others.
    """

    name: str
    evidence: tuple[Evidence, ...]
    prefix: Path = ()
    names: Mapping[Path, Path] = field(default_factory=lambda: _NO_NAMES)
    capitalised: bool = False  # keys at the top are written with a capital letter
    text_roots: frozenset[Path] = frozenset()
    split: Split | None = None
    rewrite: Callable[[str], str] | None = None
    rewritten: tuple[Evidence, ...] | None = None
    plain: Plain | None = None
    made: Mapping[Path, Value] = field(default_factory=lambda: _NOTHING_MADE)

    def made_of(self, reading: Reading) -> Value | None:
        """Return what a reading is made of in this shape; None if it is a place of the record."""
        return reading.made if reading.made is not None or reading.is_raw else self.made.get(reading.path)

    def locate(self, path: Path) -> Path:
        """Return the keys that lead to a place of the declaration in this shape."""
        for length in range(len(path), 0, -1):
            found = self.names.get(path[:length])
            if found is not None:
                return found + path[length:]
        if self.capitalised:
            path = (capitalised(path[0]), *path[1:])
        return self.prefix + path


@dataclass(frozen=True, slots=True)
class Scalar:
    """A UDM field with one value."""

    name: str
    value: Value
    basis: Basis = "our choice"
    kind: ScalarKind = "text"


@dataclass(frozen=True, slots=True)
class Repeated:
    """A repeated scalar: the values that are there, in order, each at most once."""

    name: str
    values: tuple[Value, ...]
    basis: Basis = "our choice"


@dataclass(frozen=True, slots=True)
class Label:
    """One entry of a map."""

    key: str
    value: Value
    basis: Basis = "our choice"


@dataclass(frozen=True, slots=True)
class Flattened:
    """All leaves below a place as entries named by dotted keys, under a prefix; an array is a leaf (as JSON)."""

    prefix: str
    path: Path
    basis: Basis = "our choice"


@dataclass(frozen=True, slots=True)
class Pairs:
    """One entry for each object of an array that holds a key and a value under two names.

    The array is read with the rest of the record. `is_bare`: a value that is a JSON string written as text loses its
    quotes.
    """

    listing: Path
    names: tuple[str, str] = ("key", "value")
    prefix: str = ""
    is_bare: bool = False
    basis: Basis = "our choice"


@dataclass(frozen=True, slots=True)
class Numbered:
    """One entry for each place that a pattern (RE2) finds in a text: the prefix with 0, 1, …, and the first group."""

    prefix: str
    value: Value
    pattern: str
    basis: Basis = "our choice"


@dataclass(frozen=True, slots=True)
class Labels:
    """A map of text: a list of labels or `additional.fields`."""

    name: str
    entries: tuple[Label, ...]
    flattened: tuple[Flattened, ...] = ()
    pairs: tuple[Pairs, ...] = ()
    numbered: tuple[Numbered, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """One message of a repeated message; it exists where its condition holds, else where any member has a value."""

    members: tuple[Scalar | Repeated | Labels, ...]
    exists: Condition | None = None


@dataclass(frozen=True, slots=True)
class Messages:
    """A repeated message."""

    name: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A repeated message with one member: a message for each text of a list, in order."""

    name: str
    member: str
    values: Value
    basis: Basis = "our choice"


UdmValue = Scalar | Repeated | Labels | Messages | Listed


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a record of the type must have; `reason` is told where it does not."""

    condition: Condition
    reason: str


_NO_MAPPINGS: Mapping[str, tuple[UdmValue, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LogParser:
    """The declaration of one log type. `time` is the text of the event's time; without a zone it is UTC.

    root: what its records are. An entity (`graph`) has the time of its collection, or none.
    mappings: other forms of `fields` that users may ask for, by name.
    """

    log_type: str
    shapes: tuple[Shape, ...]
    time: Value
    fields: tuple[UdmValue, ...]
    requirements: tuple[Requirement, ...] = ()
    mappings: Mapping[str, tuple[UdmValue, ...]] = field(default_factory=lambda: _NO_MAPPINGS)
    root: Root = "udm"

    def shape(self, name: str) -> Shape:
        """Return the shape of that name."""
        return next(shape for shape in self.shapes if shape.name == name)
