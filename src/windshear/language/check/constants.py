"""Constant arguments whose text has a syntax of its own: patterns, replacements, address ranges, zones, formats."""

from __future__ import annotations

import functools
import re
import zoneinfo

from windshear.language import expressions as ex
from windshear.language.check import patterns
from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.functions.function import Parameter

_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d\Z")
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\Z")
_FORMAT_WORDS = frozenset({"SECOND", "MINUTE", "HOUR", "DATE", "WEEK", "MONTH", "YEAR"})
_FORMAT_LETTERS = frozenset("aAbBdDfFGhHIjmMnpRStTuUVwWxXyY%")


def check(parameter: Parameter, argument: ex.Literal, before: tuple[ex.Expression, ...], scope: Scope) -> None:
    """Report a constant that does not have the syntax which the parameter asks for."""
    text = str(argument.value)
    match parameter.holds:
        case "pattern":
            patterns.check_pattern(text, argument.span, scope, most_groups=parameter.most_groups)
        case "replacement":
            pattern = before[-1]
            if isinstance(pattern, ex.Literal):
                patterns.check_replacement(str(pattern.value), text, argument.span, scope)
        case "network":
            patterns.check_network(text, argument.span, scope)
        case "zone":
            if not is_zone(text):
                _report(f"`{text}` is not a time zone", 'for instance `"Europe/Berlin"` or `"+02:00"`', argument, scope)
        case "time format":
            if not is_time_format(text):
                _report(f"`{text}` is not a time format", 'for instance `"%Y-%m-%d"` or `"HOUR"`', argument, scope)
        case "value":
            pass


@functools.lru_cache(maxsize=256)
def is_zone(text: str) -> bool:
    """Whether a text is an IANA time zone name or a fixed offset such as `+02:00`."""
    if _OFFSET.match(text):
        return True
    if not _ZONE_NAME.match(text):
        return False
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_time_format(text: str) -> bool:
    """Whether a text is one of the format words, or a format of `%` letters and other text.

    >>> is_time_format("%F %T"), is_time_format("DATE"), is_time_format("50%"), is_time_format("")
    (True, True, False, False)
    """
    if text in _FORMAT_WORDS:
        return True
    letters = iter(text)
    return text != "" and all(next(letters, "") in _FORMAT_LETTERS for character in letters if character == "%")


def _report(message: str, help_text: str, argument: ex.Literal, scope: Scope) -> None:
    scope.errors.add(Diagnostic(checks.WRONG_ARGUMENT, message, argument.span, help=help_text))
