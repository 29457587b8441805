"""Persons: who the users in logs are, from entities of users and the data table `person_aliases`.

Entities are of one person if they have a SID, an object id, an account or the first mail address in common. A person's
id is that address (of several the first by alphabet), without one the account, the object id or the SID. What belongs
to two persons names neither. The table is what the user decided: its aliases go before those of entities.

Intervals of entities are not looked at: an alias that changed hands is one of two persons, and names neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from windshear.context.identifiers import Identifier, account_key, identifier, product_key, text_key
from windshear.context.records import BrokenRecord, Canonical, RecordSource
from windshear.context.tables import DataTable
from windshear.core.errors import InputError

NOBODY, SEVERAL = -1, -2

_RANK = {"mail": 0, "domain": 1, "guid": 2, "sid": 3, "bare": 4, "other": 5}
_DERIVED = ("DERIVED_CONTEXT", "GLOBAL_CONTEXT")  # what was counted or bought says nothing of who somebody is
_IDENTITY_LABELS = ("onPremisesUserPrincipalName", "securityIdentifier")


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a text names: the number of a person, NOBODY or SEVERAL.

    is_strong: it settles who somebody is, or that it is a stranger; else it is a name like there may be many.
    """

    person: int
    is_strong: bool


@dataclass(frozen=True, slots=True)
class Persons:
    """The persons, numbered from 0, and who has an alias: a person's number, or SEVERAL.

    skipped: entities that could not be used.
    """

    ids: tuple[str, ...]
    aliases: Mapping[str, int]
    skipped: int = 0

    def named(self, text: str) -> Found:
        """Return whom a user's name, address, SID or role session names."""
        whole = self.aliases.get(text_key(text))
        if whole is not None:
            return Found(whole, is_strong=True)
        found = identifier(text)
        if found is None:
            return Found(NOBODY, is_strong=False)
        return Found(self.aliases.get(found.key, NOBODY), found.is_strong)

    def in_domain(self, domain: str, text: str) -> Found:
        """Return whom the name of an account beside that of its domain names."""
        found = identifier(text)
        if found is None or found.form != "bare" or not domain.strip():
            return self.named(text)
        return Found(self.aliases.get(account_key(domain, found.key), NOBODY), is_strong=True)

    def with_id(self, text: str) -> Found:
        """Return whom an id of some product names. Ids of products that nothing is known of settle nothing."""
        found = identifier(text)
        if found is None or found.is_strong or not found.is_whole:
            return self.named(text)
        person = self.aliases.get(text_key(text), self.aliases.get(product_key(text), NOBODY))
        return Found(person, is_strong=person != NOBODY)


def persons_of(entities: RecordSource | None, table: DataTable | None) -> Persons:
    """Read who is who. The table has the columns `alias` and `person_id`; `InputError` says what is wrong with it."""
    gathered = _Gathered()
    skipped = 0
    for record in () if entities is None else entities.read():
        if isinstance(record, BrokenRecord):
            skipped += 1
        elif _is_user(record.value):
            gathered.add(record.value)
    ids, aliases = gathered.result()
    if table is not None:
        aliases.update(_decided(table, ids, aliases))
    return Persons(tuple(ids), aliases, skipped)


@dataclass(slots=True)
class _Gathered:
    """Users on the way to persons: each is a member of a set, whose first member stands for it.

    There may be many, so an identifier has one owner here, and only those that clash have more.
    """

    parents: list[int] = field(default_factory=list)
    candidates: list[Identifier] = field(default_factory=list)
    owners: dict[str, int] = field(default_factory=dict)
    further: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _joined: dict[str, int] = field(default_factory=dict)

    def add(self, entity: Canonical) -> None:
        """Take in a user."""
        found = list(_identifiers(entity))
        if not found:
            return
        number = len(self.parents)
        self.parents.append(number)
        candidate = min((identity for identity, _ in found), key=lambda identity: _RANK[identity.form])
        self.candidates.append(candidate)
        for identity, joins in found:
            if self.owners.setdefault(identity.key, number) != number:
                self.further[identity.key].add(number)
            if joins or identity is candidate:
                self._join(self._joined.setdefault(identity.key, number), number)

    def result(self) -> tuple[list[str], dict[str, int]]:
        """Return the ids of the persons, and whose each alias is; afterwards nothing can be added."""
        best: dict[int, Identifier] = {}
        for number, candidate in enumerate(self.candidates):
            root = self._root(number)
            best[root] = min(best.get(root, candidate), candidate, key=lambda it: (_RANK[it.form], it.key))
        order = sorted(best, key=lambda root: best[root].key)
        place = {root: number for number, root in enumerate(order)}
        for key, owner in self.owners.items():
            whose = {place[self._root(number)] for number in (owner, *self.further.get(key, ()))}
            self.owners[key] = next(iter(whose)) if len(whose) == 1 else SEVERAL
        return [_shown(best[root]) for root in order], self.owners

    def _root(self, number: int) -> int:
        while self.parents[number] != number:
            self.parents[number] = self.parents[self.parents[number]]
            number = self.parents[number]
        return number

    def _join(self, one: int, other: int) -> None:
        self.parents[self._root(other)] = self._root(one)


def _shown(identity: Identifier) -> str:
    return identity.key.upper() if identity.form == "sid" else identity.key.removeprefix("id:")


def _is_user(entity: Canonical) -> bool:
    metadata = _inner(entity, "metadata")
    return metadata.get("entity_type") == "USER" and metadata.get("source_type") not in _DERIVED


def _identifiers(entity: Canonical) -> Iterator[tuple[Identifier, bool]]:
    """Yield what a user is known by, and whether whoever else is known by it is the same person."""
    inner = _inner(entity, "entity")
    user = _inner(inner, "user")
    mails = [found for text in _texts(user.get("email_addresses")) if (found := identifier(text))]
    yield from ((mail, number == 0) for number, mail in enumerate(mails))
    for label in _messages(_inner(user, "attribute").get("labels")):
        value = identifier(str(label.get("value", ""))) if label.get("key") in _IDENTITY_LABELS else None
        if value is not None and value.is_strong:
            yield value, value.form == "guid"
    if (sid := identifier(str(user.get("windows_sid", "")))) is not None and sid.is_strong:
        yield sid, True
    product_id = str(user.get("product_object_id", ""))
    if (known := identifier(product_id)) is not None:
        # Two products may give the same number to two people.
        yield known if known.is_strong else Identifier("other", product_key(product_id)), known.is_strong
    name = identifier(str(user.get("userid", "")))
    if name is not None:
        yield from _accounts(name, str(inner.get("administrative_domain", "")).strip())


def _accounts(name: Identifier, domain: str) -> Iterator[tuple[Identifier, bool]]:
    """Yield a user's name, and with each spelling of its domain: `corp.example`, and `corp` as Windows shortens it."""
    if name.form == "bare" and domain:
        yield Identifier("domain", account_key(domain, name.key)), True
        short = domain.partition(".")[0]
        if short != domain:
            yield Identifier("domain", account_key(short, name.key)), False
    yield name, name.is_strong


def _decided(table: DataTable, ids: list[str], aliases: Mapping[str, int]) -> dict[str, int]:
    """Return whose the aliases of the table are; adds persons that only the table knows to `ids`."""
    numbers = {person.casefold(): number for number, person in enumerate(ids)}
    owners: defaultdict[str, set[int]] = defaultdict(set)
    rows = zip(*(table.rows.column(name).to_pylist() for name in ("alias", "person_id")), strict=True)
    for row, (alias, person) in enumerate(rows, start=1):
        found, owner = identifier(alias), identifier(person)
        if found is None or owner is None:
            raise InputError(f"data table `{table.source}`, row {row}: it needs an alias and a person_id")
        known = person.strip().casefold()
        number = numbers.get(known, aliases.get(owner.key, NOBODY))
        if number == SEVERAL:
            raise InputError(
                f"data table `{table.source}`, row {row}: `{person}` is one of several persons of the entities; write "
                "the mail address, SID or object id of the one that is meant"
            )
        if number == NOBODY:
            number = numbers[known] = len(ids)
            ids.append(person.strip())
            owners[owner.key].add(number)
        if not found.is_whole or found.form == "other":
            owners[text_key(alias)].add(number)
            continue
        owners[found.key].add(number)
        if found.form == "bare":
            owners[product_key(alias)].add(number)
    return _only(owners)


def _only(owners: Mapping[str, set[int]]) -> dict[str, int]:
    return {key: next(iter(some)) if len(some) == 1 else SEVERAL for key, some in owners.items()}


def _inner(message: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = message.get(name)
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _messages(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
