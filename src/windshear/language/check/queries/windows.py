"""The match section of a query: keys of any form, and a window, a granularity, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from windshear.language.check.match import check_match
from windshear.language.check.scope import Scope
from windshear.language.check.walk import ungrouped
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.diagnostic import Diagnostic, Mistake
from windshear.language.query import QueryWindow
from windshear.language.source import Span
from windshear.language.syntax import query_tree, tree

_SECONDS: Final[dict[query_tree.Unit, int]] = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_FIRST_SUNDAY: Final = 3 * 86_400  # 1970-01-04: weeks begin on Sunday, as `timestamp.get_week` has them
_MOST_SECONDS: Final = 48 * 3600
_MOST_COUNT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Keys:
    """Match keys by name, and the equalities that define those which are no placeholders of the query."""

    names: tuple[tree.Variable, ...]
    definitions: tuple[tree.Expression, ...]


def read_keys(section: query_tree.Match | None, implicit: str) -> Keys:
    """Return the keys; a field becomes a placeholder named after its path, `$d = value` a placeholder of that name."""
    names: list[tree.Variable] = []
    definitions: list[tree.Expression] = []
    for node in map(ungrouped, section.keys if section else ()):
        match node:
            case tree.Path():
                variable = tree.Variable(path_name(node, implicit), node.span)
                equality = tree.Comparison(
                    "=", variable, node, is_nocase=False, operator_span=node.span, span=node.span
                )
                definitions.append(equality)
                names.append(variable)
            case tree.Comparison(operator="=", left=tree.Variable() as variable):
                definitions.append(node)
                names.append(variable)
            case tree.Variable():
                names.append(node)
            case _:
                names.append(tree.Variable("", node.span))
    return Keys(tuple(names), tuple(definitions))


def check_keys(keys: Keys, section: query_tree.Match | None, scope: Scope) -> tuple[str, ...]:
    """Return the names of the keys, checked as those of a rule are."""
    if section is None:
        return ()
    kept = []
    for key in keys.names:
        if key.name:
            kept.append(key)
        else:
            message = "a match key is a placeholder, a field or `$name = value`"
            scope.errors.add(Diagnostic(checks.MATCH_KEY, message, key.span))
    return check_match(tree.Match(tuple(kept), None, section.span), scope).keys


def path_name(path: tree.Path, implicit: str) -> str:
    """Return how a path is called in results: as it is written, without `$`."""
    pieces = [path.variable or ""] if path.variable not in (None, implicit) else []
    for segment in path.segments:
        suffix = f'["{segment.key}"]' if segment.key is not None else ""
        suffix = f"[{segment.index}]" if segment.index is not None else suffix
        pieces.append(segment.name + suffix)
    return ".".join(pieces)


def check_window(section: query_tree.Match | None, optional: Sequence[str], scope: Scope) -> QueryWindow | None:
    """Return the window of a match section. `optional`: the variables that may be missing."""
    if section is None or section.window is None:
        return None
    written = section.window
    events = [name for name, variable in scope.names.events.items() if variable.source == "udm"]
    if not events:
        _refuse(queries.QUERY_WINDOW, "no event is read here, so there is no time to cut", written.span, scope)
        return None
    if isinstance(written, query_tree.Granularity):
        return _granularity(written, scope)
    seconds = written.duration.seconds
    if not 60 <= seconds <= _MOST_SECONDS:
        scope.errors.add(
            Diagnostic(
                checks.WINDOW_SIZE,
                f"the match window is `{written.duration.text}`",
                written.duration.span,
                label="between `1m` and `48h`",
            )
        )
    pivot = written.pivot
    if pivot is not None and (pivot.name not in events or pivot.name in optional):
        message = f"the pivot `${pivot.name}` is not an event that is always there"
        _refuse(queries.QUERY_WINDOW, message, pivot.span, scope)
    return QueryWindow(written.kind, seconds, pivot=pivot.name if pivot else None)


def _granularity(written: query_tree.Granularity, scope: Scope) -> QueryWindow:
    if not 1 <= written.count <= _MOST_COUNT:
        scope.errors.add(
            Diagnostic(checks.WINDOW_SIZE, f"{written.count} blocks of time at once", written.span, label="at least 1")
        )
    if written.unit == "month":
        return QueryWindow("tumbling", written.count, "month", is_first=written.is_first)
    origin = _FIRST_SUNDAY if written.unit == "week" else 0
    return QueryWindow("tumbling", written.count * _SECONDS[written.unit], origin=origin, is_first=written.is_first)


def _refuse(mistake: Mistake, message: str, span: Span, scope: Scope) -> None:
    scope.errors.add(Diagnostic(mistake, message, span))
