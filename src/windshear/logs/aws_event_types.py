"""Which UDM event type a CloudTrail event is.

Public rules fix few of them (`ConsoleLogin` is a login, some deletions are `RESOURCE_DELETION`); the rest follows the
verb that AWS puts first in an operation's name. `CreateUser` means a person only in services that keep people: the
same name exists in others.
"""

from __future__ import annotations

from windshear.logs.values import Condition, Value, all_of, any_of, choose, constant, is_any, matches

_PEOPLE = ("iam.amazonaws.com", "sso-directory.amazonaws.com", "identitystore.amazonaws.com")

# What brings somebody in from outside. Steps around it (`CheckMfa`, `GetSigninToken`, `SwitchRole`) and sessions made
# from credentials that already are inside (`AssumeRole`, `GetSessionToken`) are accesses: rules count logins.
_LOGINS = {
    "signin.amazonaws.com": ("ConsoleLogin", "UserAuthentication", "AuthorizeOAuth2Access", "CreateOAuth2Token"),
    "sso.amazonaws.com": ("Authenticate", "UserAuthentication", "Federate"),
    "sts.amazonaws.com": ("AssumeRoleWithSAML",),
}
_STEPS = (
    "CredentialChallenge",
    "CredentialVerification",
    "PasswordRecoveryRequested",
    "SwitchRole",
    "ExitRole",
    "RenewRole",
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
)
_PASSWORDS = (
    "ChangePassword",
    "CreateLoginProfile",
    "UpdateLoginProfile",
    "PasswordRecoveryCompleted",
    "PasswordUpdated",
)

_ACCESS = (
    r"^(Get|List|Describe|Head|Lookup|Search|BatchGet|Query|Scan|Select|View|Check|Test|Validate|Decrypt|Verify|Detect"
    r"|Download)"
)
_CREATION = r"^(Create|Run|Launch|Allocate|Register|Import|Copy|Restore|Issue|Request|Generate|Clone|Upload)"
_DELETION = r"^(Delete|Terminate|Release|Deregister|Remove|Purge|Destroy|BatchDelete|ScheduleKeyDeletion)"
_PERMISSIONS = (
    r"^(Attach|Detach|Put|Update|Set|Delete)[A-Za-z]*(Policy|Permissions?|Acl)(V?[0-9].*)?$|^(Add|Remove)Permission"
    r"|^(Authorize|Revoke)SecurityGroup|^Modify(Image|Snapshot|DBSnapshot)Attribute$|^AddRoleToInstanceProfile$"
    r"|^(Create|Revoke|Retire)Grant$|^(Set|Create)DefaultPolicyVersion$|^CreatePolicyVersion$"
)
_CONTENT = (
    r"^(Put|Update|Modify|Set|Add|Associate|Disassociate|Attach|Detach|Enable|Disable|Start|Stop|Tag|Untag|Change|Replace"
    r"|Reset|Rotate|Send|Invoke|Execute|Cancel|Authorize|Revoke|Encrypt|Reboot|Activate|Deactivate|Accept|Leave|Publish"
    r"|Subscribe|Unsubscribe|Failover)"
)


def login(name: Value, source: Value) -> Condition:
    """Test whether the event is a person signing in: to the console, to the access portal, or by SAML."""
    return any_of(*(all_of(is_any(source, [service]), is_any(name, names)) for service, names in _LOGINS.items()))


def event_type(name: Value, source: Value) -> Value:
    """Return the UDM event type of an event."""
    is_about_people = is_any(source, _PEOPLE)
    membership = is_any(name, ["AddUserToGroup", "RemoveUserFromGroup", "AddMemberToGroup", "RemoveMemberFromGroup"])
    return choose(
        (login(name, source), constant("USER_LOGIN")),
        (any_of(matches(name, _ACCESS), is_any(name, _STEPS)), constant("USER_RESOURCE_ACCESS")),
        (all_of(is_about_people, is_any(name, ["CreateUser"])), constant("USER_CREATION")),
        (all_of(is_about_people, is_any(name, ["DeleteUser"])), constant("USER_DELETION")),
        (is_any(name, _PASSWORDS), constant("USER_CHANGE_PASSWORD")),
        (all_of(is_about_people, membership), constant("GROUP_MODIFICATION")),
        (is_any(name, ["DeleteAnalyzer", "DeleteBackupPlan", "DeleteBackupSelection"]), constant("RESOURCE_DELETION")),
        (matches(name, _PERMISSIONS), constant("USER_RESOURCE_UPDATE_PERMISSIONS")),
        (matches(name, _CREATION), constant("USER_RESOURCE_CREATION")),
        (matches(name, _DELETION), constant("USER_RESOURCE_DELETION")),
        (matches(name, _CONTENT), constant("USER_RESOURCE_UPDATE_CONTENT")),
        otherwise=constant("GENERIC_EVENT"),
    )
