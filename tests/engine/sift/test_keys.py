"""What a shared key lets one variable's filter say about another variable."""

from __future__ import annotations

import pytest

from tests.engine.sift.rules import checked
from tests.engine.sift.test_formula import show
from windshear.engine.sift.keys import formulas

KEYS = "$a.principal.hostname = $host\n$b.target.hostname = $host"
BOTH = "$a and $b"


@pytest.mark.parametrize(
    ("events", "condition", "expected"),
    [
        ("$a.principal.hostname = /^web/", BOTH, "plain target.hostname ~ /^web/"),
        ('$a.principal.hostname = "W" nocase', BOTH, "plain lower(target.hostname) in {w}"),
        ('$a.principal.hostname != "x"', BOTH, "not plain target.hostname in {x}"),
        (
            '$a.principal.hostname = /^web/ or $a.principal.hostname = "x"',
            BOTH,
            "(plain target.hostname ~ /^web/ | plain target.hostname in {x})",
        ),
        ('$a.principal.hostname = /^web/ or $a.metadata.vendor_name = "x"', BOTH, ""),
        ('$a.metadata.vendor_name = "x"', BOTH, ""),
        ("$a.principal.hostname = /^web/", "!$a and $b", ""),
        ("$b.target.hostname = /^web/", BOTH, "plain target.hostname ~ /^web/"),
    ],
)
def test_filter_of_partner(events: str, condition: str, expected: str) -> None:
    """A bounded partner's tests of the key hold for this variable's key, and nothing else does."""
    rule = checked(f"{KEYS}\n{events}", match="$host over 5m", condition=condition)
    own = "not plain target.hostname in {}"
    wanted = f"({own} & {expected})" if expected else own
    assert show(formulas(rule)["b"]) == wanted


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('net.ip_in_range_cidr($a.principal.ip, "10.0.0.0/8")', "plain target.ip within 10.0.0.0/8"),
        ('any $a.principal.ip = "10.0.0.1"', ""),
        ('all $a.principal.ip = "10.0.0.1"', ""),
    ],
)
def test_key_of_a_list(test: str, expected: str) -> None:
    """The key is the value of one copy: only tests of that copy move, quantified ones see the list."""
    rule = checked(f"$a.principal.ip = $ip\n$b.target.ip = $ip\n{test}", match="$ip over 5m", condition="$a and $b")
    own = "not plain target.ip in {}"
    assert show(formulas(rule)["b"]) == (f"({own} & {expected})" if expected else own)


def test_computed_keys() -> None:
    """A key that is a field in lower case takes tests of the lower-case text, and no others."""
    rule = checked(
        "strings.to_lower($a.principal.hostname) = $host\n$b.target.hostname = $host\n"
        'strings.to_lower($a.principal.hostname) != "x"\n$a.principal.hostname = /^W/',
        match="$host over 5m",
        condition="$a and $b",
    )
    assert show(formulas(rule)["b"]) == "not plain target.hostname in {x}"
