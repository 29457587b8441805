"""Repeated fields: tests see one element at a time, and every plain read multiplies the rows."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.language import expressions as ex
from windshear.language.lint.clauses import Clause, against, is_zero
from windshear.language.lint.lint import Edit, Finding, Lint
from windshear.language.lint.subject import Subject
from windshear.language.source import Span

_COUNTING = frozenset({"count", "array"})
_ADDING = frozenset({"sum", "avg", "stddev"})


def _not_equal(subject: Subject) -> Iterator[Finding]:
    chosen = _chosen_elements(subject)
    for test in subject.clauses:
        found = against(test)
        if found is None or found.operator != "!=" or is_zero(found.constant):
            continue
        read = found.value
        if not isinstance(read, ex.Field) or not _is_plain(read) or _is_chosen(read, chosen):
            continue
        written = subject.text(read.span)
        fix: tuple[Edit, ...] = ()
        if isinstance(test.node, ex.Comparison) and test.node.operator == "!=" and test.span == test.node.span:
            fix = (Edit(Span(read.span.start, read.span.start), "all "),)
        lead = "negated, this" if test.is_negated else "this"
        yield Finding(
            f"{lead} holds as soon as one of the values of `{written}` differs",
            test.span,
            help=f"`all {written} != …` says that none of them is that value",
            fix=fix,
        )


def _negated_test(subject: Subject) -> Iterator[Finding]:
    chosen = _chosen_elements(subject)
    for test in subject.clauses:
        node = test.node
        if not test.is_negated or not isinstance(node, ex.RegexMatch | ex.Membership | ex.Call):
            continue
        reads = [read for read in ex.fields(node) if _is_plain(read) and not _is_chosen(read, chosen)]
        if not reads:
            continue
        written = subject.text(reads[0].span)
        yield Finding(
            f"negated, this holds as soon as one of the values of `{written}` fails the test",
            test.span,
            help=_advice(node, written, subject.text(node.span)),
        )


def _advice(node: ex.Expression, written: str, test: str) -> str:
    if isinstance(node, ex.Membership):
        return f"lists take no `any`: exclude the other values, or test `{written}[0]` if there is one only"
    if "!=" in test:
        return f"write `all {written} != …`"
    return f"put `any` directly before the field: `any {written}`"


def _is_plain(read: ex.Field) -> bool:
    return read.quantifier is None and read.path.is_repeated and not read.is_whole_list


def _chosen_elements(subject: Subject) -> frozenset[tuple[str, str]]:
    """Return the lists of which another part of the rule picks one element: there, `!=` speaks of that element."""
    chosen: set[tuple[str, str]] = set()
    for test in subject.clauses:
        found = against(test)
        if test.is_negated or (found is not None and found.operator == "!="):
            continue
        chosen |= _prefixes(test)
    for definition in subject.rule.placeholders.values():
        for binding in (*definition.bindings, *definition.alternatives):
            for read in ex.fields(binding.value):
                chosen |= {(read.variable, prefix) for prefix in read.path.prefixes}
    return frozenset(chosen)


def _prefixes(test: Clause) -> set[tuple[str, str]]:
    return {
        (read.variable, prefix) for read in ex.fields(test.node) if _is_plain(read) for prefix in read.path.prefixes
    }


def _is_chosen(read: ex.Field, chosen: frozenset[tuple[str, str]]) -> bool:
    return any((read.variable, prefix) in chosen for prefix in read.path.prefixes)


def _inflated_count(subject: Subject) -> Iterator[Finding]:
    for node, reason in _inflated(subject, _COUNTING):
        name = node.function
        fix = Edit(Span(node.span.start, node.span.start + len(name)), f"{name}_distinct")
        yield Finding(
            f"`{name}` sees one row per combination, not per event: {reason}",
            node.span,
            help=f"use `{name}_distinct(…)`" + (", for instance of `metadata.id`" if name == "count" else ""),
            fix=(fix,),
        )


def _inflated_sum(subject: Subject) -> Iterator[Finding]:
    for node, reason in _inflated(subject, _ADDING):
        yield Finding(
            f"`{node.function}` takes values several times: {reason}",
            node.span,
            help="there is no distinct form; leave out what multiplies the rows, or use `max` or `count_distinct`",
        )


def _inflated(subject: Subject, functions: frozenset[str]) -> Iterator[tuple[ex.Aggregate, str]]:
    """Yield the aggregates whose rows are more than the events, or elements, that they seem to speak of."""
    aggregates = [node for node in subject.values if isinstance(node, ex.Aggregate) and node.function in functions]
    if not aggregates:
        return
    unnested = {
        (read.variable, prefix): read
        for read in subject.values
        if isinstance(read, ex.Field) and _is_plain(read)
        for prefix in read.path.prefixes
    }
    grouped = _grouped(subject)
    events = [name for name, variable in subject.rule.variables.items() if variable.source != "table"]
    for node in aggregates:
        reads = list(ex.fields(node.argument))
        if not reads:
            continue
        variables = {read.variable for read in reads}
        own = {(read.variable, prefix) for read in reads for prefix in read.path.prefixes}
        others = [name for name in events if name not in variables]
        foreign = [read for key, read in unnested.items() if key[0] in variables and key not in own | grouped]
        if others:
            yield node, f"each event is there once per matching `${others[0]}`"
        elif foreign:
            yield node, f"each event is there once per value of `{subject.text(foreign[0].span)}`"


def _grouped(subject: Subject) -> set[tuple[str, str]]:
    """Return the lists by whose elements the rule groups: within a group, each event has one of them."""
    reads = [
        read
        for name in subject.rule.match_keys
        for binding in subject.bindings(name)
        for read in ex.fields(binding.value)
    ]
    return {(read.variable, prefix) for read in reads for prefix in read.path.prefixes}


LINTS = (
    Lint(
        "W501",
        "plain-not-equal-on-repeated",
        "warning",
        "correctness",
        "`!=` on a repeated field",
        "A plain test of a repeated field sees one element at a time, and the event passes if some element does. So "
        "`!=` excludes nothing as long as there is any other value. `all` says that none of the values is the one.",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.principal.ip != "10.0.0.1"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    all $e.principal.ip != "10.0.0.1"
  condition:
    $e
""",
        _not_equal,
        fix="unsafe",
    ),
    Lint(
        "W502",
        "negated-test-on-repeated",
        "warning",
        "correctness",
        "Negated test of a repeated field",
        "A plain test of a repeated field sees one element at a time, and the event passes if some element does. So a "
        "negated pattern, list or function excludes nothing as long as there is a value that fails it. Put `any` "
        "directly before the field: then `not` means that no value passes.",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    not net.ip_in_range_cidr($e.target.ip, "10.0.0.0/8")
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    not net.ip_in_range_cidr(any $e.target.ip, "10.0.0.0/8")
  condition:
    $e
""",
        _negated_test,
    ),
    Lint(
        "W511",
        "inflated-count",
        "warning",
        "correctness",
        "Count of joined or unnested rows",
        "Aggregates see one row per joined combination of events and elements. `count` of a rule with two variables "
        "counts pairs, and any repeated field that the rule reads plainly, anywhere, multiplies the rows of its event. "
        "The distinct forms do not depend on that.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
    $e.principal.ip != ""
  match:
    $user over 1h
  outcome:
    $logins = count($e.metadata.id)
  condition:
    $e and $logins > 10
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
    $e.principal.ip != ""
  match:
    $user over 1h
  outcome:
    $logins = count_distinct($e.metadata.id)
  condition:
    $e and $logins > 10
""",
        _inflated_count,
        fix="unsafe",
    ),
    Lint(
        "W512",
        "inflated-sum",
        "warning",
        "correctness",
        "Sum over joined or unnested rows",
        "Aggregates see one row per joined combination of events and elements, so `sum` adds the value of an event "
        "once for each partner and for each element of a repeated field that the rule reads plainly, anywhere; `avg` "
        "and `stddev` are weighted in the same way.",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.principal.hostname = $host
  match:
    $host over 1h
  outcome:
    $sent = sum($e.network.sent_bytes)
    $to = array_distinct($e.target.ip)
  condition:
    $e and $sent > 1000000
""",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.principal.hostname = $host
  match:
    $host over 1h
  outcome:
    $sent = sum($e.network.sent_bytes)
    $to = array_distinct($e.target.hostname)
  condition:
    $e and $sent > 1000000
""",
        _inflated_sum,
    ),
)
