"""Typed expressions: what a rule means once names and types are resolved.

The checker makes these from the syntax tree. Everything below the front end (sift, settle, explain, and the reference
evaluator of the tests) reads only these and `windshear.language.rule`. All expressions are total: they always have a
value of their type, absent reads as zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as Choice

from windshear.language.metrics import Measure, MetricName, Observed, Period, PeriodAggregate
from windshear.language.source import Span
from windshear.language.types import BOOL, INT, STRING, Type
from windshear.udm.paths import path_text

Quantifier = Choice["any", "all"]


@dataclass(frozen=True, slots=True)
class Step:
    """One field of a resolved path.

    `is_repeated`: the schema says list (Label-style maps and `Struct.fields` too); `index`: written `[n]`;
    `key`: written `["k"]`, always the last step that matters: the value is then text.
    """

    name: str
    is_repeated: bool
    index: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A resolved UDM path below one variable; `source` says which record it reads."""

    source: Choice["udm", "graph", "detection", "table", "stage"]
    steps: tuple[Step, ...]
    type: Type  # of one leaf value, never a list

    @property
    def text(self) -> str:
        """The canonical spelling without the variable, e.g. `security_result.action` or `target.labels["k"]`."""
        pieces = []
        for step in self.steps:
            suffix = f'["{step.key}"]' if step.key is not None else f"[{step.index}]" if step.index is not None else ""
            pieces.append(step.name + suffix)
        return ".".join(pieces)

    @property
    def is_map(self) -> bool:
        """Whether the path reads a map by key: one scalar for the whole event, or a list of a detection's variable."""
        return any(step.key is not None for step in self.steps)

    @property
    def is_indexed(self) -> bool:
        """Whether the path reads fixed list elements: one scalar for the whole event."""
        return any(step.index is not None for step in self.steps)

    @property
    def is_repeated(self) -> bool:
        """Whether the path can have several values per event."""
        keyed = max((place for place, step in enumerate(self.steps) if step.key is not None), default=-1)
        return not self.is_indexed and any(step.is_repeated for step in self.steps[keyed + 1 :])

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The repeated prefixes that a plain read unnests, outermost first, e.g. `about`, `about.ip`."""
        if not self.is_repeated:
            return ()
        if self.is_map:
            return (path_text(self.steps),)
        names = [step.name for step in self.steps]
        return tuple(".".join(names[: i + 1]) for i, step in enumerate(self.steps) if step.is_repeated)


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. Enum members are their names, with the enum's type."""

    value: str | int | float | bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A field of one variable's record.

    Plain reads of repeated paths (`quantifier` None) see one copy's element; `any`/`all` see the whole list and stand
    only inside a boolean atom, which they quantify. `is_whole_list`: the argument of `arrays.length`, the flattened
    list itself (then `type` is a list).
    """

    variable: str
    path: FieldPath
    quantifier: Quantifier | None
    is_whole_list: bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder's value on a joined row."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class OutcomeVariable:
    """An outcome variable defined earlier."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class VariableCount:
    """Distinct events bound to an event variable, or distinct values of a placeholder, in the group."""

    name: str
    counts: Choice["events", "values"]
    span: Span
    type: Type = INT


@dataclass(frozen=True, slots=True)
class WindowBound:
    """`window_start` or `window_end`, in integer seconds."""

    bound: Choice["start", "end"]
    span: Span
    type: Type = INT


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the catalogue applied to arguments. `re.regex` never appears here (see RegexMatch)."""

    function: str
    arguments: tuple[Expression, ...]
    is_nocase: bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+ - * / %` on numbers; `/` always gives a float."""

    operator: Choice["+", "-", "*", "/", "%"]
    left: Expression
    right: Expression
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of two values of compatible types. Enum ordering is by member number."""

    operator: Choice["=", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression
    is_nocase: bool
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class RegexMatch:
    """Unanchored RE2 search; `field = /re/` and `re.regex(…)`. `!=` arrives wrapped in Not."""

    value: Expression
    pattern: str
    is_nocase: bool
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class RowMatch:
    """A test of a value against the pattern or the address range in a cell of a joined table row."""

    value: Expression
    cell: Expression
    kind: Choice["regex", "cidr"]
    is_nocase: bool
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Membership:
    """`value in %list`, or in a column of a data table; `number` only for such columns."""

    value: Expression
    list_name: str
    column: str | None  # of a data table
    kind: Choice["string", "regex", "cidr", "number"]
    is_nocase: bool
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class IsNull:
    """Whether a value is missing because an outer join found none; only queries have it."""

    operand: Expression
    is_negated: bool
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Not:
    """Logical negation."""

    operand: Expression
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class And:
    """All hold."""

    items: tuple[Expression, ...]
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Or:
    """At least one holds."""

    items: tuple[Expression, ...]
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class NOf:
    """At least `minimum` of the items hold."""

    minimum: int
    items: tuple[Expression, ...]
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class If:
    """A choice; a missing else has become the numeric literal 0."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class EventIdentity:
    """What tells a variable's event from every other one: a text computed from its content, empty if it is absent.

    Outside an aggregate, in the outcomes of a group, it is the smallest of the rows.
    """

    variable: str
    span: Span
    type: Type = STRING


@dataclass(frozen=True, slots=True)
class Partition:
    """The number of the data set that a variable's record belongs to, 0 if it is absent or there is one data set only.

    No rule can say it: the engine adds it where it settles several data sets together that must not meet.
    """

    variable: str
    span: Span
    type: Type = INT


@dataclass(frozen=True, slots=True)
class Slice:
    """Whether some values are of one of several slices of all that there are: their hash leaves `number` as remainder.

    No rule can say it: the engine adds it where a rule settles slice by slice.
    """

    values: tuple[Placeholder, ...]
    count: int
    number: int
    span: Span
    type: Type = BOOL


AggregateName = Choice[
    "max",
    "min",
    "sum",
    "avg",
    "stddev",
    "count",
    "count_distinct",
    "array",
    "array_distinct",
    "earliest",
    "latest",
    "window.first",
    "window.last",
    "window.avg",
    "window.median",
    "window.mode",
    "window.range",
    "window.stddev",
    "window.variance",
]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over the rows of the group.

    sort_key: what `window.first` and `window.last` order the rows by. ignores_zeros: leave out rows whose value is 0.
    """

    function: AggregateName
    argument: Expression
    type: Type
    span: Span
    sort_key: Expression | None = None
    ignores_zeros: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of one period of a metric; it stands only in the metric's filter, which is judged per period."""

    name: Observed
    span: Span
    type: Type = INT


@dataclass(frozen=True, slots=True)
class Metric:
    """What history says about some values before the window of a row (before the event, without a match section).

    dimensions: fields by which the metric is kept, each with the value that is asked for in `values`. counted: the
    field whose different values are counted (`*`). filter: of the periods that take part.
    """

    name: str
    period: Period
    metric: MetricName
    agg: PeriodAggregate
    dimensions: tuple[FieldPath, ...]
    values: tuple[Expression, ...]
    counted: FieldPath | None
    filter: Expression | None
    type: Type
    span: Span

    @property
    def measure(self) -> Measure:
        """What has to be kept of history to know this."""
        counted = () if self.counted is None else (self.counted,)
        return Measure(self.name, self.period, tuple(sorted(path.text for path in (*self.dimensions, *counted))))


Expression = (
    Literal
    | Field
    | Placeholder
    | OutcomeVariable
    | VariableCount
    | WindowBound
    | EventIdentity
    | Partition
    | Slice
    | Call
    | Arithmetic
    | Comparison
    | RegexMatch
    | RowMatch
    | Membership
    | IsNull
    | Not
    | And
    | Or
    | NOf
    | If
    | Aggregate
    | Metric
    | Observation
)


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the direct operands of an expression, in written order."""
    match expression:
        case Call(arguments=arguments):
            return arguments
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case RegexMatch(value=value) | Membership(value=value):
            return (value,)
        case RowMatch(value=value, cell=cell):
            return (value, cell)
        case Not(operand=operand) | IsNull(operand=operand):
            return (operand,)
        case And(items=items) | Or(items=items) | NOf(items=items):
            return items
        case If(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Aggregate(argument=argument, sort_key=sort_key):
            return (argument,) if sort_key is None else (sort_key, argument)
        case Metric(values=values, filter=test):
            return values if test is None else (*values, test)
        case Slice(values=placeholders):
            return placeholders
        case (
            Literal()
            | Field()
            | Placeholder()
            | OutcomeVariable()
            | VariableCount()
            | WindowBound()
            | EventIdentity()
            | Partition()
            | Observation()
        ):
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything below it, parents first."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def fields(expression: Expression) -> Iterator[Field]:
    """Yield every field read below the expression."""
    for node in walk(expression):
        if isinstance(node, Field):
            yield node
