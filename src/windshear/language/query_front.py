"""The language front for queries in one call: query text to the checked query and every diagnostic of the text."""

from __future__ import annotations

from dataclasses import dataclass

from windshear.language.check.queries.checker import QueryOptions, check_query
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.query import CheckedQuery
from windshear.language.source import Source
from windshear.language.syntax.query import parse_query


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """The query of a text, None if it cannot run, and what is to be said about the text, in order of place."""

    source: Source
    query: CheckedQuery | None
    diagnostics: tuple[Diagnostic, ...]


def compile_query(source: Source, options: QueryOptions | None = None) -> CompiledQuery:
    """Parse and check a query. One with a syntax error does not run, but is still checked: one run shows all mistakes.

    >>> compile_query(Source("query", 'principal.hostname = "x"')).diagnostics
    ()
    """
    parsed = parse_query(source)
    if parsed.query is None:
        return CompiledQuery(source, None, parsed.diagnostics)
    checked = check_query(parsed.query, source, options)
    has_error = any(found.is_error for found in parsed.diagnostics)
    said = sorted([*parsed.diagnostics, *checked.diagnostics], key=lambda d: (d.span, d.mistake.code))
    return CompiledQuery(source, None if has_error else checked.query, tuple(said))
