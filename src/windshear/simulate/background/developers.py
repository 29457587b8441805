"""People who write software: command line tools of three clouds all day, editors, consoles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from windshear.simulate.background.sign_ins import agent_of
from windshear.simulate.chance import Chance
from windshear.simulate.day import Day, WorkDay
from windshear.simulate.record import Json, Record, benign
from windshear.simulate.world.applications import AZURE_CLI, GRAPH, RESOURCE_MANAGER, VISUAL_STUDIO_CODE, Application
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Host, Kind, Person
from windshear.simulate.world.world import ACCOUNT, PROJECT
from windshear.simulate.writers import auditd, google
from windshear.simulate.writers.aws import call, cli_agent, sso_session
from windshear.simulate.writers.azure_cli import AGENT, LOGIN, MANAGEMENT, azure_command
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.sysmon import AWS, EXPLORER, POWERSHELL, Process, file_made, launched, start

_AZURE_COMMANDS = ("group list -o table", "webapp list", "acr login --name corp", "vm list -d", "account show")
_AWS_COMMANDS = (
    ("s3 ls", "s3", "ListBuckets"),
    ("ec2 describe-instances", "ec2", "DescribeInstances"),
    ("logs tail /app/shop", "logs", "FilterLogEvents"),
    ("ecs list-services --cluster shop", "ecs", "ListServices"),
    ("lambda list-functions", "lambda", "ListFunctions20150331"),
)
_GCLOUD_COMMANDS = (
    ("compute instances list", "v1.compute.instances.list", "compute", "compute.instances.list"),
    (
        "projects list",
        "google.cloud.resourcemanager.v3.Projects.SearchProjects",
        "cloudresourcemanager",
        "resourcemanager.projects.get",
    ),
    ("run services list", "google.cloud.run.v1.Services.ListServices", "run", "run.services.list"),
)
_GCLOUD = r"C:\Program Files (x86)\Google\Cloud SDK\google-cloud-sdk"
_LABEL = "developer_cli"
_WHY = "somebody who develops software, on the computer that is known for it"


def developers(day: Day) -> Iterator[Record]:
    """Yield a day of everybody who develops: one to twelve logins, and commands behind each."""
    for work in day.work:
        if work.person.kind is not Kind.DEVELOPER:
            continue
        draw = day.chance("developers", work.person.number)
        shell = _shell(work, draw)
        if shell and not day.is_history:
            yield launched(work.person.host, shell, _desktop(work, draw), work.begin, draw)
        for _ in range(draw.choices((1, 2, 3, 5, 8, 12), (20, 25, 25, 15, 10, 5))[0]):
            at = work.begin + draw.minutes(10, 7 * 60)
            habit = draw.choices((_azure, _aws, _gcloud), (5, 4, 2))[0]
            yield from habit(_Desk(work, shell, day.is_history), at, draw)
        if draw.is_true(0.7):
            yield from _editor(work, draw)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where a developer sits. shell: None on Linux. is_brief: only what baselines need is told."""

    work: WorkDay
    shell: Process | None
    is_brief: bool

    @property
    def person(self) -> Person:
        """Who sits there."""
        return self.work.person

    @property
    def host(self) -> Host:
        """The computer."""
        return self.work.person.host


def _shell(work: WorkDay, draw: Chance) -> Process | None:
    host = work.person.host
    if host.system == "linux":
        return None
    return start(host, work.person.account, POWERSHELL, f'"{POWERSHELL}"', draw)


def _desktop(work: WorkDay, draw: Chance) -> Process:
    return start(work.person.host, work.person.account, EXPLORER, r"C:\Windows\Explorer.EXE", draw)


def _azure(desk: _Desk, at: datetime, draw: Chance) -> Iterator[Record]:
    """Log in with Azure CLI, then a command per hour, for which the token is renewed."""
    person, session, origin = desk.person, draw.uuid(), desk.work.origin(draw)
    device_code = desk.host.system == "linux" and draw.is_true(0.2)
    arguments = "login --use-device-code" if device_code else "login"
    yield from _marked(_az(desk, arguments, at, draw, names=(LOGIN,)), "B01", person.upn)
    signed = at + draw.seconds(12, 40)
    values = SignIn(
        at=signed,
        person=person,
        app=AZURE_CLI,
        resource=RESOURCE_MANAGER,
        origin=origin,
        session=session,
        device=desk.host,
        agent=agent_of(person),
        protocol="deviceCode" if device_code else "none",
        factor="app" if draw.is_true(0.2) else "claim",
    )
    yield from benign(
        [sign_in(values, draw)], "B19 B01" if device_code else "B01", _WHY, label=_LABEL, person=person.upn
    )
    yield _renewal(desk, RESOURCE_MANAGER, signed + timedelta(seconds=3), draw, origin=origin, session=session)
    for hour in range(draw.randrange(0, 4)):
        later = signed + timedelta(hours=hour) + draw.minutes(20, 70)
        yield from _az(desk, draw.choice(_AZURE_COMMANDS), later, draw, names=(MANAGEMENT,))
        soon = later + draw.seconds(1, 4)
        yield _renewal(desk, draw.choice((RESOURCE_MANAGER, GRAPH)), soon, draw, origin=origin, session=session)


def _az(desk: _Desk, arguments: str, at: datetime, draw: Chance, *, names: tuple[str, ...]) -> Iterator[Record]:
    if desk.shell is None:
        account = auditd.account_of(desk.person)
        words = ("/opt/az/bin/python3", "-Im", "azure.cli", *arguments.split())
        yield auditd.launched(desk.host, account, "/usr/bin/bash", ("/bin/bash", "/usr/bin/az", *words[3:]), at, draw)
        yield auditd.launched(desk.host, account, "/opt/az/bin/python3.12", words, at + draw.seconds(0.05, 0.3), draw)
        return
    command = azure_command(desk.host, desk.shell, arguments, at, draw, names=() if desk.is_brief else names)
    yield from command.launches
    yield from command.network
    if arguments.startswith("login") and not desk.is_brief:
        cache = f"{desk.person.profile}\\.azure\\msal_token_cache.bin"
        yield file_made(desk.host, command.python, cache, at + timedelta(seconds=35), draw)


def _renewal(desk: _Desk, resource: Application, at: datetime, draw: Chance, *, origin: Origin, session: str) -> Record:
    agent = AGENT
    if desk.host.system == "linux":
        agent = "python/3.12.8 (Linux-6.8.0-52-generic-x86_64-with-glibc2.39) AZURECLI/2.69.0 (DEB)"
    values = SignIn(
        at=at,
        person=desk.person,
        app=AZURE_CLI,
        resource=resource,
        origin=origin,
        session=session,
        device=desk.host,
        agent=agent,
        is_interactive=False,
        incoming="refreshToken",
    )
    return sign_in(values, draw)


def _aws(desk: _Desk, at: datetime, draw: Chance) -> Iterator[Record]:
    """Log in with AWS CLI through the company's single sign-on, ask who one is, and work."""
    person, origin = desk.person, desk.work.origin(draw)
    key, system = draw.key("ASIA", "SSO"), "windows#10" if desk.shell else "linux#6.8.0-52-generic"
    yield from _marked(_run(desk, AWS, "/usr/local/bin/aws", "sso login --profile dev", at, draw), "B03", person.upn)
    user: Json = {
        "type": "IdentityCenterUser",
        "accountId": ACCOUNT,
        "onBehalfOf": {
            "userId": person.object_id,
            "identityStoreArn": f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-9a670c783a",
        },
        "credentialId": draw.uuid(),
    }
    created = at + draw.seconds(20, 50)
    issued: Json = {"role_name": "DeveloperAccess", "account_id": ACCOUNT}
    yield call(
        "sso:GetRoleCredentials",
        user,
        origin,
        created,
        draw,
        agent=cli_agent("sso.login", system),
        more={"serviceEventDetails": issued, "eventType": "AwsServiceEvent"},
    )
    identity = sso_session(person, "DeveloperAccess", key, created)
    checked = created + draw.seconds(2, 30)
    yield from _marked(
        _run(desk, AWS, "/usr/local/bin/aws", "sts get-caller-identity --profile dev", checked, draw), "B03", person.upn
    )
    asked = call(
        "sts:GetCallerIdentity",
        identity,
        origin,
        checked + timedelta(seconds=1),
        draw,
        agent=cli_agent("sts.get-caller-identity", system),
    )
    yield from benign([asked], "B03", _WHY, label=_LABEL, person=person.upn)
    for _ in range(draw.randrange(1, 6)):
        words, service, name = draw.choice(_AWS_COMMANDS)
        later = checked + draw.minutes(1, 180)
        if not desk.is_brief:
            yield from _run(desk, AWS, "/usr/local/bin/aws", f"{words} --profile dev", later, draw)
        command = f"{service}.{words.split()[1]}"
        yield call(
            f"{service}:{name}", identity, origin, later + timedelta(seconds=1), draw, agent=cli_agent(command, system)
        )


def _gcloud(desk: _Desk, at: datetime, draw: Chance) -> Iterator[Record]:
    """Log in with gcloud, and list something."""
    person, origin = desk.person, desk.work.origin(draw)
    yield from _marked(_gcloud_run(desk, "auth login", at, draw), "B04", person.upn)
    login: dict[str, object] = {"login_type": "saml", "login_challenge_method": ["saml"], "is_suspicious": False}
    signed = at + draw.seconds(10, 30)
    yield google.activity("login", "login_success", person, origin, signed, draw, kind="login", parameters=login)
    authorized = google.sdk_authorized(person, origin, signed + timedelta(seconds=6), draw)
    yield from benign([authorized], "B04", _WHY, label=_LABEL, person=person.upn)
    for _ in range(draw.randrange(1, 4)):
        words, method, service, permission = draw.choice(_GCLOUD_COMMANDS)
        later = signed + draw.minutes(1, 120)
        if not desk.is_brief:
            yield from _gcloud_run(desk, words, later, draw)
        agent = google.gcloud_agent(f"gcloud.{words.replace(' ', '.')}", draw, "WINDOWS" if desk.shell else "LINUX")
        yield google.audited(
            method, service, person.upn, origin, later + timedelta(seconds=1), draw,
            resource=f"projects/{PROJECT}", permission=permission, agent=agent,
        )  # fmt: skip


def _gcloud_run(desk: _Desk, words: str, at: datetime, draw: Chance) -> Iterator[Record]:
    if desk.shell is None:
        account = auditd.account_of(desk.person)
        arguments = ("python3", "-S", "/usr/lib/google-cloud-sdk/lib/gcloud.py", *words.split())
        yield auditd.launched(desk.host, account, "/usr/bin/python3.12", arguments, at, draw)
        return
    image = rf"{_GCLOUD}\platform\bundledpython\python.exe"
    line = f'"{image}" -S "{_GCLOUD}\\lib\\gcloud.py" {words}'
    yield launched(desk.host, start(desk.host, desk.person.account, image, line, draw), desk.shell, at, draw)


def _run(desk: _Desk, image: str, path: str, words: str, at: datetime, draw: Chance) -> Iterator[Record]:
    if desk.shell is None:
        account = auditd.account_of(desk.person)
        yield auditd.launched(desk.host, account, path, ("aws", *words.split()), at, draw)
        return
    process = start(desk.host, desk.person.account, image, f'"{image}" {words}', draw)
    yield launched(desk.host, process, desk.shell, at, draw)


def _editor(work: WorkDay, draw: Chance) -> Iterator[Record]:
    """Renew the tokens that an editor keeps for its extensions, every hour or so."""
    desk_session, origin = draw.uuid(), work.origin(draw)
    for hour in range(draw.randrange(2, 6)):
        at = work.begin + timedelta(minutes=62 * hour) + draw.minutes(5, 9)
        values = SignIn(
            at=at,
            person=work.person,
            app=VISUAL_STUDIO_CODE,
            resource=RESOURCE_MANAGER,
            origin=origin,
            session=desk_session,
            device=work.person.host,
            agent="Visual-Studio-Code/1.97.2",
            is_interactive=False,
            incoming="refreshToken",
        )
        yield sign_in(values, draw)


def _marked(records: Iterator[Record], behaviour: str, person: str) -> Iterator[Record]:
    for record in records:
        is_launch = record.log.name == "AUDITD" or b'"EventID":1,' in record.text[:20]
        yield from benign([record], behaviour, _WHY, label=_LABEL, person=person) if is_launch else [record]
