"""Trying: what a data set gives with more rows in the tables, compared with what it gives without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from windshear.context.context import Context
from windshear.context.tables import tables_read
from windshear.core.readings.settings import Readings
from windshear.detections.detection import Detection
from windshear.engine.composite import compose
from windshear.engine.enrichment.enrichment import Enrichment
from windshear.engine.feed import Input
from windshear.engine.plan import Plan, build_plans, lists_of
from windshear.engine.scan import Settings
from windshear.evaluate.findings import Finding, Findings
from windshear.evaluate.marking import Marked, Marker, below
from windshear.evaluate.proposing import Effect, Rows
from windshear.evaluate.rows import Row, with_rows
from windshear.evaluate.run import Progress, Ran, RuleSide, run_sides
from windshear.language.rule import CheckedRule

_TOGETHER = 4  # scans of one reading: each has a working database of its own

Seen = Mapping[str, bool]  # ids of records in detections, and whether an alert is among these


@dataclass(slots=True)
class Trials:
    """Scans of one data set. `begin` is the one without more rows; `attempt` compares others with it.

    rules: those that run. marker: finds the labelled records; None without labels. alarms: the ids of detections that
    are to be silenced.
    """

    given: Input
    rules: Sequence[CheckedRule]
    context: Context
    readings: Readings
    settings: Settings
    enrichment: Enrichment
    marker: Marker | None
    progress: Callable[[str], Progress] = lambda _doing: lambda _bytes: None
    alarms: frozenset[str] = frozenset()
    _plans: Sequence[Plan] = ()
    _base: Sequence[Detection] = ()
    _alerts: frozenset[str] = frozenset()
    _attacks: Mapping[str, tuple[Marked, bool]] = field(default_factory=dict)

    def begin(self) -> tuple[Ran, list[Finding]]:
        """Scan without more rows; return how reading went and what was found."""
        self._plans = build_plans(self.rules, lists_of(self.context), self.readings)
        ran = self._run([RuleSide(self._plans, self.context)], self.marker, "scanning")
        (found,) = ran.findings
        self._base = found.detections
        findings = found.all()
        self._alerts = frozenset(one.detection.id for one in findings if one.is_alert)
        seen = _seen(findings)
        if self.marker is not None:
            folder = self.marker.labels.folder
            self._attacks = {
                f"{below(marked.place, folder)} {marked.label.record_id}": (marked, alerted)
                for marked in self.marker.records()
                if marked.label.verdict.is_attack and (alerted := _best(marked, seen)) is not None
            }
        return ran, findings

    @property
    def attacks(self) -> int:
        """The number of attack records that are found without more rows."""
        return len(self._attacks)

    def doubts(self, rows: Iterable[Row], findings: Iterable[Finding]) -> dict[Row, str]:
        """Return why rows should not be trusted: they name what a finding that holds a record of an attack names."""
        attacks = {identity for marked, _ in self._attacks.values() for identity in marked.ids}
        named: dict[str, str] = {}
        for finding in findings:
            if not attacks.isdisjoint(record.id for record in finding.records):
                named |= dict.fromkeys((value.lower() for value in finding.all_values()), finding.rule)
        found = {}
        for row in rows:
            if all(value in named for value in row.named):
                found[row] = f"{named[min(row.named)]} names it in a detection of an attack"
        return found

    def attempt(self, sets: Sequence[Rows]) -> list[Effect]:
        """Return what each set of rows does."""
        effects: list[Effect] = []
        for start in range(0, len(sets), _TOGETHER):
            some = sets[start : start + _TOGETHER]
            sides = [self._side(rows) for rows in some]
            what = f"trying {start + 1:,} to {start + len(some):,} of {len(sets):,}" if len(sets) > 1 else "trying rows"
            ran = self._run([side for side, _ in sides], None, what)
            effects += [self._effect(affected, found) for (_, affected), found in zip(sides, ran.findings, strict=True)]
        return effects

    def _run(self, sides: Sequence[RuleSide], marker: Marker | None, doing: str) -> Ran:
        return run_sides(self.given, sides, marker, self.settings, self.enrichment, self.progress(doing))

    def _side(self, rows: Rows) -> tuple[RuleSide, frozenset[str]]:
        """Return what to scan with some rows, and the rules whose findings may change."""
        by_table: dict[str, list[Row]] = {}
        for row in sorted(rows, key=lambda row: row.text):
            by_table.setdefault(row.table, []).append(row)
        tables = {name: with_rows(self.context.tables[name], some) for name, some in by_table.items()}
        context = replace(self.context, tables={**self.context.tables, **tables})
        reading = [rule.name for rule in self.rules if not by_table.keys().isdisjoint(tables_read(rule))]
        edges = compose(self._plans).edges
        affected = _closure(reading, _turned(edges))
        needed = _closure(affected, edges)
        rules = [rule for rule in self.rules if rule.name in needed]
        return RuleSide(build_plans(rules, lists_of(context), self.readings), context), affected

    def _effect(self, affected: frozenset[str], found: Findings) -> Effect:
        kept = [one for one in self._base if one.rule.name not in affected]
        kept += [one for one in found.detections if one.rule.name in affected]
        findings = Findings(kept).all()
        ids = {one.detection.id for one in findings}
        seen = _seen(findings)
        lost = [
            name for name, (marked, alerted) in self._attacks.items() if _is_lost(_best(marked, seen), alerted=alerted)
        ]
        return Effect(self.alarms - ids, tuple(lost), self._alerts - self.alarms - ids)


def _seen(findings: Iterable[Finding]) -> Seen:
    found: dict[str, bool] = {}
    for finding in findings:
        for record in finding.records:
            found[record.id] = found.get(record.id, False) or finding.is_alert
    return found


def _best(marked: Marked, seen: Seen) -> bool | None:
    """Return whether an alert holds a record, None if no detection does."""
    held = [seen[identity] for identity in marked.ids if identity in seen]
    return any(held) if held else None


def _is_lost(after: bool | None, *, alerted: bool) -> bool:
    """Tell whether a record is in no detection any more, or in no alert although it was in one."""
    return after is None or (alerted and not after)


def _turned(edges: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reader, names in edges.items():
        for name in names:
            found.setdefault(name, []).append(reader)
    return found


def _closure(names: Iterable[str], edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return some names with all that can be reached from them."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += edges.get(name, ())
    return frozenset(found)
