"""The parser of queries: a text that is no rule, with all mistakes of the text in one run.

A query is a filter with optional sections, maybe after stages of the same form. Like the parser of rules it never
raises; what it cannot read it reports once and skips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, cast

from windshear.language.diagnostics import queries
from windshear.language.diagnostics import syntax as mistakes
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.diagnostics.suggest import closest
from windshear.language.source import Source, Span
from windshear.language.syntax import query_tree, tree
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax.meta import read_meta
from windshear.language.syntax.query_sections import (
    Predicates,
    read_columns,
    read_limit,
    read_order,
    read_predicates,
    read_query_match,
)
from windshear.language.syntax.section_mistakes import misplaced, repeated, without_colon
from windshear.language.syntax.sections import (
    read_condition,
    read_export,
    read_options,
    read_outcome,
    read_setup,
    read_stray,
)
from windshear.language.syntax.stream import TokenStream
from windshear.language.syntax.tokens import Token

_Section = (
    tree.Meta
    | tree.Setup
    | tree.Outcome
    | tree.Condition
    | tree.Options
    | tree.Export
    | Predicates
    | query_tree.Match
    | query_tree.Columns
    | query_tree.Order
    | query_tree.Limit
)
_READERS: Final[dict[str, Callable[[TokenStream, int], _Section]]] = {
    "meta": read_meta,
    "setup": read_setup,
    "options": read_options,
    "events": read_predicates,
    "match": read_query_match,
    "outcome": read_outcome,
    "condition": read_condition,
    "dedup": read_columns,
    "order": read_order,
    "limit": read_limit,
    "select": read_columns,
    "unselect": read_columns,
    "export": read_export,
}
_RANKS: Final = {"meta": 0, "events": 1, "match": 2, "outcome": 3, "condition": 4, "export": 6}  # result sections: 5
_SHAPING: Final = 5
_ORDER: Final = "predicates, `match`, `outcome`, `condition`, then `dedup`, `order`, `limit` and `select` or `unselect`"


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The query of a text, None if the text holds no query at all, and everything that is wrong with it."""

    query: query_tree.Query | None
    diagnostics: tuple[Diagnostic, ...]


def parse_query(source: Source) -> QueryResult:
    """Return the query of a source text and its syntax mistakes."""
    collector = Collector()
    stream = TokenStream(source, collector, is_query=True)
    if _at_rule(stream):
        _report_rule(stream)
        return QueryResult(None, collector.all())
    stages: list[query_tree.Stage] = []
    while _at_stage(stream):
        stages.append(_read_stage(stream))
    root = _read_body(stream, stages)
    whole = Span(0, len(source.text))
    is_empty = not (root.predicates or root.joins or root.match or root.outcome)
    if is_empty and not any(d.is_error for d in collector.all()):
        end = Span(stream.previous_end, stream.previous_end)
        message = "the query has no root behind its stages" if stages else "the query looks for nothing"
        help_text = (
            "read the stages: `$stage.name != 0`" if stages else 'for instance `metadata.event_type = "USER_LOGIN"`'
        )
        collector.add(Diagnostic(queries.MISSING_ROOT, message, end, help=help_text))
    return QueryResult(query_tree.Query(tuple(stages), root, whole), collector.all())


def _at_rule(stream: TokenStream) -> bool:
    return stream.current.kind == "rule" and stream.peek(2).kind == "{"


def _report_rule(stream: TokenStream) -> None:
    stream.report(
        Diagnostic(
            queries.NOT_A_QUERY,
            "this is a rule, not a query",
            stream.current.span,
            help="run rules with `windshear scan --rules FILE`, or leave out what stands around the predicates",
        )
    )


def _at_stage(stream: TokenStream) -> bool:
    token = stream.current
    is_word = token.kind == kinds.NAME and token.text.lower() == "stage"
    return is_word and stream.at_boundary() and stream.peek(2).kind == "{"


def _read_stage(stream: TokenStream) -> query_tree.Stage:
    stream.advance()
    name = stream.advance()
    if name.kind != kinds.NAME:
        stream.collector.add(
            Diagnostic(queries.STAGE_NAME, f"`{name.text}` cannot name a stage", name.span, help="choose another name")
        )
    opening = stream.advance()
    body = _read_body(stream, None)
    if not stream.accept("}"):
        stream.report(
            Diagnostic(
                mistakes.UNCLOSED_PARENTHESIS,
                f"the stage `{name.text}` is never closed",
                opening.span,
                label="opened here",
                help="add `}` behind its last section",
            )
        )
    return query_tree.Stage(name.text, name.span, body)


@dataclass(slots=True)
class _Draft:
    """What has been read of a body so far."""

    sections: dict[str, _Section] = field(default_factory=dict)
    keywords: dict[str, Span] = field(default_factory=dict)


def _read_body(stream: TokenStream, stages: list[query_tree.Stage] | None) -> query_tree.Body:
    """Read predicates and sections; `stages` takes what is misplaced behind them in the root, None inside a stage."""
    start = stream.current.start
    draft = _Draft()
    while stream.current.kind != kinds.END:
        if stream.current.kind == "}":
            if stages is None:
                break
            stream.report_stray("a section or the end of the query", mistakes.UNMATCHED_PARENTHESIS)
            stream.advance()
        elif _at_stage(stream):
            if stages is None:
                break
            _report_late_stage(stream)
            stages.append(_read_stage(stream))
        elif _at_rule(stream) and stream.at_boundary():
            _report_rule(stream)
            stream.advance()
            stream.skip_section()
        elif stream.at_boundary():
            _read_section(stream, draft)
        elif draft.keywords and "events" not in draft.keywords:
            read_stray(stream, "a section")
        else:
            _keep(stream, draft, "events", stream.current, read_predicates(stream, stream.current.start))
    return _make_body(draft, stream.span_from(start))


def _report_late_stage(stream: TokenStream) -> None:
    stream.report(
        Diagnostic(
            queries.MISPLACED_STAGE,
            "a stage stands behind the root query",
            stream.current.span,
            help="move all stages to the top",
        )
    )


def _read_section(stream: TokenStream, draft: _Draft) -> None:
    token = stream.current
    keyword = _section_name(stream)
    if not keyword:
        return
    stream.advance()
    if not stream.accept(":"):
        stream.report(without_colon(token, stream.previous_end))
    if keyword in ("setup", "options"):
        stream.collector.add(
            Diagnostic(queries.RULE_SECTION, f"a query has no section `{keyword}`", token.span, help="remove it")
        )
    _keep(stream, draft, keyword, token, _READERS[keyword](stream, token.start))


def _section_name(stream: TokenStream) -> str:
    """Return the section that begins here; one with an unknown name is reported and, if it is like none, skipped."""
    token = stream.current
    keyword = token.text.lower()
    if keyword in _READERS:
        return keyword
    meant = closest(token.text, tuple(_RANKS) + tuple(name for name in _READERS if name not in _RANKS))
    stream.report(
        Diagnostic(
            mistakes.UNKNOWN_SECTION,
            f"`{token.text}` is not a section of a query",
            token.span,
            help=f"did you mean `{meant}`?" if meant else "a stage is written as `stage name { … }`",
            suggestion=Suggestion(token.span, meant) if meant else None,
        )
    )
    if meant is not None:
        return meant
    stream.advance()
    stream.skip_section()
    return ""


def _keep(stream: TokenStream, draft: _Draft, keyword: str, token: Token, section: _Section) -> None:
    """Put a section into the body; say so if it is repeated or stands in the wrong place."""
    first = draft.keywords.get(keyword)
    if first is not None:
        known = draft.sections[keyword]
        if isinstance(known, Predicates) and isinstance(section, Predicates):
            draft.sections[keyword] = known.followed_by(section)
            return
        stream.collector.add(repeated(keyword, token, first))
        if isinstance(known, tree.Outcome) and isinstance(section, tree.Outcome):
            draft.sections[keyword] = replace(known, assignments=known.assignments + section.assignments)
        return
    later = [name for name in draft.keywords if _rank(name) > _rank(keyword)]
    if later and keyword not in ("setup", "options"):
        successor = min(later, key=_rank)
        stream.collector.add(misplaced(keyword, token, successor, draft.keywords[successor], _ORDER))
    draft.keywords[keyword] = token.span
    draft.sections[keyword] = section


def _rank(keyword: str) -> int:
    return _RANKS.get(keyword, _SHAPING)


def _make_body(draft: _Draft, span: Span) -> query_tree.Body:
    sections = draft.sections
    predicates = cast(Predicates, sections.get("events", Predicates((), ())))
    return query_tree.Body(
        predicates=predicates.items,
        joins=predicates.joins,
        match=cast(query_tree.Match | None, sections.get("match")),
        outcome=cast(tree.Outcome | None, sections.get("outcome")),
        condition=cast(tree.Condition | None, sections.get("condition")),
        dedup=cast(query_tree.Columns | None, sections.get("dedup")),
        order=cast(query_tree.Order | None, sections.get("order")),
        limit=cast(query_tree.Limit | None, sections.get("limit")),
        select=cast(query_tree.Columns | None, sections.get("select")),
        unselect=cast(query_tree.Columns | None, sections.get("unselect")),
        export=cast(tree.Export | None, sections.get("export")),
        span=span,
    )
