"""Device code phishing: somebody enters a code for the attacker's device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.moves import REQUESTS
from windshear.simulate.people_who import is_office_worker_on_windows
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, must, step
from windshear.simulate.world.applications import BROKER, CHROME, EXCHANGE, GRAPH, OFFICE, REGISTRATION, SHAREPOINT
from windshear.simulate.world.networks import ANONYMISER
from windshear.simulate.world.world import World
from windshear.simulate.writers.entra_audit import audited, target
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.office import file_used, mail_read


class DeviceCode(Scenario):
    """A code that came by mail is entered; a device of the attacker's is registered, mail and documents are taken."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.victim = world.find("device code victim", is_office_worker_on_windows)
        self.outside = ANONYMISER.origin(5)
        self.session, self.device_id = draw.uuid(), draw.uuid()

    def _phished(self, at: datetime) -> SignIn:
        return SignIn(
            at=at,
            person=self.victim,
            app=BROKER,
            resource=REGISTRATION,
            origin=self.outside,
            session=self.session,
            agent=CHROME,
            protocol="deviceCode",
            factor="app",
        )

    @step(minute=0, stage="access", behaviours="B19 B11", why="a device code for the broker, from an anonymous network")
    def enters_the_code(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Enter the code; what polls for it is the attacker's."""
        yield must(sign_in(self._phished(at), draw))

    @step(minute=3, stage="enrolment", behaviours="B45", why="a device is registered with the phished session")
    def registers_a_device(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Register a device, and let it be the person's."""
        device = target("Device", self.device_id, "DESKTOP-Q8V1")
        for activity in ("Register device", "Add registered owner to device"):
            record = audited(
                activity, "Device", self.victim, self.outside, at, draw, targets=[device], operation="Add",
                service="Device Registration Service", details={"Device OS": "Windows", "Device Trust Type": "1"},
            )  # fmt: skip
            yield must(record) if activity.startswith("Register") else record
            at += timedelta(seconds=4)

    @step(minute=6, stage="token", behaviours="B45 B31", why="tokens by the new device's own primary refresh token")
    def gets_tokens(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Get tokens for mail and documents."""
        for resource in (EXCHANGE, SHAREPOINT, GRAPH):
            values = replace(
                self._phished(at), app=OFFICE, resource=resource, is_interactive=False, protocol="none",
                incoming="primaryRefreshToken", transfer="deviceCodeFlow", factor="claim", agent=REQUESTS,
            )  # fmt: skip
            yield sign_in(values, draw)
            at += timedelta(seconds=20)

    @step(minute=12, stage="data", behaviours="B42", why="mail and documents, far more than the person ever opens")
    def takes_mail_and_documents(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read mail, and download documents."""
        for number in range(80):
            moment = at + timedelta(seconds=18 * number) + draw.seconds(0, 15)
            yield mail_read(
                self.victim, self.outside, moment, draw, session=self.session, app=OFFICE.id, is_sync=number % 10 == 0,
                client="Client=REST;Client=RESTSystem;;", count=draw.randrange(10, 40),
            )  # fmt: skip
            path = f"{self.victim.department.lower()}/Shared Documents/2026/plan-{number:03}.docx"
            yield file_used(
                "FileDownloaded", self.victim, self.outside, moment + timedelta(seconds=2), draw, path=path,
                session=self.session, client=OFFICE.id, agent=REQUESTS,
            )  # fmt: skip
