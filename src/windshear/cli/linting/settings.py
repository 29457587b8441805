"""From the configuration and the options of the command line to the settings of each file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

from windshear.cli.configuration import FoundConfiguration
from windshear.core.errors import SettingError
from windshear.language.diagnostics.diagnostic import Severity
from windshear.language.diagnostics.suggest import closest
from windshear.language.lint.catalogue import CATEGORIES, all_lints, is_selector, lookup
from windshear.language.lint.settings import LintSettings, Tenant


def settings_for(
    configuration: FoundConfiguration, select: Sequence[str], ignore: Sequence[str]
) -> Callable[[str], LintSettings]:
    """Return the settings for each file by its name. What the command line selects replaces the configuration's."""
    table = configuration.values.lint
    where = str(configuration.path or "")
    chosen = tuple(select) or tuple(table.select)
    refused = (*table.ignore, *ignore)
    per_file = tuple((pattern, tuple(words)) for pattern, words in table.per_file_ignore.items())
    _check_words(select, "--select")
    _check_words(ignore, "--ignore")
    _check_words([*table.select, *table.ignore, *(word for _, words in per_file for word in words)], where)
    defaults = LintSettings()
    severities = _severities(table.severity, where)
    root = configuration.folder.resolve()

    @lru_cache(maxsize=256)
    def with_ignored(words: tuple[str, ...]) -> LintSettings:
        return LintSettings(
            select=chosen,
            ignore=(*refused, *words),
            severities=severities,
            required_meta=defaults.required_meta if table.required_meta is None else tuple(table.required_meta),
            most_literals=table.most_literals or defaults.most_literals,
            tenant=Tenant(table.tenant.edition, table.tenant.run_frequency),
        )

    def settings_of(name: str) -> LintSettings:
        if not per_file:
            return with_ignored(())
        path = _below(Path(name), root)
        return with_ignored(tuple(word for pattern, words in per_file if fnmatch(path, pattern) for word in words))

    return settings_of


def _below(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else resolved.as_posix()


def _severities(given: Mapping[str, Severity], where: str) -> tuple[tuple[str, Severity], ...]:
    found = []
    for word, severity in given.items():
        lint = lookup(word)
        if lint is None:
            raise SettingError(f"{where}: `lint.severity`: {_unknown(word)}")
        found.append((lint.code, severity))
    return tuple(found)


def _check_words(words: Sequence[str], where: str) -> None:
    for word in words:
        if not is_selector(word):
            raise SettingError(f"{where}: {_unknown(word)}")


def _unknown(word: str) -> str:
    known = [*CATEGORIES, *(lint.name for lint in all_lints()), *(lint.code for lint in all_lints())]
    near = closest(word, known)
    hint = f"did you mean `{near}`?" if near else "`windshear lint --list` shows all of them"
    return f"`{word}` is no lint, no beginning of codes and no category; {hint}"
