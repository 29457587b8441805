"""Drawings of a detection as SVG: its events on a line of time, and the path of the identity from host to target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from xml.etree import ElementTree as ET

from windshear.response.found import Found, Moment

_WIDTH = 960
_COLUMNS = ("Host", "Person", "Address", "Session or key", "Cloud", "Reached")
_COLUMN = 156
_NODE_WIDTH, _NODE_HEIGHT, _NODE_GAP = 140, 24, 8
_MOST_NODES = 6  # of one column; the rest are counted
_LINE = 26
_MOST_LINES = 14
_LETTERS = 18  # that fit into a node

_CLOUDS = {
    "AZURE_AD": "Entra ID",
    "AZURE_AD_AUDIT": "Entra ID",
    "AZURE_ACTIVITY": "Azure",
    "MICROSOFT_GRAPH_ACTIVITY_LOGS": "Microsoft Graph",
    "OFFICE_365": "Microsoft 365",
    "AWS_CLOUDTRAIL": "AWS",
    "GCP_CLOUDAUDIT": "Google Cloud",
    "WORKSPACE_ACTIVITY": "Google Workspace",
    "OKTA": "Okta",
    "ADFS": "AD FS",
}


def drawings(found: Found) -> str:
    """Return both drawings as SVG elements, or nothing for a detection without events."""
    moments = found.all_moments
    if not moments:
        return ""
    return "\n".join(ET.tostring(one, encoding="unicode") for one in (_path(moments), _timeline(moments)))


def _path(moments: Sequence[Moment]) -> ET.Element:
    columns: list[dict[str, None]] = [{} for _ in _COLUMNS]
    edges: dict[tuple[int, str, int, str], None] = {}
    for moment in moments:
        stops = [(number, text) for number, text in enumerate(_stops(moment)) if text]
        for number, text in stops:
            columns[number][text] = None
        for (left, one), (right, other) in pairwise(stops):
            edges[left, one, right, other] = None
    rows = max(min(len(column), _MOST_NODES + 1) for column in columns)
    height = 40 + rows * (_NODE_HEIGHT + _NODE_GAP)
    drawing = _svg(height, "Path of the identity: host, person, address, session, cloud, what was reached")
    places: dict[tuple[int, str], tuple[int, int]] = {}
    for place, number in enumerate(number for number, column in enumerate(columns) if column):
        x, column = 4 + place * _COLUMN, columns[number]
        _text(drawing, x, 16, _COLUMNS[number], "head")
        for row, text in enumerate(list(column)[:_MOST_NODES]):
            places[number, text] = (x, 28 + row * (_NODE_HEIGHT + _NODE_GAP))
        if len(column) > _MOST_NODES:
            y = 28 + _MOST_NODES * (_NODE_HEIGHT + _NODE_GAP)
            _text(drawing, x, y + 16, f"{len(column) - _MOST_NODES} more", "more")
    for left, one, right, other in edges:
        if (left, one) in places and (right, other) in places:
            (x1, y1), (x2, y2) = places[left, one], places[right, other]
            _line(drawing, x1 + _NODE_WIDTH, y1 + _NODE_HEIGHT // 2, x2, y2 + _NODE_HEIGHT // 2)
    for (_, text), (x, y) in places.items():
        _node(drawing, x, y, text)
    return drawing


def _stops(moment: Moment) -> tuple[str, ...]:
    cloud = _CLOUDS.get(moment.log_type, "")
    return (moment.host, moment.who, moment.address, moment.session, cloud, moment.target if cloud else "")


def _timeline(moments: Sequence[Moment]) -> ET.Element:
    rules = list(dict.fromkeys(moment.rule for moment in moments))
    shown = rules[:_MOST_LINES]
    height = 44 + len(shown) * _LINE + (_LINE if len(rules) > len(shown) else 0)
    drawing = _svg(height, "Events over time, a line for each rule")
    left, right = 320, _WIDTH - 20
    first, last = moments[0].instant, moments[-1].instant
    span = (last - first).total_seconds() or 1.0
    for row, rule in enumerate(shown):
        y = 20 + row * _LINE
        _text(drawing, 4, y + 4, _short(rule, 44), "label")
        _line(drawing, left, y, right, y, "axis")
        for moment in moments:
            if moment.rule == rule:
                x = left + (moment.instant - first).total_seconds() / span * (right - left)
                _dot(drawing, x, y, f"{moment.time} {moment.action} {moment.who}")
    if len(rules) > len(shown):
        _text(drawing, 4, 24 + len(shown) * _LINE, f"{len(rules) - len(shown)} more rules", "more")
    _text(drawing, left, height - 6, moments[0].time, "more")
    if first != last:
        _text(drawing, right, height - 6, moments[-1].time, "more end")
    return drawing


def _svg(height: int, title: str) -> ET.Element:
    drawing = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "role": "img",
            "aria-label": title,
        },
    )
    ET.SubElement(drawing, "title").text = title
    return drawing


def _text(parent: ET.Element, x: float, y: float, text: str, kind: str) -> None:
    ET.SubElement(parent, "text", {"x": _number(x), "y": _number(y), "class": kind}).text = text


def _line(parent: ET.Element, x1: float, y1: float, x2: float, y2: float, kind: str = "edge") -> None:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    ET.SubElement(parent, "line", {**{name: _number(value) for name, value in ends.items()}, "class": kind})


def _dot(parent: ET.Element, x: float, y: float, told: str) -> None:
    dot = ET.SubElement(parent, "circle", {"cx": _number(x), "cy": _number(y), "r": "5", "class": "dot"})
    ET.SubElement(dot, "title").text = _valid(told)


def _node(parent: ET.Element, x: int, y: int, text: str) -> None:
    group = ET.SubElement(parent, "g", {"class": "node"})
    size = {"width": str(_NODE_WIDTH), "height": str(_NODE_HEIGHT), "rx": "4"}
    ET.SubElement(group, "rect", {"x": str(x), "y": str(y), **size})
    ET.SubElement(group, "title").text = _valid(text)
    _text(group, x + 7, y + 16, _short(text, _LETTERS), "label")


def _short(text: str, letters: int) -> str:
    """Return a text that fits: the end of paths and names says more than their beginning.

    >>> _short("arn:aws:iam::111122223333:user/ann", 12)
    '…33:user/ann'
    """
    text = _valid(text)
    return text if len(text) <= letters else "…" + text[-(letters - 1) :]


def _valid(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
