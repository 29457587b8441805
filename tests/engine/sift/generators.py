"""Hypothesis strategies for predicates over one event and for small tables, made where sift could go wrong.

Negations over repeated, empty and absent fields, zero-value comparisons, text that is not ASCII or has several lines,
letters whose other case is ASCII, patterns that match the empty text, lists inside lists of messages, quantifiers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pyarrow as pa
from hypothesis import strategies as st

from tests.reference.building import NOWHERE, field
from windshear.language import expressions as ex
from windshear.language.syntax.tree import CompareOperator
from windshear.language.types import BOOL, FLOAT, INT, STRING, UINT, Kind, Type
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn, arrow_type

ACTION = Type(Kind.ENUM, enum="SecurityResult.Action", zero_member="UNKNOWN_ACTION")
_MEMBERS = ["UNKNOWN_ACTION", "ALLOW", "BLOCK", "QUARANTINE"]

# fmt: off
TEXTS = [
    "", "a", "A", "ab", "ba", "k", "\u212a", "i", "\u0130", "\u0131", "s", "\u017f", "stra\u00dfe", "\u1e9e",
    "a\nb", "b\n", "\n", "a\r\nb", "\u00e9", "\u00c9", "a b", "10.1.2.3", "::1", "fe80::1%x", "a\x00b", "\x0b", "no",
]
PATTERNS = [
    "", "^$", "a", "^a", "b$", "a*", ".*", ".*a.*", "a.b", "(?s)a.b", "(?m)^b", "(?i)k", "[^a]", r"[^\v]", "^[^k]$",
    "\u00e9", r"\x{212a}", r"\pL", r"^\PL", "s|^$", "(a|b$)+", r"a\z", r"\ba", "\u00df", "i|", r"\.*", r"\\.*",
    ".*?a", "a|.*", r"\Q.*", "b.*?",
]
_NETWORKS = ["10.0.0.0/8", "::/0", "0.0.0.0/0"]
# fmt: on
_NUMBERS = [-1, 0, 1, 22, 2**53 + 1]

COLUMNS: Mapping[str, Column] = {
    "principal.hostname": ScalarColumn("text"),
    'additional.fields["k"]': ScalarColumn("text"),
    "security_action": ScalarColumn("text"),
    "target.port": ScalarColumn("int"),
    "network.sent_bytes": ScalarColumn("uint"),
    "score": ScalarColumn("float"),
    "is_proxy": ScalarColumn("bool"),
    "principal.ip": ListColumn("text"),
    "ports": ListColumn("int"),
    "about": MessagesColumn({"user.userid": ScalarColumn("text"), "ip": ListColumn("text")}),
    "security_result": MessagesColumn({"action": ListColumn("text"), "risk_score": ScalarColumn("float")}),
}
_ACTION_COLUMNS = {"security_action", "action"}

_TEXT_PATHS = ["principal.hostname", 'additional.fields["k"]', "principal.ip[0]", "about[1].user.userid"]
_TEXT_LISTS = ["principal.ip[]", "about[].user.userid", "about[].ip[]"]
_ENUM_PATHS = ["security_action", "security_result[].action[]", "security_result[0].action[0]"]
_NUMBER_PATHS = [("target.port", INT), ("ports[]", INT), ("network.sent_bytes", UINT)]
_FLOAT_PATHS = [("score", FLOAT), ("security_result[].risk_score", FLOAT)]

LISTS: Mapping[str, Sequence[str]] = {
    "words": ["", "a", "K", "\u00e9"],
    "patterns": ["^a", "k$", "(?s)a.b"],
    "nets": ["10.0.0.0/8", "::/0"],
    "nothing": [],
    "table.word": ["ab"],
}

_texts = st.sampled_from(TEXTS)
_quantifiers: st.SearchStrategy[ex.Quantifier | None] = st.sampled_from([None, None, "any", "all"])


def _value(column: Column, name: str) -> st.SearchStrategy[object]:
    match column:
        case ScalarColumn("text"):
            return st.sampled_from(_MEMBERS) if name in _ACTION_COLUMNS else _texts
        case ScalarColumn("float"):
            return st.sampled_from([-0.5, 0.0, 1.5, 2.0**53])
        case ScalarColumn("bool"):
            return st.booleans()
        case ScalarColumn(kind):
            return st.sampled_from([n for n in _NUMBERS if kind == "int" or n >= 0])
        case ListColumn(kind):
            return st.lists(_value(ScalarColumn(kind), name), max_size=3)
        case MessagesColumn(members):
            message = st.fixed_dictionaries({m: st.none() | _value(c, m) for m, c in members.items()})
            return st.lists(message, max_size=3)


events: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {name: st.none() | _value(column, name) for name, column in COLUMNS.items()}
)


@st.composite
def tables(draw: st.DrawFn, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Draw one way to store events: as a slice, in chunks, with dictionaries, without columns that nobody fills."""
    padding = draw(st.integers(0, 2))
    padded = [*rows[:padding], *rows, *rows[:1]]
    columns = {}
    for name, column in COLUMNS.items():
        if all(row[name] is None for row in rows) and draw(st.booleans()):
            continue
        array = pa.array([row[name] for row in padded], type=arrow_type(column))
        if column == ScalarColumn("text") and draw(st.booleans()):
            array = array.dictionary_encode()
        columns[name] = array
    columns["ts_us"] = pa.array([0] * len(padded), type=pa.int64())
    table = pa.table(columns).slice(min(padding, len(rows)), len(rows))
    cut = draw(st.integers(0, len(rows)))
    return pa.concat_tables([table.slice(0, cut), table.slice(cut)]) if draw(st.booleans()) else table


@st.composite
def _text_values(draw: st.DrawFn, *, is_plain: bool = False) -> ex.Expression:
    quantifier = None if is_plain else draw(_quantifiers)
    path = draw(st.sampled_from(_TEXT_LISTS if quantifier else _TEXT_PATHS + _TEXT_LISTS))
    read = field("e", path, quantifier=quantifier)
    function = draw(st.sampled_from([None, None, None, "strings.to_lower", "strings.to_upper", "strings.concat"]))
    if function is None:
        return read
    arguments = (read, constant("a", STRING)) if function == "strings.concat" else (read,)
    return ex.Call(function, arguments, is_nocase=False, type=STRING, span=NOWHERE)


@st.composite
def _comparisons(draw: st.DrawFn) -> ex.Expression:
    operators = st.sampled_from(_OPERATORS[:2])
    match draw(st.sampled_from(["text", "text", "enum", "number", "float", "bool"])):
        case "text":
            is_nocase = draw(st.booleans())
            return compare(draw(operators), draw(_text_values()), constant(draw(_texts), STRING), is_nocase=is_nocase)
        case "enum":
            read = _read(draw, draw(st.sampled_from(_ENUM_PATHS)), ACTION)
            return compare(draw(_any_operator), read, constant(draw(st.sampled_from(_MEMBERS)), ACTION))
        case "bool":
            return compare(draw(operators), field("e", "is_proxy", BOOL), constant(draw(st.booleans()), BOOL))
        case "number":
            path, kind = draw(st.sampled_from(_NUMBER_PATHS))
            return compare(
                draw(_any_operator), _read(draw, path, kind), constant(draw(st.sampled_from(_NUMBERS)), kind)
            )
        case _:
            path, kind = draw(st.sampled_from(_FLOAT_PATHS))
            bound = constant(draw(st.sampled_from([-0.5, 0.0, 1.5])), kind)
            sides: list[ex.Expression] = draw(st.permutations([_read(draw, path, kind), bound]))
            left, right = sides
            return compare(draw(_any_operator), left, right)


_OPERATORS: list[CompareOperator] = ["=", "!=", "<", "<=", ">", ">="]
_any_operator = st.sampled_from(_OPERATORS)


def _read(draw: st.DrawFn, path: str, kind: Type) -> ex.Field:
    return field("e", path, kind, quantifier=draw(_quantifiers) if "[]" in path else None)


def constant(value: str | float, kind: Type) -> ex.Literal:
    """Return a literal of a type."""
    return ex.Literal(value, kind, NOWHERE)


def compare(
    operator: CompareOperator, left: ex.Expression, right: ex.Expression, *, is_nocase: bool = False
) -> ex.Comparison:
    """Return a comparison."""
    return ex.Comparison(operator, left, right, is_nocase=is_nocase, span=NOWHERE)


def _call(function: str, value: ex.Expression, text: str) -> ex.Expression:
    return ex.Call(function, (value, constant(text, STRING)), is_nocase=False, type=BOOL, span=NOWHERE)


_Choice = tuple[str, str | None, Literal["string", "regex", "cidr"]]  # a list, a column of a table, and how it is read
_STRINGS: list[_Choice] = [("words", None, "string"), ("nothing", None, "string"), ("table", "word", "string")]
_REGEXES: list[_Choice] = [("patterns", None, "regex"), ("nothing", None, "regex")]


def _member(value: ex.Expression, choice: _Choice, *, is_nocase: bool) -> ex.Expression:
    name, column, kind = choice
    return ex.Membership(value, name, column, kind, is_nocase=is_nocase, span=NOWHERE)


_matches = st.builds(ex.RegexMatch, _text_values(), st.sampled_from(PATTERNS), st.booleans(), st.just(NOWHERE))
_calls = st.builds(
    _call, st.sampled_from(["strings.contains", "strings.starts_with", "strings.ends_with"]), _text_values(), _texts
) | st.builds(_call, st.just("net.ip_in_range_cidr"), _text_values(), st.sampled_from(_NETWORKS))
_memberships = st.builds(
    _member,
    _text_values(is_plain=True),
    st.sampled_from(_STRINGS) | st.sampled_from(_REGEXES),
    is_nocase=st.booleans(),
) | st.builds(_member, _text_values(is_plain=True), st.just(("nets", None, "cidr")), is_nocase=st.just(value=False))

atoms: st.SearchStrategy[ex.Expression] = st.one_of(
    _comparisons(),
    _matches,
    _calls,
    _memberships,
    st.just(field("e", "is_proxy", BOOL)),
    st.builds(lambda test, truth: compare("=", test, constant(truth, BOOL)), _calls | _matches, st.booleans()),
)

predicates: st.SearchStrategy[ex.Expression] = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(ex.Not, inner, st.just(NOWHERE)),
        st.builds(ex.And, st.lists(inner, min_size=2, max_size=3).map(tuple), st.just(NOWHERE)),
        st.builds(ex.Or, st.lists(inner, min_size=2, max_size=3).map(tuple), st.just(NOWHERE)),
        st.builds(ex.NOf, st.integers(0, 3), st.lists(inner, min_size=2, max_size=3).map(tuple), st.just(NOWHERE)),
    ),
    max_leaves=6,
)
