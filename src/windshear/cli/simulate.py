"""`windshear simulate`: logs of an attack among daily work, with labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="What happens; `background` for daily work alone.")
    ] = None,
    *,
    to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="The folder to write; it must not be there yet."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Another number is another company and another week.")
    ] = 1,
    users: Annotated[int, typer.Option("--users", metavar="N", help="How many people work there.")] = 1000,
    days: Annotated[int, typer.Option("--days", metavar="N", help="How many days are written.")] = 7,
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="The first day.")] = "2026-03-02",
    background: Annotated[
        bool, typer.Option("--background/--no-background", help="Whether daily work goes on around the attack.")
    ] = True,
    history_days: Annotated[
        int,
        typer.Option("--history-days", metavar="N", help="Write an earlier period without attack, too, for baselines."),
    ] = 0,
    shows_list: Annotated[bool, typer.Option("--list", help="Show the scenarios, and stop.")] = False,
) -> None:
    """Write the logs of a made-up company: daily work in all clouds, and one attack in it.

    The folder gets logs/ with the vendors' own raw records, labels.jsonl that says which records a scan should find,
    and context/ with people, tables and places of addresses. The same command writes the same bytes. Nothing is
    executed and nothing is contacted; names and addresses are reserved ones.

    Examples:
      windshear simulate --list
      windshear simulate az_login -o lab --seed 1 --users 200 --days 3
      windshear scan lab/logs --context lab/context
      windshear simulate background -o quiet --seed 7 --history-days 30
    """
    from windshear.cli.simulating import run_list, run_simulate

    if shows_list:
        raise typer.Exit(run_list())
    asked = {"seed": seed, "users": users, "days": days, "history_days": history_days}
    raise typer.Exit(run_simulate(scenario, to, start, has_background=background, numbers=asked))
