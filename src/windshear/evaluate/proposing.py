"""Proposing: which rows silence false alarms and lose no attack, found by trying.

Each false alarm has candidates, best first. All first candidates are tried together. Rows that lose an attack are found
by halving, rows that silence nothing are seen at once; both give way to the next candidates, until what is left is
harmless or there are no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from windshear.evaluate.rows import Candidate, Row

_MOST_ROUNDS = 6

Rows = frozenset[Row]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A false alarm: the id of its detection, its rule, and the rows that may silence it, best first."""

    id: str
    rule: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What rows do. silenced: false alarms that are gone. lost: attack records that no detection, or no alert, holds.

    others: ids of other alerts that are gone.
    """

    silenced: frozenset[str] = frozenset()
    lost: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()


Attempt = Callable[[Sequence[Rows]], Sequence[Effect]]


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """A row: the rules and false alarms that it is for, how many of them it silences, and what would be lost.

    doubt: why a row that loses nothing should not be trusted. is_needed: of a row that is not proposed, whether no
    other row silences what it is for.
    """

    row: Row
    rules: tuple[str, ...]
    alarms: tuple[str, ...]
    silenced: int
    lost: tuple[str, ...] = ()
    doubt: str = ""
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """What came of it.

    rows: those that are harmless. harmful: those that were tried and lose something, or are to be doubted.
    effect: what the harmless rows do together. left: false alarms that no row silences, harmful ones aside.
    """

    rows: tuple[ProposedRow, ...]
    harmful: tuple[ProposedRow, ...]
    effect: Effect
    left: tuple[Alarm, ...]


@dataclass(slots=True)
class _Search:
    """Where the search is: the candidate of each alarm by number, and rows that were given up with what they lose."""

    alarms: Sequence[Alarm]
    attempt: Attempt
    doubts: Mapping[Row, str]
    at: dict[str, int] = field(default_factory=dict)
    losing: dict[Row, tuple[str, ...]] = field(default_factory=dict)

    def candidate(self, alarm: Alarm) -> Candidate:
        """Return the rows that are tried for an alarm, none when there are no more."""
        for number in range(self.at.get(alarm.id, 0), len(alarm.candidates)):
            rows = alarm.candidates[number]
            if not any(row in self.losing for row in rows):
                self.at[alarm.id] = number
                return rows
        self.at[alarm.id] = len(alarm.candidates)
        return ()

    def advance(self, alarm: Alarm) -> None:
        """Go on to the next candidate of an alarm."""
        self.at[alarm.id] = self.at.get(alarm.id, 0) + 1

    def chosen(self) -> dict[Row, list[Alarm]]:
        """Return the rows that are tried, each with the alarms that it is for."""
        found: dict[Row, list[Alarm]] = {}
        for alarm in self.alarms:
            for row in self.candidate(alarm):
                found.setdefault(row, []).append(alarm)
        return found


def propose(alarms: Sequence[Alarm], attempt: Attempt, doubts: Mapping[Row, str] | None = None) -> Proposal:
    """Find rows for false alarms. `attempt` says what each of some sets of rows does.

    doubts: why some rows are not to be proposed even if they lose nothing.
    """
    search = _Search(alarms, attempt, doubts or {})
    for _ in range(_MOST_ROUNDS):
        chosen = search.chosen()
        if not chosen:
            break
        (effect,) = attempt([frozenset(chosen)])
        losing = _losing(frozenset(chosen), attempt) if effect.lost else {}
        in_vain = [alarm for some in chosen.values() for alarm in some if alarm.id not in effect.silenced]
        doubtful = () if losing or in_vain else [row for row in chosen if row in search.doubts]
        if not losing and not in_vain and not doubtful:
            return _proposal(search, chosen, effect)
        search.losing |= losing | dict.fromkeys(doubtful, ())
        for alarm in {alarm.id: alarm for alarm in in_vain}.values():
            search.advance(alarm)
    chosen = {row: some for row, some in search.chosen().items() if row not in search.doubts}
    (effect,) = attempt([frozenset(chosen)]) if chosen else (Effect(),)
    if effect.lost:
        search.losing |= dict.fromkeys(chosen, effect.lost)
        chosen, effect = {}, Effect()
    return _proposal(search, chosen, effect)


def _losing(rows: Rows, attempt: Attempt) -> dict[Row, tuple[str, ...]]:
    """Return the rows that lose something, each with what it loses: alone, or with others where none does alone."""
    found: dict[Row, tuple[str, ...]] = {}
    sets = [rows] if rows else []
    while sets:
        parts = [list(_halves(some)) for some in sets]
        effects = iter(attempt([part for some in parts for part in some]))
        ahead: list[Rows] = []
        for whole, some in zip(sets, parts, strict=True):
            lost = [(part, next(effects).lost) for part in some]
            bad = [(part, what) for part, what in lost if what]
            found |= {next(iter(part)): what for part, what in bad if len(part) == 1}
            ahead += [part for part, _ in bad if len(part) > 1]
            if not bad:
                found |= _losing_together(whole, attempt)
        sets = ahead
    return found


def _losing_together(rows: Rows, attempt: Attempt) -> dict[Row, tuple[str, ...]]:
    """Return rows without which the others lose nothing: each with what it loses beside those that stay."""
    found: dict[Row, tuple[str, ...]] = {}
    kept: Rows = frozenset()
    ahead = [rows]
    while ahead:
        some = ahead.pop()
        (effect,) = attempt([kept | some])
        if not effect.lost:
            kept |= some
        elif len(some) == 1:
            found[next(iter(some))] = effect.lost
        else:
            ahead += reversed(list(_halves(some)))
    return found


def _halves(rows: Rows) -> Iterable[Rows]:
    ordered = sorted(rows, key=lambda row: row.text)
    middle = len(ordered) // 2
    return [frozenset(half) for half in (ordered[:middle], ordered[middle:]) if half]


def _proposal(search: _Search, chosen: Mapping[Row, Sequence[Alarm]], effect: Effect) -> Proposal:
    left = [alarm for alarm in search.alarms if alarm.id not in effect.silenced]
    harmless = [_proposed(row, some, effect.silenced) for row, some in chosen.items()]
    harmful = []
    for row, lost in search.losing.items():
        some = [alarm for alarm in search.alarms if any(row in rows for rows in alarm.candidates)]
        is_needed = any(alarm in left for alarm in some)
        doubt = "" if lost else search.doubts.get(row, "")
        harmful.append(replace(_proposed(row, some, effect.silenced), lost=lost, doubt=doubt, is_needed=is_needed))
    hopeless = {identity for one in harmful if one.is_needed for identity in one.alarms}
    return Proposal(
        tuple(sorted(harmless, key=lambda one: (-one.silenced, one.row.text))),
        tuple(sorted(harmful, key=lambda one: (not one.is_needed, one.row.text))),
        effect,
        tuple(alarm for alarm in left if alarm.id not in hopeless),
    )


def _proposed(row: Row, alarms: Sequence[Alarm], silenced: frozenset[str]) -> ProposedRow:
    return ProposedRow(
        row,
        tuple(dict.fromkeys(alarm.rule for alarm in alarms)),
        tuple(alarm.id for alarm in alarms),
        sum(alarm.id in silenced for alarm in alarms),
    )
