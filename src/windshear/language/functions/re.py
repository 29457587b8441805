"""`re.*`: RE2 patterns. DuckDB runs RE2, too, so that these mean there what they mean when a rule is compiled."""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language import expressions as ex
from windshear.language.functions.function import Example, Function, Parameter
from windshear.language.functions.parameters import text
from windshear.language.patterns import compile_pattern
from windshear.language.types import BOOL, STRING, Kind

_EMPTY = sql.text("")
_PATTERN = Parameter("pattern", (Kind.STRING,), is_constant=True, holds="pattern")
_ONE_GROUP = Parameter("pattern", (Kind.STRING,), is_constant=True, holds="pattern", most_groups=1)
_REPLACEMENT = Parameter("replacement", (Kind.STRING,), is_constant=True, holds="replacement")
_ELEMENT = "match"


def _regex(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return sql.call("regexp_matches", *arguments, *_options(call))


def _capture(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    found = sql.call("regexp_extract", *arguments, sql.raw(_group(call)), *_options(call))
    return sql.coalesce(found, _EMPTY)


def _capture_all(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    found = sql.call("regexp_extract_all", *arguments, sql.raw(_group(call)), *_options(call))
    # A group that took no part in its match is NULL there.
    return sql.call("list_transform", found, sql.lambda_(_ELEMENT, sql.coalesce(sql.name(_ELEMENT), _EMPTY)))


def _replace(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return sql.call("regexp_replace", *arguments, sql.text("gi" if call.is_nocase else "g"))


def _group(call: ex.Call) -> str:
    """Choose the one group of the pattern, or the whole match."""
    pattern = call.arguments[1]
    return "1" if isinstance(pattern, ex.Literal) and compile_pattern(str(pattern.value)).groups else "0"


def _options(call: ex.Call) -> tuple[Sql, ...]:
    return (sql.text("i"),) if call.is_nocase else ()


FUNCTIONS = (
    Function(
        "re.capture",
        (text("text"), _ONE_GROUP),
        STRING,
        "Return the first match of a pattern, or what its one group matched; the empty text if nothing matches.",
        (
            Example(r"re.capture(`u=7;u=8`, `u=(\d)`)", "7"),
            Example(r"re.capture(`u=7`, `x=(\d)`)", ""),
            Example(r"re.capture(`u=7`, `u=\d`)", "u=7"),
        ),
        _capture,
        accepts_nocase=True,
    ),
    Function(
        "re.capture_all",
        (text("text"), _ONE_GROUP),
        STRING.list_of,
        "Return all matches of a pattern, or what its one group matched in each.",
        (
            Example(r"re.capture_all(`u=7;u=8`, `u=(\d)`)", ["7", "8"]),
            Example(r"re.capture_all(`u=7`, `x`)", []),
            Example(r"re.capture_all(`ab`, `a(x)?`)", [""]),
        ),
        _capture_all,
        accepts_nocase=True,
    ),
    Function(
        "re.regex",
        (text("text"), _PATTERN),
        BOOL,
        "Tell whether a pattern matches somewhere in a text; anchor it with `^` and `$` where needed.",
        (
            Example(r"re.regex(`a.exe`, `\.exe$`)", result=True),
            Example(r"re.regex(`a.EXE`, `\.exe$`) nocase", result=True),
        ),
        _regex,
        accepts_nocase=True,
    ),
    Function(
        "re.replace",
        (text("text"), _PATTERN, _REPLACEMENT),
        STRING,
        r"Replace all matches of a pattern; `\0` is the match, `\1` to `\9` are its groups, `\\` is a backslash.",
        (
            Example(r're.replace(`10.1.2.3`, `\d+$`, "0")', "10.1.2.0"),
            Example(r"re.replace(`a-b`, `(a)-(b)`, `\2-\1`)", "b-a"),
            Example('re.replace("ab", ``, "1")', "1a1b1"),
            Example('re.replace("", `^$`, "none")', "none"),
        ),
        _replace,
        accepts_nocase=True,
    ),
)
