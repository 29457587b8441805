"""Tests that live beside a rule, in `tests.yaml`: what a test may say, and reading it with errors that name the line.

A file is a mapping with one key, `tests`, a list. A test has a `name`, the reason `why` it is there, a `kind`, its
input, and what is expected:

    tests:
      - name: root user with a password alone
        why: The plain case
        kind: attack
        logs:
          type: AWS_CLOUDTRAIL
          records:
            - { eventName: ConsoleLogin, ... }
        expect:
          fires: true
          count: 1
          outcomes: { risk_score: 79 }
          events: { login: [0d5e2b1c] }

The input is either `events`, UDM as proto-JSON, or `logs`, raw records of one log type (a list of such groups for a
rule that reads several). The kind says what the test is evidence for, and fixes whether the rule must fire:

- `attack` and `evasion` (an attack in another form): it fires;
- `benign`: it stays quiet;
- `gap`: an attack that is known to get past the rule: it stays quiet;
- `false_positive`: something benign that is known to fire: it fires.

In `expect`, `count` is the number of detections, `outcomes` are values that one and the same detection has, and
`events` gives for an event variable the vendor's record ids of all events bound to it, over all detections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError, model_validator

from windshear.core.errors import InputError
from windshear.packs.yaml_text import Document, YamlError, read_yaml

Kind = Literal["attack", "evasion", "benign", "gap", "false_positive"]
FIRING_KINDS: frozenset[Kind] = frozenset(("attack", "evasion", "false_positive"))

Record = dict[str, JsonValue]
Outcome = str | int | float | bool | list[str] | list[int] | list[float]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]

_LARGEST_FILE = 4_000_000  # bytes
_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class RawLogs(BaseModel):
    """Raw records of one log type, as the product writes them."""

    model_config = _STRICT

    type: Text
    records: list[Record] = Field(min_length=1)


class Expected(BaseModel):
    """What the rule must give."""

    model_config = _STRICT

    fires: bool
    count: Annotated[int, Field(ge=0)] | None = None
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    events: dict[str, list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.count is not None and self.fires != (self.count > 0):
            raise ValueError(f"`fires` and `count: {self.count}` contradict each other")
        if not self.fires and (self.outcomes or self.events):
            raise ValueError("a rule that stays quiet has no outcomes and no events")
        return self


def _as_groups(value: object) -> object:
    return [value] if isinstance(value, Mapping) else value


class RuleTest(BaseModel):
    """One test: an input and what the rule must make of it."""

    model_config = _STRICT

    name: Text
    why: Text
    kind: Kind
    events: list[Record] | None = Field(default=None, min_length=1)
    logs: Annotated[list[RawLogs], BeforeValidator(_as_groups), Field(min_length=1)] | None = None
    expect: Expected

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.events is None) == (self.logs is None):
            raise ValueError("exactly one of `events` and `logs` must be given")
        if self.expect.fires != (self.kind in FIRING_KINDS):
            wanted = "fires" if self.kind in FIRING_KINDS else "stays quiet"
            raise ValueError(f"a rule {wanted} in a test of kind `{self.kind}`")
        return self


class RuleTests(BaseModel):
    """The tests of one rule."""

    model_config = _STRICT

    tests: list[RuleTest] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [test.name for test in self.tests]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"test names are not unique: {', '.join(repeated)}")
        return self


def load_rule_tests(path: Path) -> tuple[RuleTest, ...]:
    """Read the tests of a rule; every mistake of the file is named with line and key."""
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise InputError(f"`{path}` is too large: {size} bytes, at most {_LARGEST_FILE}")
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise InputError(f"`{path}` cannot be read: {error.strerror}") from error
    return parse_rule_tests(content, str(path))


def parse_rule_tests(content: str, name: str) -> tuple[RuleTest, ...]:
    """Read the text of a tests file called `name`."""
    try:
        document = read_yaml(content)
    except YamlError as problem:
        raise InputError(f"{name}:{problem.line}: {problem.reason}") from problem
    try:
        return tuple(RuleTests.model_validate(document.value).tests)
    except ValidationError as error:
        messages = _messages(error, document, name)
        raise InputError("\n".join(messages)) from error


def _messages(error: ValidationError, document: Document, name: str) -> Sequence[str]:
    """Return one line per mistake. Of the readings of a union that all failed, the first at each place is told."""
    told: dict[tuple[int, str], str] = {}
    for mistake in error.errors(include_url=False, include_input=False, include_context=False):
        place = _existing(mistake["loc"], document)
        reason = mistake["msg"].removeprefix("Value error, ")
        if mistake["type"] == "missing":
            reason = f"`{mistake['loc'][-1]}` is missing"
        told.setdefault((document.line(place), _dotted(place)), reason)
    return [f"{name}:{line}: {key}: {reason}" for (line, key), reason in told.items()]


def _existing(place: Sequence[str | int], document: Document) -> tuple[str | int, ...]:
    """Return the part of a place that stands in the document.

    Names of union members, missing keys and the list around a single group of logs do not.
    """
    found: tuple[str | int, ...] = ()
    for step in place:
        if (*found, step) in document.spans:
            found = (*found, step)
    return found


def _dotted(place: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in place) or "the file"
