"""The syntax tree: what was written, with spans, before names and types mean anything.

Nodes keep parentheses (`Group`) and spellings, so that diagnostics and the formatter can speak about the text as it
stands. The parser makes these; the checker turns them into `windshear.language.expressions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from windshear.language.source import Span

CompareOperator = Literal["=", "!=", "<", "<=", ">", ">="]
ArithmeticOperator = Literal["+", "-", "*", "/", "%"]


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """A quoted (`"…"`, escapes resolved) or raw (back-quoted) string."""

    value: str
    is_raw: bool
    span: Span


@dataclass(frozen=True, slots=True)
class RegexLiteral:
    r"""A pattern between slashes, `\/` resolved to `/`, everything else as written."""

    pattern: str
    span: Span


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """An integer (decimal, leading zeros allowed) or float. `is_negative`: written with a leading minus sign."""

    value: int | float
    is_negative: bool
    span: Span


@dataclass(frozen=True, slots=True)
class BoolLiteral:
    """`true` or `false` in any case."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class DurationLiteral:
    """Digits and a unit, e.g. `5m`; `seconds` is the length."""

    text: str
    seconds: int
    span: Span


@dataclass(frozen=True, slots=True)
class Segment:
    """One `.name` of a path, with an optional `[n]` (an `Expression` if not a plain integer) or `["key"]`."""

    name: str
    span: Span
    index: int | None = None
    key: str | None = None
    bad_index: Expression | None = None  # e.g. a negative or computed index: the checker reports it
    has_both: bool = False  # an index and a key, one after the other: the checker reports it


@dataclass(frozen=True, slots=True)
class Path:
    """`[any|all] $variable.a.b[0].c["k"]`; `variable` is None for the search form without one."""

    quantifier: Literal["any", "all"] | None
    variable: str | None
    variable_span: Span
    segments: tuple[Segment, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Variable:
    """A bare `$name`: event variable, placeholder, match or outcome variable, as the context decides."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Count:
    """`#name` of the condition section."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class ListReference:
    """`%name` after `in`."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`%table.column`."""

    table: str
    column: str
    span: Span


@dataclass(frozen=True, slots=True)
class Word:
    """A bare identifier where a value stands (`window_start`, metric words such as `event_count_sum`, `1h`)."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class NamedArgument:
    """`name: value` inside a metrics call or `write_row`."""

    name: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`namespace.function(…)`, an aggregate `count(…)`, or `group(…)`; `quantifier` is the misplaced `any f(…)`."""

    function: str
    function_span: Span
    arguments: tuple[Expression, ...]
    is_nocase: bool
    quantifier: Literal["any", "all"] | None
    span: Span


@dataclass(frozen=True, slots=True)
class If:
    """`if(condition, then[, otherwise])`."""

    condition: Expression
    then: Expression
    otherwise: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left op right`."""

    operator: ArithmeticOperator
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op right [nocase]`."""

    operator: CompareOperator
    left: Expression
    right: Expression
    is_nocase: bool
    operator_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand in [regex|cidr] %list [nocase]`."""

    operand: Expression
    kind: Literal["regex", "cidr"] | None
    container: ListReference | TableColumn
    is_nocase: bool
    span: Span


@dataclass(frozen=True, slots=True)
class IsNull:
    """`operand is [not] null` (search)."""

    operand: Expression
    is_negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """`not operand`."""

    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Absent:
    """`!$name` of the condition section."""

    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    """Written `and` between items. `comma_spans`: commas (a mistake) that stood between them."""

    items: tuple[Expression, ...]
    span: Span
    comma_spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """Written `or` between items."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """A parenthesised expression."""

    inner: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class NOf:
    """`any of […]`, `all of […]`, `n of […]`."""

    quantity: int | Literal["any", "all"]
    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Malformed:
    """Text that could not be understood; a diagnostic has already been made for it."""

    span: Span


Expression = (
    StringLiteral
    | RegexLiteral
    | NumberLiteral
    | BoolLiteral
    | DurationLiteral
    | Path
    | Variable
    | Count
    | ListReference
    | TableColumn
    | Word
    | NamedArgument
    | Call
    | If
    | Arithmetic
    | Comparison
    | Membership
    | IsNull
    | Not
    | Absent
    | And
    | Or
    | Group
    | NOf
    | Malformed
)


@dataclass(frozen=True, slots=True)
class MetaEntry:
    """`key = "value"`; `value` is Malformed-free text, `is_string` False when it was not a quoted string."""

    key: str
    value: str
    is_string: bool
    span: Span
    value_span: Span


@dataclass(frozen=True, slots=True)
class Meta:
    """The meta section."""

    entries: tuple[MetaEntry, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class GraphOperation:
    """One `graph_override(…)`, `graph_exclude(…)` or `graph_append [$g, %t]` of the setup section."""

    operation: str
    arguments: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Setup:
    """The setup section."""

    operations: tuple[GraphOperation, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Events:
    """The events section: predicates joined by juxtaposition."""

    predicates: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Window:
    """`over 5m`, `by 5m`, `over every 5m [tumbling]`, `over 5m after|before $pivot`."""

    kind: Literal["hop", "tumbling", "sliding_after", "sliding_before"]
    duration: DurationLiteral
    pivot: Variable | None
    span: Span


@dataclass(frozen=True, slots=True)
class Match:
    """The match section; `window` is None when it was missing or malformed. Keys may be paths or `$v = e` in search."""

    keys: tuple[Expression, ...]
    window: Window | None
    span: Span


@dataclass(frozen=True, slots=True)
class Assignment:
    """`$name = value` of the outcome section."""

    name: str
    name_span: Span
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome section."""

    assignments: tuple[Assignment, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition section; `expression` is Malformed when empty."""

    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Option:
    """`name = value` of the options section."""

    name: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Options:
    """The options section."""

    entries: tuple[Option, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Export:
    """The export section: `%table.write_row(column: value, …)` calls."""

    writes: tuple[Call, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class UnsupportedSection:
    """A section that exists only in search (`dedup`, `order`, `limit`, `select`, `unselect`, `stage`): kept as text."""

    keyword: str
    span: Span


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as written. A missing section is None; what the parser found wrong is in its diagnostics."""

    name: str
    name_span: Span
    meta: Meta | None
    setup: Setup | None
    events: Events | None
    match: Match | None
    outcome: Outcome | None
    condition: Condition | None
    options: Options | None
    export: Export | None
    unsupported: tuple[UnsupportedSection, ...]
    span: Span
