"""Clauses that cannot hold, hold always, or say what others say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from windshear.language import expressions as ex
from windshear.language.check.walk import ungrouped, walk
from windshear.language.diagnostics.diagnostic import Label
from windshear.language.lint.clauses import Against, Clause, against
from windshear.language.lint.groups import choices, together
from windshear.language.lint.lint import Edit, Finding, Lint
from windshear.language.lint.regexes import always_matches
from windshear.language.lint.shapes import shape
from windshear.language.lint.subject import Subject
from windshear.language.lint.truth import Limits, limits_of_choice, limits_of_clause
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.types import Kind

T = TypeVar("T")
_MOST_COMPARED = 50  # of the tests of one field, so that a long list costs no more than its length


def _contradiction(subject: Subject) -> Iterator[Finding]:
    for key, limits in _limited(subject):
        for first, second in _pairs(limits, [limit.is_narrow for limit in limits]):
            if first.excludes(second):
                is_list = any(read.path.is_repeated for test in first.clauses for read in ex.fields(test.node))
                yield Finding(
                    f"`{key}` cannot pass this and `{subject.quoted(first.span)}`",
                    second.span,
                    help="both tests see the same element; put `any` before the field to test any other"
                    if is_list
                    else "join the two with `or`, or remove one",
                    labels=(Label(first.span, "the other test"),),
                )
                break


def _implied(subject: Subject) -> Iterator[Finding]:
    for _, limits in _limited(subject):
        exact = [limit for limit in limits if limit.is_exact][:_MOST_COMPARED]
        for limit in limits:
            other = next((o for o in exact if o is not limit and o.implies(limit)), None)
            if other is not None:
                yield Finding(
                    f"`{subject.quoted(other.span)}` says this already",
                    limit.span,
                    help="remove it",
                    labels=(Label(other.span, "this is the narrower test"),),
                )


def _pairs(items: Sequence[T], counts: Sequence[bool]) -> Iterator[tuple[T, T]]:
    """Yield pairs, each in the order of the items, of which at least one counts; of those that do, only the first."""
    chosen = [number for number, does_count in enumerate(counts) if does_count][:_MOST_COMPARED]
    for number in chosen:
        for other in range(len(items)):
            if other != number and (other > number or other not in chosen):
                yield items[min(number, other)], items[max(number, other)]


def _limited(subject: Subject) -> Iterator[tuple[str, Sequence[Limits]]]:
    """Yield the values that several tests, which must hold together, compare with constants."""
    choice_limits = [limit for predicate in subject.rule.predicates if (limit := limits_of_choice(predicate))]
    for number, group in enumerate(together(subject)):
        by_key: dict[str, list[Limits]] = {}
        for test in group:
            limit = limits_of_clause(test)
            if limit is not None:
                by_key.setdefault(limit.key, []).append(limit)
        if number == 0:  # what must hold for every row; an `or` of equalities is one of them
            for limit in choice_limits:
                by_key.setdefault(limit.key, []).append(limit)
        for key, limits in by_key.items():
            if len(limits) > 1:
                yield key, sorted(limits, key=lambda limit: limit.span)


def _always_true(subject: Subject) -> Iterator[Finding]:
    for group in choices(subject):
        for first, second in _pairs(group, [_denies(clause) for clause in group]):
            if _cover_everything(first, second):
                yield Finding(
                    f"this or `{subject.quoted(first.span)}` is always true",
                    second.span,
                    help="`and` is meant where several values are excluded",
                    labels=(Label(first.span, "the other side"),),
                )
                break
    for test in subject.clauses:
        if reason := _holds_always(test):
            yield Finding(f"this is always {'false' if test.is_negated else 'true'}: {reason}", test.node.span)


def _denies(clause: Clause) -> bool:
    """Whether a clause lets most values through; of two sides that leave nothing out, one does."""
    return clause.is_negated or (isinstance(clause.node, ex.Comparison) and clause.node.operator == "!=")


def _cover_everything(first: Clause, second: Clause) -> bool:
    if first.is_negated != second.is_negated and shape(first.node) == shape(second.node):
        return not _is_quantified(first.node)
    one, other = against(first), against(second)
    if one is None or other is None or _is_quantified(first.node) or shape(one.value) != shape(other.value):
        return False
    if {one.operator, other.operator} == {"=", "!="}:
        return _has_same_constant(one, other)
    return one.operator == other.operator == "!=" and not _has_same_constant(one, other)


def _has_same_constant(one: Against, other: Against) -> bool:
    if one.is_nocase == other.is_nocase:
        return one.folded == other.folded
    return str(one.constant.value).lower() == str(other.constant.value).lower()


def _is_quantified(node: ex.Expression) -> bool:
    return any(read.quantifier is not None for read in ex.fields(node))


def _holds_always(test: Clause) -> str:
    node = test.node
    if isinstance(node, ex.RegexMatch):
        return "the pattern matches every text, the empty one included" if always_matches(node.pattern) else ""
    if isinstance(node, ex.Call) and node.function == "strings.contains":
        wanted = node.arguments[1]
        return "every text contains the empty one" if isinstance(wanted, ex.Literal) and wanted.value == "" else ""
    found = against(Clause(node, is_negated=False, is_required=True, span=test.span))
    if found and found.operator == ">=" and found.value.type.kind is Kind.UINT and found.constant.value == 0:
        return "the number has no sign, and an absent one is 0"
    return ""


def _duplicate(subject: Subject) -> Iterator[Finding]:
    for group in (*together(subject), *choices(subject)):
        seen: dict[object, Clause] = {}
        for test in sorted(group, key=lambda test: test.span):
            key = (shape(test.node), test.is_negated)
            if key not in seen:
                seen[key] = test
            elif seen[key].span != test.span:
                yield Finding(
                    "this test stands here twice",
                    test.span,
                    help="remove it, or correct what was copied",
                    labels=(Label(seen[key].span, "the same test"),),
                )


def _double_negation(subject: Subject) -> Iterator[Finding]:
    for node in subject.events_nodes:
        if not isinstance(node, tree.Not):
            continue
        inner = ungrouped(node.operand)
        between = subject.text(Span(node.span.start, node.operand.span.start))
        is_bare = between[:3].lower() == "not" and not between[3:].strip()
        if isinstance(inner, tree.Comparison) and inner.operator == "!=" and not _has_quantifier(inner):
            edits = (
                Edit(Span(node.span.start, node.operand.span.start), ""),
                Edit(inner.operator_span, "="),
            )
            yield Finding(
                "`not` before `!=` says `=`", node.span, help="write it with `=`", fix=edits if is_bare else ()
            )
        elif isinstance(inner, tree.Not):
            yield Finding("`not` twice says nothing", node.span, help="remove both")


def _has_quantifier(node: tree.Comparison) -> bool:
    return any(isinstance(inner, tree.Path) and inner.quantifier is not None for inner in walk(node))


def _wrong_case(subject: Subject) -> Iterator[Finding]:
    for test in subject.clauses:
        node = test.node
        if isinstance(node, ex.Comparison) and (found := against(test)) and not found.is_nocase:
            function, wanted = _case_function(found.value), found.constant
        elif isinstance(node, ex.Call) and node.function in _TEXT_TESTS and isinstance(node.arguments[1], ex.Literal):
            function, wanted = _case_function(node.arguments[0]), node.arguments[1]
        else:
            continue
        text = str(wanted.value)
        if (function in _LOWERING and text != text.lower()) or (
            function == "strings.to_upper" and text != text.upper()
        ):
            case = "upper" if function == "strings.to_upper" else "lower"
            yield Finding(
                f"`{function}` gives {case} case only, so this text never occurs",
                wanted.span,
                help=f"write it in {case} case",
            )


_TEXT_TESTS = frozenset({"strings.contains", "strings.starts_with", "strings.ends_with"})
_LOWERING = frozenset({"strings.to_lower", "hash.sha256"})


def _case_function(value: ex.Expression) -> str:
    return value.function if isinstance(value, ex.Call) else ""


def _text_order(subject: Subject) -> Iterator[Finding]:
    for node in subject.values:
        if not isinstance(node, ex.Comparison) or node.operator in ("=", "!="):
            continue
        sides = (node.left, node.right)
        if any(side.type.kind is not Kind.STRING for side in sides) or any(_sorts(side) for side in sides):
            continue
        yield Finding(
            'texts are ordered letter by letter: "10" comes before "9"',
            node.span,
            help="compare numbers: `cast.as_int(…)`, or the `.seconds` of a time",
        )


def _sorts(value: ex.Expression) -> bool:
    """Whether a text is a date or time that is ordered as written."""
    if isinstance(value, ex.Call) and value.function == "timestamp.get_date":
        return True
    if isinstance(value, ex.Call) and value.function == "timestamp.get_timestamp":
        form = value.arguments[1] if len(value.arguments) > 1 else None
        return (
            not isinstance(form, ex.Literal)
            or str(form.value).startswith(("%F", "%Y", "%T", "%H"))
            or (str(form.value) in ("SECOND", "MINUTE", "HOUR", "DATE", "WEEK", "MONTH", "YEAR"))
        )
    return False


LINTS = (
    Lint(
        "W519",
        "contradiction",
        "error",
        "correctness",
        "Tests that exclude each other",
        "Lines of the events section must all hold for one event. Two tests that no value passes together make the "
        "rule, or this side of an `or`, silent for ever. For a repeated field, plain tests of one path see the same "
        "element.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.security_result.action = "ALLOW"
    $e.security_result.action = "BLOCK"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    any $e.security_result.action = "ALLOW"
    any $e.security_result.action = "BLOCK"
  condition:
    $e
""",
        _contradiction,
    ),
    Lint(
        "W520",
        "always-true",
        "warning",
        "correctness",
        "Clause that always holds",
        "The clause excludes nothing. The commonest way there is `!=` joined by `or`: every value differs from one of "
        "two values. Where several values are excluded, `and` is meant.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    ($e.target.user.userid != "backup" nocase or $e.target.user.userid != "monitor" nocase)
    $e.target.user.userid != ""
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    ($e.target.user.userid != "backup" nocase and $e.target.user.userid != "monitor" nocase)
    $e.target.user.userid != ""
  condition:
    $e
""",
        _always_true,
    ),
    Lint(
        "W521",
        "implied-clause",
        "note",
        "correctness",
        "Clause that another one implies",
        "Where a field must be one certain value, further tests of that field that the value passes say nothing. Often "
        "one of the two was meant for another field.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.metadata.product_event_type = "ConsoleLogin"
    $e.metadata.product_event_type != "SwitchRole"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.metadata.product_event_type = "ConsoleLogin"
  condition:
    $e
""",
        _implied,
    ),
    Lint(
        "W522",
        "duplicate-clause",
        "warning",
        "correctness",
        "The same test twice",
        "A test that is repeated within the same `and` or `or` says nothing. Often a line was copied and not changed.",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    ($e.target.process.command_line = "tool -enc" or $e.target.process.command_line = "tool -enc")
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    ($e.target.process.command_line = "tool -enc" or $e.target.process.command_line = "tool /enc")
  condition:
    $e
""",
        _duplicate,
    ),
    Lint(
        "W523",
        "double-negation",
        "note",
        "style",
        "Two negations",
        "`not` before `!=` is `=`, and `not` twice is nothing. Two negations are easily misread.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    not $e.metadata.product_event_type != "ConsoleLogin"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.metadata.product_event_type = "ConsoleLogin"
  condition:
    $e
""",
        _double_negation,
        fix="safe",
    ),
    Lint(
        "W524",
        "case-never-matches",
        "error",
        "correctness",
        "Text in a case that a function never gives",
        "`strings.to_lower` gives lower case only, `strings.to_upper` upper case, and hashes are in lower case. A text "
        "in the other case never equals the result and is never part of it.",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    strings.contains(strings.to_lower($e.target.process.command_line), "Invoke-Expression")
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    strings.contains(strings.to_lower($e.target.process.command_line), "invoke-expression")
  condition:
    $e
""",
        _wrong_case,
    ),
    Lint(
        "W525",
        "ordered-text",
        "warning",
        "correctness",
        "Texts compared by order",
        'Texts are ordered letter by letter, so "10" comes before "9", and a date is ordered by its first digits. '
        "Compare numbers, or the seconds of a time; dates only where the year stands first.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.additional.fields["attempts"] > "9"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    cast.as_int($e.additional.fields["attempts"]) > 9
  condition:
    $e
""",
        _text_order,
    ),
)
