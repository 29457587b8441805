"""What Suricata's EVE records write that UDM writes otherwise: protocols, DNS numbers, addresses."""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.parser import Element, Label, Scalar
from windshear.logs.values import (
    Path,
    Value,
    any_of,
    captured,
    field,
    first,
    is_there,
    item,
    lower,
    matches,
    micros_of,
    quotient,
    remainder,
    replaced,
    translate,
    when,
)

ANSWERS = 8  # answers of a DNS response that are taken apart
ENTRIES = 3  # values of a list that are labels of their own

# IANA numbers of the types that EVE writes by name.
DNS_TYPES = {
    "A": "1", "NS": "2", "CNAME": "5", "SOA": "6", "NULL": "10", "PTR": "12", "HINFO": "13", "MX": "15", "TXT": "16",
    "AAAA": "28", "SRV": "33", "NAPTR": "35", "DNAME": "39", "OPT": "41", "DS": "43", "SSHFP": "44", "RRSIG": "46",
    "NSEC": "47", "DNSKEY": "48", "NSEC3": "50", "TLSA": "52", "SVCB": "64", "HTTPS": "65", "SPF": "99",
    "TKEY": "249", "TSIG": "250", "IXFR": "251", "AXFR": "252", "ANY": "255", "URI": "256", "CAA": "257",
}  # fmt: skip
DNS_CODES = {
    "NOERROR": "0", "FORMERR": "1", "SERVFAIL": "2", "NXDOMAIN": "3", "NOTIMP": "4", "REFUSED": "5", "YXDOMAIN": "6",
    "YXRRSET": "7", "NXRRSET": "8", "NOTAUTH": "9", "NOTZONE": "10", "BADVERS": "16", "BADSIG": "16", "BADKEY": "17",
    "BADTIME": "18", "BADMODE": "19", "BADNAME": "20", "BADALG": "21", "BADTRUNC": "22",
}  # fmt: skip
APPLICATION_PROTOCOLS = {
    "http": "HTTP", "http1": "HTTP", "http2": "HTTP", "tls": "HTTPS", "ssh": "SSH", "smtp": "SMTP", "dns": "DNS",
    "doh2": "DNS", "mdns": "DNS", "smb": "SMB", "dcerpc": "DCERPC", "dhcp": "DHCP", "ftp": "FTP", "ftp-data": "FTP",
    "ftp_data": "FTP", "krb5": "KRB5", "ldap": "LDAP", "modbus": "MODBUS", "dnp3": "DNP3", "mqtt": "MQTT", "nfs": "NFS",
    "ntp": "NTP", "quic": "QUIC", "rdp": "RDP", "sip": "SIP", "snmp": "SNMP", "enip": "CIP",
    "bittorrent-dht": "BIT_TORRENT", "bittorrent_dht": "BIT_TORRENT",
}  # fmt: skip
IP_PROTOCOLS = {
    "TCP": "TCP", "UDP": "UDP", "ICMP": "ICMP", "IPv6-ICMP": "ICMP6", "IGMP": "IGMP", "GRE": "GRE", "ESP": "ESP",
    "SCTP": "SCTP", "PIM": "PIM", "EIGRP": "EIGRP", "VRRP": "VRRP", "IPv6": "IP6IN4",
}  # fmt: skip
_PORT = "^([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$"
_MAC = "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$"


def ip(*path: str) -> Value:
    """Read an address; what is none is absent."""
    return ip_of(field(*path))


def mac(*path: str) -> Value:
    """Read a hardware address; what is none is absent."""
    return when(matches(field(*path), _MAC), lower(field(*path)))


def digest(*path: str, length: int) -> Value:
    """Read a hash of so many hexadecimal digits."""
    return captured(lower(field(*path)), f"^([0-9a-f]{{{length}}})$")


def port(*path: str) -> Value:
    """Read a port; 0 says that there is none."""
    return when(matches(field(*path), _PORT), field(*path))


def moment(name: str, *path: str) -> tuple[Scalar, Scalar]:
    """Fill a timestamp."""
    time = micros_of(field(*path))
    return (
        Scalar(f"{name}.seconds", quotient(time, 1_000_000), kind="int"),
        Scalar(f"{name}.nanos", remainder(time, 1_000_000, 1000), kind="int"),
    )


def numbered(prefix: str, path: Path) -> tuple[Label, ...]:
    """Label the first values of a list `prefix_0`, `prefix_1` and so on."""
    return tuple(Label(f"{prefix}_{n}", field(*path, item(n)), "published") for n in range(ENTRIES))


QUESTION = first(
    field("dns", "rrname"),
    field("dns", "queries", item(0), "rrname"),
    field("dns", "query", item(0), "rrname"),
    field("dns", "answer", "rrname"),
)
_QUESTION_TYPE = first(
    field("dns", "rrtype"),
    field("dns", "queries", item(0), "rrtype"),
    field("dns", "query", item(0), "rrtype"),
    field("dns", "answer", "rrtype"),
)
IS_ANSWER = any_of(
    is_there(field("dns", "answers", item(0), "rrname")), is_there(field("dns", "rcode")), is_there(field("dns", "qr"))
)


def dns_question() -> Element:
    """Return what was asked for."""
    return Element(
        (
            Scalar("name", QUESTION, "published"),
            Scalar("type", translate(_QUESTION_TYPE, DNS_TYPES), "published", "uint"),
        )
    )


def dns_answer(number: int) -> Element:
    """Return one answer of a response."""
    above = ("dns", "answers", item(number))
    return Element(
        (
            Scalar("name", field(*above, "rrname"), "published"),
            Scalar("type", translate(field(*above, "rrtype"), DNS_TYPES), "published", "uint"),
            Scalar("ttl", field(*above, "ttl"), "published", "uint"),
            Scalar("data", field(*above, "rdata"), "published"),
        )
    )


def certificate(noun: str) -> tuple[Scalar, ...]:
    """Return the certificate that the server showed, below `network.tls`."""
    above = f"network.tls.{noun}.certificate."
    return (
        Scalar(above + "subject", field("tls", "subject"), "published"),
        Scalar(above + "issuer", field("tls", "issuerdn"), "published"),
        Scalar(above + "serial", field("tls", "serial"), "published"),
        Scalar(above + "sha1", captured(replaced(lower(field("tls", "fingerprint")), {":": ""}), "^([0-9a-f]{40})$")),
        *moment(above + "not_before", "tls", "notbefore"),
        *moment(above + "not_after", "tls", "notafter"),
    )
