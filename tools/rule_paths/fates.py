"""What became of the UDM fields that rules read: filled by records, not in the data, or not filled by a parser."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from windshear.engine.identities import EVENT_ID
from windshear.engine.sift.nodes import Formula, Leaf
from windshear.logs.catalogue import parser_of
from windshear.logs.outputs import Outputs
from windshear.logs.parser import Listed, LogParser, Messages
from windshear.udm.columns import Column, ScalarColumn
from windshear.udm.requests import Member

TIES = ("metadata.log_type", "metadata.vendor_name", "metadata.product_name")
KINDS = ("metadata.event_type", "metadata.product_event_type")


@dataclass(frozen=True)
class Reader:
    """A variable of a rule: what it reads, by path, and which records it can be about."""

    rule: str
    folder: tuple[str, ...]
    paths: Mapping[str, Leaf]
    columns: Mapping[str, Column]
    tie: Formula
    kind: Formula
    values: Mapping[str, frozenset[str]]


@dataclass
class Records:
    """What some records have, by log type: how many, combinations of header values, and records that fill a leaf."""

    count: Counter[str] = field(default_factory=Counter)
    headers: Counter[tuple[str, ...]] = field(default_factory=Counter)
    filled: dict[str, Counter[Leaf]] = field(default_factory=lambda: defaultdict(Counter))


class Fates:
    """What rules read of each log type, and what became of it."""

    def __init__(self, data: Records, samples: Records, notes: Mapping[str, Mapping[str, str]]) -> None:
        """Judge by the records of the data and, where these have none, of the samples.

        notes: by log type (`*` for all) why a path is not filled.
        """
        self.data, self.samples, self.notes = data, samples, notes
        self.rules: dict[str, set[str]] = defaultdict(set)
        self.paths: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.leaves: dict[str, Leaf] = {}
        self.values: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
        self.others: dict[str, dict[str, str]] = defaultdict(dict)

    def note(self, reader: Reader, log_type: str, *, has_kind: bool) -> None:
        """Note what a variable reads of a log type, and whether events of the kind that it asks for are there."""
        self.rules[log_type].add(reader.rule)
        for path, leaf in reader.paths.items():
            self.paths[log_type][path].add(reader.rule)
            self.leaves[path] = leaf
        for column, values in reader.values.items():
            for value in values:
                self.values[log_type][column, value].add(reader.rule)
        if not has_kind:
            self._other_kind(reader, log_type)

    def _other_kind(self, reader: Reader, log_type: str) -> None:
        """Note a rule whose events are there, by the product's type, but are of another event type than it asks for."""
        wanted = reader.values.get(KINDS[1], frozenset())
        there = (header for header in self.data.headers | self.samples.headers if header[0] == log_type)
        found = sorted({f"{header[4]} is {header[3]}" for header in there if header[4] in wanted})
        if found and KINDS[0] in reader.values:
            asked = ", ".join(sorted(reader.values.get(KINDS[0], ())))
            self.others[log_type][reader.rule] = f"{'; '.join(found)}; asked for: {asked}"

    def by_type(self) -> Iterator[tuple[str, dict[str, tuple[str, int]]]]:
        """Yield each log type with what became of the paths that its rules read."""
        for log_type in sorted(self.rules):
            yield log_type, {path: self.fate(log_type, path) for path in self.paths[log_type]}

    def fate(self, log_type: str, path: str) -> tuple[str, int]:
        """Return what became of a path that rules of a log type read, and how many records fill it."""
        leaf = self.leaves[path]
        count = self.data.filled[log_type][leaf]
        if count:
            return "filled", count
        count = self.samples.filled[log_type][leaf]
        if count:
            return "samples", 0
        if path == EVENT_ID:
            return ("filled" if self.data.count[log_type] else "samples"), self.data.count[log_type]
        return ("declared" if _is_declared(log_type, leaf) else "absent"), 0

    def reason(self, log_type: str, path: str) -> str:
        """Return why no record fills a path, as the notes say it."""
        for section in (log_type, "*"):
            for beginning, reason in self.notes.get(section, {}).items():
                if path == beginning or (beginning.endswith("*") and path.startswith(beginning[:-1])):
                    return reason
        return ""

    def missing_values(self, log_type: str) -> dict[str, list[str]]:
        """Return the values that rules compare the kind of an event with and no record has, samples included."""
        missing: dict[str, list[str]] = defaultdict(list)
        for place, column in enumerate(KINDS, len(TIES)):
            there = {header[place] for header in self.data.headers | self.samples.headers}
            missing[column] = sorted(
                value for name, value in self.values[log_type] if name == column and value not in there
            )
        return missing

    @property
    def unexplained(self) -> list[tuple[str, str]]:
        """The paths that a parser does not fill and no note explains."""
        return [
            (log_type, path)
            for log_type, paths in self.paths.items()
            for path in paths
            if self.fate(log_type, path)[0] == "absent" and not self.reason(log_type, path)
        ]


def _is_declared(log_type: str, leaf: Leaf) -> bool:
    """Whether the parser of a log type says how a leaf is filled."""
    parser = parser_of(log_type)
    if not isinstance(parser, LogParser):
        return True
    members = [hop.name for hop in leaf.hops if isinstance(hop, Member)]
    if not members:
        return (
            leaf.column.startswith(TIES[0])
            or Outputs().add(leaf.column, ScalarColumn("text"), parser.fields)
            or any(item.name == leaf.column for item in parser.fields)
        )
    messages = [item for item in parser.fields if isinstance(item, Messages) and item.name == leaf.column]
    named = {member.name for item in messages for element in item.elements for member in element.members}
    named |= {item.member for item in parser.fields if isinstance(item, Listed) and item.name == leaf.column}
    if not named:  # a map, as a list of keys and values
        return any(item.name == leaf.column for item in parser.fields)
    return members[0] in named
