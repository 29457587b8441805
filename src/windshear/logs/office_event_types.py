"""OFFICE_365: which UDM event type an operation of the unified audit log is.

Operations that public rules test have the type that those rules expect, odd ones included (a downloaded file is an
updated one). The others go by their kind: cmdlets by their verb, operations of the directory by what they do to what,
files and sites by their name, mailboxes and Teams as a whole.
"""

from __future__ import annotations

from windshear.logs.values import Condition, Value, all_of, choose, constant, is_any, is_there, matches

LOGINS = ("UserLoggedIn", "UserLoginFailed", "MailboxLogin", "TeamsSessionStarted")
_PROVEN = {
    "USER_LOGIN": LOGINS,
    "USER_RESOURCE_CREATION": ("Add application.", "AnonymousLinkCreated"),
    "USER_RESOURCE_UPDATE_CONTENT": ("Update application.", "Update policy.", "FileDownloaded"),
    "USER_CREATION": ("Add user.",),
    "GROUP_CREATION": ("Add group.",),
    "GROUP_DELETION": ("Delete group.",),
    "GROUP_MODIFICATION": ("Add member to group.", "Remove member from group."),
    "USER_UNCATEGORIZED": ("Add member to role.",),
    "USER_RESOURCE_ACCESS": ("FileAccessed", "AnonymousLinkUsed"),
    "STATUS_UPDATE": ("AnonymousLinkUpdated",),
    "EMAIL_UNCATEGORIZED": ("MailItemsAccessed",),
    "SETTING_CREATION": ("Set-AdminAuditLogConfig",),
    "USER_CHANGE_PERMISSIONS": ("MemberRemoved", "MemberAdded", "MemberRoleChanged"),
    "USER_LOGOUT": ("UserLoggedOff", "UserLoggedOut", "SignOutEvent"),
}
_CMDLETS = (
    (r"^(Add|Set|Remove)-.*(Permission|RoleGroupMember|ManagementRole)", "USER_RESOURCE_UPDATE_PERMISSIONS"),
    (r"^(New|Add|Install|Enable|Import)-", "SETTING_CREATION"),
    (r"^(Remove|Uninstall)-", "SETTING_DELETION"),
    (r"^(Get|Search|Test|Export|Start|View)-", "USER_RESOURCE_ACCESS"),
    ("", "SETTING_MODIFICATION"),
)
_DIRECTORY = (
    (r"(?i)^consent|permission grant|app role assignment|oauth2permissiongrant", "USER_RESOURCE_UPDATE_PERMISSIONS"),
    (r"(?i)password", "USER_CHANGE_PASSWORD"),
    (r"(?i)\brole\b", "USER_CHANGE_PERMISSIONS"),
    (r"(?i)\b(group|administrative unit)\b", "GROUP_MODIFICATION"),
    (r"(?i)^(hard )?delete user\b", "USER_DELETION"),
    (r"(?i)^(invite|restore) .*user\b", "USER_CREATION"),
    (r"(?i)\b(domain|company|federation)\b", "SETTING_MODIFICATION"),
    (r"(?i)\b(user|account|license|security info|strong authentication|stsrefreshtoken)\b", "USER_UNCATEGORIZED"),
    (r"(?i)^(add|create|register)\b", "USER_RESOURCE_CREATION"),
    (r"(?i)^(hard )?(delete|remove|unregister)\b", "USER_RESOURCE_DELETION"),
    ("", "USER_RESOURCE_UPDATE_CONTENT"),
)
_SITES = (
    ("Downloaded|Modified|Renamed|Moved|Updated|Checked|Restored", "USER_RESOURCE_UPDATE_CONTENT"),
    (
        "Sharing|Link|Permission|AccessRequest|AddedTo|RemovedFrom|Inheritance|Invitation|Admin",
        "USER_RESOURCE_UPDATE_PERMISSIONS",
    ),
    ("Deleted|Recycled|Removed", "USER_RESOURCE_DELETION"),
    ("Uploaded|Created|Copied|Added", "USER_RESOURCE_CREATION"),
    ("", "USER_RESOURCE_ACCESS"),
)
_TEAMS = (
    ("^Team(Created|Restored)", "GROUP_CREATION"),
    ("^TeamDeleted", "GROUP_DELETION"),
    ("Channel|Team|Tab|Connector|Bot|App", "GROUP_MODIFICATION"),
    ("", "USER_COMMUNICATION"),
)
_BY_WORKLOAD = (
    (("AzureActiveDirectory",), _DIRECTORY),
    (("SharePoint", "OneDrive", "SharePointFileOperation"), _SITES),
    (("MicrosoftTeams",), _TEAMS),
    (("Exchange",), (("", "EMAIL_UNCATEGORIZED"),)),
)


def event_type(
    operation: Value, workload: Value, is_cmdlet: Condition, has_user: Condition, has_address: Condition
) -> Value:
    """Return the event type; `has_user`: whether it is known who acted."""
    return choose(
        *((is_any(operation, names), constant(name)) for name, names in _PROVEN.items()),
        *((all_of(is_cmdlet, *_like(operation, p)), constant(name)) for p, name in _CMDLETS),
        *(
            (all_of(is_any(workload, names), *_like(operation, pattern)), constant(name))
            for names, patterns in _BY_WORKLOAD
            for pattern, name in patterns
        ),
        (all_of(has_user, is_there(operation)), constant("USER_UNCATEGORIZED")),
        (has_address, constant("STATUS_UPDATE")),
        otherwise=constant("GENERIC_EVENT"),
    )


def _like(operation: Value, pattern: str) -> tuple[Condition, ...]:
    return (matches(operation, pattern),) if pattern else ()
