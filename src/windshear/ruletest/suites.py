"""Suites: the rules below some paths and the tests beside them.

The tests of `name.yaral` stand in `name.test.yaml`, those of all rules of a folder in its `tests.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from windshear.core.errors import InputError
from windshear.language.diagnostics.suggest import closest
from windshear.language.front import Compiled, compile_source
from windshear.packs.pack import is_baseline_query
from windshear.packs.rules import RULE_SUFFIXES, rule_source
from windshear.ruletest.reading import ReadFile, ReadTest, load_tests

FOLDER_TESTS = "tests.yaml"
TESTS_SUFFIX = ".test.yaml"


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one rule. file: the rule's file, compiled without tables. tests: with the file that each is from."""

    file: Compiled
    rule: str
    tests: tuple[tuple[ReadFile, ReadTest], ...]

    @property
    def path(self) -> Path:
        """The rule's file."""
        return Path(self.file.source.name)


@dataclass(frozen=True, slots=True)
class Suites:
    """All suites of a run, by file and rule.

    broken: rule files with a rule that cannot be loaded. problems: of tests files, with their places.
    """

    suites: tuple[Suite, ...]
    broken: tuple[Compiled, ...]
    problems: tuple[str, ...]


def find_suites(paths: Sequence[Path]) -> Suites:
    """Return the suites that paths name: folders, rule files, tests files. `InputError` if there is nothing there."""
    rules, tests = _files(paths)
    problems: list[str] = []
    read: list[ReadFile] = []
    for path in tests:
        try:
            read.append(load_tests(path))
        except InputError as error:
            problems += str(error).splitlines()
    named = set(rules)
    beside = {path: _rules_beside(path) for path in tests}
    for path in tests:
        if not beside[path]:
            problems.append(f"{path}:1: there is no rule for these tests: {_wanted_beside(path)}")
    everything = list(dict.fromkeys([*rules, *(rule for found in beside.values() for rule in found)]))
    compiled = {path: compile_source(rule_source(path)) for path in everything}
    suites: list[Suite] = []
    taken: dict[tuple[Path, str], list[tuple[ReadFile, ReadTest]]] = {}
    for file in read:
        known = {(path, rule.name) for path in beside[file.path] for rule in compiled[path].rules}
        is_broken = any(compiled[path].is_broken for path in beside[file.path])
        for one in file.tests:
            match _rule_of(one, known, is_broken=is_broken):
                case str() as problem:
                    problems.append(f"{file.path}:{one.line}: test `{one.test.name}`: {problem}")
                case None:
                    pass  # its rule cannot be loaded, which is told
                case place:
                    taken.setdefault(place, []).append((file, one))
    unread = {rule for path in beside.keys() - {file.path for file in read} for rule in beside[path]}
    for path in everything:
        for rule in compiled[path].rules:
            found = taken.get((path, rule.name), [])
            if found or path in named - unread:  # that a file of tests cannot be used is told already
                suites.append(Suite(compiled[path], rule.name, tuple(found)))
    broken = tuple(file for file in compiled.values() if file.is_broken)
    return Suites(tuple(suites), broken, tuple(problems))


def has_tests_below(folder: Path) -> bool:
    """Whether there is a tests file in a folder or below it."""
    return any(is_tests_file(path) for path in folder.rglob("*.yaml"))


def _files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the rule files and the tests files that paths name."""
    rules: dict[Path, None] = {}
    tests: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file())
            inside = [p for p in found if p.suffix in RULE_SUFFIXES and not is_baseline_query(p)]
            about = [p for p in found if is_tests_file(p)]
            if not inside and not about:
                raise InputError(f"no rules ({', '.join(RULE_SUFFIXES)}) and no tests ({_names()}) below `{path}`")
            rules |= dict.fromkeys(inside)
            tests |= dict.fromkeys(about)
        elif not path.exists():
            raise InputError(f"`{path}` does not exist")
        elif path.suffix in RULE_SUFFIXES:
            rules[path] = None
            tests |= dict.fromkeys(_tests_beside(path))
        elif path.suffix in (".yaml", ".yml"):
            tests[path] = None
        else:
            raise InputError(f"`{path}` is neither a rule ({', '.join(RULE_SUFFIXES)}) nor a tests file ({_names()})")
    return list(rules), list(tests)


def _names() -> str:
    return f"NAME{TESTS_SUFFIX}, {FOLDER_TESTS}"


def is_tests_file(path: Path) -> bool:
    """Whether a file holds tests, by its name."""
    return path.name == FOLDER_TESTS or path.name.endswith(TESTS_SUFFIX)


def _tests_beside(rule: Path) -> Iterator[Path]:
    for path in (rule.with_name(rule.stem + TESTS_SUFFIX), rule.with_name(FOLDER_TESTS)):
        if path.is_file():
            yield path


def _rules_beside(tests: Path) -> list[Path]:
    """Return the rule files that a tests file may be about."""
    if tests.name.endswith(TESTS_SUFFIX):
        stem = tests.name.removesuffix(TESTS_SUFFIX)
        candidates = [tests.with_name(stem + suffix) for suffix in RULE_SUFFIXES]
        return [path for path in candidates if path.is_file()]
    return sorted(path for path in tests.parent.iterdir() if path.suffix in RULE_SUFFIXES and path.is_file())


def _wanted_beside(tests: Path) -> str:
    if tests.name.endswith(TESTS_SUFFIX):
        return f"expected `{tests.name.removesuffix(TESTS_SUFFIX)}{RULE_SUFFIXES[0]}` beside the file"
    return f"expected a rule file ({', '.join(RULE_SUFFIXES)}) in its folder"


def _rule_of(one: ReadTest, known: set[tuple[Path, str]], *, is_broken: bool) -> tuple[Path, str] | str | None:
    """Return which rule a test is of, what is wrong if that is not clear, None if the rule cannot be loaded."""
    wanted = one.test.rule
    fitting = sorted(place for place in known if wanted in (None, place[1], place[0].name, place[0].stem))
    if len(fitting) == 1:
        return fitting[0]
    if is_broken and not fitting:
        return None
    names = sorted(name for _, name in known)
    if wanted is None:
        return f"which rule it is of is not clear: say `rule:`, one of {', '.join(names)}" if names else None
    meant = closest(wanted, names)
    return f"there is no rule `{wanted}`" + (f"; did you mean `{meant}`?" if meant else f", only {', '.join(names)}")
