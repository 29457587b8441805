"""What is added to events: where it comes from, and what the summary says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from windshear.cli.console import count
from windshear.cli.inputs import time_of_run
from windshear.cli.summary import Say
from windshear.context.context import Context, load_context
from windshear.context.expiry import expired_rows, in_force
from windshear.context.persons import SEVERAL
from windshear.context.reserved import ALIASES, EGRESS
from windshear.context.tables import tables_read
from windshear.engine.enrichment.supplied import Supplied, supplied_by
from windshear.engine.plan import Plan

_SHOWN = 5


def surroundings_of(
    context: Path | None, geoip: Sequence[Path] | None, now_seconds: int | None = None
) -> tuple[Context, Supplied]:
    """Return the context that the options name, and what it adds to events; `InputError` says what is wrong.

    now_seconds: when rows of its tables have to count; the time that it is if left out.
    """
    found = load_context(context) if context else Context()
    found = replace(found, geoip=(*found.geoip, *(geoip or ())))
    found = in_force(found, time_of_run(None) if now_seconds is None else now_seconds)
    return found, supplied_by(found)


def expired_of(context: Context, plans: Iterable[Plan]) -> dict[str, int]:
    """Return how many rows have ended of the tables that a run reads, by name; only of those that have any."""
    read = {ALIASES, EGRESS}.union(*(tables_read(plan.rule) for plan in plans))
    return {name: number for name, number in expired_rows(context.tables).items() if name in read}


def say_expired(expired: Mapping[str, int], say: Say) -> None:
    """Say how many rows of tables have ended."""
    for name, number in expired.items():
        say(f"{count(number, 'row')} of {name} {'has' if number == 1 else 'have'} expired")


def say_supplied(supplied: Supplied, say: Say) -> None:
    """Say which persons were known, and which users were left without one because they may be several."""
    added = supplied.persons
    if added is None or added.persons is None or not supplied.has_read_persons:
        return
    persons = added.persons
    shared = sum(person == SEVERAL for person in persons.aliases.values())
    several = f", {shared:,} of them of several persons" if shared else ""
    say(f"{count(len(persons.ids), 'person')} known by {count(len(persons.aliases), 'name')}{several}")
    if persons.skipped:
        say(f"  {count(persons.skipped, 'entity')} could not be read")
    if added.unclear.users:
        names = ", ".join(f"`{name}` {number:,}" for name, number in added.unclear.names.most_common(_SHOWN))
        which = f": {names}" if names else ""
        say(f"  {count(added.unclear.users, 'user')} of events may be several persons, and got no person_id{which}")
