"""A campaign like those of Storm-0501: from a directory synchronisation server to the deletion of cloud data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.moves import AZUREHOUND, reads_the_directory
from windshear.simulate.people_who import is_admin
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, beside, covered, must, step
from windshear.simulate.world.applications import (
    AZURE_AD_POWERSHELL,
    AZURE_PORTAL,
    DIRECTORY,
    EDGE,
    GRAPH,
    MY_SIGN_INS,
    RESOURCE_MANAGER,
    STORAGE,
    Application,
)
from windshear.simulate.world.networks import HOSTING, OFFICES, VPS
from windshear.simulate.world.sync import sync_person
from windshear.simulate.world.world import SUBSCRIPTION, World
from windshear.simulate.writers.azure import operation
from windshear.simulate.writers.entra_audit import audited, person_target, target
from windshear.simulate.writers.entra_sign_ins import SignIn, sign_in
from windshear.simulate.writers.graph import Caller
from windshear.simulate.writers.office import teams
from windshear.simulate.writers.powershell import script_block
from windshear.simulate.writers.sysmon import POWERSHELL, file_made, launched, start
from windshear.simulate.writers.windows import logged_on, password_reset, replicated

_AZCOPY = Application("AzCopy", "579a7132-0e58-4d80-b1e1-7a1e2d337859", "Mobile Apps and Desktop clients")
_DOMAIN = "corp-login.example"  # which the attacker's identity provider vouches for
_ELEVATED = "User has elevated their access to User Access Administrator for their Azure Resources"
_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_ACCOUNTS = tuple(f"corpdata{number:02}" for number in range(8))
_STORAGE = "resourceGroups/data/providers/Microsoft.Storage/storageAccounts"
_DELETED = (
    ("Microsoft.Authorization/locks/delete", "resourceGroups/data/providers/Microsoft.Authorization/locks/keep"),
    ("Microsoft.Compute/snapshots/delete", "resourceGroups/data/providers/Microsoft.Compute/snapshots/nightly"),
    (
        "Microsoft.Compute/restorePointCollections/delete",
        "resourceGroups/data/providers/Microsoft.Compute/restorePointCollections/nightly",
    ),
    (
        "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/delete",
        "resourceGroups/backup/providers/Microsoft.RecoveryServices/vaults/corp/backupFabrics/Azure/protectionContainers/c1",
    ),
)


class Storm0501(Scenario):
    """From the server that synchronises the directory to a global administrator, a federated domain, and deletion."""

    hour = 9

    def __init__(self, world: World) -> None:
        super().__init__(world)
        draw = world.chance(self.name())
        self.operator = world.find("storm operator", is_admin)
        self.victim = world.global_admin
        self.sync = sync_person(world)
        self.inside = OFFICES[1].origin(6)
        self.outside, self.second_outside = VPS.origin(7), HOSTING.origin(11)
        self.session, self.token = draw.uuid(), draw.token()
        self.admin_session, self.admin_token = draw.uuid(), draw.token()

    @step(minute=0, stage="endpoint", behaviours="B23", why="secrets of the whole domain are asked from its controller")
    def copies_the_domain(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Log on to the controller with an administrator's account, and ask for everybody's secrets (DCSync)."""
        controller = self.world.domain_controller
        yield beside(
            logged_on(controller, self.operator, self.operator.host.ip, at, draw), "the administrator's account"
        )
        for record in replicated(controller, self.operator, at + timedelta(minutes=2), draw):
            yield covered(record, person=self.operator.upn)

    @step(minute=24, stage="endpoint", behaviours="B27 B07", why="the credentials of the sync account are read out")
    def takes_the_sync_account(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Go to the server that synchronises, and read the account's password with AADInternals."""
        server, who = self.world.sync_server, self.operator
        yield beside(
            logged_on(server, who, who.host.ip, at, draw, kind=10), "a remote desktop by the administrator's account"
        )
        parent = start(server, who.account, r"C:\Windows\explorer.exe", r"C:\Windows\Explorer.EXE", draw)
        line = "powershell.exe -ep bypass -c Import-Module AADInternals; Get-AADIntSyncCredentials"
        shell = start(server, who.account, POWERSHELL, line, draw, integrity="High")
        at += timedelta(minutes=3)
        yield must(launched(server, shell, parent, at, draw), person=who.upn)
        for number, text in enumerate(("Import-Module AADInternals", "Get-AADIntSyncCredentials")):
            moment = at + timedelta(seconds=2 + 5 * number)
            yield must(script_block(who, shell, text, moment, draw, host=server), person=who.upn)
        copied = file_made(server, shell, r"C:\ProgramData\adsync.mdf", at + timedelta(minutes=1), draw)
        yield beside(copied, "a copy of the database of the synchronisation")

    def _sync_sign_in(self, at: datetime) -> SignIn:
        return SignIn(
            at=at,
            person=self.sync,
            app=AZURE_AD_POWERSHELL,
            resource=GRAPH,
            origin=self.outside,
            session=self.session,
            token=self.token,
            agent="Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.4391",
            factor="none",
            has_policy=False,
        )

    @step(
        minute=61, stage="access", behaviours="B22 B11", why="the sync account, not from its server, not as its client"
    )
    def signs_in_as_sync_account(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Sign in as the account that synchronises, from a rented server."""
        values = self._sync_sign_in(at)
        yield must(sign_in(values, draw), person=self.sync.upn)
        renewed = replace(values, at=at + timedelta(seconds=40), resource=DIRECTORY, is_interactive=False)
        yield must(sign_in(replace(renewed, incoming="refreshToken", token=draw.token()), draw), person=self.sync.upn)

    @step(minute=64, stage="enumeration", behaviours="B35", why="the directory is read with AzureHound")
    def reads_the_directory(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Read everything in the directory through Graph."""
        caller = Caller(who=self.sync, app=AZURE_AD_POWERSHELL, origin=self.outside, token=self.token, agent=AZUREHOUND)
        for record in reads_the_directory(caller, at, draw):
            yield covered(record, person=self.sync.upn)

    @step(
        minute=176, stage="access", behaviours="B22", why="the sync account from the second server, with a known device"
    )
    def signs_in_from_second_server(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Use the second server, whose device satisfies the policies."""
        values = replace(
            self._sync_sign_in(at),
            origin=self.inside,
            device=self.world.second_sync_server,
            session=draw.uuid(),
            token="",
        )
        yield must(sign_in(values, draw), person=self.sync.upn)

    @step(
        minute=240, stage="access", behaviours="B23 B22", why="the global administrator's password is set on-premises"
    )
    def sets_the_password(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Set the password of a synced global administrator, and let it be synchronised."""
        controller = self.world.domain_controller
        yield covered(password_reset(controller, self.operator, self.victim, at, draw))
        changes = {"LastPasswordChangeTimestamp": (None, "changed")}
        yield covered(
            audited(
                "Change user password", "UserManagement", self.sync, self.inside, at + timedelta(minutes=3), draw,
                targets=[person_target(self.victim, changes)],
            )
        )  # fmt: skip

    @step(
        minute=252,
        stage="access",
        behaviours="B17 B11",
        why="the administrator, without a second factor, from elsewhere",
    )
    def signs_in_as_administrator(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Sign in to the page where second factors are kept."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=MY_SIGN_INS,
            resource=GRAPH,
            origin=self.second_outside,
            session=draw.uuid(),
            agent=EDGE,
            factor="none",
            has_policy=False,
        )
        yield must(sign_in(values, draw))

    @step(minute=255, stage="enrolment", behaviours="B45", why="a second factor of the attacker's is registered")
    def registers_a_factor(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Register an authenticator."""
        for number, activity in enumerate(("User started security info registration", "User registered security info")):
            record = audited(
                activity, "UserManagement", self.victim, self.second_outside, at + timedelta(seconds=50 * number), draw,
                targets=[person_target(self.victim)], operation="Add", service="Authentication Methods",
                details={"AuthenticationMethod": "Microsoft Authenticator"},
            )  # fmt: skip
            yield must(record) if number else beside(record, "the registration began")

    @step(
        minute=262,
        stage="access",
        behaviours="B22",
        why="a synced global administrator at the portal, as another device",
    )
    def opens_the_portal(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Open the portal from the second server, with the new factor."""
        values = SignIn(
            at=at,
            person=self.victim,
            app=AZURE_PORTAL,
            resource=RESOURCE_MANAGER,
            origin=self.inside,
            session=self.admin_session,
            token=self.admin_token,
            device=self.world.second_sync_server,
            agent=EDGE,
            factor="app",
        )
        yield covered(sign_in(values, draw))

    @step(
        minute=300,
        stage="federation",
        behaviours="B26",
        why="a domain that the attacker's identity provider vouches for",
    )
    def adds_a_federated_domain(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Add a domain, prove it, and let another identity provider sign for it."""
        settings = {
            "IssuerUri": (None, f"http://any.sts/{draw.hex(8)}"),
            "SigningCertificate": (None, f"MIIC{draw.token(40)}"),
            "PassiveSignInUri": (None, f"https://{_DOMAIN}/adfs/ls"),
        }
        activities = (
            ("Add unverified domain", {"Name": (None, _DOMAIN)}),
            ("Verify domain", {"Verified": (False, True)}),
            ("Set domain authentication", {"LiveType": (["Managed"], ["Federated"])}),
            ("Set federation settings on domain", settings),
        )
        for activity, changes in activities:
            record = audited(
                activity, "DirectoryManagement", self.victim, self.inside, at, draw,
                targets=[target("Domain", "", _DOMAIN, changes)], operation="Assign",
            )  # fmt: skip
            yield must(record) if activity.startswith("Set") else covered(record)
            at += timedelta(minutes=2)

    @step(minute=318, stage="roles", behaviours="B37", why="rights over all subscriptions, then ownership")
    def takes_all_subscriptions(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Elevate access to the root, and become the owner of the subscription."""
        yield must(
            audited(
                _ELEVATED, "RoleManagement", self.victim, self.inside, at, draw,
                targets=[person_target(self.victim)], operation="Assign", service="Azure RBAC (Elevated Access)",
            )
        )  # fmt: skip
        name = "Microsoft.Authorization/elevateAccess/action"
        yield from self._operation(name, "Microsoft.Authorization", at, draw, scope="/providers")
        at += timedelta(minutes=4)
        assignment = f"providers/Microsoft.Authorization/roleAssignments/{draw.uuid()}"
        role = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{_OWNER}"
        body = f'{{"properties":{{"roleDefinitionId":"{role}","principalId":"{self.victim.object_id}"}}}}'
        yield from self._operation("Microsoft.Authorization/roleAssignments/write", assignment, at, draw, request=body)

    def _operation(
        self, name: str, resource: str, at: datetime, draw: Chance, *, scope: str = "", request: str = ""
    ) -> Iterator[Record]:
        """Yield an operation of the administrator's at the portal, of which the success must be found."""
        records = operation(
            name, resource, self.victim, self.inside, at, draw, app=AZURE_PORTAL, token=self.admin_token,
            request=request, scope=scope or f"/subscriptions/{SUBSCRIPTION}",
        )  # fmt: skip
        for record in records:
            yield must(record) if b'"Success"' in record.text else beside(record, "the operation began")

    @step(minute=335, stage="secrets", behaviours="B39", why="the keys of all storage accounts")
    def reads_storage_keys(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """List the keys of every storage account."""
        for account in _ACCOUNTS:
            name = "Microsoft.Storage/storageAccounts/listKeys/action"
            yield from self._operation(name, f"{_STORAGE}/{account}", at, draw)
            at += draw.seconds(10, 40)

    @step(minute=345, stage="data", behaviours="B44", why="storage is opened to the public, and copied away")
    def copies_data(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Open the accounts to the public, and copy what they hold with AzCopy."""
        body = '{"properties":{"allowBlobPublicAccess":true,"publicNetworkAccess":"Enabled"}}'
        for account in _ACCOUNTS[:3]:
            name = "Microsoft.Storage/storageAccounts/write"
            yield from self._operation(name, f"{_STORAGE}/{account}", at, draw, request=body)
            at += draw.seconds(20, 50)
        values = SignIn(
            at=at + timedelta(minutes=5),
            person=self.victim,
            app=_AZCOPY,
            resource=STORAGE,
            origin=self.second_outside,
            session=draw.uuid(),
            protocol="deviceCode",
            factor="claim",
            agent="AzCopy/10.28.0 (linux)",
        )
        yield covered(sign_in(values, draw))

    @step(minute=422, stage="impact", behaviours="B44", why="locks, snapshots, backups and data are deleted")
    def deletes(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Delete what protects the data, then the data."""
        for name, resource in _DELETED:
            for number in range(3):
                yield from self._operation(name, f"{resource}-{number}", at, draw)
                at += draw.seconds(8, 30)
        for account in _ACCOUNTS:
            yield from self._operation("Microsoft.Storage/storageAccounts/delete", f"{_STORAGE}/{account}", at, draw)
            at += draw.seconds(8, 30)

    @step(minute=480, stage="impact", behaviours="B44", why="the demand for money, which no rule has to find")
    def demands_money(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Write to the company in Teams."""
        yield beside(teams("MessageSent", self.victim, self.second_outside, at, draw, chat="OneOnOne"))
