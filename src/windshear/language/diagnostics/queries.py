"""The mistakes of queries: their syntax (`E129` on) and what only a search can get wrong (`E450` on)."""

from __future__ import annotations

from windshear.language.diagnostics.diagnostic import Mistake


def _error(code: str, slug: str, explanation: str) -> Mistake:
    return Mistake(code, slug, "error", "", explanation)


MALFORMED_OUTER_JOIN = _error(
    "E129",
    "malformed-outer-join",
    "An outer join is written as `left join $a.field = $b.field` or `right join …`, on a line of its own.",
)
NOT_A_QUERY = _error(
    "E411",
    "not-a-query",
    "A query holds predicates and sections, without `rule name { … }` around them. Rules are run by `scan`.",
)
RULE_SECTION = _error("E412", "rule-section", "`setup` and `options` belong to rules; queries do not have them.")
MISPLACED_STAGE = _error(
    "E413",
    "misplaced-stage",
    "The stages of a query come first, each as `stage name { … }`; the root query follows the last of them.",
)
MISSING_ROOT = _error(
    "E414",
    "missing-root",
    "A query needs something to look for: at least one predicate, or after its stages a root that reads them.",
)
MIXED_VARIABLES = _error(
    "E450",
    "mixed-variables",
    "In one stage, event fields are read either all without a variable (`principal.hostname`) or all with one "
    "(`$e.principal.hostname`).",
)
UNKNOWN_RESULT_COLUMN = _error(
    "E451",
    "unknown-result-column",
    "`dedup`, `order`, `select` and `unselect` name columns of the result: match keys, outcome variables and, with a "
    "window, `window_start` and `window_end`; in a query without aggregates also fields and placeholders.",
)
STAGE_NAME = _error(
    "E452", "stage-name", "A stage has a name of its own, which no variable of the query has and no stage before it."
)
UNKNOWN_STAGE_FIELD = _error(
    "E453",
    "unknown-stage-field",
    "A stage is read as `$stage.name`, where the name is a match key or an outcome variable of the stage, or "
    "`window_start` or `window_end` if it has a window.",
)
CONDITION_WITHOUT_MATCH = _error(
    "E454",
    "condition-without-match",
    "The condition of a query filters groups, so it needs a match section. Without one, put the test among the "
    "predicates.",
)
ABSENCE_IN_QUERY = _error(
    "E455",
    "absence-in-query",
    "The variables of a query are joined, so each of them is there in every group. Absence is written as an outer "
    "join: `left join $a.field = $b.field`, and then `#b = 0` or `$b.field is null`.",
)
OUTER_JOIN = _error(
    "E456",
    "outer-join",
    "An outer join equates fields of two variables, each pair of variables in one direction only. Its preserved side "
    "is an event; the other side may be missing, and then its values are null.",
)
GROUP_CALL = _error(
    "E457",
    "group-call",
    "`group(…)` stands in the definition of a placeholder, `$p = group(principal.ip, target.ip)`. It takes fields of "
    "one event and of the same type.",
)
RAW_SEARCH = _error(
    "E458",
    "raw-search",
    'Raw text is searched by `raw = "part of it"`, by `raw = /pattern/`, or by a quoted text alone, negated by `!=` '
    "or `not`.",
)
LIMIT_VALUE = _error("E459", "limit-value", "A limit is a whole number of rows, at least 1.")
QUERY_WINDOW = _error(
    "E461",
    "query-window",
    "The window of a query covers times of events. A query that reads only stages has none, and the pivot of a "
    "sliding window is an event that is always there.",
)
BEYOND_LIMIT = _error(
    "E462",
    "beyond-limit",
    "The service refuses queries of this size: more than 169 logical operators, 4 stages, 4 joins, 2 event variables "
    "in a stage, or tumbling windows of which one is 720 times another. Without strict mode it is a warning.",
)
OVER_SERVICE_LIMIT = Mistake(
    "W650",
    "over-service-limit",
    "warning",
    "",
    "The query runs here, but the service would refuse it for its size (see `beyond-limit`).",
)

MISTAKES: tuple[Mistake, ...] = tuple(value for value in tuple(globals().values()) if isinstance(value, Mistake))
