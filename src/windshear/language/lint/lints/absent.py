"""Absent fields: they read as zero, which joins and negations do not expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from windshear.language import expressions as ex
from windshear.language.diagnostics.diagnostic import Label
from windshear.language.lint.clauses import Clause, against, is_zero
from windshear.language.lint.lint import Finding, Lint
from windshear.language.lint.presence import excludes_zero, is_always_there, key_of
from windshear.language.lint.subject import Subject
from windshear.language.patterns import finds
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.types import Kind


def _negated_pattern(subject: Subject) -> Iterator[Finding]:
    present = excludes_zero(subject)
    for test in subject.clauses:
        node = test.node
        if not isinstance(node, ex.RegexMatch) or not test.is_negated or not test.is_required:
            continue
        read = node.value
        if not isinstance(read, ex.Field) or read.quantifier or read.path.is_repeated or is_always_there(read):
            continue
        if key_of(read) in present or finds(node.pattern, "", is_nocase=node.is_nocase):
            continue
        written = subject.quoted(read.span)
        yield Finding(
            f"this also holds for events without `{written}`",
            test.span,
            help=f'add `{written} != ""` if the field must be there',
        )


def _zero_join(subject: Subject) -> Iterator[Finding]:
    present = excludes_zero(subject)
    keys = set(subject.rule.match_keys)  # filtered, or told as `unfiltered-match-key`
    for name, definition in subject.rule.placeholders.items():
        bindings = definition.bindings
        if len({binding.variable for binding in bindings}) < 2 or name in keys or f"${name}" in present:
            continue
        if any(is_always_there(b.value) or key_of(b.value) in present for b in bindings):
            continue
        yield Finding(
            f"`${name}` also joins events that all lack the field: absent equals absent",
            bindings[-1].value.span,
            help=f"add `${name} != {_zero(bindings[0].value)}`",
            labels=(Label(bindings[0].value.span, "joined with this"),),
        )
    yield from _equalities(subject.required, subject, is_join=True)


def _same_event(subject: Subject) -> Iterator[Finding]:
    yield from _equalities(subject.clauses, subject, is_join=False)


def _equalities(tests: Iterable[Clause], subject: Subject, *, is_join: bool) -> Iterator[Finding]:
    present = excludes_zero(subject)
    for test in tests:
        node = test.node
        if not isinstance(node, ex.Comparison) or (node.operator == "=") == test.is_negated:
            continue
        if _equates(node, subject, is_join=is_join) and not _is_present(node, present):
            yield _absent_equals_absent(node.left, test.span, subject)


def _equates(node: ex.Comparison, subject: Subject, *, is_join: bool) -> bool:
    if node.operator not in ("=", "!=") or not isinstance(node.left, ex.Field) or not isinstance(node.right, ex.Field):
        return False
    if node.left.type.kind is Kind.BOOL or any(subject.rule.variables[v].source == "table" for v in _names(node)):
        return False
    return (node.left.variable != node.right.variable) == is_join


def _names(node: ex.Comparison) -> set[str]:
    return {read.variable for read in ex.fields(node)}


def _is_present(node: ex.Comparison, present: frozenset[str]) -> bool:
    return any(is_always_there(side) or key_of(side) in present for side in (node.left, node.right))


def _absent_equals_absent(left: ex.Expression, span: Span, subject: Subject) -> Finding:
    return Finding(
        "this also holds if both fields are absent: absent equals absent",
        span,
        help=f"add `{subject.quoted(left.span)} != {_zero(left)}`",
    )


def _zero(value: ex.Expression) -> str:
    zero = value.type.zero
    return f'"{zero}"' if isinstance(zero, str) else str(zero).lower()


def _unfiltered_key(subject: Subject) -> Iterator[Finding]:
    if subject.rule.options.get("allow_zero_values"):
        return
    present = excludes_zero(subject)
    for name in subject.rule.match_keys:
        if name in subject.rule.zero_filtered_keys or f"${name}" in present:
            continue
        values = [binding.value for binding in subject.bindings(name)]
        if not values or any(key_of(value) in present for value in values) or values[0].type.kind is Kind.BOOL:
            continue
        if any(isinstance(v, ex.If) or _is_never_zero(v) for v in values):
            continue
        yield Finding(
            f"events for which `${name}` is {_zero(values[0])} form a group of their own",
            values[0].span,
            help=f"add `${name} != {_zero(values[0])}`: keys from functions are not filtered as fields are",
        )


def _is_never_zero(value: ex.Expression) -> bool:
    """Whether a call gives something even for absent fields: a constant is among what it joins or falls back to."""
    return (
        isinstance(value, ex.Call)
        and value.function in ("strings.concat", "strings.coalesce", "timestamp.get_date", "timestamp.get_timestamp")
        and (
            value.function.startswith("timestamp.")
            or any(isinstance(argument, ex.Literal) and not is_zero(argument) for argument in value.arguments)
        )
    )


def _counts_empty(subject: Subject) -> Iterator[Finding]:
    corrected = {
        (node.left.span.start, node.left.span.end)
        for node in subject.values
        if isinstance(node, ex.Arithmetic) and node.operator == "-"
    }
    for node in subject.values:
        if not isinstance(node, ex.Aggregate) or node.function != "count_distinct":
            continue
        choice = node.argument
        if not isinstance(choice, ex.If) or not isinstance(choice.otherwise, ex.Literal):
            continue
        if is_zero(choice.otherwise) and (node.span.start, node.span.end) not in corrected:
            yield Finding(
                f"rows that fail the test count as one more value: {_zero(choice.otherwise)}",
                node.span,
                help="a value that stands for nothing is counted, too; subtract 1 if some row may fail",
            )


def _or_with_absence(subject: Subject) -> Iterator[Finding]:
    optional = set(subject.rule.variables) - subject.rule.bounded
    absent = {node.name for node in ex.walk(subject.rule.condition) if isinstance(node, ex.VariableCount)} & optional
    if not absent or subject.rule.is_alternative:
        return
    for predicate in subject.rule.predicates:
        for node in ex.walk(predicate):
            if isinstance(node, ex.Or) and _mixes(node, absent, subject):
                names = " and ".join(f"`${name}`" for name in sorted(subject.variables_of(node)))
                yield Finding(
                    f"`or` between tests of {names}, of which one may be absent",
                    node.span,
                    help="an absent event passes tests for zero values; write one rule for each side",
                )
                break


def _mixes(node: ex.Or, absent: set[str], subject: Subject) -> bool:
    sides = [subject.variables_of(item) for item in node.items]
    return len(frozenset().union(*sides)) > 1 and bool(frozenset().union(*sides) & absent)


_NULL_WORDS = frozenset({"null", "(null)", "none", "nil", "undefined"})


def _null_text(subject: Subject) -> Iterator[Finding]:
    for test in subject.clauses:
        found = against(test)
        if found is None or found.operator != "!=" or not isinstance(found.value, ex.Field):
            continue
        if isinstance(found.constant.value, str) and found.constant.value.lower() in _NULL_WORDS:
            yield Finding(
                f'an absent field reads as `""`, not as `"{found.constant.value}"`: this does not ask for presence',
                test.span,
                help=f'write `{subject.quoted(found.value.span)} != ""` to ask whether it is there',
            )


def _suppression(subject: Subject) -> Iterator[Finding]:
    if "suppression_window" not in subject.rule.options or subject.rule.is_multi_event:
        return
    if any(outcome.name == "suppression_key" for outcome in subject.rule.outcomes):
        return
    entries = subject.written.options.entries if subject.written.options else ()
    option: tree.Option | None = next((entry for entry in entries if entry.name == "suppression_window"), None)
    if option is not None:
        yield Finding(
            "one detection suppresses those of everybody else: the rule has no `$suppression_key`",
            option.span,
            help="add an outcome variable such as `$suppression_key = $e.principal.hostname`",
        )


LINTS = (
    Lint(
        "W503",
        "negated-regex-on-absent",
        "note",
        "correctness",
        "Negated pattern on a field that may be absent",
        "An absent field reads as the empty text, which most patterns do not match; so the negation of a pattern holds "
        "for every event that lacks the field. Often that is wanted for an exclusion; if the field is what the rule is "
        "about, ask for its presence as well.",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    not re.regex($e.principal.process.file.full_path, `\\\\explorer\\.exe$`) nocase
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    $e.principal.process.file.full_path != ""
    not re.regex($e.principal.process.file.full_path, `\\\\explorer\\.exe$`) nocase
  condition:
    $e
""",
        _negated_pattern,
    ),
    Lint(
        "W504",
        "zero-value-join",
        "warning",
        "correctness",
        "Join on a field that may be absent",
        "Absent fields read as zero, and zero equals zero: events that all lack the field are joined with each other, "
        "often in great numbers. Only keys of the match section are filtered by themselves; exclude the zero value of "
        "other joins, which also makes the rule cheaper.",
        """
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.target.user.userid = $user
    $login.network.session_id = $session
    $read.metadata.event_type = "RESOURCE_READ"
    $read.principal.user.userid = $user
    $read.network.session_id = $session
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
        _zero_join,
    ),
    Lint(
        "W505",
        "absent-equals-absent",
        "warning",
        "correctness",
        "Equality of two fields of one event that may both be absent",
        "Absent fields read as zero, and zero equals zero: the comparison also holds for every event that has neither "
        "field. Exclude the zero value of one of them.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.principal.user.userid = $e.target.user.userid
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.principal.user.userid != ""
    $e.principal.user.userid = $e.target.user.userid
  condition:
    $e
""",
        _same_event,
    ),
    Lint(
        "W506",
        "unfiltered-match-key",
        "warning",
        "correctness",
        "Match key from a function, which may be empty",
        "The zero value of a match key is left out by itself only if the key is bound to a field. A key that is the "
        "result of a function has no such filter, so events without a value form a group and may become a detection.",
        """
  events:
    $e.metadata.event_type = "NETWORK_DNS"
    $domain = strings.extract_domain($e.target.hostname)
  match:
    $domain over 10m
  condition:
    #e > 9
""",
        """
  events:
    $e.metadata.event_type = "NETWORK_DNS"
    $domain = strings.extract_domain($e.target.hostname)
    $domain != ""
  match:
    $domain over 10m
  condition:
    #e > 9
""",
        _unfiltered_key,
    ),
    Lint(
        "W507",
        "count-distinct-counts-empty",
        "warning",
        "correctness",
        "Distinct count over `if`, which counts the else as a value",
        '`count_distinct` counts the empty text and 0 as values. `count_distinct(if(test, x, ""))` is therefore one '
        "too high as soon as one row fails the test.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $refused_from = count_distinct(if($e.security_result.action = "BLOCK", $e.principal.hostname, ""))
  condition:
    $e and $refused_from > 5
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $refused_from = count_distinct(if($e.security_result.action = "BLOCK", $e.principal.hostname, "")) - 1
  condition:
    $e and $refused_from > 5
""",
        _counts_empty,
    ),
    Lint(
        "W508",
        "or-with-absence",
        "warning",
        "correctness",
        "`or` between variables of which one may be absent",
        "Where the condition lets an event be absent, its fields read as zero. An `or` that mixes tests of that event "
        "with tests of another one then holds for reasons that nobody meant, and wrong detections follow. The "
        "reference advises to split such a rule.",
        """
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.target.user.userid = $user
    $logout.metadata.event_type = "USER_LOGOUT"
    $logout.target.user.userid = $user
    not ($login.network.session_id = "s1" or $logout.network.session_id = "s1")
  match:
    $user over 1h after $login
  condition:
    $login and #logout >= 0
""",
        """
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.target.user.userid = $user
    $login.network.session_id != "s1"
    $logout.metadata.event_type = "USER_LOGOUT"
    $logout.target.user.userid = $user
    $logout.network.session_id != "s1"
  match:
    $user over 1h after $login
  condition:
    $login and #logout >= 0
""",
        _or_with_absence,
    ),
    Lint(
        "W509",
        "null-as-text",
        "note",
        "correctness",
        "Comparison with the word null",
        'There is no null in rules: an absent field reads as `""`. Comparing with the word `"null"` asks for those '
        "letters, which few products write.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.network.http.user_agent != "null"
  condition:
    $e
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.network.http.user_agent != ""
  condition:
    $e
""",
        _null_text,
    ),
    Lint(
        "W510",
        "global-suppression",
        "warning",
        "correctness",
        "Suppression without a key",
        "In a single-event rule `suppression_window` works per value of the outcome variable `$suppression_key`. "
        "Without that variable there is one key for everybody: the first detection suppresses those of all others.",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
  outcome:
    $host = $e.target.hostname
  condition:
    $e
  options:
    suppression_window = 1h
""",
        """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
  outcome:
    $suppression_key = $e.target.hostname
  condition:
    $e
  options:
    suppression_window = 1h
""",
        _suppression,
    ),
)
