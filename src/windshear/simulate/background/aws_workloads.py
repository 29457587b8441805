"""Identities of AWS that are no people: instances, pipelines, the tool that looks over everything, rotation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.day import Day
from windshear.simulate.record import Json, Record, benign
from windshear.simulate.world.networks import AMAZON, RUNNERS, Origin
from windshear.simulate.world.world import ACCOUNT, REGION, Instance
from windshear.simulate.writers.aws import (
    BOTO_ON_INSTANCE,
    BUILD_BOT,
    BUILD_BOT_KEY,
    call,
    credentials,
    iam_user,
    instance_session,
    role_session,
)

_SSM_AGENT = "aws-sdk-go/1.55.5 (go1.23.12; linux; amd64) amazon-ssm-agent/3.3.2299.0"
_TERRAFORM = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.10.5 (+https://www.terraform.io) terraform-provider-aws/5.86.0 "
    "aws-sdk-go-v2/1.36.0 ua/2.1 os/linux lang/go#1.23.5 md/GOOS#linux md/GOARCH#amd64"
)
_POSTURE = (
    "Boto3/1.36.12 md/Botocore#1.36.12 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.12.8 posture-crawler/4.2"
)
_READS = (
    "ec2:DescribeInstances", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "iam:ListRoles",
    "iam:ListUsers", "iam:GetAccountSummary", "iam:ListPolicies", "s3:ListBuckets", "s3:GetBucketPolicy",
    "s3:GetBucketAcl", "rds:DescribeDBInstances", "lambda:ListFunctions20150331", "kms:ListKeys", "kms:DescribeKey",
    "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "config:DescribeConfigRules", "eks:ListClusters",
    "ecs:ListClusters", "sns:ListTopics", "sqs:ListQueues", "dynamodb:ListTables", "secretsmanager:ListSecrets",
    "elasticloadbalancing:DescribeLoadBalancers", "route53:ListHostedZones", "guardduty:ListDetectors",
)  # fmt: skip


def aws_workloads(day: Day) -> Iterator[Record]:
    """Yield a day of everything in AWS that works by itself."""
    yield from _instances(day)
    yield from _terraform(day)
    yield from _posture_crawler(day)
    yield from _rotation(day)
    yield from _build_bot(day)


def _instances(day: Day) -> Iterator[Record]:
    """Let instances of EC2 tell that they live, and use the role that each has."""
    for instance in day.world.instances:
        draw = day.chance("instances", instance.id)
        offset = draw.minutes(0, 5)
        for number in range(4):
            begin = day.midnight + timedelta(hours=6 * number)
            key = draw.key("ASIA", "EC2")
            identity = instance_session(instance, key, begin)
            yield from _heartbeats(instance, identity, begin + offset, draw, is_brief=day.is_history)
            for _ in range(3):
                at = begin + draw.minutes(5, 350)
                name = draw.choice(("s3:ListBuckets", "sqs:GetQueueAttributes", "ssm:GetParametersByPath"))
                yield call(name, identity, instance.origin, at, draw, agent=BOTO_ON_INSTANCE)


def _heartbeats(
    instance: Instance, identity: Json, begin: datetime, draw: Chance, *, is_brief: bool
) -> Iterator[Record]:
    parameters: Json = {
        "instanceId": instance.id,
        "agentVersion": "3.3.2299.0",
        "agentStatus": "Active",
        "platformType": "Linux",
        "platformName": "Amazon Linux",
        "iPAddress": instance.host.ip,
        "computerName": f"ip-{instance.host.ip.replace('.', '-')}.{REGION}.compute.internal",
        "agentName": "amazon-ssm-agent",
    }
    for minute in range(0, 360, 180 if is_brief else 5):
        at = begin + timedelta(minutes=minute)
        yield call(
            "ssm:UpdateInstanceInformation", identity, instance.origin, at, draw, agent=_SSM_AGENT, request=parameters
        )


def _terraform(day: Day) -> Iterator[Record]:
    """Compare the cloud with the code every night: a hundred reads in minutes, some changes."""
    draw = day.chance("terraform")
    at = day.midnight + timedelta(hours=2, minutes=10)
    origin = draw.choice(RUNNERS).origin(draw.randrange(28))
    key = draw.key("ASIA", "INFRA")
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    repository = "repo:corp-example/infra:ref:refs/heads/main"
    caller: Json = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{repository}",
        "userName": repository,
        "identityProvider": provider,
    }
    arn = f"arn:aws:iam::{ACCOUNT}:role/infra-deploy"
    asked: Json = {"roleArn": arn, "roleSessionName": "GitHubActions", "durationSeconds": 3600}
    answer: Json = {
        "subjectFromWebIdentityToken": repository,
        "credentials": credentials(key, at + timedelta(hours=1)),
        "assumedRoleUser": {
            "assumedRoleId": "AROAEXAMPLEINFRADEPLO:GitHubActions",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/infra-deploy/GitHubActions",
        },
        "provider": provider,
        "audience": "sts.amazonaws.com",
    }
    issued = call(
        "sts:AssumeRoleWithWebIdentity", caller, origin, at, draw, agent=_TERRAFORM, request=asked, response=answer
    )
    identity = role_session("infra-deploy", "GitHubActions", key, at)
    why = "the nightly comparison of the cloud with its code, by a declared pipeline"
    yield from benign([issued], "B35 B34", why, label="nightly_terraform")
    yield from _many_reads(identity, origin, at, draw, agent=_TERRAFORM, count=20 if day.is_history else 110)
    for name, request in draw.sample(_CHANGES, 2):
        changed = call(name, identity, origin, at + draw.minutes(6, 9), draw, agent=_TERRAFORM, request=request)
        yield from benign([changed], "B37 B41", "a change from code, by a declared pipeline", label="nightly_terraform")


_ALLOWS = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}'
_INSIDE: Json = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]}}
_CHANGES: tuple[tuple[str, Json], ...] = (
    ("iam:PutRolePolicy", {"roleName": "batch-role", "policyName": "queue", "policyDocument": _ALLOWS}),
    ("ec2:AuthorizeSecurityGroupIngress", {"groupId": "sg-0a1b2c3d4e5f60718", "ipPermissions": {"items": [_INSIDE]}}),
    ("lambda:UpdateFunctionConfiguration20150331v2", {"functionName": "orders-import", "timeout": 60}),
)


def _posture_crawler(day: Day) -> Iterator[Record]:
    """Let the vendor's tool look over everything, four times a day."""
    draw = day.chance("posture crawler")
    vendor = AMAZON.origin(25)
    for hour in (12,) if day.is_history else (0, 6, 12, 18):
        at = day.midnight + timedelta(hours=hour, minutes=30)
        key = draw.key("ASIA", "POSTURE")
        identity = role_session("cspm-auditor", "posture-crawler", key, at)
        yield from _many_reads(identity, vendor, at, draw, agent=_POSTURE, count=20 if day.is_history else 150)


def _many_reads(
    identity: Json, origin: Origin, begin: datetime, draw: Chance, *, agent: str, count: int
) -> Iterator[Record]:
    for number in range(count):
        at = begin + draw.minutes(0.2, 6)
        yield call(_READS[number % len(_READS)], identity, origin, at, draw, agent=agent)


def _rotation(day: Day) -> Iterator[Record]:
    """Rotate secrets every night."""
    draw = day.chance("rotation")
    at = day.midnight + timedelta(hours=3)
    key = draw.key("ASIA", "ROTATE")
    identity = role_session("secret-rotation", "rotate-secrets", key, at, path="service-role/")
    agent = f"{BOTO_ON_INSTANCE[:-1]} exec-env/AWS_Lambda_python3.13]"
    why = "the job that rotates secrets every night"
    for number in range(8):
        secret: Json = {"secretId": f"prod/shop/database-{number}"}
        records = []
        for name in ("GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"):
            moment, operation = at + draw.minutes(1, 10), f"secretsmanager:{name}"
            records.append(call(operation, identity, AMAZON.origin(9), moment, draw, agent=agent, request=secret))
        yield from benign(records, "B39", why, label="secret_rotation")


def _build_bot(day: Day) -> Iterator[Record]:
    """Let an old build server work with a key that nobody rotates."""
    draw = day.chance("build bot")
    agent = "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64.amzn.2023 prompt/off command/s3.cp"
    for _ in range(12):
        at = day.midnight + draw.minutes(6 * 60, 20 * 60)
        name = draw.choice(("sts:GetCallerIdentity", "s3:ListBuckets", "ecr:GetAuthorizationToken"))
        yield call(name, iam_user(BUILD_BOT, BUILD_BOT_KEY), AMAZON.origin(12), at, draw, agent=agent)
