"""People who look after systems: PowerShell modules, roles for some hours, consoles, other people's passwords."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.background.sign_ins import agent_of
from windshear.simulate.chance import Chance
from windshear.simulate.day import Day, WorkDay
from windshear.simulate.record import Mark, Record, benign
from windshear.simulate.world.applications import (
    AZURE_PORTAL,
    AZURE_POWERSHELL,
    EXCHANGE,
    EXCHANGE_ADMINISTRATOR,
    EXCHANGE_POWERSHELL,
    GRAPH,
    GRAPH_CLI,
    POWERSHELL_AGENT,
    RESOURCE_MANAGER,
    USER_ADMINISTRATOR,
    Application,
)
from windshear.simulate.world.people import Kind
from windshear.simulate.writers import graph, powershell
from windshear.simulate.writers.azure import operation
from windshear.simulate.writers.entra_audit import audited, person_target, target
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.sysmon import EXPLORER, POWERSHELL, connected, launched, looked_up, start

_GLOBAL_ADMIN_DAYS = frozenset((0, 3))  # Monday, Thursday
_LABEL, _WHY = "administrator", "an administrator at work, on the computer that is known for it"
_MODULES: tuple[tuple[str, Application, Application], ...] = (
    ("Connect-AzAccount", AZURE_POWERSHELL, RESOURCE_MANAGER),
    ("Connect-MgGraph", GRAPH_CLI, GRAPH),
    ("Connect-ExchangeOnline", EXCHANGE_POWERSHELL, EXCHANGE),
)
_COMMANDS = {
    "Connect-AzAccount": ("Get-AzVM", "Get-AzResourceGroup"),
    "Connect-MgGraph": ("Get-MgUser -Top 20", "Get-MgGroup -Filter \"startsWith(displayName,'sg-')\""),
    "Connect-ExchangeOnline": ("Get-Mailbox -ResultSize 20", "Get-TransportRule"),
}
_REQUESTS = ("GET /v1.0/users?$top=20", "GET /v1.0/groups?$filter=startsWith(displayName,'sg-')", "GET /v1.0/me")


def admins(day: Day) -> Iterator[Record]:
    """Yield a day of everybody who looks after systems."""
    for work in day.work:
        if work.person.kind is not Kind.ADMIN:
            continue
        draw = day.chance("admins", work.person.number)
        for _ in range(draw.randrange(1, 4)):
            yield from _module(work, work.begin + draw.minutes(10, 7 * 60), draw, is_brief=day.is_history)
        if draw.is_true(0.5):
            yield from _portal(work, draw)
        if draw.is_true(0.4):
            yield from _role_for_some_hours(work, draw)
    if day.date.weekday() in _GLOBAL_ADMIN_DAYS:
        yield _global_admin(day)


def _module(work: WorkDay, at: datetime, draw: Chance, *, is_brief: bool) -> Iterator[Record]:
    """Connect a PowerShell module to its cloud, and use it."""
    person, host = work.person, work.person.host
    cmdlet, app, resource = draw.choice(_MODULES)
    shell = start(host, person.account, POWERSHELL, f'"{POWERSHELL}"', draw)
    desktop = start(host, person.account, EXPLORER, r"C:\Windows\Explorer.EXE", draw)
    yield launched(host, shell, desktop, at, draw)
    connects = at + draw.seconds(20, 90)
    scripts = [
        powershell.script_block(person, shell, cmdlet, connects, draw),
        powershell.command_ran(person, shell, cmdlet, connects + timedelta(milliseconds=210), draw),
    ]
    yield from benign(scripts, "B02", _WHY, label=_LABEL, person=person.upn)
    origin = work.origin(draw)
    if not is_brief:
        name = "login.microsoftonline.com"
        yield looked_up(host, shell, name, "203.0.113.131", connects + timedelta(seconds=1), draw)
        yield connected(host, shell, "203.0.113.131", connects + timedelta(seconds=1), draw)
    values = SignIn(
        at=connects + draw.seconds(8, 40),
        person=person,
        app=app,
        resource=resource,
        origin=origin,
        session=draw.uuid(),
        token=draw.token(),
        device=host,
        agent=agent_of(person),
    )
    yield from benign([sign_in(values, draw)], "B02", _WHY, label=_LABEL, person=person.upn)
    used = replace(
        values,
        at=values.at + timedelta(seconds=2),
        is_interactive=False,
        incoming="refreshToken",
        agent=POWERSHELL_AGENT,
        token=draw.token(),
    )
    yield sign_in(used, draw)
    if is_brief:
        return
    for command in _COMMANDS[cmdlet]:
        yield powershell.script_block(person, shell, command, used.at + draw.minutes(1, 30), draw)
    if app is GRAPH_CLI:
        caller = graph.Caller(who=person, app=app, origin=origin, token=used.token, agent=POWERSHELL_AGENT)
        for request in draw.sample(_REQUESTS, 2):
            yield graph.request(caller, used.at + draw.minutes(1, 30), request, draw)


def _portal(work: WorkDay, draw: Chance) -> Iterator[Record]:
    """Work at the portal: start a machine again, now and then give somebody a role on a resource group."""
    person, at = work.person, work.moment(draw)
    values = SignIn(
        at=at,
        person=person,
        app=AZURE_PORTAL,
        resource=RESOURCE_MANAGER,
        origin=work.origin(draw),
        session=work.session,
        token=draw.token(),
        device=person.host,
        agent=agent_of(person),
        factor="app",
    )
    yield sign_in(values, draw)
    machine = f"resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/vm-{draw.randrange(30):02}"
    yield from operation(
        "Microsoft.Compute/virtualMachines/restart/action", machine, person, values.origin, at + draw.minutes(2, 20),
        draw, app=AZURE_PORTAL, token=values.token,
    )  # fmt: skip


def _role_for_some_hours(work: WorkDay, draw: Chance) -> Iterator[Record]:
    """Activate a role that one may have (Privileged Identity Management)."""
    person = work.person
    name, role = USER_ADMINISTRATOR if draw.is_true(0.6) else EXCHANGE_ADMINISTRATOR
    at = work.moment(draw)
    targets = [
        target("Role", role, name),
        target("Request", draw.uuid(), "RoleAssignmentRequest"),
        person_target(person),
    ]
    details = {
        "RoleDefinitionOriginId": role,
        "RoleDefinitionOriginType": "BuiltInRole",
        "ipaddr": work.origin(draw).ip,
    }
    record = audited(
        "Add member to role completed (PIM activation)", "RoleManagement", person, None, at, draw,
        targets=targets, operation="ActivateRole", service="PIM", details=details,
    )  # fmt: skip
    why = "a role that the administrator may have, for some hours"
    yield from benign([record], "B37", why, label="pim_activation", person=person.upn)


def _global_admin(day: Day) -> Record:
    """Look after the tenant with the account that may do everything. That it is synchronised is worth telling."""
    person, draw = day.world.global_admin, day.chance("global admin")
    values = SignIn(
        at=day.midnight + timedelta(hours=9 - person.place.utc_offset) + draw.minutes(0, 50),
        person=person,
        app=AZURE_PORTAL,
        resource=RESOURCE_MANAGER,
        origin=person.office.origin(6),
        session=draw.uuid(),
        device=person.host,
        agent=agent_of(person),
        factor="app",
    )
    why = "a synchronised account with all rights at work: no attack, but a finding"
    mark = Mark("neutral", ("B22",), why, ("synced_global_administrator",), person=person.upn)
    return sign_in(values, draw).marked(mark)
