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
    any_of,
    choose,
    constant,
    contains,
    found,
    is_any,
    is_there,
    lower,
    matches,
    shared,
    when,
)

_RESOURCE_SERVICES = (
    "compute.googleapis.com",
    "storage.googleapis.com",
    "orgpolicy.googleapis.com",
    "securitycenter.googleapis.com",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Words with which names begin. They are tried in this order: `generateAccessToken` before `generate`.
_ACCESS = _words(
    "aggregatedlist get list search query read batchget batchread test lookup fetch view inspect describe check access"
    " generateaccesstoken generateidtoken generatecontent streamgenerate sign predict rawpredict jobcompleted decrypt"
    " encrypt macsign macverify asymmetric pull download export troubleshoot analyze connect watch stream exec evaluate"
    " validate verify exchange select scan"
)
_DELETION = _words("delete bulkdelete batchdelete remove destroy purge deregister expunge deprovision")
_CONTENT = _words(
    "update patch set enable disable batchenable start stop reset resume suspend attach detach modify replace rotate"
    " move migrate resize cancel run invoke call deploy write batchwrite commit begintransaction rollback publish send"
    " rename change promote recreate apply acknowledge seek rewrite simulate automaticrestart hosterror preempt"
    " terminate repair mutate put undeploy activate deactivate abandon edit drain undrain failover upgrade complete"
    " approve dismiss invalidate bind unbind link unlink lock unlock"
)
_CREATION = _words(
    "create insert bulkinsert upload import register add allocate clone copy generate undelete restore issue provision"
    " submit compose"
)
# What has happened, at the end of a name: `inboundSsoProfileCreated` of Workspace.
_CREATED, _CHANGED, _DELETED = r"(?:created|added)$", r"(?:updated|changed|enabled|disabled)$", r"(?:deleted|removed)$"
_PERMISSIONS = r"^(?:set|batchset|add|remove)iam(?:policy|permission)|^(?:grant|revoke)|^(?:un)?assignrole"
_GROUP_CHANGE = r"^(?:add|remove|update)groupmember|^change(?:group|member)|^(?:un)?banmember|^joingroup"

_ACCESSED = constant("USER_RESOURCE_ACCESS")
# How a challenge at signing in ended badly; in published records also `incorrect_answer_entered`.
CHALLENGE_FAILED = r"(?i)fail|incorrect"
_LOGIN_STEPS = r"^(?:login|risky|suspicious)"


def login(method: Value, service: Value) -> Condition:
    """Test whether the entry is about a person signing in to Google, successfully or not."""
    return all_of(is_any(service, ["login.googleapis.com"]), matches(_verb(method), _LOGIN_STEPS))


def _verb(method: Value) -> Value:
    """Return the last part of a method's name, in small letters."""
    return shared(lower(found(method, r"[^./]+$")))


def event_type(method: Value, service: Value, principal: Value) -> Value:
    """Return the UDM event type of an entry."""
    verb = _verb(method)
    is_account = is_any(service, ["iam.googleapis.com", "admin.googleapis.com"])

    def begins(words: tuple[str, ...]) -> Condition:
        """Test for one of many words; one pattern is quicker than as many comparisons."""
        return matches(verb, f"^(?:{'|'.join(words)})")

    def family(resource: str, user: str) -> Value:
        return when(is_any(service, _RESOURCE_SERVICES), constant(resource), constant(user))

    return choose(
        (begins(_ACCESS), _ACCESSED),  # first, for that is most; no word of it begins what comes next
        (login(method, service), constant("USER_LOGIN")),
        (all_of(is_any(service, ["login.googleapis.com"]), is_any(verb, ["logout"])), constant("USER_LOGOUT")),
        (is_any(verb, ["changepassword", "passwordedit"]), constant("USER_CHANGE_PASSWORD")),
        (matches(verb, _PERMISSIONS), constant("USER_RESOURCE_UPDATE_PERMISSIONS")),
        (all_of(is_account, is_any(verb, ["createserviceaccount", "createuser"])), constant("USER_CREATION")),
        (all_of(is_account, is_any(verb, ["deleteserviceaccount", "deleteuser"])), constant("USER_DELETION")),
        (is_any(verb, ["creategroup"]), constant("GROUP_CREATION")),
        (is_any(verb, ["deletegroup"]), constant("GROUP_DELETION")),
        (matches(verb, _GROUP_CHANGE), constant("GROUP_MODIFICATION")),
        (all_of(is_any(service, ["bigquery.googleapis.com"]), contains(lower(method), "jobservice")), _ACCESSED),
        (begins(_DELETION), family("RESOURCE_DELETION", "USER_RESOURCE_DELETION")),
        (begins(_CONTENT), family("RESOURCE_WRITTEN", "USER_RESOURCE_UPDATE_CONTENT")),
        (begins(_CREATION), family("RESOURCE_CREATION", "USER_RESOURCE_CREATION")),
        (begins(("batch",)), family("RESOURCE_WRITTEN", "USER_RESOURCE_UPDATE_CONTENT")),
        (matches(verb, _CREATED), family("RESOURCE_CREATION", "USER_RESOURCE_CREATION")),
        (matches(verb, _CHANGED), family("RESOURCE_WRITTEN", "USER_RESOURCE_UPDATE_CONTENT")),
        (matches(verb, _DELETED), family("RESOURCE_DELETION", "USER_RESOURCE_DELETION")),
        (any_of(is_there(principal), is_any(service, ["login.googleapis.com"])), constant("USER_UNCATEGORIZED")),
        otherwise=constant("GENERIC_EVENT"),
    )
