"""The rules of the hot-key bench: one for every window and kind of condition that joins or counts."""

from __future__ import annotations

from dataclasses import dataclass

_KINDS = {"a": "USER_LOGIN", "b": "NETWORK_HTTP", "c": "FILE_CREATION"}
_WINDOWS = {
    "hop": "over 10m",
    "tumbling": "by 10m",
    "after": "over 10m after $a",
    "before": "over 10m before $a",
}
_EARLIER = "$a.metadata.event_timestamp.seconds < $b.metadata.event_timestamp.seconds"
_OUTCOMES = """
    $count = count($b.target.port)
    $sum = sum($a.network.sent_bytes)
    $most = max($b.network.sent_bytes)
    $hosts = array_distinct($a.principal.hostname)
    $ports = count_distinct($b.target.port)"""


@dataclass(frozen=True, slots=True)
class Shape:
    """A named rule. Its variables are joined by user, which is the hot key."""

    name: str
    rule: str


def _shape(
    name: str, window: str, condition: str, *, variables: str = "ab", lines: str = "", outcomes: str = ""
) -> Shape:
    events = "\n    ".join(
        f'${v}.metadata.event_type = "{_KINDS[v]}"\n    ${v}.principal.user.userid = $user' for v in variables
    )
    outcome = f"\n  outcome:{outcomes}" if outcomes else ""
    identifier = name.replace("-", "_")
    return Shape(
        name,
        f"""rule {identifier} {{
  meta:
    author = "bench"
  events:
    {events}
    {lines}
  match:
    $user {_WINDOWS[window]}{outcome}
  condition:
    {condition}
}}
""",
    )


def _shapes() -> tuple[Shape, ...]:
    found = [_shape(f"{kind}-count", kind, "#a > 3", variables="a") for kind in ("hop", "tumbling")]
    for kind in _WINDOWS:
        found += [
            _shape(f"{kind}-join", kind, "$a and $b"),
            _shape(f"{kind}-counts", kind, "#a >= 1 and #b > 3"),
            _shape(f"{kind}-earlier", kind, "$a and $b", lines=_reversed(kind)),
            _shape(f"{kind}-absent", kind, "$a and !$b"),
            _shape(f"{kind}-fewer", kind, "$a and #b < 4"),
            _shape(f"{kind}-none-later", kind, "$a and !$b", lines=_reversed(kind)),
            _shape(f"{kind}-outcomes", kind, "$a and $b", outcomes=_OUTCOMES),
            _shape(f"{kind}-three", kind, "$a and $b and $c", variables="abc"),
        ]
    return (
        *found,
        _shape("hop-earlier-outcomes", "hop", "$a and $b", lines=_EARLIER, outcomes=_OUTCOMES),
        _shape("hop-different", "hop", "$a and $b", lines="$a.principal.hostname != $b.principal.hostname"),
        _shape("hop-second-key", "hop", "$a and $b", lines="$a.principal.hostname = $b.principal.hostname"),
        _shape("hop-tested-outcome", "hop", "$a and $b and $ports > 3", outcomes=_OUTCOMES),
        _shape("hop-either", "hop", "$a or $b"),
    )


def _reversed(window: str) -> str:
    """Order `a` before `b`, or after it where the window ends at `a`."""
    return _EARLIER.replace("<", ">") if window == "before" else _EARLIER


SHAPES = {shape.name: shape for shape in _shapes()}
