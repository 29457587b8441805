"""Which UDM event type an event of the Okta System Log is.

Logins, logouts and changes of who may use an application are published, some more are fixed by public rules; the rest
follows the last word of the event's name (`group.lifecycle.create`). What names nothing known is `USER_UNCATEGORIZED`:
every event has an actor.
"""

from __future__ import annotations

from windshear.logs.values import Condition, Value, all_of, choose, constant, is_any, matches, not_

_LOGIN = (
    r"^user[.]session[.]start$|^user[.]authentication[.](sso|verify|universal_logout_failed|auth_via_[A-Za-z_]+)$"
    r"|^app[.]oauth2[.].*authorize|^app[.]oauth2[.](as[.])?token[.]grant"
)
_NO_LOGIN = r"^user[.]authentication[.]auth_via_AD_agent$"
_LOGOUT = r"^user[.]session[.](end|clear)$|^user[.]authentication[.](slo|universal_logout)$"
_PERMISSIONS = (
    r"^application[.]user_membership[.]|^(user[.]account|group|iam|app)[.]([a-z0-9_.]+[.])?privilege[.](grant|revoke)"
    r"|^application[.]provision[.]|^group[.]application_assignment[.]|^iam[.](role|resourceset[.]bindings)[.]"
)
_NEW_CREDENTIAL = r"^user[.]account[.](update|reset|expire)_?password|^user[.]credential[.].*password"
_CREATED = r"[.](create|created|add|added|register|enroll|import|generate)$"
_DELETED = r"[.](delete|deleted|delete[.][a-z_]+|remove|removed|revoke|revoked|deregister)$"
_CHANGED = (
    r"[.](update|updated|update_[a-z_]+|activate|deactivate|activated|deactivated|change|changed|rotate|unlock|reset"
    r"|enable|disable|suspend|unsuspend|rename)$"
)
# Things of Okta that are made, changed and taken away; the proven names among them stand before.
_RESOURCES = (
    r"^(application|app|policy|oauth2|zone|network_zone|system[.](api_token|idp|agent|org|brand|email|hook|custom)"
    r"|directory|event_hook|inline_hook|workflows|pki|device|security[.]authenticator|iam|idp|security[.]trusted_origin"
    r"|security[.]behavior)[.]"
)


def login(name: Value) -> Condition:
    """Test whether the event is somebody signing in, to Okta or through it."""
    return all_of(matches(name, _LOGIN), not_(matches(name, _NO_LOGIN)))


def event_type(name: Value) -> Value:
    """Return the UDM event type of an event."""
    is_resource = matches(name, _RESOURCES)
    is_login = login(name)
    return choose(
        (is_login, constant("USER_LOGIN")),
        (matches(name, _LOGOUT), constant("USER_LOGOUT")),
        (is_any(name, ["user.session.access_admin_app"]), constant("USER_RESOURCE_ACCESS")),
        (matches(name, _PERMISSIONS), constant("USER_CHANGE_PERMISSIONS")),
        (matches(name, _NEW_CREDENTIAL), constant("USER_CHANGE_PASSWORD")),
        (is_any(name, ["user.lifecycle.create"]), constant("USER_CREATION")),
        (matches(name, r"^user[.]lifecycle[.]delete"), constant("USER_DELETION")),
        (is_any(name, ["group.lifecycle.create"]), constant("GROUP_CREATION")),
        (is_any(name, ["group.lifecycle.delete"]), constant("GROUP_DELETION")),
        (matches(name, r"^group[.]"), constant("GROUP_MODIFICATION")),
        (all_of(is_resource, matches(name, _CREATED)), constant("USER_RESOURCE_CREATION")),
        (all_of(is_resource, matches(name, _DELETED)), constant("USER_RESOURCE_DELETION")),
        (all_of(is_resource, matches(name, _CHANGED)), constant("USER_RESOURCE_UPDATE_CONTENT")),
        otherwise=constant("USER_UNCATEGORIZED"),
    )
