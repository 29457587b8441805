"""From what a test says to the data that its rule is tried on: records read, lists and tables made, history counted."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
from pydantic import ValidationError

from windshear.context.context import ROLLUPS, Context, context_of_json, load_context
from windshear.context.metrics import Rollups
from windshear.context.tables import DataTable
from windshear.core.errors import InputError
from windshear.engine.enrichment.supplied import supplied_by
from windshear.engine.rollups import RollupBuilder
from windshear.language.diagnostics.suggest import closest
from windshear.language.metrics import Measure
from windshear.logs.catalogue import log_types
from windshear.logs.normalise import Normaliser
from windshear.logs.quarantine import Quarantined, SourceProblem
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import ReadItem, read, read_stream
from windshear.logs.record import RecordBatch, batch_of
from windshear.packs.tables import shipped_tables, with_tables
from windshear.ruletest.feeding import Feeding
from windshear.ruletest.tests_file import History, RawLogs, Surroundings
from windshear.ruletest.trial import Data, Records

_READ = ("lists", "tables", "entities", "detections")


@dataclass(slots=True)
class Inputs:
    """Reads what tests say. What several tests say alike is read once. directory: where history is kept."""

    directory: Path
    normaliser: Normaliser
    _contexts: dict[tuple[Path, bytes], Context] = field(default_factory=dict)
    _rollups: dict[tuple[Path, bytes, tuple[Measure, ...]], Rollups] = field(default_factory=dict)
    _shipped: dict[Path, Mapping[str, DataTable]] = field(default_factory=dict)

    def context(self, said: Surroundings | None, folder: Path) -> Context:
        """Return the lists, tables, entities and detections of a test; paths are from a folder.

        Tables that stand beside the rules of the folder are there, too, where the test gives none of their name.
        """
        if folder not in self._shipped:
            self._shipped[folder] = shipped_tables([folder])
        return with_tables(self._said(said, folder), self._shipped[folder])

    def _said(self, said: Surroundings | None, folder: Path) -> Context:
        if said is None:
            return _NOTHING
        given = said.model_dump(exclude_none=True, exclude={"history", "directory"})
        text = orjson.dumps([given, said.directory])
        key = (folder if said.directory else Path(), text)
        if key not in self._contexts:
            self._contexts[key] = _context(given, said, folder)
        return self._contexts[key]

    def rollups(self, said: Surroundings | None, folder: Path, measures: tuple[Measure, ...]) -> Rollups | None:
        """Return the history of a test as its rules' metrics count it; without any, nothing was before."""
        if not measures:
            return None
        history = History() if said is None or said.history is None else said.history
        key = (folder, history.model_dump_json().encode(), measures)
        if key not in self._rollups:
            self._rollups[key] = self._counted(history, folder, measures)
        return self._rollups[key]

    def _counted(self, history: History, folder: Path, measures: tuple[Measure, ...]) -> Rollups:
        directory = self.directory / f"history-{len(self._rollups)}"
        directory.mkdir()
        data = Data(tuple(history.events or ()), tuple(records_of(history.logs or (), folder)))
        with RollupBuilder(measures, directory) as builder:
            feeding = Feeding([data], builder.plans, self.normaliser)
            for batch in feeding.batches():
                builder.add(batch)
            if feeding.unread[0]:
                raise InputError(f"the history holds what is no event: {feeding.unread[0][0]}")
            return builder.finish(directory / ROLLUPS)


_NOTHING = Context()


def _context(given: dict[str, object], said: Surroundings, folder: Path) -> Context:
    here = load_context(folder / said.directory) if said.directory else Context()
    try:
        own = context_of_json(orjson.dumps(given))
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    found = replace(
        here,
        lists={**here.lists, **own.lists},
        tables={**here.tables, **own.tables},
        entities=own.entities or here.entities,
        detections=own.detections or here.detections,
    )
    supplied_by(found)  # says what is wrong with it
    return found


def records_of(logs: Sequence[RawLogs], folder: Path) -> Iterator[Records]:
    """Yield the raw records of groups of logs; `InputError` if something cannot be read."""
    for number, group in enumerate(logs, start=1):
        log_type = _log_type(group.type)
        name = "records" if len(logs) == 1 else f"logs[{number}]"
        if group.records is not None:
            texts = [orjson.dumps(record).decode() for record in group.records]
            yield Records(batch_of(texts, name), log_type)
        elif group.lines is not None:
            stream = io.BytesIO(group.lines.encode("utf-8", "surrogatepass"))
            yield from _taken(read_stream(stream, name, Limits()), log_type)
        else:
            for file in group.files or ():
                yield from _taken(_file(folder / file, file), log_type)


def _file(path: Path, name: str) -> Iterator[ReadItem]:
    if not path.exists():
        raise InputError(f"the file `{name}` does not exist (paths are from the folder of the tests file)")
    for item in read([str(path)], io.BytesIO()):
        yield (
            replace(item, sources=tuple(_short(source, path, name) for source in item.sources))
            if isinstance(item, RecordBatch)
            else item
        )


def _short(source: str, path: Path, name: str) -> str:
    return name + source.removeprefix(str(path))


def _taken(items: Iterator[ReadItem], log_type: str | None) -> Iterator[Records]:
    for item in items:
        match item:
            case RecordBatch():
                yield Records(item, log_type)
            case SourceProblem(source, reason):
                raise InputError(f"{source}: {reason}")
            case Quarantined(source, number, reason):
                raise InputError(f"{source}:{number}: {reason}")
            case _:
                pass  # lines that were joined, and records that are none of ours


def _log_type(written: str) -> str | None:
    name = written.upper()
    if name == "AUTO":
        return None
    if name not in log_types():
        meant = closest(name, log_types())
        hint = f"did you mean {meant}?" if meant else f"use auto or one of {', '.join(log_types())}"
        raise InputError(f"the log type `{written}` is unknown; {hint}")
    return name
