"""The lexer: text to tokens, without loss.

Joining the texts of all tokens gives the source back, so a formatter or an editor needs no second lexer. It never
raises and reads each character a bounded number of times. Two signs depend on what stands before them: `/` begins a
pattern and `%` a list where a value is expected, and they divide after one.
"""

from __future__ import annotations

import re
from typing import Final

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic, Mistake, Suggestion
from windshear.language.source import Source, Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax.escapes import unknown_escape
from windshear.language.syntax.tokens import Token

MAX_TEXT_BYTES: Final = 1 << 20

_TOKEN: Final = re.compile(
    r"""
      (?P<WHITESPACE>[ \t\r\n\f\v]+)
    | (?P<NAME>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<VARIABLE>\$[A-Za-z_][A-Za-z0-9_]*)
    | (?P<OPERATOR>==|=>|=<|=~|!=|!~|<=|<>|>=|&&|\|\||:=|[=<>+\-*(){}\[\],:.!])
    | (?P<STRING>"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*")
    | (?P<RAW_STRING>`[^`\n]*`)
    | (?P<NUMBER>[0-9]+(?:\.[0-9]+)?[A-Za-z0-9_]*)
    | (?P<LINE_COMMENT>//[^\n]*)
    | (?P<COUNT>\#[A-Za-z_][A-Za-z0-9_]*)
    | (?P<RARE>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX: Final = re.compile(r"/[^/\\\n]*(?:\\[^\n][^/\\\n]*)*/")
_LIST: Final = re.compile(r"%[A-Za-z_][A-Za-z0-9_]*")
_REST_OF_LINE: Final = re.compile(r"[^\n]*")
_SIGIL_WORD: Final = re.compile(r"[$#][A-Za-z0-9_]*")
_UNKNOWN: Final = re.compile(r"[^\W\x00-\x7f]\w*|[\x00-\x08\x0e-\x1f\x7f]+|.", re.DOTALL)
_DURATION: Final = re.compile(r"([0-9]{1,9})([A-Za-z]+)")
_LONG_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_AFTER_STRING: Final = re.compile(r"[ \t\r]*(?:[\n),\]}]|/[/*]|(?:and|or|nocase)\b|\Z)", re.IGNORECASE)
_BEFORE_STRING: Final = re.compile(r"[=(,\[]\s*\Z")

_OPENING_QUOTES: Final = {"'": "'", "\u2018": "\u2019", "\u201c": "\u201d", "\u2019": "\u2019", "\u201d": "\u201d"}
_MAX_WRONG_QUOTED: Final = 500
_BYTE_ORDER_MARK: Final = "\ufeff"
_ENDS_VALUE: Final = frozenset(
    {
        kinds.NAME,
        kinds.VARIABLE,
        kinds.COUNT,
        kinds.LIST,
        kinds.REGEX,
        kinds.DURATION,
        kinds.BROKEN,
        ")",
        "]",
        "true",
        "false",
        "null",
    }
    | kinds.STRINGS
    | kinds.NUMBERS
)


def lex(source: Source, collector: Collector) -> tuple[Token, ...]:
    """Return all tokens of a text, trivia included, and put what is wrong with them into the collector.

    >>> [token.kind for token in lex(Source("", '$a.b = "c"'), Collector())]
    ['VARIABLE', '.', 'NAME', 'WHITESPACE', '=', 'WHITESPACE', 'STRING']
    """
    text = source.text
    if len(text) * 4 > MAX_TEXT_BYTES and len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        collector.add(
            Diagnostic(
                mistakes.TEXT_TOO_LARGE,
                "the text is larger than 1 MB",
                Span(0, 0),
                help="put each rule into a file of its own, and long lists of values into a reference list",
            )
        )
        return (Token(kinds.UNKNOWN, text, 0, starts_line=True),)
    return tuple(_Lexer(text, collector).run())


class _Lexer:
    """The state of one run over a text."""

    def __init__(self, text: str, collector: Collector) -> None:
        self.text = text
        self.collector = collector
        self.previous = ""  # kind of the last token that is not trivia
        self.starts_line = True
        self.no_long_string_before = 0

    def run(self) -> list[Token]:
        found: list[Token] = []
        position, size = 0, len(self.text)
        while position < size:  # a piece that is longer than its match ends a round
            position = self._read_round(position, found)
        return found

    def _read_round(self, position: int, found: list[Token]) -> int:
        """Add tokens until a piece turns out longer than the pattern saw, or to the end; return where it ends."""
        append, make = found.append, _make_token
        previous, starts_line = self.previous, self.starts_line
        for match in _TOKEN.finditer(self.text, position):
            group, piece = match.lastgroup, match[0]
            if group == "WHITESPACE":
                append(make(Token, (kinds.WHITESPACE, piece, position, False)))
                starts_line = starts_line or "\n" in piece
                position += len(piece)
                continue
            if group == "OPERATOR":
                kind = piece
            elif group == "NAME":
                # Behind a dot every word is a plain name: `$e.metadata.event_type`, `re.regex`.
                is_plain = previous == "." and not starts_line
                kind = kinds.NAME if is_plain else _KEYWORD_KINDS.get(piece.lower(), kinds.NAME)
            elif group == "VARIABLE" or group == "RAW_STRING":  # noqa: PLR1714 (the innermost loop of all parsing)
                kind = group
            else:
                self.previous, self.starts_line = previous, starts_line
                kind, piece = self._other(group or "", piece, position)
            append(make(Token, (kind, piece, position, starts_line)))
            position += len(piece)
            if kind in kinds.TRIVIA:
                starts_line = starts_line or "\n" in piece
            else:
                previous, starts_line = kind, False
            if position != match.end():
                break
        self.previous, self.starts_line = previous, starts_line
        return position

    def _other(self, group: str, piece: str, position: int) -> tuple[str, str]:
        """Return kind and text of the tokens that need a closer look."""
        if group in {"LINE_COMMENT", "COUNT"}:
            return group, piece
        if group == "STRING":
            self._warn_about_escape(piece, position)
            return group, piece
        if group == "NUMBER":
            return self._number(piece, position)
        return self._rare(piece, position)

    def _rare(self, piece: str, position: int) -> tuple[str, str]:
        match piece:
            case "/":
                return self._slash(position)
            case "%":
                return self._percent(position)
            case '"':
                return self._double_quote(position)
            case "`":
                return self._back_quote(position)
            case "$" | "#":
                return self._sigil(position)
        if piece in _OPENING_QUOTES:
            return self._wrong_quotes(position)
        return self._unknown(position)

    def _warn_about_escape(self, piece: str, position: int) -> None:
        unknown = unknown_escape(piece[1:-1])
        if unknown is None:
            return
        offset, escape = unknown
        start = position + 1 + offset
        self.collector.add(
            Diagnostic(
                mistakes.UNKNOWN_ESCAPE,
                f"`{escape}` is not an escape",
                Span(start, start + len(escape)),
                label="kept as written",
                help=f"double the backslash (`\\{escape}`) or use a raw string between back quotes",
                suggestion=Suggestion(Span(start, start + 1), "\\\\"),
            )
        )

    def _number(self, piece: str, position: int) -> tuple[str, str]:
        kind = _number_kind(piece)
        if kind == kinds.BROKEN:
            shown = piece if len(piece) <= 30 else f"{piece[:30]}…"
            self._report(
                mistakes.MALFORMED_NUMBER,
                f"`{shown}` is neither a number nor a duration",
                position,
                piece,
                "numbers fit in 64 bits and have no exponent; durations are an integer and one of `s m h d w`",
            )
        return kind, piece

    def _slash(self, position: int) -> tuple[str, str]:
        text = self.text
        if text.startswith("/*", position):
            end = text.find("*/", position + 2)
            if end >= 0:
                return kinds.BLOCK_COMMENT, text[position : end + 2]
            self._report(mistakes.UNTERMINATED_COMMENT, "the comment has no end", position, "/*", "close it with `*/`")
            return kinds.BLOCK_COMMENT, text[position:]
        if self.previous in _ENDS_VALUE:
            return "/", "/"
        match = _REGEX.match(text, position)
        if match is not None:
            return kinds.REGEX, match[0]
        return self._unterminated(mistakes.UNTERMINATED_REGEX, "the pattern has no closing `/` on its line", position)

    def _percent(self, position: int) -> tuple[str, str]:
        match = _LIST.match(self.text, position)
        if match is not None and (self.starts_line or self.previous not in _ENDS_VALUE):
            return kinds.LIST, match[0]
        return "%", "%"

    def _double_quote(self, position: int) -> tuple[str, str]:
        piece = self._long_string(position)
        if piece:
            self._warn_about_escape(piece, position)
            return kinds.STRING, piece
        return self._unterminated(mistakes.UNTERMINATED_STRING, 'the string has no closing `"`', position)

    def _long_string(self, position: int) -> str:
        """Return the string over several lines that starts here, or nothing if it only lacks its closing quote.

        The quote found must stand where a string can end, and not where another one can begin.
        """
        if position < self.no_long_string_before:
            return ""  # the search ran over this place before, in vain; twice would be quadratic
        match = _LONG_STRING.match(self.text, position)
        if match is None:
            self.no_long_string_before = len(self.text)
            return ""
        end = match.end()
        last_line = self.text[max(self.text.rfind("\n", position, end), position) : end - 1]
        if not _AFTER_STRING.match(self.text, end) or _BEFORE_STRING.search(last_line):
            self.no_long_string_before = end
            return ""
        return match[0]

    def _back_quote(self, position: int) -> tuple[str, str]:
        return self._unterminated(
            mistakes.UNTERMINATED_STRING, "the raw string has no closing back quote on its line", position
        )

    def _unterminated(self, mistake: Mistake, message: str, position: int) -> tuple[str, str]:
        rest = _REST_OF_LINE.match(self.text, position)
        piece = rest[0].rstrip() if rest is not None else self.text[position]
        self._report(mistake, message, position, piece)
        return kinds.BROKEN, piece

    def _sigil(self, position: int) -> tuple[str, str]:
        match = _SIGIL_WORD.match(self.text, position)
        piece = match[0] if match is not None else self.text[position]
        self._report(
            mistakes.UNKNOWN_CHARACTER,
            f"a name must follow `{piece[0]}`",
            position,
            piece,
            "names start with a letter or `_`",
        )
        return kinds.BROKEN, piece

    def _wrong_quotes(self, position: int) -> tuple[str, str]:
        text, quote = self.text, self.text[position]
        end = text.find(_OPENING_QUOTES[quote], position + 1, position + _MAX_WRONG_QUOTED)
        end = -1 if "\n" in text[position : max(end, position)] else end
        if end < 0:
            return self._unknown(position)
        piece = text[position : end + 1]
        body = piece[1:-1]
        is_plain = '"' not in body and "\\" not in body
        self.collector.add(
            Diagnostic(
                mistakes.WRONG_QUOTES,
                f"strings do not stand between `{quote}`",
                Span(position, end + 1),
                help="use straight double quotes",
                suggestion=Suggestion(Span(position, end + 1), f'"{body}"') if is_plain else None,
            )
        )
        return kinds.BROKEN, piece

    def _unknown(self, position: int) -> tuple[str, str]:
        match = _UNKNOWN.match(self.text, position)
        piece = match[0] if match is not None else self.text[position]
        if position == 0 and piece == _BYTE_ORDER_MARK:
            return kinds.WHITESPACE, piece
        is_blank = piece.isspace()
        shown = piece if piece.isprintable() and not is_blank else f"U+{ord(piece[0]):04X}"
        self.collector.add(
            Diagnostic(
                mistakes.UNKNOWN_CHARACTER,
                f"`{shown}` has no meaning in a rule",
                Span(position, position + len(piece)),
                help="replace it by a plain space" if is_blank else "remove it",
                suggestion=Suggestion(Span(position, position + len(piece)), " " if is_blank else ""),
            )
        )
        return kinds.UNKNOWN, piece

    def _report(self, mistake: Mistake, message: str, position: int, piece: str, advice: str = "") -> None:
        self.collector.add(Diagnostic(mistake, message, Span(position, position + len(piece)), help=advice))


def _number_kind(piece: str) -> str:
    if piece.isdigit():
        significant = piece.lstrip("0")
        fits = len(significant) < 20 or (len(significant) == 20 and int(significant) < 1 << 64)
        return kinds.INTEGER if fits else kinds.BROKEN
    duration = _DURATION.fullmatch(piece)
    if duration is not None:
        return kinds.DURATION if duration[2] in kinds.DURATION_UNITS else kinds.BROKEN
    whole, point, fraction = piece.partition(".")
    is_float = bool(point) and fraction.isdigit() and len(whole.lstrip("0")) <= 308
    return kinds.FLOAT if is_float else kinds.BROKEN


# What `Token(…)` does, without the call in between: there are hundreds of tokens in a rule.
_make_token: Final = tuple.__new__
_KEYWORD_KINDS: Final = {word: word for word in kinds.KEYWORDS}
