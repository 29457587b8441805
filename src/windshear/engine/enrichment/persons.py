"""Who the users of events are: `user.attribute.labels["person_id"]` of every noun that has a user.

What the log says itself stays. Users that may be several persons stay without one, and are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from windshear.context.persons import NOBODY, Persons
from windshear.engine.enrichment.finding import IDENTIFIERS, Finder
from windshear.engine.enrichment.nouns import Nouns, first_filled, joined_lists, lists_of
from windshear.udm.columns import Column, Columns, MessagesColumn, ScalarColumn, arrow_type

PERSON_KEY = "person_id"
LABELS = "user.attribute.labels"
PERSON = f'{LABELS}["{PERSON_KEY}"]'

_TEXT = ScalarColumn("text")
_MOST_NAMES = 1_000  # counted apart
_READS: Columns = {**IDENTIFIERS, PERSON: _TEXT}


@dataclass(slots=True)
class Unclear:
    """Users that may be several persons: how many there were, and how many of them had each shared name."""

    users: int = 0
    names: Counter[str] = field(default_factory=Counter)


class PersonAddition:
    """Adds the persons behind users."""

    nouns = ("principal", "src", "target", "observer", "about")
    all_reads = _READS

    def __init__(self, load: Callable[[], Persons]) -> None:
        """`load` reads who is who, once it is needed."""
        self._load = load
        self._finder: Finder | None = None
        self.persons: Persons | None = None
        self.unclear = Unclear()
        self.is_asked = False  # not only for what is shown

    def reads(self, name: str, column: Column) -> Columns | None:
        """Return what is needed of nouns to fill a column of theirs; None if nothing is added to it."""
        is_added = (name == PERSON and column == _TEXT) or (name == LABELS and isinstance(column, MessagesColumn))
        if not is_added:
            return None
        self.is_asked = True
        return _READS if name == PERSON else {**_READS, LABELS: column}

    def added(self, nouns: Nouns, name: str, column: Column, counts: bool) -> pa.Array:
        """Return a column with the persons added."""
        persons = self._ids(nouns, counts=counts)
        if name == PERSON:
            return first_filled(nouns.get(PERSON), persons)
        return joined_lists(nouns.get(LABELS), _labels(persons, arrow_type(column)))

    def fragments(self, nouns: Nouns, counts: bool) -> list[Mapping[str, object] | None]:
        """Return for each canonical noun what is added to it."""
        persons = self._ids(nouns, counts=counts).to_pylist()
        return [
            None if person is None else {"user": {"attribute": {"labels": [{"key": PERSON_KEY, "value": person}]}}}
            for person in persons
        ]

    def _ids(self, nouns: Nouns, *, counts: bool) -> pa.Array:
        """Return the person of each noun that does not say itself who it is, NULL where there is none."""
        if self.persons is None or self._finder is None:
            self.persons = self._load()
            self._finder = Finder(self.persons)
        answer = self._finder.find(nouns)
        numbers = np.where(_says_itself(nouns), NOBODY, answer.persons)
        if counts:
            self.is_asked = True
            self.unclear.users += int(answer.is_unclear.sum())
            for name, number in answer.shared.items():
                if name in self.unclear.names or len(self.unclear.names) < _MOST_NAMES:
                    self.unclear.names[name] += number
        return pa.array(self.persons.ids, pa.string()).take(pa.array(numbers, mask=numbers < 0))


def _says_itself(nouns: Nouns) -> np.typing.NDArray[np.bool_]:
    """Tell which nouns have the label already."""
    own = nouns.get(PERSON)
    return np.zeros(nouns.count, np.bool_) if own is None else own.is_valid().to_numpy(zero_copy_only=False)


def _labels(persons: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return lists of one label for each person, with the members that are asked for."""
    ids = persons.drop_null()
    cells = {"key": pa.repeat(PERSON_KEY, len(ids)), "value": ids}
    members = [cells.get(member.name, pa.nulls(len(ids), member.type)) for member in kind.value_type]
    labels = pa.StructArray.from_arrays(members, [member.name for member in kind.value_type])
    return lists_of(np.flatnonzero(persons.is_valid().to_numpy(zero_copy_only=False)), labels, len(persons))
