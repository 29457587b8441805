"""Constants with a syntax of their own: RE2 patterns, replacements, address ranges."""

from __future__ import annotations

import ipaddress

from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.patterns import compile_pattern
from windshear.language.source import Span


def check_pattern(pattern: str, span: Span, scope: Scope, *, most_groups: int | None = None) -> None:
    """Report a pattern that RE2 does not accept, or one with more groups than the function can return."""
    compiled = compile_pattern(pattern)
    if compiled.problem:
        scope.errors.add(
            Diagnostic(
                checks.INVALID_PATTERN,
                f"the pattern is not a valid RE2 regular expression: {compiled.problem}",
                span,
                help=_advice(compiled.problem),
            )
        )
    elif most_groups is not None and compiled.groups > most_groups:
        scope.errors.add(
            Diagnostic(
                checks.WRONG_GROUPS,
                f"the pattern has {compiled.groups} groups, at most {most_groups} can be captured",
                span,
                help="write `(?:…)` for groups that only hold things together",
            )
        )


def check_replacement(pattern: str, replacement: str, span: Span, scope: Scope) -> None:
    r"""Report a replacement that names a group which the pattern lacks, or has a stray backslash."""
    compiled = compile_pattern(pattern)
    if compiled.problem:
        return
    rest = iter(replacement)
    for character in rest:
        if character != "\\":
            continue
        escaped = next(rest, "")
        if escaped == "\\":
            continue
        if not ("0" <= escaped <= "9"):
            message = r"a backslash in the replacement is followed by a digit or a second backslash"
            scope.errors.add(Diagnostic(checks.WRONG_GROUPS, message, span))
            return
        if int(escaped) > compiled.groups:
            scope.errors.add(
                Diagnostic(
                    checks.WRONG_GROUPS,
                    f"the replacement names group {escaped}, the pattern has {compiled.groups}",
                    span,
                )
            )
            return


def check_network(text: str, span: Span, scope: Scope) -> None:
    """Report a text that is not an address range such as `192.0.2.0/24`."""
    if not is_network(text):
        scope.errors.add(
            Diagnostic(
                checks.INVALID_NETWORK, f"`{text}` is not an address range", span, help="for instance `192.0.2.0/24`"
            )
        )


def is_network(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address with a prefix length."""
    address, slash, length = text.partition("/")
    if not slash or not length.isascii() or not length.isdigit():
        return False
    try:
        ipaddress.ip_network(f"{address}/{length}", strict=False)
    except ValueError:
        return False
    return True


def _advice(problem: str) -> str:
    if "(?" in problem or "perl operator" in problem:
        return "RE2 has no look-ahead and no look-behind; use a second test with `not`"
    if "escape sequence" in problem:
        return "RE2 knows no back-references; in a quoted string double the backslashes, or use a raw string"
    return ""
