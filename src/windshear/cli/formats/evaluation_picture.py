"""An evaluation as a picture (SVG): records found per behaviour, campaigns on their own time lines, and alert rates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from windshear.cli.console import printable
from windshear.cli.evaluating import Evaluation
from windshear.cli.formats.evaluation import headline
from windshear.cli.formats.figures import duration, percent, rate
from windshear.evaluate.campaigns import CampaignScore, StageScore
from windshear.evaluate.score import NO_BEHAVIOUR, BehaviourScore, Kind

_WIDTH = 960
_LEFT, _RIGHT = 330, 130  # beside the bars: names and figures
_ROW = 24
_MARGIN = 24
_FOUND, _MISSED, _UNCLAIMED, _INK, _FAINT = "#1b7f5c", "#c8442f", "#b9bec6", "#1d2733", "#69737f"
_LONGEST_NAME = 44
_SMALLEST = 3  # pixels of the smallest part of a bar


def picture_of(found: Evaluation) -> str:
    """Return the picture of an evaluation."""
    drawing = _Drawing()
    drawing.text(_MARGIN, "Evaluation", size=20, weight=600)
    drawing.down(22)
    drawing.text(_MARGIN, headline(found), fill=_FAINT, size=12)
    drawing.down(30)
    _behaviours(drawing, found)
    _campaigns(drawing, found.sides[0].campaigns)
    _alerts(drawing, found)
    return drawing.svg()


class _Drawing:
    """Shapes from top to bottom; `y` is the line that is drawn on."""

    def __init__(self) -> None:
        self.y = 36.0
        self._shapes: list[str] = []

    def down(self, pixels: float) -> None:
        self.y += pixels

    def text(
        self, x: float, text: str, *, fill: str = _INK, size: int = 13, weight: int = 400, anchor: str = ""
    ) -> None:
        place = f' text-anchor="{anchor}"' if anchor else ""
        shown = escape(printable(text))
        self._shapes.append(
            f'<text x="{x:.1f}" y="{self.y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}"{place}>'
            f"{shown}</text>"
        )

    def bar(self, x: float, width: float, fill: str) -> None:
        self._shapes.append(
            f'<rect x="{x:.1f}" y="{self.y - 11:.1f}" width="{width:.1f}" height="14" rx="2" fill="{fill}"/>'
        )

    def line(self, start: float, end: float) -> None:
        self._shapes.append(
            f'<line x1="{start:.1f}" y1="{self.y - 4:.1f}" x2="{end:.1f}" y2="{self.y - 4:.1f}" stroke="{_UNCLAIMED}" '
            'stroke-width="2"/>'
        )

    def dot(self, x: float, title: str, *, fill: str) -> None:
        self._shapes.append(
            f'<circle cx="{x:.1f}" cy="{self.y - 4:.1f}" r="6" fill="{fill}" stroke="#fff" stroke-width="1.5">'
            f"<title>{escape(printable(title))}</title></circle>"
        )

    def flag(self, x: float, title: str) -> None:
        self._shapes.append(
            f'<path d="M{x:.1f} {self.y - 18:.1f} l5 8 h-10 z" fill="{_INK}">'
            f"<title>{escape(printable(title))}</title></path>"
        )

    def heading(self, text: str, legend: Sequence[tuple[str, str]] = ()) -> None:
        self.text(_MARGIN, text, size=15, weight=600)
        x = float(_LEFT)
        for fill, what in legend:
            self.bar(x, 10, fill)
            self.text(x + 15, what, fill=_FAINT, size=12)
            x += 30 + 7 * len(what)
        self.down(_ROW)

    def svg(self) -> str:
        shapes = "\n".join(self._shapes)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {self.y:.0f}" width="{_WIDTH}" '
            f'font-family="system-ui, sans-serif">\n<rect width="100%" height="100%" fill="#fff"/>\n{shapes}\n</svg>\n'
        )


def _behaviours(drawing: _Drawing, found: Evaluation) -> None:
    scored = [one for one in found.score.behaviours if one.records]
    if not scored:
        return
    drawing.heading("Records of attacks", [(_FOUND, "found"), (_MISSED, "missed"), (_UNCLAIMED, "not claimed")])
    most = max(one.records for one in scored)
    for one in [*scored, found.score.total]:
        _behaviour(drawing, one, most if one is not found.score.total else one.records)
    drawing.down(14)


def _behaviour(drawing: _Drawing, one: BehaviourScore, most: int) -> None:
    name = "no behaviour named" if one.id == NO_BEHAVIOUR else f"{one.id} {one.name}".strip() or "all"
    drawing.text(_LEFT - 10, _cut(name), anchor="end", size=12, weight=400 if one.id else 600)
    x, room = float(_LEFT), _WIDTH - _LEFT - _RIGHT
    for number, fill in ((one.found, _FOUND), (one.missed, _MISSED), (one.unclaimed, _UNCLAIMED)):
        if number:
            width = max(_SMALLEST, room * number / most)
            drawing.bar(x, width - 1, fill)
            x += width
    drawing.text(_WIDTH - _MARGIN, f"{one.found:,} of {one.records:,}  {percent(one.recall)}", anchor="end", size=12)
    drawing.down(_ROW)


def _campaigns(drawing: _Drawing, campaigns: Sequence[CampaignScore]) -> None:
    if not campaigns:
        return
    drawing.heading("Stages of campaigns", [(_FOUND, "found"), (_MISSED, "missed"), (_INK, "first alert")])
    for one in campaigns:
        drawing.text(_LEFT - 10, _cut(one.name), anchor="end", size=12)
        room, length = _WIDTH - _LEFT - _RIGHT - 12, max(1, one.ends - one.begins)
        drawing.line(_LEFT + 6, _LEFT + 6 + room)
        for x, stage in _placed(one.stages, one.begins, length, room):
            what = f"{stage.name}: {stage.found:,} of {stage.records:,} found"
            drawing.dot(_LEFT + 6 + x, what, fill=_FOUND if stage.found else _MISSED)
        finding, after = one.alert.finding, one.alert.after
        if finding is not None and after is not None:
            drawing.flag(_LEFT + 6 + room * min(1, after / length), f"{finding.rule} after {duration(after)}")
        shown = f"alert {duration(after)}" if after is not None else "no alert"
        drawing.text(_WIDTH - _MARGIN, shown, anchor="end", size=12)
        drawing.down(_ROW + 4)
    drawing.down(14)


def _placed(stages: Sequence[StageScore], begins: int, length: int, room: float) -> Iterator[tuple[float, StageScore]]:
    """Place stages on the line of their campaign, so far apart that each can be seen."""
    x = -15.0
    for number, stage in enumerate(stages):
        behind = len(stages) - 1 - number
        x = min(max(x + 15, room * (stage.begins - begins) / length), room - 15 * behind)
        yield x, stage


def _alerts(drawing: _Drawing, found: Evaluation) -> None:
    drawing.heading("A day for 1,000 users")
    numbers = (
        ("alerts", len(found.score.alerts)),
        ("false alarms", len(found.score.alerts_that_are(Kind.FALSE))),
        ("risk score of 70 or more", found.score.urgent),
    )
    for what, number in numbers:
        drawing.text(_LEFT - 10, what, anchor="end", size=12)
        drawing.text(_LEFT, f"{rate(found.rate(number))}  ({number:,} in all)", size=12)
        drawing.down(_ROW)
    drawing.down(_MARGIN - 12)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
