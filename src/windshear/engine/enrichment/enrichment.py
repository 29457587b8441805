"""Enrichment of events: columns asked for are filled up, and whole events get the same.

It stands between normalising and sift, so an added value is a value like any other. What an addition reads is asked
for, too, but only where the addition is: a run that wants nothing of it pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import pyarrow as pa

from windshear.engine.enrichment.nouns import (
    Nouns,
    canonical_nouns,
    firsts_of,
    in_lists,
    repeated_nouns,
    single_nouns,
    with_members,
)
from windshear.logs.event_reader import Event
from windshear.udm.columns import Column, Columns, MessagesColumn, merge
from windshear.udm.rows import TIME

_REPEATED = frozenset(["about"])  # of the fields that additions go to


class Addition(Protocol):
    """One kind of knowledge, and where it goes."""

    @property
    def nouns(self) -> Sequence[str]:
        """The fields of an event whose nouns it is added to."""

    @property
    def all_reads(self) -> Columns:
        """The columns of nouns that it reads to add all that it can."""

    def reads(self, name: str, column: Column) -> Columns | None:
        """Return the columns of nouns that it reads to fill one of theirs; None if it adds nothing to that."""

    def added(self, nouns: Nouns, name: str, column: Column, counts: bool, /) -> pa.Array:
        """Return a column of nouns with what is added. counts: whether the events are seen for the first time."""

    def fragments(self, nouns: Nouns, counts: bool, /) -> Sequence[Mapping[str, object] | None]:
        """Return what each of some canonical nouns gains, to be joined to it; lists are appended to lists."""


@dataclass(frozen=True, slots=True)
class _Filling:
    """A column of events that an addition fills: that of a noun (`name` is below it), or one member of its list."""

    addition: Addition
    noun: str
    name: str
    column: Column
    reads: Columns
    is_member: bool = False

    @property
    def request(self) -> Columns:
        """What it reads, as columns of events."""
        if self.noun not in _REPEATED:
            return {f"{self.noun}.{name}": column for name, column in self.reads.items()}
        return {self.noun: MessagesColumn(in_lists(self.reads))}


class Enrichment:
    """What is added to events."""

    def __init__(self, additions: Sequence[Addition]) -> None:
        """Use some additions; without any, events stay as they are."""
        self._additions = additions

    @property
    def is_nothing(self) -> bool:
        """Whether events stay as they are."""
        return not self._additions

    def fills(self, name: str, column: Column) -> bool:
        """Say whether something may be added to a column of events."""
        return any(True for _ in self._fillings({name: column}))

    def asked(self, columns: Columns) -> Columns:
        """Return the columns that are needed to give some: those themselves, if nothing is added to them."""
        fillings = list(self._fillings(columns))
        return merge([columns, *(filling.request for filling in fillings)]) if fillings else columns

    def added(self, table: pa.Table, columns: Columns, *, counts: bool = True) -> pa.Table:
        """Return a table that has the columns that `asked` names with what is added, and only those of `columns`.

        counts: whether the events are seen for the first time.
        """
        fillings = list(self._fillings(columns))
        if not fillings:
            return table
        given, counted = table, set[tuple[int, str]]()
        for filling in fillings:
            if filling.noun not in _REPEATED:
                nouns = single_nouns(given, filling.noun, filling.reads)
                is_first = counts and (id(filling.addition), filling.noun) not in counted
                counted.add((id(filling.addition), filling.noun))
                array = filling.addition.added(nouns, filling.name, filling.column, is_first)
                table = _with_column(table, f"{filling.noun}.{filling.name}", array)
        for noun in {filling.noun: None for filling in fillings if filling.noun in _REPEATED}:
            if noun in table.column_names:
                mine = [filling for filling in fillings if filling.noun == noun]
                table = _added_below(table, noun, mine, columns.get(noun), counts=counts)
        return table.select([name for name in table.column_names if name == TIME or name in columns])

    def whole(self, events: Sequence[Event], *, counts: bool = False) -> None:
        """Add to canonical events all that there is; they are changed."""
        for addition in self._additions:
            for noun in addition.nouns:
                found = list(_nouns_in(events, noun))
                if found:
                    nouns = canonical_nouns(found, addition.all_reads)
                    for message, gain in zip(found, addition.fragments(nouns, counts), strict=True):
                        if gain is not None:
                            _join(message, gain)

    def _fillings(self, columns: Columns) -> Iterator[_Filling]:
        for whole, column in columns.items():
            for addition in self._additions:
                for noun in addition.nouns:
                    yield from _fillings_of(addition, noun, whole, column)


NOTHING_ADDED = Enrichment(())


def _fillings_of(addition: Addition, noun: str, whole: str, column: Column) -> Iterator[_Filling]:
    if whole == noun and noun in _REPEATED and isinstance(column, MessagesColumn):
        for name, member in column.members.items():
            reads = addition.reads(name, member)
            if reads is not None:
                yield _Filling(addition, noun, name, member, reads, is_member=True)
    elif whole.startswith(f"{noun}."):
        name = whole.removeprefix(f"{noun}.")
        reads = addition.reads(name, column)
        if reads is not None:
            yield _Filling(addition, noun, name, column, reads)


def _added_below(
    table: pa.Table, noun: str, fillings: Sequence[_Filling], wanted: Column | None, *, counts: bool
) -> pa.Table:
    """Return the table with what is added to the nouns of a repeated field."""
    nouns, rows = repeated_nouns(table, noun, merge(filling.reads for filling in fillings))
    filled = dict(nouns.columns)
    for number, filling in enumerate(fillings):
        array = filling.addition.added(nouns, filling.name, filling.column, counts and number == 0)
        if filling.is_member:
            filled[filling.name] = array
            continue
        name = f"{noun}.{filling.name}"
        table = _with_column(table, name, firsts_of(rows, array, table.num_rows))
    if isinstance(wanted, MessagesColumn):
        lists = with_members(wanted, Nouns(filled, nouns.count), rows, table.num_rows)
        table = _with_column(table, noun, lists)
    return table


def _with_column(table: pa.Table, name: str, array: pa.Array) -> pa.Table:
    if name not in table.column_names:
        return table.append_column(name, array)
    return table.set_column(table.column_names.index(name), name, array)


def _nouns_in(events: Sequence[Event], noun: str) -> Iterator[dict[str, object]]:
    for event in events:
        value = event.get(noun)
        for message in value if isinstance(value, list) else [value]:
            if isinstance(message, dict):
                yield message


def _join(message: dict[str, object], gain: Mapping[str, object]) -> None:
    for name, value in gain.items():
        if isinstance(value, Mapping):
            _join(cast("dict[str, object]", message.setdefault(name, {})), value)
        else:
            known = message.get(name)
            message[name] = [*(known if isinstance(known, list) else []), *cast("list[object]", value)]
