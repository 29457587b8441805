"""Functions: signature, result, meaning and examples, from their declarations."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tools.pages.markdown import anchor, bullets, code, page, table
from windshear.language.check.calls import AGGREGATES
from windshear.language.functions import catalogue
from windshear.language.functions.function import Function, Parameter
from windshear.language.functions.parameters import NUMBERS, SCALARS
from windshear.language.types import Kind, Type

_AGGREGATES = {
    "array": "The values of all rows as a list, sorted, at most 25.",
    "array_distinct": "The different values as a list, sorted, at most 25.",
    "avg": "The mean, as float.",
    "count": "The number of rows; zero values count.",
    "count_distinct": "The number of different values.",
    "max": "The largest number.",
    "min": "The smallest number.",
    "stddev": "The sample standard deviation, as float; 0 for a single row.",
    "sum": "The sum of numbers.",
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
    return page(
        "Functions",
        "Functions that rules may call, in every section unless their entry says otherwise. An argument that is absent "
        "reads as its type's zero value, and a function always gives a value: where it has no answer, the zero value "
        "of its result.",
        table(("Namespace", "Functions"), index),
        "In signatures `[x]` may be left out and `x...` may be repeated. Every example is run by the tests.",
        *(part for space, some in groupby(names, _namespace) for part in _section(space, list(some))),
        "## Aggregates",
        "For the outcome section. They run over the rows of a group: joins and copies of repeated fields add rows, "
        "which `count`, `sum`, `avg` and `array` see and the others do not.",
        table(("Aggregate", "Gives"), [(code(f"{name}(x)"), _AGGREGATES[name]) for name in sorted(AGGREGATES)]),
        "## Not yet",
        "Documented for rules, but this version cannot run them:",
        bullets(code(name) for name in sorted(catalogue.PLANNED)),
    )


def _section(space: str, names: list[str]) -> Iterator[str]:
    yield f"## {space}"
    for name in names:
        function = catalogue.lookup(name)
        yield f"### {name}"
        yield f"{code(_signature(function))} → {_result(function)}"
        yield _summary(function)
        if function.examples:
            rows = [(code(example.call), code(_value(example.result))) for example in function.examples]
            yield table(("Example", "Result"), rows)


def _signature(function: Function) -> str:
    return f"{function.name}({', '.join(_parameter(parameter) for parameter in function.parameters)})"


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
    return " ".join([function.summary, *notes])


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
