"""Results of a mutation check: for people as a tree of rules and surviving mutants, for machines as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson
from rich.text import Text

from windshear.cli.console import count, printable
from windshear.ruletest.mutation.checking import Judged, RuleMutation

_MOST_SHOWN = 200  # characters of a clause
_MOST_SURVIVORS = 100  # of a rule


def mutation_lines(rule: RuleMutation, *, is_verbose: bool) -> Iterator[Text]:
    """Yield the lines of one rule. is_verbose: with the mutants that are justified, and why."""
    survivors = rule.of("survived")
    yield _title(rule, survivors)
    for one in survivors[:_MOST_SURVIVORS]:
        yield from _survivor(rule, one)
    if len(survivors) > _MOST_SURVIVORS:
        yield Text(f"     and {count(len(survivors) - _MOST_SURVIVORS, 'more')}")
    if is_verbose:
        for one in rule.of("justified"):
            said = f"     justified  {_place(rule, one)}  {_short(one.mutant.said)}: {one.by}"
            yield Text(printable(said), "dim")
    for note in rule.notes:
        yield Text(printable(f"     note: {note}"), "yellow")


def _title(rule: RuleMutation, survivors: Sequence[Judged]) -> Text:
    name = printable(rule.rule)
    if rule.problem:
        return Text.assemble(("ERROR ", "bold red"), name, printable(f"  {rule.problem}"))
    parts = [count(len(rule.judged), "mutant")]
    parts += [f"{len(survivors):,} survived"] if survivors else []
    parts += [f"{number:,} justified"] if (number := len(rule.of("justified"))) else []
    parts += [f"{rule.skipped:,} left out (no rule, or the same one)"] if rule.skipped else []
    parts += [f"{rule.cut:,} not tried"] if rule.cut else []
    mark = ("FAIL ", "bold red") if survivors else ("ok   ", "green")
    return Text.assemble(mark, f"{name}  {', '.join(parts)}")


def _survivor(rule: RuleMutation, one: Judged) -> Iterator[Text]:
    mutant = one.mutant
    yield Text.assemble("     ", (_place(rule, one), "bold"), f"  {mutant.kind}")
    if not mutant.after:
        yield Text(printable(f"       without  {_short(mutant.before)}"))
        return
    before, after = _around_change(mutant.before, mutant.after)
    yield Text(printable(f"       rule    {before}"))
    yield Text(printable(f"       mutant  {after}"))


def _place(rule: RuleMutation, one: Judged) -> str:
    return printable(f"{rule.file}:{one.mutant.line}:{one.mutant.column}")


def _around_change(before: str, after: str) -> tuple[str, str]:
    """Shorten two texts to what lies around their first difference."""
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, same - _MOST_SHOWN // 2)
    return _short(before[start:], is_cut=start > 0), _short(after[start:], is_cut=start > 0)


def _short(text: str, *, is_cut: bool = False) -> str:
    lead = "..." if is_cut else ""
    return lead + (text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}...")


def mutation_summary(rules: Sequence[RuleMutation], seconds: float) -> str:
    """Return the closing line."""
    judged = [one for rule in rules for one in rule.judged]
    fates = [one.fate for one in judged]
    parts = [f"{fates.count('caught'):,} caught", f"{fates.count('survived'):,} survived"]
    parts += [f"{number:,} justified"] if (number := fates.count("justified")) else []
    return f"{count(len(judged), 'mutant')} of {count(len(rules), 'rule')}: {', '.join(parts)} ({seconds:.1f} s)"


def mutation_json(rules: Sequence[RuleMutation], seconds: float) -> str:
    """Return the results as one JSON object."""
    fates = [one.fate for rule in rules for one in rule.judged]
    whole = {
        "mutants": len(fates),
        "caught": fates.count("caught"),
        "survived": fates.count("survived"),
        "justified": fates.count("justified"),
        "seconds": round(seconds, 3),
        "rules": [
            {
                "rule": rule.rule,
                "file": str(rule.file),
                "problem": rule.problem or None,
                "notTried": rule.cut,
                "notes": list(rule.notes),
                "mutants": [_mutant(one) for one in rule.judged],
            }
            for rule in rules
        ],
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode() + "\n"


def _mutant(one: Judged) -> dict[str, object]:
    mutant = one.mutant
    found: dict[str, object] = {"kind": mutant.kind, "line": mutant.line, "column": mutant.column, "fate": one.fate}
    found |= {"before": mutant.before, "after": mutant.after or None}
    if one.by:
        found["caughtBy" if one.fate == "caught" else "reason"] = one.by
    return found
