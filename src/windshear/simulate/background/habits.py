"""The habits of the background, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from windshear.simulate.background.admins import admins
from windshear.simulate.background.aws_workloads import aws_workloads
from windshear.simulate.background.azure_workloads import azure_workloads
from windshear.simulate.background.consoles import consoles
from windshear.simulate.background.developers import developers
from windshear.simulate.background.identity_desk import identity_desk
from windshear.simulate.background.office import office
from windshear.simulate.background.servers import servers
from windshear.simulate.background.sign_ins import sign_ins
from windshear.simulate.background.unusual import unusual
from windshear.simulate.day import Day
from windshear.simulate.record import Record

HABITS: tuple[Callable[[Day], Iterator[Record]], ...] = (
    sign_ins,
    office,
    developers,
    admins,
    consoles,
    identity_desk,
    azure_workloads,
    aws_workloads,
    servers,
    unusual,
)
