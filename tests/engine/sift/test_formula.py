"""What sift keeps of a rule: atoms, pushed-down negations, and true where it has no words."""

from __future__ import annotations

import pytest

from tests.engine.sift.rules import checked
from windshear.engine.sift.computed import column
from windshear.engine.sift.formula import formula
from windshear.engine.sift.nodes import (
    ALWAYS,
    AllOf,
    AnyOf,
    Atom,
    Computed,
    Constant,
    Formula,
    InNetwork,
    Leaf,
    Matches,
    OneOf,
    Ordered,
)
from windshear.udm.requests import Member

LISTS = {"words": ["a", "B"], "patterns": ["^a"], "broken": ["("], "nets": ["10.0.0.0/8"], "no_nets": ["x"], "none": []}


_PORTS = 'plain ((0)::BIGINT < (CAST("target.port" AS HUGEINT) - CAST("principal.port" AS HUGEINT))) in {True}'
_BOTH = 'plain concat("principal.hostname", "target.hostname")'
_FIRST = "strings.coalesce($e.principal.hostname, $e.target.hostname)"


def show(node: Formula) -> str:
    """Write a formula on one line."""
    match node:
        case Constant(holds):
            return "always" if holds else "never"
        case AllOf(items):
            return "(" + " & ".join(show(item) for item in items) + ")"
        case AnyOf(items):
            return "(" + " | ".join(show(item) for item in items) + ")"
        case Atom(leaf, reading, probe, is_negated):
            place = _show_value(leaf)
            place = place if leaf.letters == "as written" else f"{leaf.letters}({place})"
            return ("not " if is_negated else "") + f"{reading} {place} {_show_probe(probe)}"


def _show_value(value: Leaf | Computed) -> str:
    """Write where a value comes from: a path, or the SQL over paths in quotes that makes it."""
    if isinstance(value, Leaf):
        return ".".join([value.column, *(hop.name for hop in value.hops if isinstance(hop, Member))])
    text = value.value.text
    for place, leaf in enumerate(value.leaves):
        text = text.replace(f'"{column(place)}"', f'"{_show_value(leaf)}"')
    return text


def _show_probe(probe: OneOf | Ordered | Matches | InNetwork) -> str:
    match probe:
        case OneOf(constants):
            return "in {" + ", ".join(sorted(map(str, constants))) + "}"
        case Ordered(operator, constant):
            return f"{operator} {constant}"
        case Matches(patterns):
            return "~ " + ", ".join(sorted(f"/{p.text}/" + ("i" if p.is_nocase else "") for p in patterns))
        case InNetwork(networks):
            return "within " + ", ".join(sorted(networks))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ('$e.principal.hostname = "a"', "plain principal.hostname in {a}"),
        ('"a" != $e.principal.hostname', "not plain principal.hostname in {a}"),
        ('$e.principal.hostname = "A" nocase', "plain lower(principal.hostname) in {a}"),
        ('strings.to_upper($e.principal.hostname) = "A"', "plain upper(principal.hostname) in {A}"),
        ("$e.principal.hostname = /^a/ nocase", "plain principal.hostname ~ /^a/i"),
        ("$e.principal.hostname != /^a/", "not plain principal.hostname ~ /^a/"),
        ("re.regex(strings.to_lower($e.principal.hostname), `a`)", "plain lower(principal.hostname) ~ /a/"),
        ('strings.contains($e.principal.hostname, "a.b")', r"plain principal.hostname ~ /a\.b/"),
        ('strings.starts_with($e.principal.hostname, "a")', r"plain principal.hostname ~ /\Aa/"),
        ('strings.ends_with($e.principal.hostname, "a")', r"plain principal.hostname ~ /a\z/"),
        ('strings.ends_with($e.principal.hostname, "")', "never"),
        ('not strings.ends_with($e.principal.hostname, "")', "always"),
        ("$e.principal.hostname in %none", "never"),
        ("not $e.principal.hostname in %none", "always"),
        ("$e.principal.hostname in regex %none", "never"),
        ("not $e.principal.ip in cidr %none", "always"),
        ("strings.concat($e.principal.hostname, $e.target.hostname) in %none", "never"),
        (_FIRST + ' != ""', "(not plain principal.hostname in {} | not plain target.hostname in {})"),
        (_FIRST + ' = ""', "plain principal.hostname in {} & plain target.hostname in {}"),
        (f"not {_FIRST}" + ' = ""', "(not plain principal.hostname in {} | not plain target.hostname in {})"),
        ('strings.coalesce($e.principal.hostname, "x") != ""', "always"),
        ('strings.to_lower(strings.coalesce($e.principal.hostname, "")) != ""', "not plain principal.hostname in {}"),
        ("22 < $e.target.port", "plain target.port > 22"),
        ("not $e.target.port = 22", "not plain target.port in {22}"),
        ("$e.network.received_bytes >= 22", "plain network.received_bytes >= 22"),
        (
            '$e.security_result.action <= "BLOCK"',
            "plain security_result.action in {ALLOW, BLOCK, UNKNOWN_ACTION}",
        ),
        ('net.ip_in_range_cidr($e.principal.ip, "10.0.0.0/8")', "plain principal.ip within 10.0.0.0/8"),
        ('any $e.principal.ip != "x"', "not any principal.ip in {x}"),
        ('not any $e.principal.ip = "x"', "not all principal.ip in {x}"),
        ('not all $e.principal.ip != "x"', "any principal.ip in {x}"),
        ("$e.principal.ip in cidr %nets", "plain principal.ip within 10.0.0.0/8"),
        ("not $e.principal.hostname in %words", "not plain principal.hostname in {B, a}"),
        ("$e.principal.hostname in %words nocase", "plain lower(principal.hostname) in {a, b}"),
        ("$e.principal.hostname in regex %patterns nocase", "plain principal.hostname ~ /^a/i"),
        ("$e.principal.hostname in regex %broken", "always"),
        ("$e.principal.ip in cidr %no_nets", "always"),
        ("$e.principal.hostname in %unknown", "always"),
        (
            "$e.principal.hostname = $e.target.hostname",
            'plain ("principal.hostname" = "target.hostname") in {True}',
        ),
        ("not $e.principal.hostname = $e.target.hostname", "always"),
        ("0 < $e.target.port - $e.principal.port", _PORTS),
        ("arrays.length($e.principal.ip) > 1", "always"),
        ('strings.concat($e.principal.hostname, "x") = "ax"', "plain concat(\"principal.hostname\", 'x') in {ax}"),
        ("strings.concat($e.principal.hostname, $e.target.hostname) in %words", _BOTH + " in {B, a}"),
        ("strings.concat($e.principal.hostname, $e.target.hostname) in regex %patterns", _BOTH + " ~ /^a/"),
        ('strings.contains(strings.concat($e.principal.hostname, $e.target.hostname), "a")', _BOTH + " ~ /a/"),
        ('strings.concat($e.principal.hostname, $e.target.hostname) != ""', "not " + _BOTH + " in {}"),
        ('strings.concat($e.principal.ip, $e.target.ip) = "x"', "always"),
        ('strings.concat($e.principal.hostname, $e.target.hostname) != "x"', "always"),
        ("not strings.concat($e.principal.hostname, $e.target.hostname) in %words", "always"),
        ("not strings.concat($e.principal.hostname, $e.target.hostname) = /a/", "always"),
        ("strings.concat($e.principal.hostname, $e.target.hostname) in %unknown", "always"),
        ("timestamp.current_seconds() > $e.metadata.ingested_timestamp.seconds", "always"),
    ],
)
def test_one_predicate(events: str, expected: str) -> None:
    """Each kind of predicate becomes one atom, or true."""
    vendor = "plain metadata.vendor_name in {v}"
    expectations = {"always": vendor, "never": "never"}
    found = show(formula(checked(f'    $e.metadata.vendor_name = "v"\n    {events}'), "e", LISTS.get))
    assert found == expectations.get(expected, f"({vendor} & {expected})")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            'not ($e.principal.hostname = "a" and $e.target.hostname = "b")',
            "(not plain principal.hostname in {a} | not plain target.hostname in {b})",
        ),
        (
            'not ($e.principal.hostname = "a" or not $e.target.hostname = "b")',
            "(not plain principal.hostname in {a} & plain target.hostname in {b})",
        ),
        (
            '$e.principal.hostname = "a" or $e.principal.hostname = "b" or $e.principal.hostname = /c/',
            "(plain principal.hostname in {a, b} | plain principal.hostname ~ /c/)",
        ),
        (
            '$e.principal.ip = "a" and $e.principal.ip = "b"',
            "(plain principal.ip in {a} & plain principal.ip in {b})",
        ),
        ('$e.principal.hostname = "a" or arrays.length($e.principal.ip) = 2', "always"),
        ('not ($e.principal.hostname = "a" and arrays.length($e.principal.ip) = 2)', "always"),
        (
            'not ($e.principal.hostname = "a" and strings.concat($e.principal.hostname, $e.target.hostname) != "b")',
            f"(not plain principal.hostname in {{a}} | {_BOTH} in {{b}})",
        ),
    ],
)
def test_negations_go_down(events: str, expected: str) -> None:
    """Only atoms are negated; alternatives on one leaf become one atom, conjuncts never."""
    assert show(formula(checked(f"    {events}"), "e")) == expected


JOINED = """
    $a.metadata.product_name = "p"
    $a.principal.hostname = $host
    $b.principal.hostname = $host
    $host != "x"
    ($a.target.port = 1 and $b.target.port = 2) or $a.target.port = 3
"""


def test_each_variable_keeps_its_own_part() -> None:
    """A placeholder is read from the variable's own field, a match key is not zero, other variables count as true."""
    rule = checked(JOINED, match="$host over 5m", condition="$a and $b")
    key = "not plain principal.hostname in {}"
    test = "not plain principal.hostname in {x}"
    assert show(formula(rule, "b")) == f"({key} & {test})"
    assert (
        show(formula(rule, "a"))
        == f"({key} & plain metadata.product_name in {{p}} & {test} & plain target.port in {{1, 3}})"
    )


def test_a_predicate_over_an_absent_side_constrains_nobody() -> None:
    """Where a variable may be missing, a predicate that reads it says nothing about the other one's events."""
    rule = checked(JOINED, match="$host over 5m", condition="$a and !$b")
    assert "target.port" not in show(formula(rule, "a"))


def test_a_placeholder_of_several_variables_is_nobodys() -> None:
    """A placeholder that may take its value from another variable makes a predicate one over joined rows."""
    events = """
    $a.principal.hostname = $host
    $b.principal.hostname = $host
    $user = $a.principal.user.userid or $user = $b.target.user.userid
    not ($user = "x" or $a.target.port = 1)
    """
    present = checked(events, match="$host over 5m", condition="$a and $b")
    assert "target.port" in show(formula(present, "a"))
    maybe_absent = checked(events, match="$host over 5m", condition="$b and !$a")
    assert "target.port" not in show(formula(maybe_absent, "a"))


def test_zero_values_on_demand() -> None:
    """The option `allow_zero_values` takes the filter of match keys away."""
    events = "    $e.principal.hostname = $host"
    filtered = checked(events, match="$host over 5m")
    assert show(formula(filtered, "e")) == "not plain principal.hostname in {}"
    free = checked(events, match="$host over 5m", options="allow_zero_values = true")
    assert formula(free, "e") == ALWAYS
