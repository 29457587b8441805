"""The mistakes that the checker can find: names (`E2xx`), types (`E3xx`), sections (`E42x` on), planning (`E5xx`)."""

from __future__ import annotations

from windshear.language.diagnostics.diagnostic import Mistake


def _error(code: str, slug: str, reference: str, explanation: str) -> Mistake:
    return Mistake(code, slug, "error", reference, explanation)


def _warning(code: str, slug: str, explanation: str) -> Mistake:
    return Mistake(code, slug, "warning", "", explanation)


def _note(code: str, slug: str, explanation: str) -> Mistake:
    return Mistake(code, slug, "note", "", explanation)


RESERVED_NAME = _error(
    "E201",
    "reserved-name",
    "C3",
    "A variable may not be named like a keyword of the language, in any case, nor `$window_start` or `$window_end`. "
    "Choose another name.",
)
UNKNOWN_FUNCTION = _error(
    "E202",
    "unknown-function",
    "C4",
    "The language has no such function for rules. Functions are written with their namespace, as in "
    "`strings.to_lower(…)`.",
)
UNKNOWN_FIELD = _error(
    "E203",
    "unknown-field",
    "C4",
    "The path names a field that the Unified Data Model does not have. Names are snake_case and are read from the "
    "record that the variable stands for: an event, an entity (`.graph.`) or a detection (`.detection.`).",
)
INCOMPLETE_PATH = _error(
    "E204",
    "incomplete-path",
    "C4",
    "The path stops at a message, which has no value of its own. Go on to one of its fields; times end in `.seconds`.",
)
BAD_KEY = _error(
    "E205",
    "bad-key",
    "C4",
    'A key in brackets reads a map: `additional.fields["k"]` or a list of labels, as in `principal.labels["k"]`. '
    "Leave the key out to read the field itself, or look for the map that holds the key.",
)
BAD_INDEX = _error(
    "E206",
    "bad-index",
    "C19",
    "An index is a literal non-negative integer on a repeated field. If a path has several repeated fields, either "
    "all of them have an index or none, and an index does not go together with a map key.",
)
MISPLACED_QUANTIFIER = _error(
    "E207",
    "misplaced-quantifier",
    "C18",
    "`any` and `all` stand directly before a repeated field inside a test. They do not go with single-valued fields, "
    "joins, placeholder definitions, lists, map keys, indexes, or in front of a function call.",
)
MISSING_VARIABLE = _error(
    "E208",
    "missing-variable",
    "C4",
    "In a rule every field is read from a variable: `$e.principal.hostname`. Bare paths belong to search.",
)
MIXED_RECORDS = _error(
    "E209",
    "mixed-records",
    "C4",
    "A variable stands for one kind of record: events, entities (`$g.graph.…`) or detections (`$d.detection.…`). "
    "Use a second variable for the other kind and join the two.",
)
VARIABLE_AS_VALUE = _error(
    "E210",
    "variable-as-value",
    "",
    "An event variable stands for a whole record. Where a value is needed, read one of its fields.",
)
UNBOUND_PLACEHOLDER = _error(
    "E211",
    "unbound-placeholder",
    "C10",
    "A placeholder takes its value from an event field: somewhere in the events section it must be equated with a "
    "field, or with a function of fields. A constant or another placeholder alone does not define it.",
)
ARITHMETIC_IN_JOIN = _error(
    "E212",
    "arithmetic-in-join",
    "C10",
    "Joins and placeholder definitions equate fields, or functions of fields, but not sums or products. An inequality "
    "with arithmetic is a filter and allowed.",
)
SEVERAL_EVENTS_IN_CALL = _error(
    "E213",
    "several-events-in-call",
    "C10",
    "A function call and the definition of a placeholder read fields of one event variable only. Give each event "
    "a placeholder of its own, and compare those.",
)
MIXED_DEFINITION = _error(
    "E214",
    "mixed-definition",
    "C10",
    "The definition of a placeholder reads event fields only, not other placeholders.",
)
UNJOINED_VARIABLE = _error(
    "E215",
    "unjoined-variable",
    "C8",
    "Every event and entity variable must be joined to the others: by an equality of two fields or by a placeholder "
    "that both define. An inequality is only a filter.",
)
NOT_IN_CONDITION = _error(
    "E216",
    "not-in-condition",
    "C9",
    "Every variable of the events section must be asked for in the condition section, by itself (`$e`, `#e > 3`, "
    "`!$e`) or through a placeholder that it defines.",
)
UNKNOWN_IN_CONDITION = _error(
    "E217",
    "unknown-in-condition",
    "C9",
    "The condition section speaks of variables that the events and outcome sections define. Use the name of one "
    "of them, or define the variable there first.",
)
NAME_TAKEN = _error(
    "E218",
    "name-taken",
    "",
    "Event variables, placeholders and outcome variables share one set of names, and each outcome variable is defined "
    "once. Choose another name.",
)
UNKNOWN_WORD = _error(
    "E219",
    "unknown-word",
    "C4",
    "A bare word has no value here. Strings stand in double quotes, variables begin with `$`.",
)

UNKNOWN_MEMBER = _error(
    "E301",
    "unknown-member",
    "C5",
    "An enumerated field is compared with the upper-case name of one of its members. Any other text can never match.",
)
TEXT_TEST_ON_ENUM = _error(
    "E302",
    "text-test-on-enum",
    "C5",
    "Patterns, `nocase` and string functions do not apply to enumerated fields. Compare with member names.",
)
TYPE_MISMATCH = _error(
    "E303",
    "type-mismatch",
    "C6",
    "Both sides of a comparison must be of one type: numbers are written without quotes, strings with them.",
)
MIXED_SIGNEDNESS = _error(
    "E304",
    "mixed-signedness",
    "C6",
    "Arithmetic does not mix unsigned fields with integers. Make the other operand a float, for instance `(2/1)` "
    "or `2.0`.",
)
FLOAT_REMAINDER = _error(
    "E305",
    "float-remainder",
    "C6",
    "`%` is defined on integers only. Make the float an integer first, for instance with `math.floor(…)`.",
)
NOT_A_NUMBER = _error(
    "E306", "not-a-number", "C6", "Arithmetic works on numbers. Join strings with `strings.concat(…)`."
)
CONSTANT_COMPARISON = _error(
    "E307",
    "constant-comparison",
    "C7",
    "One side of a comparison must be something other than a literal. Compare a field, as in `$e.target.port = "
    "443`, or remove the line.",
)
WRONG_ARGUMENT_COUNT = _error(
    "E308", "wrong-argument-count", "C4", "The call gives the function too few or too many arguments."
)
WRONG_ARGUMENT = _error("E309", "wrong-argument", "C4", "The function does not accept an argument of this type here.")
INVALID_PATTERN = _error(
    "E310",
    "invalid-pattern",
    "C20",
    "Patterns are RE2 regular expressions: no look-around, no back-references. In a quoted string every backslash is "
    "doubled; a raw string between back quotes needs none of that.",
)
WRONG_GROUPS = _error(
    "E311",
    "wrong-groups",
    "C20",
    "`re.capture` and `re.capture_all` return the whole match or the one group of the pattern; make the others "
    "non-capturing with `(?:…)`. A replacement may only name groups that the pattern has.",
)
INVALID_NETWORK = _error(
    "E312",
    "invalid-network",
    "C4",
    "An address range is written as an IPv4 or IPv6 address, a slash and the length of the prefix: `192.0.2.0/24`.",
)
DIFFERENT_BRANCHES = _error(
    "E313",
    "different-branches",
    "C17",
    "Both values of an `if` have the same type: integer, float or string. Make them alike, for instance by "
    'writing `"1"` beside a string.',
)
MISSING_ELSE = _error(
    "E314",
    "missing-else",
    "C17",
    "Only a numeric literal may stand without an else, which then is 0. Strings, fields, placeholders and outcome "
    'variables need one: `if(test, $e.target.hostname, "")`.',
)
NOT_A_TEST = _error(
    "E315",
    "not-a-test",
    "C6",
    "A predicate is a comparison, a list membership, a boolean field, or a call of a function that returns a "
    "boolean. Compare the value with something.",
)
NOCASE_WITHOUT_TEXT = _error(
    "E316",
    "nocase-without-text",
    "C6",
    "`nocase` applies to string comparisons, patterns and string lists.",
)

MATCH_KEY = _error(
    "E420",
    "match-key",
    "C11",
    "The keys of the match section are placeholders that the events section defines, each listed once.",
)
MATCH_KEY_IN_CONDITION = _error(
    "E421",
    "match-key-in-condition",
    "C12",
    "A match key has exactly one value per group, so the condition section may not ask for it. Ask for the event "
    "instead (`$e`, `#e > 3`), or leave this out.",
)
MATCH_KEY_UNBOUNDED = _error(
    "E422",
    "match-key-unbounded",
    "C13",
    "A match key must be defined by at least one event that the condition requires to be present.",
)
NOTHING_BOUNDED = _error(
    "E423",
    "nothing-bounded",
    "C14",
    "A condition that asks for absence needs at least one event variable that must be present, as in `$a and !$b`.",
)
UNBOUNDED_WITHOUT_TIE = _error(
    "E424",
    "unbounded-without-tie",
    "C14",
    "A placeholder or entity that may be absent must be tied to an event that the condition requires to be "
    "present. Equate one of its fields with a placeholder that such an event defines.",
)
NEGATED_EVENT = _error(
    "E425",
    "negated-event",
    "C15",
    "`not` negates conditions on outcome variables. The absence of an event is written `!$e`.",
)
UNBOUNDED_IN_OR = _error(
    "E426",
    "unbounded-in-or",
    "C15",
    "The sides of an `or`, and the items of `n of […]`, must each require something to be present; absence (`!$e`, "
    "`#e < 3`, `#e >= 0`) cannot stand there.",
)
OR_BETWEEN_EVENTS = _error(
    "E427",
    "or-between-events",
    "C15",
    "`or` joins at most two event variables of one kind, and neither `or` between variables nor `n of` goes together "
    "with a tumbling window.",
)
CONDITION_OPERAND = _error(
    "E428",
    "condition-operand",
    "",
    "Conditions ask for variables (`$e`, `!$e`), counts (`#e > 3`) and outcome variables (`$score > 50`). Test fields "
    "in the events section, or make an outcome variable of them.",
)
MISSING_AGGREGATE = _error(
    "E429",
    "missing-aggregate",
    "C16",
    "With a match section a detection stands for many events, so fields and placeholders need an aggregate around "
    "them, such as `array_distinct(…)`, `count_distinct(…)` or `max(…)`. Without one, repeated fields need it.",
)
NESTED_AGGREGATE = _error(
    "E430",
    "nested-aggregate",
    "C16",
    "An aggregate may not contain another one, nor an outcome variable that is defined above. Leave one of the "
    "two out; arithmetic may stand between aggregates, as in `max($p) - min($p)`.",
)
UNKNOWN_IN_OUTCOME = _error(
    "E431",
    "unknown-in-outcome",
    "C16",
    "The outcome section reads variables of the events section and outcome variables defined above; it cannot "
    "introduce new ones. Read one of these, or add the variable to the events section.",
)
FORWARD_REFERENCE = _error(
    "E432", "forward-reference", "C16", "An outcome variable may be used only below the line that defines it."
)
TOO_MANY_OUTCOMES = _error(
    "E433",
    "too-many-outcomes",
    "C16",
    "A rule has at most 20 outcome variables. Remove some, or put several values into one with `strings.concat(…)`.",
)
MISPLACED_AGGREGATE = _error(
    "E434",
    "misplaced-aggregate",
    "C4",
    "Aggregates belong to the outcome section. In the condition section count with `#name`.",
)
WINDOW_SIZE = _error(
    "E435",
    "window-size",
    "C21",
    "A match window is between 1 minute and 48 hours long. Write a duration from `1m` to `48h`.",
)
BAD_PIVOT = _error(
    "E436",
    "bad-pivot",
    "C21",
    "A sliding window is anchored at an event variable of the events section that the condition requires to be "
    "present. Name one of them: `over 10m after $e`.",
)
LIST_KIND = _error(
    "E437",
    "list-kind",
    "C22",
    "A list is read as strings (`in %list`), patterns (`in regex %list`) or address ranges (`in cidr %list`); "
    "`nocase` goes with the first two. Use the form that fits the list, and leave `nocase` out for address "
    "ranges.",
)
TOO_MANY_LISTS = _error(
    "E438",
    "too-many-lists",
    "C22",
    "A rule has at most 10 list tests, of which at most 5 with `regex` and 5 with `cidr`. Put lists together, or "
    "split the rule.",
)
TABLE_AND_FIELD = _error(
    "E439",
    "table-and-field",
    "C23",
    "Inside parentheses a test against a data table column cannot be joined with `and` to other tests. Put it on a "
    "line of its own.",
)
TABLE_JOIN = _error(
    "E440",
    "table-join",
    "C23",
    "Comparing fields with columns of a data table joins its rows: the rule needs a match section, and for each "
    "table at least one `=`. Add what is missing: `match: $key over 10m`, or `$e.principal.hostname = "
    "%table.column`.",
)
UNKNOWN_COLUMN = _error(
    "E449",
    "unknown-column",
    "C4",
    "The data table that was given to the run has no column of this name. The header of the table names its "
    "columns; use one of them, or add the column to the table.",
)
MISPLACED_METRIC = _error(
    "E441",
    "misplaced-metric",
    "C24",
    "`metrics` functions stand in the outcome section, and an hourly one (`period: 1h`) only beside the daily "
    "one. Move it there, or add the daily one.",
)
SUPPRESSION_TOO_SHORT = _error(
    "E442",
    "suppression-too-short",
    "C25",
    "`suppression_window` of a multi-event rule must be longer than its match window. Lengthen the one or shorten "
    "the other.",
)
DETECTION_WITHOUT_MATCH = _error(
    "E443",
    "detection-without-match",
    "C27",
    "A rule over detections needs a match section. Add one over what they have in common: `match: $host over 1h`.",
)
SEVERAL_EVENTS_WITHOUT_MATCH = _error(
    "E444",
    "several-events-without-match",
    "C28",
    "A rule with more than one event variable needs a match section. If the variables are independent of each other, "
    "they are several rules: write one for each.",
)
BAD_OPTION = _error(
    "E445",
    "bad-option",
    "",
    "The options are `allow_zero_values` (true or false) and `suppression_window` (a duration such as `1h`), each at "
    "most once.",
)
NULL_TEST = _error(
    "E446",
    "null-test",
    "",
    'In rules an absent value reads as zero (`""`, `0`, `false`), so `is null` has no meaning. Compare with '
    "that value.",
)
WINDOW_BOUND = _error(
    "E447",
    "window-bound",
    "",
    "`window_start` and `window_end` exist in the outcome and condition sections of rules with a match window. "
    "Move the comparison there.",
)
NAMED_ARGUMENT = _error(
    "E448",
    "named-argument",
    "C4",
    "Only `metrics` functions and `write_row` take arguments by name. Write the value alone, in its place.",
)
SEARCH_ONLY = _error(
    "E470",
    "search-only",
    "C4",
    "The function belongs to searches and dashboards; rules do not have it. Use another function, or run it in a "
    "search.",
)
WINDOW_FUNCTION = _error(
    "E471",
    "window-function",
    "C16",
    "The `window.` functions look at the rows of a match window, so the rule needs a match section. Add one, such "
    "as `match: $host over 1h`, or use an aggregate such as `max(…)`.",
)
GRAPH_OPERATION = _error(
    "E480",
    "graph-operation",
    "",
    "The setup section has at most two operations, each about an entity variable of the events section: "
    "`graph_append [$g, %table]` adds the rows of a table to its entities, `graph_override(…)` lets rows replace what "
    "entities say, `graph_exclude(…)` takes entities away.",
)
GRAPH_JOIN = _error(
    "E481",
    "graph-join",
    "",
    "`graph_override` and `graph_exclude` join the entities of one variable with the rows of one table: at least one "
    "`=` between a field and a column, and maybe further tests of the two.",
)
UNMAPPED_TABLE = _error(
    "E482",
    "unmapped-table",
    "",
    "The rows of a table say something of entities through columns that are mapped to entity fields in its header, as "
    "in `host:entity.hostname`. Rows that are appended also say when they are valid: columns mapped to "
    "`metadata.interval.start_time.seconds` and `metadata.interval.end_time.seconds`.",
)
WRITE_ROW = _error(
    "E483",
    "write-row",
    "",
    "The export section is one call, `%table.write_row(column: $value, …)`, with each column once and at most 20 of "
    "them.",
)
WRITE_KEY = _error(
    "E484",
    "write-key",
    "",
    "A row that is written replaces the row with the same key, so it must give every column that the header of the "
    "table marks with `:key`.",
)
WRITE_VALUE = _error(
    "E485",
    "write-value",
    "",
    "What is written to a table is what a detection says: outcome variables, match keys and constants, each of a type "
    "that the column holds. Fields of events become outcome variables first.",
)
METRIC_ARGUMENT = _error(
    "E460",
    "metric-argument",
    "C4",
    "A metric takes its arguments by name, in any order: `period` and `window` (`1h` with `today`, `1d` with `30d`), "
    "`metric`, `agg`, the fields that it is kept by, each with a placeholder (or, for `num_unique_filter_values`, one "
    "of them with `*`), and maybe a `filter` of its periods.",
)

NOT_SUPPORTED_YET = _error(
    "E501",
    "not-supported-yet",
    "",
    "The rule is valid, but it uses a part of the language that this version cannot run. Restate that part if you "
    "need the rule here now; nothing is wrong with it.",
)

ABSENCE_IN_HOP_WINDOW = _warning(
    "W601",
    "absence-in-hop-window",
    "Hop windows overlap, and absence is judged in each of them: the rule also fires where the missing event came a "
    "little later. A sliding window (`over 10m after $e`) says what is usually meant.",
)
BARE_MATCH_KEY = _warning(
    "W602",
    "bare-match-key",
    "The reference asks for an aggregate around placeholders in rules with a match section. A match key has one value "
    "per group, so it is accepted here, but the service may refuse it: write `array_distinct($key)`.",
)
NEGATIVE_LITERAL = _warning(
    "W603",
    "negative-literal",
    "The language has no negative literals outside function arguments; the service may refuse this. Write `0 - 5`.",
)
DUPLICATE_META_KEY = _warning(
    "W604",
    "duplicate-meta-key",
    "The meta section holds this key twice. The first value is used; remove the other, or give it a name of its own.",
)
DEPRECATED_FIELD = _warning(
    "W605",
    "deprecated-field",
    "The field is marked as deprecated in the data model; parsers may no longer fill it. Look for its successor "
    "beside it, such as `attribute.labels` for `labels`.",
)
MANY_LISTS = _warning(
    "W606",
    "many-lists",
    "Pages of the reference disagree on how many list tests a rule may have: 10 with 5 patterns and 5 address "
    "ranges, or 7, 4 and 2. The service may refuse this rule; put lists together to be safe.",
)
BARE_REPEATED_PLACEHOLDER = _warning(
    "W607",
    "bare-repeated-placeholder",
    "The placeholder takes a value from each element of a repeated field, so one event has several. The outcome "
    "variable gets all of them, as `array_distinct($placeholder)` does; the service may refuse this.",
)
SEARCH_FUNCTION = _warning(
    "W610",
    "search-function",
    "The reference has this function in searches and dashboards only. It runs here, but the service may refuse "
    "the rule. Use another function if the rule is to run there.",
)
REPEATED_AS_LIST = _warning(
    "W611",
    "repeated-as-list",
    "Where a function takes a list, a repeated field stands for all its elements. The reference has no such use "
    "of a field but in `arrays.length`, so the service may refuse the rule. It is safe here.",
)
UNLISTED_DIMENSIONS = _warning(
    "W620",
    "unlisted-dimensions",
    "The reference lists by which fields each metric is kept. Here it can be kept by any; the service may refuse "
    "others. Use the listed ones if the rule is to run there.",
)
SELF_PAIR = _note(
    "N601",
    "self-pair",
    "Nothing in the rule keeps the same event from standing for both variables. Order them in time or compare their "
    "`metadata.id` to keep them apart.",
)
INDEPENDENT_BRANCHES = _note(
    "N602",
    "independent-branches",
    "The rule joins unrelated event variables by `or` without a match section. It runs as if it were one rule per "
    "variable; the service refuses it, and so does strict mode.",
)

MISTAKES: tuple[Mistake, ...] = tuple(value for value in tuple(globals().values()) if isinstance(value, Mistake))
