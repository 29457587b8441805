"""The additions that a run makes, from what its context holds."""

from __future__ import annotations

from dataclasses import dataclass

from windshear.context.context import Context
from windshear.context.egress import egress_of
from windshear.context.geoip import open_geoip
from windshear.context.persons import persons_of
from windshear.context.reserved import ALIASES, EGRESS, reserved_table
from windshear.engine.enrichment.egress import EgressAddition
from windshear.engine.enrichment.enrichment import NOTHING_ADDED, Addition, Enrichment
from windshear.engine.enrichment.geoip import GeoIpAddition
from windshear.engine.enrichment.persons import PersonAddition


@dataclass(frozen=True, slots=True)
class Supplied:
    """What a run adds to events; persons are read when something asks for them."""

    enrichment: Enrichment
    persons: PersonAddition | None

    @property
    def has_read_persons(self) -> bool:
        """Whether it was read who is who, and not only for what is shown."""
        return self.persons is not None and self.persons.persons is not None and self.persons.is_asked


NOTHING_SUPPLIED = Supplied(NOTHING_ADDED, None)


def supplied_by(context: Context) -> Supplied:
    """Return what a context gives to events, of empty tables nothing; `InputError` says what of it cannot be used."""
    additions: list[Addition] = []
    aliases = reserved_table(context.tables, ALIASES)
    persons = None
    if context.entities is not None or (aliases is not None and len(aliases.rows)):
        persons = PersonAddition(lambda: persons_of(context.entities, aliases))
        additions.append(persons)
    egress = reserved_table(context.tables, EGRESS)
    if egress is not None and len(egress.rows):
        additions.append(EgressAddition(egress_of(egress)))
    geoip = open_geoip(context.geoip)
    if geoip is not None:
        additions.append(GeoIpAddition(geoip))
    return Supplied(Enrichment(additions), persons)
