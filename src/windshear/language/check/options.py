"""The options section."""

from __future__ import annotations

from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import MatchWindow
from windshear.language.source import Span
from windshear.language.syntax import tree

ALLOW_ZERO_VALUES = "allow_zero_values"
SUPPRESSION_WINDOW = "suppression_window"


def check_options(section: tree.Options | None, scope: Scope) -> dict[str, bool | int]:
    """Return the options by name; a suppression window is given in seconds."""
    options: dict[str, bool | int] = {}
    for entry in section.entries if section else ():
        if entry.name not in (ALLOW_ZERO_VALUES, SUPPRESSION_WINDOW):
            scope.errors.add(
                Diagnostic(
                    checks.BAD_OPTION,
                    f"`{entry.name}` is not an option",
                    entry.span,
                    help=f"the options are `{ALLOW_ZERO_VALUES}` and `{SUPPRESSION_WINDOW}`",
                )
            )
        elif entry.name in options:
            scope.errors.add(Diagnostic(checks.BAD_OPTION, f"`{entry.name}` is given twice", entry.span))
        elif entry.name == ALLOW_ZERO_VALUES and isinstance(entry.value, tree.BoolLiteral):
            options[entry.name] = entry.value.value
        elif entry.name == SUPPRESSION_WINDOW and isinstance(entry.value, tree.DurationLiteral):
            options[entry.name] = entry.value.seconds
        elif not isinstance(entry.value, tree.Malformed):
            wanted = "`true` or `false`" if entry.name == ALLOW_ZERO_VALUES else "a duration such as `1h`"
            scope.errors.add(
                Diagnostic(checks.BAD_OPTION, f"the value of `{entry.name}` is {wanted}", entry.value.span)
            )
    return options


def check_suppression(
    section: tree.Options | None,
    options: dict[str, bool | int],
    window: MatchWindow | None,
    scope: Scope,
    *,
    is_multi_event: bool,
) -> None:
    """Report a suppression window that is not longer than the match window of a multi-event rule."""
    seconds = options.get(SUPPRESSION_WINDOW, 0)
    if section is None or window is None or not is_multi_event or not 0 < seconds <= window.seconds:
        return
    scope.errors.add(
        Diagnostic(
            checks.SUPPRESSION_TOO_SHORT,
            f"the suppression window is {seconds} seconds, the match window {window.seconds}",
            _span_of(section, SUPPRESSION_WINDOW),
            help="make it longer than the match window",
        )
    )


def _span_of(section: tree.Options, name: str) -> Span:
    return next((entry.span for entry in section.entries if entry.name == name), section.span)
