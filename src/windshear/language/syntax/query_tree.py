"""The syntax tree of a query: stages, and the sections that only searches have. Expressions are those of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from windshear.language.source import Span
from windshear.language.syntax import tree

Unit = Literal["minute", "hour", "day", "week", "month"]


@dataclass(frozen=True, slots=True)
class OuterJoin:
    """`left join …` or `right join …` among the predicates; `on` is the equality behind it."""

    side: Literal["left", "right"]
    on: tree.Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Granularity:
    """`by [first] 2 hours`, `over every day`: blocks of time that follow each other."""

    count: int
    unit: Unit
    is_first: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Match:
    """The match section: keys are variables, paths or `$name = value`; the window is optional."""

    keys: tuple[tree.Expression, ...]
    window: tree.Window | Granularity | None
    span: Span


@dataclass(frozen=True, slots=True)
class OrderItem:
    """A column of the result to sort by."""

    column: tree.Expression
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """A section that lists columns of the result: `dedup`, `select` or `unselect`."""

    items: tuple[tree.Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Order:
    """The order section."""

    items: tuple[OrderItem, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit section; `rows` is None when it was malformed."""

    rows: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Body:
    """One stage of a query, or its root. A missing section is None."""

    predicates: tuple[tree.Expression, ...]
    joins: tuple[OuterJoin, ...]
    match: Match | None
    outcome: tree.Outcome | None
    condition: tree.Condition | None
    dedup: Columns | None
    order: Order | None
    limit: Limit | None
    select: Columns | None
    unselect: Columns | None
    export: tree.Export | None
    span: Span


@dataclass(frozen=True, slots=True)
class Stage:
    """`stage name { … }`."""

    name: str
    name_span: Span
    body: Body


@dataclass(frozen=True, slots=True)
class Query:
    """A query as written: its stages and the root that follows them."""

    stages: tuple[Stage, ...]
    root: Body
    span: Span
