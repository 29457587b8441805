"""An explanation in each output format: text, JSON, Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, fields, is_dataclass
from typing import Any, BinaryIO, Literal

import orjson
from rich.text import Text

from windshear.cli.console import out
from windshear.cli.formats.explained import Line, Role, lines, text_lines
from windshear.cli.formats.markdown import code, plain
from windshear.engine.explain.distance import moment
from windshear.engine.explain.explanation import Explanation

_FILE_WIDTH = 100
_STYLES: Mapping[Role, str] = {"title": "bold", "head": "bold", "pass": "green", "fail": "bold red", "value": "cyan"}
_MOMENTS = frozenset({"time", "start", "end"})


def write_explanation(
    explanation: Explanation, form: Literal["text", "json", "markdown"], stream: BinaryIO, *, is_shown: bool
) -> None:
    """Write an explanation. `is_shown`: the stream is standard output, which may be a terminal."""
    match form:
        case "text" if is_shown:
            _print(explanation)
        case "text":
            stream.write(_encoded(text_lines(explanation, _FILE_WIDTH)))
        case "json":
            stream.write(orjson.dumps(to_json(explanation), option=orjson.OPT_INDENT_2) + b"\n")
        case "markdown":
            stream.write(_encoded(markdown_lines(explanation)))


def to_json(explanation: Explanation) -> dict[str, object]:
    """Return an explanation as a JSON object: names in lowerCamelCase, times as RFC 3339, empty parts left out."""
    shown = {"verdict": explanation.verdict, "detections": explanation.detections, "reason": explanation.reason}
    return {"rule": explanation.rule, **shown, **_members(explanation, fields(explanation))}


def markdown_lines(explanation: Explanation) -> Iterator[str]:
    """Yield the Markdown lines of an explanation."""
    for line in lines(explanation):
        if line.role == "title":
            yield f"# {plain(line.text)}"
            yield ""
        elif line.depth == 0:
            yield ""
            yield f"## {plain(line.text)}"
            yield ""
        else:
            mark = f"**{line.mark.strip()}** " if line.mark else ""
            is_prose = line.depth == 1 and not mark
            yield f"{'  ' * (line.depth - 1)}- {mark}{plain(line.text) if is_prose else code(line.text)}"


def _print(explanation: Explanation) -> None:
    for line in lines(explanation):
        _put(line)


def _put(line: Line) -> None:
    """Print a line, wrapped with a hanging indent behind its mark."""
    style = _STYLES.get(line.role, "")
    first = Text.assemble("  " * line.depth, (line.mark, style))
    body = Text(line.text, "" if line.mark else style)
    width = max(out.width - first.cell_len, 20)
    for part in body.wrap(out, width, overflow="fold"):
        part.rstrip()
        out.print(first + part, soft_wrap=True)
        first = Text(" " * first.cell_len)


def _encoded(written: Iterator[str]) -> bytes:
    return ("\n".join(written) + "\n").encode("utf-8", "backslashreplace")


def _json(value: object) -> object:
    if is_dataclass(value):
        return _members(value, fields(value))
    if isinstance(value, tuple | list):
        return [_json(item) for item in value]
    return value


def _members(value: object, declared: Sequence[Field[Any]]) -> dict[str, object]:
    found = {field.name: getattr(value, field.name) for field in declared}
    kept = {name: part for name, part in found.items() if part not in ((), "", None)}
    return {
        _camel(name): moment(part) if name in _MOMENTS and isinstance(part, int) else _json(part)
        for name, part in kept.items()
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
