"""Finding the persons of nouns: what each identifier of a user says, and what follows from all of them.

What identifies an account wherever it is said (a SID, an object id, an address, an account of a named domain) decides;
a bare name counts only where there is nothing of that kind, for a name that is known here may be a stranger's there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from windshear.context.persons import NOBODY, SEVERAL, Found, Persons
from windshear.engine.enrichment.nouns import Nouns, Numbers, spread, texts_of
from windshear.udm.columns import Columns, ListColumn, ScalarColumn

Mask = npt.NDArray[np.bool_]

_TEXT = ScalarColumn("text")
_SOURCE_IDENTITY = 'user.attribute.labels["sourceIdentity"]'
_REMEMBERED = 100_000  # identifiers
_NO_PERSON = 2**62

IDENTIFIERS: Columns = {
    "user.userid": _TEXT,
    "user.user_display_name": _TEXT,
    "user.windows_sid": _TEXT,
    "user.product_object_id": _TEXT,
    "user.email_addresses": ListColumn("text"),
    "administrative_domain": _TEXT,
    _SOURCE_IDENTITY: _TEXT,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The number of each noun's person, or NOBODY; which of those may be several, and by which names."""

    persons: Numbers
    is_unclear: Mask
    shared: Counter[str]


class Finder:
    """Finds persons. What was looked up is remembered, for the same users come in every batch."""

    def __init__(self, persons: Persons) -> None:
        """Find among these."""
        self._named = lru_cache(_REMEMBERED)(persons.named)
        self._with_id = lru_cache(_REMEMBERED)(persons.with_id)
        self._in_domain = lru_cache(_REMEMBERED)(persons.in_domain)

    def find(self, nouns: Nouns) -> Answer:
        """Return who the users of nouns are."""
        strong, weak = _Opinions.none(nouns.count), _Opinions.none(nouns.count)
        for source in self._sources(nouns):
            is_strong = source.each(found.is_strong for found in source.found).astype(np.bool_)
            strong.add(source, is_strong)
            weak.add(source, ~is_strong)
        persons = np.where(strong.is_voiced, strong.agreed, weak.agreed)
        is_unclear = np.where(strong.is_voiced, strong.is_unclear, weak.is_unclear)
        # AWS keeps it through every change of role, whatever the sessions are called.
        behind = self._source(nouns, _SOURCE_IDENTITY, self._named)
        decided = behind.each(found.person for found in behind.found)
        is_known = decided >= 0
        persons[behind.rows[is_known]] = decided[is_known]
        is_unclear &= persons < 0
        return Answer(persons, is_unclear, strong.shared(is_unclear) + weak.shared(is_unclear))

    def _sources(self, nouns: Nouns) -> Iterator[_Source]:
        yield self._source(nouns, "user.windows_sid", self._named)
        yield self._source(nouns, "user.email_addresses", self._named)
        yield self._source(nouns, "user.product_object_id", self._with_id)
        yield self._source(nouns, "user.user_display_name", self._named)
        yield self._accounts(nouns)

    def _source(self, nouns: Nouns, name: str, find: Callable[[str], Found]) -> _Source:
        texts = texts_of(nouns.get(name))
        return _Source(texts.rows, texts.codes, texts.distinct, [find(text) for text in texts.distinct])

    def _accounts(self, nouns: Nouns) -> _Source:
        """Return what the names of accounts say, each together with its domain."""
        names, domains = texts_of(nouns.get("user.userid")), texts_of(nouns.get("administrative_domain"))
        if not len(names.rows):
            return _Source(names.rows, names.codes, [], [])
        domain_of = np.zeros(nouns.count, np.int64)
        domain_of[domains.rows] = domains.codes + 1
        pairs, codes = np.unique(domain_of[names.rows] * len(names.distinct) + names.codes, return_inverse=True)
        listed = [divmod(int(pair), len(names.distinct)) for pair in pairs]
        known = ["", *domains.distinct]
        texts = [names.distinct[name] for _, name in listed]
        found = [self._in_domain(known[domain], text) for (domain, _), text in zip(listed, texts, strict=True)]
        return _Source(names.rows, codes, texts, found)


@dataclass(frozen=True, slots=True)
class _Source:
    """What one kind of identifier says: of row `rows[i]`, `found[codes[i]]` because of the text there."""

    rows: Numbers
    codes: Numbers
    texts: Sequence[str]
    found: Sequence[Found]

    def each(self, values: Iterator[int]) -> Numbers:
        return spread(values, self.codes)


@dataclass(slots=True)
class _Opinions:
    """Whom identifiers of one strength name: per row the lowest and highest number, and whether there is any at all."""

    low: Numbers
    high: Numbers
    is_voiced: Mask
    is_shared: Mask
    _names: list[tuple[Numbers, Numbers, Sequence[str]]] = field(default_factory=list)

    @classmethod
    def none(cls, count: int) -> _Opinions:
        return cls(
            np.full(count, _NO_PERSON), np.full(count, NOBODY), np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        )

    def add(self, source: _Source, chosen: Mask) -> None:
        rows, persons = source.rows[chosen], source.each(found.person for found in source.found)[chosen]
        self.is_voiced[rows] = True
        is_shared = persons == SEVERAL
        if is_shared.any():
            self.is_shared[rows[is_shared]] = True
            self._names.append((rows[is_shared], source.codes[chosen][is_shared], source.texts))
        is_known = persons >= 0
        np.minimum.at(self.low, rows[is_known], persons[is_known])
        np.maximum.at(self.high, rows[is_known], persons[is_known])

    @property
    def agreed(self) -> Numbers:
        return np.where(self.low == self.high, self.low, NOBODY)

    @property
    def is_unclear(self) -> Mask:
        """Whether several persons are named, by one identifier or by two."""
        return (self.low < self.high) | (self.is_shared & (self.high < 0))

    def shared(self, rows: Mask) -> Counter[str]:
        """Count the names that are shared, in some rows."""
        counted: Counter[str] = Counter()
        for named, codes, texts in self._names:
            numbers = np.bincount(codes[rows[named]], minlength=len(texts))
            counted.update({texts[code]: int(numbers[code]) for code in np.flatnonzero(numbers).tolist()})
        return counted
