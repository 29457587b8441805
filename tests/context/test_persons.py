"""Persons: which entities are one person, whose an alias is, and that nobody is guessed."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windshear.context.entities import ENTITY
from windshear.context.persons import NOBODY, SEVERAL, Found, Persons, persons_of
from windshear.context.records import RecordList
from windshear.context.reserved import ALIASES, reserved_table
from windshear.context.tables import DataTable, table_of
from windshear.core.errors import InputError

Json = dict[str, object]

GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
SID = "S-1-5-21-1-2-3-1105"


def user(domain: str = "", metadata: Json | None = None, **fields: object) -> Json:
    """Return an entity of a user."""
    entity: Json = {"user": fields}
    if domain:
        entity["administrativeDomain"] = domain
    return {"metadata": {"entityType": "USER", **(metadata or {})}, "entity": entity}


def aliases(*rows: tuple[str, str]) -> DataTable:
    """Return a table of aliases."""
    return table_of(ALIASES, [("alias", "string"), ("person_id", "string")], rows)


def known(*entities: object, table: DataTable | None = None) -> Persons:
    """Return the persons of some entities."""
    return persons_of(RecordList("entities", entities, ENTITY), table)


def person(persons: Persons, text: str) -> str | int:
    """Return the id of the person that a text names, or why there is none."""
    found = persons.named(text).person
    return persons.ids[found] if found >= 0 else found


ANN = user(
    "corp.example",
    userid="ann",
    windowsSid=SID,
    productObjectId=GUID,
    emailAddresses=["ann@corp.example", "ann.old@corp.example"],
)


@pytest.mark.parametrize(
    "text",
    [
        "CORP\\ann",
        "corp.example\\Ann",
        "ann",
        SID.lower(),
        "ANN@corp.example",
        "ann.old@corp.example",
        GUID.upper(),
        "arn:aws:sts::123456789012:assumed-role/Admin/ann@corp.example",
        "AROAEXAMPLEEXAMPLE:ann@corp.example",
    ],
)
def test_every_way_to_name_a_person(text: str) -> None:
    """One person has one id, whatever the log calls them."""
    assert person(known(ANN), text) == "ann@corp.example"


@pytest.mark.parametrize("text", ["OTHER\\ann", "ann@other.example", "S-1-5-21-1-2-3-1106", "WS1\\ann", "bob", ""])
def test_strangers(text: str) -> None:
    """What only resembles an alias names nobody."""
    assert person(known(ANN), text) == NOBODY


def test_entities_of_one_person() -> None:
    """A SID, an object id, an account or the first address in common make one person, in whatever order."""
    entities = [
        user("CORP", userid="ann", windowsSid=SID),
        user(productObjectId=GUID, windowsSid=SID),
        user(productObjectId=GUID, emailAddresses=["ann@corp.example"]),
        user(userid="00u1", productObjectId="00u1abc", emailAddresses=["Ann@corp.example"]),
        user("CORP", userid="ann", emailAddresses=["a@corp.example"]),
    ]
    for order in itertools.permutations(entities):
        persons = known(*order)
        assert persons.ids == ("a@corp.example",)
        assert person(persons, "CORP\\ann") == person(persons, GUID) == "a@corp.example"
        assert persons.with_id("00u1abc") == Found(0, is_strong=True)


def test_a_name_in_two_domains_names_neither() -> None:
    """A bare name that two have is nobody's; with its domain it is one's."""
    persons = known(user("corp.example", userid="admin"), user("other.example", userid="Admin"))
    assert person(persons, "ADMIN") == SEVERAL
    assert person(persons, "corp\\admin") == "corp.example\\admin"
    assert persons.in_domain("other.example", "admin").person == 1
    assert persons.in_domain("WS7", "admin") == Found(NOBODY, is_strong=True)


def test_a_second_address_of_two_names_neither() -> None:
    """A shared mailbox does not make its users one person."""
    persons = known(
        user(emailAddresses=["ann@corp.example", "desk@corp.example"]),
        user(emailAddresses=["bob@corp.example", "desk@corp.example"]),
    )
    assert persons.ids == ("ann@corp.example", "bob@corp.example")
    assert person(persons, "desk@corp.example") == SEVERAL


def test_numbers_of_two_products() -> None:
    """An id that is no object id joins nobody: another product may have given it to somebody else."""
    persons = known(
        user(productObjectId="1001", emailAddresses=["ann@corp.example"]),
        user(productObjectId="1001", emailAddresses=["bob@corp.example"]),
    )
    assert persons.ids == ("ann@corp.example", "bob@corp.example")
    assert persons.with_id("1001").person == SEVERAL
    assert person(persons, "1001") == NOBODY


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (user("CORP", userid="ann", windowsSid=SID, productObjectId=GUID), "corp\\ann"),
        (user(userid="ann", windowsSid=SID, productObjectId=GUID), GUID),
        (user(userid="ann", windowsSid=SID), SID),
        (user(userid="ann"), "ann"),
        (user(productObjectId="00u1ABC"), "00u1abc"),
    ],
)
def test_ids(entity: Json, expected: str) -> None:
    """Without an address, the next best identifier is the id."""
    assert known(entity).ids == (expected,)


def test_entities_that_are_no_persons() -> None:
    """Hosts, counted and bought context, and broken records give nobody; the broken ones are counted."""
    persons = known(
        {"metadata": {"entityType": "ASSET"}, "entity": {"hostname": "ann"}},
        user(metadata={"sourceType": "DERIVED_CONTEXT"}, userid="ann"),
        user(metadata={"sourceType": "GLOBAL_CONTEXT"}, userid="ann"),
        user(firstName="Ann"),
        "broken",
    )
    assert persons == Persons((), {}, 1)


def test_further_names_of_an_entra_user() -> None:
    """The on-premises principal name and the SID of the cloud, which the log type keeps as labels, are aliases."""
    labels = [
        {"key": "onPremisesUserPrincipalName", "value": "ann@corp.local"},
        {"key": "userType", "value": "Member"},
    ]
    persons = known(user(emailAddresses=["ann@corp.example"], attribute={"labels": labels}))
    assert person(persons, "ann@corp.local") == "ann@corp.example"
    assert person(persons, "Member") == NOBODY


def test_the_table_decides() -> None:
    """An alias of the table goes before that of an entity, may be a whole ARN, and may bring persons of its own."""
    table = aliases(
        ("admin", "ann@corp.example"),
        ("arn:aws:iam::123456789012:user/deploy", SID),
        ("arn:aws:sts::123456789012:assumed-role/CI/deploy", "Robot"),
        ("1001", "Robot"),
    )
    persons = known(ANN, user("a", userid="admin"), user("b", userid="admin"), table=table)
    assert person(persons, "admin") == "ann@corp.example"
    assert person(persons, "ARN:aws:iam::123456789012:user/deploy") == "ann@corp.example"
    assert person(persons, "arn:aws:sts::123456789012:assumed-role/CI/deploy") == "Robot"
    assert person(persons, "arn:aws:sts::123456789012:assumed-role/Other/deploy") == NOBODY
    assert person(persons, "robot") == "Robot"
    assert persons.ids[persons.with_id("1001").person] == "Robot"


def test_a_table_that_says_two_things() -> None:
    """An alias with two persons names neither."""
    persons = persons_of(None, aliases(("x", "ann@corp.example"), ("X", "bob@corp.example")))
    assert person(persons, "x") == SEVERAL


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (aliases(("x", "admin")), "row 1: `admin` is one of several persons of the entities"),
        (aliases(("ann", "ann@corp.example"), ("", "ann@corp.example")), "row 2: it needs an alias and a person_id"),
    ],
)
def test_rows_that_cannot_be_used(table: DataTable, reason: str) -> None:
    """A row that would have to be guessed at is refused by its number."""
    with pytest.raises(InputError, match=reason):
        known(user("a", userid="admin"), user("b", userid="admin"), table=table)


@pytest.mark.parametrize(
    ("header", "rows", "reason"),
    [
        ([("alias", "string")], [], "needs a column `person_id`; it has `alias`"),
        ([("alias", "number"), ("person_id", "string")], [], "column `alias` is of type number, expected string"),
        (
            [("alias", "string[]"), ("person_id", "string")],
            [],
            r"column `alias` is of type string\[\], expected string",
        ),
        ([("alias", "string"), ("person_id", "string")], [["a"]], "is broken: .*row 1: 1 cells"),
    ],
)
def test_tables_that_cannot_be_used(header: list[tuple[str, str]], rows: list[list[object]], reason: str) -> None:
    """A table with other columns is refused by the name of the one that is wrong."""
    with pytest.raises(InputError, match=reason):
        reserved_table({ALIASES: table_of(ALIASES, header, rows)}, ALIASES)


def test_no_table(tmp_path: Path) -> None:
    """Without the table there is none."""
    assert reserved_table({}, ALIASES) is None
    assert not list(tmp_path.iterdir())


MAILS = ["a@x.example", "b@x.example", "c@y.example"]
users = st.fixed_dictionaries(
    {},
    optional={
        "userid": st.sampled_from(["ann", "bob", "a@x.example", "CORP\\ann", ""]),
        "windowsSid": st.sampled_from([SID, "S-1-5-21-1-2-3-500", "S-1-5-18"]),
        "productObjectId": st.sampled_from([GUID, "1001"]),
        "emailAddresses": st.lists(st.sampled_from(MAILS), max_size=3),
    },
)
entities = st.lists(st.builds(lambda fields, domain: user(domain, **fields), users, st.sampled_from(["", "corp", "b"])))


@given(entities, st.randoms(use_true_random=False))
def test_the_order_of_entities_does_not_matter(some: list[Json], order: random.Random) -> None:
    """The same entities make the same persons; every person is known by their own id; SIDs and object ids join."""
    persons = known(*some)
    shuffled = list(some)
    order.shuffle(shuffled)
    assert known(*shuffled) == persons
    assert len(set(persons.ids)) == len(persons.ids)
    for number, name in enumerate(persons.ids):
        assert persons.named(name).person in (number, SEVERAL, NOBODY if name == "1001" else number)
    for text in (SID, GUID):
        assert persons.named(text).person != SEVERAL
