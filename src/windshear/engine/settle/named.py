"""What a statement computes under names of its own, each expression once: equal aggregates then share their memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from windshear.core import sql
from windshear.core.sql import Sql


@dataclass(slots=True)
class Named:
    """Expressions by name; names are a prefix and a number."""

    prefix: str
    names: dict[Sql, str] = field(default_factory=dict)

    def add(self, value: Sql) -> Sql:
        """Have an expression computed; return its column."""
        return sql.name(self.names.setdefault(value, f"{self.prefix}{len(self.names)}"))

    @property
    def selected(self) -> list[Sql]:
        """The expressions under their names, as they stand in a SELECT."""
        return [sql.aliased(value, name) for value, name in self.names.items()]
