"""What must hold for any text: parser and checker of queries never raise, and end soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.syntax.soup import PIECES, mutated_rules
from tests.language.syntax.test_limits import REPEATED, SIZE
from windshear.conformance.cases import read_cases
from windshear.language.check.queries.checker import QueryOptions
from windshear.language.check.scope import Mode
from windshear.language.diagnostics.collector import MAX_DIAGNOSTICS
from windshear.language.diagnostics.render import render_text
from windshear.language.query_front import compile_query
from windshear.language.source import Source

_TESTS = Path(__file__).parents[2]
_QUERIES = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("cases/*.udm"))]
_QUERIES += [
    case.query
    for case in read_cases("search.md", (_TESTS / "conformance" / "search.md").read_text(encoding="utf-8")).queries
]
_WORDS = (
    *("stage s { ", "}", " left join ", " right join ", " join ", " is null ", " is not null", "raw = ", '"text"'),
    *(" match: ", " by day ", " by first 2 weeks ", " over every ", " over 5m ", " after $e", " outcome: ", "$n = "),
    *("count(metadata.id) ", " condition: ", " dedup: ", " order: ", " desc ", " limit: ", " select: ", " unselect: "),
    *("group(principal.ip, target.ip)", "principal.ip", "$e.principal.ip", "$s.n", "$s.window_start", "window_end"),
    *(
        "%t.c",
        " in %l",
        "$g.graph.entity.hostname",
        " events: ",
        "time",
        "$event.principal.ip",
        "metrics.x(",
        "rule r {",
    ),
)


@st.composite
def _mutated_queries(draw: st.DrawFn) -> str:
    """Return a query of the cases with words put in, taken out or cut off."""
    text = draw(st.sampled_from(_QUERIES))[:3000]
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from((0, 0, 1, 3, 12, 40, 10_000)))
        text = text[:place] + draw(st.sampled_from(("", *_WORDS, *PIECES))) + text[place + length :]
    return text


def _assert_compiles(text: str, options: QueryOptions) -> None:
    found = compile_query(Source("query", text), options)
    assert (found.query is None) == any(diagnostic.is_error for diagnostic in found.diagnostics)
    assert all(0 <= diagnostic.span.start <= diagnostic.span.end <= len(text) for diagnostic in found.diagnostics)
    assert len(found.diagnostics) <= 5 * MAX_DIAGNOSTICS
    render_text(found.source, found.diagnostics)


@settings(max_examples=500, deadline=None)
@given(_mutated_queries(), st.sampled_from(list(Mode)), st.booleans())
def test_damaged_queries_are_checked(text: str, mode: Mode, ignores_case: bool) -> None:
    """A query with pieces put in or taken out gives diagnostics, never an exception."""
    _assert_compiles(text, QueryOptions(mode, ignores_case=ignores_case))


@settings(max_examples=200, deadline=None)
@given(st.one_of(mutated_rules(), st.lists(st.sampled_from((*PIECES, *_WORDS)), max_size=60).map("".join)))
def test_any_text_is_checked(text: str) -> None:
    """So does any other text, a rule among them."""
    _assert_compiles(text, QueryOptions())


@pytest.mark.parametrize("piece", [*REPEATED.values(), "stage s {", "left join ", "order: ", "a.b "])
def test_repeated_pieces_take_linear_time(piece: str) -> None:
    """A text made of one piece over and over is read in time that grows with its length only."""
    text = 'principal.hostname = "x"\n' + piece * (SIZE // len(piece))
    start = time.process_time()
    found = compile_query(Source("query", text))
    assert time.process_time() - start < 8  # quadratic would be minutes
    repr(found.diagnostics)
