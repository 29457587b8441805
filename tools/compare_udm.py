"""Compare the events that we make of raw logs with events that somebody else made of them, leaf by leaf.

    python -m tools.compare_udm RAW EXPECTED

RAW is a file of raw logs; EXPECTED holds as many UDM events in the same order: proto-JSON one per line, or
`{"events": [{"event": {"idm": {"readOnlyUdm": {…}}}}]}` as public parser tests have it. Printed is every leaf of the
expected events that ours lack or have otherwise, and the share that agrees. A label is a leaf under its key, an element
of a list of scalars is one under its value, so that their order does not count.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from windshear.logs.intake import Intake
from windshear.logs.normalise import Normaliser
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch
from windshear.udm.columns import Columns
from windshear.udm.proto_json import read_event, write_event

Leaf = tuple[str, str]
_WRAPPERS = ("event", "idm", "readOnlyUdm")


@dataclass(frozen=True, slots=True)
class Difference:
    """A leaf of an expected event (numbered from 1), and what ours has there."""

    number: int
    path: str
    expected: str
    found: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many leaves the expected events have, those that differ, and how many more ours have."""

    leaves: int
    differences: tuple[Difference, ...]
    more: int

    @property
    def share(self) -> float:
        """The share of the expected leaves that ours have, from 0 to 1."""
        return 1 - len(self.differences) / self.leaves if self.leaves else 1.0


def compare(raw: Path, expected: Path) -> Comparison:
    """Compare the events of a file of raw logs with expected ones."""
    return compare_events(made_events(raw), expected_events(expected))


def compare_events(made: Sequence[Mapping[str, object]], wanted: Sequence[Mapping[str, object]]) -> Comparison:
    """Compare events in order; an event that is missing lacks every leaf.

    >>> compare_events([{"principal": {"port": 1}}], [{"principal": {"port": 2, "ip": ["192.0.2.1"]}}]).differences[0]
    Difference(number=1, path='principal.port', expected='2', found='1')
    """
    leaves = more = 0
    differences: list[Difference] = []
    for number, event in enumerate(wanted, 1):
        ours = list(_leaves("", made[number - 1])) if number <= len(made) else []
        theirs = list(_leaves("", event))
        values = dict(ours)
        missing = [leaf for leaf in theirs if leaf not in ours]
        differences += [Difference(number, path, value, values.get(path)) for path, value in missing]
        leaves += len(theirs)
        more += len(ours) - (len(theirs) - len(missing))
    return Comparison(leaves, tuple(differences), more)


def _leaves(path: str, value: object) -> Iterator[Leaf]:
    match value:
        case {"key": str(key), **rest} if rest.keys() <= {"value"}:
            yield f"{path}[{key}]", _text(rest.get("value", ""))
        case dict():
            for name, member in value.items():
                yield from _leaves(f"{path}.{name}" if path else name, member)
        case list():
            for place, element in enumerate(value):
                is_message = isinstance(element, dict) and "key" not in element
                yield from _leaves(f"{path}[{place}]" if is_message else path, element)
        case _:
            yield path, _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def expected_events(path: Path) -> list[Mapping[str, object]]:
    """Read expected events; they are written as we write ours, so that only what they say is compared."""
    data = path.read_bytes()
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        records: list[object] = [orjson.loads(line) for line in data.splitlines()]
    else:
        held = document.get("events") if isinstance(document, dict) else document
        records = held if isinstance(held, list) else [document]
    return [write_event(read_event(_bare(record))[0]) for record in records]


def _bare(record: object) -> object:
    for name in _WRAPPERS:
        record = record.get(name, record) if isinstance(record, dict) else record
    return record


def made_events(path: Path) -> list[Mapping[str, object]]:
    """Normalise raw logs; return the events in order of reading."""
    normaliser = Normaliser()
    nothing: Columns = {}
    intake = Intake(normaliser, lambda _: nothing)
    numbered: list[tuple[int, Mapping[str, object]]] = []
    for item in read([str(path)], io.BytesIO()):
        if not isinstance(item, RecordBatch):
            continue
        for part in intake.take_in(item).events:
            full = normaliser.normalise_full(part.records.texts.to_pylist(), part.log_type)
            for index, event in enumerate(full):
                if event is not None:
                    numbered.append((part.records.origin(index).number, write_event(event)))
    return [event for _, event in sorted(numbered, key=lambda pair: pair[0])]


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Compare UDM events leaf by leaf.")
    parser.add_argument("raw", type=Path, metavar="RAW")
    parser.add_argument("expected", type=Path, metavar="EXPECTED")
    options = parser.parse_args()
    found = compare(options.raw, options.expected)
    for one in found.differences:
        print(f"{one.number}: {one.path}: expected {one.expected!r}, found {one.found!r}")
    agree = found.leaves - len(found.differences)
    print(f"{agree} of {found.leaves} leaves agree ({found.share:.1%}); ours have {found.more} others")
    return 0


if __name__ == "__main__":
    sys.exit(main())
