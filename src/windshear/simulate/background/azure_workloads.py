"""Identities of Entra ID that are no people: pipelines, services with a secret, machines in Azure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from windshear.simulate import moments
from windshear.simulate.day import Day
from windshear.simulate.record import Record, benign
from windshear.simulate.world.applications import GRAPH, RESOURCE_MANAGER, STORAGE, Application
from windshear.simulate.world.networks import RUNNERS
from windshear.simulate.world.world import HEADQUARTERS, Workload
from windshear.simulate.writers.azure import operation
from windshear.simulate.writers.entra_audit import UPDATED_SECRETS, audited, target
from windshear.simulate.writers.entra_sign_ins import workload_sign_in
from windshear.simulate.writers.graph import Caller, request

_MACHINES = 20
_SECRET_DAY = 1  # Tuesday


def azure_workloads(day: Day) -> Iterator[Record]:
    """Yield a day of everything in Entra ID that works by itself."""
    yield from _pipelines(day)
    yield from _services(day)
    yield from _managed_identities(day)
    yield from _new_secret(day)


def _pipelines(day: Day) -> Iterator[Record]:
    """Deploy to Azure from hosted runners, each time from another address of two networks."""
    draw = day.chance("pipelines")
    for pipeline in day.world.pipelines:
        for _ in range(draw.randrange(1, 3) if day.is_weekend else draw.randrange(4, 12)):
            at = day.midnight + draw.minutes(6 * 60, 20 * 60)
            origin = draw.choice(RUNNERS).origin(draw.randrange(28))
            yield workload_sign_in(pipeline, at, RESOURCE_MANAGER, origin, draw, kind="federated")
            site = f"resourceGroups/shop/providers/Microsoft.Web/sites/{pipeline.name.partition('-')[2]}"
            yield from operation("Microsoft.Web/sites/write", site, pipeline, origin, at + draw.minutes(1, 6), draw)


def _services(day: Day) -> Iterator[Record]:
    """Fetch tokens with a secret from the company's own servers, and read from Graph."""
    draw = day.chance("services")
    for service in day.world.services:
        for hour in range(0, 24, 12 if day.is_history else 2):
            at = day.midnight + timedelta(hours=hour) + draw.minutes(1, 5)
            yield workload_sign_in(service, at, GRAPH, HEADQUARTERS, draw)
            if day.is_history:
                continue
            caller = Caller(
                who=service,
                app=Application(service.name, service.app_id),
                origin=HEADQUARTERS,
                token=draw.token(),
                agent="azsdk-net/1.13.2 (.NET 8.0.12)",
                scopes="User.Read.All Mail.Read",
            )
            for call_of_graph in ("GET /v1.0/users/delta", "GET /v1.0/groups"):
                yield request(caller, at + draw.minutes(1, 10), call_of_graph, draw)


def _managed_identities(day: Day) -> Iterator[Record]:
    """Let machines in Azure fetch tokens, which come from no address."""
    draw = day.chance("managed identities")
    for number in range(_MACHINES):
        ids = day.world.chance("managed identity", number)
        identity = Workload(f"vm-{number:02}", ids.uuid(), ids.uuid(), ids.uuid())
        for hour in range(0, 24, 12 if day.is_history else 8):
            at = day.midnight + timedelta(hours=hour) + draw.minutes(0, 60)
            yield workload_sign_in(identity, at, (RESOURCE_MANAGER, STORAGE)[number % 2], None, draw)


def _new_secret(day: Day) -> Iterator[Record]:
    """Give an application a new secret every week."""
    if day.date.weekday() != _SECRET_DAY:
        return
    draw, service = day.chance("new secret"), day.world.services[1]
    at = day.midnight + timedelta(hours=3)
    changes = {"KeyDescription": ((), (f"[KeyIdentifier={service.key_id},KeyType=Password,KeyUsage=Verify]",))}
    added = audited(
        UPDATED_SECRETS, "ApplicationManagement", day.world.pipelines[3],
        None, at + timedelta(minutes=12), draw, targets=[target("Application", service.app_id, service.name, changes)],
        details={"AppId": service.app_id, "rotated": moments.seconds(at)},
    )  # fmt: skip
    yield from benign([added], "B29", "an approved application gets its weekly secret", label="secret_rotation")
