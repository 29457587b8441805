"""The report of a detection as Markdown: what happened, when, why it counts, what to ask and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from windshear.response.filling import code, filled, prose
from windshear.response.found import Found, Moment, instant_of
from windshear.response.guides import Guide, cloud_guide

_MOST_MOMENTS = 60
_MOST_REASONS = 40
_PARTS_OF_RISK = "risk_"
_RISK = "risk_score"
_TOLD = ("risk_score", "explanation", "person_id")  # in the head of the report


def report_of(found: Found, guide: Guide | None) -> str:
    """Return the report of one detection. guide: that of its rule; without one the report has no steps."""
    parts = [
        *_head(found, guide),
        *_timeline(found),
        *_risk(found, guide),
        *_values(found),
        *_reasons(found),
        *_inputs(found),
        *_steps(found, guide),
        *_evidence(found),
        *_limits(found, guide),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def title_of(found: Found, guide: Guide | None) -> str:
    """Return the heading of a report."""
    return f"{found.severity.capitalize() or 'Detection'}: {guide.title if guide else found.rule}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown; cells are Markdown, too."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


def _head(found: Found, guide: Guide | None) -> Iterator[str]:
    yield f"# {title_of(found, guide)}"
    told = found.value("explanation")[:8]
    if told:
        yield "\n".join(f"- {code(text)}" if len(told) > 1 else code(text) for text in told)
    elif found.description:
        yield prose(found.description) + "."
    people = found.value("person_id") or found.value("persons")
    rows = [
        ("Person", ", ".join(map(code, people[:5])) or "not known"),
        ("Risk", f"{found.score} of 100, severity {found.severity}" if found.score else found.severity),
        ("When", _when(found)),
        ("Rule", ": ".join(filter(None, [code(found.rule), prose(found.description)]))),
        ("ATT&CK", _technique(found)),
        ("Detection", code(found.id)),
    ]
    yield table(["", ""], [row for row in rows if row[1]])


def _technique(found: Found) -> str:
    techniques, tactics = (prose(found.labels.get(f"mitre_attack_{kind}", "")) for kind in ("technique", "tactic"))
    return f"{techniques} ({tactics})" if techniques and tactics else techniques or tactics


def _when(found: Found) -> str:
    moments = found.all_moments
    if not moments:
        return found.time
    first, last = moments[0].time, moments[-1].time
    return first if first == last else f"{first} to {last}"


def _timeline(found: Found) -> Iterator[str]:
    moments = found.all_moments
    if not moments:
        return
    yield "## What happened"
    shown = moments[:_MOST_MOMENTS]
    gaps = ["", *(_gap(earlier, later) for earlier, later in pairwise(shown))]
    rows = [[moment.time, gap, *_told(moment)] for moment, gap in zip(shown, gaps, strict=True)]
    yield table(["Time (UTC)", "After", "Log", "Action", "Result", "Who", "From", "What"], rows)
    if len(moments) > len(shown):
        yield f"{len(moments) - len(shown):,} later events are not shown."


def _told(moment: Moment) -> list[str]:
    origin = ", ".join(code(text) for text in (moment.host, moment.address) if text)
    what = ", ".join(code(text[:160]) for text in (moment.application, moment.target) if text)
    return [
        moment.log_type,
        code(moment.action) if moment.action else "",
        code(moment.result) if moment.result else "",
        code(moment.who) if moment.who else "",
        origin,
        what,
    ]


def _gap(earlier: Moment, later: Moment) -> str:
    seconds = int((later.instant - earlier.instant).total_seconds())
    if seconds < 120:
        return f"+{seconds} s"
    if seconds < 7_200:
        return f"+{seconds // 60} min"
    return f"+{seconds // 3_600} h"


def _risk(found: Found, guide: Guide | None) -> Iterator[str]:
    parts = [(name, found.value(name)) for name in found.values if name.startswith(_PARTS_OF_RISK) and name != _RISK]
    if not parts:
        return
    yield "## How the risk comes about"
    rows = [[name.removeprefix(_PARTS_OF_RISK).replace("_", " "), prose(values[0])] for name, values in parts if values]
    yield table(["Part", "Points"], [*rows, ["**sum**", found.score]])
    if guide and "risk" in guide.parts:
        yield guide.parts["risk"]


def _values(found: Found) -> Iterator[str]:
    rows = [
        [name.replace("_", " "), _several(found.value(name))]
        for name in found.values
        if not name.startswith(_PARTS_OF_RISK) and name not in _TOLD and found.value(name)
    ]
    if rows:
        yield "## What is known"
        yield table(["", ""], rows)


def _several(values: Sequence[str]) -> str:
    shown = ", ".join(code(value[:400]) for value in values[:12])
    return shown + (f" and {len(values) - 12:,} more" if len(values) > 12 else "")


def _reasons(found: Found) -> Iterator[str]:
    if found.reasons:
        yield "## Why the rule fired"
        yield "\n".join(f"- {code(reason[:400])}" for reason in found.reasons[:_MOST_REASONS])


def _inputs(found: Found) -> Iterator[str]:
    if not found.inputs:
        return
    yield "## Detections that it rests on"
    yield table(
        ["Time (UTC)", "Severity", "Risk", "Rule", "What it says", "Detection"],
        [
            [
                one.all_moments[0].time if one.all_moments else one.time,
                one.severity,
                one.score,
                code(one.rule),
                "; ".join(map(code, one.value("explanation")[:2])) or prose(one.description),
                code(one.id),
            ]
            for one in sorted(found.inputs, key=_begin)
        ],
    )


def _begin(found: Found) -> tuple[datetime, str]:
    return found.all_moments[0].instant if found.all_moments else instant_of(found.time), found.id


def _steps(found: Found, guide: Guide | None) -> Iterator[str]:
    if guide is None:
        return
    if guide.investigate:
        yield "## Investigate"
        yield filled(guide.investigate, found.value)
    if guide.respond or guide.clouds:
        yield "## Respond"
        yield filled(guide.respond, found.value)
    for cloud in guide.clouds:
        yield _deeper(filled(cloud_guide(guide, cloud), found.value))


def _deeper(guide: str) -> str:
    """Return a guide with its headings two levels down, since it becomes part of a report."""
    return "\n".join(f"##{line}" if line.startswith("#") else line for line in guide.strip().splitlines())


def _evidence(found: Found) -> Iterator[str]:
    moments = found.all_moments
    if not moments:
        return
    yield "## Evidence to keep"
    yield (
        "The raw records of these events, with a hash of each and a note of the clock they were written by. Some "
        "licences keep sign-in logs for days only: copy them first."
    )
    listed: dict[str, list[str]] = {}
    for moment in moments:
        listed.setdefault(moment.log_type or "other", []).append(moment.id)
    yield table(["Log", "Records"], [[name, _several([one for one in ids if one])] for name, ids in listed.items()])


def _limits(found: Found, guide: Guide | None) -> Iterator[str]:
    if guide is None:
        return
    rows = [
        (heading, guide.parts[part])
        for part, heading in (
            ("false positives", "What else looks like this"),
            ("known gaps", "What the rule cannot see"),
        )
        if part in guide.parts
    ]
    for heading, text in rows:
        yield f"## {heading}"
        yield filled(text, found.value)
