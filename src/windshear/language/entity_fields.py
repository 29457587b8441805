"""Fields of entities that columns of data tables are mapped to: `host:entity.hostname` in the header of a table."""

from __future__ import annotations

from dataclasses import dataclass

from windshear.language.types import BOOL, BYTES, FLOAT, INT, STRING, UINT, Kind, Type
from windshear.udm.paths import PathProblem, ResolvedPath, parse_path, path_text, resolve
from windshear.udm.schema import DURATION, TIMESTAMP, Message, UdmField, message, schema

INTERVAL_START, INTERVAL_END = "metadata.interval.start_time.seconds", "metadata.interval.end_time.seconds"

_SCALARS = {"string": STRING, "int": INT, "uint": UINT, "float": FLOAT, "bool": BOOL, "bytes": BYTES}


class EntityFieldError(ValueError):
    """A path at which no value of an entity can be set; the text says why, and what to write instead."""


@dataclass(frozen=True, slots=True)
class EntityField:
    """A field of an entity that is set as a whole: one value, or a list of them at the very end of the path."""

    path: str
    type: Type
    is_repeated: bool

    @property
    def declared(self) -> UdmField:
        """The field in the schema."""
        return self.parent.fields[self.path.split(".")[-1]]

    @property
    def rest(self) -> str | None:
        """Of the seconds of a time, the path of what is below a second; setting the seconds makes it 0."""
        if self.parent.name not in (TIMESTAMP, DURATION):
            return None
        return f"{self.path.removesuffix('.seconds')}.nanos"

    @property
    def parent(self) -> Message:
        """The message in which the field stands."""
        place = schema().roots["graph"]
        for name in self.path.split(".")[:-1]:
            place = message(place.fields[name].ref or "")
        return place


def entity_field(text: str) -> EntityField:
    """Return the field of a dotted path below an entity, with or without `graph.` before it.

    >>> entity_field("entity.ip")
    EntityField(path='entity.ip', type=Type(kind=<Kind.STRING: 'string'>, is_list=False, enum=None, zero_member=None), \
is_repeated=True)
    """
    try:
        segments = parse_path(text.removeprefix("graph."))
    except ValueError:
        raise EntityFieldError(f"`{text}` is not the path of a field") from None
    found = resolve("graph", segments)
    if isinstance(found, PathProblem):
        raise EntityFieldError(_problem(text, found))
    if found.is_message:
        raise EntityFieldError(_no_value(found))
    if found.steps[-1].name == "nanos" and len(found.steps) > 1:
        seconds = f"{path_text(found.steps[:-1])}.seconds"
        if entity_field(seconds).rest == found.text:
            raise EntityFieldError(
                f"`{found.text}` is part of a time, which a table sets in whole seconds: `{seconds}`"
            )
    if any(step.key is not None or step.index is not None for step in found.steps):
        raise EntityFieldError(f"`{found.text}` is an element of a list; only whole fields can be set by a table")
    inside = next((step.name for step in found.steps[:-1] if step.is_repeated), None)
    if inside is not None:
        raise EntityFieldError(
            f"`{found.text}` lies inside the repeated `{inside}`; a table cannot say in which of them"
        )
    return EntityField(found.text, _type_of(found), found.steps[-1].is_repeated)


def _problem(text: str, problem: PathProblem) -> str:
    full = f"{problem.parent}.{problem.name}" if problem.parent else problem.name
    where = f" in `{text}`" if full != text else ""
    close = f", did you mean `{problem.suggested_paths[0]}`?" if problem.suggestions else ""
    return f"`{full}`{where} is not a field of entities{close}"


def _no_value(found: ResolvedPath) -> str:
    names = [] if found.message is None else [field.name for field in found.message.fields.values()]
    if found.message is not None and found.message.name == TIMESTAMP:
        return f"`{found.text}` is a time, write `{found.text}.seconds`"
    return f"`{found.text}` is a message, not a value; go on with one of its fields, such as `{found.text}.{names[0]}`"


def _type_of(found: ResolvedPath) -> Type:
    if found.enumeration is not None:
        return Type(Kind.ENUM, enum=found.enumeration.name, zero_member=found.enumeration.zero_member)
    return _SCALARS[found.kind]
