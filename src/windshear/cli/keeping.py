"""The work of `windshear history`: logs counted for later runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from windshear.cli.atomic import output
from windshear.cli.console import Exit, count, tell, worst
from windshear.cli.counting import CountedHistory, ReadHistory, count_history, read_history
from windshear.cli.inputs import quarantine_file
from windshear.cli.rule_sets import rule_files, tell_broken
from windshear.cli.summary import input_mistakes, say_input
from windshear.context.metrics import measures_of
from windshear.core.errors import SettingError
from windshear.engine.derived import DerivedBuilder
from windshear.engine.enrichment.enrichment import Enrichment
from windshear.engine.feed import Input
from windshear.language.metrics import Measure
from windshear.packs.tables import load_with_tables


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written, at least one of `metrics` and `entities`, and for which rules."""

    metrics: Path | None
    entities: Path | None
    rules: Sequence[Path]
    packs: Sequence[str]
    quarantine: Path | None
    is_strict: bool


def keep_history(given: Input, wanted: Wanted, enrichment: Enrichment) -> Exit:
    """Read logs, write what was counted, and return the exit code."""
    if wanted.metrics is None and wanted.entities is None:
        raise SettingError("nothing is to be written: say where with `--output` for metrics, or with `--entities`")
    if wanted.metrics is not None and wanted.entities is not None and _is_same(wanted.metrics, wanted.entities):
        raise SettingError(f"metrics and entities cannot both go to `{wanted.metrics}`")
    measures, code = _measures(wanted) if wanted.metrics else ((), Exit.OK)
    read: list[str | Path] = [*given.sources, *wanted.rules]
    with ExitStack() as opened:
        directory = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="windshear-")))
        metrics = opened.enter_context(output(wanted.metrics, read)) if wanted.metrics else None
        entities = opened.enter_context(output(wanted.entities, read)) if wanted.entities else None
        results = wanted.metrics or wanted.entities
        keep = opened.enter_context(quarantine_file(wanted.quarantine, beside=results, read=read))
        derived = opened.enter_context(DerivedBuilder(directory)) if entities else None
        beside = [derived] if derived else []
        counted: CountedHistory | ReadHistory
        if metrics is not None:
            counted = count_history(given, measures, directory, keep, enrichment, beside)
            with counted.rollups.path.open("rb") as file:
                shutil.copyfileobj(file, metrics)
        else:
            counted = read_history(given, beside, keep, enrichment)
        say_input(counted.report, tell, is_quarantine_kept=wanted.quarantine is not None)
        if isinstance(counted, CountedHistory):
            counted.say_counts(tell)
        if derived is not None and entities is not None:
            tell(f"{count(_write(derived, entities), 'entity')} derived")
    mistakes = input_mistakes(counted.given, counted.report, is_strict=wanted.is_strict)
    for mistake in mistakes:
        tell(mistake, style="bold red", lead="error")
    return worst(Exit.BAD_INPUT if counted.missing or mistakes else Exit.OK, code)


def _measures(wanted: Wanted) -> tuple[Sequence[Measure], Exit]:
    """Return what the rules ask for; those that cannot be loaded are told."""
    loaded, _ = load_with_tables(rule_files(wanted.rules, wanted.packs))
    tell_broken(loaded, is_any_left=bool(loaded.rules))
    measures = measures_of(loaded.rules)
    if not measures:
        raise SettingError("none of the rules reads a metric, so there is nothing to count")
    return measures, Exit.BROKEN_RULE if loaded.broken else Exit.OK


def _write(derived: DerivedBuilder, stream: BinaryIO) -> int:
    number = 0
    for entity in derived.finish():
        stream.write(orjson.dumps(entity) + b"\n")
        number += 1
    return number


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
