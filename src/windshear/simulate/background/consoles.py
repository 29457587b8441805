"""Consoles of AWS, entered through the company's single sign-on or its federation server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.background.sign_ins import agent_of
from windshear.simulate.chance import Chance
from windshear.simulate.day import Day, WorkDay
from windshear.simulate.record import Json, Record, benign
from windshear.simulate.world.people import Kind
from windshear.simulate.writers import adfs
from windshear.simulate.writers.aws import call, console_login, role_session, sso_session
from windshear.simulate.writers.saml import saml_role

_CLICKS = (
    "ec2:DescribeInstances", "ec2:DescribeRegions", "ec2:DescribeSecurityGroups", "cloudwatch:DescribeAlarms",
    "s3:ListBuckets", "iam:GetAccountSummary", "lambda:ListFunctions20150331", "health:DescribeEventAggregates",
)  # fmt: skip
_SAML_ROLE = "finance-reports"


def consoles(day: Day) -> Iterator[Record]:
    """Yield the people who work at a console on a day."""
    for work in day.work:
        draw = day.chance("consoles", work.person.number)
        if work.person.kind is not Kind.OFFICE and draw.is_true(0.45):
            yield from _single_sign_on(work, draw, is_brief=day.is_history)
        elif work.person.department == "Finance" and work.person.number % 3 == 0 and not work.is_abroad:
            yield from _federation(day, work, draw)


def _single_sign_on(work: WorkDay, draw: Chance, *, is_brief: bool) -> Iterator[Record]:
    """Enter by IAM Identity Center: AWS knows of no second factor, because the identity provider asked for it."""
    person, origin, at = work.person, work.origin(draw), work.moment(draw)
    permissions = "AdministratorAccess" if person.kind is Kind.ADMIN else "DeveloperAccess"
    login = console_login(sso_session(person, permissions, "", at), origin, at, draw, agent=agent_of(person))
    why = "single sign-on: the second factor was checked by the identity provider, so `MFAUsed` says No"
    yield from benign([login], "B17", why, label="sso_console_login", person=person.upn)
    if not is_brief:
        identity = sso_session(person, permissions, draw.key("ASIA", "CON"), at)
        yield from _clicks(identity, work, at, draw)


def _federation(day: Day, work: WorkDay, draw: Chance) -> Iterator[Record]:
    """Enter by a token of AD FS, which AD FS has logged."""
    person, origin, at = work.person, work.origin(draw), work.moment(draw)
    server, activity = day.world.federation_server, draw.uuid()
    checked = at - timedelta(seconds=4)
    issued = [
        adfs.audited(1202, server, person, origin, checked, draw, party=adfs.AWS, activity=activity),
        adfs.audited(1200, server, person, origin, at - timedelta(seconds=3), draw, party=adfs.AWS, activity=activity),
    ]
    key = draw.key("ASIA", "SAML")
    taken = saml_role(person, _SAML_ROLE, key, origin, at, draw)
    session = role_session(_SAML_ROLE, person.upn, "", at)
    login = console_login(session, origin, at + timedelta(seconds=1), draw, agent=agent_of(person))
    why = "federation: AD FS logged the token that AWS was shown"
    yield from benign([*issued, taken, login], "B25", why, label="federated_console_login", person=person.upn)
    if not day.is_history:
        yield from _clicks(role_session(_SAML_ROLE, person.upn, key, at), work, at, draw)


def _clicks(identity: Json, work: WorkDay, begin: datetime, draw: Chance) -> Iterator[Record]:
    origin = work.origin(draw)
    for _ in range(draw.randrange(3, 12)):
        at = begin + draw.minutes(0.1, 50)
        more: Json = {"sessionCredentialFromConsole": "true"}
        yield call(draw.choice(_CLICKS), identity, origin, at, draw, agent=agent_of(work.person), more=more)
