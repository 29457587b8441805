"""The match section: keys, window, and which keys the automatic non-zero filter applies to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check.scope import Scope
from windshear.language.check.walk import ungrouped
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import MatchWindow, PlaceholderDefinition
from windshear.language.syntax import tree

_LEAST_SECONDS = 60
_MOST_SECONDS = 48 * 3600


@dataclass(frozen=True, slots=True)
class Match:
    """The match section as checked; no keys and no window if there is none."""

    keys: tuple[str, ...]
    window: MatchWindow | None


def check_match(section: tree.Match | None, scope: Scope) -> Match:
    """Return the keys and the window of a rule."""
    if section is None:
        return Match((), None)
    keys: list[str] = []
    for node in section.keys:
        name = _key(ungrouped(node), keys, scope)
        if name is not None:
            keys.append(name)
    return Match(tuple(keys), _window(section.window, scope))


def zero_filtered(
    keys: tuple[str, ...], placeholders: Mapping[str, PlaceholderDefinition], *, allows_zero: bool
) -> tuple[str, ...]:
    """Return the keys that must not be zero: those bound to plain fields only, unless the option allows zeros."""
    return () if allows_zero else tuple(key for key in keys if _is_plain(placeholders[key]))


def _is_plain(definition: PlaceholderDefinition) -> bool:
    return all(isinstance(b.value, ex.Field) for b in (*definition.bindings, *definition.alternatives))


def _key(node: tree.Expression, known: list[str], scope: Scope) -> str | None:
    if isinstance(node, tree.Malformed):
        return None
    if not isinstance(node, tree.Variable):
        scope.errors.add(
            Diagnostic(
                checks.MATCH_KEY,
                "a match key is a placeholder",
                node.span,
                help="equate the field with a placeholder in the events section, and list that",
            )
        )
        return None
    name = node.name
    if name in scope.names.events:
        scope.errors.add(
            Diagnostic(
                checks.MATCH_KEY,
                f"`${name}` is an event variable, a match key is a placeholder",
                node.span,
                help=f"equate a field of `${name}` with a placeholder, and list that",
            )
        )
    elif name not in scope.names.placeholders:
        scope.errors.add(
            Diagnostic(
                checks.MATCH_KEY,
                f"`${name}` is not a placeholder of the events section",
                node.span,
                help=f"define it in the events section: `${name} = $e.principal.hostname`",
            )
        )
    elif name in known:
        scope.errors.add(Diagnostic(checks.MATCH_KEY, f"`${name}` is listed twice", node.span))
    else:
        return name
    return None


def _window(window: tree.Window | None, scope: Scope) -> MatchWindow | None:
    if window is None:
        return None
    seconds = window.duration.seconds
    if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        scope.errors.add(
            Diagnostic(
                checks.WINDOW_SIZE,
                f"the match window is `{window.duration.text}`",
                window.duration.span,
                label="between `1m` and `48h`",
            )
        )
    pivot = window.pivot
    if pivot is not None and pivot.name not in scope.names.events:
        scope.errors.add(
            Diagnostic(
                checks.BAD_PIVOT,
                f"the pivot `${pivot.name}` is not an event variable of the events section",
                pivot.span,
            )
        )
    elif pivot is not None and scope.names.events[pivot.name].source == "graph":
        scope.errors.add(
            Diagnostic(checks.BAD_PIVOT, f"the pivot `${pivot.name}` is an entity and has no time", pivot.span)
        )
    return MatchWindow(window.kind, seconds, pivot.name if pivot else None)
