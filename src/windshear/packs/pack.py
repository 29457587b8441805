"""Content packs: folders of rules with their tests and guides, and the packs that come with Windshear.

    <pack>/
      rules/<rule>/       rule.yaral, tests.yaml, README.md: run by default
      comparison/<rule>/  the same three files: rules to learn from, never run by default
      posture/<rule>/     the same three files: facts for a report, never run by default
      tables/<table>.csv  the data tables that the rules read, to be filled by whoever runs them
      baselines/<table>.yaral  queries that fill tables from earlier logs

The folder of a rule carries the rule's name. This module finds files; it reads none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from windshear.core.errors import InputError

RULE_FILE = "rule.yaral"
TESTS_FILE = "tests.yaml"
GUIDE_FILE = "README.md"

_RULES = "rules"
_COMPARISON = "comparison"
_POSTURE = "posture"
TABLES = "tables"
BASELINES = "baselines"
RULE_FOLDERS = (_RULES, _COMPARISON, _POSTURE)
_DEMO = "demo"


def is_baseline_query(path: Path) -> bool:
    """Return whether a file is a query for a table, by its place: in a folder `baselines` with `rules` beside it."""
    return path.parent.name == BASELINES and (path.parent.parent / _RULES).is_dir()


@dataclass(frozen=True, slots=True)
class ContentRule:
    """The folder of one rule; its name is the rule's name."""

    folder: Path

    @property
    def name(self) -> str:
        """The rule's name, as the folder says."""
        return self.folder.name

    @property
    def rule(self) -> Path:
        """The rule text."""
        return self.folder / RULE_FILE

    @property
    def tests(self) -> Path:
        """The tests beside the rule."""
        return self.folder / TESTS_FILE

    @property
    def guide(self) -> Path:
        """What the rule is for, what it cannot see, and what to do when it fires."""
        return self.folder / GUIDE_FILE


@dataclass(frozen=True, slots=True)
class Pack:
    """A content pack. `comparison` holds rules to look at, `posture` facts to report: they do not run by default.

    problems: what is missing in rule folders; a rule without its tests or its guide still runs.
    """

    folder: Path
    rules: tuple[ContentRule, ...]
    comparison: tuple[ContentRule, ...] = ()
    posture: tuple[ContentRule, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The pack's name, as the folder says."""
        return self.folder.name

    @property
    def rule_files(self) -> tuple[Path, ...]:
        """The rule texts that run by default."""
        return tuple(rule.rule for rule in self.rules)


def load_pack(folder: Path) -> Pack:
    """Return the pack in a folder. A rule folder should hold its three files; what is missing is among the problems."""
    if not folder.is_dir():
        raise InputError(f"content pack `{folder}` is not a folder")
    problems: list[str] = []
    rules, comparison, posture = (tuple(_rules_in(folder / name, problems)) for name in RULE_FOLDERS)
    if not rules:
        raise InputError(f"content pack `{folder}` has no rules: expected `{_RULES}/<rule>/{RULE_FILE}` below it")
    return Pack(folder, rules, comparison, posture, tuple(problems))


def builtin_packs() -> tuple[Pack, ...]:
    """Return the packs that come with Windshear, by name."""
    folders = sorted(folder for folder in content_folder().iterdir() if (folder / _RULES).is_dir())
    return tuple(load_pack(folder) for folder in folders)


def builtin_pack(name: str) -> Pack:
    """Return one of the packs that come with Windshear."""
    packs = {pack.name: pack for pack in builtin_packs()}
    if name not in packs:
        raise InputError(f"there is no built-in content pack `{name}`: expected one of {', '.join(packs)}")
    return packs[name]


def content_folder() -> Path:
    """Return the folder of all content that comes with Windshear."""
    return Path(str(files("windshear") / "content"))


def demo_folders() -> tuple[Path, Path]:
    """Return the demo's sample logs: real records of others, and records written by the project."""
    demo = content_folder() / _DEMO
    return demo / "real", demo / "written"


def _rules_in(parent: Path, problems: list[str]) -> Iterator[ContentRule]:
    if not parent.is_dir():
        return
    for folder in sorted(parent.iterdir()):
        if not folder.is_dir() or folder.name.startswith((".", "_")) or not any(folder.iterdir()):
            continue
        missing = [name for name in (RULE_FILE, TESTS_FILE, GUIDE_FILE) if not (folder / name).is_file()]
        problems += [f"rule folder `{folder}` has no `{name}`" for name in missing]
        if RULE_FILE not in missing:
            yield ContentRule(folder)
