"""The page that explains a simulation's folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from windshear.simulate.plan import Plan
from windshear.simulate.record import Log

PAGE = "README.md"


def write_page(plan: Plan, counts: Counter[Log], history: Counter[Log], folder: Path) -> None:
    """Write the page, with a table of what was written."""
    story = (plan.scenario.__doc__ or "").splitlines()[0] if plan.scenario else "No attack, only daily work."
    lines = [
        f"# Simulation: {plan.name}",
        "",
        story,
        "",
        f"Made by `{_command(plan)}`. The same command writes the same bytes.",
        "",
        "Nothing in here happened: names, addresses, accounts and keys are reserved ones, and no program ran.",
        "",
        "| | |",
        "| --- | --- |",
        "| `logs/` | the logs, one file for each log type, in order of arrival |",
        "| `labels.jsonl` | what a scan should find, record by record; everything else is clean |",
        "| `context/` | people, tables and places of addresses: give it to `--context` |",
        *(["| `history/` | an earlier period without attack, for baselines |"] if plan.history_days else []),
        "",
        "| Log type | File | Records | In history |",
        "| --- | --- | ---: | ---: |",
        *(f"| {log.log_type} | {log.file_name} | {counts[log]:,} | {history[log]:,} |" for log in Log if counts[log]),
        "",
    ]
    (folder / PAGE).write_text("\n".join(lines), encoding="utf-8")


def _command(plan: Plan) -> str:
    parts = [f"windshear simulate {plan.name} --seed {plan.seed} --users {plan.users} --days {plan.days}"]
    parts.append(f"--start {plan.start.isoformat()}")
    if not plan.has_background:
        parts.append("--no-background")
    if plan.history_days:
        parts.append(f"--history-days {plan.history_days}")
    return " ".join(parts)
