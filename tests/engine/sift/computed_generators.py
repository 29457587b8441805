"""Hypothesis strategies for texts that functions make of fields, and for tests of them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.engine.sift.generators import PATTERNS, TEXTS, compare, constant, predicates
from tests.reference.building import NOWHERE, field
from windshear.language import expressions as ex
from windshear.language.types import BOOL, INT, STRING

_SCALARS = ["principal.hostname", 'additional.fields["k"]', "principal.ip[0]", "about[1].user.userid"]
_LISTS = ["principal.ip[]", "about[].user.userid", "about[].ip[]"]
_PIECES = ["", "a", " ", "b", "\u00e9"]
_CAPTURES = ["a|b", "^(.)", "(a)|b", "", "[^a]+$", r"\d+", "(?i)k", "(?s).b"]

_pieces = st.sampled_from(_PIECES).map(lambda text: constant(text, STRING))
_fields = st.sampled_from([*_SCALARS, *_SCALARS, *_LISTS]).map(lambda path: field("e", path))


def _call(function: str, *arguments: ex.Expression) -> ex.Expression:
    return ex.Call(function, arguments, is_nocase=False, type=STRING, span=NOWHERE)


def _joined(function: str, inner: st.SearchStrategy[ex.Expression]) -> st.SearchStrategy[ex.Expression]:
    return st.lists(inner | _pieces, min_size=1, max_size=2).flatmap(
        lambda others: inner.map(lambda first: _call(function, first, *others))
    )


def _made(inner: st.SearchStrategy[ex.Expression]) -> st.SearchStrategy[ex.Expression]:
    pattern = st.sampled_from(_CAPTURES).map(lambda text: constant(text, STRING))
    choice = predicates.filter(_is_plain)
    return st.one_of(
        _joined("strings.concat", inner),
        _joined("strings.coalesce", inner),
        st.builds(_call, st.sampled_from(["strings.to_lower", "strings.to_upper"]), inner),
        st.builds(_call, st.just("re.capture"), inner, pattern),
        st.builds(_call, st.just("re.replace"), inner, st.sampled_from(["a", "[^a]", "b$"]).map(_text), _pieces),
        st.builds(ex.If, choice, inner | _pieces, inner | _pieces, st.just(STRING), st.just(NOWHERE)),
    )


def _text(value: str) -> ex.Expression:
    return constant(value, STRING)


def _is_plain(expression: ex.Expression) -> bool:
    return all(read.quantifier is None for read in ex.fields(expression))


texts: st.SearchStrategy[ex.Expression] = st.recursive(_fields, _made, max_leaves=4)


def checks_of(value: st.SearchStrategy[ex.Expression]) -> st.SearchStrategy[ex.Expression]:
    """Return tests of a text that say what it is, or that it is not empty."""
    words = st.sampled_from(["words", "nothing"])
    constants = st.sampled_from(TEXTS).map(_text)
    return st.one_of(
        st.builds(lambda left, right: compare("=", left, right), value, constants),
        st.builds(lambda left: compare("!=", left, constant("", STRING)), value),
        st.builds(lambda left, right: compare("=", left, right, is_nocase=True), value, constants),
        st.builds(lambda left, right: compare("=", left, right), value, value),
        st.builds(ex.RegexMatch, value, st.sampled_from(PATTERNS), st.booleans(), st.just(NOWHERE)),
        st.builds(lambda v, name: ex.Membership(v, name, None, "string", is_nocase=False, span=NOWHERE), value, words),
        st.builds(
            lambda v, text: ex.Call("strings.contains", (v, text), is_nocase=False, type=BOOL, span=NOWHERE),
            value,
            value | constants,
        ),
        st.builds(_sum_above, st.sampled_from([-1, 0, 22])),
    )


def _sum_above(bound: int) -> ex.Expression:
    ports = ex.Arithmetic("+", field("e", "target.port", INT), field("e", "ports[]", INT), INT, NOWHERE)
    return compare(">", ports, constant(bound, INT))
