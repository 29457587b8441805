"""IP addresses in a declaration: texts that are one, in one form."""

from __future__ import annotations

from windshear.core import sql
from windshear.logs.macros import UNMAPPED
from windshear.logs.values import Condition, Value, all_of, any_of, contains, matches, not_, once, shared, when

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"^{_OCTET}(\.{_OCTET}){{3}}$"
_IPV6_WHOLE = "^([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}$"
_IPV6_GROUPS = "^([0-9A-Fa-f]{0,4}:)+[0-9A-Fa-f]{0,4}$"
_IPV6_EIGHT_GROUPS = "([0-9A-Fa-f]+:+){7}[0-9A-Fa-f]"
_IPV6_BROKEN = ":::|::.*::|^:[^:]|[^:]:$"
_IPV6_WITH_IPV4 = rf"^::([Ff]{{4}}:)?{_OCTET}(\.{_OCTET}){{3}}$"


def is_ip(value: Value) -> Condition:
    """Test for an IP address: four octets without leading zeros, or IPv6."""
    ipv6, ipv4 = _is_ipv6(value), matches(value, _IPV4)
    return Condition(sql.case(contains(value, ":").sql, ipv6.sql, ipv4.sql), value.reads)


def _is_ipv6(value: Value) -> Condition:
    """Test for IPv6: eight groups, or fewer with one `::` in the place of the missing ones.

    One pattern that says all this takes milliseconds to compile, for every statement.
    """
    is_short = all_of(
        contains(value, "::"),
        matches(value, _IPV6_GROUPS),
        not_(matches(value, _IPV6_BROKEN)),
        not_(matches(value, _IPV6_EIGHT_GROUPS)),
    )
    return any_of(matches(value, _IPV6_WHOLE), is_short, matches(value, _IPV6_WITH_IPV4))


def ip_of(value: Value) -> Value:
    """Take a text that is an IP address, an IPv4 address in its IPv6 form as IPv4: rules and other logs know it so.

    The test is made once per record: it is dear, and most fill several fields.
    """
    written = once(value)
    return shared(when(is_ip(written), Value(sql.call(UNMAPPED, written.sql), written.reads)))
