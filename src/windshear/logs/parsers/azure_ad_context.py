"""AZURE_AD_CONTEXT: users of Microsoft Entra ID with their on-premises identity, as entities.

An entity is no event: `windshear normalize --type azure_ad_context users.json -o context/entities.jsonl` writes a file
that `--context` reads, so that rules know by `graph` variables which person a SID, an account name, an address and an
object id belong to. A record holds no time of its collection unless it comes from Log Analytics, and no interval: it
is valid at any time.

Up to ten addresses, five groups and five devices are taken out of their lists.
"""

from __future__ import annotations

from windshear.logs.parser import (
    Element,
    Has,
    HasAny,
    Is,
    Label,
    Labels,
    LogParser,
    Messages,
    Repeated,
    Requirement,
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.values import (
    Path,
    Value,
    captured,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    item,
    matches,
    micros_of,
    quotient,
    remainder,
    when,
)

_ADDRESSES, _RELATED = 10, 5
_LABELS = (
    "onPremisesImmutableId",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesUserPrincipalName",
    "onPremisesSyncEnabled",
    "onPremisesLastSyncDateTime",
    "securityIdentifier",
    "mailNickname",
    "userType",
    "creationType",
    "externalUserState",
    "usageLocation",
    "accountEnabled",
)

_user_principal = field("userPrincipalName")
_mail = field("mail")
_synchronised = field("onPremisesSyncEnabled")
_enabled = field("accountEnabled")


def _email(value: Value) -> Value:
    return when(matches(value, "@"), value)


def _moment(name: str, value: Value) -> tuple[Scalar, Scalar]:
    """Give the two parts of a time."""
    micros = micros_of(value)
    return (
        Scalar(f"{name}.seconds", quotient(micros, 1_000_000), kind="int"),
        Scalar(f"{name}.nanos", remainder(micros, 1_000_000, 1000), kind="int"),
    )


def _group(number: int) -> Element:
    """Give one group that the user belongs to."""
    group = ("memberOf", item(number))
    return Element(
        (
            Scalar("entity.group.product_object_id", field(*group, "id"), "published"),
            Scalar("entity.group.group_display_name", field(*group, "displayName"), "published"),
            Scalar("entity_type", constant("GROUP"), "published"),
            Scalar("relationship", constant("MEMBER"), "published"),
            Scalar("direction", constant("UNIDIRECTIONAL")),
        ),
        is_there(first(field(*group, "id"), field(*group, "displayName"))),
    )


def _device(number: int) -> Element:
    """Give one device that the user owns."""
    device = ("ownedDevices", item(number))
    return Element(
        (
            Scalar("entity.asset.product_object_id", field(*device, "id")),
            Scalar("entity.asset.asset_id", field(*device, "deviceId")),
            Scalar("entity.asset.hostname", field(*device, "displayName"), "published"),
            Scalar("entity_type", constant("ASSET"), "published"),
            Scalar("relationship", constant("OWNS"), "published"),
            Scalar("direction", constant("UNIDIRECTIONAL")),
        ),
        is_there(first(field(*device, "id"), field(*device, "displayName"))),
    )


_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.entity_type", constant("USER"), "published"),
    Scalar("metadata.vendor_name", constant("Microsoft"), "published"),
    Scalar("metadata.product_name", constant("Azure Active Directory"), "published"),
    Scalar("metadata.source_type", constant("ENTITY_CONTEXT")),
    Scalar("metadata.product_entity_id", field("id")),
    *_moment("metadata.creation_timestamp", field("createdDateTime")),
    Scalar(
        "entity.administrative_domain",
        first(field("onPremisesDomainName"), captured(_user_principal, "@([^@]+)$")),
    ),
    Scalar("entity.user.userid", first(field("onPremisesSamAccountName"), _user_principal), "published"),
    Scalar("entity.user.windows_sid", field("onPremisesSecurityIdentifier"), "published"),
    Scalar("entity.user.product_object_id", field("id"), "published"),
    Scalar("entity.user.user_display_name", field("displayName"), "published"),
    Scalar("entity.user.first_name", field("givenName")),
    Scalar("entity.user.last_name", field("surname")),
    Repeated(
        "entity.user.email_addresses",
        (
            _email(_user_principal),
            _email(_mail),
            *(captured(field("proxyAddresses", item(n)), "(?i)^smtp:(.+)$") for n in range(_ADDRESSES)),
            *(_email(field("otherMails", item(n))) for n in range(2)),
        ),
        "published",
    ),
    Repeated(
        "entity.user.phone_numbers",
        (field("mobilePhone"), *(field("businessPhones", item(n)) for n in range(2))),
    ),
    Scalar("entity.user.title", field("jobTitle")),
    Scalar("entity.user.company_name", field("companyName")),
    Repeated("entity.user.department", (field("department"),)),
    Scalar("entity.user.employee_id", field("employeeId")),
    Scalar("entity.user.office_address.name", field("officeLocation")),
    Scalar("entity.user.personal_address.city", field("city")),
    Scalar("entity.user.personal_address.state", field("state")),
    Scalar("entity.user.personal_address.country_or_region", field("country")),
    Scalar(
        "entity.user.account_type",
        choose(
            (is_any(_synchronised, ["true", "True"]), constant("DOMAIN_ACCOUNT_TYPE")),
            (is_there(field("onPremisesSecurityIdentifier")), constant("DOMAIN_ACCOUNT_TYPE")),
            (is_any(_synchronised, ["false", "False"]), constant("CLOUD_ACCOUNT_TYPE")),
        ),
    ),
    Scalar(
        "entity.user.user_authentication_status",
        choose(
            (is_any(_enabled, ["true", "True"]), constant("ACTIVE")),
            (is_any(_enabled, ["false", "False"]), constant("SUSPENDED")),
        ),
    ),
    *_moment("entity.user.last_password_change_time", field("lastPasswordChangeDateTime")),
    *_moment("entity.user.last_login_time", field("signInActivity", "lastSignInDateTime")),
    Messages(
        "entity.user.managers",
        (
            Element(
                (
                    Scalar("product_object_id", field("manager", "id"), "published"),
                    Scalar("user_display_name", field("manager", "displayName"), "published"),
                    Repeated(
                        "email_addresses",
                        (_email(field("manager", "userPrincipalName")), _email(field("manager", "mail"))),
                        "published",
                    ),
                )
            ),
        ),
    ),
    Labels("entity.user.attribute.labels", tuple(Label(name, field(name)) for name in _LABELS)),
    Messages("relations", (*(_group(n) for n in range(_RELATED)), *(_device(n) for n in range(_RELATED)))),
)

_TABLE_NAMES: dict[Path, Path] = {
    ("id",): ("AccountObjectId",),
    ("userPrincipalName",): ("AccountUPN",),
    ("onPremisesSamAccountName",): ("AccountName",),
    ("onPremisesSecurityIdentifier",): ("AccountSID",),
    ("onPremisesDomainName",): ("AccountDomain",),
    ("securityIdentifier",): ("AccountCloudSID",),
    ("displayName",): ("AccountDisplayName",),
    ("createdDateTime",): ("AccountCreationTime",),
    ("mail",): ("MailAddress",),
    ("accountEnabled",): ("IsAccountEnabled",),
    ("mobilePhone",): ("Phone",),
    ("time",): ("TimeGenerated",),
}

PARSER = LogParser(
    log_type="AZURE_AD_CONTEXT",
    root="graph",
    shapes=(
        Shape(
            "Microsoft Graph",
            (
                Has(("id",)),
                Has(("userPrincipalName",)),
                HasAny(
                    (
                        ("onPremisesSamAccountName",),
                        ("onPremisesSecurityIdentifier",),
                        ("onPremisesSyncEnabled",),
                        ("accountEnabled",),
                        ("mail",),
                        ("givenName",),
                        ("surname",),
                        ("jobTitle",),
                        ("displayName",),
                    )
                ),
            ),
        ),
        Shape(
            "Log Analytics",
            (Is(("Type",), ("IdentityInfo",)), HasAny((("AccountObjectId",), ("AccountUPN",)))),
            names=_TABLE_NAMES,
            capitalised=True,
        ),
    ),
    time=field("time"),
    fields=_FIELDS,
    requirements=(Requirement(is_there(first(field("id"), _user_principal)), "no id and no user principal name"),),
)
