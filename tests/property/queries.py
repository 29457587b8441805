"""Hypothesis strategies for queries, as text: statistics, joins with and without partners, stages, and their shapes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

_FIELDS = (
    "principal.hostname",
    "principal.ip",
    "target.port",
    "target.user.userid",
    "security_result.action",
    "about.ip",
)
_SINGLE = ("principal.hostname", "target.hostname", "target.port", "target.user.userid", "metadata.event_type")
_TESTS = (
    'principal.hostname = "ws1"',
    'principal.hostname = "WS1" nocase',
    'principal.hostname != ""',
    'principal.ip = "192.0.2.1"',
    'any principal.ip = "192.0.2.1"',
    'all security_result.action != "ALLOW"',
    'security_result.action = "BLOCK"',
    "target.port > 22",
    "target.port = 0",
    "not re.regex(target.hostname, `^ws`) nocase",
    'additional.fields["k"] = "ws1"',
    'metadata.event_type = "USER_LOGIN"',
    'strings.concat(principal.hostname, ":", target.port) != "ws1:22"',
    '(target.port = 443 or principal.hostname = "ws1")',
)
_AGGREGATES = (
    "count({0})",
    "count_distinct({0})",
    "array_distinct({0})",
    "array({0})",
)
_NUMERIC = (
    "max({0})",
    "min({0})",
    "sum({0})",
    "avg({0})",
    "stddev({0})",
    "sum(if({0} > 22, 1, 0))",
    "sum({0} * 2 + 1)",
)
_WINDOWS = (
    "",
    "",
    " by 5m",
    " by day",
    " over every 10 minutes",
    " by first 5m",
    " by month",
    " over 10m",
    " by 2 weeks",
)


def _named(variable: str, text: str) -> str:
    """Give every field in a predicate its variable."""
    for root in ("principal.", "target.", "security_result.", "metadata.", "additional.", "about."):
        text = text.replace(f" {root}", f" {variable}{root}").replace(f"({root}", f"({variable}{root}")
        text = variable + text if text.startswith(root) else text
    return text


@st.composite
def _outcomes(draw: st.DrawFn, variables: Sequence[str]) -> tuple[list[str], list[str]]:
    """Draw outcome lines, and the names of those that are numbers."""
    lines, numbers = [], []
    for number in range(draw(st.integers(1, 3))):
        variable = draw(st.sampled_from(variables))
        name = f"$o{number}"
        if draw(st.booleans()):
            value = draw(st.sampled_from(_NUMERIC)).format(f"{variable}target.port")
            numbers.append(name)
        else:
            value = draw(st.sampled_from(_AGGREGATES)).format(variable + draw(st.sampled_from(_FIELDS)))
        lines.append(f"  {name} = {value}")
    if draw(st.booleans()) and numbers:
        lines.append(f"  $sum = {numbers[0]} + 1")
        numbers.append("$sum")
    if draw(st.booleans()) and numbers:
        lines.append(f"  $half = {numbers[-1]} / 2")
        numbers.append("$half")
    return lines, numbers


@st.composite
def _shape(draw: st.DrawFn, keys: Sequence[str], outcomes: Sequence[str]) -> list[str]:
    columns = [*keys, *outcomes]
    lines = []
    if draw(st.booleans()) and columns:
        lines.append(
            "dedup: " + ", ".join(draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True)))
        )
    if draw(st.booleans()) and columns:
        chosen = draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True))
        lines.append("order: " + ", ".join(name + draw(st.sampled_from(["", " desc", " asc"])) for name in chosen))
    if draw(st.booleans()):
        lines.append(f"limit: {draw(st.integers(1, 4))}")
    return lines


@st.composite
def statistics(draw: st.DrawFn, *, is_stage: bool = False) -> str:
    """Draw a statistics query over fields without a variable."""
    lines = draw(st.lists(st.sampled_from(_TESTS), min_size=1, max_size=2))
    keys = draw(st.lists(st.sampled_from(_FIELDS), max_size=2, unique=True))
    names = list(keys)
    if draw(st.booleans()):
        lines.append(
            "$p = group(principal.hostname, target.hostname)" if draw(st.booleans()) else "$p = target.hostname"
        )
        names.append("$p")
    written = [*names, "$d = timestamp.get_minute(metadata.event_timestamp.seconds)"] if draw(st.booleans()) else names
    names = [*names, "$d"] if len(written) > len(names) else names
    window = draw(st.sampled_from(_WINDOWS))
    if names:
        lines.append(f"match: {', '.join(written)}{window}")
    outcomes, numbers = draw(_outcomes([""]))
    lines += ["outcome:", *outcomes]
    if draw(st.booleans()) and names and numbers:
        lines.append(f"condition: {numbers[0]} > {draw(st.integers(0, 30))}")
    if not is_stage:
        lines += draw(_shape(names, numbers))
    return "\n".join(lines)


@st.composite
def joins(draw: st.DrawFn) -> str:
    """Draw a query over two events, one of which may be missing."""
    lines = [_named("$a.", draw(st.sampled_from(_TESTS))), _named("$b.", draw(st.sampled_from(_TESTS)))]
    left, right = draw(st.sampled_from(_SINGLE[:2])), draw(st.sampled_from(_SINGLE[:2]))
    kind = draw(st.sampled_from(["inner", "placeholder", "left", "right"]))
    is_outer = kind in ("left", "right")
    match kind:
        case "inner":
            lines.append(f"$a.{left} = $b.{right}")
        case "placeholder":
            lines += [f"$k = $a.{left}", f"$k = $b.{right}"]
        case "left":
            lines.append(f"left join $a.{left} = $b.{right}")
        case _:
            lines.append(f"right join $b.{right} = $a.{left}")
    if draw(st.booleans()):
        lines.append("$a.metadata.event_timestamp.seconds <= $b.metadata.event_timestamp.seconds")
    if draw(st.booleans()) and is_outer:
        test = draw(st.sampled_from(["$b.target.port is null", "$b.principal.hostname is not null"]))
        lines.append(draw(st.sampled_from([test, f"not {test}", f"({test} or $a.target.port > 22)"])))
    shared = draw(st.booleans())
    if shared:
        lines += ["$m = $a.target.port", "$m = $b.target.port"]
    if draw(st.booleans()):  # rows of pairs
        lines.append("select: $a.metadata.product_log_id, $b.metadata.product_log_id, $b.target.port, $a.principal.ip")
        return "\n".join(lines)
    lines.append("$h = $a.principal.hostname")
    lines.append(f"match: $h{draw(st.sampled_from((*_WINDOWS, ' over 10m after $a', ' over 10m before $a')))}")
    outcomes, numbers = draw(_outcomes(["$a.", "$b."]))
    if draw(st.booleans()) and is_outer:
        outcomes.append(
            '  $n = array_distinct(if($b.target.port is null, "none", strings.concat("p", $b.target.port)))'
        )
    lines += ["outcome:", *outcomes, *(["  $m_all = array_distinct($m)", "  $m_top = max($m)"] if shared else [])]
    if kind == "placeholder" and draw(st.booleans()):
        return _either(lines, outcomes, draw(_shape(["$k"], numbers)))
    if draw(st.booleans()):
        conditions = ["#a > 1", "$a"] + (["#b = 0", "#b >= 0"] if is_outer else ["#b >= 1"])
        lines.append(f"condition: {draw(st.sampled_from(conditions))}")
    return "\n".join([*lines, *draw(_shape(["$h"], numbers))])


def _either(lines: Sequence[str], outcomes: Sequence[str], shape: Sequence[str]) -> str:
    """Return a join of which the condition asks for one side or the other; its only key is one that both define."""
    kept = [line for line in lines[: lines.index("outcome:")] if not line.startswith(("match:", "$h ="))]
    return "\n".join([*kept, "match: $k over 10m", "outcome:", *outcomes, "condition: $a or $b", *shape])


@st.composite
def stages(draw: st.DrawFn) -> str:
    """Draw a stage, and a root that reads it, alone or beside events."""
    keys = draw(st.lists(st.sampled_from(_SINGLE[:2]), min_size=1, max_size=2, unique=True))
    window = draw(st.sampled_from(["", " by 5m", " by day", " over 10m"]))
    outcomes, numbers = draw(_outcomes([""]))
    stage = [
        draw(st.sampled_from(_TESTS)),
        f"match: {', '.join(keys)}{window}",
        "outcome:",
        "  $n = count(metadata.id)",
        *outcomes,
    ]
    lines = ["stage s {", *(f"  {line}" for line in stage), "}"]
    if draw(st.booleans()):
        lines += [f"$k = $s.{keys[0]}", "match: $k", "outcome:", "  $total = sum($s.n)", "  $most = max($s.n)"]
        if window:
            lines.append("  $since = min($s.window_start)")
        return "\n".join([*lines, *draw(_shape(["$k"], ["$total", "$most"]))])
    if draw(st.booleans()):
        lines += [_named("$e.", draw(st.sampled_from(_TESTS))), f"left join $e.principal.hostname = $s.{keys[0]}"]
        lines += ["$who = $e.target.user.userid", f"match: $who{draw(st.sampled_from(['', ' by 10m', ' over 5m']))}"]
        lines += ["outcome:", "  $most = max($s.n)", "  $seen = count($s.n)", "  $counts = array($s.n)"]
        lines.append("  $lone = sum(if($s.n is null, 1, 0))")
        return "\n".join([*lines, *draw(_shape(["$who"], ["$most", "$lone"]))])
    lines += [draw(st.sampled_from(_TESTS)), f"principal.hostname = $s.{keys[0]}"]
    lines += [f"match: target.user.userid{draw(st.sampled_from(['', ' by 10m']))}", "outcome:", "  $most = max($s.n)"]
    lines += [f"  $x = array_distinct($s.{name.removeprefix('$')})" for name in numbers[:1]]
    return "\n".join([*lines, *draw(_shape(["target.user.userid"], ["$most"]))])


@st.composite
def listings(draw: st.DrawFn) -> str:
    """Draw a query that lists events."""
    lines = draw(st.lists(st.sampled_from(_TESTS), min_size=1, max_size=3))
    return "\n".join([*lines, *draw(_shape([*_SINGLE], []))])


queries = st.one_of(statistics(), statistics(), joins(), stages(), listings())
