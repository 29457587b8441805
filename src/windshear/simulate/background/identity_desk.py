"""What the help desk and the identity team do: passwords, people who are new, one change of the federation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.day import Day, WorkDay
from windshear.simulate.record import Mark, Record, benign
from windshear.simulate.world.applications import EDGE, GRAPH, MY_SIGN_INS, OFFICE_PORTAL
from windshear.simulate.world.people import DOMAIN, Kind, Person
from windshear.simulate.world.world import HEADQUARTERS
from windshear.simulate.writers.entra_audit import audited, person_target, target
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.windows import password_reset

_PEOPLE_PER_RESET = 125
_CHANGE_DAY = 3  # Thursday, every fourth week


def identity_desk(day: Day) -> Iterator[Record]:
    """Yield what happens to other people's accounts on a day."""
    draw = day.chance("identity desk")
    desk = [work for work in day.work if work.person.kind is Kind.ADMIN]
    others = [work for work in day.work if work.person.kind is Kind.OFFICE and not work.is_abroad]
    if day.is_weekend or not desk or len(others) < 2:
        return
    for _ in range(max(1, len(day.world.people) // _PEOPLE_PER_RESET)):
        yield from _reset(day, draw.choice(desk).person, draw.choice(others), draw)
    yield from _new_device(draw.choice(others), draw)
    if day.date.weekday() == _CHANGE_DAY and day.date.isocalendar().week % 4 == 2:
        yield from _federation_change(day, desk[0].person, draw)


def _reset(day: Day, helper: Person, work: WorkDay, draw: Chance) -> Iterator[Record]:
    """Set somebody's forgotten password, who then signs in from where they always are."""
    person, at = work.person, work.begin + draw.minutes(30, 240)
    reset = password_reset(day.world.domain_controller, helper, person, at, draw)
    changes = {"LastPasswordChangeTimestamp": (None, "changed")}
    cloud = audited(
        "Reset user password", "UserManagement", helper, HEADQUARTERS, at + timedelta(minutes=2), draw,
        targets=[person_target(person, changes)], operation="Reset",
    )  # fmt: skip
    values = SignIn(
        at=at + draw.minutes(4, 30),
        person=person,
        app=OFFICE_PORTAL,
        resource=GRAPH,
        origin=work.origin(draw),
        session=work.session,
        device=person.host,
        factor="app",
    )
    why = "a password that the help desk set, and a sign-in from where the person always is"
    records = [reset, cloud, sign_in(values, draw)]
    yield from benign(records, "B23", why, label="helpdesk_reset", person=person.upn)


def _new_device(work: WorkDay, draw: Chance) -> Iterator[Record]:
    """Enrol the phone and the computer of somebody who is new, or has new ones."""
    person, origin = work.person, work.origin(draw)
    at = work.begin + draw.minutes(60, 300)
    values = SignIn(
        at=at,
        person=person,
        app=MY_SIGN_INS,
        resource=GRAPH,
        origin=origin,
        session=work.session,
        device=person.host,
        agent=EDGE,
        factor="app",
    )
    device = draw.uuid()
    enrolled = [
        audited(
            "User registered security info", "UserManagement", person, origin, at + timedelta(minutes=2), draw,
            targets=[person_target(person)], operation="Add", service="Authentication Methods",
            details={"AuthenticationMethod": "Microsoft Authenticator"},
        ),
        audited(
            "Register device", "Device", person, origin, at + timedelta(minutes=9), draw,
            targets=[target("Device", device, f"PHONE-{draw.hex(4).upper()}")], operation="Add",
            service="Device Registration Service", details={"Device OS": "iOS", "Device Trust Type": "0"},
        ),
    ]  # fmt: skip
    why = "a new phone, enrolled from where the person always is"
    yield from benign([sign_in(values, draw), *enrolled], "B45", why, label="enrolment", person=person.upn)


def _federation_change(day: Day, admin: Person, draw: Chance) -> Iterator[Record]:
    """Renew the certificate of the federation, in the night, with a ticket. Somebody should look at it all the same."""
    at = day.midnight + timedelta(hours=21, minutes=12)
    record = audited(
        "Set federation settings on domain", "DirectoryManagement", admin, HEADQUARTERS, at, draw,
        targets=[target("Domain", "", DOMAIN, {"IssuerUri": ("http://sts.corp.example/adfs/services/trust",) * 2})],
        operation="Assign", details={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) PowerShell/7.4.6"},
    )  # fmt: skip
    why = "a change of the federation with a ticket: expected, and worth a look whenever it happens"
    mark = Mark("neutral", ("B26",), why, ("federation_change_with_ticket",), person=admin.upn)
    yield record.marked(mark)
