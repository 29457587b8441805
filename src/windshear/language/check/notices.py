"""Warnings and notes about rules that are right but may not do what their author expects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from windshear.language import expressions as ex
from windshear.language.check.bounds import Bounds
from windshear.language.check.events import Predicates
from windshear.language.check.joins import variables_in
from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import MatchWindow
from windshear.language.syntax import tree

_MOST_VARIABLES = 20  # pairs are many, and nobody reads that many notes
_SEPARATING = ("!=", "<", ">")


def note_meta(section: tree.Meta | None, scope: Scope) -> None:
    """Warn about a meta key that is given twice."""
    seen: set[str] = set()
    for entry in section.entries if section else ():
        if entry.key in seen:
            scope.notices.add(Diagnostic(checks.DUPLICATE_META_KEY, f"`{entry.key}` is given twice", entry.span))
        seen.add(entry.key)


def note_absence(bounds: Bounds, window: MatchWindow | None, scope: Scope) -> None:
    """Warn about absence judged in overlapping windows."""
    if window is None or window.kind != "hop":
        return
    for count in bounds.absences:
        if count.counts == "events" and count.name not in bounds.bounded:
            scope.notices.add(
                Diagnostic(
                    checks.ABSENCE_IN_HOP_WINDOW,
                    f"`${count.name}` is looked for in each overlapping window by itself",
                    count.span,
                    help="use a sliding window anchored at the event that must be present: `over … after $e`",
                )
            )


def note_self_pairs(predicates: Predicates, scope: Scope) -> None:
    """Note pairs of event variables that one and the same event may stand for."""
    names = [name for name, variable in scope.names.events.items() if variable.source == "udm"]
    if not 2 <= len(names) <= _MOST_VARIABLES:
        return
    constants = {name: dict(_constants(name, predicates)) for name in names}
    apart = {pair for item in predicates.items for pair in _pairs_kept_apart(item, predicates)}
    for first, second in combinations(names, 2):
        if frozenset((first, second)) in apart or _differ(constants[first], constants[second]):
            continue
        scope.notices.add(
            Diagnostic(
                checks.SELF_PAIR,
                f"one event may stand for both `${first}` and `${second}`",
                scope.names.events[second].span,
                help=f"add `${first}.metadata.id != ${second}.metadata.id` if it must not",
            )
        )


def _pairs_kept_apart(item: ex.Expression, predicates: Predicates) -> Iterator[frozenset[str]]:
    """Yield the pairs of variables between which a top-level inequality stands, in any order of its operands."""
    if isinstance(item, ex.Comparison) and item.operator in _SEPARATING:
        variables = variables_in(item, predicates)
        if len(variables) == 2:
            yield variables


def _constants(name: str, predicates: Predicates) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the single-valued fields of a variable that can only have certain values, by path."""
    for item in predicates.items:
        tests = item.items if isinstance(item, ex.Or) else (item,)
        values: set[str] = set()
        paths: set[str] = set()
        for test in tests:
            read, value = _equality(test)
            if read is None or read.variable != name or read.path.is_repeated:
                break
            paths.add(read.path.text)
            values.add(value)
        else:
            if len(paths) == 1:
                yield paths.pop(), frozenset(values)


def _equality(test: ex.Expression) -> tuple[ex.Field | None, str]:
    if isinstance(test, ex.Comparison) and test.operator == "=":
        for read, literal in ((test.left, test.right), (test.right, test.left)):
            if isinstance(read, ex.Field) and isinstance(literal, ex.Literal):
                return read, str(literal.value).lower() if test.is_nocase else str(literal.value)
    return None, ""


def _differ(first: dict[str, frozenset[str]], second: dict[str, frozenset[str]]) -> bool:
    return any(
        path in second and not {v.lower() for v in values} & {v.lower() for v in second[path]}
        for path, values in first.items()
    )
