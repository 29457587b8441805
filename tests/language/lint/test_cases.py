"""Near misses of lints: lines that look alike, of which one deserves a word and the other does not."""

from __future__ import annotations

import pytest

from tests.language.lint.linting import codes
from windshear.language.lint.examples import example_rule
from windshear.language.lint.settings import LintSettings

BODY = """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    {}
  condition:
    $e
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # W501, W502: an element that is chosen elsewhere is spoken of on purpose
        ('$e.principal.ip != ""', []),
        ('all $e.principal.ip != "10.0.0.1"', []),
        ('$e.principal.ip[0] != "10.0.0.1"', []),
        ('net.ip_in_range_cidr($e.principal.ip, "10.0.0.0/8")\n    $e.principal.ip != "10.0.0.1"', []),
        ('not $e.principal.ip = "10.0.0.1"', ["W501"]),
        ('not ($e.principal.ip = "10.0.0.1" or $e.target.port = 22)', ["W501"]),
        ('not net.ip_in_range_cidr(any $e.target.ip, "10.0.0.0/8")', []),
        ("not $e.target.ip in cidr %known.networks", ["W502"]),
        # W503: presence that another test shows
        ("not re.regex($e.target.url, `^https`) nocase", ["W503"]),
        ('not re.regex($e.target.url, `^https`) nocase\n    $e.target.url != ""', []),
        ("not re.regex($e.target.url, `^https`) nocase\n    re.regex($e.target.url, `\\.php`) nocase", []),
        ("not re.regex($e.target.url, `^$`)", []),
        ("$e.target.url != /^https/ nocase", ["W503"]),
        # W505
        ("$e.principal.hostname = $e.target.hostname", ["W505"]),
        ('$e.principal.hostname = $e.target.hostname\n    $e.target.hostname != ""', []),
        ("$e.principal.hostname != $e.target.hostname", []),
        # W519: the same value, other fields, other cases, and what cannot be known
        ('$e.target.application = "a"\n    $e.target.application = "b"', ["W519"]),
        ('$e.target.application = "a"\n    $e.target.application = "A" nocase', ["W521"]),
        ('$e.target.application = "a"\n    $e.principal.application = "b"', []),
        ('$e.target.application = "a" or $e.target.application = "b"', ["W579"]),
        ("$e.target.port > 10\n    $e.target.port < 11", ["W519"]),
        ("$e.target.port > 10\n    $e.target.port < 12", []),
        ("$e.target.port >= 10\n    $e.target.port <= 10", []),
        ("$e.target.port = 10\n    $e.target.port > 20", ["W519"]),
        ('$e.target.application = "abc"\n    re.regex($e.target.application, `^x|y$`)', ["W519", "W526"]),
        ('($e.target.application = "a" or $e.target.application = "b")\n    $e.target.application = "c"', ["W519"]),
        ('($e.target.application = "a" or $e.target.application = "b")\n    $e.target.application = "b"', []),
        ("($e.target.port = 1 or ($e.target.port = 2 and $e.target.port = 3))", ["W519"]),
        # W520
        ('($e.target.application != "a" or $e.target.application != "b")', ["W520"]),
        ('($e.target.application != "a" and $e.target.application != "b")', []),
        ('not ($e.target.application = "a" and $e.target.application = "b")', ["W520"]),
        ('($e.target.application = "a" or not $e.target.application = "a")', ["W520"]),
        ('($e.target.application != "a" or $e.principal.application != "b")', []),
        ('(any $e.target.ip != "192.0.2.1" or any $e.target.ip != "192.0.2.2")', []),
        ("$e.network.sent_bytes >= 0", ["W520"]),
        ("re.regex($e.target.url, `.*`)", ["W520"]),
        # W521
        ('$e.target.application = "a"\n    $e.target.application != ""', ["W521"]),
        ("$e.target.port = 10\n    $e.target.port > 5", ["W521"]),
        # W522
        ('($e.target.application = "a" or $e.target.application = "a")', ["W522"]),
        ('($e.target.application = "a" or $e.target.application = "a" nocase)', []),
        # W524
        ('strings.to_upper($e.target.application) = "VAULT"', []),
        ('strings.to_upper($e.target.application) = "Vault"', ["W524"]),
        ('strings.to_lower($e.target.application) = "Vault" nocase', []),
        # W525
        ('timestamp.get_date($e.metadata.event_timestamp.seconds) > "2026-01-01"', []),
        ('timestamp.get_timestamp($e.metadata.event_timestamp.seconds, "%d.%m.") > "01.02."', ["W525"]),
        # W526
        ("re.regex($e.target.url, `^(?:a|b)$`)", []),
        ("re.regex($e.target.url, `^a|^b`)", []),
        ("re.regex($e.target.url, `a$|b$`)", []),
        # W532
        ("re.regex($e.target.url, `a$b`)", ["W532"]),
        ("re.regex($e.target.url, `a^b`)", ["W532"]),
        ("re.regex($e.target.url, `x.y|a$b`)", ["W532"]),
        ("re.regex($e.target.url, `a$b?`)", []),
        ("re.regex($e.target.url, `a*^b`)", []),
        ("re.regex($e.target.url, `(a$|b)c`)", []),
        ("re.regex($e.target.url, `a[$]b.`)", []),
        # W527
        ("re.regex($e.target.url, `setup.exe$`) nocase", ["W527"]),
        ("re.regex($e.target.url, `setup[.]exe$`) nocase", []),
        ("re.regex($e.target.url, `a.b`)", []),
        # W529: identifiers have a fixed case
        ('$e.principal.user.userid = "svc-backup"', ["W529"]),
        ('$e.principal.user.userid = "arn:aws:iam::123456789012:user/backup"', []),
        ('$e.principal.user.userid = "1001"', []),
        ("re.regex($e.principal.hostname, `^[a-zA-Z]+[0-9]+$`)", []),
        # W540, W541: what an anchor or an alternative makes necessary stays
        ("re.regex($e.target.url, `^.*a[bc]`)", []),
        ("re.regex($e.target.url, `a[bc].*|d`)", []),
        ("re.regex($e.target.url, `a[bc].*$`)", []),
        ("re.regex($e.target.url, `.*?a[bc]`)", ["W540"]),
        ("re.regex($e.target.url, `php`) nocase", []),
        ("re.regex($e.target.url, `^php$`) nocase", ["W541"]),
        ("re.regex($e.target.url, `^php`)", []),
        # W577
        ("re.regex($e.target.url, `\\d{3}`) nocase", ["W577"]),
        ("re.regex($e.target.url, `\\w{3}`) nocase", []),
        # W581: a comment in words, alone or above the line
        ('$e.target.port = 1\n    // $e.target.application = "a"', ["W581"]),
        ('$e.target.port = 1\n    // Put back when it is quiet:\n    // $e.target.application = "a"', []),
        ("$e.target.port = 1\n    // see $e.target.application", []),
        # W582
        ('net.ip_in_range_cidr($e.target.ip, "192.0.2.7/32")', []),
        ('net.ip_in_range_cidr($e.target.ip, "2001:db8::1/64")', ["W582"]),
    ],
)
def test_line(line: str, expected: list[str]) -> None:
    """What is found in a line, in a rule that is otherwise clean."""
    settings = LintSettings(ignore=("every-event-of-a-type",))
    assert sorted(codes(example_rule(BODY.format(line)), settings)) == sorted(expected)


JOIN = """
  events:
    $a.metadata.event_type = "USER_LOGIN"
    $a.target.user.userid = $user
    $b.metadata.event_type = "FILE_CREATION"
    $b.principal.user.userid = $user
    $a.metadata.event_timestamp.seconds < $b.metadata.event_timestamp.seconds
    {}
  match:
    $user over 1h
  condition:
    $a and {}
"""


@pytest.mark.parametrize(
    ("line", "condition", "expected"),
    [
        ("", "$b", []),
        ("$a.network.session_id = $b.network.session_id", "$b", ["W504"]),
        ('$a.network.session_id = $b.network.session_id\n    $b.network.session_id != ""', "$b", []),
        ("$a.network.session_id = $s\n    $b.network.session_id = $s", "$b", ["W504"]),
        ("$a.network.session_id = $s\n    $b.network.session_id = $s\n    re.regex($s, `^s`)", "$b", []),
        ("$a.metadata.log_type = $t\n    $b.metadata.log_type = $t", "$b", []),
        ('($a.principal.ip = "192.0.2.1" or $b.principal.ip = "192.0.2.1")', "$b", []),
        ("$b.principal.hostname = $host", "#host > 3", []),
        (
            "$c.metadata.log_type = $b.metadata.log_type\n    $c.metadata.event_type = `FILE_OPEN`",
            "$b and $c",
            ["W539"],
        ),
        ("$c.metadata.event_type = `FILE_OPEN`\n    $c.target.user.userid = $a.target.user.userid", "$b and $c", []),
        ("$c.metadata.event_type = `FILE_OPEN`\n    $c.target.user.userid = $user", "$b and $c", []),
    ],
)
def test_join(line: str, condition: str, expected: list[str]) -> None:
    """What is found in a rule with two event variables that is otherwise clean."""
    assert codes(example_rule(JOIN.format(line, condition))) == expected


GROUPED = """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.target.port = 22
    {} = $key
  match:
    $key over 1h
  outcome:
    {}
  condition:
    $e
"""


@pytest.mark.parametrize(
    ("key", "outcome", "expected"),
    [
        ("$e.principal.hostname", "$n = count($e.metadata.id)", []),
        ("$e.principal.ip", "$n = count($e.metadata.id)", []),
        ("$e.principal.ip", "$n = count($e.metadata.id)\n    $to = array_distinct($e.target.ip)", ["W511"]),
        ("$e.principal.hostname", "$n = count($e.target.ip)", []),
        ("$e.principal.hostname", '$n = sum(if($e.security_result.action = "BLOCK", 1, 0))', []),
        ("$e.principal.hostname", "$risk_score = max(50 + if($key = `a`, 60, 0) + if($key = `b`, 40, 0))", ["W567"]),
        ("$e.principal.hostname", '$technique = "T1078"', []),
        ("$e.principal.hostname", "$risk_score = max(40 + if($e.target.port = 1, 70, 0))", ["W566"]),
    ],
)
def test_group(key: str, outcome: str, expected: list[str]) -> None:
    """What is found in the outcomes of a rule that groups, by an element of a list or by something else."""
    assert codes(example_rule(GROUPED.format(key, outcome))) == expected
