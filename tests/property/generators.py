"""Hypothesis strategies for rules and events that provoke disagreement.

The values are chosen where meanings differ: absent, empty and repeated fields, zero-value comparisons, negations over
copies, non-ASCII and multi-line text, patterns that match the empty string, letters whose case folding is odd.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

Json = dict[str, object]

TEXTS = ["", "ws1", "WS1", "ws1\nsrv", "späť", "SPÄŤ", "Kelvin \u212a", "x" * 40, "a.b", "10", "\u017f"]
PATTERNS = ["^ws", "ws1$", "", "^$", ".", "a|", "(?s)1.s", "[ä-ž]", r"\d+", "s.*v", "(?m)^srv$", "k", "."]
IPS = ["192.0.2.1", "198.51.100.7", "10.0.0.1", "2001:db8::1", "not-an-ip", "010.0.0.1"]
ACTIONS = ["ALLOW", "BLOCK", "QUARANTINE", "UNKNOWN_ACTION"]
EVENT_TYPES = ["USER_LOGIN", "FILE_CREATION", "NETWORK_HTTP"]
SCALARS = [
    "principal.hostname",
    "principal.user.userid",
    "target.hostname",
    'additional.fields["k"]',
    'target.labels["k"]',
]
REPEATED = [
    "principal.ip",
    "security_result.description",
    "security_result.action_details",
    "about.hostname",
    "about.ip",
]
NUMBERS = ["target.port", "network.received_bytes", "security_result.risk_score"]

texts = st.sampled_from(TEXTS)


def _optional(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), strategy)


@st.composite
def events(draw: st.DrawFn, name: str) -> Json:
    """Draw one event in proto-JSON; its vendor id is `name`."""
    seconds = draw(st.integers(0, 1500))
    metadata: Json = {
        "productLogId": name,
        "eventTimestamp": f"2025-03-12T13:{seconds // 60:02d}:{seconds % 60:02d}Z",
        "eventType": draw(st.sampled_from(EVENT_TYPES)),
    }
    event: Json = {"metadata": metadata}
    principal: Json = {}
    _put(principal, "hostname", draw(_optional(texts)))
    _put(principal, "ip", draw(_optional(st.lists(st.sampled_from(IPS), max_size=3))))
    userid = draw(_optional(texts))
    if userid:
        principal["user"] = {"userid": userid}
    target: Json = {}
    _put(target, "hostname", draw(_optional(texts)))
    _put(target, "port", draw(_optional(st.sampled_from([0, 22, 443]))))
    _put(target, "labels", draw(_optional(st.lists(_labels(), max_size=2))))
    _put(event, "principal", principal)
    _put(event, "target", target)
    _put(event, "securityResult", draw(_optional(st.lists(_results(), max_size=2))))
    _put(event, "about", draw(_optional(st.lists(_abouts(), max_size=2))))
    _put(
        event, "network", draw(_optional(st.fixed_dictionaries({"receivedBytes": st.sampled_from(["0", "7", "900"])})))
    )
    _put(event, "additional", draw(_optional(st.fixed_dictionaries({"k": st.one_of(texts, st.just(5))}))))
    return event


def _put(owner: Json, key: str, value: object) -> None:
    if value is not None:
        owner[key] = value


def _labels() -> st.SearchStrategy[object]:
    return st.fixed_dictionaries({"key": st.sampled_from(["k", "other"]), "value": texts})


def _results() -> st.SearchStrategy[object]:
    return st.fixed_dictionaries(
        {},
        optional={
            "action": st.lists(st.sampled_from(ACTIONS), max_size=2),
            "description": texts,
            "actionDetails": texts,
            "riskScore": st.sampled_from([0.0, 1.5, 80.0]),
        },
    )


def _abouts() -> st.SearchStrategy[object]:
    return st.fixed_dictionaries({}, optional={"hostname": texts, "ip": st.lists(st.sampled_from(IPS), max_size=2)})


@st.composite
def event_sets(draw: st.DrawFn, least: int = 1, most: int = 8) -> list[Json]:
    """Draw a small set of events."""
    return [draw(events(f"e{number}")) for number in range(draw(st.integers(least, most)))]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@st.composite
def atoms(draw: st.DrawFn, variable: str) -> str:
    """Draw one predicate atom over one variable."""
    kind = draw(
        st.sampled_from(["text", "text", "regex", "repeated", "quantified", "number", "enum", "call", "length"])
    )
    nocase = draw(st.sampled_from(["", "", " nocase"]))
    operator = draw(st.sampled_from(["=", "!="]))
    match kind:
        case "text":
            return f"${variable}.{draw(st.sampled_from(SCALARS))} {operator} {_quoted(draw(texts))}{nocase}"
        case "regex":
            path = draw(st.sampled_from(SCALARS + REPEATED))
            return f"re.regex(${variable}.{path}, `{draw(st.sampled_from(PATTERNS))}`){nocase}"
        case "repeated":
            path = draw(st.sampled_from(REPEATED))
            value = draw(st.sampled_from(TEXTS + IPS))
            return f"${variable}.{path} {operator} {_quoted(value)}{nocase}"
        case "quantified":
            path = draw(st.sampled_from(REPEATED))
            word = draw(st.sampled_from(["any", "all"]))
            if draw(st.booleans()):
                return f"re.regex({word} ${variable}.{path}, `{draw(st.sampled_from(PATTERNS))}`){nocase}"
            return f"{word} ${variable}.{path} {operator} {_quoted(draw(st.sampled_from(TEXTS + IPS)))}{nocase}"
        case "number":
            comparison = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
            return f"${variable}.{draw(st.sampled_from(NUMBERS))} {comparison} {draw(st.sampled_from([0, 7, 22, 80]))}"
        case "enum":
            return f'${variable}.security_result.action {operator} "{draw(st.sampled_from(ACTIONS))}"'
        case "call":
            path = draw(st.sampled_from(SCALARS + REPEATED))
            if draw(st.booleans()):
                return f'net.ip_in_range_cidr(${variable}.principal.ip, "192.0.2.0/24")'
            return f"strings.contains(${variable}.{path}, {_quoted(draw(texts))})"
        case _:
            comparison = draw(st.sampled_from(["=", ">", "<"]))
            return f"arrays.length(${variable}.principal.ip) {comparison} {draw(st.integers(0, 2))}"


def predicates(variable: str) -> st.SearchStrategy[str]:
    """Draw a predicate: atoms below and, or, not."""
    return st.recursive(
        atoms(variable),
        lambda inner: st.one_of(
            st.builds("not {}".format, inner.map(lambda text: f"({text})")),
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
        ),
        max_leaves=4,
    )


@dataclass(frozen=True)
class RuleParts:
    """Pieces of a rule before they become text."""

    events: list[str]
    match: str
    outcomes: list[str]
    condition: str

    def text(self, name: str) -> str:
        """Return the rule's text."""
        sections = ['  meta:\n    author = "generated"', "  events:\n    " + "\n    ".join(self.events)]
        if self.match:
            sections.append(f"  match:\n    {self.match}")
        if self.outcomes:
            sections.append("  outcome:\n    " + "\n    ".join(self.outcomes))
        sections.append(f"  condition:\n    {self.condition}")
        return f"rule {name} {{\n" + "\n".join(sections) + "\n}\n"


@st.composite
def single_event_rules(draw: st.DrawFn) -> RuleParts:
    """Draw a rule without a match section."""
    conjuncts = draw(st.lists(predicates("e"), min_size=1, max_size=3))
    outcomes = draw(st.lists(_aggregates("e"), max_size=2))
    return RuleParts(conjuncts, "", [f"$o{i} = {text}" for i, text in enumerate(outcomes)], "$e")


def _aggregates(variable: str) -> st.SearchStrategy[str]:
    path = st.sampled_from(SCALARS + REPEATED).map(lambda text: f"${variable}.{text}")
    number = st.sampled_from([*NUMBERS, "metadata.event_timestamp.seconds"]).map(lambda text: f"${variable}.{text}")
    return st.one_of(
        st.builds("{}({})".format, st.sampled_from(["count", "count_distinct", "array", "array_distinct"]), path),
        st.builds("{}({})".format, st.sampled_from(["max", "min", "sum", "avg", "stddev"]), number),
        st.builds('sum(if({} = "ws1", 1, 0))'.format, path),
    )


@st.composite
def windowed_rules(draw: st.DrawFn) -> RuleParts:
    """Draw a rule over one or two variables joined by a placeholder, in any window, the second perhaps absent."""
    names = draw(st.sampled_from([["a"], ["a", "b"]]))
    key = draw(st.sampled_from(["principal.hostname", "principal.ip", "principal.user.userid"]))
    lines = [f"${name}.{key} = $key" for name in names]
    for name in names:
        lines += draw(st.lists(predicates(name), max_size=2))
    if len(names) == 2 and draw(st.booleans()):
        time = "metadata.event_timestamp.seconds"
        lines.append(f"$a.{time} {draw(st.sampled_from(['<', '<=']))} $b.{time}")
    outcomes = [f"$o{i} = {text}" for i, text in enumerate(draw(st.lists(_aggregates("a"), max_size=2)))]
    conditions = [draw(st.sampled_from([f"${name}", f"#{name} > 1", f"#{name} >= 2"])) for name in names]
    if len(names) == 2 and draw(st.booleans()):
        conditions[1] = draw(st.sampled_from(["!$b", "#b < 2", "#b >= 0", "#b <= 1"]))
    size = draw(st.sampled_from(["1m", "5m", "10m"]))
    window = draw(
        st.sampled_from(
            [f"over {size}", f"over {size}", f"by {size}", f"over {size} after $a", f"over {size} before $a"]
        )
    )
    if len(names) == 2 and window.startswith("over") and "$" not in window and draw(st.integers(0, 3)) == 0:
        return RuleParts(lines, f"$key {window}", outcomes, "$a or $b")
    return RuleParts(lines, f"$key {window}", outcomes, " and ".join(conditions))


def rules() -> st.SearchStrategy[RuleParts]:
    """Draw a rule of any supported shape."""
    return st.one_of(single_event_rules(), windowed_rules())
