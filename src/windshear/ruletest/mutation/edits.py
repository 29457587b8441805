"""Edits: the small changes of a rule's text that its tests should notice, read off the syntax tree.

A clause is removed, negated, joined the other way; a number, a window, an anchor, `nocase` changes; in outcomes, what
is written there as a constant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from windshear.language.check.walk import children, ungrouped, walk
from windshear.language.source import Source, Span
from windshear.language.syntax import tree

Kind = Literal[
    "remove",
    "negate",
    "and-or",
    "threshold",
    "constant",
    "nocase",
    "anchor",
    "quantifier",
    "window",
    "option",
    "outcome",
]
KINDS: Final = {
    "remove": "a clause is left out",
    "negate": "a clause is turned into its opposite",
    "and-or": "`and` becomes `or`, or the other way round",
    "threshold": "a number that is compared with is one more, or one less",
    "constant": "a text that a function is given is another one",
    "nocase": "`nocase` is left out",
    "anchor": "an anchor of a pattern is left out",
    "quantifier": "`any` becomes `all`, or the other way round",
    "window": "a window is half as long, or twice as long",
    "option": "an option is the other way round",
    "outcome": "a constant of an outcome is another one",
}
_OPPOSITES: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_NOCASE = re.compile(r"\s+nocase\s*$", re.IGNORECASE)
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a text: what stands at `span` is replaced.

    clause: the part of the rule that is shown with it. without: what has to go with it, further up in the text.
    """

    kind: Kind
    span: Span
    replacement: str
    clause: Span
    without: tuple[Span, ...] = ()

    def apply(self, text: str) -> str:
        """Return the changed text."""
        changed = text[: self.span.start] + self.replacement + text[self.span.end :]
        for span in sorted(self.without, reverse=True):
            changed = changed[: span.start] + changed[span.end :]
        return changed


def edits_of(rule: tree.Rule, source: Source) -> Iterator[Edit]:
    """Yield the edits of one rule, in the order of its text."""
    predicates = rule.events.predicates if rule.events is not None else ()
    return iter(
        sorted(
            _Editor(source.text, predicates).edits(rule), key=lambda edit: (edit.span.start, edit.span.end, edit.kind)
        )
    )


@dataclass(frozen=True, slots=True)
class _Editor:
    text: str
    predicates: tuple[tree.Expression, ...]

    def edits(self, rule: tree.Rule) -> Iterator[Edit]:
        if rule.events is not None:
            for predicate in rule.events.predicates:
                yield Edit("remove", predicate.span, "", predicate.span)
                yield from self._condition(predicate)
        if rule.match is not None and rule.match.window is not None:
            yield from self._durations(rule.match.window.duration, rule.match.window.span)
        if rule.outcome is not None:
            for assignment in rule.outcome.assignments:
                yield from self._value(assignment.value, assignment.span)
        if rule.condition is not None:
            yield from self._condition(rule.condition.expression)
        if rule.options is not None:
            for option in rule.options.entries:
                match option.value:
                    case tree.BoolLiteral(value=value, span=span):
                        yield Edit("option", span, str(not value).lower(), option.span)
                    case tree.DurationLiteral() as duration:
                        yield from self._durations(duration, option.span)
                    case _:
                        pass

    def _condition(self, node: tree.Expression) -> Iterator[Edit]:
        """Yield the edits of something that holds or does not."""
        match node:
            case tree.Group(inner=inner):
                yield from self._condition(inner)
            case tree.And(items=items):
                yield from self._joined(items, "and", "or")
            case tree.Or(items=items):
                yield from self._joined(items, "or", "and")
            case tree.Not(operand=operand):
                yield Edit("negate", node.span, self._written(operand.span), node.span)
                yield from (edit for edit in self._condition(operand) if edit.kind != "negate")
            case tree.NOf(items=items):
                yield from self._n_of(node)
                for item in items:
                    yield from self._condition(item)
            case tree.Absent(operand=operand):
                yield Edit("negate", node.span, self._written(operand.span), node.span)
            case tree.Variable():
                yield Edit("negate", node.span, f"!{self._written(node.span)}", node.span)
            case _:
                yield from self._test(node)

    def _joined(self, items: Sequence[tree.Expression], word: str, other: str) -> Iterator[Edit]:
        for number, item in enumerate(items):
            cut = (
                Span(items[number - 1].span.end, item.span.end)
                if number
                else Span(item.span.start, items[1].span.start)
            )
            yield Edit("remove", cut, "", item.span, self._about(item))
            yield from self._condition(item)
        for left, right in pairwise(items):
            gap = Span(left.span.end, right.span.start)
            found = re.search(rf"\b{word}\b", self._written(gap), re.IGNORECASE)
            if found:
                place = Span(gap.start + found.start(), gap.start + found.end())
                yield Edit("and-or", place, other, Span(left.span.start, right.span.end))

    def _about(self, item: tree.Expression) -> tuple[Span, ...]:
        """Return the predicates of an event that the condition wants absent: they mean nothing without it."""
        item = ungrouped(item)
        if not isinstance(item, tree.Absent):
            return ()
        names = {node.name for node in walk(item) if isinstance(node, tree.Variable)}
        return tuple(
            predicate.span
            for predicate in self.predicates
            if any(isinstance(node, tree.Path) and node.variable in names for node in walk(predicate))
        )

    def _n_of(self, node: tree.NOf) -> Iterator[Edit]:
        if isinstance(node.quantity, int):
            width = re.match(r"\d+", self._written(node.span))
            if width:
                place = Span(node.span.start, node.span.start + width.end())
                for number in (node.quantity - 1, node.quantity + 1):
                    yield Edit("threshold", place, str(number), node.span)
        else:
            place = Span(node.span.start, node.span.start + len(node.quantity))
            yield Edit("quantifier", place, "all" if node.quantity == "any" else "any", node.span)

    def _test(self, node: tree.Expression) -> Iterator[Edit]:
        """Yield the edits of one test: its opposite, and what it compares with."""
        match node:
            case tree.Comparison(operator=operator, operator_span=span) if operator in _OPPOSITES:
                yield Edit("negate", span, _OPPOSITES[operator], node.span)
            case tree.Membership() | tree.Call() | tree.IsNull() | tree.Path():
                yield Edit("negate", node.span, f"not {self._written(node.span)}", node.span)
            case _:
                return
        written = self._written(node.span)
        if found := _NOCASE.search(written):
            yield Edit("nocase", Span(node.span.start + found.start(), node.span.end), "", node.span)
        yield from self._inside(node, node.span)

    def _inside(self, node: tree.Expression, clause: Span) -> Iterator[Edit]:
        """Yield the edits of what a test reads and compares with."""
        match node:
            case tree.Comparison(left=left, right=right):
                for side in (left, right):
                    if not isinstance(side, tree.StringLiteral):  # another text is told by the opposite, too
                        yield from self._inside(side, clause)
            case tree.Call(function=function, arguments=arguments):
                for argument in arguments:
                    is_pattern = function.startswith("re.") and isinstance(argument, tree.StringLiteral)
                    yield from self._anchors(argument, clause) if is_pattern else self._inside(argument, clause)
            case tree.If():
                yield from self._choice(node, clause, "threshold")
            case tree.NumberLiteral(value=value) if isinstance(value, int):
                for number in (value - 1, value + 1):
                    if number >= 0:
                        yield Edit("threshold", node.span, str(number), clause)
            case tree.RegexLiteral():
                yield from self._anchors(node, clause)
            case tree.StringLiteral():
                yield Edit("constant", node.span, self._other_text(node), clause)
            case tree.Path(quantifier=quantifier) if quantifier is not None:
                place = Span(node.span.start, node.span.start + len(quantifier))
                yield Edit("quantifier", place, "all" if quantifier == "any" else "any", clause)
            case tree.Arithmetic() | tree.Membership() | tree.Group():
                for child in children(node):
                    yield from self._inside(child, clause)
            case _:
                return

    def _anchors(self, node: tree.Expression, clause: Span) -> Iterator[Edit]:
        """Leave out an anchor at either end of a pattern, which is written as `/…/`, "…" or in back quotes."""
        start, end = node.span.start + 1, node.span.end - 1
        if self.text[start : start + 1] == "^" and end - start > 1:
            yield Edit("anchor", Span(start, start + 1), "", clause)
        if self.text[end - 1 : end] == "$" and self.text[end - 2 : end - 1] != "\\" and end - start > 1:
            yield Edit("anchor", Span(end - 1, end), "", clause)

    def _value(self, node: tree.Expression, clause: Span) -> Iterator[Edit]:
        """Yield the edits of an outcome: constants of its results, and the conditions that choose among them."""
        match node:
            case tree.Group(inner=inner):
                yield from self._value(inner, clause)
            case tree.If():
                yield from self._choice(node, clause, "outcome")
            case tree.Arithmetic(left=left, right=right):
                yield from self._value(left, clause)
                yield from self._value(right, clause)
            case tree.Call(function=function, arguments=arguments) if not function.startswith("metrics."):
                for argument in arguments:
                    is_pattern = function.startswith("re.") and isinstance(argument, tree.StringLiteral)
                    if not is_pattern:
                        yield from self._value(argument, clause)
            case tree.NumberLiteral(value=value) if isinstance(value, int):
                yield Edit("outcome", node.span, str(value + 1), clause)
            case tree.StringLiteral():
                yield Edit("outcome", node.span, self._other_text(node), clause)
            case _:
                return

    def _choice(self, node: tree.If, clause: Span, kind: Literal["outcome", "threshold"]) -> Iterator[Edit]:
        yield from self._condition(node.condition)
        for branch in (node.then, node.otherwise):
            if branch is not None:
                yield from self._value(branch, clause) if kind == "outcome" else self._inside(branch, clause)

    def _durations(self, duration: tree.DurationLiteral, clause: Span) -> Iterator[Edit]:
        for seconds in (duration.seconds // 2, duration.seconds * 2):
            yield Edit("window", duration.span, _duration(seconds), clause)

    def _other_text(self, node: tree.StringLiteral) -> str:
        written = self._written(node.span)
        return f"{written[:-1]}~{written[-1]}"

    def _written(self, span: Span) -> str:
        return self.text[span.start : span.end]


def _duration(seconds: int) -> str:
    for size, unit in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{max(1, seconds // 60)}m"
