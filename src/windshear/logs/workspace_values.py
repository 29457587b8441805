"""Values of a Google Workspace activity that several fields share: parameters by name, and the result."""

from __future__ import annotations

from windshear.logs.gcp_event_types import CHALLENGE_FAILED
from windshear.logs.parser import Element, Label, Labels, Repeated, Scalar
from windshear.logs.values import (
    EACH,
    Path,
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
    looked_up,
    matches,
    replaced,
    shared,
    shared_test,
)
from windshear.logs.workspace_event_types import login

# Names in Log Analytics: every leaf is a column, with its type at the end of its name.
COLUMNS: dict[Path, Path] = {
    ("kind",): ("kind_s",),
    ("etag",): ("etag_s",),
    ("events",): ("events_s",),
    ("event_name",): ("event_name_s",),
    ("event_type",): ("event_type_s",),
    ("ipAddress",): ("IPAddress",),  # a name that Log Analytics keeps for addresses
    ("ownerDomain",): ("ownerDomain_s",),
    ("id", "time"): ("id_time_t",),
    **{("id", name): (f"id_{name}_s",) for name in ("applicationName", "uniqueQualifier", "customerId")},
    **{("actor", name): (f"actor_{name}_s",) for name in ("email", "profileId", "callerType", "key", "gaiaId")},
}

EVENT = ("events", item(0))
NAME = shared(first(field(*EVENT, "name"), field("event_name")))
APPLICATION = field("id", "applicationName")
PARAMETERS = (*EVENT, "parameters")
_names = shared(field(*PARAMETERS, EACH, "name"))
_texts = shared(field(*PARAMETERS, EACH, "value"))
_flags = shared(field(*PARAMETERS, EACH, "boolValue"))
_numbers = shared(field(*PARAMETERS, EACH, "intValue"))
_lists = shared(field(*PARAMETERS, EACH, "multiValue"))


def text(name: str) -> Value:
    """Look up a parameter that is a text."""
    return looked_up(_names, _texts, name)


def flag(name: str) -> Value:
    """Look up a parameter that is a truth value, which some exports write as a text."""
    return first(looked_up(_names, _flags, name), text(name))


def number(name: str) -> Value:
    """Look up a parameter that is a number, which some exports write as a text."""
    return first(text(name), looked_up(_names, _numbers, name))


def listed(name: str) -> Value:
    """Look up a parameter that is a list of texts, or one."""
    return first(replaced(looked_up(_names, _lists, name), {'["': "", '"]': "", '","': ","}), text(name))


IS_LOGIN = shared_test(login(NAME))
_status = field(*EVENT, "status", "eventStatus")
_login_failed = shared_test(
    any_of(
        is_any(NAME, ["login_failure", "CHROME_OS_LOGIN_FAILURE_EVENT", "risky_sensitive_action_blocked"]),
        all_of(
            is_any(NAME, ["login_challenge", "login_verification"]),
            matches(text("login_challenge_status"), CHALLENGE_FAILED),
        ),
    )
)

_DETECTION_FIELDS = (
    *(
        Label(name, text(name))
        for name in ("login_type", "login_challenge_status", "login_failure_type", "sensitive_action_name")
    ),
    Label("login_challenge_method", listed("login_challenge_method")),
    Label("is_suspicious", flag("is_suspicious")),
    Label("is_second_factor", flag("is_second_factor")),
    Label("error_code", field(*EVENT, "status", "errorCode"), "published"),
    Label("saml_status_code", first(text("saml_status_code"), text("saml_second_level_status_code"))),
)

SECURITY_RESULT = Element(
    (
        Repeated(
            "action",
            (
                choose(
                    (matches(_status, "^SUCCEEDED"), constant("ALLOW")),
                    (is_any(_status, ["FAILED"]), constant("FAIL")),
                    (is_there(_status), constant("UNKNOWN_ACTION")),
                    (_login_failed, constant("BLOCK")),
                    (is_any(NAME, ["login_challenge"]), constant("CHALLENGE")),
                    (
                        is_any(NAME, ["login_success", "login_verification", "risky_sensitive_action_allowed"]),
                        constant("ALLOW"),
                    ),
                ),
            ),
            "published",
        ),
        Scalar("action_details", _status, "published"),
        Repeated(
            "category",
            (
                choose(
                    (_login_failed, constant("AUTH_VIOLATION")),
                    (is_any(NAME, ["MALWARE_TRANSFER"]), constant("SOFTWARE_MALICIOUS")),
                    (is_any(NAME, ["PASSWORD_BREACH"]), constant("PHISHING")),
                    (is_any(NAME, ["UNSAFE_SITE_VISIT"]), constant("NETWORK_SUSPICIOUS")),
                    (
                        all_of(matches(NAME, "^ACCESS_DENY"), is_any(APPLICATION, ["context_aware_access"])),
                        constant("ACL_VIOLATION"),
                    ),
                ),
            ),
            "published",
        ),
        Repeated("category_details", (first(field(*EVENT, "type"), field("event_type")),), "published"),
        Scalar("description", field(*EVENT, "status", "errorMessage"), "published"),
        Labels("detection_fields", _DETECTION_FIELDS),
    ),
)
