"""AWS_CLOUDTRAIL: management, data and sign-in events of AWS CloudTrail.

Google publishes no field table for this log type. What public rules read is filled where they read it; the rest is
our choice. Facts that decide a detection:

* A console login is `USER_LOGIN`; its user stands in `target.user`, like in every login. Who signed in through a role
  (IAM Identity Center, federation) is told by `principal.resource.type`, and `MFAUsed` then says nothing: the second
  factor was checked by the identity provider.
* `sourceIPAddress` is often a service name, and published data hold addresses with leading zeros. Only a well-formed
  address enters `principal.ip`; anything else is `principal.hostname`, so the text is kept.
* `errorCode` means the call failed. A console login tells its failure in `responseElements.ConsoleLogin`, other steps
  of signing in under their own names there or in `serviceEventDetails`.
* IAM Identity Center gives the id of a user in `userIdentity.onBehalfOf`, and where the user signs in the name in
  `additionalEventData.UserName`.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.aws_event_types import event_type, login
from windshear.logs.parser import (
    Element,
    Flattened,
    Has,
    HasAny,
    Label,
    Labels,
    LogParser,
    Messages,
    Repeated,
    Scalar,
    Shape,
    UdmValue,
    capitalised,
)
from windshear.logs.values import (
    Path,
    all_of,
    any_of,
    captured,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    joined,
    matches,
    not_,
    when,
)

_name = field("eventName")
_source = field("eventSource")
_address = field("sourceIPAddress")
_ip = ip_of(_address)
_agent = field("userAgent")
_arn = field("userIdentity", "arn")
_identity_type = field("userIdentity", "type")
_issuer = field("userIdentity", "sessionContext", "sessionIssuer", "userName")
_error = field("errorCode")
_console_login = field("responseElements", "ConsoleLogin")
# Steps of signing in say in their own words what became of them.
_SIGN_IN_STEPS = (
    *(
        ("responseElements", name)
        for name in ("CheckMfa", "SwitchRole", "PasswordUpdated", "PasswordRecoveryCompleted")
    ),
    *(
        ("serviceEventDetails", name)
        for name in ("UserAuthentication", "CredentialVerification", "CredentialChallenge")
    ),
)
_is_console_login = all_of(is_any(_name, ["ConsoleLogin"]), is_any(_source, ["signin.amazonaws.com"]))
_is_sign_in = is_any(_source, ["signin.amazonaws.com"])
_has_failed = any_of(
    is_there(_error),
    is_any(_console_login, ["Failure"]),
    all_of(_is_sign_in, is_any(first(*(field(*path) for path in _SIGN_IN_STEPS)), ["Failure"])),
)

# IAM Identity Center names a user by an id; the name stands beside, where the user signs in.
_identity_center_id = field("userIdentity", "onBehalfOf", "userId")
_sign_in_name = when(_is_sign_in, field("additionalEventData", "UserName"))
_user_name = first(field("userIdentity", "userName"), _sign_in_name)
_session_name = captured(_arn, r":assumed-role/.*/([^/]+)$")
_display_name = choose(
    (is_any(_identity_type, ["Root"]), constant("AWS Root User")),
    otherwise=first(_user_name, _session_name, _issuer, field("userIdentity", "invokedBy")),
)
_user_id = first(_arn, _user_name, _identity_center_id, field("userIdentity", "principalId"))

_has_target_user = any_of(
    is_any(_source, ["iam.amazonaws.com", "sso-directory.amazonaws.com", "identitystore.amazonaws.com"]),
    is_any(_source, ["transfer.amazonaws.com"]),
)
_requested_user = when(_has_target_user, field("requestParameters", "userName"))
_issued_key = first(
    field("responseElements", "credentials", "accessKeyId"), field("responseElements", "accessKey", "accessKeyId")
)
_affected_arn = first(
    field("requestParameters", "policyArn"),
    field("requestParameters", "roleArn"),
    field("requestParameters", "sAMLProviderArn"),
    field("requestParameters", "openIDConnectProviderArn"),
    field("responseElements", "role", "arn"),
    field("responseElements", "policy", "arn"),
    field("responseElements", "sAMLProviderArn"),
)
_affected_name = first(
    _affected_arn,
    field("requestParameters", "roleName"),
    field("requestParameters", "bucketName"),
    field("requestParameters", "instanceProfileName"),
    field("requestParameters", "groupName"),
    field("requestParameters", "functionName"),
    field("requestParameters", "secretId"),
    field("requestParameters", "documentName"),
    field("requestParameters", "trailName"),
    field("requestParameters", "policyName"),
    field("requestParameters", "name"),
    field("requestParameters", "keyId"),
    field("requestParameters", "userName"),
)
_affected_id = first(
    _issued_key,
    field("requestParameters", "accessKeyId"),
    field("requestParameters", "instanceId"),
    field("requestParameters", "target"),
    field("requestParameters", "task"),
    field("requestParameters", "groupId"),
    field("requestParameters", "snapshotId"),
    field("requestParameters", "dBSnapshotIdentifier"),
    field("requestParameters", "dBInstanceIdentifier"),
    field("requestParameters", "vpcId"),
    field("requestParameters", "resourceId"),
    _affected_arn,
)

_is_login = login(_name, _source)
_is_federated = any_of(
    is_any(_identity_type, ["AssumedRole", "FederatedUser", "SAMLUser", "WebIdentityUser", "IdentityCenterUser"]),
    is_there(field("additionalEventData", "SamlProviderArn")),
)
_session = ("userIdentity", "sessionContext")

_PRINCIPAL_LABELS = (
    Label("mfaAuthenticated", field(*_session, "attributes", "mfaAuthenticated"), "public rules"),
    Label("creationDate", field(*_session, "attributes", "creationDate")),
    Label("sourceIdentity", field(*_session, "sourceIdentity")),
    Label("sessionIssuer.arn", field(*_session, "sessionIssuer", "arn")),
    Label("sessionIssuer.type", field(*_session, "sessionIssuer", "type")),
    Label("sessionIssuer.accountId", field(*_session, "sessionIssuer", "accountId")),
    Label(
        "federatedProvider",
        first(
            field(*_session, "webIdFederationData", "federatedProvider"),
            field("userIdentity", "identityProvider"),
        ),
    ),
    Label("ec2RoleDelivery", field(*_session, "ec2RoleDelivery")),
    Label("principalId", field("userIdentity", "principalId")),
    Label("invokedBy", field("userIdentity", "invokedBy")),
    Label("identityStoreArn", field("userIdentity", "onBehalfOf", "identityStoreArn")),
    Label("credentialId", field("userIdentity", "credentialId")),
)

_TARGET_LABELS = (
    Label("sessionCredentialFromConsole", field("sessionCredentialFromConsole"), "public rules"),
    Label(
        "ipPermissions cidrIp",
        captured(field("requestParameters", "ipPermissions"), r'"cidrIp":"([^"]*)"'),
        "public rules",
    ),
    Label(
        "ipPermissions cidrIpv6",
        captured(field("requestParameters", "ipPermissions"), r'"cidrIpv6":"([^"]*)"'),
        "public rules",
    ),
    Label("Request Parameters User Data", field("requestParameters", "userData"), "public rules"),
    Label("Request Parameters Attribute Name", field("requestParameters", "attributeName"), "public rules"),
    Label(
        "Request Parameters Values To Add",
        captured(field("requestParameters", "valuesToAdd"), r'^\["([^"]*)"'),
        "public rules",
    ),
    Label(
        "Add Items Group",
        captured(field("requestParameters", "launchPermission", "add", "items"), r'"group":"([^"]*)"'),
        "public rules",
    ),
    Label(
        "AccessControlList Grantee URI",
        captured(field("requestParameters", "AccessControlPolicy"), r'"URI":"([^"]*)"'),
        "public rules",
    ),
    *(
        Label(key, field("requestParameters", "PublicAccessBlockConfiguration", key), "public rules")
        for key in ("RestrictPublicBuckets", "BlockPublicPolicy", "BlockPublicAcls", "IgnorePublicAcls")
    ),
    *(
        Label(key, field("requestParameters", key), "public rules")
        for key in ("enable", "enabled", "activate", "sendingEnabled")
    ),
)

_ADDITIONAL = (
    Label("recipientAccountId", field("recipientAccountId"), "public rules"),
    Label("accessKeyId", field("userIdentity", "accessKeyId"), "public rules"),
    Label("eventType", field("eventType")),
    Label("eventCategory", field("eventCategory")),
    Label("readOnly", field("readOnly")),
    Label("managementEvent", field("managementEvent")),
    Label("requestID", field("requestID")),
    Label("sharedEventID", field("sharedEventID")),
    Label("vpcEndpointId", field("vpcEndpointId")),
)

_FIELDS: tuple[UdmValue, ...] = (
    Scalar("metadata.event_type", event_type(_name, _source), "public rules"),
    Scalar("metadata.vendor_name", constant("AMAZON"), "public rules"),
    Scalar("metadata.product_name", constant("AWS CloudTrail"), "public rules"),
    Scalar("metadata.product_event_type", _name, "public rules"),
    Scalar("metadata.product_log_id", field("eventID")),
    Scalar("metadata.product_version", field("eventVersion")),
    Repeated("principal.ip", (_ip,), "public rules"),
    Repeated("principal.asset.ip", (_ip,), "published"),
    Scalar("principal.hostname", when(not_(is_there(_ip)), _address)),
    Scalar("principal.location.name", field("awsRegion"), "public rules"),
    Scalar("principal.resource.type", _identity_type, "public rules"),
    Scalar("principal.user.userid", _user_id, "public rules"),
    Scalar("principal.user.user_display_name", _display_name, "public rules"),
    Scalar("principal.user.product_object_id", first(field("userIdentity", "principalId"), _identity_center_id)),
    Repeated("principal.user.group_identifiers", (field("userIdentity", "accountId"),), "public rules"),
    Messages("principal.user.attribute.roles", (Element((Scalar("name", _issuer),)),)),
    Labels("principal.user.attribute.labels", _PRINCIPAL_LABELS),
    Scalar(
        "src.user.user_display_name",
        when(is_any(_identity_type, ["Root"]), constant("AWS Root User")),
        "public rules",
    ),
    Scalar("target.application", _source, "public rules"),
    Scalar("target.user.userid", when(_is_login, _user_id, _requested_user), "public rules"),
    Scalar("target.user.user_display_name", when(_is_login, _display_name, _requested_user), "public rules"),
    Repeated("target.user.group_identifiers", (field("recipientAccountId"),), "public rules"),
    Scalar("target.location.name", field("awsRegion"), "public rules"),
    Scalar("target.resource.name", _affected_name, "public rules"),
    Scalar("target.resource.product_object_id", _affected_id, "public rules"),
    Labels(
        "target.resource.attribute.labels",
        _TARGET_LABELS,
        (
            Flattened("requestParameters", ("requestParameters",), "public rules"),
            Flattened("responseElements", ("responseElements",), "public rules"),
            Flattened("additionalEventData", ("additionalEventData",)),
            Flattened("serviceEventDetails", ("serviceEventDetails",)),
        ),
    ),
    Messages(
        "target.resource_ancestors",
        (Element((Scalar("product_object_id", field("requestParameters", "dBClusterIdentifier"), "public rules"),)),),
    ),
    Scalar("network.http.user_agent", _agent, "public rules"),
    Scalar("network.tls.version", field("tlsDetails", "tlsVersion")),
    Scalar("network.tls.cipher", field("tlsDetails", "cipherSuite")),
    Scalar("network.tls.client.server_name", field("tlsDetails", "clientProvidedHostHeader")),
    Scalar("extensions.auth.type", when(_is_login, when(_is_federated, constant("SSO"), constant("MACHINE")))),
    Repeated(
        "extensions.auth.mechanism",
        (when(all_of(_is_console_login, not_(_is_federated)), constant("USERNAME_PASSWORD")),),
    ),
    Scalar(
        "extensions.auth.auth_details",
        when(_is_sign_in, joined("MFAUsed: ", field("additionalEventData", "MFAUsed"))),
        "public rules",
    ),
    Messages(
        "security_result",
        (
            Element(
                (
                    Repeated("action", (when(_has_failed, constant("BLOCK"), constant("ALLOW")),), "public rules"),
                    Scalar("rule_id", _error, "public rules"),
                    Scalar(
                        "description",
                        when(_is_console_login, joined("Reason: ", field("errorMessage")), field("errorMessage")),
                        "public rules",
                    ),
                    Scalar(
                        "summary",
                        choose(
                            (is_any(_console_login, ["Success"]), constant("Login to AWS Console succeeded.")),
                            (is_any(_console_login, ["Failure"]), constant("Login to AWS Console failed.")),
                        ),
                        "public rules",
                    ),
                    Repeated(
                        "category",
                        (
                            choose(
                                (all_of(_is_login, _has_failed), constant("AUTH_VIOLATION")),
                                (matches(_error, "AccessDenied|Unauthorized"), constant("ACL_VIOLATION")),
                            ),
                        ),
                    ),
                ),
                is_there(constant("")),
            ),
        ),
    ),
    Labels("additional.fields", _ADDITIONAL),
)


def _shape(name: str, *prefix: str) -> Shape:
    """Return the shape of records that stand under some keys."""
    evidence = (
        Has((*prefix, "eventSource")),
        Has((*prefix, "eventName")),
        HasAny(tuple((*prefix, key) for key in ("eventVersion", "eventID", "awsRegion"))),
    )
    return Shape(name, evidence, prefix)


# The table AWSCloudTrail: one column for each value of the identity, JSON as text for what is free-form.
_OBJECTS = ("requestParameters", "responseElements", "additionalEventData", "serviceEventDetails")
_TABLE_NAMES: dict[Path, Path] = {
    ("eventTime",): ("TimeGenerated",),
    ("eventID",): ("AwsEventId",),
    ("eventType",): ("EventTypeName",),
    ("awsRegion",): ("AWSRegion",),
    ("sourceIPAddress",): ("SourceIpAddress",),
    ("requestID",): ("AwsRequestId_",),
    ("sharedEventID",): ("SharedEventId",),
    ("eventCategory",): ("Category",),
    ("userIdentity", "principalId"): ("UserIdentityPrincipalid",),
    **{
        ("userIdentity", name): (f"UserIdentity{capitalised(name)}",)
        for name in ("type", "arn", "accountId", "invokedBy", "accessKeyId", "userName")
    },
    ("userIdentity", "onBehalfOf", "userId"): ("UserIdentityUserId",),
    ("userIdentity", "onBehalfOf", "identityStoreArn"): ("UserIdentityStoreArn",),
    **{
        (*_session, "attributes", name): (f"Session{capitalised(name)}",)
        for name in ("mfaAuthenticated", "creationDate")
    },
    **{
        (*_session, "sessionIssuer", name): (f"SessionIssuer{capitalised(name)}",)
        for name in ("type", "arn", "accountId", "userName")
    },
    (*_session, "ec2RoleDelivery"): ("EC2RoleDelivery",),
    **{
        ("tlsDetails", name): (capitalised(name),) for name in ("tlsVersion", "cipherSuite", "clientProvidedHostHeader")
    },
}

PARSER = LogParser(
    log_type="AWS_CLOUDTRAIL",
    shapes=(
        _shape("record"),
        _shape("EventBridge event", "detail"),
        _shape("search export", "_source"),
        Shape(
            "Log Analytics",
            (Has(("EventSource",)), Has(("EventName",)), Has(("TimeGenerated",)), Has(("AwsEventId",))),
            names=_TABLE_NAMES,
            capitalised=True,
            text_roots=frozenset({(capitalised(name),) for name in _OBJECTS}),
        ),
    ),
    time=first(field("eventTime"), field("@timestamp")),
    fields=_FIELDS,
)
