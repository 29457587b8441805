"""SURICATA_EVE: events of the Suricata network sensor: alerts, flows, and what it saw of DNS, HTTP, TLS and others.

* `principal` is the source of the packet or flow, `target` its destination. For an alert on an answer these are server
  and client; the ends of the flow itself are then the second addresses of both.
* Bytes are counted as the published mapping does: `network.received_bytes` went to the server, `network.sent_bytes` to
  the client.
* The certificate that a server shows is in `network.tls.server`, and in `network.tls.client`, where the published
  mapping has it.
* Labels of `additional.fields` are named as published for flows, HTTP, MQTT and PostgreSQL; other protocols keep the
  dotted names of their records (`ssh.client.software_version`).
* Headers are labels `req_NAME` and `res_NAME`, so that a rule can ask for one without knowing its position.
"""

from __future__ import annotations

from windshear.logs.eve_values import (
    ANSWERS,
    APPLICATION_PROTOCOLS,
    DNS_CODES,
    ENTRIES,
    IP_PROTOCOLS,
    IS_ANSWER,
    QUESTION,
    certificate,
    digest,
    dns_answer,
    dns_question,
    ip,
    mac,
    numbered,
    port,
)
from windshear.logs.parser import (
    Element,
    Flattened,
    Has,
    HasAny,
    Label,
    Labels,
    LogParser,
    Messages,
    Pairs,
    Repeated,
    Scalar,
    Shape,
    UdmValue,
)
from windshear.logs.values import (
    Value,
    all_of,
    any_of,
    captured,
    choose,
    constant,
    field,
    first,
    is_any,
    is_there,
    item,
    joined,
    lower,
    matches,
    not_,
    shared,
    translate,
    when,
    whole_number,
)

_kind = field("event_type")
_sources = tuple(shared(ip(*path)) for path in (("src_ip",), ("flow", "src_ip"), ("alert", "source", "ip")))
_destinations = tuple(shared(ip(*path)) for path in (("dest_ip",), ("flow", "dest_ip"), ("alert", "target", "ip")))
_source_macs = (mac("ether", "src_mac"), *(mac("ether", "src_macs", item(n)) for n in range(ENTRIES)))
_destination_macs = (mac("ether", "dest_mac"), *(mac("ether", "dest_macs", item(n)) for n in range(ENTRIES)))
_reports_sensor = is_any(_kind, ["stats", "engine"])
_sensor = first(field("sensor"), field("host"))
_reporting = when(_reports_sensor, _sensor)
_has_principal = any_of(*map(is_there, _sources), is_there(field("src_FQDN")), is_there(_reporting))
_has_target = any_of(*map(is_there, _destinations), is_there(field("dest_FQDN")), is_there(field("tls", "sni")))

_protocol = lower(
    first(
        field("app_proto"), captured(field("http", "protocol"), "^([A-Za-z]+)/"), field("anomaly", "app_proto"), _kind
    )
)
_address = field("http", "url")
_is_whole = matches(_address, "^[a-z]+://")  # as a proxy is asked
_page = when(not_(_is_whole), joined(field("http", "hostname"), _address), _address)
_scheme = first(lower(captured(field("http", "protocol"), "^([A-Za-z]+)/")), constant("http"))
_url = when(_is_whole, _address, joined(_scheme, "://", _page))
_OTHER_PROTOCOLS = ("ssh", "smb", "ftp", "ftp_data", "krb5", "rdp", "nfs", "tftp", "snmp", "ike", "ldap", "quic", "sip")
_options = ("pgsql", "request", "startup_parameters", "optional_parameters")


def _option(name: str) -> Value:
    return first(*(field(*_options, item(n), name) for n in range(8)))


def _labels(prefix: str, *names: str, above: tuple[str, ...] = ()) -> tuple[Label, ...]:
    return tuple(Label(f"{prefix}_{name}", field(*(above or (prefix,)), name), "published") for name in names)


_SECURITY_RESULT = Element(
    (
        Repeated(
            "action",
            (
                translate(field("alert", "action"), {"allowed": "ALLOW", "blocked": "BLOCK"}),
                when(is_any(_kind, ["drop"]), constant("BLOCK")),
            ),
            "published",
        ),
        Scalar("action_details", field("alert", "action"), "published"),
        Scalar("rule_id", field("alert", "signature_id"), "published"),
        Scalar("rule_name", field("alert", "signature"), "published"),
        Scalar("rule_version", field("alert", "rev"), "published"),
        Repeated(
            "category",
            (
                translate(
                    field("alert", "category"),
                    {
                        "Potential Corporate Privacy Violation": "POLICY_VIOLATION",
                        "Web Application Attack": "NETWORK_MALICIOUS",
                    },
                ),
            ),
            "published",
        ),
        Repeated("category_details", (field("alert", "category"),), "published"),
        Scalar(
            "severity",
            choose(
                (is_any(field("alert", "severity"), ["0"]), constant("CRITICAL")),
                (is_any(field("alert", "severity"), ["1"]), constant("HIGH")),
                (is_any(field("alert", "severity"), ["2"]), constant("MEDIUM")),
                (matches(field("alert", "severity"), "^[3-7]$"), constant("LOW")),
            ),
            "published",
        ),
        Scalar("description", field("anomaly", "event"), "published"),
        Scalar("summary", first(field("drop", "reason"), field("alert", "metadata", "policy", item(0)))),
        Labels(
            "detection_fields",
            (
                Label("alert_gid", field("alert", "gid"), "published"),
                *(
                    label
                    for name in (
                        "attack_target", "confidence", "deployment", "tag", "affected_product", "created_at",
                        "former_category", "signature_severity", "updated_at", "malware_family", "mitre_tactic_id",
                        "mitre_tactic_name", "mitre_technique_id", "mitre_technique_name",
                    )
                    for label in numbered(name, ("alert", "metadata", name))
                ),
                Label("flowbits", field("metadata", "flowbits", item(0)), "published"),
                Label("anomaly_layer", field("anomaly", "layer"), "published"),
                Label("anomaly_type", field("anomaly", "type"), "published"),
            ),
        ),
    ),
    any_of(
        *(is_there(field("alert", name)) for name in ("action", "signature_id", "signature")),
        *(is_there(field("anomaly", name)) for name in ("type", "event")),
        is_any(_kind, ["drop"]),
        is_there(field("metadata", "flowbits", item(0))),
    ),
)  # fmt: skip

_ADDITIONAL = Labels(
    "additional.fields",
    (
        *(
            Label(name, field(name), "published")
            for name in ("flow_id", "pcap_cnt", "tx_id", "direction", "pkt_src", "in_iface", "payload_printable")
        ),
        Label("app_proto", field("app_proto")),
        Label("vlan", field("vlan")),
        Label("alert_source_port", field("alert", "source", "port"), "published"),
        Label("alert_target_port", field("alert", "target", "port"), "published"),
        Label("rule", field("alert", "rule"), "published"),
        *_labels("flow", "start", "end", "state", "reason", "alerted", "src_port", "dest_port"),
        Label("pkts_toserver", field("flow", "pkts_toserver"), "published"),
        Label("pkts_toclient", field("flow", "pkts_toclient"), "published"),
        *(
            Label(f"flow_exception_{key}_{n}", field("flow", "exception_policy", item(n), key), "published")
            for n in range(ENTRIES)
            for key in ("target", "policy")
        ),
        *_labels(
            "tcp", "tcp_flags", "tcp_flags_ts", "tcp_flags_tc", "syn", "rst", "psh", "ack", "fin", "state",
            "ts_max_regions", "tc_max_regions",
        ),
        Label("http_port_val", field("http", "http_port"), "published"),
        Label("http_content_type_val", field("http", "http_content_type"), "published"),
        Label("http_hostname", field("http", "hostname"), "published"),
        Label("http_length", field("http", "length"), "published"),
        *_labels("fileinfo", "tx_id", "state", "gaps", "stored"),
        Label("fileinfo_magic", field("fileinfo", "magic")),
        *(
            Label(f"{key}_{n}", field("files", item(n), name), "published")
            for n in range(ENTRIES)
            for key, name in (
                ("filename", "filename"), ("gaps", "gaps"), ("size", "size"), ("state", "state"), ("stored", "stored"),
                ("tx_id", "tx_id"),
            )
        ),
        *_labels("anomaly", "app_proto"),
        Label("dns_version", field("dns", "version"), "published"),
        *_labels("dns", "type", "opcode", "tx_id", "flags", "qr"),
        *_labels("mqtt_publish", "topic", "message", above=("mqtt", "publish")),
        *(
            label
            for part in ("publish", "pubrec", "pubrel", "pubcomp")
            for label in _labels(f"mqtt_{part}", "message_id", "qos", "retain", "dup", above=("mqtt", part))
        ),
        *_labels("pgsql", "tx_id"),
        *_labels("pgsql_request", "simple_query", "message", "secret_key", above=("pgsql", "request")),
        Label("pgsql_protocol_version", field("pgsql", "request", "protocol_version"), "published"),
        Label("pgsql_auth_md5", field("pgsql", "response", "authentication_md5_password"), "published"),
        *_labels(
            "pgsql_response", "command_completed", "accepted", "data_rows", "field_count", above=("pgsql", "response")
        ),
        Label("client_encoding", _option("client_encoding"), "published"),
        Label("tls_ja3_string", field("tls", "ja3", "string"), "published"),
        Label("tls_ja3s_string", field("tls", "ja3s", "string"), "published"),
        Label("tls_ja4", field("tls", "ja4"), "published"),
        Label("drop_reason", field("drop", "reason")),
    ),
    flattened=tuple(Flattened(name, (name,)) for name in _OTHER_PROTOCOLS),
    pairs=(
        Pairs(("http", "request_headers"), ("name", "value"), "req_"),
        Pairs(("http", "response_headers"), ("name", "value"), "res_"),
    ),
)  # fmt: skip

_FIELDS: tuple[UdmValue, ...] = (
    Scalar(
        "metadata.event_type",
        choose(
            (all_of(is_any(_kind, ["dns"]), is_there(QUESTION), _has_principal), constant("NETWORK_DNS")),
            (all_of(is_any(_kind, ["dhcp"]), _has_principal), constant("NETWORK_DHCP")),
            (all_of(_has_principal, _has_target), constant("NETWORK_CONNECTION")),
            (_has_principal, constant("STATUS_UPDATE")),
            (_reports_sensor, constant("STATUS_UNCATEGORIZED")),
            otherwise=constant("NETWORK_UNCATEGORIZED"),
        ),
        "published",
    ),
    Scalar("metadata.vendor_name", constant("SURICATA"), "published"),
    Scalar("metadata.product_name", constant("SURICATA_EVE"), "published"),
    Scalar("metadata.product_event_type", _kind, "published"),
    Repeated("principal.ip", _sources, "published"),
    Repeated("principal.asset.ip", _sources, "published"),
    Repeated("principal.mac", _source_macs, "published"),
    Repeated("principal.asset.mac", _source_macs, "published"),
    Scalar("principal.port", port("src_port"), "published", "int"),
    Scalar("principal.hostname", first(field("src_FQDN"), _reporting), "published"),
    Scalar("principal.asset.hostname", first(field("src_FQDN"), _reporting), "published"),
    Scalar("principal.application", _option("application_name"), "published"),
    Repeated("target.ip", _destinations, "published"),
    Repeated("target.asset.ip", _destinations, "published"),
    Repeated("target.mac", _destination_macs, "published"),
    Repeated("target.asset.mac", _destination_macs, "published"),
    Scalar("target.port", port("dest_port"), "published", "int"),
    Scalar("target.hostname", first(field("dest_FQDN"), field("tls", "sni")), "published"),
    Scalar("target.asset.hostname", first(field("dest_FQDN"), field("tls", "sni")), "published"),
    Scalar("target.url", _url, "published"),
    Scalar("target.process.pid", field("pgsql", "request", "process_id"), "published"),
    Scalar(
        "target.user.userid",
        first(
            field("pgsql", "request", "startup_parameters", "user"),
            field("krb5", "cname"),
            field("smb", "ntlmssp", "user"),
        ),
        "published",
    ),
    Scalar("target.resource.name", field("pgsql", "request", "startup_parameters", "database"), "published"),
    Repeated("target.file.names", (field("fileinfo", "filename"),), "published"),
    Scalar("target.file.size", whole_number(field("fileinfo", "size")), "published", "uint"),
    Scalar("target.file.md5", digest("fileinfo", "md5", length=32)),
    Scalar("target.file.sha1", digest("fileinfo", "sha1", length=40)),
    Scalar("target.file.sha256", digest("fileinfo", "sha256", length=64)),
    Scalar("observer.hostname", _sensor, "published"),
    Scalar("network.ip_protocol", translate(field("proto"), IP_PROTOCOLS), "published"),
    Scalar("network.application_protocol", translate(_protocol, APPLICATION_PROTOCOLS), "published"),
    Scalar(
        "network.application_protocol_version", captured(field("http", "protocol"), "^[A-Za-z]+/(.+)$"), "published"
    ),
    Scalar("network.community_id", field("community_id"), "published"),
    Scalar("network.sent_bytes", field("flow", "bytes_toclient"), "published", "uint"),
    Scalar(
        "network.received_bytes",
        first(field("flow", "bytes_toserver"), field("pgsql", "response", "data_size")),
        "published",
        "uint",
    ),
    Scalar("network.session_duration.seconds", field("flow", "age"), "published", "int"),
    Scalar("network.session_duration.nanos", when(is_there(field("flow", "age")), constant("0")), kind="int"),
    Scalar("network.http.method", field("http", "http_method"), "published"),
    Scalar("network.http.response_code", whole_number(field("http", "status")), "published", "int"),
    Scalar("network.http.user_agent", field("http", "http_user_agent"), "published"),
    Scalar("network.http.referral_url", first(field("http", "http_refer"), _page), "published"),
    Scalar("network.dns.id", whole_number(field("dns", "id")), "published", "uint"),
    Scalar("network.dns.response", when(IS_ANSWER, constant("true")), kind="bool"),
    Scalar("network.dns.response_code", translate(field("dns", "rcode"), DNS_CODES), "published", "uint"),
    Scalar("network.dns.recursion_desired", field("dns", "rd"), "published", "bool"),
    Scalar("network.dns.recursion_available", field("dns", "ra"), "published", "bool"),
    Messages("network.dns.questions", (dns_question(),)),
    Messages("network.dns.answers", tuple(dns_answer(number) for number in range(ANSWERS))),
    Scalar(
        "network.dhcp.opcode",
        translate(field("dhcp", "type"), {"request": "BOOTREQUEST", "reply": "BOOTREPLY"}),
        "published",
    ),
    Scalar(
        "network.dhcp.type",
        translate(
            field("dhcp", "dhcp_type"),
            {
                name: name.upper()
                for name in ("discover", "offer", "request", "decline", "ack", "nak", "release", "inform")
            },
        ),
        "published",
    ),
    Scalar("network.dhcp.yiaddr", ip("dhcp", "assigned_ip"), "published"),
    Scalar("network.dhcp.ciaddr", ip("dhcp", "client_ip"), "published"),
    Scalar("network.dhcp.chaddr", field("dhcp", "client_mac"), "published"),
    Scalar("network.dhcp.client_hostname", field("dhcp", "hostname"), "published"),
    Scalar("network.dhcp.transaction_id", whole_number(field("dhcp", "id")), kind="uint"),
    Scalar("network.tls.version", field("tls", "version"), "published"),
    Scalar("network.tls.client.server_name", field("tls", "sni"), "published"),
    Scalar("network.tls.client.ja3", field("tls", "ja3", "hash"), "published"),
    Scalar("network.tls.server.ja3s", field("tls", "ja3s", "hash"), "published"),
    *certificate("client"),
    *certificate("server"),
    Scalar("network.smtp.helo", field("smtp", "helo")),
    Scalar("network.smtp.mail_from", field("smtp", "mail_from")),
    Repeated("network.smtp.rcpt_to", tuple(field("smtp", "rcpt_to", item(n)) for n in range(ENTRIES))),
    Scalar("network.email.from", field("email", "from")),
    Repeated("network.email.to", tuple(field("email", "to", item(n)) for n in range(ENTRIES))),
    Repeated("network.email.subject", (field("email", "subject"),)),
    Scalar("network.ftp.command", field("ftp", "command")),
    Messages("security_result", (_SECURITY_RESULT,)),
    _ADDITIONAL,
)

PARSER = LogParser(
    log_type="SURICATA_EVE",
    shapes=(
        Shape(
            "EVE record",
            (
                Has(("event_type",)),
                Has(("timestamp",)),
                HasAny(tuple((key,) for key in ("flow_id", "community_id", "pcap_cnt", "in_iface", "stats", "engine"))),
            ),
        ),
    ),
    time=field("timestamp"),
    fields=_FIELDS,
)
