"""An explanation as lines: what the terminal, plain text and Markdown forms are laid out from.

Rules and logs are written by strangers: every line that leaves here can be printed safely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import Literal

from windshear.cli.console import count, printable
from windshear.cli.formats.story import shorten, shows
from windshear.detections.detection import EventReference, NamedValue
from windshear.detections.rendering import text as value_text
from windshear.engine.explain.distance import moment
from windshear.engine.explain.explanation import (
    AggregateStory,
    AskedStory,
    BoundStory,
    BranchStory,
    ClauseCount,
    Explanation,
    GroupStory,
    KeyStory,
    Node,
    RecordStory,
    Shown,
    Side,
    Together,
    VariableStory,
)

Role = Literal["title", "head", "pass", "fail", "true", "false", "plain", "value"]
_MARKS: dict[Role, str] = {"pass": "PASS ", "fail": "FAIL ", "true": "true ", "false": "false "}
_MOST_VALUES = 5  # of one field in one test
_MOST_CONTRIBUTIONS = 5
_MOST_PARTS = 8  # of one `and` or `or`
_NOUNS = {"udm": "event", "graph": "entity", "detection": "detection", "table": "row"}
_VERDICTS = {"match": "match", "miss": "no match", "stopped": "not evaluated"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `depth` says how far it stands below the title, `role` how it looks, `label` what stands before it."""

    depth: int
    text: str
    role: Role = "plain"
    label: str = ""

    @property
    def mark(self) -> str:
        """What stands before the text, and is not wrapped with it."""
        return self.label or _MARKS.get(self.role, "")


def text_lines(explanation: Explanation, width: int = 80) -> Iterator[str]:
    """Yield an explanation as plain text of some width."""
    for line in lines(explanation):
        first = "  " * line.depth + line.mark
        room = max(width - len(first), 20)
        parts = wrap(line.text, room, break_on_hyphens=False) or [""]
        yield (first + parts[0]).rstrip()
        for part in parts[1:]:
            yield " " * len(first) + part


def lines(explanation: Explanation) -> Iterator[Line]:
    """Yield the lines of an explanation."""
    found = f", {count(explanation.detections, 'detection')}" if explanation.detections else ""
    yield Line(0, printable(f"rule {explanation.rule}: {_VERDICTS[explanation.verdict]}{found}"), "title")
    seen = ", ".join(f"{name} {number:,}" for name, number in explanation.records) or "nothing"
    again = f"; {count(explanation.duplicates, 'record')} came again" if explanation.duplicates else ""
    yield Line(1, printable(f"looked at: {seen}{again}"))
    for branch in explanation.branches:
        yield from _branch(branch, is_only=len(explanation.branches) == 1)


def _branch(branch: BranchStory, *, is_only: bool) -> Iterator[Line]:
    if not is_only:
        yield Line(0, printable(f"branch ${branch.branch}: {_VERDICTS[branch.verdict]}"), "head")
    yield Line(1, shorten(f"why: {branch.reason}", 600))
    if branch.qualifying > branch.detections:
        left = f"{count(branch.qualifying, 'group')} qualify; merging of windows and suppression leave"
        yield Line(1, f"{left} {branch.detections:,}")
    for note in branch.notes:
        yield Line(1, shorten(f"note: {note}", 600))
    for asked in branch.asked:
        yield from _asked(asked)
    if branch.asked:
        return
    for variable in branch.variables:
        yield from _variable(variable, is_miss=branch.verdict == "miss")
    if branch.verdict == "miss" and not branch.groups:
        for key in branch.keys:
            yield from _key(key)
        for together in branch.together:
            yield from _together(together)
    yield from _groups(branch)


def _variable(variable: VariableStory, *, is_miss: bool) -> Iterator[Line]:
    noun = _NOUNS[variable.source]
    total = f"{variable.candidates:,} of {count(variable.records, noun)}"
    verb = "passes" if variable.records == 1 else "pass"
    absent = "" if variable.is_required else ", which may be absent"
    number = len(variable.clauses)
    clauses = (
        f"{verb} all {number} clauses" if number > 1 else f"{verb} its clause" if number else "have no clause to pass"
    )
    keyless = f"; {variable.keyless:,} more but for an empty key" if variable.keyless else ""
    yield Line(0, printable(f"{_name(variable.name)}{absent}: {total} {clauses}{keyless}"), "head")
    if not is_miss or variable.candidates or not variable.records:
        return
    yield Line(1, f"{noun}s that pass each clause:")
    for clause in variable.clauses:
        yield from _count(clause, noun)
    told: set[tuple[bool, ...]] = set()
    for number, record in enumerate(variable.nearest):
        fails = tuple(clause.holds for clause in record.clauses)
        alike = f"; {count(record.alike, noun)} fail the same" if record.alike > 1 and fails not in told else ""
        told.add(fails)
        copies = f", in the best of {record.copies} copies" if record.copies > 1 else ""
        of = f"passes {record.passed} of {len(record.clauses)}{copies}{alike}"
        yield Line(1, f"{_reference(record.reference)} {of}", label="nearest: ")
        for node in record.clauses:
            if number == 0 or not node.holds:
                yield from _node(node, 2)


def _count(clause: ClauseCount, noun: str) -> Iterator[Line]:
    yield Line(2, shorten(clause.text, 300), label=f"{clause.passed:>7,}  ")
    for seen in clause.seen:
        if seen.filled:
            common = ", ".join(f"{shorten(one.value, 60)} ({one.records:,})" for one in seen.common)
            yield Line(7, printable(f"{seen.field} is filled in {count(seen.filled, noun)}: {common}"), "value")
        else:
            yield Line(7, printable(f"{seen.field} is filled in no {noun}"), "value")


def _clauses(record: RecordStory, depth: int) -> Iterator[Line]:
    for clause in record.clauses:
        yield from _node(clause, depth)


def _node(node: Node, depth: int, *, is_negated: bool = False) -> Iterator[Line]:
    """Yield the lines of a clause. is_negated: it stands below a `not`, where to hold is not to pass."""
    role: Role = "pass" if node.holds else "fail"
    if is_negated:
        role = "true" if node.holds else "false"
    match node.kind:
        case "test":
            yield Line(depth, shorten(node.text, 300), role)
            yield from _values(node, depth + 1)
        case "not" if node.parts[0].kind == "test":
            yield Line(depth, shorten(node.text, 300), role)
            yield from _values(node.parts[0], depth + 1, is_negated=True)
        case "not":
            yield Line(depth, "not:", role)
            yield from _node(node.parts[0], depth + 1, is_negated=True)
        case _:
            heads = {"and": "all of:", "or": "at least one of:", "n of": f"at least {node.minimum} of:"}
            yield Line(depth, heads[node.kind], role)
            for part in (shown := _deciding_first(node))[:_MOST_PARTS]:
                yield from _node(part, depth + 1, is_negated=is_negated)
            if len(shown) > _MOST_PARTS:
                yield Line(depth + 1, f"and {len(shown) - _MOST_PARTS} more, of {len(node.parts)} in all")


def _deciding_first(node: Node) -> Sequence[Node]:
    """Return the parts of a long clause with those first that have its own truth; a short one stays as written."""
    if len(node.parts) <= _MOST_PARTS:
        return node.parts
    return sorted(node.parts, key=lambda part: part.holds != node.holds)


def _values(node: Node, depth: int, *, is_negated: bool = False) -> Iterator[Line]:
    is_evident = node.holds != is_negated and not node.note
    for name, some in groupby(node.values, key=lambda value: value.name):
        values = list(some)
        if is_evident and len(values) == 1 and not values[0].place and shows(node.text, values[0].value):
            continue
        yield Line(depth, printable(f"{shorten(name)} {_shown(node, values)}"), "value")
    if node.note:
        yield Line(depth, shorten(node.note, 300), "value")


def _shown(node: Node, values: Sequence[Shown]) -> str:
    """Say what a field holds; of a quantified field the elements that decided, or all if none did."""
    if len(values) == 1 and values[0].place == "no element":
        return "has no element"
    deciding = [value for value in values if value.decides]
    if not deciding:
        every = "every element does" if node.holds else "no element does"
        return f"= {_listed(values)}: {every}"
    return f"= {_listed(deciding)}"


def _listed(values: Sequence[Shown]) -> str:
    shown = ", ".join(_value(value) for value in values[:_MOST_VALUES])
    more = len(values) - _MOST_VALUES
    return f"{shown} and {more} more" if more > 0 else shown


def _value(value: Shown) -> str:
    text = f'"{shorten(value.value)}"' if value.is_text else shorten(value.value)
    return f"{text} ({value.place})" if value.place else text


def _key(key: KeyStory) -> Iterator[Line]:
    yield Line(0, f"key {shorten(key.text, 300)}: {count(key.met, 'value')} met", "head")
    for side in key.sides:
        yield Line(1, _side(side, is_text=key.is_text))
    if key.examples:
        yield Line(1, f"met: {', '.join(_quoted(one, is_text=key.is_text) for one in key.examples)}")
    for near in key.near:
        first, second = _quoted(near.first, is_text=key.is_text), _quoted(near.second, is_text=key.is_text)
        yield Line(1, f"nearly met: {first} and {second} differ {near.difference}")


def _side(side: Side, *, is_text: bool) -> str:
    examples = ", ".join(_quoted(one, is_text=is_text) for one in side.examples)
    more = " …" if side.values > len(side.examples) else ""
    return printable(
        f"{shorten(side.text)}: {count(side.values, 'value')} in {count(side.records, 'record')}: {examples}{more}"
    )


def _quoted(text: str, *, is_text: bool) -> str:
    return f'"{shorten(text, 80)}"' if is_text else shorten(text, 80)


def _together(together: Together) -> Iterator[Line]:
    yield Line(0, f"nearest together, failing {shorten(together.failing, 300)}", "head")
    for key in together.keys:
        yield Line(1, printable(f"{shorten(key.name)} = {_value(key)}"))
    for name, reference in together.records:
        yield Line(1, printable(f"{_name(name)}: {_reference(reference)}"))
    for clause in together.clauses:
        yield from _node(clause, 1)
    if together.distance:
        yield Line(1, together.distance, "fail")


def _groups(branch: BranchStory) -> Iterator[Line]:
    for number, group in enumerate(branch.groups, start=1):
        of = f"detection {number} of {branch.detections:,}" if group.fate == "detection" else "nearest group"
        yield from _group(group, of)
    rest = branch.detections - len(branch.groups)
    if branch.verdict == "match" and rest > 0:
        yield Line(0, f"{count(rest, 'more detection')} not shown (--limit)", "head")


def _group(group: GroupStory, title: str) -> Iterator[Line]:
    match = ", ".join(f"${value.name} = {_named(value)}" for value in group.match)
    span = _span(group)
    yield Line(0, printable(f"{title}: {', '.join(part for part in (match, span) if part)}"), "head")
    yield from _node(group.condition, 1)
    for note in group.notes:
        yield Line(1, shorten(note, 300), "value", label="note: ")
    for tie in group.ties:
        yield from _node(tie, 1)
    for bound in group.bound:
        yield from _bound(bound)
    for outcome in group.outcomes:
        yield Line(1, f"${printable(outcome.value.name)} = {_named(outcome.value)}  from {shorten(outcome.text, 300)}")
        for aggregate in outcome.aggregates:
            is_named = aggregate.text != outcome.text
            if is_named or not _is_evident(outcome.value, aggregate):
                yield from _aggregate(aggregate, is_named=is_named)


def _bound(bound: BoundStory) -> Iterator[Line]:
    noun = _NOUNS[bound.source]
    yield Line(1, printable(f"{_name(bound.name)}: {count(bound.total, noun)}"))
    for number, record in enumerate(bound.records):
        yield Line(2, _reference(record.reference))
        if number == 0:
            yield from _clauses(record, 3)
    more = bound.total - len(bound.records)
    if more > 0:
        yield Line(2, f"and {count(more, f'more {noun}')}")


def _is_evident(value: NamedValue, aggregate: AggregateStory) -> bool:
    """Whether an outcome is the only value that was there, so that telling where it is from says nothing."""
    return len(aggregate.contributions) == 1 and aggregate.contributions[0].value == value_text(value)


def _aggregate(aggregate: AggregateStory, *, is_named: bool) -> Iterator[Line]:
    name = f"{shorten(aggregate.text)}: " if is_named else ""
    for one in aggregate.contributions[:_MOST_CONTRIBUTIONS]:
        value = _quoted(one.value, is_text=aggregate.is_text)
        records = ", ".join(f"{_name(name)} {_id(reference)}" for name, reference in one.records)
        yield Line(2, printable(f"{name}{value} from {records}" if records else f"{name}{value}"), "value")
    more = len(aggregate.contributions) - _MOST_CONTRIBUTIONS
    if more > 0 or not aggregate.is_complete:
        yield Line(2, "and more" if not aggregate.is_complete else f"and {more} more", "value")


def _asked(asked: AskedStory) -> Iterator[Line]:
    yield Line(0, f"event {_reference(asked.reference)}: {shorten(asked.verdict, 600)}", "head")
    for name, record in asked.variables:
        taken = "a candidate" if record.is_candidate else "no candidate"
        yield Line(1, printable(f"as {_name(name)}: {taken}, passes {record.passed} of {len(record.clauses)}"))
        yield from _clauses(record, 2)
    for together in asked.together:
        yield from _together(together)
    for group in asked.groups:
        yield from _group(group, "in a detection" if group.fate == "detection" else f"in a group ({group.fate})")


def _span(group: GroupStory) -> str:
    if group.start is None or group.end is None:
        return ""
    if group.start == group.end:
        return moment(group.start)
    return f"{moment(group.start)} to {moment(group.end)}"


def _named(value: NamedValue) -> str:
    if value.value == []:
        return "[]"
    return _quoted(value_text(value), is_text=value.type == "string" and not isinstance(value.value, list))


def _reference(reference: EventReference) -> str:
    time = f" at {moment(reference.time)}" if reference.time is not None else ""
    where = f" ({shorten(reference.source)})" if reference.source and reference.source != _id(reference) else ""
    return f"{_id(reference)}{time}{where}"


def _id(reference: EventReference) -> str:
    return shorten(reference.product_log_id or reference.id or reference.source)


def _name(variable: str) -> str:
    return variable if variable.startswith("%") else f"${variable}"
