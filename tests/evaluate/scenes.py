"""Scenes for tests: records, labels and detections that are said in a few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from windshear.detections.detection import Bound, ConditionClause, Detection, EventReference, NamedValue, RuleFacts
from windshear.engine.batch import EventBatch
from windshear.engine.identities import event_ids
from windshear.evaluate.behaviours import Catalogue
from windshear.evaluate.findings import Findings
from windshear.evaluate.labels import read_labels
from windshear.evaluate.marking import Marker
from windshear.evaluate.score import Score, score
from windshear.logs.record import RecordBatch

FIRST = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """A case read from a file."""

    case: Mapping[str, Any]

    def marker(self, folder: Path) -> Marker:
        """Return a marker that has seen all records."""
        file = folder / "labels.jsonl"
        file.write_bytes(b"".join(orjson.dumps(label) + b"\n" for label in self.case["labels"]))
        marker = Marker(read_labels(file, folder))
        for batch in self._batches(folder):
            marker.add(batch)
        return marker

    def score(self, folder: Path) -> Score:
        """Return how the detections do by the labels."""
        rules = self.case["rules"]
        claims = {name: tuple(meta.get("behaviours", "").replace(",", " ").split()) for name, meta in rules.items()}
        said = self.case.get("meanings", {})
        meanings = {name: tuple(found) if isinstance(found, list) else found for name, found in said.items()}
        findings = Findings([*self._detections(folder)]).all()
        return score(findings, claims, self.marker(folder), Catalogue({}, meanings))

    def _batches(self, folder: Path) -> Iterator[EventBatch]:
        number = 0
        for file, ids in self.case["records"].items():
            texts = pa.array([_text(file, name, place) for place, name in enumerate(ids)], pa.string())
            places = np.arange(len(ids), dtype=np.int64)
            records = RecordBatch(texts, (str(folder / file),), np.zeros(len(ids), np.int64), places + 1)
            times = pa.array(FIRST + (places + number) * SECOND)
            number += len(ids)
            yield EventBatch("UDM", pa.table({"ts_us": times, "metadata.product_log_id": pa.array(ids)}), records)

    def _references(self, folder: Path) -> dict[str, EventReference]:
        """Return the records as detections hold them: by `file/id`, and `file/id/2` for the second of that id."""
        found: dict[str, EventReference] = {}
        number = 0
        for file, ids in self.case["records"].items():
            for place, name in enumerate(ids):
                text = _text(file, name, place)
                (identity,) = event_ids("UDM", pa.array([text], pa.string()))
                key = f"{file}/{name}" if f"{file}/{name}" not in found else f"{file}/{name}/2"
                source = f"{folder / file}:{place + 1}"
                found[key] = EventReference(identity, FIRST + number * SECOND, "UDM", name, source)
                number += 1
        return found

    def _detections(self, folder: Path) -> Iterator[Detection]:
        records = self._references(folder)
        for name, said in self.case["detections"].items():
            held = [records[key] for key in said.get("records", ())]
            below = [EventReference(other, None, "DETECTION", "", "") for other in said.get("detections", ())]
            bound = {"e": Bound(len(held), held, ()), "d": Bound(len(below), below, (), "detection")}
            bound = {variable: some for variable, some in bound.items() if some.total}
            if said.get("misses"):
                bound["missing"] = Bound(0, (), ())
            time = FIRST + said.get("time", 0) * SECOND
            meta = tuple((key, str(value)) for key, value in self.case["rules"][said["rule"]].items())
            yield replace(detection(name, said["rule"], meta, bound, time), condition=tuple(_condition(bound)))


def detection(
    identity: str,
    rule: str,
    meta: Sequence[tuple[str, str]],
    bound: Mapping[str, Bound],
    time: int,
    outcomes: Sequence[NamedValue] = (),
) -> Detection:
    """Return a detection with what tests look at."""
    facts = RuleFacts(rule, f"rule {rule} {{}}", tuple(meta), is_multi_event=True)
    return Detection(identity, facts, "", time, time, time, (), tuple(outcomes), 50.0, bound)


def _condition(bound: Mapping[str, Bound]) -> Iterator[ConditionClause]:
    for name, some in bound.items():
        yield ConditionClause(f"#{name}", (NamedValue(f"#{name}", some.total, "int"),))


def _text(file: str, name: str, place: int) -> str:
    return orjson.dumps({"file": file, "id": name, "wording": place}).decode()
