"""Lints rule texts, for the tests beside this."""

from __future__ import annotations

from collections.abc import Sequence

from windshear.language.front import Compiled, compile_source
from windshear.language.lint.lint import Lint
from windshear.language.lint.run import LintedFile, lint_files
from windshear.language.lint.settings import LintSettings, Tenant
from windshear.language.source import Source


def compiled(text: str, name: str = "example.yaral") -> Compiled:
    """Compile a rule text that has no mistake."""
    found = compile_source(Source(name, text))
    assert not found.is_broken, [diagnostic.message for diagnostic in found.diagnostics]
    return found


def lint(text: str, settings: LintSettings | None = None, name: str = "example.yaral") -> LintedFile:
    """Lint one rule text."""
    return lint_files([compiled(text, name)], lambda _: settings or LintSettings())[0]


def codes(text: str, settings: LintSettings | None = None, name: str = "example.yaral") -> Sequence[str]:
    """Return the codes of what is found in a rule text, in its order."""
    return [found.lint.code for found in lint(text, settings, name).findings]


def settings_of(lint: Lint) -> LintSettings:
    """Return the settings under which the examples of a lint show it."""
    return LintSettings(tenant=lint.tenant or Tenant())
