"""What a rule has become once it is checked."""

from __future__ import annotations

import pytest

from tests.language.check.rules import checked, codes, rule_text
from windshear.language import expressions as ex
from windshear.language.check.checker import Mode
from windshear.language.rule import CheckedRule, MatchWindow
from windshear.language.types import BOOL, BYTES, FLOAT, INT, STRING, UINT, Kind

_LOGIN = '$e.metadata.event_type = "USER_LOGIN"'
_PAIR = "$a.principal.hostname = $h; $b.principal.hostname = $h"


def _predicate(events: str) -> ex.Expression:
    (item,) = checked(rule_text(events)).predicates
    return item


def _outcome(value: str, **sections: str) -> ex.Expression:
    rule = checked(rule_text(sections.pop("events", _LOGIN), outcome=f"$x = {value}", **sections))
    return rule.outcomes[-1].value


def test_enum_literal_has_the_type_of_the_field() -> None:
    """A member name is a literal of the enumeration, and so is its zero."""
    item = _predicate(_LOGIN)
    assert isinstance(item, ex.Comparison)
    assert isinstance(item.right, ex.Literal)
    assert item.left.type == item.right.type
    assert (item.right.type.kind, item.right.type.enum) == (Kind.ENUM, "Metadata.EventType")
    assert item.right.type.zero == "EVENTTYPE_UNSPECIFIED"


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ("$e.target.port = 443", INT),
        ("443 = $e.target.port", INT),
        ("$e.network.sent_bytes > 1000", UINT),
        ("$e.security_result.risk_score > 50", FLOAT),
        ('$e.principal.hostname = "ws1"', STRING),
    ],
)
def test_number_literal_takes_the_type_of_the_other_side(events: str, kind: object) -> None:
    """An integer literal becomes a float or unsigned where it is compared with one."""
    item = _predicate(events)
    assert isinstance(item, ex.Comparison)
    assert item.left.type == item.right.type == kind


def test_pattern_tests_have_one_form() -> None:
    """A comparison with a pattern and a call of `re.regex` are the same test; `!=` is its negation."""
    forms = [
        _predicate("$e.target.url = /a+/ nocase"),
        _predicate("re.regex($e.target.url, `a+`) nocase"),
        _predicate("re.regex($e.target.url, /a+/) nocase"),
    ]
    for form in forms:
        assert isinstance(form, ex.RegexMatch)
        assert (form.pattern, form.is_nocase) == ("a+", True)
    negated = _predicate("$e.target.url != /a+/")
    assert isinstance(negated, ex.Not)
    assert isinstance(negated.operand, ex.RegexMatch)


def test_boolean_field_is_compared_with_true() -> None:
    """A bare boolean field is a test that it is true."""
    item = _predicate("$e.network.tls.established")
    assert isinstance(item, ex.Comparison)
    assert item.left.type == BOOL
    assert isinstance(item.right, ex.Literal)
    assert item.right.value is True


def test_paths_know_how_they_are_read() -> None:
    """Plain, quantified, indexed, keyed and whole-list reads are told apart."""
    plain = _field('$e.security_result.action = "BLOCK"')
    assert plain.path.prefixes == ("security_result", "security_result.action")
    quantified = _field('any $e.principal.ip = "192.0.2.1"')
    assert (quantified.quantifier, quantified.path.is_repeated) == ("any", True)
    indexed = _field('$e.principal.ip[1] = "192.0.2.1"')
    assert (indexed.path.is_indexed, indexed.path.is_repeated, indexed.path.text) == (True, False, "principal.ip[1]")
    keyed = _field('$e.additional.fields["k"] = "v"')
    assert (keyed.path.is_map, keyed.type) == (True, STRING)
    whole = _field("arrays.length($e.principal.ip) > 1")
    assert (whole.is_whole_list, whole.type) == (True, STRING.list_of)


def test_leading_udm_is_the_same_path() -> None:
    """`$e.udm.principal` and `$e.principal` are one path."""
    assert _field('$e.udm.principal.hostname = "x"').path == _field('$e.principal.hostname = "x"').path


def _field(events: str) -> ex.Field:
    return next(ex.fields(_predicate(events)))


def test_bindings_leave_the_predicates() -> None:
    """Equalities that define a placeholder, also in parentheses, become bindings."""
    events = "($a.principal.hostname = $h and $a.target.port = 80); $h = strings.to_lower($b.target.hostname)"
    rule = checked(rule_text(events, match="$h over 10m", condition="$a and $b"))
    definition = rule.placeholders["h"]
    assert [binding.variable for binding in definition.bindings] == ["a", "b"]
    assert isinstance(definition.bindings[1].value, ex.Call)
    assert definition.alternatives == ()
    assert (definition.type, len(rule.predicates)) == (STRING, 1)


def test_bindings_below_or_are_alternatives() -> None:
    """A placeholder that only an `or` defines keeps the predicate and lists the alternatives."""
    rule = checked(rule_text("($e.principal.ip = $ip or $e.target.ip = $ip)", match="$ip over 5m"))
    definition = rule.placeholders["ip"]
    assert definition.bindings == ()
    assert [field.path.text for b in definition.alternatives for field in ex.fields(b.value)] == [
        "principal.ip",
        "target.ip",
    ]
    assert len(rule.predicates) == 1
    assert isinstance(rule.predicates[0], ex.Or)


def test_test_of_a_bound_placeholder_stays_a_predicate() -> None:
    """An equality with a constant tests a placeholder that is bound elsewhere."""
    rule = checked(rule_text('$e.metadata.event_type = $t; $t = "USER_LOGIN"; $t != "USER_LOGOUT"', match="$t over 5m"))
    assert len(rule.predicates) == 2
    first = rule.predicates[0]
    assert isinstance(first, ex.Comparison)
    assert first.left.type.kind is first.right.type.kind is Kind.ENUM


def test_placeholder_of_an_enum_and_a_string_is_a_string() -> None:
    """Where enumerated values meet text, the placeholder holds names."""
    rule = checked(rule_text("$e.metadata.event_type = $t; $e.principal.hostname = $t", match="$t over 5m"))
    assert rule.placeholders["t"].type == STRING


def test_direct_equality_is_a_join() -> None:
    """Fields of two variables, or functions of them, may be equated without a placeholder."""
    events = "$a.principal.hostname = $h; strings.to_lower($a.target.hostname) = $b.target.hostname"
    rule = checked(rule_text(events, match="$h over 10m", condition="$a and $b"))
    assert len(rule.predicates) == 1


def test_equalities_below_or_join() -> None:
    """An `or` of equalities joins, too."""
    events = "$a.principal.hostname = $h; ($a.target.ip = $b.target.ip or $a.target.port = $b.target.port)"
    assert codes(rule_text(events, match="$h over 10m", condition="$a and $b")) == ["self-pair"]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("over 10m", MatchWindow("hop", 600, None)),
        ("by 1h", MatchWindow("tumbling", 3600, None)),
        ("over every 1d", MatchWindow("tumbling", 86400, None)),
        ("over 5m after $e", MatchWindow("sliding_after", 300, "e")),
        ("over 5m before $e", MatchWindow("sliding_before", 300, "e")),
    ],
)
def test_window(window: str, expected: MatchWindow) -> None:
    """Each kind of window arrives with its length in seconds and its pivot."""
    assert checked(rule_text("$e.principal.hostname = $h", match=f"$h {window}")).window == expected


@pytest.mark.parametrize(
    ("events", "options", "expected"),
    [
        ("$e.principal.hostname = $h", "", ("h",)),
        ("$e.principal.hostname = $h", "allow_zero_values = true", ()),
        ("$e.principal.hostname = $h", "allow_zero_values = false", ("h",)),
        ("$h = strings.to_lower($e.principal.hostname)", "", ()),
        ('$h = if($e.target.port = 1, "a", "b")', "", ()),
    ],
)
def test_zero_filter(events: str, options: str, expected: tuple[str, ...]) -> None:
    """Match keys bound to fields must not be zero, unless the option or a function says otherwise."""
    assert checked(rule_text(events, match="$h over 10m", options=options)).zero_filtered_keys == expected


def _condition(
    condition: str, *, outcome: str = "$n = count($a.metadata.id)", match: str = "$h over 10m"
) -> CheckedRule:
    events = _PAIR + "; $b.target.file.full_path = $f; $a.metadata.id != $b.metadata.id"
    return checked(rule_text(events, match=match, outcome=outcome, condition=condition))


@pytest.mark.parametrize(
    ("condition", "bounded"),
    [
        ("$a and $b", {"a", "b"}),
        ("$a and !$b", {"a"}),
        ("$a and #b < 3", {"a"}),
        ("$a and #b >= 0", {"a"}),
        ("$a and #b != 0", {"a", "b"}),
        ("$a and #b = 2", {"a", "b"}),
        ("$a and 2 <= #b", {"a", "b"}),
        ("$a and #f > 1", {"a", "b"}),
        ("$a or $b", set()),
        ("any of [$a, $b]", set()),
        ("all of [$a, $b]", {"a", "b"}),
        ("2 of [$a, #b > 3, $b]", {"b"}),
        ("$a and $b and ($n > 5 or $n = 1)", {"a", "b"}),
    ],
)
def test_bounded_variables(condition: str, bounded: set[str]) -> None:
    """What a condition requires to be present follows from its counts, directly or through placeholders."""
    assert _condition(condition).bounded == bounded


def test_the_only_variable_is_bounded() -> None:
    """Groups come from the rows of the one variable, whatever the condition asks for besides."""
    rule = checked(rule_text("$e.principal.hostname = $h", match="$h over 5m", condition="#e > 3 or #e = 1"))
    assert rule.bounded == {"e"}


def test_existence_is_a_count() -> None:
    """`$e` asks for more than 0 events, `!$e` for 0, and `any of` is an `or`."""
    rule = _condition("$a and !$b")
    assert isinstance(rule.condition, ex.And)
    first, second = rule.condition.items
    assert isinstance(first, ex.Comparison)
    assert isinstance(second, ex.Comparison)
    assert (first.operator, second.operator) == (">", "=")
    assert isinstance(first.left, ex.VariableCount)
    assert first.left.counts == "events"


def test_counts_stand_on_the_left() -> None:
    """`3 < #e` has become `#e > 3`."""
    condition = checked(
        rule_text(_LOGIN + "; $e.principal.hostname = $h", match="$h over 5m", condition="3 < #e")
    ).condition
    assert isinstance(condition, ex.Comparison)
    assert isinstance(condition.left, ex.VariableCount)
    assert condition.operator == ">"


def test_placeholder_in_condition_counts_values() -> None:
    """A placeholder stands for the number of its distinct values."""
    (count,) = [
        n for n in ex.walk(_condition("$a and $f").condition) if isinstance(n, ex.VariableCount) and n.name == "f"
    ]
    assert count.counts == "values"


def test_alternative_rule() -> None:
    """`or` between two event variables makes an alternative rule; `or` on one variable does not."""
    assert _condition("$a or $b").is_alternative
    assert not _condition("$a and $b and (#b > 3 or #b = 1)").is_alternative
    assert not _condition("$a and $b and ($n > 5 or $n = 1)").is_alternative


@pytest.mark.parametrize(
    ("match", "condition", "expected"),
    [
        ("", "$e", False),
        ("$h over 5m", "$e", False),
        ("$h over 5m", "#e > 0", False),
        ("$h over 5m", "1 <= #e", False),
        ("$h over 5m", "#e > 1", True),
        ("$h over 5m", "$e and $n > 3", True),
    ],
)
def test_class_of_a_rule(match: str, condition: str, *, expected: bool) -> None:
    """A rule is multi-event unless the existence of one event is all that it asks for."""
    text = rule_text(
        "$e.principal.hostname = $h", match=match, outcome="$n = count($e.metadata.id)", condition=condition
    )
    assert checked(text).is_multi_event is expected


def test_entity_and_detection_variables() -> None:
    """The first word of a path says what a variable ranges over."""
    events = (
        '$e.principal.user.userid = $u; $g.graph.entity.user.userid = $u; $d.detection.detection.outcomes["u"] = $u'
    )
    rule = checked(rule_text(events, match="$u over 1h", condition="$e and $g and $d"))
    assert {name: variable.source for name, variable in rule.variables.items()} == {
        "e": "udm",
        "g": "graph",
        "d": "detection",
    }
    assert rule.is_multi_event


def test_independent_variables_become_branches() -> None:
    """In compat mode `or` between unrelated variables without a match section is one rule per variable."""
    text = rule_text(
        '$a.principal.hostname = "x"; $b.target.port = 1; $c.target.port = $p', condition="$a or ($b or #c > 0)"
    )
    rule = checked(text)
    assert rule.branches == ("a", "b", "c")
    assert not rule.is_multi_event
    assert codes(text) == ["independent-branches"]
    assert codes(text, Mode.STRICT) == ["several-events-without-match"]


@pytest.mark.parametrize(
    ("events", "condition"),
    [
        ('$a.principal.hostname = "x"; $b.target.port = 1', "$a and $b"),
        ('$a.principal.hostname = "x"; $b.target.port = 1', "$a or #b > 2"),
        ("$a.principal.hostname = $h; $b.principal.hostname = $h", "$a or $b"),
        ("$a.principal.hostname = $b.principal.hostname", "$a or $b"),
        ('$a.principal.hostname = "x"; $b.target.port = 1; $c.target.port = 2', "$a or $b"),
    ],
)
def test_dependent_variables_are_no_branches(events: str, condition: str) -> None:
    """Joined variables, counts, `and` and missing variables need a match section in every mode."""
    assert codes(rule_text(events, condition=condition))[0] == "several-events-without-match"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("max($e.target.port)", INT),
        ("sum($e.network.sent_bytes)", UINT),
        ("avg($e.target.port)", FLOAT),
        ("count($e.metadata.id)", INT),
        ("array_distinct($e.target.port)", INT.list_of),
        ("array($e.target.hostname)", STRING.list_of),
        ("max(if($e.target.port = 1, 10) + if($e.target.port = 2, 20, 0))", INT),
        ("max(if($e.target.port = 1, 0.5))", FLOAT),
        ("max($e.target.port) / 2", FLOAT),
        ("max($e.target.port) - min($e.target.port)", INT),
        ("max($e.network.sent_bytes) - max($e.network.received_bytes)", UINT),
        ('if(max($e.target.port) > 3, "a", "b")', STRING),
        ("arrays.index_to_str(array($e.target.hostname), 0)", STRING),
        ("math.abs(max($e.target.port) - 1)", INT),
        ("window_end - window_start", INT),
        ("35", INT),
        ("max(if($e.target.port = 1, $e.target.port, $e.network.sent_bytes))", INT),
    ],
)
def test_type_of_an_outcome(value: str, kind: object) -> None:
    """Aggregates, arithmetic and choices have the type that the reference gives them."""
    found = _outcome(value, events="$e.principal.hostname = $h", match="$h over 5m")
    assert found.type == kind


def test_missing_else_is_zero() -> None:
    """An `if` without a third value gives 0 of the type of the second."""
    found = _outcome("if($e.target.port = 1, 10)")
    assert isinstance(found, ex.If)
    assert isinstance(found.otherwise, ex.Literal)
    assert (found.otherwise.value, found.otherwise.type) == (0, INT)


def test_bare_placeholder_of_a_repeated_field_gives_all_values() -> None:
    """In compat mode the outcome gets the list that an aggregate would give."""
    rule = checked(rule_text("$e.principal.ip = $ip", outcome="$x = $ip"))
    value = rule.outcomes[0].value
    assert isinstance(value, ex.Aggregate)
    assert (value.function, value.type) == ("array_distinct", STRING.list_of)


def test_options_and_meta() -> None:
    """Options are plain values, durations in seconds; of a doubled meta key the first value counts."""
    rule = checked(rule_text(_LOGIN, options="suppression_window = 1h", meta='a = "1"; b = "2"; a = "3"'))
    assert rule.options == {"suppression_window": 3600}
    assert rule.meta_values == {"a": "1", "b": "2"}


def test_list_tests() -> None:
    """Lists and columns of tables are memberships of their kind."""
    tests = checked(
        rule_text(
            "$e.target.ip in cidr %nets; not $e.target.url in regex %urls nocase; $e.target.user.userid in %t.user"
        )
    ).predicates
    cidr, negated, column = tests
    assert isinstance(cidr, ex.Membership)
    assert (cidr.kind, cidr.list_name, cidr.column) == ("cidr", "nets", None)
    assert isinstance(negated, ex.Not)
    assert isinstance(negated.operand, ex.Membership)
    assert (negated.operand.kind, negated.operand.is_nocase) == ("regex", True)
    assert isinstance(column, ex.Membership)
    assert (column.kind, column.list_name, column.column) == ("string", "t", "user")


def test_window_bound_is_compared_with_a_time() -> None:
    """A time string beside a window bound has become seconds."""
    condition = _condition('$a and $b and window_start > "2025-01-01T00:00:00Z"').condition
    (literal,) = [n for n in ex.walk(condition) if isinstance(n, ex.Literal) and n.value != 0]
    assert literal.value == 1735689600


def test_text_is_the_rule_alone() -> None:
    """The text of a rule leaves out what stands around it."""
    text = rule_text(_LOGIN)
    assert checked("// before\n" + text + "// after\n").text == text.rstrip("\n")


def test_number_bindings_unite_to_a_float() -> None:
    """A placeholder bound to an integer and a float holds floats."""
    rule = checked(rule_text("$e.target.port = $p; $e.security_result.risk_score = $p", match="$p over 5m"))
    assert rule.placeholders["p"].type == FLOAT


def test_bytes_are_compared_with_text() -> None:
    """A literal beside a field of type bytes is of that type."""
    item = _predicate('$e.metadata.id != ""')
    assert isinstance(item, ex.Comparison)
    assert item.left.type == item.right.type == BYTES


def test_pattern_may_stand_on_the_left() -> None:
    """The sides of a comparison with a pattern can be swapped."""
    item = _predicate("(/a+/ = $e.target.url)")
    assert isinstance(item, ex.RegexMatch)
    assert item.pattern == "a+"


@pytest.mark.parametrize(
    ("bound", "seconds"),
    [
        ('"1970-01-01 00:00:10" < window_start', 10),
        ('window_end < "1969-12-31T23:59:00Z"', -60),
        ("window_end > 5", 5),
    ],
)
def test_window_bounds_are_integer_seconds(bound: str, seconds: int) -> None:
    """A time string on either side of a window bound, or a number, is a number of seconds."""
    condition = _condition(f"$a and $b and {bound}").condition
    assert seconds in [n.value for n in ex.walk(condition) if isinstance(n, ex.Literal)]


def test_text_beside_a_window_bound_must_be_a_time() -> None:
    """Any other text is compared with a number in vain."""
    text = rule_text("$e.principal.hostname = $h", match="$h over 5m", condition='$e and window_start > "noon"')
    assert codes(text) == ["type-mismatch"]
