"""Values of a Google Workspace activity that several fields share: parameters by name, and the result."""

from __future__ import annotations

from windshear.logs.parser import Element, Label, Labels, Repeated, Scalar
from windshear.logs.values import (
    Value,
    all_of,
    any_of,
    choose,
    constant,
    entry,
    field,
    first,
    is_any,
    is_there,
    item,
    matches,
    replaced,
)
from windshear.logs.workspace_event_types import login

EVENT = ("events", item(0))
NAME = field(*EVENT, "name")
APPLICATION = field("id", "applicationName")
PARAMETERS = field(*EVENT, "parameters")


def text(name: str) -> Value:
    """Look up a parameter that is a text."""
    return entry(PARAMETERS, name, ("name", "value"))


def flag(name: str) -> Value:
    """Look up a parameter that is a truth value, which some exports write as a text."""
    return first(entry(PARAMETERS, name, ("name", "boolValue")), text(name))


def listed(name: str) -> Value:
    """Look up a parameter that is a list of texts, or one."""
    several = entry(PARAMETERS, name, ("name", "multiValue"))
    return first(replaced(several, {'["': "", '"]': "", '","': ","}), text(name))


IS_LOGIN = login(NAME)
_status = field(*EVENT, "status", "eventStatus")
_login_failed = any_of(
    is_any(NAME, ["login_failure", "CHROME_OS_LOGIN_FAILURE_EVENT", "risky_sensitive_action_blocked"]),
    all_of(
        is_any(NAME, ["login_challenge", "login_verification"]), matches(text("login_challenge_status"), "(?i)fail")
    ),
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
        Repeated("category_details", (field(*EVENT, "type"),), "published"),
        Scalar("description", field(*EVENT, "status", "errorMessage"), "published"),
        Labels("detection_fields", _DETECTION_FIELDS),
    ),
)
