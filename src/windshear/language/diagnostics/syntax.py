"""The mistakes that the lexer and the parser can find: characters, expressions (`E1xx`), sections (`E4xx`)."""

from __future__ import annotations

from windshear.language.diagnostics.diagnostic import Mistake, Severity


def _error(code: str, slug: str, explanation: str, reference: str = "") -> Mistake:
    return Mistake(code, slug, "error", reference, explanation)


def _mild(code: str, slug: str, severity: Severity, explanation: str) -> Mistake:
    return Mistake(code, slug, severity, "", explanation)


UNKNOWN_CHARACTER = _error(
    "E101",
    "unknown-character",
    "A character that has no meaning in rules stands outside strings and comments. Remove it.",
)
UNTERMINATED_STRING = _error(
    "E102",
    "unterminated-string",
    "A string must end on the line on which it starts; only values of the meta section may run over several lines. "
    'Close it with the quote it began with. A quote inside `"…"` is written `\\"`.',
)
UNTERMINATED_REGEX = _error(
    "E103",
    "unterminated-regex",
    "A pattern between slashes must end on the line on which it starts. Close it with `/`; a slash inside the "
    "pattern is written `\\/`.",
)
UNTERMINATED_COMMENT = _error(
    "E104", "unterminated-comment", "A comment that starts with `/*` must end with `*/`. Comments do not nest."
)
WRONG_QUOTES = _error(
    "E105",
    "wrong-quotes",
    "Strings stand between straight double quotes or, without escapes, between back quotes. "
    "Single and typographic quotes have no meaning.",
)
MALFORMED_NUMBER = _error(
    "E106",
    "malformed-number",
    "A number is written with decimal digits and at most one point, and fits in 64 bits; a duration is an integer "
    "and one of the units `s`, `m`, `h`, `d`, `w`.",
)
TEXT_TOO_LARGE = _error(
    "E107",
    "text-too-large",
    "The text of a rule is limited to 1 MB. Move long lists of values into a reference list or a data table.",
)
TOO_DEEP = _error(
    "E108",
    "too-deep",
    "Parentheses, `not`, `if` and calls may be nested only so deep, and a statement may hold only so many arithmetic "
    "operators. Split the expression into several predicates or outcome variables.",
)
FOREIGN_OPERATOR = _error(
    "E109",
    "foreign-operator",
    "Operators are `=`, `!=`, `<`, `<=`, `>`, `>=`, `and`, `or`, `not`. Spellings of other languages (`==`, "
    "`&&`, `||`, `=>`, `=~`) do not exist.",
)
INFIX_NOT = _error(
    "E110",
    "infix-not",
    "A negation stands in front of what it negates: `not $e.f in %list`, never `$e.f not in %list`.",
)
EXPECTED_VALUE = _error(
    "E111",
    "expected-value",
    'A value was expected: a field such as `$e.target.port`, a variable, a literal such as `"a"` or `5`, a '
    "function call or an expression in parentheses. Write one here, or remove the operator before it.",
)
UNEXPECTED_TOKEN = _error(
    "E112",
    "unexpected-token",
    "Something stands where the language does not allow it. Remove it, or complete what stands before it; a line "
    "such as `$e.target.port = 443` is complete by itself.",
)
UNCLOSED_PARENTHESIS = _error(
    "E113", "unclosed-parenthesis", "Each `(` and `[` needs its `)` or `]` within the same section."
)
UNMATCHED_PARENTHESIS = _error(
    "E114", "unmatched-parenthesis", "A closing `)` or `]` has no opening one before it in the same section."
)
MISSING_OPERATOR = _error(
    "E115",
    "missing-operator",
    "Only top-level lines of the events section are joined silently. Inside parentheses and in the condition section, "
    "write `and` or `or` between predicates.",
)
ARITHMETIC_GROUP = _error(
    "E116",
    "arithmetic-group",
    "A predicate of the events section may not start with a parenthesised arithmetic group. Leave the parentheses "
    "out, or put the other side first: `5 < ($e.a + 1)`.",
    "C26",
)
CHAINED_COMPARISON = _error(
    "E117",
    "chained-comparison",
    "A comparison has two sides and its result cannot be compared again. Join two comparisons with `and`.",
)
MISPLACED_BANG = _error(
    "E118",
    "misplaced-bang",
    "`!` means the absence of a variable and stands only before `$name` in the condition section. "
    "Predicates are negated with `not`.",
)
UNARY_MINUS = _error("E119", "unary-minus", "There is no negative sign for expressions. Subtract from zero: `0 - $x`.")
MALFORMED_WINDOW = _error(
    "E120",
    "malformed-window",
    "A match section ends with its window: `over 5m`, `by 5m`, `over every 5m`, `over 5m after $e` or "
    "`over 5m before $e`.",
)
COMMA_BETWEEN_CONDITIONS = _error(
    "E121",
    "comma-between-conditions",
    "Conditions are joined with `and` or `or`; commas between them are not allowed.",
    "C15",
)
STRAY_COMMA = _error(
    "E122", "stray-comma", "Lines of a section are not separated by commas or semicolons; a line break is enough."
)
MALFORMED_PATH = _error(
    "E123",
    "malformed-path",
    'A field path is `$variable.name.name`; a name may be followed by one index `[0]` or one map key `["key"]`.',
)
NOT_A_LIST = _error(
    "E124",
    "not-a-list",
    "`in` is followed by a reference list `%list` or a data table column `%table.column`.",
)
MISSING_COMMA = _error("E125", "missing-comma", "Arguments and match keys are separated by commas.")
MALFORMED_IF = _error("E126", "malformed-if", "Write `if(condition, value)` or `if(condition, value, otherwise)`.")
CONDITION_AS_VALUE = _error(
    "E127",
    "condition-as-value",
    "An outcome variable or option holds a value. To keep the result of a test, write `if(test, 1, 0)`.",
)
MALFORMED_ENTRY = _error("E128", "malformed-entry", "Each line of this section is a name, one `=` and a value.")
UNKNOWN_ESCAPE = _mild(
    "W101",
    "unknown-escape",
    "warning",
    'A backslash in `"…"` starts one of the escapes `\\\\ \\" \\\' \\n \\t \\r \\xHH \\uHHHH`. Anything else is kept '
    "as written, backslash included. Double the backslash, or use a raw string between back quotes.",
)
MORE_MISTAKES = _mild(
    "N101", "more-mistakes", "note", "The file holds more mistakes than are shown. Mend the first ones and try again."
)

MISSING_SECTION = _error(
    "E401", "missing-section", "Every rule has the sections `meta`, `events` and `condition`.", "C1"
)
SECTION_ORDER = _error(
    "E402",
    "section-order",
    "Sections stand in this order: `meta`, `setup`, `events`, `match`, `outcome`, `condition`, `options`, `export`.",
    "C1",
)
REPEATED_SECTION = _error("E403", "repeated-section", "Each section occurs at most once.", "C1")
UNKNOWN_SECTION = _error(
    "E404",
    "unknown-section",
    "A rule has the sections `meta`, `setup`, `events`, `match`, `outcome`, `condition`, `options`, `export`, each "
    "followed by a colon.",
    "C1",
)
SEARCH_SECTION = _error(
    "E405",
    "search-section",
    "`dedup`, `order`, `limit`, `select`, `unselect` and `stage` shape the results of a search or dashboard. "
    "Rules do not have them.",
)
EMPTY_SECTION = _error(
    "E406", "empty-section", "This section must hold something; leave it out if it is optional.", "C1"
)
META_VALUE = _error("E407", "meta-value", "Values of the meta section are strings in double quotes.", "C2")
MALFORMED_HEADER = _error(
    "E408", "malformed-header", "A rule begins with `rule name {` and a section with its keyword and a colon."
)
UNCLOSED_RULE = _error("E409", "unclosed-rule", "A rule ends with `}`.")
NO_RULE = _error("E410", "no-rule", "A rule file holds `rule name { … }`. Bare predicates are a search, not a rule.")
