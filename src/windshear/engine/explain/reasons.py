"""Why a rule matched or missed, in one sentence: the first thing that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from windshear.engine.explain.explanation import ClauseCount, GroupStory, KeyStory, Node, Together, VariableStory
from windshear.engine.explain.scope import Scope

_OF_THE_RECORD = ("metadata.log_type", "metadata.vendor_name", "metadata.product_name", "metadata.event_type")
_NOUNS = {"udm": "event", "graph": "entity", "detection": "detection", "table": "row"}


def reason_of(
    scope: Scope,
    variables: Sequence[VariableStory],
    keys: Sequence[KeyStory],
    together: Sequence[Together],
    groups: Sequence[GroupStory],
    detections: int,
) -> str:
    """Return the reason of a match or a miss."""
    if detections:
        of_groups = "groups hold" if scope.rule.window is not None else "events pass"
        return f"{detections:,} {of_groups} all that the rule asks for" if detections > 1 else _one(scope)
    lacking = [variable for variable in variables if variable.is_required and not variable.candidates]
    if lacking:
        return "; ".join(_lacking(variable) for variable in lacking)
    if groups:
        failing = list(_failing(groups[0].condition, wanted=True))
        shown = "; ".join(_with_values(node) for node in failing)
        return f"the condition fails: {shown}"
    for key in keys:
        if not key.met:
            return f"{key.text} never holds{_nearly(key)}"
    if together:
        distance = f": {together[0].distance}" if together[0].distance else ""
        return f"records that fit together otherwise fail {together[0].failing}{distance}"
    return "no records fit together: each tie holds for some, but no records pass all of them"


def _nearly(key: KeyStory) -> str:
    return "".join(f'; "{near.first}" and "{near.second}" differ {near.difference}' for near in key.near[:1])


def _one(scope: Scope) -> str:
    return (
        "one group holds all that the rule asks for"
        if scope.rule.window is not None
        else "one event passes all that the rule asks for"
    )


def _lacking(variable: VariableStory) -> str:
    noun = _NOUNS[variable.source]
    name = variable.name if variable.source == "table" else f"${variable.name}"
    if not variable.records:
        return f"there is no {noun} for {name}"
    if variable.keyless:
        keys = "; ".join(clause.text for clause in variable.clauses if clause.is_key)
        return f"{variable.keyless:,} would do for {name}, but a match key must not be empty: {keys}"
    never = [clause for clause in variable.clauses if not clause.passed]
    never.sort(key=_is_detail)
    if never:
        return f"no {noun} passes {never[0].text}{_instead(never[0], noun)}"
    best = variable.nearest[0]
    failing = [clause.text for clause in best.clauses if not clause.holds]
    return f"no {noun} passes all clauses of {name}; the nearest fails {' and '.join(failing)}"


def _is_detail(clause: ClauseCount) -> bool:
    """Whether a clause is about more than what kind of record it is."""
    return not any(seen.field.endswith(name) for seen in clause.seen for name in _OF_THE_RECORD)


def _instead(clause: ClauseCount, noun: str) -> str:
    """Say what the fields of a clause that nothing passes hold."""
    if not clause.seen:
        return ""
    seen = clause.seen[0]
    if not seen.filled:
        return f"; {seen.field} is filled in no {noun}"
    shown = ", ".join(f"{one.value} ({one.records:,})" for one in seen.common[:3])
    return f"; {seen.field} holds {shown}"


def _failing(node: Node, *, wanted: bool) -> Iterator[Node]:
    """Yield the tests because of which a node is not as wanted."""
    if node.holds == wanted:
        return
    if node.kind == "not":
        for inner in _failing(node.parts[0], wanted=not wanted):
            yield node if inner.kind == "test" and len(node.parts) == 1 else inner
    elif node.parts:
        for part in node.parts:
            yield from _failing(part, wanted=wanted)
    else:
        yield node


def _with_values(node: Node) -> str:
    tests = [node] if node.kind == "test" else [part for part in node.parts if part.kind == "test"]
    values = ", ".join(f"{value.name} = {value.value}" for test in tests for value in test.values)
    notes = ", ".join(test.note for test in tests if test.note)
    return f"{node.text}" + (f" with {values}" if values else "") + (f" ({notes})" if notes else "")
