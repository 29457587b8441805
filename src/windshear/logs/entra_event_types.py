"""AZURE_AD_AUDIT: which UDM event type an activity of the directory is.

Google calls its own choice complex and does not publish it. Activities that public rules test have the type that
those rules expect; others go by what is done to what, and where no principal is known, by what is left.
"""

from __future__ import annotations

from windshear.logs.values import Condition, Value, all_of, choose, constant, is_any, is_there, matches

_PROVEN = {
    "USER_UNCATEGORIZED": ("Add member to role outside of PIM (permanent)",),
    "USER_CHANGE_PERMISSIONS": ("Add member to role",),
    "SERVICE_CREATION": ("Add application", "Restore application"),
    "SETTING_DELETION": ("Delete application", "Hard Delete application"),
    "GROUP_DELETION": ("Delete group",),
    "USER_CREATION": ("Add user",),
    "USER_LOGIN": ("Sign-in activity",),
}
_LIKE = (
    (r"(?i)^update (application|service ?principal)", "SERVICE_MODIFICATION"),
    (r"(?i)certificates and secrets management", "SERVICE_MODIFICATION"),  # of an application, `Create` and `Update`
    (r"(?i)^(add|remove) service ?principal( credentials|$)", "SERVICE_MODIFICATION"),
    (r"(?i)consent|permission grant|app role assignment|oauth2permissiongrant", "USER_RESOURCE_UPDATE_PERMISSIONS"),
    (r"(?i)^recover device local administrator password", "USER_RESOURCE_ACCESS"),  # it is read, and stays the same
    (r"(?i)(password|passwordless)", "USER_CHANGE_PASSWORD"),
    (r"(?i)\b(member|members|assignment|assignments)\b.*\brole\b|\brole assignment", "USER_CHANGE_PERMISSIONS"),
    (r"(?i)^(add|create|restore) (\w+ )?group$", "GROUP_CREATION"),
    (r"(?i)^(hard )?delete (\w+ )?group$", "GROUP_DELETION"),
    (r"(?i)\b(group|administrative unit)\b", "GROUP_MODIFICATION"),
    (r"(?i)^(add|create|invite|restore) (external )?user\b", "USER_CREATION"),
    (r"(?i)^(hard )?delete (external )?user\b", "USER_DELETION"),
    (r"(?i)^(add|create) .*(policy|domain|setting|named location)", "SETTING_CREATION"),
    (r"(?i)^(hard )?(delete|remove) .*(policy|domain|setting|named location)", "SETTING_DELETION"),
    (r"(?i)(policy|domain|setting|company information|directory feature|named location)", "SETTING_MODIFICATION"),
    (r"(?i)\buser\b|\baccount\b|security info|strong authentication|stsrefreshtoken", "USER_UNCATEGORIZED"),
)
_BY_VERB = (
    (r"(?i)^(add|create|register|restore|import)\b", "USER_RESOURCE_CREATION"),
    (r"(?i)^(hard )?(delete|remove|unregister|purge)\b", "USER_RESOURCE_DELETION"),
    (r"(?i)^(get|read|list|download|export|retrieve|reveal|issue)\b", "USER_RESOURCE_ACCESS"),
)


def event_type(activity: Value, has_principal: Condition, has_address: Condition) -> Value:
    """Return the event type; `has_principal`: whether it is known who acted."""
    return choose(
        *((is_any(activity, names), constant(name)) for name, names in _PROVEN.items()),
        *((matches(activity, pattern), constant(name)) for pattern, name in _LIKE),
        *((all_of(has_principal, matches(activity, pattern)), constant(name)) for pattern, name in _BY_VERB),
        (all_of(has_principal, is_there(activity)), constant("USER_RESOURCE_UPDATE_CONTENT")),
        (has_address, constant("STATUS_UPDATE")),
        otherwise=constant("GENERIC_EVENT"),
    )
