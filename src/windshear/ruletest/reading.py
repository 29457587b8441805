"""Reading a tests file from disk: its tests, with what the file says for all of them, and the line of each.

Records that are like a template are made here, so that whoever reads on sees whole records.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from os.path import normpath
from pathlib import Path

from pydantic import ValidationError

from windshear.core.errors import InputError
from windshear.packs.yaml_text import Document, YamlError, read_yaml
from windshear.ruletest.mistakes import mistakes
from windshear.ruletest.templates import Templates, made_all
from windshear.ruletest.tests_file import (
    History,
    RawLogs,
    Record,
    RuleTest,
    Surroundings,
    Survivor,
    TemplatesFile,
    TestsFile,
)

_LARGEST_FILE = 4_000_000  # bytes


@dataclass(frozen=True, slots=True)
class ReadTest:
    """A test with what its file says for all tests; `place` is where it stands in the document."""

    test: RuleTest
    place: tuple[str | int, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A tests file. `name` is what places in it are called after."""

    path: Path
    tests: tuple[ReadTest, ...]
    survivors: tuple[Survivor, ...]
    document: Document
    text: str

    @property
    def name(self) -> str:
        """The path, as it was named."""
        return str(self.path)


def load_tests(path: Path) -> ReadFile:
    """Read a tests file; every mistake of the file is named with line and key."""
    return parse_tests(_text(path), path)


def parse_tests(content: str, path: Path) -> ReadFile:
    """Read the text of a tests file."""
    document = _document(content, path)
    try:
        file = TestsFile.model_validate(document.value)
    except ValidationError as error:
        raise InputError("\n".join(mistakes(error, document, str(path)))) from error
    templates = Templates(_templates(file, path))
    problems: list[str] = []
    tests = []
    for number, test in enumerate(file.tests):
        line = document.line(("tests", number))
        try:
            made = _made(_with_shared(test, file), templates)
        except InputError as error:
            problems.append(f"{path}:{line}: test `{test.name}`: {error}")
        else:
            tests.append(ReadTest(made, ("tests", number), line))
    if problems:
        raise InputError("\n".join(problems))
    return ReadFile(path, tuple(tests), tuple(file.survivors), document, content)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise InputError(f"`{path}` is too large: {size} bytes, at most {_LARGEST_FILE}")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise InputError(f"`{path}` cannot be read: {error.strerror}") from error


def _document(content: str, path: Path) -> Document:
    try:
        return read_yaml(content)
    except YamlError as problem:
        raise InputError(f"{path}:{problem.line}: {problem.reason}") from problem


def _templates(file: TestsFile, path: Path) -> dict[str, Record]:
    """Return the templates of a file and of those that it names; its own come first."""
    found: dict[str, Record] = {}
    for name in file.templates_from:
        shared = Path(normpath(path.parent / name))  # one name for one file, whichever tests name it
        stamp = shared.stat() if shared.exists() else None
        found |= _shared_templates(shared, (stamp.st_mtime_ns, stamp.st_size) if stamp else None)
    return found | file.templates


@lru_cache(maxsize=64)
def _shared_templates(path: Path, _stamp: tuple[int, int] | None) -> dict[str, Record]:
    """Read a file of templates, once for all tests files that name it as long as it does not change."""
    document = _document(_text(path), path)
    try:
        return TemplatesFile.model_validate(document.value).templates
    except ValidationError as error:
        raise InputError("\n".join(mistakes(error, document, str(path), TemplatesFile))) from error


def _made(test: RuleTest, templates: Templates) -> RuleTest:
    """Return a test with its records made from templates."""
    return test.model_copy(
        update={
            "events": made_all(templates, test.events),
            "logs": _made_logs(test.logs, templates),
            "context": _made_context(test.context, templates),
        }
    )


def _made_logs(logs: list[RawLogs] | None, templates: Templates) -> list[RawLogs] | None:
    if logs is None:
        return None
    return [group.model_copy(update={"records": made_all(templates, group.records)}) for group in logs]


def _made_context(said: Surroundings | None, templates: Templates) -> Surroundings | None:
    if said is None:
        return None
    history = said.history
    return said.model_copy(
        update={
            "entities": made_all(templates, said.entities),
            "detections": made_all(templates, said.detections),
            "history": history
            and History(events=made_all(templates, history.events), logs=_made_logs(history.logs, templates)),
        }
    )


def _with_shared(test: RuleTest, file: TestsFile) -> RuleTest:
    """Return a test with what its file says for all; what the test says itself comes first."""
    return test.model_copy(
        update={
            "rule": test.rule or file.rule,
            "rules": [*file.rules, *test.rules],
            "context": test.context if test.context is not None else file.context,
            "now": test.now if test.now is not None else file.now,
            "settings": [*file.settings, *test.settings],
        }
    )
