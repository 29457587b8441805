"""Value types of the language and their zero values.

Absent is zero: every expression has a value of its type, never null (see the conformance pages on zero values).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Kind(Enum):
    """What a scalar value is."""

    STRING = "string"
    INT = "int"
    UINT = "unsigned int"
    FLOAT = "float"
    BOOL = "bool"
    BYTES = "bytes"  # carried as base64 text; compared as an opaque value
    ENUM = "enum"  # carried as the member's name; ordering compares member numbers
    UNKNOWN = "unknown"  # after a reported mistake: silences follow-up diagnostics


@dataclass(frozen=True, slots=True)
class Type:
    """A scalar kind or a list of it; `enum` is the schema's enum name for enum kinds (e.g. `Metadata.EventType`)."""

    kind: Kind
    is_list: bool = False
    enum: str | None = None
    zero_member: str | None = None  # for enums: the member numbered 0

    @property
    def element(self) -> Type:
        """The type of one element of a list, or the type itself."""
        return replace(self, is_list=False)

    @property
    def list_of(self) -> Type:
        """The list type over this scalar."""
        return replace(self, is_list=True)

    @property
    def is_number(self) -> bool:
        """Whether this is a scalar number."""
        return not self.is_list and self.kind in (Kind.INT, Kind.UINT, Kind.FLOAT)

    @property
    def is_text(self) -> bool:
        """Whether values are carried as text (strings, bytes as base64, enum names)."""
        return not self.is_list and self.kind in (Kind.STRING, Kind.BYTES, Kind.ENUM)

    @property
    def zero(self) -> str | int | float | bool:
        """The value an absent scalar of this type reads as."""
        match self.kind:
            case Kind.INT | Kind.UINT:
                return 0
            case Kind.FLOAT:
                return 0.0
            case Kind.BOOL:
                return False
            case Kind.ENUM:
                return self.zero_member or ""
            case _:
                return ""

    def __str__(self) -> str:
        word = f"enum {self.enum}" if self.kind is Kind.ENUM else self.kind.value
        return f"list of {word}" if self.is_list else word


STRING = Type(Kind.STRING)
INT = Type(Kind.INT)
UINT = Type(Kind.UINT)
FLOAT = Type(Kind.FLOAT)
BOOL = Type(Kind.BOOL)
BYTES = Type(Kind.BYTES)
UNKNOWN = Type(Kind.UNKNOWN)
