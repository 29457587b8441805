"""What is neither daily work nor an attack, and looks like one: clean-ups, new keys, moves, mistakes, tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.background.sign_ins import agent_of
from windshear.simulate.chance import Chance
from windshear.simulate.day import Day, WorkDay
from windshear.simulate.record import Json, Record, benign
from windshear.simulate.world.applications import (
    AZURE_CLI,
    AZURE_PORTAL,
    EDGE,
    GRAPH,
    OFFICE_PORTAL,
    RESOURCE_MANAGER,
    Application,
)
from windshear.simulate.world.networks import HOMES, OTHER_HOMES
from windshear.simulate.world.people import Kind
from windshear.simulate.writers import okta
from windshear.simulate.writers.aws import call, cli_agent, sso_session
from windshear.simulate.writers.azure import operation
from windshear.simulate.writers.entra_audit import UPDATED_SECRETS, Changes, audited, target
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.office import file_used

_PEOPLE = 250  # for so many people, everything below happens about as often as it says
_Happening = Callable[[WorkDay, datetime, Chance], Iterator[Record]]


def unusual(day: Day) -> Iterator[Record]:
    """Yield what happens to somebody on this day, by chance. Nothing in the history, where it is of no use."""
    if day.is_history or day.is_weekend:
        return
    draw = day.chance("unusual")
    for kind, often, label, behaviours, why, happening in _HAPPENINGS:
        who = [work for work in day.work if work.person.kind is kind and not work.is_abroad]
        expected = often * len(day.world.people) / _PEOPLE
        count = int(expected) + draw.is_true(expected % 1)
        for work in draw.sample(who, min(count, len(who))):
            records = list(happening(work, work.begin + draw.minutes(40, 400), draw))
            yield from benign(records, behaviours, why, label=label, person=work.person.upn)


def _browser(work: WorkDay, at: datetime, draw: Chance) -> SignIn:
    person = work.person
    return SignIn(
        at=at,
        person=person,
        app=AZURE_PORTAL,
        resource=RESOURCE_MANAGER,
        origin=work.origin(draw),
        session=work.session,
        device=person.host,
        agent=agent_of(person),
    )


def _cleans_up(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Delete machines, disks and snapshots of a test."""
    values = _browser(work, at, draw)
    yield sign_in(values, draw)
    for number in range(7):
        for kind in ("virtualMachines", "disks", "snapshots"):
            at += draw.seconds(5, 40)
            resource = f"resourceGroups/test-{draw.hex(4)}/providers/Microsoft.Compute/{kind}/test-{number}"
            name = f"Microsoft.Compute/{kind}/delete"
            yield from operation(name, resource, work.person, values.origin, at, draw, app=AZURE_PORTAL)


def _uploads_with_keys(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Upload files with Azure CLI, which asks for the key of the storage account each time."""
    origin = work.origin(draw)
    for _ in range(3):
        account = "resourceGroups/dev/providers/Microsoft.Storage/storageAccounts/corpdev"
        name = "Microsoft.Storage/storageAccounts/listKeys/action"
        yield from operation(name, account, work.person, origin, at, draw, app=AZURE_CLI)
        at += draw.minutes(1, 20)


def _aws(work: WorkDay, at: datetime, draw: Chance) -> Callable[..., Record]:
    """Give a function that makes calls of somebody's with the command line tool."""
    permissions = "AdministratorAccess" if work.person.kind is Kind.ADMIN else "DeveloperAccess"
    identity = sso_session(work.person, permissions, draw.key("ASIA", "SSO"), at - timedelta(minutes=20))
    origin = work.origin(draw)

    def calls(name: str, command: str, moment: datetime, request: Json, response: Json | None = None) -> Record:
        agent = cli_agent(command)
        return call(name, identity, origin, moment, draw, agent=agent, request=request, response=response)

    return calls


def _reads_secrets(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Read two secrets of the test system."""
    calls = _aws(work, at, draw)
    for number in range(2):
        secret: Json = {"secretId": f"test/shop/database-{number}"}
        moment = at + timedelta(minutes=number)
        yield calls("secretsmanager:GetSecretValue", "secretsmanager.get-secret-value", moment, secret)


def _opens_a_session(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Open a session on an instance, to look for a mistake."""
    calls = _aws(work, at, draw)
    answer: Json = {"sessionId": f"{work.person.upn}-{draw.hex(17)}"}
    yield calls("ssm:StartSession", "ssm.start-session", at, {"target": f"i-{draw.hex(17)}"}, answer)


def _makes_a_key(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Make a new key for the user of a service, and delete the old one."""
    calls, user = _aws(work, at, draw), "mail-relay"
    answer: Json = {"accessKey": {"userName": user, "accessKeyId": draw.key("AKIA", "RELAY"), "status": "Active"}}
    yield calls("iam:CreateAccessKey", "iam.create-access-key", at, {"userName": user}, answer)
    old: Json = {"userName": user, "accessKeyId": draw.key("AKIA", "OLD")}
    yield calls("iam:DeleteAccessKey", "iam.delete-access-key", at + timedelta(minutes=30), old)


def _starts_a_machine(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Start an instance for a test, and let the company's network reach it."""
    calls = _aws(work, at, draw)
    image: Json = {"imageId": "ami-0123456789abcdef0", "minCount": 1, "maxCount": 1}
    wanted: Json = {"instancesSet": {"items": [image]}, "instanceType": "t3.small"}
    yield calls("ec2:RunInstances", "ec2.run-instances", at, wanted)
    opened: Json = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22}
    opened["ipRanges"] = {"items": [{"cidrIp": "203.0.113.0/28"}]}
    request: Json = {"groupId": f"sg-{draw.hex(17)}", "ipPermissions": {"items": [opened]}}
    moment = at + timedelta(minutes=2)
    yield calls("ec2:AuthorizeSecurityGroupIngress", "ec2.authorize-security-group-ingress", moment, request)


def _renews_a_secret(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Give an application of one's own a new secret, at the portal."""
    values = _browser(work, at, draw)
    yield sign_in(values, draw)
    app, key = draw.uuid(), draw.uuid()
    description = f"[KeyIdentifier={key},KeyType=Password,KeyUsage=Verify,DisplayName=2026]"
    changes: Changes = {"KeyDescription": ([], [description])}
    yield audited(
        UPDATED_SECRETS, "ApplicationManagement", work.person, values.origin, at + timedelta(minutes=3), draw,
        targets=[target("Application", app, "team-bot", changes)], details={"AppId": app, "User-Agent": EDGE},
    )  # fmt: skip


def _consents(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Let an application of a known vendor read one's own profile."""
    app = Application("Corp Survey", draw.uuid())
    values = replace(_browser(work, at, draw), app=app, resource=GRAPH)
    yield sign_in(values, draw)
    scope = "[] => [[Id: 1, ClientId: 0, PrincipalId: 0, ConsentType: Principal, Scope: User.Read openid]]"
    changes = {"ConsentContext.IsAdminConsent": (None, "False"), "ConsentAction.Permissions": (None, scope)}
    yield audited(
        "Consent to application", "ApplicationManagement", work.person, values.origin, at + timedelta(seconds=8), draw,
        targets=[target("ServicePrincipal", draw.uuid(), app.name, changes)], operation="Assign",
        details={"AppId": app.id, "User-Agent": EDGE},
    )  # fmt: skip


def _takes_a_folder_home(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Download a folder of the own department before a journey."""
    origin, department = work.origin(draw), work.person.department.lower()
    for number in range(draw.randrange(25, 45)):
        at += draw.seconds(1, 6)
        path = f"{department}/Shared Documents/Customer/visit-{number:02}.pdf"
        yield file_used(
            "FileDownloaded", work.person, origin, at, draw, path=path, session=work.session, client=OFFICE_PORTAL.id,
            agent=agent_of(work.person),
        )  # fmt: skip


def _denies_by_mistake(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Deny a push in one's pocket, then accept the next."""
    person, origin, session = work.person, work.origin(draw), f"102{draw.token(20)}"
    user = [okta.user(person)]
    denied = okta.event(
        "user.mfa.okta_verify.deny_push", person, origin, at, draw, session="unknown", targets=user, result="FAILURE"
    )
    yield denied
    soon = at + timedelta(seconds=50)
    yield okta.event("user.authentication.auth_via_mfa", person, origin, soon, draw, session=session, targets=user)


def _has_moved(work: WorkDay, at: datetime, draw: Chance) -> Iterator[Record]:
    """Work from a new home, whose provider is another one of the same country."""
    person = work.person
    origin = OTHER_HOMES[HOMES.index(person.home.network)].home(person.number)
    values = replace(_browser(work, at, draw), app=OFFICE_PORTAL, resource=GRAPH, origin=origin, factor="app")
    yield sign_in(values, draw)


# Who it happens to, how often a day among 250 people, the label, what it looks like, why it is none, and what it is.
_HAPPENINGS: tuple[tuple[Kind, float, str, str, str, _Happening], ...] = (
    (Kind.ADMIN, 0.4, "test_cleaned_up", "B44", "machines of a test are deleted by an administrator", _cleans_up),
    (Kind.DEVELOPER, 3, "upload_with_key", "B39", "the tool asks for a key with every upload", _uploads_with_keys),
    (Kind.DEVELOPER, 2, "test_secret_read", "B39", "a developer reads secrets of the test system", _reads_secrets),
    (Kind.DEVELOPER, 2, "session_on_instance", "B40", "a developer looks for a mistake on a machine", _opens_a_session),
    (Kind.ADMIN, 0.2, "key_renewed", "B36", "an administrator renews a service's key", _makes_a_key),
    (Kind.DEVELOPER, 0.5, "test_machine", "B41", "a developer starts a machine for a test", _starts_a_machine),
    (Kind.DEVELOPER, 0.2, "own_app_secret", "B29 B36", "a developer renews an own secret", _renews_a_secret),
    (Kind.OFFICE, 0.6, "harmless_consent", "B30", "consent to read one's own profile", _consents),
    (Kind.OFFICE, 0.5, "folder_taken_home", "B42", "a folder of the own department", _takes_a_folder_home),
    (Kind.OFFICE, 1, "push_denied_by_mistake", "B21", "one push denied by mistake", _denies_by_mistake),
    (Kind.OFFICE, 0.3, "new_home", "B11", "a new home, with another provider", _has_moved),
)
