"""Everybody's sign-ins to Microsoft 365 and Okta, on the computer and on the phone, with mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.day import Day, WorkDay
from windshear.simulate.record import Record, benign
from windshear.simulate.world.applications import (
    CHROME,
    CHROME_LINUX,
    EDGE,
    EXCHANGE,
    GRAPH,
    OFFICE,
    OFFICE_PORTAL,
    OUTLOOK_MOBILE,
    OUTLOOK_WEB,
    PHONE,
    SHAREPOINT,
    TEAMS,
    TEAMS_SERVICES,
    Application,
)
from windshear.simulate.world.people import Person
from windshear.simulate.writers import okta
from windshear.simulate.writers.entra_sign_ins import (
    EXPIRED_GRANT,
    MFA_REQUIRED,
    NO_RISK,
    WRONG_PASSWORD,
    Factor,
    Risk,
    SignIn,
    sign_in,
)

SAAS = (
    "Example CRM",
    "Example Travel",
    "Example Wiki",
    "Example HR",
    "Example Tickets",
    "Example Design",
    "Example Chat",
)
_SEPARATE = timedelta(seconds=20)
_REFRESHED: tuple[tuple[Application, Application], ...] = (
    (OFFICE, EXCHANGE),
    (OFFICE, SHAREPOINT),
    (TEAMS, TEAMS_SERVICES),
    (TEAMS, GRAPH),
    (OFFICE, GRAPH),
)
_LOW = Risk("low", "low", "none")
_REMEDIED = Risk("medium", "none", "remediated", "userPassedMFADrivenByRiskBasedPolicy", ("unfamiliarFeatures",))


def agent_of(person: Person) -> str:
    """Give the user agent of somebody's browser."""
    if person.host.system == "linux":
        return CHROME_LINUX
    return CHROME if person.number % 3 == 0 else EDGE


def sign_ins(day: Day) -> Iterator[Record]:
    """Yield what everybody's day begins with, and the tokens that are renewed all day."""
    for work in day.work:
        draw = day.chance("sign-ins", work.person.number)
        yield from _morning(work, draw)
        yield from _renewals(work, draw, 2 if day.is_history else draw.randrange(4, 9))
        yield from _okta(work, draw, 1 if day.is_history else draw.randrange(1, 4))


def _morning(work: WorkDay, draw: Chance) -> Iterator[Record]:
    person, at = work.person, work.begin
    base = SignIn(
        at=at,
        person=person,
        app=OFFICE_PORTAL,
        resource=GRAPH,
        origin=work.origin(draw),
        session=work.session,
        device=person.host,
        agent=agent_of(person),
    )
    if draw.is_true(0.04):
        yield sign_in(replace(base, failure=WRONG_PASSWORD, factor="none"), draw)
        at += _SEPARATE
    if draw.is_true(0.02):
        yield sign_in(replace(base, at=at, failure=MFA_REQUIRED, factor="app"), draw)
        at += _SEPARATE
    is_risky = work.is_abroad or draw.is_true(0.0005)
    risk = _REMEDIED if is_risky else _LOW if draw.is_true(0.01) else NO_RISK
    factor: Factor = "app" if draw.is_true(0.4) or is_risky else "claim"
    signed = replace(base, at=at, factor=factor, risk=risk)
    record = sign_in(signed, draw)
    if is_risky:
        why = "somebody who travels, or has a new device, and passed the second factor that the risk asked for"
        yield from benign([record], "B16 B12", why, label="traveller", person=person.upn)
    else:
        yield record
    if draw.is_true(0.6):
        later = at + draw.minutes(1, 240)
        yield sign_in(replace(base, at=later, app=OUTLOOK_WEB, resource=EXCHANGE), draw)


def _renewals(work: WorkDay, draw: Chance, count: int) -> Iterator[Record]:
    person = work.person
    for _ in range(count):
        app, resource = draw.choice(_REFRESHED)
        is_expired = draw.is_true(0.01)
        values = SignIn(
            at=work.moment(draw),
            person=person,
            app=app,
            resource=resource,
            origin=work.origin(draw),
            session=work.session,
            device=person.host,
            agent=agent_of(person),
            is_interactive=False,
            incoming="primaryRefreshToken" if person.host.system == "windows" else "refreshToken",
            failure=EXPIRED_GRANT if is_expired else None,
        )
        yield sign_in(values, draw)
    phone = SignIn(
        at=work.moment(draw),
        person=person,
        app=OUTLOOK_MOBILE,
        resource=EXCHANGE,
        origin=work.phone,
        session=f"{work.session[:-4]}0f0e",
        agent=PHONE,
        is_interactive=False,
        incoming="refreshToken",
    )
    yield sign_in(phone, draw)


def _okta(work: WorkDay, draw: Chance, count: int) -> Iterator[Record]:
    person, origin, at = work.person, work.origin(draw), work.begin + draw.minutes(2, 40)
    session, agent = f"102{draw.token(20)}", agent_of(person)
    if draw.is_true(0.03):
        yield okta.event(
            "user.session.start", person, origin, at, draw, session="unknown", agent=agent, result="FAILURE",
            reason="INVALID_CREDENTIALS",
        )  # fmt: skip
        at += _SEPARATE
    yield okta.event(
        "user.session.start", person, origin, at, draw, session=session, agent=agent, targets=[okta.user(person)]
    )
    factor = {"factor": "OKTA_VERIFY_PUSH", "authMethodRawType": "push"}
    yield okta.event(
        "user.authentication.auth_via_mfa", person, origin, at + draw.seconds(4, 20), draw, session=session,
        agent=agent,
        targets=[okta.user(person)], debug=factor,
    )  # fmt: skip
    # Everybody has a few applications that they always use.
    for _ in range(count):
        name = SAAS[(person.number + draw.randrange(3)) % len(SAAS)]
        yield okta.event(
            "user.authentication.sso", person, origin, at + draw.minutes(1, 300), draw, session=session, agent=agent,
            targets=[okta.app(name), okta.user(person)], debug={"signOnMode": "SAML_2_0"},
        )  # fmt: skip
