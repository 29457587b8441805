"""Outcome and condition sections: results that are not what they look like."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.language import expressions as ex
from windshear.language.lint.lint import Edit, Finding, Lint
from windshear.language.lint.shapes import shape
from windshear.language.lint.subject import Subject
from windshear.language.syntax import tree

_RANGES = {
    "timestamp.get_minute": (0, 59, "minutes run from 0 to 59"),
    "timestamp.get_hour": (0, 23, "hours run from 0 to 23"),
    "timestamp.get_day_of_week": (1, 7, "days run from 1, Sunday, to 7, Saturday"),
    "timestamp.get_week": (0, 53, "weeks run from 0 to 53"),
}


def _capped_list(subject: Subject) -> Iterator[Finding]:
    lists = {
        outcome.name: outcome.value.function
        for outcome in subject.rule.outcomes
        if isinstance(outcome.value, ex.Aggregate) and outcome.value.function in ("array", "array_distinct")
    }
    for node in ex.walk(subject.rule.condition):
        if isinstance(node, ex.Call) and node.function == "arrays.contains":
            read = node.arguments[0]
            if isinstance(read, ex.OutcomeVariable) and read.name in lists:
                yield Finding(
                    f"`{lists[read.name]}` keeps 25 values: what is looked for may be among those left out",
                    node.span,
                    help="compute the answer in the outcome section: `max(if($e.… = …, 1, 0))`",
                )


def _always_counted(subject: Subject) -> Iterator[Finding]:
    counts = {
        outcome.name: outcome.value.function
        for outcome in subject.rule.outcomes
        if isinstance(outcome.value, ex.Aggregate) and outcome.value.function in ("count", "count_distinct")
    }
    for node in ex.walk(subject.rule.condition):
        if not isinstance(node, ex.Comparison) or not isinstance(node.right, ex.Literal):
            continue
        left, limit = node.left, node.right.value
        if not isinstance(left, ex.OutcomeVariable) or left.name not in counts or not isinstance(limit, int):
            continue
        if (node.operator == ">" and limit == 0) or (node.operator == ">=" and limit in (0, 1)):
            yield Finding(
                f"`${left.name}` is never 0: `{counts[left.name]}` counts absent values, too",
                node.span,
                help="leave this out, or ask for the number that is meant",
            )


def _same_branches(subject: Subject) -> Iterator[Finding]:
    for node in subject.values:
        if isinstance(node, ex.If) and shape(node.then) == shape(node.otherwise):
            yield Finding(
                "both values of this `if` are the same: the test decides nothing",
                node.span,
                help="leave the `if` out, or change one of the values",
            )


def _out_of_range(subject: Subject) -> Iterator[Finding]:
    for node in subject.values:
        if not isinstance(node, ex.Comparison):
            continue
        for call, constant in ((node.left, node.right), (node.right, node.left)):
            if not isinstance(call, ex.Call) or call.function not in _RANGES or not isinstance(constant, ex.Literal):
                continue
            least, most, text = _RANGES[call.function]
            if isinstance(constant.value, int) and not least <= constant.value <= most:
                yield Finding(f"`{call.function}` never gives {constant.value}", constant.span, help=text)


def _swapped_coordinates(subject: Subject) -> Iterator[Finding]:
    for node in subject.values:
        if not isinstance(node, ex.Call) or node.function != "math.geo_distance":
            continue
        names = [read.path.steps[-1].name if (read := _field(item)) else "" for item in node.arguments]
        if any(name == wrong for name, wrong in zip(names, ("latitude", "longitude") * 2, strict=False)):
            yield Finding(
                "`math.geo_distance` takes the longitude first",
                node.span,
                help="write longitude and latitude of the one place, then of the other",
            )


def _field(value: ex.Expression) -> ex.Field | None:
    return next(ex.fields(value), None)


def _unused_placeholder(subject: Subject) -> Iterator[Finding]:
    rule = subject.rule
    used = set(rule.match_keys)
    roots = (*rule.predicates, rule.condition, *(outcome.value for outcome in rule.outcomes))
    used |= {node.name for root in roots for node in ex.walk(root) if isinstance(node, ex.Placeholder)}
    used |= {node.name for node in ex.walk(rule.condition) if isinstance(node, ex.VariableCount)}
    used |= {node.name for change in rule.setup if change.condition for node in _placeholders(change.condition)}
    if rule.export is not None:
        used |= {value.name for value in rule.export.values.values() if isinstance(value, ex.Placeholder)}
    for name, definition in rule.placeholders.items():
        if name not in used and len(definition.bindings) == 1:
            yield Finding(
                f"`${name}` is defined and never used",
                definition.span,
                help="remove the line, or use the placeholder in a test, the match section or an outcome variable",
            )


def _placeholders(expression: ex.Expression) -> Iterator[ex.Placeholder]:
    for node in ex.walk(expression):
        if isinstance(node, ex.Placeholder):
            yield node


def _greater_zero(subject: Subject) -> Iterator[Finding]:
    for node in subject.condition_nodes:
        if not isinstance(node, tree.Comparison) or node.operator != ">" or not isinstance(node.left, tree.Count):
            continue
        if isinstance(node.right, tree.NumberLiteral) and node.right.value == 0:
            yield Finding(
                f"`#{node.left.name} > 0` is what `${node.left.name}` says",
                node.span,
                help=f"write `${node.left.name}`",
                fix=(Edit(node.span, f"${node.left.name}"),),
            )


_PLACE = "$e.principal.location.region_coordinates"
_LATITUDE, _LONGITUDE = f"{_PLACE}.latitude", f"{_PLACE}.longitude"
_DISTANCE = """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $metres = max(math.geo_distance({}, {}, 8.5, 47.4))
  condition:
    $e and $metres > 1000000
"""

LINTS = (
    Lint(
        "W513",
        "condition-on-capped-list",
        "warning",
        "correctness",
        "Condition that looks into a list which is cut",
        "`array` and `array_distinct` keep 25 values in rules, and which ones is not defined. A condition that asks "
        "whether such a list contains a value misses it once there are more.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $hosts = array_distinct($e.principal.hostname)
  condition:
    $e and arrays.contains($hosts, "vault")
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $from_vault = max(if($e.principal.hostname = "vault" nocase, 1, 0))
  condition:
    $e and $from_vault = 1
""",
        _capped_list,
    ),
    Lint(
        "W514",
        "count-never-zero",
        "warning",
        "correctness",
        "Condition that a count fulfils always",
        "`count` and `count_distinct` count rows and values, absent ones included, so in a group they are at least 1. "
        "A condition that asks for more than 0 says nothing.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $cities = count_distinct($e.principal.location.city)
  condition:
    $e and $cities > 0
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $cities = count_distinct($e.principal.location.city)
  condition:
    $e and $cities > 2
""",
        _always_counted,
    ),
    Lint(
        "W515",
        "same-branches",
        "warning",
        "correctness",
        "`if` with twice the same value",
        "Both values of the `if` are equal, so its test decides nothing. Usually one was copied and not changed.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
  outcome:
    $risk_score = if($e.principal.hostname = "vault" nocase, 40, 40)
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
  outcome:
    $risk_score = if($e.principal.hostname = "vault" nocase, 40, 20)
  condition:
    $e
""",
        _same_branches,
    ),
    Lint(
        "W516",
        "time-out-of-range",
        "warning",
        "correctness",
        "Part of a time compared with what it never is",
        "`timestamp.get_day_of_week` counts from 1, Sunday, to 7, Saturday; hours end at 23, minutes at 59, weeks at "
        "53. A comparison with another number is never, or always, true.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
    timestamp.get_day_of_week($e.metadata.event_timestamp.seconds) = 0
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
    timestamp.get_day_of_week($e.metadata.event_timestamp.seconds) = 1
  condition:
    $e
""",
        _out_of_range,
    ),
    Lint(
        "W517",
        "swapped-coordinates",
        "warning",
        "correctness",
        "Latitude where the longitude belongs",
        "`math.geo_distance` takes the longitude before the latitude, for both places. The other order gives a "
        "distance, but not the one between them.",
        _DISTANCE.format(_LATITUDE, _LONGITUDE),
        _DISTANCE.format(_LONGITUDE, _LATITUDE),
        _swapped_coordinates,
    ),
    Lint(
        "W518",
        "unused-placeholder",
        "note",
        "correctness",
        "Placeholder that nothing uses",
        "A placeholder that occurs once joins nothing and tests nothing. It may be left over, or the second line of a "
        "join may be missing.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
    $e.principal.hostname = $host
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
    $e.principal.hostname = $host
  outcome:
    $from = $host
  condition:
    $e
""",
        _unused_placeholder,
    ),
    Lint(
        "W575",
        "count-above-zero",
        "note",
        "style",
        "`#e > 0` for `$e`",
        "`$e` in a condition means that there is at least one such event; `#e > 0` says the same in more words.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
  condition:
    #e > 0
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
  condition:
    $e
""",
        _greater_zero,
        fix="safe",
    ),
)
