"""ADFS: audits of Active Directory Federation Services, from the Security log and the service's own.

Events 1200 to 1207 carry an XML record of who asked for a token, for which relying party, from where and how; its
members are kept under their own names as detection fields. Older versions write 299, 403, 404, 410, 412, 500, 501 and
510, which belong together by instance id. Google files these events under WINEVTLOG, with this provider as product.
"""

from __future__ import annotations

from windshear.logs import windows_events as windows
from windshear.logs.addresses import ip_of
from windshear.logs.parser import Element, Label, Labels, LogParser, Messages, Repeated, Scalar
from windshear.logs.values import (
    Value,
    all_of,
    any_of,
    captured,
    choose,
    constant,
    contains,
    ending,
    field,
    first,
    found,
    is_any,
    joined,
    lines,
    matches,
    not_,
    shared,
    translate,
    unescaped,
    unless,
    when,
)
from windshear.logs.windows_events import filled

_GUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

_number = windows.number
_TYPES = {
    **dict.fromkeys(("1200", "1201", "1202", "1203", "411"), "USER_LOGIN"),
    **dict.fromkeys(("1204", "1205"), "USER_CHANGE_PASSWORD"),
    **dict.fromkeys(("1206", "1207"), "USER_LOGOUT"),
    **dict.fromkeys(("299", "324"), "USER_RESOURCE_ACCESS"),
    **dict.fromkeys(
        ("364", "403", "404", "405", "406", "407", "408", "409", "410", "500", "501", "510"), "STATUS_UNCATEGORIZED"
    ),
    "307": "SETTING_MODIFICATION",
    "412": "SYSTEM_AUDIT_LOG_UNCATEGORIZED",
    "424": "STATUS_UPDATE",
}
_ACTIONS = {
    **dict.fromkeys(("299", "412", "1200", "1202", "1204", "1206"), "ALLOW"),
    **dict.fromkeys(("364", "411", "424", "1201", "1203", "1205", "1207"), "FAIL"),
    "324": "BLOCK",
    **dict.fromkeys(("403", "500", "501"), "UNKNOWN_ACTION"),
}


def _data(position: int) -> Value:
    """Read nameless event data by position, from 0: nxlog and our readers name it `Data`, Winlogbeat `param1`.

    Events of the service's own log hold an event of its own form.
    """
    name = f"Data_{position}" if position else "Data"
    return first(field(name), field(f"param{position + 1}"), field("UserData", "Event", "EventData", name))


# Windows makes a message of the data; exports without messages hold the data only.
_text = shared(
    first(
        windows.message,
        field("#text"),
        field("UserData", "Event", "EventData", "#text"),
        lines(field("param1"), field("param2")),
    )
)
_is_audit = is_any(_number, [str(number) for number in range(1200, 1208)])
_is_fresh_login = is_any(_number, ["1202", "1203"])
_is_login = is_any(_number, ["1200", "1201", "1202", "1203", "411"])
_is_request = is_any(_number, ["403"])
_is_response = is_any(_number, ["404"])
_is_context = is_any(_number, ["410"])
_is_refused_token = is_any(_number, ["411"])
_is_issuance = is_any(_number, ["299", "324"])
_is_authentication = is_any(_number, ["412"])
_is_caller = is_any(_number, ["500", "501"])
_is_change = is_any(_number, ["307"])

_MEMBERS = (
    *("AuditType", "AuditResult", "FailureType", "ErrorCode", "RelyingParty", "ClaimsProvider", "PrimaryAuth"),
    *("DeviceAuth", "DeviceId", "MfaPerformed", "MfaMethod", "TokenBindingProvidedId", "TokenBindingReferredId"),
    *("SsoBindingValidationLevel", "OAuthClientId", "OAuthGrant", "Server", "AuthProtocol", "NetworkLocation"),
    *("ForwardedIpAddress", "ProxyIpAddress", "NetworkIpAddress", "ProxyServer", "Endpoint"),
    *("CurrentBadPasswordCount", "ConfigBadPasswordCount", "LastBadAttempt", "LockoutConfig", "TokenType"),
)


_record = shared(when(contains(_text, "</"), _text))


def _member(name: str) -> Value:
    """Read a member of the XML record; AD FS writes `N/A` where it knows none."""
    return unescaped(unless(captured(_record, rf"<{name}>([^<]+)</{name}>"), "N/A"))


def _claim(name: str) -> Value:
    """Read the first claim of a type: the types and their values stand on lines of their own."""
    return captured(when(_is_caller, _text), rf"/claims/{name}[ \t]*\r?\n[ \t]*([^\r\n]*[^\r\n ])")


def _header(name: str) -> Value:
    return captured(when(_is_context, _text), rf"(?i:{name})\s*:?\s*([^\r\n]*[^\r\n ])")


def _guid(label: str, otherwise: Value) -> Value:
    labelled = ending(found(windows.message, rf"{label}:?\s*{_GUID}"), 36)
    return unless(first(labelled, captured(otherwise, rf"^({_GUID})$")), "00000000-0000-0000-0000-000000000000")


_is_instance_event = not_(any_of(_is_audit, _is_context, _is_refused_token))
_instance = _guid("Instance ID", when(_is_instance_event, _data(0)))
_activity = first(
    _guid("Activity ID", choose((_is_instance_event, _data(1)), otherwise=_data(0))),
    captured(field("ActivityID"), rf"({_GUID})"),
)
_relying_party = choose(
    (_is_audit, _member("RelyingParty")),
    (_is_issuance, first(captured(windows.message, r"relying party '([^']+)'"), _data(2))),
    (_is_authentication, first(captured(windows.message, r"relying party '([^']+)'"), _data(3))),
)
_known_party = shared(unless(_relying_party, "-"))
_token_type = choose(
    (_is_authentication, first(captured(windows.message, r"token of type '([^']+)'"), _data(2))),
    (_is_refused_token, captured(_text, r"Token Type:\s*([^\r\n]*[^\r\n ])")),
)
_user = shared(
    choose(
        (_is_audit, _member("UserId")),
        (_is_refused_token, captured(_text, r"(?:^|\s)([^\s<>]+)-The ")),
    )
)
_caller = shared(first(_claim("name"), _claim("upn"), _claim("windowsaccountname")))
_is_mail = matches(_user, r"^[^@\\\s]+@[^@\\\s]+$")
_caller_is_mail = matches(_caller, r"^[^@\\\s]+@[^@\\\s]+$")

_client = ip_of(
    choose(
        (_is_audit, captured(_record, r"<IpAddress>\s*([0-9A-Fa-f:.]+)")),
        (_is_request, _data(8)),
        (_is_refused_token, captured(_text, r"Client IP:\s*([0-9A-Fa-f:.]+)")),
    )
)
_target_address = ip_of(
    choose(
        (_is_request, first(_data(3), captured(windows.message, r"Client IP:\s*([0-9A-Fa-f:.]+)"))),
        (_is_context, first(_data(10), _header("X-MS-Forwarded-Client-IP"))),
    )
)

PARSER = LogParser(
    log_type="ADFS",
    shapes=windows.shapes(providers=("AD FS Auditing", "AD FS")),
    time=windows.time,
    fields=(
        Scalar("metadata.event_type", translate(_number, _TYPES, constant("GENERIC_EVENT")), "published"),
        Scalar("metadata.vendor_name", constant("Microsoft"), "published"),
        Scalar("metadata.product_name", windows.provider, "published"),
        Scalar("metadata.product_event_type", _number, "published"),
        Scalar("metadata.product_log_id", windows.record_number, "published"),
        Scalar("metadata.product_deployment_id", field("ProviderGuid"), "published"),
        Scalar("metadata.description", _text, "published"),
        Scalar("principal.hostname", windows.host, "published"),
        Scalar("principal.asset.hostname", windows.host, "published"),
        Scalar("principal.platform", constant("WINDOWS")),
        Repeated("principal.ip", (_client,)),
        Scalar("principal.port", when(_is_request, windows.port(_data(7))), "published", "int"),
        Scalar(
            "principal.administrative_domain",
            first(field("Domain"), windows.account_domain(_caller)),
            "published",
        ),
        Scalar("principal.user.userid", first(field("AccountName"), windows.account_name(_caller)), "published"),
        Scalar(
            "principal.user.windows_sid",
            first(windows.sid(_claim("primarysid")), when(not_(_is_audit), windows.sid(field("UserID")))),
            "published",
        ),
        Repeated("principal.user.email_addresses", (when(_caller_is_mail, _caller), _claim("upn"))),
        Scalar("principal.process.pid", windows.acting_process, "published"),
        Scalar("target.administrative_domain", windows.account_domain(_user)),
        Scalar("target.user.userid", windows.account_name(_user)),
        Scalar("target.user.windows_sid", when(_is_audit, windows.sid(field("UserID"))), "published"),
        Repeated("target.user.email_addresses", (when(_is_mail, _user),)),
        Scalar("target.application", _known_party),
        Scalar("target.resource.name", _known_party),
        Scalar("target.resource.product_object_id", _instance, "published"),
        Scalar("target.resource.resource_type", when(_is_change, constant("SETTING"))),
        Repeated("target.ip", (_target_address,), "published"),
        Scalar(
            "target.url",
            choose(
                (_is_request, first(_data(5), captured(windows.message, r"Url Absolute Path:\s*(\S+)"))),
                (_is_context, first(_data(8), _header("X-MS-Endpoint-Absolute-Path"))),
            ),
            "published",
        ),
        Messages("intermediary", (Element((Scalar("hostname", when(_is_login, windows.host)),)),)),
        Scalar(
            "network.http.method",
            when(_is_request, first(_data(4), captured(windows.message, r"HTTP Method:\s*([A-Z]+)"))),
            "published",
        ),
        Scalar(
            "network.http.user_agent",
            choose(
                (_is_audit, _member("UserAgentString")),
                (_is_request, first(_data(9), captured(windows.message, r"User Agent:\s*([^\r\n]*[^\r\n ])"))),
                (_is_context, first(_data(4), _header("X-MS-Client-User-Agent"))),
            ),
            "published",
        ),
        Repeated("extensions.auth.mechanism", (when(_is_fresh_login, constant("SERVICE")),), "published"),
        Scalar("extensions.auth.type", when(_is_login, constant("SSO")), "published"),
        Scalar("extensions.auth.auth_details", _member("PrimaryAuth")),
        Messages(
            "security_result",
            (
                Element(
                    (
                        Repeated("action", (translate(_number, _ACTIONS),), "published"),
                        Repeated(
                            "category",
                            (
                                when(
                                    all_of(_is_login, is_any(translate(_number, _ACTIONS), ["FAIL"])),
                                    constant("AUTH_VIOLATION"),
                                ),
                            ),
                        ),
                        Scalar("rule_name", joined("EventID: ", _number), "published"),
                        Scalar("severity", windows.severity, "published"),
                        Scalar("severity_details", windows.severity_details),
                        Scalar("summary", unless(_member("FailureType"), "None")),
                        Scalar(
                            "description",
                            first(when(_is_response, joined(_data(3), ": ", _data(4))), _member("ErrorCode")),
                            "published",
                        ),
                        Labels(
                            "detection_fields",
                            (
                                Label("ActivityID", _activity, "published"),
                                Label("Token Type", _token_type),
                                *(Label(name, _member(name)) for name in _MEMBERS),
                                *(
                                    Label(name, _claim(name))
                                    for name in ("name", "upn", "primarysid", "authenticationmethod", "issuer")
                                ),
                            ),
                        ),
                    ),
                    windows.always,
                ),
            ),
        ),
        Labels(
            "additional.fields",
            tuple(Label(name, filled(name), "published") for name in ("Category", "Channel", "Opcode", "Keywords")),
        ),
    ),
)
