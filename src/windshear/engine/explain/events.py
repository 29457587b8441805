"""Records that were asked for: how each does as each variable, whether it is on a joined row, and in which groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from windshear.core import sql
from windshear.engine.explain.explanation import AskedStory, GroupStory, RecordStory, Together
from windshear.engine.explain.records import record_stories
from windshear.engine.explain.scope import Scope
from windshear.engine.explain.together import nearly_together
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.settle.groups import integer
from windshear.engine.settle.rows import joined_rows, key_names, key_values

_MOST_RECORDS = 5  # that one id names

TellGroups = Callable[[Sequence[tuple[object, ...]]], list[GroupStory]]


def find_records(scope: Scope, names: Iterable[str]) -> Mapping[str, list[int]]:
    """Return the numbers of the records that ids name: their own, their vendor's, or where they were read."""
    found: dict[str, list[int]] = {}
    for name in names:
        text = sql.text(name)
        place = f"(source = {text} OR ends_with(source, {sql.text('/' + name)}))"
        rows = scope.store.rows(
            f"SELECT min({sql.name(NUMBER)}) FROM {IDENTITIES} WHERE id = {text} OR product_log_id = {text} OR {place} "
            f"GROUP BY id ORDER BY 1 LIMIT {_MOST_RECORDS}"
        )
        found[name] = [integer(number) for (number,) in rows]
    return found


def asked_story(scope: Scope, number: int, lacking: Sequence[str], tell: TellGroups) -> AskedStory | None:
    """Tell what became of a record; None if no variable of the rule ranges over its kind.

    lacking: variables that must be there and have no candidate.
    """
    variables: list[tuple[str, RecordStory]] = []
    for name in scope.rule.shown_variables:
        story = record_stories(scope, name, [number]).get(number)
        if story is not None:
            variables.append((name, story))
    if not variables:
        return None
    reference = variables[0][1].reference
    candidates = [name for name, story in variables if story.is_candidate]
    keys: dict[tuple[object, ...], None] = {}
    for name in candidates:
        keys.update(dict.fromkeys(_keys(scope, name, number)))
    groups = tell(list(keys)) if keys else []
    together: tuple[Together, ...] = ()
    if candidates and not keys:
        for name in candidates:
            together += nearly_together(scope, {name: [number]}).found
    verdict = _verdict(variables, candidates, lacking, groups, together)
    return AskedStory(reference, verdict, tuple(variables), tuple(groups), together[: scope.limit])


def _keys(scope: Scope, variable: str, number: int) -> list[tuple[object, ...]]:
    """Return the keys of the groups that a record is in as a variable."""

    def candidates(name: str) -> sql.Sql:
        relation = scope.plan.relation(name)
        if name != variable:
            return relation
        return sql.raw(f"(SELECT * FROM {relation} WHERE {sql.name(NUMBER)} = {int(number)})")

    rows = joined_rows(scope.rule, candidates, scope.plan.lists)
    values = key_values(scope.rule, rows.window)
    listed = ", ".join(sql.aliased(values[name], name).text for name in key_names(scope.rule))
    is_there = sql.is_null(sql.column(variable, NUMBER), is_negated=True)
    return scope.store.rows(
        f"SELECT DISTINCT {listed} FROM {rows.source} WHERE {rows.where} AND {is_there} ORDER BY ALL"
    )


def _verdict(
    variables: Sequence[tuple[str, RecordStory]],
    candidates: Sequence[str],
    lacking: Sequence[str],
    groups: Sequence[GroupStory],
    together: Sequence[Together],
) -> str:
    if not candidates:
        name, best = max(variables, key=lambda one: one[1].passed / max(1, len(one[1].clauses)))
        failing = "; ".join(clause.text for clause in best.clauses if not clause.holds)
        return f"takes no part: as ${name} it fails {failing}"
    named = " and ".join(f"${name}" for name in candidates)
    if lacking:
        return f"a candidate for {named}, but there is none for {' and '.join(lacking)}"
    if not groups:
        others = f": fitting records fail {together[0].failing}" if together else ""
        return f"a candidate for {named}, which nothing fits together with{others}"
    fates = [group.fate for group in groups]
    if "detection" in fates:
        return f"takes part as {named}: it is in a detection"
    if "merged" in fates or "suppressed" in fates:
        return f"takes part as {named}, in a group that qualifies but is {fates[0]}"
    return f"takes part as {named}, in groups whose condition fails"
