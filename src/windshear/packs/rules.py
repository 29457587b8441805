"""Rule files from disk: which files a path names, and their rules compiled together.

A rule set keeps going past broken files: the rules that compile run, the others are reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from windshear.core.errors import InputError
from windshear.language.check.scope import Mode
from windshear.language.front import Compiled, compile_source
from windshear.language.lists import ListTypes
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.language.tables import TableSchemas
from windshear.packs.pack import is_baseline_query

RULE_SUFFIXES = (".yaral", ".yara-l", ".yl2")
_LARGEST_RULE_FILE = 4_000_000  # bytes; far above the 1 MB that the language allows


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled files. `rules` are those that can run; of rules with one name the first is kept."""

    files: tuple[Compiled, ...]
    rules: tuple[CheckedRule, ...]
    repeated: tuple[str, ...]  # names that occurred again and were left out

    @property
    def broken(self) -> tuple[Compiled, ...]:
        """The files with at least one rule that cannot run."""
        return tuple(file for file in self.files if file.is_broken)


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """Return the rule files that paths name: files as they are, folders searched below, sorted.

    Queries for the tables of a pack have the same suffix and hold no rule; in a folder they are passed over.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                p for p in path.rglob("*") if p.suffix in RULE_SUFFIXES and p.is_file() and not is_baseline_query(p)
            )
            if not inside:
                raise InputError(f"no rule files ({', '.join(RULE_SUFFIXES)}) below `{path}`")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InputError(f"rule file `{path}` does not exist")
    return list(dict.fromkeys(found))


def load_rules(
    paths: Iterable[Path],
    mode: Mode = Mode.COMPAT,
    tables: TableSchemas | None = None,
    lists: ListTypes | None = None,
) -> RuleSet:
    """Compile all rule files below some paths. `tables` are the data tables that are known, `lists` types of lists."""
    return compile_all([rule_source(path) for path in rule_files(paths)], mode, tables, lists)


def compile_all(
    sources: Sequence[Source],
    mode: Mode = Mode.COMPAT,
    tables: TableSchemas | None = None,
    lists: ListTypes | None = None,
) -> RuleSet:
    """Compile rule texts into one set."""
    files = tuple(compile_source(source, mode, tables, lists) for source in sources)
    rules: dict[str, CheckedRule] = {}
    repeated = []
    for file in files:
        for rule in file.rules:
            if rule.name in rules:
                repeated.append(rule.name)
            else:
                rules[rule.name] = rule
    return RuleSet(files, tuple(rules.values()), tuple(repeated))


def rule_source(path: Path) -> Source:
    """Read a rule file."""
    size = path.stat().st_size
    if size > _LARGEST_RULE_FILE:
        raise InputError(f"rule file `{path}` is too large: {size} bytes, at most {_LARGEST_RULE_FILE}")
    return Source(str(path), path.read_bytes().decode("utf-8-sig", errors="replace"))
