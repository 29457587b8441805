"""The parser: whole rules, recovery, and that nothing makes it raise."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.syntax.shapes import shape
from tests.language.syntax.soup import mutated_rules, token_soup
from windshear.language.source import Source
from windshear.language.syntax import tree
from windshear.language.syntax.parser import ParseResult, parse

WHOLE = """
rule whole {
  meta:
    author = "us"
    rule = "a \\"name\\""
  setup:
    graph_override($g.graph.entity.hostname = %t.host
      $g.graph.metadata.entity_type = "ASSET")
    graph_append [$g, %t]
  events:
    $e.target.port = 1 or $e.target.port = 2
    $e.target.hostname = $h
    (re.regex($h, `^a`) and $e.target.port > 0)
  match:
    $h, $u over 10m before $e
  outcome:
    $risk_score = max(5) * 2
    $start = window_start
  condition:
    $e and #e > 2
  options:
    allow_zero_values = true
    suppression_window = 1h
  export:
    %t.write_row(host: $h, score: $risk_score)
}
"""


def parse_text(text: str) -> ParseResult:
    """Parse a text that is not in a file."""
    return parse(Source("rule.yaral", text))


def whole_rule() -> tree.Rule:
    """Return the rule with every section."""
    result = parse_text(WHOLE)
    assert result.diagnostics == ()
    return result.rules[0]


def test_name_and_meta() -> None:
    """The name and the meta entries are kept in written order, keywords as keys included."""
    rule = whole_rule()
    assert rule.name == "whole"
    assert rule.meta is not None
    assert [(entry.key, entry.value, entry.is_string) for entry in rule.meta.entries] == [
        ("author", "us", True),
        ("rule", 'a "name"', True),
    ]


def test_setup() -> None:
    """Graph operations hold predicates that follow each other, or a variable and a table."""
    setup = whole_rule().setup
    assert setup is not None
    assert [(step.operation, [*map(shape, step.arguments)]) for step in setup.operations] == [
        ("graph_override", ["(= $g.graph.entity.hostname %t.host)", "(= $g.graph.metadata.entity_type 'ASSET')"]),
        ("graph_append", ["$g", "%t"]),
    ]


def test_events_are_joined_by_following_each_other() -> None:
    """Each line is a predicate of its own: a top-level `or` ends with its line, a `(` on a new line is no call."""
    events = whole_rule().events
    assert events is not None
    assert [*map(shape, events.predicates)] == [
        "(or (= $e.target.port 1) (= $e.target.port 2))",
        "(= $e.target.hostname $h)",
        "[(and re.regex($h, '^a') (> $e.target.port 0))]",
    ]


def test_match() -> None:
    """Keys and window of the match section are kept."""
    match = whole_rule().match
    assert match is not None
    assert match.window is not None
    assert match.window.pivot is not None
    assert [*map(shape, match.keys)] == ["$h", "$u"]
    assert (match.window.kind, match.window.duration.seconds, match.window.pivot.name) == ("sliding_before", 600, "e")


def test_outcome_condition_options_export() -> None:
    """The later sections hold what is written in them."""
    rule = whole_rule()
    assert rule.outcome is not None
    assert rule.condition is not None
    assert rule.options is not None
    assert rule.export is not None
    assert [(line.name, shape(line.value)) for line in rule.outcome.assignments] == [
        ("risk_score", "(* max(5) 2)"),
        ("start", "window_start"),
    ]
    assert shape(rule.condition.expression) == "(and $e (> #e 2))"
    assert [(option.name, shape(option.value)) for option in rule.options.entries] == [
        ("allow_zero_values", "True"),
        ("suppression_window", "1h"),
    ]
    assert [shape(call) for call in rule.export.writes] == ["%t.write_row(host: $h, score: $risk_score)"]


def test_window_kinds() -> None:
    """Each spelling of a window has its kind."""
    kinds = {}
    for spelling in ("over 5m", "by 5m", "over every 5m", "over every 5m tumbling", "over 5m after $e"):
        rule = parse_text(WHOLE.replace("over 10m before $e", spelling)).rules[0]
        kinds[spelling] = rule.match and rule.match.window and rule.match.window.kind
    assert list(kinds.values()) == ["hop", "tumbling", "tumbling", "tumbling", "sliding_after"]


def test_sections_survive_a_mistake_in_one() -> None:
    """A line that makes no sense costs that line, not its neighbours and not the rest of the rule."""
    result = parse_text(WHOLE.replace("$e.target.hostname = $h", "$e.target.hostname = = $h"))
    rule = result.rules[0]
    assert len(result.diagnostics) == 1
    assert rule.events is not None
    assert [shape(predicate) for predicate in rule.events.predicates if "malformed" not in shape(predicate)] == [
        "(or (= $e.target.port 1) (= $e.target.port 2))",
        "[(and re.regex($h, '^a') (> $e.target.port 0))]",
    ]
    assert rule.condition is not None


def test_commas_between_conditions_are_kept() -> None:
    """The tree tells where commas stood between conditions."""
    rule = parse_text(WHOLE.replace("$e and #e > 2", "$e, #e > 2")).rules[0]
    assert rule.condition is not None
    assert isinstance(rule.condition.expression, tree.And)
    assert len(rule.condition.expression.comma_spans) == 1


def test_repeated_sections_add_up() -> None:
    """The lines of a repeated section are not lost, so that what they define is known."""
    rule = parse_text(WHOLE.replace("  match:", "  events:\n    $e.target.port = 3\n  match:")).rules[0]
    assert rule.events is not None
    assert len(rule.events.predicates) == 4


def test_every_rule_of_a_file_is_read() -> None:
    """A file may hold several rules; a mistake between them costs none."""
    result = parse_text(WHOLE + "} what\n" + WHOLE.replace("whole", "other"))
    assert [rule.name for rule in result.rules] == ["whole", "other"]
    assert len(result.diagnostics) == 1


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    """Whatever the text, the parser answers."""
    parse_text(text)


@given(token_soup() | mutated_rules())
@settings(max_examples=300)
def test_rule_like_text_is_answered(text: str) -> None:
    """Text that is nearly a rule is answered, with places that lie within it."""
    result = parse_text(text)
    for found in result.diagnostics:
        for span in (found.span, *(label.span for label in found.labels)):
            assert 0 <= span.start <= span.end <= len(text)
    for rule in result.rules:
        assert 0 <= rule.span.start <= rule.span.end <= len(text)
        repr(rule)  # walks the whole tree: it is never too deep for that
