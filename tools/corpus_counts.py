"""Count what becomes of every file below a folder.

    python tools/corpus_counts.py DIR

Prints for each source (a file, or a file in an archive) its log types, its records, and how many of them are events,
repeats of events that were read before, quarantined and skipped, then each reason with its count; the same summed for
each folder; and for each log type the share of events that are no more than GENERIC_EVENT, by raw name, and of records
in quarantine. Exit code 1 if a log type is above its bound: 5 % generic, 1 % quarantined. Events that are UDM already
have no bound: they are as they were made.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np

from windshear.engine.identities import event_digests
from windshear.logs.intake import Events, Intake
from windshear.logs.normalise import Normaliser
from windshear.logs.quarantine import Quarantined, Skipped, SourceProblem
from windshear.logs.readers.frames import JoinedLines
from windshear.logs.readers.read import read
from windshear.logs.repeats import Repeats
from windshear.udm.columns import Columns, ScalarColumn

_TYPE, _NAME = "metadata.event_type", "metadata.product_event_type"
_COLUMNS: Columns = {_TYPE: ScalarColumn("text"), _NAME: ScalarColumn("text")}
_MOST_GENERIC, _MOST_QUARANTINED = 0.05, 0.01


@dataclass(slots=True)
class _Counts:
    types: Counter[str] = field(default_factory=Counter)  # events by log type, repeats with them
    repeats: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def row(self, name: str) -> str:
        events, quarantined, skipped = self.types.total(), self.quarantined.total(), self.skipped.total()
        records = events + quarantined + skipped
        numbers = (records, events - self.repeats, self.repeats, quarantined, skipped)
        return "".join(f"{number:>9,}" for number in numbers) + f"  {name}  {', '.join(sorted(self.types))}"

    def reasons(self) -> list[str]:
        pairs = [*(("quarantined", pair) for pair in self.quarantined.items())]
        pairs += [*(("skipped", pair) for pair in self.skipped.items())]
        return [f"{what} {number:,}: {reason}" for what, (reason, number) in pairs] + self.problems

    def add(self, other: _Counts) -> None:
        self.types += other.types
        self.repeats += other.repeats
        self.quarantined += other.quarantined
        self.skipped += other.skipped


class _Tally:
    """What became of the records, by source and by log type."""

    def __init__(self, repeats: Repeats) -> None:
        self.sources: dict[str, _Counts] = defaultdict(_Counts)
        self.generic: dict[str, Counter[str]] = defaultdict(Counter)
        self._repeats = repeats

    def add(self, events: Events) -> None:
        records = events.records
        is_new = np.array(self._repeats.new(event_digests(events.log_type, records.texts)), np.bool_)
        for place, source in enumerate(records.sources):
            rows = records.source_of == place
            if rows.any():
                self.sources[source].types[events.log_type] += int(rows.sum())
                self.sources[source].repeats += int((rows & ~is_new).sum())
        if _TYPE in events.table.column_names and _NAME in events.table.column_names:
            pairs = zip(events.table.column(_TYPE).to_pylist(), events.table.column(_NAME).to_pylist(), strict=True)
            self.generic[events.log_type].update(str(name) for kind, name in pairs if kind == "GENERIC_EVENT")

    def note(self, item: Quarantined | Skipped) -> None:
        counts = self.sources[item.source]
        if isinstance(item, Quarantined):
            counts.quarantined[item.reason] += 1
        else:
            counts.skipped[item.reason] += item.count


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Count what becomes of every file below a folder.")
    parser.add_argument("folder")
    folder = parser.parse_args().folder
    with Repeats() as repeats:
        tally = _Tally(repeats)
        _take_in(folder, tally)
    header = "".join(f"{name:>9}" for name in ("records", "events", "repeats", "quarant.", "skipped"))
    print(header)
    folders: dict[str, _Counts] = defaultdict(_Counts)
    for source, counts in sorted(tally.sources.items()):
        name = PurePath(source.partition("!")[0]).relative_to(folder).as_posix()
        print(counts.row(name))
        for reason in counts.reasons():
            print(f"{'':>47}{reason}")
        folders[name.partition("/")[0]].add(counts)
    print(f"\n{header}")
    for name, counts in folders.items():
        print(counts.row(name))
    return _judge(tally, list(folders.values()))


def _take_in(folder: str, tally: _Tally) -> None:
    intake = Intake(Normaliser(), lambda _: _COLUMNS)
    for item in read([folder], sys.stdin.buffer):
        match item:
            case SourceProblem(source, reason, kind):
                tally.sources[source].problems.append(f"{kind}: {reason}")
            case Quarantined() | Skipped():
                tally.note(item)
            case JoinedLines():
                continue
            case batch:
                taken = intake.take_in(batch)
                for events in taken.events:
                    tally.add(events)
                for record in taken.quarantined:
                    tally.note(record)
                for others in taken.skipped:
                    tally.note(others)
    for others in intake.finish():
        tally.note(others)


def _judge(tally: _Tally, folders: list[_Counts]) -> int:
    """Print the shares of each log type; return 1 if one is above its bound."""
    events: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    for counts in folders:
        events += counts.types
    for counts in tally.sources.values():
        if len(counts.types) == 1:
            quarantined[next(iter(counts.types))] += counts.quarantined.total()
    code = 0
    print()
    for log_type, number in sorted(events.items()):
        generic = tally.generic[log_type]
        shares = generic.total() / number, quarantined[log_type] / (number + quarantined[log_type])
        named = ", ".join(f"{name} {count:,}" for name, count in generic.most_common())
        print(f"{log_type}: {number:,} events, {shares[0]:.1%} generic, {shares[1]:.1%} quarantined  {named}")
        code |= log_type != "UDM" and (shares[0] > _MOST_GENERIC or shares[1] > _MOST_QUARANTINED)
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
