"""Log types: how each is recognised, and where every UDM field comes from."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tools.pages.markdown import anchor, bullets, code, page, table
from tools.pages.words import Term, Writer, path_text
from windshear.logs.catalogue import ENTITY_PARSERS, PARSERS, LogTypeParser, descriptions
from windshear.logs.parser import (
    Begins,
    Evidence,
    Flattened,
    Has,
    HasAny,
    Is,
    IsNot,
    Labels,
    Lacks,
    Listed,
    LogParser,
    Messages,
    Repeated,
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.values import Condition, Path, Reading, Value, read

FOLDER = "reference/log-types"
_ALL: tuple[LogTypeParser, ...] = (*PARSERS, *ENTITY_PARSERS)
_LONGEST = 160  # characters of a value inside the table

_BASES = (
    "**Basis** says why a field is filled that way: `published` is Google's documentation of its parser, "
    "`public rules` the way in which Google's published rules read the field, `our choice` neither of them."
)
_READING = (
    "In the tables a path stands for the value there. A field stays empty where its value is absent: a missing key, "
    "`null` and an empty text are all absent. “A, else B” takes the first that is there. “What `pattern` captures in "
    "A” is what the first group of the pattern matches."
)
_READ_AS_IT_IS = "Every field stays where it is; what UDM does not know is left out."


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a field table: `words` tell the source, with `{}` for the part, where the part does not by itself."""

    field: str
    part: Value | Condition | None
    basis: str
    words: str = ""


def pages() -> dict[str, str]:
    """Return the index and one page per log type, by path below docs/."""
    return {"reference/log-types.md": _index(), **{page_path(parser.log_type): _page(parser) for parser in _ALL}}


def page_path(log_type: str) -> str:
    """Return where the page of a log type is, below docs/."""
    return f"{FOLDER}/{log_type.lower()}.md"


def _index() -> str:
    rows = [
        (
            f"[{parser.log_type}](log-types/{parser.log_type.lower()}.md)",
            descriptions()[parser.log_type],
            ", ".join(shape.name for shape in parser.shapes),
            str(len(list(_rows(parser)))) if isinstance(parser, LogParser) else "all of UDM",
        )
        for parser in _ALL
    ]
    return page(
        "Log types",
        "A record's log type is found by the keys and values that it has, in the order of this table; no evidence, no "
        "type. Records of other types are counted as skipped and named where they are known. `--type` names the type "
        "of all input; a record that does not look like it is then broken. Types whose name ends in `_CONTEXT` are "
        "entities: they are only read where `--type` of `normalize` names them.",
        table(("Log type", "What it is", "Shapes", "UDM fields"), rows),
        "## Broken records",
        "A record that should be an event and cannot be one goes to quarantine, whole, with its place and a reason: "
        "`not valid JSON`, `not a JSON object`, `nested deeper than 100 levels`, `no readable event time` (a time is "
        "text that begins with a digit and lies between the years 1 and 9999; without a zone it is UTC), or a "
        "requirement named on the page of its log type.",
        "## Addresses",
        "Only what is an IP address enters a field of addresses: four numbers up to 255 without leading zeros, or "
        "IPv6. An IPv4 address in the form of IPv6 (`::ffff:192.0.2.1`) is written as IPv4, so that ranges, lists and "
        "other logs find it.",
        "## Decoded commands",
        'Process launches have the command as it reads when decoded in `additional.fields["decoded_command_line"]`, '
        'whatever the log type, and what was undone in `additional.fields["decoding"]`; the command as it was logged '
        "stays where it is. [Decision 0018](../decisions/0018-commands-are-decoded-beside-the-original.md) says what "
        "is undone.",
        "## Basis",
        _BASES,
    )


def _page(parser: LogTypeParser) -> str:
    title, _, rest = (inspect.getdoc(_module(parser)) or "").partition("\n\n")
    return page(
        parser.log_type,
        _sentence(title),
        rest,
        "## Shapes",
        "A record of this type has everything that is listed for one of these forms.",
        table(("Shape", "Evidence", "Where its values are"), [_shape_row(shape) for shape in parser.shapes]),
        *(_declared(parser) if isinstance(parser, LogParser) else (_READ_AS_IT_IS,)),
    )


def _declared(parser: LogParser) -> Iterator[str]:
    writer = Writer(_terms(parser), lambda name: f"[{name}](#{anchor(name)})")
    if parser.requirements:
        yield "## Requirements"
        rows = [(writer.line(need.condition), need.reason) for need in parser.requirements]
        yield table(("A record must have", "Reason in quarantine without"), rows)
    yield "## Fields"
    yield f"{_READING} {_BASES}"
    if parser.root == "udm":
        yield f"The event's time is {writer.line(parser.time)}."
    else:
        yield f"The time of collection is {writer.line(parser.time)}; it may be absent."
    if parser.mappings:
        yield from _mappings(parser)
    rows_of_table, long = [], []
    for row in _rows(parser):
        words = writer.line(row.part) if row.part else ""
        if row.words:
            words = row.words.replace("{}", words)
        elif row.part is not None and len(words) > _LONGEST:
            heading = f"How {row.field} is chosen"
            long.append((heading, row.part))
            words = f"[chosen among several](#{anchor(heading)})"
        rows_of_table.append((code(row.field), words, row.basis))
    yield table(("UDM field", "From", "Basis"), rows_of_table)
    for heading, part in long:
        yield f"## {heading}"
        yield bullets(writer.cases(part))
    yield from _definitions(writer)


def _mappings(parser: LogParser) -> Iterator[str]:
    """Say what the other forms of the fields do not have."""
    for name, fields in parser.mappings.items():
        kept = {row.field for field in fields for row in _field_rows(field, field.name)}
        left_out = [code(row.field) for row in _rows(parser) if row.field not in kept]
        yield f"`--mapping {parser.log_type.lower()}={name}` does not fill {', '.join(dict.fromkeys(left_out))}."


def _definitions(writer: Writer) -> Iterator[str]:
    """Yield the terms that were used; a definition may use further ones."""
    if not writer.used:
        return
    yield "## Terms"
    yield "Conditions and values with a name."
    known = {term.name: writer.cases(term.part) for term in writer.used}  # grows: a definition may use further terms
    for name, cases in sorted(known.items()):
        yield f"### {name}"
        yield bullets(cases)


def _terms(parser: LogParser) -> list[Term]:
    """Return the values to which the module gives a name."""
    named = {
        name.strip("_").replace("_", " ").lower(): value
        for name, value in vars(_module(parser)).items()
        if isinstance(value, Value | Condition)
    }
    return [Term(name, value) for name, value in named.items()]


def _rows(parser: LogParser) -> Iterator[Row]:
    for field in parser.fields:
        yield from _field_rows(field, field.name)


def _field_rows(field: UdmValue, name: str) -> Iterator[Row]:
    match field:
        case Scalar():
            yield Row(name, field.value, field.basis)
        case Repeated():
            for value in field.values:
                yield Row(name, value, field.basis)
        case Labels():
            for entry in field.entries:
                yield Row(f'{name}["{entry.key}"]', entry.value, entry.basis)
            for flat in field.flattened:
                yield Row(f'{name}["{flat.prefix}.…"]', None, flat.basis, _flattened(flat))
            for pairs in field.pairs:
                key_name, value_name = (code(part) for part in pairs.names)
                words = f"{value_name} of every entry of {{}}, under its {key_name}"
                words += ", without JSON quotes" if pairs.is_bare else ""
                yield Row(f'{name}["{pairs.prefix}…"]', read(Reading(pairs.listing)), pairs.basis, words)
            for found in field.numbered:
                words = f"what {code(found.pattern)} captures in {{}}, each, numbered from 0"
                yield Row(f'{name}["{found.prefix}…"]', found.value, found.basis, words)
        case Listed():
            yield Row(f"{name}[…].{field.member}", field.values, field.basis)
        case Messages():
            for number, element in enumerate(field.elements):
                place = f"{name}[{number}]" if len(field.elements) > 1 else name
                for member in element.members:
                    yield from _field_rows(member, f"{place}.{member.name}")


def _flattened(flat: Flattened) -> str:
    return f"every value below {code('.'.join(flat.path))}, under its dotted key"


def _shape_row(shape: Shape) -> tuple[str, str, str]:
    return shape.name, "; ".join(_evidence(item) for item in shape.evidence), _places(shape)


def _evidence(item: Evidence) -> str:
    match item:
        case Has(path):
            return f"{_path(path)} is present"
        case HasAny(paths):
            return f"one of {', '.join(_path(path) for path in paths)} is present"
        case Is(path, options):
            return f"{_path(path)} is {' or '.join(code(option) for option in options)}"
        case Begins(path, options):
            return f"{_path(path)} begins with {' or '.join(code(option) for option in options)}"
        case IsNot(path, options):
            return f"{_path(path)} is not {' or '.join(code(option) for option in options)}"
        case Lacks(path):
            return f"{_path(path)} is absent"


def _places(shape: Shape) -> str:
    where = f"below {_path(shape.prefix)}" if shape.prefix else "as named below"
    if shape.capitalised:
        where += ", keys at the top with a capital letter"
    moved = [f"{_path(path)} is {_path(raw)}" for path, raw in shape.names.items() if path != raw]
    if moved:
        where += "; but " + ", ".join(moved)
    kept = [_path(path) for path, raw in shape.names.items() if path == raw and shape.prefix]
    if kept:
        where += f"; {', '.join(kept)} at the top"
    if shape.split is not None:
        how = "is a record" if shape.split.is_alone else "gives an event, with what is around them"
        where = f"every element of {_path(shape.split.path)} {how}"
    if shape.text_roots:
        where += f"; {', '.join(sorted(_path(path) for path in shape.text_roots))} may be JSON written as text"
    return where


def _path(path: Path) -> str:
    return code(path_text(path))


def _module(parser: LogTypeParser) -> object:
    return sys.modules[f"windshear.logs.parsers.{parser.log_type.lower()}"]


def _sentence(title: str) -> str:
    """Return a module's first sentence without the log type that it begins with."""
    text = title.partition(": ")[2] or title
    return text[:1].upper() + text[1:]
