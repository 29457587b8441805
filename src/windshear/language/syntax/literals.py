"""Leaves of the tree: one token, one node."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from windshear.language.source import Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.escapes import unescape
from windshear.language.syntax.tokens import Token

_QUOTES: Final = "\"'`\u2018\u2019\u201c\u201d"
_REGEX_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


def integer_value(text: str) -> int:
    """Return the value of decimal digits; leading zeros, however many, mean nothing."""
    return int(text.lstrip("0") or "0")


def duration(token: Token) -> tree.DurationLiteral:
    """Return the node of a duration token."""
    return tree.DurationLiteral(
        token.text, integer_value(token.text[:-1]) * kinds.DURATION_UNITS[token.text[-1]], token.span
    )


def number(token: Token, *, is_negative: bool = False, start: int | None = None) -> tree.NumberLiteral:
    """Return the node of an integer or float token; the value carries the sign written before it."""
    value = float(token.text) if token.kind == kinds.FLOAT else integer_value(token.text)
    span = token.span if start is None else Span(start, token.end)
    return tree.NumberLiteral(-value if is_negative else value, is_negative, span)


def broken(token: Token) -> tree.StringLiteral | tree.Malformed:
    """Return what a token that the lexer refused was meant to be, as far as it can be told."""
    if token.text[0] in _QUOTES:
        return tree.StringLiteral(token.text.strip(_QUOTES), is_raw=False, span=token.span)
    return tree.Malformed(token.span)


def string_value(token: Token) -> str:
    """Return what a quoted or raw string token stands for."""
    body = token.text[1:-1]
    return body if token.kind == kinds.RAW_STRING else unescape(body)


def string(token: Token) -> tree.StringLiteral:
    """Return the node of a quoted or raw string."""
    return tree.StringLiteral(string_value(token), token.kind == kinds.RAW_STRING, token.span)


def regex(token: Token) -> tree.RegexLiteral:
    r"""Return the node of a pattern between slashes; of its escapes only `\/` is the language's own."""
    pattern = token.text[1:-1]
    if "\\/" in pattern:
        pattern = _REGEX_ESCAPE.sub(lambda match: "/" if match[1] == "/" else match[0], pattern)
    return tree.RegexLiteral(pattern, token.span)


LITERALS: Final[dict[str, Callable[[Token], tree.Expression]]] = {
    kinds.STRING: string,
    kinds.RAW_STRING: string,
    kinds.REGEX: regex,
    kinds.INTEGER: number,
    kinds.FLOAT: number,
    kinds.DURATION: duration,
    kinds.COUNT: lambda token: tree.Count(token.text[1:], token.span),
    kinds.BROKEN: broken,
    "true": lambda token: tree.BoolLiteral(value=True, span=token.span),
    "false": lambda token: tree.BoolLiteral(value=False, span=token.span),
}
