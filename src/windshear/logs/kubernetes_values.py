"""What Kubernetes audit events say: who asked, for what, and whether it was allowed."""

from __future__ import annotations

from windshear.logs.values import (
    Condition,
    Value,
    all_of,
    any_of,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    item,
    joined,
    matches,
    shared,
    shared_test,
    when,
)

GROUPS = 8  # groups of a user, and addresses on the way, that are taken apart
ADDRESSES = 4

VERB = field("verb")
KIND = shared(
    first(
        joined(field("objectRef", "resource"), "/", field("objectRef", "subresource")), field("objectRef", "resource")
    )
)
IS_AUDIT = shared_test(is_there(field("auditID")))
USER = field("user", "username")

_code = field("responseStatus", "code")
_decision = field("annotations", "authorization.k8s.io/decision")
_grants = is_any(
    field("objectRef", "resource"),
    ["roles", "rolebindings", "clusterroles", "clusterrolebindings", "podsecuritypolicies"],
)
# Asking for what runs in a pod is `create` to Kubernetes, but creates nothing.
_enters = is_any(field("objectRef", "subresource"), ["exec", "attach", "portforward", "proxy", "token", "log"])
_asks = is_any(
    field("objectRef", "resource"),
    [
        "selfsubjectaccessreviews",
        "selfsubjectrulesreviews",
        "subjectaccessreviews",
        "localsubjectaccessreviews",
        "tokenreviews",
    ],
)


def extra(name: str) -> Value:
    """Read the first value of what the authenticator adds about a user."""
    return first(
        field("user", "extra", name, item(0)), field("user", "extra", f"authentication.kubernetes.io/{name}", item(0))
    )


def audit_event_type() -> Value:
    """Choose the event type of an audit event by its verb and what it is about."""
    changes = is_any(VERB, ["update", "patch"])
    return choose(
        (any_of(_enters, _asks), constant("USER_RESOURCE_ACCESS")),
        (all_of(_grants, any_of(changes, is_any(VERB, ["create"]))), constant("USER_RESOURCE_UPDATE_PERMISSIONS")),
        (is_any(VERB, ["create"]), constant("USER_RESOURCE_CREATION")),
        (changes, constant("USER_RESOURCE_UPDATE_CONTENT")),
        (is_any(VERB, ["delete", "deletecollection"]), constant("USER_RESOURCE_DELETION")),
        otherwise=constant("USER_RESOURCE_ACCESS"),
    )


def audit_action() -> Value:
    """Tell whether the request was allowed: by its authorisation, else by its answer."""
    is_refused: Condition = is_any(_code, ["401", "403"])
    return when(
        IS_AUDIT,
        choose(
            (is_any(_decision, ["forbid"]), constant("BLOCK")),
            (is_refused, constant("BLOCK")),
            (is_any(_decision, ["allow"]), constant("ALLOW")),
            (matches(_code, "^[123][0-9]{2}$"), constant("ALLOW")),
        ),
    )


def resource_type() -> Value:
    """Name what the request is about in the words of UDM, where it has one."""
    names = {
        "pods": "POD", "serviceaccounts": "SERVICE_ACCOUNT", "services": "SERVICE", "secrets": "CREDENTIAL",
        "roles": "ACCESS_POLICY", "rolebindings": "ACCESS_POLICY", "clusterroles": "ACCESS_POLICY",
        "clusterrolebindings": "ACCESS_POLICY", "persistentvolumes": "VOLUME", "persistentvolumeclaims": "VOLUME",
        "nodes": "VIRTUAL_MACHINE", "configmaps": "SETTING", "users": "USER",
    }  # fmt: skip
    kind = field("objectRef", "resource")
    return choose(*((is_any(kind, [name]), constant(word)) for name, word in names.items()))
