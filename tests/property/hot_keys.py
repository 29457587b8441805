"""Hypothesis strategies for rules over one busy key, whose joined rows mostly fall into factors, and for its events.

Few distinct values and times, so that events are equal in part, tie in time, have copies, and are bound to several
variables at once.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.property.events import Json, clock
from tests.property.outcomes import Kind, Outcome, outcome_conditions
from tests.property.rules import OUTCOMES, PLACEHOLDERS, VARIABLES, RuleParts, names_of_rule
from tests.property.worlds import World

_TYPES = ["USER_LOGIN", "FILE_CREATION"]
_SECONDS = "metadata.event_timestamp.seconds"
_TEXTS = ["principal.ip", "target.hostname", "principal.hostname"]
_NUMBERS = ["target.port", "network.sent_bytes", _SECONDS, "security_result.risk_score"]


@st.composite
def _event(draw: st.DrawFn, number: int) -> Json:
    noun: Json = {"hostname": draw(st.sampled_from(["busy", "busy", "busy", "idle", ""]))}
    noun["ip"] = draw(st.lists(st.sampled_from(["192.0.2.1", "192.0.2.2"]), max_size=2))
    target: Json = {"port": draw(st.sampled_from([0, 1, 2])), "hostname": draw(st.sampled_from(["x", "X", "y", ""]))}
    return {
        "metadata": {
            "productLogId": f"e{number}",
            "eventTimestamp": clock(0, draw(st.integers(0, 20)) * 30 + draw(st.sampled_from([0, 0.5]))),
            "eventType": draw(st.sampled_from(_TYPES)),
        },
        "principal": noun,
        "target": target,
        "network": {"sentBytes": draw(st.sampled_from(["0", "3", str(2**64 - 1)]))},
        "securityResult": [{"riskScore": draw(st.sampled_from([0.0, 0.1, 0.7]))}],
    }


@st.composite
def busy_worlds(draw: st.DrawFn) -> World:
    """Draw up to twenty events, most of one key."""
    return World([[draw(_event(number)) for number in range(draw(st.integers(2, 20)))]])


@st.composite
def busy_rules(draw: st.DrawFn) -> RuleParts:
    """Draw a rule over two or three variables of one key, one of which every other one is tied to."""
    variables = VARIABLES[: draw(st.sampled_from([2, 2, 3]))]
    shape = draw(st.sampled_from(["present", "present", "absent", "either"]))
    variables = variables[:2] if shape == "either" else variables
    lines = [f"${name}.principal.hostname = ${PLACEHOLDERS[0]}" for name in variables]
    for name in variables:
        lines += draw(st.lists(st.sampled_from(_own(name)), max_size=1))
    hub = draw(st.sampled_from(variables[:-1] if shape == "absent" else variables))
    if shape != "either":
        for name in variables:
            if name != hub:
                lines += draw(_ties(hub, name))
    window, condition = draw(_window(hub, shape)), draw(_condition(variables, shape))
    outcomes = draw(_outcomes(variables))
    is_tested: bool = draw(st.booleans())
    if outcomes and shape != "either" and is_tested:
        condition += f" and {draw(outcome_conditions(outcomes))}"
    return RuleParts(lines, f"${PLACEHOLDERS[0]} {window}", outcomes, condition, draw(names_of_rule()))


def _own(name: str) -> list[str]:
    return [
        f'${name}.metadata.event_type = "{_TYPES[0]}"',
        f'${name}.metadata.event_type = "{_TYPES[1]}"',
        f'${name}.principal.ip != "192.0.2.1"',
        f"${name}.target.port > 0",
    ]


@st.composite
def _ties(draw: st.DrawFn, hub: str, name: str) -> list[str]:
    """Draw what ties a variable to the one in the middle, besides the key: equal values, and an order."""
    operator = draw(st.sampled_from(["<", "<=", ">", ">=", "!="]))
    equal = [
        [],
        [],
        [f"${hub}.target.port = ${name}.target.port"],
        [f"${hub}.target.hostname = ${PLACEHOLDERS[1]}", f"${name}.target.hostname = ${PLACEHOLDERS[1]}"],
        [f"${hub}.principal.ip = ${name}.principal.ip"],
    ]
    orders = [
        [],
        [],
        [f"${hub}.{_SECONDS} {operator} ${name}.{_SECONDS}"],
        [f"${hub}.{_SECONDS} {operator} ${name}.{_SECONDS}"],
        [f"${name}.target.port {operator} ${hub}.target.port"],
        [f"${hub}.target.hostname != ${name}.target.hostname nocase"],
        [f"${hub}.principal.ip != ${name}.principal.ip"],
    ]
    return [*draw(st.sampled_from(equal)), *draw(st.sampled_from(orders))]


@st.composite
def _window(draw: st.DrawFn, hub: str, shape: str) -> str:
    size = draw(st.sampled_from(["1m", "5m", "10m"]))
    kinds = [f"over {size}", f"by {size}", f"over {size} after ${hub}", f"over {size} before ${hub}"]
    return f"over {size}" if shape == "either" else draw(st.sampled_from(kinds))


@st.composite
def _condition(draw: st.DrawFn, variables: tuple[str, ...], shape: str) -> str:
    parts = [draw(st.sampled_from([f"${name}", f"#{name} > 1", f"#{name} >= 1"])) for name in variables]
    if shape == "absent":
        last = variables[-1]
        parts[-1] = draw(st.sampled_from([f"!${last}", f"#{last} < 2", f"#{last} >= 0", f"#{last} = 0"]))
    return (" or " if shape == "either" else " and ").join(parts)


@st.composite
def _outcomes(draw: st.DrawFn, variables: tuple[str, ...]) -> list[Outcome]:
    found = []
    for outcome in OUTCOMES[: draw(st.integers(0, len(OUTCOMES)))]:
        name = draw(st.sampled_from(variables))
        text, number = f"${name}.{draw(st.sampled_from(_TEXTS))}", f"${name}.{draw(st.sampled_from(_NUMBERS))}"
        choices: list[tuple[Kind, str]] = [
            *(("number", f"{function}({number})") for function in ("sum", "avg", "max", "min", "count")),
            ("number", f"count_distinct({text})"),
            ("number", f"stddev(${name}.target.port)"),
            ("texts", f"array({text})"),
            ("texts", f"array_distinct({text})"),
            ("text", f"window.first(${name}.{_SECONDS}, {text})"),
            ("text", f"window.last(${name}.{_SECONDS}, {text})"),
            ("number", f"count({text}) - count_distinct({text})"),
            ("number", f"max(if({number} > 1, 2, 1))"),
        ]
        kind, value = draw(st.sampled_from(choices))
        found.append(Outcome(outcome, value, kind))
    return found
