"""Comments that suppress findings. What they do is found out when a file is linted (`windshear.language.lint.run`)."""

from __future__ import annotations

from windshear.language.lint.lint import Lint

_TEMPLATE = """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    {}
  condition:
    $e
"""
_FINDING = "$e.principal.ip != `10.0.0.1`"

UNUSED = Lint(
    "W590",
    "unused-suppression",
    "warning",
    "style",
    "Suppression of what is not found",
    "The comment suppresses a lint that finds nothing there. It may stand at the wrong place, or what it was for is "
    "gone; left there, it would hide the next finding.",
    _TEMPLATE.format('$e.target.application = "vault" // lint: ignore[W501] there is one address only'),
    _TEMPLATE.format('$e.target.application = "vault"'),
)
WITHOUT_REASON = Lint(
    "W591",
    "suppression-without-reason",
    "warning",
    "style",
    "Suppression without a reason",
    "A finding is suppressed because somebody knows better. The comment must say what they know, behind the bracket, "
    "so that the next reader can tell whether it still holds.",
    _TEMPLATE.format(_FINDING + " // lint: ignore[W501]"),
    _TEMPLATE.format(_FINDING + " // lint: ignore[W501] the sensor reports one address only"),
)
UNKNOWN = Lint(
    "W592",
    "unknown-suppression",
    "warning",
    "style",
    "Suppression of a lint that does not exist",
    "The comment names neither the code nor the name of a lint, so it suppresses nothing.",
    _TEMPLATE.format('$e.target.application = "vault" // lint: ignore[W001] a slip'),
    _TEMPLATE.format('$e.target.application = "vault"'),
)

LINTS = (UNUSED, WITHOUT_REASON, UNKNOWN)
