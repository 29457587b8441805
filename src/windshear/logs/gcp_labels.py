"""Labels of Cloud Audit Logs that public rules read by names of their own."""

from __future__ import annotations

from windshear.logs.parser import Label
from windshear.logs.values import EACH, Value, captured, field, first, item, looked_up, nth, shared

_PAYLOAD = "protoPayload"
_EXEMPTIONS_LOOKED_AT = 3
_AUDIT_DELTAS = (_PAYLOAD, "serviceData", "policyDelta", "auditConfigDeltas")


def first_delta(name: str, *path: str) -> Value:
    """Read a member of the first binding that a change of a policy adds, or of the first that it removes."""
    deltas = path or (_PAYLOAD, "serviceData", "policyDelta", "bindingDeltas")
    members = field(*deltas, EACH, name)
    return shared(first(looked_up(field(*deltas, EACH, "action"), members, "ADD"), nth(members, 0)))


_key_name = first(
    field(_PAYLOAD, "authenticationInfo", "serviceAccountKeyName"),
    captured(field(_PAYLOAD, "response", "name"), "^(.*/serviceAccounts/[^/]+/keys/[^/]+)$"),
)

DETECTION_FIELDS = (
    Label("status_code", field(_PAYLOAD, "status", "code"), "public rules"),
    Label("service_account_key_name", _key_name, "public rules"),
    Label("key_id", captured(_key_name, "/keys/([^/]+)$"), "public rules"),
    Label("action", field(*_AUDIT_DELTAS, item(0), "action"), "public rules"),
    Label("SERVICE", field(*_AUDIT_DELTAS, item(0), "service"), "public rules"),
    Label(
        "allowed_ipprotocol",
        first(
            field(_PAYLOAD, "request", "alloweds", item(0), "IPProtocol"),
            field(_PAYLOAD, "request", "allowed", item(0), "IPProtocol"),
        ),
        "public rules",
    ),
    Label("permission", field(_PAYLOAD, "authorizationInfo", item(0), "permission")),
    Label("permission_granted", field(_PAYLOAD, "authorizationInfo", item(0), "granted")),
    Label("policy_violation", field(_PAYLOAD, "policyViolationInfo", "orgPolicyViolationInfo")),
)

_DATASET_DELTAS = (_PAYLOAD, "metadata", "datasetChange", "bindingDeltas")

TARGET_LABELS = (
    Label("ser_type", field(_PAYLOAD, "serviceData", "@type"), "public rules"),
    *(Label(f"ser_binding_deltas_{name}", first_delta(name), "public rules") for name in ("action", "role", "member")),
    *(
        Label(f"dataset_change_binding_deltas_{name}", first_delta(name, *_DATASET_DELTAS), "public rules")
        for name in ("action", "role", "member")
    ),
    *(
        Label(
            f"service_data_policy_delta_audit_config_delta_{number}_{label}",
            field(*_AUDIT_DELTAS, item(number), name),
            "public rules",
        )
        for number in range(_EXEMPTIONS_LOOKED_AT)
        for label, name in (
            ("action", "action"),
            ("service", "service"),
            ("log_type", "logType"),
            ("exempted_member", "exemptedMember"),
        )
    ),
    Label(
        "source_ranges",
        field(_PAYLOAD, "request", "sourceRanges", item(0)),
        "public rules",
    ),
    Label("response_status", field(_PAYLOAD, "response", "status"), "public rules"),
    Label(
        "req_identityPool_disabled",
        first(
            field(_PAYLOAD, "request", "workloadIdentityPool", "disabled"),
            field(_PAYLOAD, "request", "identityPool", "disabled"),
        ),
        "public rules",
    ),
    Label(
        "req_cryptokey_version_state",
        first(
            field(_PAYLOAD, "request", "cryptoKeyVersion", "state"),
            field(_PAYLOAD, "request", "crypto_key_version", "state"),
        ),
        "public rules",
    ),
    Label(
        "service_enablement_state",
        first(
            *(
                field(_PAYLOAD, "request", settings, "serviceEnablementState")
                for settings in (
                    "settings",
                    "securityHealthAnalyticsSettings",
                    "eventThreatDetectionSettings",
                    "containerThreatDetectionSettings",
                    "webSecurityScannerSettings",
                    "virtualMachineThreatDetectionSettings",
                    "rapidVulnerabilityDetectionSettings",
                )
            )
        ),
        "public rules",
    ),
    Label("role_id", first(field(_PAYLOAD, "request", "role_id"), field(_PAYLOAD, "request", "roleId"))),
)
