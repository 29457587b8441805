"""Which UDM event type an entry of Cloud Audit Logs is.

Public rules fix some of them; the rest follows the verb with which Google names a method, wherever it stands in the
last part of the name (`v1.compute.disks.insert`, `google.iam.admin.v1.CreateServiceAccount`, `SetIamPolicy`). In the
services for which rules ask for `RESOURCE_CREATION` and the like, all methods give that family; elsewhere they give
`USER_RESOURCE_CREATION` and the like. What names no known verb is `USER_UNCATEGORIZED` where a principal is known.
"""

from __future__ import annotations

from windshear.logs.values import (
    Condition,
    Value,
    all_of,
    captured,
    choose,
    constant,
    is_any,
    is_there,
    matches,
    when,
)

_RESOURCE_SERVICES = (
    "compute.googleapis.com",
    "storage.googleapis.com",
    "orgpolicy.googleapis.com",
    "securitycenter.googleapis.com",
)

_ACCESS = (
    r"(?i)^(aggregatedList|get|list|search|query|read|batchGet|batchRead|test|lookup|fetch|view|inspect|describe|check"
    r"|access|generate(AccessToken|IdToken|Content)|streamGenerate|sign|predict|rawPredict|jobCompleted|decrypt"
    r"|encrypt|macSign|macVerify|asymmetric|pull|download|export|troubleshoot|analyze|connect|watch|stream|exec|execute"
    r"|evaluate|validate|verify|exchange|select|scan)"
)
_CREATION = (
    r"(?i)^(create|insert|bulkInsert|upload|import|register|add|allocate|clone|copy|generate|undelete|restore|issue"
    r"|provision|submit|compose)"
)
_DELETION = r"(?i)^(delete|bulkDelete|batchDelete|remove|destroy|purge|deregister|expunge|deprovision)"
_PERMISSIONS = r"(?i)^(set|batchSet|add|remove)Iam(Policy|Permissions?)|^(grant|revoke)|^(un)?assignRole"
_CONTENT = (
    r"(?i)^(update|patch|set|enable|disable|batchEnable|start|stop|reset|resume|suspend|attach|detach|modify|replace"
    r"|rotate|move|migrate|resize|cancel|run|invoke|call|deploy|write|batchWrite|commit|beginTransaction|rollback"
    r"|publish|send|rename|change|promote|recreate|apply|acknowledge|seek|rewrite|simulateMaintenance|automaticRestart"
    r"|hostError|preempt|terminate|repair|batch|mutate|post|put|undeploy|activate|deactivate|abandon|edit|drain|undrain"
    r"|failover|upgrade|complete|approve|dismiss|invalidate|bind|unbind|link|unlink|lock|unlock)"
)
_GROUP_CHANGE = r"(?i)^((add|remove|update)GroupMember|change(Group|Member)|(un)?banMember|joinGroup)"

_LOGIN_STEPS = r"(?i)^(login|risky|suspicious)"


def login(method: Value, service: Value) -> Condition:
    """Test whether the entry is about a person signing in to Google, successfully or not."""
    return all_of(is_any(service, ["login.googleapis.com"]), matches(_verb(method), _LOGIN_STEPS))


def _verb(method: Value) -> Value:
    """Return the last part of a method's name."""
    return captured(method, r"([^./]+)$")


def event_type(method: Value, service: Value, principal: Value) -> Value:
    """Return the UDM event type of an entry."""
    verb = _verb(method)
    is_account = is_any(service, ["iam.googleapis.com", "admin.googleapis.com"])

    def family(resource: str, user: str) -> Value:
        return when(is_any(service, _RESOURCE_SERVICES), constant(resource), constant(user))

    return choose(
        (login(method, service), constant("USER_LOGIN")),
        (
            all_of(is_any(service, ["login.googleapis.com"]), is_any(verb, ["logout", "Logout"])),
            constant("USER_LOGOUT"),
        ),
        (matches(verb, "(?i)^(changePassword|passwordEdit)$"), constant("USER_CHANGE_PASSWORD")),
        (matches(verb, _PERMISSIONS), constant("USER_RESOURCE_UPDATE_PERMISSIONS")),
        (all_of(is_account, is_any(verb, ["CreateServiceAccount", "createUser"])), constant("USER_CREATION")),
        (all_of(is_account, is_any(verb, ["DeleteServiceAccount", "deleteUser"])), constant("USER_DELETION")),
        (matches(verb, "(?i)^createGroup$"), constant("GROUP_CREATION")),
        (matches(verb, "(?i)^deleteGroup$"), constant("GROUP_DELETION")),
        (matches(verb, _GROUP_CHANGE), constant("GROUP_MODIFICATION")),
        (matches(method, "(?i)JobService[.]"), constant("USER_RESOURCE_ACCESS")),
        (matches(verb, _ACCESS), constant("USER_RESOURCE_ACCESS")),
        (matches(verb, _CREATION), family("RESOURCE_CREATION", "USER_RESOURCE_CREATION")),
        (matches(verb, _DELETION), family("RESOURCE_DELETION", "USER_RESOURCE_DELETION")),
        (matches(verb, _CONTENT), family("RESOURCE_WRITTEN", "USER_RESOURCE_UPDATE_CONTENT")),
        (is_there(principal), constant("USER_UNCATEGORIZED")),
        otherwise=constant("GENERIC_EVENT"),
    )
