"""The third published test: AWS CLI with somebody else's key, on Linux."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.people_who import is_developer_on_linux
from windshear.simulate.record import Record
from windshear.simulate.scenario import Scenario, beside, must, step
from windshear.simulate.world.world import World
from windshear.simulate.writers.auditd import account_of, file_touched, launched
from windshear.simulate.writers.aws import BUILD_BOT, BUILD_BOT_KEY, call, cli_agent, iam_user

_AWS = "/usr/local/bin/aws"


class AwsConfigureStolenKeys(Scenario):
    """AWS CLI on a developer's Linux workstation, set up with a build server's key."""

    also = (BUILD_BOT_KEY,)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.victim = world.find("aws_configure victim", is_developer_on_linux)
        self.host, self.origin = self.victim.host, self.victim.home
        self.unlisted = frozenset((self.host.name,))
        self.account = account_of(self.victim)
        self.file = f"{self.account.home}/.aws/credentials"

    @step(minute=0, stage="endpoint", behaviours="B03", why="a key is given to the command line tool; nothing is sent")
    def configures(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Set the key and its secret."""
        settings = (
            ("aws_access_key_id", BUILD_BOT_KEY),
            ("aws_secret_access_key", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"),
        )
        for name, value in settings:
            words = ("aws", "configure", "set", name, value, "--profile", "stolen")
            yield must(launched(self.host, self.account, _AWS, words, at, draw))
            own = file_touched(
                self.host, self.account, _AWS, self.file, at + timedelta(milliseconds=400), draw, creates=True
            )
            yield beside(own, "the command line tool writes its own file")
            at += timedelta(seconds=7)

    @step(minute=1, stage="endpoint", behaviours="B06", why="the file with keys is copied by another program")
    def copies_the_file(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Copy the file of keys away."""
        words = ("cp", self.file, "/tmp/.cache-0")  # noqa: S108 (a path in a log, not one of ours)
        yield must(launched(self.host, self.account, "/usr/bin/cp", words, at, draw))
        yield must(
            file_touched(self.host, self.account, "/usr/bin/cp", self.file, at + timedelta(milliseconds=3), draw)
        )

    @step(minute=2, stage="endpoint", behaviours="B03", why="the stolen key asks who it is")
    def asks_who_it_is(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Run `aws sts get-caller-identity` with the key."""
        words = ("aws", "--profile", "stolen", "sts", "get-caller-identity")
        yield must(launched(self.host, self.account, _AWS, words, at, draw))

    @step(minute=2.1, stage="access", behaviours="B03 B11", why="the build server's key, from a network it never had")
    def is_answered(self, at: datetime, draw: Chance) -> Iterator[Record]:
        """Be answered by AWS, which logs the key and the address."""
        agent = cli_agent("sts.get-caller-identity", "linux#6.8.0-52-generic")
        identity = iam_user(BUILD_BOT, BUILD_BOT_KEY)
        yield must(call("sts:GetCallerIdentity", identity, self.origin, at, draw, agent=agent))
        for name in ("s3:ListBuckets", "iam:ListUsers"):
            at += timedelta(seconds=50)
            command = name.replace(":List", ".list-").lower()
            used = call(name, identity, self.origin, at, draw, agent=cli_agent(command, "linux#6.8.0-52-generic"))
            yield beside(used, "the stolen key reads on")
