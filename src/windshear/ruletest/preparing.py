"""From suites to trials: each test with its rules compiled for its tables, and its data read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import JsonValue

from windshear.context.context import Context
from windshear.context.expiry import in_force
from windshear.context.lists import lists_read
from windshear.context.metrics import measures_of
from windshear.context.tables import tables_read
from windshear.core.errors import InputError, WindshearError
from windshear.core.readings.settings import read_settings
from windshear.language import expressions as ex
from windshear.language.front import Compiled, compile_source
from windshear.language.rule import CheckedRule
from windshear.packs.rules import rule_files, rule_source
from windshear.ruletest.expected_values import clock, microseconds
from windshear.ruletest.inputs import Inputs, records_of
from windshear.ruletest.reading import ReadFile, ReadTest
from windshear.ruletest.suites import Suite
from windshear.ruletest.tests_file import RuleTest
from windshear.ruletest.trial import Data, Trial
from windshear.udm.proto_json import read_event
from windshear.udm.rows import microseconds as time_of

_CLOCK = "timestamp.current_seconds"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A test ready to run; or, in `problem`, why it cannot run."""

    suite: Suite
    file: ReadFile
    read: ReadTest
    trial: Trial | None
    problem: str = ""

    @property
    def test(self) -> RuleTest:
        """What the test says."""
        return self.read.test


@dataclass(slots=True)
class Preparing:
    """Prepares the tests of a run. everything: the suites of the run, whose rules a test with `only` runs, too."""

    inputs: Inputs
    everything: Sequence[Suite]
    _compiled: dict[tuple[Path, str], Compiled] = field(default_factory=dict)

    def prepare(self, suite: Suite) -> list[Prepared]:
        """Return the tests of a suite, each as a trial or with the reason why it is none."""
        return [self._prepared(suite, file, read) for file, read in suite.tests]

    def _prepared(self, suite: Suite, file: ReadFile, read: ReadTest) -> Prepared:
        try:
            return Prepared(suite, file, read, self._trial(suite, read.test, file.path.parent))
        except WindshearError as error:
            return Prepared(suite, file, read, None, str(error))

    def _trial(self, suite: Suite, test: RuleTest, folder: Path) -> Trial:
        now_seconds = microseconds(test.now) // 1_000_000 if test.now is not None else 0
        context = in_force(self.inputs.context(test.context, folder), now_seconds)
        rule = self._fitted(suite.file, suite.rule, context)
        rules = [rule, *self._others(suite, test, folder, context)]
        rollups = self.inputs.rollups(test.context, folder, measures_of(rules))
        if rollups is not None:
            context = replace(context, rollups=rollups)
        events = tuple(test.events or ())
        if test.now is None and any(map(_reads_clock, rules)):
            raise InputError(
                "the rule reads the time of the run, and the test does not say it: add "
                f"`now: {_latest(events) or '2026-03-02T08:53:24Z'}`"
            )
        return Trial(
            rules=tuple({one.name: one for one in reversed(rules)}.values())[::-1],
            data=Data(events, tuple(records_of(test.logs or (), folder)), context),
            now_seconds=now_seconds,
            seed=test.seed,
            readings=read_settings(test.settings),
            asks_for_events=test.expect.asks_for_events,
        )

    def _others(self, suite: Suite, test: RuleTest, folder: Path, context: Context) -> Iterable[CheckedRule]:
        for path in rule_files([folder / name for name in test.rules]):
            compiled = self._compile(path, context)
            _refuse_broken(compiled)
            yield from compiled.rules
        if test.expect.only is not None:
            for other in self.everything:
                if other.rule != suite.rule:
                    yield self._fitted(other.file, other.rule, context)

    def _fitted(self, file: Compiled, name: str, context: Context) -> CheckedRule:
        """Return a rule compiled for the tables and lists of a context."""
        rule = next(rule for rule in file.rules if rule.name == name)
        if not tables_read(rule) and not lists_read(rule):
            return rule
        compiled = self._compile(Path(file.source.name), context)
        _refuse_broken(compiled)
        return next(rule for rule in compiled.rules if rule.name == name)

    def _compile(self, path: Path, context: Context) -> Compiled:
        key = (path, repr((sorted(context.schemas.items()), sorted(context.list_types.items()))))
        if key not in self._compiled:
            source = rule_source(path)
            self._compiled[key] = compile_source(source, tables=context.schemas, lists=context.list_types)
        return self._compiled[key]


def _refuse_broken(compiled: Compiled) -> None:
    first = next((found for found in compiled.diagnostics if found.is_error), None)
    if first is not None:
        source = compiled.source
        place = source.position(first.span.start)
        where = f"{source.name}:{place.line}:{place.column}"
        raise InputError(f"{where}: with this context the rule cannot be loaded: {first.message}")


def _reads_clock(rule: CheckedRule) -> bool:
    roots = (*rule.row_expressions, rule.condition)
    return any(isinstance(node, ex.Call) and node.function == _CLOCK for root in roots for node in ex.walk(root))


def _latest(events: Sequence[Mapping[str, JsonValue]]) -> str:
    """Return the time of the last event, as a proposal."""
    times = [time for time in (time_of(read_event(event)[0], "udm") for event in events) if time]
    return clock(max(times) // 1_000_000 * 1_000_000) if times else ""
