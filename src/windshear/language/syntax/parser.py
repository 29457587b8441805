"""The parser: rule text to syntax tree, with all mistakes of the text in one run.

It never raises and never stops at the first mistake: what it cannot read it reports once, skips to the next
predicate, section or rule, and goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, cast

from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic, Label, Suggestion
from windshear.language.diagnostics.suggest import closest
from windshear.language.source import Source, Span
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.expressions import read_expression
from windshear.language.syntax.match import read_match
from windshear.language.syntax.meta import read_meta
from windshear.language.syntax.section_mistakes import misplaced, repeated, without_colon
from windshear.language.syntax.sections import (
    read_condition,
    read_events,
    read_export,
    read_options,
    read_outcome,
    read_setup,
)
from windshear.language.syntax.stream import TokenStream
from windshear.language.syntax.tokens import Token

_Section = (
    tree.Meta | tree.Setup | tree.Events | tree.Match | tree.Outcome | tree.Condition | tree.Options | tree.Export
)

_READERS: Final[dict[str, Callable[[TokenStream, int], _Section]]] = {
    "meta": read_meta,
    "setup": read_setup,
    "events": read_events,
    "match": read_match,
    "outcome": read_outcome,
    "condition": read_condition,
    "options": read_options,
    "export": read_export,
}
_REQUIRED: Final = ("meta", "events", "condition")


@dataclass(frozen=True, slots=True)
class ParseResult:
    """The rules of a text, and everything that is wrong with it, in the order of the text."""

    rules: tuple[tree.Rule, ...]
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> ParseResult:
    """Return the rules of a source text and its syntax mistakes."""
    collector = Collector()
    stream = TokenStream(source, collector)
    rules: list[tree.Rule] = []
    while stream.current.kind != kinds.END:
        if stream.current.kind == "rule":
            rules.append(_read_rule(stream))
        else:
            stream.report(
                Diagnostic(
                    mistakes.NO_RULE,
                    f"expected `rule`, found {stream.describe()}",
                    stream.current.span,
                    help="a rule file holds `rule name { … }`",
                )
            )
            _skip_to_rule(stream)
    if not rules:
        end = Span(len(source.text), len(source.text))
        if not collector.all():
            collector.add(Diagnostic(mistakes.NO_RULE, "the file holds no rule", end, help="write `rule name { … }`"))
    return ParseResult(tuple(rules), collector.all())


def parse_expression(text: str) -> tuple[tree.Expression, tuple[Diagnostic, ...]]:
    """Return the one expression that a text holds, and its syntax mistakes."""
    collector = Collector()
    stream = TokenStream(Source("expression", text), collector)
    expression = read_expression(stream)
    if stream.current.kind != kinds.END:
        stream.report_expected("the end of the expression")
    return expression, collector.all()


@dataclass(slots=True)
class _Body:
    """What has been read of a rule so far.

    is_doubtful: something was skipped that may have been a section, so that none is called missing.
    """

    sections: dict[str, _Section] = field(default_factory=dict)
    keywords: dict[str, Span] = field(default_factory=dict)
    unsupported: list[tree.UnsupportedSection] = field(default_factory=list)
    is_doubtful: bool = False


def _skip_to_rule(stream: TokenStream) -> None:
    while stream.current.kind != kinds.END:
        stream.advance()
        if stream.current.kind == "rule" and (stream.at_boundary() or stream.peek(2).kind == "{"):
            return


def _read_rule(stream: TokenStream) -> tree.Rule:
    keyword = stream.advance()
    name, name_span = _read_rule_name(stream)
    if not stream.accept("{"):
        stream.report_expected("`{` after the name of the rule", mistakes.MALFORMED_HEADER)
    body = _Body()
    while stream.current.kind != kinds.END and not _at_next_rule(stream):
        if stream.current.kind != "}":
            _read_section(stream, body)
        elif not _skip_early_brace(stream):
            break
    if stream.current.kind == "}":
        stream.advance()
    else:
        stream.report(
            Diagnostic(
                mistakes.UNCLOSED_RULE,
                f"the rule `{name}` has no closing `}}`",
                name_span,
                label="this rule",
                labels=(Label(stream.place(), "expected `}` here"),),
                help="add `}` behind its last section",
            )
        )
        body.is_doubtful = True
    if not body.is_doubtful:
        _report_missing(stream, body, name, name_span)
    return _make_rule(body, name, name_span, stream.span_from(keyword.start))


def _skip_early_brace(stream: TokenStream) -> bool:
    """Skip a closing brace that stands before another section of the same rule; say whether it was one."""
    following = stream.peek()
    if following.kind not in _READERS or stream.peek(2).kind != ":":
        return False
    stream.report(
        Diagnostic(
            mistakes.UNEXPECTED_TOKEN,
            f"`}}` closes the rule before its section `{following.text}`",
            stream.current.span,
            help="remove it",
            suggestion=Suggestion(stream.current.span, ""),
        )
    )
    stream.advance()
    return True


def _read_rule_name(stream: TokenStream) -> tuple[str, Span]:
    token = stream.current
    if token.kind == kinds.NAME or (token.kind in kinds.KEYWORDS and stream.peek().kind == "{"):
        stream.advance()
        if token.kind != kinds.NAME:
            stream.report(
                Diagnostic(mistakes.MALFORMED_HEADER, f"`{token.text}` is a keyword and cannot name a rule", token.span)
            )
        elif stream.current.kind != "{" and not stream.current.starts_line:
            stream.report_expected(
                "`{` after the name of the rule",
                mistakes.MALFORMED_HEADER,
                advice="names consist of letters, digits and `_`",
            )
            while not stream.at_boundary() and stream.current.kind != "{" and not stream.current.starts_line:
                stream.advance()
        return token.text, token.span
    stream.report_expected("the name of the rule", mistakes.MALFORMED_HEADER)
    while not stream.at_boundary() and stream.current.kind != "{" and not stream.current.starts_line:
        stream.advance()
    return "", token.span if token.kind == kinds.BROKEN or token.kind in kinds.STRINGS else stream.place()


def _at_next_rule(stream: TokenStream) -> bool:
    return stream.current.kind == "rule" and stream.at_boundary()


def _read_section(stream: TokenStream, body: _Body) -> None:
    """Read from a header to the next one."""
    token = stream.current
    if not stream.at_boundary():
        stream.report_stray("a section such as `meta:`", mistakes.MALFORMED_HEADER)
        body.is_doubtful = True
        stream.skip_section()
        return
    keyword = token.kind if token.kind in _READERS else _resolve_header(stream, body)
    if not keyword:
        return
    stream.advance()
    if not stream.accept(":"):
        stream.report(without_colon(token, stream.previous_end))
    section = _READERS[keyword](stream, token.start)
    _keep(stream, body, keyword, token, section)


def _resolve_header(stream: TokenStream, body: _Body) -> str:
    """Return the section that a header with an unknown name is meant to be; if there is none, skip it."""
    token = stream.current
    if token.text.lower() in kinds.SEARCH_SECTIONS:
        body.unsupported.append(_skip_search_section(stream))
        return ""
    meant = closest(token.text, kinds.SECTIONS)
    stream.report(
        Diagnostic(
            mistakes.UNKNOWN_SECTION,
            f"`{token.text}` is not a section of a rule",
            token.span,
            help=f"did you mean `{meant}`?" if meant else "sections are " + ", ".join(f"`{s}`" for s in kinds.SECTIONS),
            suggestion=Suggestion(token.span, meant) if meant else None,
        )
    )
    if meant is not None and meant not in body.sections:
        return meant
    body.is_doubtful = True
    stream.advance()
    stream.skip_section()
    return ""


def _skip_search_section(stream: TokenStream) -> tree.UnsupportedSection:
    token = stream.current
    keyword = token.text.lower()
    stream.report(
        Diagnostic(
            mistakes.SEARCH_SECTION,
            f"the section `{keyword}` belongs to searches, not to rules",
            token.span,
            help="remove it",
        )
    )
    stream.advance()
    if keyword == "stage" and stream.peek().kind == "{":
        depth = 0
        while stream.current.kind != kinds.END and not _at_next_rule(stream):
            kind = stream.advance().kind
            depth += (kind == "{") - (kind == "}")
            if kind == "}" and depth <= 0:
                break
    else:
        stream.skip_section()
    return tree.UnsupportedSection(keyword, stream.span_from(token.start))


def _keep(stream: TokenStream, body: _Body, keyword: str, token: Token, section: _Section) -> None:
    """Put a section into the rule; say so if it is repeated or stands in the wrong place."""
    first = body.keywords.get(keyword)
    if first is not None:
        stream.collector.add(repeated(keyword, token, first))
        body.sections[keyword] = _merge(body.sections[keyword], section)
        return
    rank = kinds.SECTIONS.index(keyword)
    later = [known for known in body.keywords if kinds.SECTIONS.index(known) > rank]
    if later:
        successor = min(later, key=kinds.SECTIONS.index)
        order = ", ".join(f"`{name}`" for name in kinds.SECTIONS)
        stream.collector.add(misplaced(keyword, token, successor, body.keywords[successor], order))
    body.keywords[keyword] = token.span
    body.sections[keyword] = section


def _merge(first: _Section, second: _Section) -> _Section:
    """Return the first of two sections, with what the second adds to it where sections can be added up."""
    match first, second:
        case tree.Meta(), tree.Meta():
            return replace(first, entries=first.entries + second.entries)
        case tree.Events(), tree.Events():
            return replace(first, predicates=first.predicates + second.predicates)
        case tree.Outcome(), tree.Outcome():
            return replace(first, assignments=first.assignments + second.assignments)
        case _:
            return first


def _report_missing(stream: TokenStream, body: _Body, name: str, name_span: Span) -> None:
    missing = [keyword for keyword in _REQUIRED if keyword not in body.sections]
    if missing:
        listed = " and ".join(f"`{keyword}`" for keyword in missing)
        noun = "section" if len(missing) == 1 else "sections"
        stream.collector.add(
            Diagnostic(
                mistakes.MISSING_SECTION,
                f"the rule `{name}` has no {noun} {listed}",
                name_span,
                label=f"{listed} missing",
                help="every rule has `meta`, `events` and `condition`",
            )
        )


def _make_rule(body: _Body, name: str, name_span: Span, span: Span) -> tree.Rule:
    sections = body.sections
    return tree.Rule(
        name=name,
        name_span=name_span,
        meta=cast(tree.Meta | None, sections.get("meta")),
        setup=cast(tree.Setup | None, sections.get("setup")),
        events=cast(tree.Events | None, sections.get("events")),
        match=cast(tree.Match | None, sections.get("match")),
        outcome=cast(tree.Outcome | None, sections.get("outcome")),
        condition=cast(tree.Condition | None, sections.get("condition")),
        options=cast(tree.Options | None, sections.get("options")),
        export=cast(tree.Export | None, sections.get("export")),
        unsupported=tuple(body.unsupported),
        span=span,
    )
