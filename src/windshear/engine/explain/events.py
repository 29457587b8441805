"""Records that were asked for: how each does as each variable, whether it is on a joined row, and in which groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa

from windshear.core import sql
from windshear.engine.explain.explanation import AskedStory, GroupStory, RecordStory, Together
from windshear.engine.explain.groups import Key
from windshear.engine.explain.records import record_stories
from windshear.engine.explain.scope import ASKED, Scope, asked
from windshear.engine.explain.together import nearly_together
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.settle.groups import integer
from windshear.engine.settle.rows import joined_rows, key_names, key_values

_MOST_RECORDS = 5  # that one id names
_NAMED, _RECORD = "named", "@record"

TellGroups = Callable[[Mapping[int, Sequence[Key]]], Mapping[int, Sequence[GroupStory]]]


def find_records(scope: Scope, names: Sequence[str]) -> Mapping[str, list[int]]:
    """Return the numbers of the records that ids name: their own, their vendor's, or where they were read."""
    found: dict[str, list[int]] = {name: [] for name in names}
    if not found:
        return found
    rows = scope.store.rows(
        f"SELECT name, min({sql.name(NUMBER)}) AS first FROM {IDENTITIES} JOIN {_NAMED} "
        "ON id = name OR product_log_id = name OR source = name OR ends_with(source, '/' || name) GROUP BY name, id "
        f"QUALIFY row_number() OVER (PARTITION BY name ORDER BY first) <= {_MOST_RECORDS} ORDER BY first",
        **{_NAMED: pa.table({"name": pa.array(found, pa.string())})},
    )
    for name, number in rows:
        found[str(name)].append(integer(number))
    return found


def asked_stories(
    scope: Scope, numbers: Sequence[int], lacking: Sequence[str], tell: TellGroups
) -> Iterator[AskedStory]:
    """Tell what became of some records; nothing of one of whose kind no variable of the rule is.

    lacking: variables that must be there and have no candidate. tell: tells about the groups that each record is in.
    """
    stories = {name: record_stories(scope, name, numbers) for name in scope.rule.shown_variables}
    keys: dict[int, dict[Key, None]] = {}
    for name, told in stories.items():
        for number, key in _keys(scope, name, [number for number, story in told.items() if story.is_candidate]):
            keys.setdefault(number, {})[key] = None
    groups = tell({number: list(some) for number, some in keys.items()})
    for number in numbers:
        variables = [(name, told[number]) for name, told in stories.items() if number in told]
        if not variables:
            continue
        candidates = [name for name, story in variables if story.is_candidate]
        together: tuple[Together, ...] = ()
        if number not in keys:
            for name in candidates:
                together += nearly_together(scope, {name: [number]}).found
        own = groups.get(number, ())
        verdict = _verdict(variables, candidates, lacking, own, together)
        reference = variables[0][1].reference
        yield AskedStory(reference, verdict, tuple(variables), tuple(own), together[: scope.limit])


def _keys(scope: Scope, variable: str, numbers: Sequence[int]) -> Iterator[tuple[int, Key]]:
    """Yield records with the keys of the groups that they are in as a variable."""
    if not numbers:
        return

    window = scope.rule.window
    begins_at_events = window is not None and window.kind == "floating"  # at any, so all of them have to be there

    def candidates(name: str) -> sql.Sql:
        return scope.some(name) if name == variable and not begins_at_events else scope.plan.relation(name)

    rows = joined_rows(scope.rule, candidates, scope.plan.lists)
    values = key_values(scope.rule, rows.window)
    number = sql.column(variable, NUMBER)
    listed = ", ".join(sql.aliased(values[name], name).text for name in key_names(scope.rule))
    found = scope.store.rows(
        f"SELECT DISTINCT {number} AS {sql.name(_RECORD)}, {listed} FROM {rows.source} "
        f"WHERE {rows.where} AND {number} IN (SELECT {sql.name(NUMBER)} FROM {ASKED}) ORDER BY ALL",
        **{ASKED: asked(numbers)},
    )
    for record, *key in found:
        yield integer(record), tuple(key)


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
