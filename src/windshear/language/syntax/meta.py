"""The meta section: `key = "value"` lines."""

from __future__ import annotations

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.source import Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.literals import broken, string_value
from windshear.language.syntax.stream import TokenStream


def read_meta(stream: TokenStream, start: int) -> tree.Meta:
    """Read the entries; a value that is no string is kept as text, with `is_string` off."""
    entries: list[tree.MetaEntry] = []
    while not stream.at_boundary():
        if _at_key(stream):
            entries.append(_read_entry(stream))
        elif stream.current.kind == ",":
            token = stream.current
            stream.report(
                Diagnostic(
                    mistakes.STRAY_COMMA,
                    "meta entries are not separated by commas",
                    token.span,
                    help="remove it",
                    suggestion=Suggestion(token.span, ""),
                )
            )
            stream.advance()
        else:
            stream.report_stray('`key = "value"`', mistakes.MALFORMED_ENTRY)
            _skip_line(stream)
    return tree.Meta(tuple(entries), stream.span_from(start))


def _at_key(stream: TokenStream) -> bool:
    kind = stream.current.kind
    return (kind == kinds.NAME or kind in kinds.KEYWORDS) and stream.peek().kind in ("=", "==", ":=", ":")


def _read_entry(stream: TokenStream) -> tree.MetaEntry:
    key, sign = stream.advance(), stream.advance()
    if sign.kind != "=":
        stream.collector.add(
            Diagnostic(
                mistakes.MALFORMED_ENTRY,
                f"expected `=`, found `{sign.text}`",
                sign.span,
                help="meta values are given with `=`",
                suggestion=Suggestion(sign.span, "=" if sign.text != ":" else " ="),
            )
        )
    token = stream.current
    if token.kind == kinds.STRING:
        stream.advance()
        value, is_string = string_value(token), True
    elif token.kind == kinds.BROKEN:
        stream.advance()
        if token.text[0] not in '"`':  # other quotes, which have been reported as wrong anywhere
            stream.collector.replace(_no_string(key.text, token.span, token.text[1:-1]))
        node = broken(token)
        value, is_string = (node.value if isinstance(node, tree.StringLiteral) else token.text), True
    else:
        return _read_other_value(stream, key.text, key.start)
    is_followed = stream.current.starts_line or stream.at_boundary() or stream.current.kind == "," or _at_key(stream)
    if not is_followed:
        stream.report_expected(
            "a new line", mistakes.MALFORMED_ENTRY, advice='a quote inside a string is written `\\"`'
        )
        _skip_line(stream)
    return tree.MetaEntry(key.text, value, is_string, Span(key.start, token.end), token.span)


def _read_other_value(stream: TokenStream, key: str, start: int) -> tree.MetaEntry:
    """Read a value that is no quoted string: everything up to the end of its line."""
    if stream.current.starts_line or stream.at_boundary():
        place = stream.place()
        stream.report_expected(f"a string after `{key} =`", mistakes.META_VALUE)
        return tree.MetaEntry(key, "", is_string=False, span=Span(start, place.end), value_span=place)
    value_start = stream.current.start
    token = stream.current
    _skip_line(stream)
    value_span = stream.span_from(value_start)
    written = stream.text[value_span.start : value_span.end]
    text = written[1:-1] if token.kind == kinds.RAW_STRING and token.end == value_span.end else written
    stream.collector.add(_no_string(key, value_span, text))
    return tree.MetaEntry(key, text, is_string=False, span=Span(start, value_span.end), value_span=value_span)


def _no_string(key: str, span: Span, text: str) -> Diagnostic:
    """Report a value that is not in double quotes; `text` is what to put between them."""
    is_plain = not any(sign in text for sign in '"\\\n')
    return Diagnostic(
        mistakes.META_VALUE,
        f"the value of `{key}` is not a string in double quotes",
        span,
        help="put it between double quotes",
        suggestion=Suggestion(span, f'"{text}"') if is_plain else None,
    )


def _skip_line(stream: TokenStream) -> None:
    while not stream.at_boundary():
        stream.advance()
        if stream.current.starts_line:
            return
