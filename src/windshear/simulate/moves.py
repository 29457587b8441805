"""What attackers do in several scenarios: read through the directory, through an account, delete in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Record
from windshear.simulate.world.networks import Origin
from windshear.simulate.writers.aws import call
from windshear.simulate.writers.graph import Caller, request

AZUREHOUND = "azurehound/v2.2.1"
REQUESTS, CURL = "python-requests/2.32.3", "curl/8.11.1"
BOTO = "Boto3/1.36.12 md/Botocore#1.36.12 ua/2.0 os/linux#6.11.2-amd64 md/arch#x86_64 lang/python#3.12.8"

_DIRECTORY_READS = (
    "GET /v1.0/organization",
    "GET /v1.0/users?$top=999",
    "GET /v1.0/groups?$top=999",
    "GET /v1.0/applications?$top=999",
    "GET /v1.0/servicePrincipals?$top=999",
    "GET /v1.0/devices?$top=999",
    "GET /v1.0/directoryRoles",
    "GET /beta/roleManagement/directory/roleDefinitions",
    "GET /v1.0/roleManagement/directory/roleAssignments?$top=999",
    "GET /v1.0/policies/authorizationPolicy",
    "GET /v1.0/identity/conditionalAccess/policies",
    "GET /v1.0/domains",
)
_ACCOUNT_READS = (
    "iam:ListUsers", "iam:ListRoles", "iam:ListAttachedUserPolicies", "iam:GetAccountAuthorizationDetails",
    "iam:ListAccessKeys", "iam:GetAccountPasswordPolicy", "iam:SimulatePrincipalPolicy", "s3:ListBuckets",
    "s3:GetBucketAcl", "s3:GetBucketPolicy", "ec2:DescribeInstances", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs",
    "ec2:DescribeSnapshots", "rds:DescribeDBInstances", "lambda:ListFunctions20150331", "secretsmanager:ListSecrets",
    "ssm:DescribeParameters", "kms:ListKeys", "cloudtrail:DescribeTrails", "organizations:DescribeOrganization",
    "organizations:ListAccounts", "guardduty:ListDetectors", "dynamodb:ListTables", "ecr:DescribeRepositories",
    "eks:ListClusters",
)  # fmt: skip


def reads_the_directory(caller: Caller, begin: datetime, draw: Chance, *, more: int = 30) -> Iterator[Record]:
    """Yield requests for everything in the directory, then for members of groups and owners of applications."""
    at = begin
    for path in _DIRECTORY_READS:
        yield request(caller, at, path, draw)
        at += draw.seconds(1, 6)
    for _ in range(more):
        kind, part = draw.choice((("groups", "members"), ("applications", "owners"), ("servicePrincipals", "owners")))
        yield request(caller, at, f"GET /v1.0/{kind}/{draw.uuid()}/{part}", draw)
        at += draw.seconds(0.4, 3)


def reads_the_account(identity: Json, origin: Origin, begin: datetime, draw: Chance, *, agent: str) -> Iterator[Record]:
    """Yield calls that read through an account of AWS, some of them denied."""
    at = begin
    for name in _ACCOUNT_READS:
        error = "AccessDenied" if draw.is_true(0.15) else ""
        yield call(name, identity, origin, at, draw, agent=agent, error=error)
        at += timedelta(seconds=draw.randrange(4, 20))
