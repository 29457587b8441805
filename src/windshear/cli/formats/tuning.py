"""Proposed rows for people and tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import orjson

from windshear.cli.console import count, some
from windshear.cli.formats.sections import Item, Section, as_text
from windshear.cli.tuning import Tuning
from windshear.evaluate.proposing import ProposedRow

_NAMES = 3


def table(found: Tuning, limit: int) -> str:
    """Return proposed rows as text of at most 80 columns; at most `limit` entries of each list."""
    return as_text(headline(found), [*_sections(found, limit)])


def headline(found: Tuning) -> str:
    """Return in one sentence what the rows do together."""
    effect = found.proposal.effect
    rows = count(len(found.proposal.rows), "row")
    text = f"{rows} for {count(len(found.alarms), 'false alarm')}: {len(effect.silenced):,} silenced"
    if found.attacks is not None:
        text += f", {len(effect.lost):,} of {count(found.attacks, 'found attack record')} lost"
    return f"{text}, {count(len(effect.others), 'other alert')} gone"


def _sections(found: Tuning, limit: int) -> Iterator[Section]:
    proposal = found.proposal
    if proposal.rows:
        rows = [(one.row.text, f"{one.silenced:,}", some(one.rules, _NAMES)) for one in proposal.rows[:limit]]
        yield Section("Rows", ("row", "silences", "rules"), tuple(rows), notes=_more(proposal.rows, limit))
    if proposal.harmful:
        items = [Item(*_harmful(one)) for one in proposal.harmful[:limit]]
        title = f"Rows that hide attacks ({len(proposal.harmful):,})"
        yield Section(title, items=tuple(items), notes=_more(proposal.harmful, limit))
    reasons: Counter[tuple[str, str]] = Counter()
    for identity, why in found.untunable.items():
        reasons[found.alarms[identity].rule, why] += 1
    for alarm in proposal.left:
        reasons[alarm.rule, "none of its rows silences it"] += 1
    if reasons:
        rows = [(rule, f"{number:,}", why) for (rule, why), number in reasons.most_common(limit)]
        yield Section("Without a row", ("rule", "alarms", "why"), tuple(rows), notes=_more(list(reasons), limit))


def _harmful(one: ProposedRow) -> tuple[str, tuple[str, ...]]:
    lost = [f"loses {name}" for name in one.lost[:_NAMES]]
    if len(one.lost) > _NAMES:
        lost.append(f"and {len(one.lost) - _NAMES:,} more")
    if one.doubt:
        lost.append(one.doubt)
    lost.append("nothing else silences them" if one.is_needed else "other rows silence them")
    return f"{one.row.text} (for {count(len(one.alarms), 'false alarm')} of {some(one.rules, _NAMES)})", tuple(lost)


def _more(items: Sequence[object], limit: int) -> tuple[str, ...]:
    left = len(items) - limit
    return (f"and {left:,} more (--limit N shows more, --format json all)",) if left > 0 else ()


def as_json(found: Tuning) -> str:
    """Return proposed rows as one JSON object."""
    proposal = found.proposal
    record = {
        "false_alarms": len(found.alarms),
        "alerts": found.alerts,
        "attack_records_found": found.attacks,
        "together": {
            "silenced": len(proposal.effect.silenced),
            "lost": proposal.effect.lost,
            "other_alerts_gone": sorted(proposal.effect.others),
        },
        "rows": [_row(one) for one in proposal.rows],
        "harmful_rows": [_row(one) for one in proposal.harmful],
        "without_row": [
            *(
                {"id": identity, "rule": found.alarms[identity].rule, "why": why}
                for identity, why in _left(found).items()
            ),
        ],
    }
    return orjson.dumps(record, option=orjson.OPT_INDENT_2).decode() + "\n"


def _left(found: Tuning) -> Mapping[str, str]:
    return {**found.untunable, **{alarm.id: "none of its rows silences it" for alarm in found.proposal.left}}


def _row(one: ProposedRow) -> dict[str, object]:
    return {
        "table": one.row.table,
        "cells": dict(one.row.cells),
        "rules": one.rules,
        "false_alarms": one.alarms,
        "silenced": one.silenced,
        "lost": one.lost,
        "doubt": one.doubt,
        "is_needed": one.is_needed,
    }
