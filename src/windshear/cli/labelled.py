"""Rules on labelled logs: what `evaluate` and `tune` are asked for alike, and what both do with it first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from windshear.cli.console import count
from windshear.cli.counting import History, history_beside
from windshear.cli.enriching import surroundings_of
from windshear.cli.inputs import input_of, time_of_run
from windshear.cli.rule_sets import Ready, ready_rules
from windshear.context.context import Context
from windshear.core.readings.settings import Readings
from windshear.engine.enrichment.supplied import Supplied
from windshear.engine.feed import Input
from windshear.engine.scan import Settings
from windshear.evaluate.behaviours import Catalogue, catalogue_folders, check_labels, read_catalogue
from windshear.evaluate.dataset import DataSet, open_data
from windshear.evaluate.labels import Label, Labels, refuse
from windshear.evaluate.marking import Marker
from windshear.evaluate.run import DETECTION_LIMIT, Ran
from windshear.language.metrics import Measure


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rules to run on which labelled logs.

    labels, context, history: as named; where nothing is, what lies in the folder of the data is taken.
    """

    data: Path
    labels: Path | None
    rules: Sequence[Path]
    packs: Sequence[str]
    context: Path | None
    geoip: Sequence[Path]
    history: Sequence[str]
    log_type: str | None
    mappings: Mapping[str, str]
    readings: Readings
    settings: Settings
    now: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Labelled data with its surroundings.

    context: without tables of rules and history. supplied: what it adds to events. present: what rules take as now, in
    seconds since 1970.
    """

    asked: Asked
    found: DataSet
    catalogue: Catalogue
    context: Context
    supplied: Supplied
    present: int

    @property
    def given(self) -> Input:
        """The logs."""
        return Input(self.found.files, self.asked.log_type, mappings=self.asked.mappings)

    @property
    def settings(self) -> Settings:
        """How rules run: all that they find is judged."""
        return replace(self.asked.settings, detection_limit=DETECTION_LIMIT, now_seconds=self.present)

    @contextmanager
    def rules(self) -> Iterator[Ready]:
        """Give the rules that are asked for, with their tables and the history that their metrics count."""
        asked = self.asked
        with tempfile.TemporaryDirectory(prefix="windshear-") as directory:
            earlier = _earlier_logs(self, Path(directory))
            yield ready_rules(asked.rules, asked.packs, self.context, asked.readings, earlier, self.present)


def opened(asked: Asked) -> Opened:
    """Open labelled data; `InputError` if it, its labels or what is known of behaviours cannot be used."""
    found = open_data(asked.data, asked.labels)
    catalogue = read_catalogue(catalogue_folders(asked.rules))
    if found.labels is not None:
        check_labels(found.labels, catalogue)
    present = _present(asked.now, found.labels)
    context, supplied = surroundings_of(asked.context or found.context, asked.geoip, present)
    return Opened(asked, found, catalogue, context, supplied, present)


def refuse_lost(marker: Marker, ran: Ran) -> None:
    """Raise `InputError` for labels that are about no event that was read."""
    refuse(marker.labels.path, [f"{label.line}: {_lost(label, ran)}" for label in marker.without_records()])


def _present(now: str | None, labels: Labels | None) -> int:
    """Return the seconds that rules take as now: as given, else the last time that a label names, else that of the run.

    What was known of the data, such as exceptions for a time, is taken as it was then.
    """
    latest = labels.latest if labels is not None else None
    return time_of_run(now) if now is not None or latest is None else latest


def _earlier_logs(data: Opened, directory: Path) -> History | None:
    """Return the history that the metrics of rules count: as named, else that of the data set if nothing counted it."""
    names, beside, given, enrichment = data.asked.history, data.found.history, data.given, data.supplied.enrichment
    if names or beside is None or data.context.rollups is not None:
        return history_beside(given, names, directory, enrichment, is_strict=False)
    earlier = replace(input_of([str(beside)], "auto"), mappings=given.mappings)
    return _HistoryBeside(earlier, directory, enrichment, is_strict=False)


class _HistoryBeside(History):
    """History that nobody named: it is left alone if no rule asks for it."""

    def added_to(self, context: Context, measures: Sequence[Measure]) -> Context:
        return History.added_to(self, context, measures) if measures else context


def _lost(label: Label, ran: Ran) -> str:
    if label.is_rest:
        return f"no event could be read from `{label.file}` but what has lines of its own"
    left_out = ran.report.quarantined_count + ran.report.skipped_count
    perhaps = f"; {count(left_out, 'record')} of the data could not be read, it may be among them" if left_out else ""
    return f"there is no event `{label.record_id}` in `{label.file}`{perhaps}"
