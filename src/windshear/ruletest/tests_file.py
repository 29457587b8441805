"""What a tests file may say: the shape of its parts, checked, with nothing read from elsewhere.

A file is a mapping with a list `tests`; what all its tests share (`context`, `rules`, `settings`) may stand above them.
A test has a name, its input, and what is expected:

    tests:
      - name: root user with a password alone
        why: The plain case
        kind: attack
        logs:
          type: AWS_CLOUDTRAIL
          records:
            - { eventName: ConsoleLogin, ... }
        expect:
          count: 1
          outcomes: { risk_score: 79 }
          events: { login: [0d5e2b1c] }

The input is `events`, UDM as proto-JSON, and `logs`, raw records of one log type (a list of such groups for a rule that
reads several), as maps (`records`), as text (`lines`) or as files beside the test (`files`). The kind says what the
test is evidence for, and whether the rule must fire: in an `attack`, an `evasion` (an attack in another form) and a
`false_positive` (something benign that is known to fire) it does; in a `benign` test and a `gap` (an attack that is
known to get past the rule) it stays quiet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from windshear.ruletest.expected_values import checked_moment, checked_value

Kind = Literal["attack", "evasion", "benign", "gap", "false_positive"]
FIRING_KINDS: frozenset[Kind] = frozenset(("attack", "evasion", "false_positive"))

Record = dict[str, JsonValue]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]
Value = Annotated[JsonValue, AfterValidator(checked_value)]
Moment = Annotated[str | int, AfterValidator(checked_moment)]

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, Mapping | str) else value


class _Part(BaseModel):
    model_config = _STRICT


class RawLogs(_Part):
    """Raw records of one log type, as the product writes them; `type` may be `auto`.

    lines: the text of a log file. files: paths from the folder of the tests file, packed or not.
    """

    type: Text = "auto"
    records: list[Record] | None = Field(default=None, min_length=1)
    lines: Annotated[str, Field(min_length=1)] | None = None
    files: Annotated[list[Text], BeforeValidator(_as_list), Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        if [self.records, self.lines, self.files].count(None) != 2:
            raise ValueError("exactly one of `records`, `lines` and `files` must be given")
        return self


Logs = Annotated[list[RawLogs], BeforeValidator(_as_list), Field(min_length=1)]


class History(_Part):
    """What was before the events of the test, for metrics: UDM events, raw logs, or both."""

    events: list[Record] | None = None
    logs: Logs | None = None


class ListEntries(_Part):
    """A reference list."""

    type: Literal["STRING", "REGEX", "CIDR"] | None = None
    lines: list[str]


class TableRows(_Part):
    """A data table: the types of its columns by name, and its rows."""

    columns: dict[str, str]
    rows: list[list[str | bool | int | float | list[str] | list[float]]] = []


def _as_entries(value: object) -> object:
    return {"lines": value} if isinstance(value, list) else value


def _as_history(value: object) -> object:
    return {"events": value} if isinstance(value, list) else value


class Surroundings(_Part):
    """What rules read besides events. `directory`: a context folder, as `scan --context` takes it."""

    lists: dict[str, Annotated[ListEntries, BeforeValidator(_as_entries)]] = {}
    tables: dict[str, TableRows] = {}
    entities: list[Record] | None = None
    detections: list[Record] | None = None
    history: Annotated[History, BeforeValidator(_as_history)] | None = None
    directory: Text | None = None


class DetectionFacts(_Part):
    """What one detection must have; what is left out is not looked at.

    events: per variable all records bound to it: the vendor's ids, or places in the test's input counted from 1.
    """

    match: dict[str, Value] = {}
    outcomes: dict[str, Value] = {}
    events: dict[str, list[str | int]] = {}
    severity: Text | None = None
    risk_score: Value = None
    start: Moment | None = None
    end: Moment | None = None
    time: Moment | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        given = (self.match, self.outcomes, self.events, self.severity, self.risk_score)
        return not any(given) and self.start is None and self.end is None and self.time is None


class Expected(DetectionFacts):
    """What the rule must give.

    Facts of a detection that stand here are those of one and the same detection, but for `events`, which are those of
    all detections. detections: all detections, in any order. only: the rules of the run that fire on this input, those
    that are named or, if `true`, none but the rule that is tested.
    """

    fires: bool | None = None
    count: Annotated[Value, Field()] = None
    detections: list[DetectionFacts] | None = None
    only: Literal[True] | list[Text] | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        number = self.number
        if number is not None and self.fires is not None and self.fires != (number > 0):
            raise ValueError(f"`fires` and {number} detections contradict each other")
        if self.detections is not None and self.count is not None and self.count != len(self.detections):
            raise ValueError(f"`count: {self.count}` and {len(self.detections)} detections contradict each other")
        if (self.fires is False or number == 0) and not self.is_empty:
            raise ValueError("a rule that stays quiet has no detection to say something of")
        return self

    @property
    def number(self) -> int | None:
        """How many detections are expected, if that is said."""
        if self.detections is not None:
            return len(self.detections)
        return self.count if isinstance(self.count, int) and not isinstance(self.count, bool) else None

    @property
    def asks_for_events(self) -> bool:
        """Whether it says anything of the events that are bound."""
        return bool(self.events) or any(one.events for one in self.detections or ())

    @property
    def asserts_nothing(self) -> bool:
        """Whether any result would do."""
        given = (self.fires, self.count, self.detections, self.only)
        return self.is_empty and all(part is None for part in given)


class RuleTest(_Part):
    """One test: an input and what the rule must make of it.

    rule: the name of the rule, where the files beside the test hold several. rules: paths of other rules that run, too,
    as a composite rule needs. now: what rules take as the time of the run. settings: `NAME=VALUE`, as for `--set`.
    """

    name: Text
    why: Text = ""
    kind: Kind | None = None
    rule: Text | None = None
    rules: Annotated[list[Text], BeforeValidator(_as_list)] = []
    events: list[Record] | None = None
    logs: Logs | None = None
    context: Surroundings | None = None
    now: Moment | None = None
    seed: int = 0
    settings: list[Text] = []
    expect: Expected = Expected()

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.events is None and self.logs is None:
            raise ValueError("`events` or `logs` is missing: a test has an input")
        if self.kind is None and self.expect.asserts_nothing:
            raise ValueError(
                "the test asserts nothing: say `fires: true` or `fires: false` below `expect`, or a `kind`"
            )
        if self.kind is not None and self.fires is not (self.kind in FIRING_KINDS):
            wanted = "fires" if self.kind in FIRING_KINDS else "stays quiet"
            raise ValueError(f"a rule {wanted} in a test of kind `{self.kind}`")
        return self

    @property
    def fires(self) -> bool | None:
        """Whether the rule must fire; None where only other rules or an open number are asked for."""
        expect = self.expect
        if expect.fires is not None:
            return expect.fires
        if expect.number is not None:
            return expect.number > 0
        if not expect.is_empty:
            return True
        return None if self.kind is None else self.kind in FIRING_KINDS


class TemplatesFile(_Part):
    """A file of templates that several tests files share."""

    templates: dict[str, Record] = Field(min_length=1)


class Survivor(_Part):
    """A mutant that no test need catch: the text of its change, or of the clause, and why it does no harm."""

    mutant: Text
    reason: Text


class TestsFile(_Part):
    """The tests of one rule, or of the rules of one folder; `rule`, `rules`, `context` and the like are for all.

    templates: records that tests may be `like`, by name. templates_from: files with more of them, as paths from here.
    """

    rule: Text | None = None
    rules: Annotated[list[Text], BeforeValidator(_as_list)] = []
    context: Surroundings | None = None
    now: Moment | None = None
    settings: list[Text] = []
    templates: dict[str, Record] = {}
    templates_from: Annotated[list[Text], BeforeValidator(_as_list)] = []
    survivors: list[Survivor] = []
    tests: list[RuleTest] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [(test.rule, test.name) for test in self.tests]
        if repeated := sorted({name for rule, name in names if names.count((rule, name)) > 1}):
            raise ValueError(f"test names are not unique: {', '.join(repeated)}")
        return self
