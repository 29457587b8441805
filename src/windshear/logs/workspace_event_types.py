"""Which UDM event type an activity of Google Workspace is, by its application and its name.

The names of the admin, login, chrome, groups, calendar and access applications are published; those of Drive, tokens,
SAML and user accounts, and the words by which the rest is told, are our choice.
"""

from __future__ import annotations

from windshear.logs.values import Condition, Value, all_of, any_of, choose, constant, is_any, matches

# Names that tell of the person who signs in as the target, in whatever application they stand.
LOGIN_NAMES = (
    "CHROME_OS_LOGIN_FAILURE_EVENT",
    "CHROME_OS_LOGIN_LOGOUT_EVENT",
    "CHROME_OS_LOGIN_EVENT",
    "CHROME_OS_LOGOUT_EVENT",
    "LOGIN_EVENT",
    "login_failure",
    "login_success",
    "suspicious_login",
    "suspicious_login_less_secure_app",
    "suspicious_programmatic_login",
    "login_challenge",
    "login_verification",
    "risky_sensitive_action_allowed",
    "risky_sensitive_action_blocked",
    "logout",
)
_ADMIN: dict[str, tuple[str, ...]] = {
    "USER_CREATION": ("CREATE_USER",),
    "USER_DELETION": ("DELETE_USER",),
    "USER_CHANGE_PASSWORD": ("CHANGE_PASSWORD", "CHANGE_PASSWORD_ON_NEXT_LOGIN"),
    "USER_UNCATEGORIZED": (
        "SUSPEND_USER",
        "UNSUSPEND_USER",
        "UNDELETE_USER",
        "ARCHIVE_USER",
        "MOVE_USER_TO_ORG_UNIT",
        "UNENROLL_USER_FROM_STRONG_AUTH",
    ),
    "USER_RESOURCE_UPDATE_PERMISSIONS": (
        "ASSIGN_ROLE",
        "UNASSIGN_ROLE",
        "USER_LICENSE_ASSIGNMENT",
        "USER_LICENSE_REVOKE",
    ),
    "USER_RESOURCE_CREATION": ("CREATE_ROLE", "ADD_APPLICATION", "CREATE_ALERT", "CREATE_ORG_UNIT"),
    "USER_RESOURCE_ACCESS": ("AUTHORIZE_API_CLIENT_ACCESS",),
    "USER_RESOURCE_DELETION": ("REMOVE_API_CLIENT_ACCESS", "REMOVE_APPLICATION", "REMOVE_ORG_UNIT"),
    "USER_RESOURCE_UPDATE_CONTENT": (
        "RENAME_USER",
        "ADD_TRUSTED_DOMAINS",
        "ADD_MOBILE_APPLICATION_TO_WHITELIST",
        "MOVE_ORG_UNIT",
    ),
    "SETTING_MODIFICATION": (
        "CHANGE_SSO_SETTINGS",
        "ALLOW_STRONG_AUTHENTICATION",
        "ENFORCE_STRONG_AUTHENTICATION",
        "TOGGLE_SERVICE_ENABLED",
        "SESSION_CONTROL_SETTINGS_CHANGE",
    ),
    "SETTING_CREATION": ("CREATE_APPLICATION_SETTING", "CREATE_SAML2_SERVICE_PROVIDER_CONFIG"),
    "SETTING_DELETION": ("DELETE_APPLICATION_SETTING", "DELETE_SAML2_SERVICE_PROVIDER_CONFIG"),
    "GROUP_CREATION": ("CREATE_GROUP",),
    "GROUP_DELETION": ("DELETE_GROUP",),
    "GROUP_MODIFICATION": ("ADD_GROUP_MEMBER", "REMOVE_GROUP_MEMBER", "CHANGE_GROUP_SETTING", "UPDATE_GROUP_MEMBER"),
    "EMAIL_UNCATEGORIZED": ("EMAIL_LOG_SEARCH",),
    "STATUS_UPDATE": ("ADD_TO_TRUSTED_OAUTH2_APPS",),
}
# Profiles of single sign-on, and to whom they are assigned: what has happened stands at the end of the name.
_SINGLE_SIGN_ON = {
    "SETTING_CREATION": r"(?i)(?:^|_)sso_.*(?:created|added)$",
    "SETTING_MODIFICATION": r"(?i)(?:^|_)sso_.*(?:updated|changed|enabled|disabled)$",
    "SETTING_DELETION": r"(?i)(?:^|_)sso_.*(?:deleted|removed)$",
}
_DRIVE_PERMISSIONS = (
    r"^(change_(user_access|acl_editors|document_visibility|document_access_scope)|shared_drive_membership_change"
    r"|team_drive_membership_change|add_to_folder|remove_from_folder|storage_usage_update|publish_change"
    r"|unpublish_change|.*_(access|visibility|acl)[a-z_]*)$"
)
_CREATED = r"(?i)^(create|add|upload|generate|insert|register|enroll|copy|import)"
_DELETED = r"(?i)^(delete|remove|trash|revoke|unenroll)"
_CHANGED = r"(?i)^(change|update|edit|rename|move|untrash|toggle|set|enable|disable|modify|lock|unlock|suspend|resume)"
_READ = r"(?i)^(view|download|preview|print|list|get|search|access|export|open|source_copy|read|activity|request)"


def login(name: Value) -> Condition:
    """Test whether the activity names the person who signs in or out as its target."""
    return is_any(name, LOGIN_NAMES)


def event_type(application: Value, name: Value) -> Value:
    """Return the UDM event type of an activity."""

    def of(*applications: str) -> Condition:
        return is_any(application, applications)

    is_chrome = of("chrome")
    return choose(
        (
            any_of(
                is_any(name, ["logout", "CHROME_OS_LOGOUT_EVENT"]),
                all_of(is_chrome, matches(name, "_LOGOUT_EVENT$|^CHROMEOS_AFFILIATED_LOCK_SUCCESS$")),
            ),
            constant("USER_LOGOUT"),
        ),
        (any_of(login(name), all_of(is_chrome, matches(name, "_LOGIN_|_UNLOCK_"))), constant("USER_LOGIN")),
        (any_of(is_any(name, ["password_edit", "PASSWORD_CHANGED"])), constant("USER_CHANGE_PASSWORD")),
        *((all_of(of("admin"), is_any(name, names)), constant(kind)) for kind, names in _ADMIN.items()),
        *((all_of(of("admin"), matches(name, names)), constant(kind)) for kind, names in _SINGLE_SIGN_ON.items()),
        (all_of(of("admin"), matches(name, "^SECURITY_INVESTIGATION_")), constant("STATUS_UNCATEGORIZED")),
        (all_of(of("admin"), matches(name, "^CHANGE_")), constant("SETTING_MODIFICATION")),
        (all_of(is_chrome, is_any(name, ["MALWARE_TRANSFER"])), constant("SCAN_UNCATEGORIZED")),
        (all_of(is_chrome, is_any(name, ["UNSAFE_SITE_VISIT"])), constant("NETWORK_UNCATEGORIZED")),
        (all_of(is_chrome, is_any(name, ["PASSWORD_BREACH"])), constant("USER_RESOURCE_ACCESS")),
        (of("context_aware_access"), constant("USER_RESOURCE_ACCESS")),
        (of("gmail"), constant("EMAIL_TRANSACTION")),
        (all_of(of("groups", "groups_enterprise"), is_any(name, ["create_group"])), constant("GROUP_CREATION")),
        (all_of(of("groups", "groups_enterprise"), is_any(name, ["delete_group"])), constant("GROUP_DELETION")),
        (
            all_of(of("groups_enterprise"), is_any(name, ["add_member_role", "add_service_account_permission"])),
            constant("USER_CHANGE_PERMISSIONS"),
        ),
        (
            all_of(of("groups", "groups_enterprise"), matches(name, "invit")),
            constant("USER_UNCATEGORIZED"),
        ),
        (of("groups", "groups_enterprise"), constant("GROUP_MODIFICATION")),
        (all_of(of("calendar"), is_any(name, ["change_calendar_acls"])), constant("USER_CHANGE_PERMISSIONS")),
        (all_of(of("calendar"), matches(name, "^interop_")), constant("USER_RESOURCE_ACCESS")),
        (all_of(of("drive"), is_any(name, ["email_as_attachment"])), constant("EMAIL_TRANSACTION")),
        (all_of(of("drive"), matches(name, _DRIVE_PERMISSIONS)), constant("USER_RESOURCE_UPDATE_PERMISSIONS")),
        (
            all_of(of("token"), is_any(name, ["authorize", "revoke"])),
            constant("USER_RESOURCE_UPDATE_PERMISSIONS"),
        ),
        (of("login", "user_accounts"), constant("USER_UNCATEGORIZED")),
        (matches(name, _READ), constant("USER_RESOURCE_ACCESS")),
        (matches(name, _CREATED), constant("USER_RESOURCE_CREATION")),
        (matches(name, _DELETED), constant("USER_RESOURCE_DELETION")),
        (matches(name, _CHANGED), constant("USER_RESOURCE_UPDATE_CONTENT")),
        otherwise=constant("USER_UNCATEGORIZED"),
    )
