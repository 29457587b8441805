"""Hypothesis strategies for what may stand in the events section: tests of one event variable, and texts of values."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from tests.property.events import ACTIONS, FOLDING, IPS, SEVERITIES, TEXTS

PATTERNS = [
    "^ws",
    "ws1$",
    "",
    "^$",
    ".",
    "a|",
    "(?s)1.s",
    "[ä-ž]",
    r"\d+",
    "s.*v",
    "(?m)^srv$",
    "k",
    "SPÄT",
    "[^a]",
    r"\x00",
]
SCALARS = [
    "principal.hostname",
    "principal.user.userid",
    "target.hostname",
    'additional.fields["k"]',
    'additional.fields["K"]',
    'target.labels["k"]',
    'about.labels["K"]',
    'security_result.detection_fields["k"]',
    "principal.ip[1]",
    "about[0].hostname",
    "about[1].ip[0]",
]
REPEATED = [
    "principal.ip",
    "security_result.description",
    "security_result.action_details",
    "about.hostname",
    "about.ip",
    "about.labels.value",
]
FILLED = ["principal.hostname", "target.hostname", "about.hostname", "security_result.description"]  # most often
WHOLE = ["principal.port", "target.port", "about[0].port", "network.session_duration.seconds"]
UNSIGNED = ["network.received_bytes", "network.sent_bytes"]
FLOATS = ["security_result.risk_score", "security_result[0].risk_score"]
NUMBERS = [*WHOLE, "about.port", *FLOATS]
LISTS: Mapping[str, tuple[str, ...]] = {
    "names": ("ws1", "SPÄŤ", "k", "10"),
    "patterns": ("^ws", r"\d$", "\u017f"),
    "networks": ("192.0.2.0/24", "2001:db8::/32"),
    "nothing": (),
}
LINE_PATTERNS = ["srv$", "(?m)^srv$", "1.s", "s.*v", "v.", ".ws", "^.*$", "(?s)1.s"]
EQUALITY = st.sampled_from(["=", "!="])
ORDER = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_NOCASE = st.sampled_from(["", "", " nocase"])
_ANY = st.sampled_from(["any ", "all "])


def form(template: str, *parts: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    """Draw the parts of a template."""
    return st.tuples(*parts).map(lambda drawn: template.format(*drawn))


def quoted(value: str) -> str:
    """Write a string literal of a rule."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def path(variable: str, names: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw a field of a variable."""
    return st.sampled_from(names).map(lambda name: f"${variable}.{name}")


def pattern() -> st.SearchStrategy[str]:
    """Draw a pattern as an argument."""
    return st.sampled_from(PATTERNS).map(lambda text: f"`{text}`")


@functools.cache
def text_of(variable: str) -> st.SearchStrategy[str]:
    """Draw an expression with a text value: a field, or functions of fields."""
    field = path(variable, SCALARS + REPEATED)
    return st.one_of(
        form("strings.to_lower({})", field),
        form("strings.to_upper({})", field),
        form('strings.concat({}, "-", {})', field, field),
        form("strings.coalesce({}, {})", field, field),
        form("strings.to_upper(strings.concat({}, {}))", field, path(variable, UNSIGNED + WHOLE)),
        form("re.capture({}, `{}`)", field, st.sampled_from(["^(.)", r"\d+", "([ä-ž]+)$"])),
        form('re.replace({}, {}, "<\\\\0>")', field, pattern()),
        form("strings.reverse({})", field),
        form('arrays.index_to_str(strings.split({}, "."), 1)', field),
    )


@functools.cache
def number_of(variable: str) -> st.SearchStrategy[str]:
    """Draw an expression with an integer value that may be computed."""
    whole = path(variable, [*WHOLE, "about.port"])
    return st.one_of(
        form("{} {} {}", whole, st.sampled_from("+-*%"), whole),
        form("{} {} ({} - {})", whole, st.sampled_from("+-*%"), st.integers(0, 30), whole),
        form("{} {} {}", path(variable, UNSIGNED), st.sampled_from("+-*%"), path(variable, UNSIGNED)),
        form("math.abs({})", whole),
        form("strings.count_substrings({}, {})", path(variable, SCALARS), st.sampled_from(['"s"', '"1"'])),
    )


def literals() -> st.SearchStrategy[str]:
    """Draw a string literal."""
    return st.sampled_from(TEXTS + IPS[:4]).map(quoted)


def _text_atoms(variable: str) -> list[st.SearchStrategy[str]]:
    scalar, repeated = path(variable, SCALARS), path(variable, REPEATED)
    either, filled = st.one_of(scalar, repeated), path(variable, FILLED)
    listed = st.sampled_from(["in %names", "in %names nocase", "in regex %patterns", "in regex %patterns nocase"])
    return [
        form("{} {} {}{}", scalar, EQUALITY, literals(), _NOCASE),
        form("{} {} {}{}", repeated, EQUALITY, literals(), _NOCASE),
        form("{} {} {}{}", either, EQUALITY, either, _NOCASE),
        form("{} {} {}{}", text_of(variable), EQUALITY, literals(), _NOCASE),
        form("re.regex({}, {}){}", either, pattern(), _NOCASE),
        form("{} {} /{}/{}", either, EQUALITY, st.sampled_from([p for p in PATTERNS if p]), _NOCASE),
        form("{} {} {} nocase", filled, EQUALITY, st.sampled_from(FOLDING).map(quoted)),
        form("re.regex({}, `{}`){}", filled, st.sampled_from(LINE_PATTERNS), _NOCASE),
        form("{} {}", either, listed),
        form(
            "strings.{}({}, {})",
            st.sampled_from(["contains", "starts_with", "ends_with"]),
            st.one_of(either, text_of(variable)),
            literals(),
        ),
    ]


def _quantified_atoms(variable: str) -> list[st.SearchStrategy[str]]:
    field = form("{}{}", _ANY, path(variable, REPEATED))
    address = form("{}{}", st.one_of(st.just(""), _ANY), path(variable, ["principal.ip", "about.ip"]))
    action = form("{}${}.security_result.action", st.one_of(st.just(""), _ANY), st.just(variable))
    return [
        form("{} {} {}{}", field, EQUALITY, literals(), _NOCASE),
        form("re.regex({}, {}){}", field, pattern(), _NOCASE),
        form("strings.contains({}, {})", field, literals()),
        form('net.ip_in_range_cidr({}, "192.0.2.0/24")', address),
        form('{} {} "{}"', action, EQUALITY, st.sampled_from(ACTIONS)),
        form("{}{} {} {}", _ANY, path(variable, ["about.port"]), ORDER, st.sampled_from(["0", "22"])),
        path(variable, ["principal.ip", "about.ip"]).map("{} in cidr %networks".format),
    ]


def _number_atoms(variable: str) -> list[st.SearchStrategy[str]]:
    limits = st.sampled_from(["0", "7", "22", "80"])
    severity = f"${variable}.security_result.severity"
    lengths = path(variable, REPEATED).map("arrays.length({})".format)
    return [
        form("{} {} {}", path(variable, NUMBERS + UNSIGNED), ORDER, limits),
        form("{} {} {}", number_of(variable), ORDER, limits),
        form("{} / {} {} 1.5", path(variable, WHOLE), path(variable, WHOLE), ORDER),
        form("{} {} {}", path(variable, UNSIGNED), ORDER, path(variable, UNSIGNED)),
        form('{} {} "{}"', st.just(severity), ORDER, st.sampled_from(SEVERITIES)),
        form(f"{severity} {{}} ${variable}.security_result[{{}}].severity", ORDER, st.integers(0, 1)),
        form("{} {} {}", lengths, ORDER, st.integers(0, 3)),
        form("${}.network.tls.established {} {}", st.just(variable), EQUALITY, st.sampled_from(["true", "false"])),
    ]


@functools.cache
def atoms(variable: str) -> st.SearchStrategy[str]:
    """Draw one test of one variable."""
    return st.one_of(*_text_atoms(variable), *_quantified_atoms(variable), *_number_atoms(variable))


@functools.cache
def plain_atoms(variable: str) -> st.SearchStrategy[str]:
    """Draw one test without `any` and `all`, which stand only in the events section."""
    return st.one_of(*_text_atoms(variable), *_number_atoms(variable))


@functools.cache
def cross_atoms(left: str, right: str) -> st.SearchStrategy[str]:
    """Draw a test over two variables that joins nothing: an inequality, or a choice below `or`."""
    time = "metadata.event_timestamp.seconds"
    names = SCALARS + REPEATED
    return st.one_of(
        form(f"${left}.{time} {{}} ${right}.{time}", st.sampled_from(["<", "<=", ">", "!="])),
        form("{} != {}{}", path(left, names), path(right, names), _NOCASE),
        form("{} {} {}", path(left, NUMBERS), st.sampled_from(["<", ">=", "!="]), path(right, NUMBERS)),
        form(f"${right}.{time} - ${left}.{time} {{}} {{}}", ORDER, st.integers(0, 300)),
        form("({} or {})", atoms(left), atoms(right)),
        form("not ({} and {})", atoms(left), atoms(right)),
    )


@functools.cache
def predicates(variable: str) -> st.SearchStrategy[str]:
    """Draw a predicate: tests below and, or, not."""
    return combined(atoms(variable))


def combined(tests: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Put tests below and, or, not."""
    return st.recursive(
        tests,
        lambda inner: st.one_of(
            inner.map("not ({})".format),
            form("({} and {})", inner, inner),
            form("({} or {})", inner, inner),
        ),
        max_leaves=4,
    )
