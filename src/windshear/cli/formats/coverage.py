"""Coverage for people, reports, tools and the ATT&CK Navigator."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

import orjson

from windshear.cli.console import count, printable
from windshear.cli.covering import Coverage, RuleCoverage
from windshear.cli.formats.markdown import plain
from windshear.packs.attack import NO_TACTIC, TACTICS, navigator_layer

_WIDTH = 80  # columns
_WIDEST_NAME = 24  # before it has a line of its own, so that the longest names of rules fit beside it


def table(found: Coverage) -> str:
    """Return coverage as text of at most 80 columns."""
    lines = [_headline(found), ""]
    for tactic, techniques in _in_order(found):
        lines.append(tactic)
        lines += _listed((name, rules) for name, rules in sorted(techniques.items()))
        lines.append("")
    lines.append("By log source")
    lines += _listed(sorted(found.by_source().items(), key=lambda item: (-len(item[1]), item[0])))
    if found.without_technique:
        lines += ["", f"Without a technique: {count(len(found.without_technique), 'rule')}"]
        lines += _wrapped(_names(found.without_technique), "  ", "  ")
    if found.log_types is not None:
        lines += ["", *_on_logs(found)]
    return "".join(f"{printable(line)}\n" for line in lines)


def markdown(found: Coverage) -> str:
    """Return coverage as Markdown."""
    lines = ["# ATT&CK coverage", "", f"{plain(_headline(found))}", ""]
    lines += ["| tactic | technique | rules |", "|---|---|---|"]
    for tactic, techniques in _in_order(found):
        for name, rules in sorted(techniques.items()):
            lines.append(f"| {plain(tactic)} | {plain(name)} | {plain(_names(rules))} |")
    lines += ["", "| log source | rules |", "|---|---|"]
    lines += [f"| {plain(name)} | {plain(_names(rules))} |" for name, rules in sorted(found.by_source().items())]
    if found.without_technique:
        lines += ["", f"Without a technique: {plain(_names(found.without_technique))}"]
    if found.log_types is not None:
        lines += ["", "## On these logs", "", plain(_logs(found)), ""]
        lines += ["| rule | why it can never fire here |", "|---|---|"] if found.silent else ["Every rule can fire."]
        lines += [f"| {plain(rule.rule.name)} | {plain(rule.why_silent)} |" for rule in found.silent]
    return "".join(f"{line}\n" for line in lines)


def as_json(found: Coverage) -> str:
    """Return coverage as one JSON object: `rules`, and with logs `log_types`."""
    rules = [
        {
            "rule": rule.rule.name,
            "techniques": rule.tags.techniques,
            "tactics": rule.tags.tactics,
            "sources": rule.sources,
            "needs": {"log_types": rule.needs.log_types, "baselines": rule.needs.baselines},
            **({} if rule.reach is None else {"log_types": rule.reach.log_types, "never_fires": rule.why_silent}),
        }
        for rule in found.rules
    ]
    whole = {"rules": rules, **({} if found.log_types is None else {"log_types": dict(found.log_types)})}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode() + "\n"


def layer(found: Coverage) -> str:
    """Return the Navigator layer of the rules."""
    made = navigator_layer((rule.rule for rule in found.rules), "Windshear rules")
    return orjson.dumps(made, option=orjson.OPT_INDENT_2).decode() + "\n"


def _headline(found: Coverage) -> str:
    techniques = {technique for rule in found.rules for technique in rule.tags.techniques}
    tactics = {tactic for rule in found.rules for tactic in rule.tags.tactics}
    return (
        f"{count(len(found.rules), 'rule')}: {count(len(techniques), 'technique')}, {count(len(tactics), 'tactic')}, "
        f"{count(len(found.by_source()), 'log source')}"
    )


def _in_order(found: Coverage) -> list[tuple[str, dict[str, list[RuleCoverage]]]]:
    """Return tactics in the order of ATT&CK, those that it does not know behind them."""
    order = [*TACTICS]
    last = len(order)

    def place(tactic: str) -> tuple[int, bool, str]:
        return (order.index(tactic) if tactic in TACTICS else last, tactic == NO_TACTIC, tactic)

    return sorted(found.by_tactic().items(), key=lambda item: place(item[0]))


def _listed(rows: Iterable[tuple[str, Sequence[RuleCoverage]]]) -> Iterator[str]:
    rows = list(rows)
    width = min(max((len(name) for name, _ in rows), default=0), _WIDEST_NAME)
    for whole, rules in rows:
        if len(whole) > width:
            yield f"  {whole}"
        name = whole if len(whole) <= width else ""
        yield from _wrapped(_names(rules), f"  {name:<{width}}  {len(rules):>4}  ", " " * (width + 10))


def _on_logs(found: Coverage) -> Iterator[str]:
    yield "On these logs"
    yield from _wrapped(_logs(found), "  ", "  ")
    yield f"  {len(found.rules) - len(found.silent):,} of {count(len(found.rules), 'rule')} can fire"
    for reason, rules in _by_reason(found):
        yield f"  {count(len(rules), 'rule')} can never fire here: {reason}"
        yield from _wrapped(_names(rules), "    ", "    ")


def _by_reason(found: Coverage) -> list[tuple[str, list[RuleCoverage]]]:
    """Return the silent rules by why they are, the most frequent reason first."""
    reasons: dict[str, list[RuleCoverage]] = {}
    for rule in found.silent:
        reasons.setdefault(rule.why_silent, []).append(rule)
    return sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))


def _logs(found: Coverage) -> str:
    types = sorted((found.log_types or {}).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {number:,}" for name, number in types) or "no events"


def _names(rules: Iterable[RuleCoverage]) -> str:
    return ", ".join(rule.rule.name for rule in rules)


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
