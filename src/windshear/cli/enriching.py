"""What is added to events: where it comes from, and what the summary says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from windshear.cli.console import count
from windshear.cli.summary import Say
from windshear.context.context import Context, load_context
from windshear.context.persons import SEVERAL
from windshear.engine.enrichment.supplied import Supplied, supplied_by

_SHOWN = 5


def surroundings_of(context: Path | None, geoip: Sequence[Path] | None) -> tuple[Context, Supplied]:
    """Return the context that the options name, and what it adds to events; `InputError` says what is wrong."""
    found = load_context(context) if context else Context()
    found = replace(found, geoip=(*found.geoip, *(geoip or ())))
    return found, supplied_by(found)


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
