"""Reading a tests file from disk: its tests, with what the file says for all of them, and the line of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from windshear.core.errors import InputError
from windshear.packs.yaml_text import Document, YamlError, read_yaml
from windshear.ruletest.mistakes import mistakes
from windshear.ruletest.tests_file import RuleTest, Survivor, TestsFile

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
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise InputError(f"`{path}` is too large: {size} bytes, at most {_LARGEST_FILE}")
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise InputError(f"`{path}` cannot be read: {error.strerror}") from error
    return parse_tests(content, path)


def parse_tests(content: str, path: Path) -> ReadFile:
    """Read the text of a tests file."""
    try:
        document = read_yaml(content)
    except YamlError as problem:
        raise InputError(f"{path}:{problem.line}: {problem.reason}") from problem
    try:
        file = TestsFile.model_validate(document.value)
    except ValidationError as error:
        raise InputError("\n".join(mistakes(error, document, str(path)))) from error
    tests = tuple(
        ReadTest(_with_shared(test, file), ("tests", number), document.line(("tests", number)))
        for number, test in enumerate(file.tests)
    )
    return ReadFile(path, tests, tuple(file.survivors), document, content)


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
