"""What servers do all day: people log on, the directory is synchronised, AD FS reads its own database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from windshear.simulate.day import Day
from windshear.simulate.record import Record
from windshear.simulate.world.applications import DIRECTORY, SYNC_CLIENT
from windshear.simulate.world.people import DOMAIN_SID
from windshear.simulate.world.sync import sync_person
from windshear.simulate.world.world import HEADQUARTERS
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.sysmon import pipe_opened, start
from windshear.simulate.writers.windows import logged_on, object_read

_ADFS_SERVICE = r"C:\Windows\ADFS\Microsoft.IdentityServer.ServiceHost.exe"
_ADFS_ACCOUNT = "svc_adfs$"
_READ_KEY = (
    "%%7684\n\t{77b5b886-944a-11d1-aebd-0000f80367c1}\n\t\t{8d3bca50-1d7e-11d0-a081-00aa006c33ed}\n"
    "\t{5cb41ed0-0e4c-11d0-a286-00aa003049e2}\n"
)
SYNC_AGENT = "AzureADConnect/2.4.131.0 (Windows NT 10.0)"


def servers(day: Day) -> Iterator[Record]:
    """Yield a day of the servers."""
    draw, world = day.chance("servers"), day.world
    account = sync_person(world)
    for half_hour in range(0, 48, 8 if day.is_history else 1):
        at = day.midnight + timedelta(minutes=30 * half_hour) + draw.seconds(5, 50)
        values = SignIn(
            at=at,
            person=account,
            app=SYNC_CLIENT,
            resource=DIRECTORY,
            origin=HEADQUARTERS,
            session=draw.uuid(),
            agent=SYNC_AGENT,
            is_interactive=False,
            factor="none",
            has_policy=False,
        )
        yield sign_in(values, draw)
    if day.is_history:
        return
    server = world.federation_server
    service = start(server, rf"CORP\{_ADFS_ACCOUNT}", _ADFS_SERVICE, _ADFS_SERVICE, draw)
    for hour in range(24):
        at = day.midnight + timedelta(hours=hour) + draw.minutes(0, 50)
        yield pipe_opened(server, service, r"\MICROSOFT##WID\tsql\query", at, draw)
        sid = f"{DOMAIN_SID}-1610"
        if hour % 8 == 0:
            yield object_read(world.domain_controller, sid, _ADFS_ACCOUNT, _READ_KEY, at + timedelta(seconds=2), draw)
    for work in day.work:
        at = work.begin - draw.minutes(1, 4)
        yield logged_on(world.domain_controller, work.person, work.person.host.ip, at, draw)
