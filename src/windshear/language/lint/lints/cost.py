"""What makes a rule dear: too many events, joins and windows that the engine cannot narrow."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.language import expressions as ex
from windshear.language.check.walk import ungrouped
from windshear.language.lint.clauses import Clause, against, is_zero
from windshear.language.lint.lint import Finding, Lint
from windshear.language.lint.presence import key_of
from windshear.language.lint.subject import Subject
from windshear.language.syntax import tree

_SOURCES = frozenset(
    {
        "metadata.event_type",
        "metadata.log_type",
        "metadata.product_name",
        "metadata.vendor_name",
        "metadata.product_event_type",
    }
)
_MOST_OPERATORS = 169


def _without_filter(subject: Subject) -> Iterator[Finding]:
    for name in _event_variables(subject):
        if not any(_narrows(test) for test in subject.clauses_of(name)):
            yield Finding(
                f"every event can be `${name}`: nothing but the join narrows it",
                subject.rule.variables[name].span,
                help=f"add what kind of event is meant, such as `${name}.metadata.event_type = …`",
            )


def _only_event_type(subject: Subject) -> Iterator[Finding]:
    for name in _event_variables(subject):
        tests = list(subject.clauses_of(name))
        fields = {read.path.text for test in tests for read in ex.fields(test.node)}
        if fields == {"metadata.event_type"} and not _is_decided_elsewhere(subject):
            yield Finding(
                f"every event of this type is `${name}`, and each is a detection",
                tests[0].span,
                help="add a test of what makes the event worth a look, or a threshold over a match window",
            )


def _is_decided_elsewhere(subject: Subject) -> bool:
    """Whether something other than tests of one event decides: another variable, a placeholder, a count, a result."""
    if len(subject.rule.variables) > 1 or any(
        isinstance(node, ex.Placeholder) for test in subject.clauses for node in ex.walk(test.node)
    ):
        return True
    return any(
        isinstance(node, ex.OutcomeVariable)
        or (isinstance(node, ex.Comparison) and isinstance(node.right, ex.Literal) and node.right.value != 0)
        for node in ex.walk(subject.rule.condition)
    )


def _no_source(subject: Subject) -> Iterator[Finding]:
    for name in _event_variables(subject):
        narrowing = [test for test in subject.clauses_of(name) if _narrows(test)]
        if not narrowing:
            continue  # `variable-without-filter` says more
        fields = {read.path.text for test in subject.clauses_of(name) for read in ex.fields(test.node)}
        if not fields & _SOURCES:
            yield Finding(
                f"nothing says which kind of event `${name}` is, so the tests run on every event",
                subject.rule.variables[name].span,
                help=f'add `${name}.metadata.event_type = "…"`, or the log type or product, as the first line',
            )


def _event_variables(subject: Subject) -> Iterator[str]:
    for name, variable in subject.rule.variables.items():
        if variable.source == "udm":
            yield name


def _narrows(test: Clause) -> bool:
    """Whether a test keeps few events: anything but presence, order in time, and `!=`."""
    found = against(test)
    if found is not None:
        if found.operator == "!=":
            return False
        return not (found.operator == "=" and is_zero(found.constant) and found.constant.value != "")
    return not isinstance(test.node, ex.Comparison) and not test.is_negated


def _join_below_or(subject: Subject) -> Iterator[Finding]:
    for predicate in subject.rule.predicates:
        for node in ex.walk(predicate):
            if not isinstance(node, ex.Or):
                continue
            joins = [item for item in node.items if _joins(item, subject)]
            if joins:
                yield Finding(
                    "a join below `or` cannot be looked up: every pair of events is tried",
                    node.span,
                    help="join by one placeholder, or write one rule for each side",
                )
                break


def _joins(item: ex.Expression, subject: Subject) -> bool:
    return (
        isinstance(item, ex.Comparison)
        and item.operator == "="
        and not isinstance(item.left, ex.Literal)
        and not isinstance(item.right, ex.Literal)
        and len({read.variable for read in ex.fields(item)} & set(_event_variables(subject))) > 1
    )


def _outside_keys(subject: Subject) -> Iterator[Finding]:
    names = list(_event_variables(subject))
    bindings = [binding for name in subject.rule.match_keys for binding in subject.bindings(name)]
    keyed = {binding.variable for binding in bindings}
    if len(names) < 2 or subject.written.match is None or not keyed:
        return
    values = {key_of(binding.value) for binding in bindings}
    for clause in subject.required:  # what equals the field of a key is the key
        node = clause.node
        if (
            isinstance(node, ex.Comparison)
            and node.operator == "="
            and values & {key_of(node.left), key_of(node.right)}
        ):
            keyed |= {read.variable for read in ex.fields(node)}
    for name in names:
        if name not in keyed and subject.rule.variables[name].source == "udm":
            yield Finding(
                f"no match key is defined by `${name}`: its events are joined first and grouped afterwards",
                subject.rule.variables[name].span,
                help=f"define a match key by a field of `${name}` as well, if the events have it in common",
            )


def _regex_first(subject: Subject) -> Iterator[Finding]:
    for name in _event_variables(subject):
        required = [t for t in subject.required if subject.variables_of(t.node) == {name}]
        required.sort(key=lambda test: test.span)
        patterns = [test for test in required if isinstance(test.node, ex.RegexMatch)]
        if not patterns:
            continue
        later = [test for test in required if _is_type_filter(test) and test.span > patterns[0].span]
        if later:
            yield Finding(
                f"this pattern stands before the filter `{subject.quoted(later[0].span)}`",
                patterns[0].span,
                help="filters are applied in the order of the text: put equalities of `metadata` first",
            )


def _is_type_filter(test: Clause) -> bool:
    found = against(test)
    return (
        found is not None
        and found.operator == "="
        and isinstance(found.value, ex.Field)
        and found.value.path.text in _SOURCES
    )


def _sliding_single(subject: Subject) -> Iterator[Finding]:
    window = subject.rule.window
    written = subject.written.match.window if subject.written.match else None
    if window is None or written is None or window.pivot is None or len(subject.rule.variables) > 1:
        return
    yield Finding(
        "a sliding window for one kind of event: each event opens a window of its own",
        written.span,
        help=f"use `over {written.duration.text}`; sliding windows are for what follows or precedes another event",
    )


def _long_choice(subject: Subject) -> Iterator[Finding]:
    most = subject.settings.most_literals
    for node in subject.events_nodes:
        if not isinstance(node, tree.Or) or len(node.items) <= most:
            continue
        sides = [ungrouped(item) for item in node.items]
        places = [
            subject.text(side.left.span)
            for side in sides
            if isinstance(side, tree.Comparison) and side.operator == "=" and isinstance(side.right, tree.StringLiteral)
        ]
        field = max(set(places), key=places.count) if places else ""
        if places.count(field) > most:
            yield Finding(
                f"`{field}` is compared with {places.count(field)} constants",
                node.span,
                help="keep them in a data table, which can be changed without the rule: `in %table.column`",
            )


def _many_operators(subject: Subject) -> Iterator[Finding]:
    nodes = (*subject.events_nodes, *subject.condition_nodes)
    count = sum(len(node.items) - 1 for node in nodes if isinstance(node, tree.And | tree.Or))
    if count > _MOST_OPERATORS:
        yield Finding(
            f"the rule has {count} `and` and `or` operators",
            subject.written.name_span,
            help=f"the service refuses rules with too many, and searches with more than {_MOST_OPERATORS}: use a list, "
            "a data table or one pattern with alternatives",
        )


LINTS = (
    Lint(
        "W539",
        "variable-outside-keys",
        "note",
        "cost",
        "Event variable that defines no match key",
        "Events that share a match key are found together. A variable that is tied to the others by something else is "
        "joined with all of their events before anything is grouped. Often both events have the key in common, and a "
        "second definition of it says so.",
        """
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.target.user.userid = $user
    $login.network.session_id = $session
    $read.metadata.event_type = "RESOURCE_READ"
    $read.network.session_id = $session
    $session != ""
    $login.metadata.event_timestamp.seconds < $read.metadata.event_timestamp.seconds
  match:
    $user over 1h
  condition:
    $login and $read
""",
        """
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.target.user.userid = $user
    $login.network.session_id = $session
    $read.metadata.event_type = "RESOURCE_READ"
    $read.principal.user.userid = $user
    $read.network.session_id = $session
    $session != ""
    $login.metadata.event_timestamp.seconds < $read.metadata.event_timestamp.seconds
  match:
    $user over 1h
  condition:
    $login and $read
""",
        _outside_keys,
    ),
    Lint(
        "W543",
        "variable-without-filter",
        "warning",
        "cost",
        "Event variable that any event can be",
        "A variable without a test of its own ranges over every event; only the join narrows it. That is dear, and "
        "events of kinds that nobody thought of join as well.",
        """
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.target.user.userid = $user
    $other.principal.user.userid = $user
    $login.metadata.event_timestamp.seconds < $other.metadata.event_timestamp.seconds
  match:
    $user over 10m
  condition:
    $login and $other
""",
        """
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.target.user.userid = $user
    $other.metadata.event_type = "RESOURCE_DELETION"
    $other.principal.user.userid = $user
    $login.metadata.event_timestamp.seconds < $other.metadata.event_timestamp.seconds
  match:
    $user over 10m
  condition:
    $login and $other
""",
        _without_filter,
    ),
    Lint(
        "W544",
        "every-event-of-a-type",
        "warning",
        "cost",
        "Rule that fires on every event of a type",
        "The event type alone does not tell what is wrong with an event. Such a rule fires for each, and the service "
        "stops at 10,000 detections a day.",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.target.port = 4444
  condition:
    $e
""",
        _only_event_type,
    ),
    Lint(
        "W545",
        "no-event-type",
        "note",
        "cost",
        "No test of what kind of event it is",
        "Without a test of the event type, log type or product, the other tests run on every event of the tenant, and "
        "match events of kinds that nobody thought of. The reference advises such a filter as the first line.",
        """
  events:
    re.regex($e.target.process.command_line, `mimi(katz|lib)`) nocase
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    re.regex($e.target.process.command_line, `mimi(katz|lib)`) nocase
  condition:
    $e
""",
        _no_source,
    ),
    Lint(
        "W546",
        "join-below-or",
        "warning",
        "cost",
        "Join below `or`",
        "Variables that are joined by one of several equalities are joined slowly: none of the equalities can be "
        "looked up, and each pair of events is tried.",
        """
  events:
    $a.metadata.event_type = "USER_LOGIN"
    $a.target.user.userid != ""
    $a.principal.hostname = $host
    $b.metadata.event_type = "FILE_CREATION"
    $b.principal.hostname = $host
    ($a.target.user.userid = $b.principal.user.userid or $a.target.user.userid = $b.target.user.userid)
    $a.metadata.event_timestamp.seconds < $b.metadata.event_timestamp.seconds
  match:
    $host over 10m
  condition:
    $a and $b
""",
        """
  events:
    $a.metadata.event_type = "USER_LOGIN"
    $a.target.user.userid != ""
    $a.principal.hostname = $host
    $b.metadata.event_type = "FILE_CREATION"
    $b.principal.hostname = $host
    $a.target.user.userid = $b.principal.user.userid
    $a.metadata.event_timestamp.seconds < $b.metadata.event_timestamp.seconds
  match:
    $host over 10m
  condition:
    $a and $b
""",
        _join_below_or,
    ),
    Lint(
        "W547",
        "pattern-before-filter",
        "note",
        "cost",
        "Pattern before an equality",
        "The service applies filters in the order in which they are written. Equalities of `metadata` cost little and "
        "leave few events; patterns belong behind them.",
        """
  events:
    re.regex($e.target.process.command_line, `mimi(katz|lib)`) nocase
    $e.metadata.event_type = "PROCESS_LAUNCH"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    re.regex($e.target.process.command_line, `mimi(katz|lib)`) nocase
  condition:
    $e
""",
        _regex_first,
    ),
    Lint(
        "W548",
        "sliding-for-one-event",
        "warning",
        "cost",
        "Sliding window over one kind of event",
        "A sliding window opens at each event of its pivot. With one event variable that is a window per event; the "
        "reference advises against it.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.security_result.action = "BLOCK"
    $e.target.user.userid = $user
  match:
    $user over 10m after $e
  condition:
    #e > 9
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.security_result.action = "BLOCK"
    $e.target.user.userid = $user
  match:
    $user over 10m
  condition:
    #e > 9
""",
        _sliding_single,
    ),
    Lint(
        "W549",
        "long-list-of-constants",
        "note",
        "cost",
        "Long list of constants in the rule",
        "One field is compared with many constants. A data table holds such a list outside the rule, and one test "
        "replaces them all; the configuration says how long is long (`most-literals`).",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    ("""
        + " or ".join(f'$e.target.process.file.sha1 = "{n:040d}"' for n in range(21))
        + """)
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.target.process.file.sha1 in %bad_hashes.sha1
  condition:
    $e
""",
        _long_choice,
    ),
    Lint(
        "W550",
        "many-operators",
        "note",
        "cost",
        "Very many `and` and `or`",
        "The service refuses rules with too many logical operators; for searches the documented limit is 169. Lists, "
        "data tables and patterns with alternatives need one test each.",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    ("""
        + " or ".join(f'strings.contains($e.target.process.command_line, "-{n}")' for n in range(171))
        + """)
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    $e.target.process.command_line in regex %options.pattern
  condition:
    $e
""",
        _many_operators,
    ),
)
