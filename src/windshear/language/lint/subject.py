"""What lints look at: one rule with its text, tree and meaning, and what several lints ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from windshear.language import expressions as ex
from windshear.language.check.walk import walk
from windshear.language.lint.clauses import Clause, clauses_of
from windshear.language.lint.settings import LintSettings
from windshear.language.rule import Binding, CheckedRule
from windshear.language.source import Source, Span
from windshear.language.syntax import tree
from windshear.language.syntax.tokens import Token


@dataclass(frozen=True)
class PatternUse:
    """A regular expression and the literal that it is written as. `node`: the call, or the comparison with `/…/`."""

    match: ex.RegexMatch
    node: tree.Call | tree.Comparison
    literal: tree.StringLiteral | tree.RegexLiteral


@dataclass(frozen=True)
class Subject:
    """One rule. `tokens` are those of its text, comments included."""

    source: Source
    written: tree.Rule
    rule: CheckedRule
    tokens: tuple[Token, ...]
    settings: LintSettings

    def text(self, span: Span) -> str:
        """Return what is written at a place."""
        return self.source.text[span.start : span.end]

    def quoted(self, span: Span, limit: int = 60) -> str:
        """Return what is written at a place on one line, cut, for a message."""
        words = " ".join(self.text(span).split())
        return words if len(words) <= limit else words[: limit - 1] + "…"

    @property
    def path(self) -> PurePath:
        """The file, as it was named."""
        return PurePath(self.source.name)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The tests of the events section, with their sign and what they stand below."""
        return tuple(test for predicate in self.rule.predicates for test in clauses_of(predicate))

    @cached_property
    def required(self) -> tuple[Clause, ...]:
        """Those of the tests that every row must pass."""
        return tuple(test for test in self.clauses if test.is_required)

    @cached_property
    def values(self) -> tuple[ex.Expression, ...]:
        """Every expression on rows with all that is below it, each place once, in no particular order."""
        found = {
            (type(node), node.span.start, node.span.end): node
            for root in self.rule.row_expressions
            for node in ex.walk(root)
        }
        return tuple(found.values())

    @cached_property
    def events_nodes(self) -> tuple[tree.Expression, ...]:
        """The nodes of the events section."""
        predicates = self.written.events.predicates if self.written.events else ()
        return tuple(node for predicate in predicates for node in walk(predicate))

    @cached_property
    def outcome_nodes(self) -> tuple[tree.Expression, ...]:
        """The nodes of the outcome section."""
        assignments = self.written.outcome.assignments if self.written.outcome else ()
        return tuple(node for assignment in assignments for node in walk(assignment.value))

    @cached_property
    def condition_nodes(self) -> tuple[tree.Expression, ...]:
        """The nodes of the condition section."""
        return tuple(walk(self.written.condition.expression)) if self.written.condition else ()

    @cached_property
    def patterns(self) -> tuple[PatternUse, ...]:
        """The regular expressions of the rule that are tests."""
        matches = {node.span: node for node in self.values if isinstance(node, ex.RegexMatch)}
        found: dict[Span, PatternUse] = {}
        for node in (*self.events_nodes, *self.outcome_nodes):
            if isinstance(node, tree.Call | tree.Comparison) and node.span in matches:
                literal = _pattern_literal(node)
                if literal is not None:
                    found[node.span] = PatternUse(matches[node.span], node, literal)
        return tuple(found.values())

    @cached_property
    def comments(self) -> tuple[Token, ...]:
        """The comments within the rule."""
        return tuple(
            token
            for token in self.tokens
            if token.kind.endswith("COMMENT") and self.written.span.start <= token.start <= self.written.span.end
        )

    def variables_of(self, expression: ex.Expression) -> frozenset[str]:
        """Return the event variables that an expression reads, itself or through placeholders."""
        found: set[str] = set()
        for node in ex.walk(expression):
            if isinstance(node, ex.Field):
                found.add(node.variable)
            elif isinstance(node, ex.Placeholder):
                found |= {binding.variable for binding in self.bindings(node.name)}
        return frozenset(found)

    def bindings(self, placeholder: str) -> tuple[Binding, ...]:
        """Return the bindings of a placeholder, those below `or` included."""
        definition = self.rule.placeholders.get(placeholder)
        return () if definition is None else (*definition.bindings, *definition.alternatives)

    def clauses_of(self, variable: str) -> Iterator[Clause]:
        """Yield the tests that read one event variable and no other."""
        for test in self.clauses:
            if self.variables_of(test.node) == {variable}:
                yield test


def _pattern_literal(node: tree.Call | tree.Comparison) -> tree.StringLiteral | tree.RegexLiteral | None:
    if isinstance(node, tree.Comparison):
        return next((side for side in (node.right, node.left) if isinstance(side, tree.RegexLiteral)), None)
    last = node.arguments[-1] if node.arguments else None
    return last if isinstance(last, tree.StringLiteral | tree.RegexLiteral) else None
