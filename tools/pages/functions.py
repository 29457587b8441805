"""Functions: signature, result, meaning and examples, from their declarations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tools.pages.markdown import anchor, code, page, table
from tools.pages.metrics import metrics
from windshear.language.functions import catalogue
from windshear.language.functions.aggregates import AGGREGATES, AggregateFunction
from windshear.language.functions.function import Function, Parameter, Use
from windshear.language.functions.parameters import NUMBERS, SCALARS
from windshear.language.types import Kind, Type

_ROWS = (
    "In the examples `x` is the value of a row and `t` its time in seconds; the rows have the values in the second "
    "column, one after the other."
)

_WHERE = {
    "everywhere": "rules, searches, dashboards",
    "rules": "rules",
    "search": "searches, dashboards",
}

_NOTES = {
    "pattern": "an [RE2](https://github.com/google/re2/wiki/Syntax) pattern",
    "replacement": "a replacement text",
    "network": "an address range such as `192.0.2.0/24`",
    "zone": "a time zone such as `Europe/Paris` or `-03:30`",
    "time format": "a time format",
    "value": "a literal",
}


def pages() -> dict[str, str]:
    """Return the page, by path below docs/."""
    return {"reference/functions.md": _page()}


def _page() -> str:
    names = catalogue.names()
    index = [
        (code(f"{space}.*"), ", ".join(f"[{_short(name)}](#{anchor(name)})" for name in some))
        for space, some in groupby(names, _namespace)
    ]
    aggregates = ", ".join(f"[{aggregate.name}](#{anchor(aggregate.name)})" for aggregate in AGGREGATES)
    return page(
        "Functions",
        "Functions that rules may call, in the events and outcome sections; in the condition section only "
        "`arrays.contains`. An argument that is absent reads as its type's zero value, and a function always gives a "
        "value: where it has no answer, the zero value of its result.",
        "A call reads fields of one event variable. Over a repeated field it is evaluated for each element, unless "
        "`any` or `all` stands before the field. The engine runs all of them, and the reference evaluator of the tests "
        "agrees on the [vectors](../../tests/conformance/functions.md). Where a product is named, the reference has "
        "the function there; what it has in searches only also runs in rules, but not in strict mode.",
        table(("Namespace", "Functions"), [*index, ("aggregates", aggregates), ("`metrics.*`", "[metrics](#metrics)")]),
        "In signatures `[x]` may be left out and `x...` may be repeated. Every example is run by the tests.",
        *(part for space, some in groupby(names, _namespace) for part in _section(space, list(some))),
        "## Aggregates",
        "For the outcome section. They run over the rows of a group: joins and copies of repeated fields add rows, "
        "which `count`, `sum`, `avg`, `array` and the `window.` functions see and the others do not. Zero values take "
        "part. The `window.` functions need a match section. Where several values would do, the smallest is taken, so "
        "that no answer depends on the order of rows; only the last of sixteen digits of a deviation may.",
        _ROWS,
        *(part for aggregate in AGGREGATES for part in _aggregate(aggregate)),
        *metrics(),
    )


def _aggregate(aggregate: AggregateFunction) -> Iterator[str]:
    yield f"### {aggregate.name}"
    yield f"{code(_signature(aggregate.name, aggregate.parameters))} → {aggregate.gives}"
    yield f"{aggregate.summary} {_use(aggregate.use)}"
    if aggregate.examples:
        rows = [
            (code(example.call), ", ".join(_value(row) for row in example.rows), code(_value(example.result)))
            for example in aggregate.examples
        ]
        yield table(("Example", "Rows", "Result"), rows)


def _section(space: str, names: list[str]) -> Iterator[str]:
    yield f"## {space}"
    for name in names:
        function = catalogue.lookup(name)
        yield f"### {name}"
        yield f"{code(_signature(function.name, function.parameters))} → {_result(function)}"
        yield _summary(function)
        if function.examples:
            rows = [(code(example.call), code(_value(example.result))) for example in function.examples]
            yield table(("Example", "Result"), rows)


def _signature(name: str, parameters: Sequence[Parameter]) -> str:
    return f"{name}({', '.join(_parameter(parameter) for parameter in parameters)})"


def _parameter(parameter: Parameter) -> str:
    text = f"{parameter.name}: {_kinds(parameter)}" + ("..." if parameter.is_variadic else "")
    return f"[{text}]" if parameter.is_optional else text


def _kinds(parameter: Parameter) -> str:
    accepted = set(parameter.kinds)
    if accepted >= set(SCALARS):
        text = "any"
    else:
        words = ["number"] if accepted >= set(NUMBERS) else []
        words += [kind.value for kind in parameter.kinds if not words or kind not in NUMBERS]
        text = " or ".join(words)
    return f"list of {text}" if parameter.is_list else text


def _result(function: Function) -> str:
    if function.result_of is not None:
        return f"the type of `{function.parameters[function.result_of].name}`"
    return str(Type(function.result.kind, function.result.is_list)) if function.result.kind is not Kind.ENUM else "enum"


def _summary(function: Function) -> str:
    constants = [f"`{item.name}` is {_NOTES[item.holds]}" for item in function.parameters if item.is_constant]
    notes = [f"{', '.join(constants)}, written as a constant."] if constants else []
    if function.reads_whole_list:
        notes.append("Its field is read as a whole and makes no copies.")
    if function.accepts_nocase:
        notes.append("Takes `nocase` after the call.")
    return " ".join([function.summary, *notes, _use(function.use)])


def _use(use: Use) -> str:
    return f"In {_WHERE[use]}."


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _namespace(name: str) -> str:
    return name.partition(".")[0]


def _short(name: str) -> str:
    return name.partition(".")[2]
