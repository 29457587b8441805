"""One Windows event from XML to the JSON that the declarations of the Windows log types read.

The form follows the XML: `System`, `EventData`, `UserData` and `RenderingInfo`, attributes under `#attributes`, the
text beside them under `#text`. Only two things differ, for they are names rather than structure: event data stand
under the names that they are given, nameless ones as `Data`, `Data_1` and so on, and all of these one below the other
as `#text`; and `EventID` is the number alone. What the members mean is said in the declarations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

import orjson

_MOST_DEPTH = 64


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    children: list[_Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        text = "".join(self.pieces)
        return text if text.strip() else ""


def event_json(xml: bytes) -> str:
    """Return an event as JSON; raise `ValueError` that says why it is none.

    >>> event_json(b"<Event><System><EventID Qualifiers='0'>400</EventID></System></Event>")
    '{"System":{"EventID":"400","Qualifiers":"0"}}'
    """
    event = _parse(xml)
    if event.name != "Event":
        raise ValueError("not a Windows event")
    members: dict[str, object] = {}
    for part in event.children:
        if part.name == "EventData":
            members.setdefault(part.name, _event_data(part))
        elif part.name == "System":
            members.setdefault(part.name, _system(part))
        else:
            members.setdefault(part.name, _plain(part))
    return orjson.dumps(members).decode()


def _parse(xml: bytes) -> _Element:
    """Parse a document without document type; entities other than those of XML itself are errors."""
    top = _Element("", {})
    path = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(path) > _MOST_DEPTH:
            raise ValueError(f"nested deeper than {_MOST_DEPTH} levels")
        named = {key: value for key, value in attributes.items() if not key.startswith("xmlns")}
        element = _Element(name.rpartition(":")[2], named)
        path[-1].children.append(element)
        path.append(element)

    def end(_: str) -> None:
        path.pop()

    def characters(text: str) -> None:
        path[-1].pieces.append(text)

    def refuse(*_: object) -> None:
        raise ValueError("document type declarations are refused")

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - the parser takes no names
    except expat.ExpatError as error:
        raise ValueError(f"not valid XML: {error}") from error
    return top.children[0]


def _system(element: _Element) -> dict[str, object]:
    members: dict[str, object] = {}
    for child in element.children:
        if child.name == "EventID":
            members |= {"EventID": child.text, **child.attributes}
        else:
            members.setdefault(child.name, _plain(child))
    return members


def _event_data(element: _Element) -> dict[str, object]:
    """Give event data by name; a name that was there before gets a number."""
    members: dict[str, object] = {}
    seen: dict[str, int] = {}
    nameless: list[str] = []
    for child in element.children:
        name = (child.attributes.get("Name") if child.name == "Data" else None) or child.name
        if name == "Data":
            nameless.append(child.text)
        count = seen[name] = seen.get(name, -1) + 1
        members[f"{name}_{count}" if count else name] = child.text if not child.children else _plain(child)
    return members | {"#text": "\n".join(nameless)} if any(nameless) else members


def _plain(element: _Element) -> object:
    """Give a text, or an object where there is more to say."""
    if not element.children and not element.attributes:
        return element.text
    members: dict[str, object] = {"#attributes": element.attributes} if element.attributes else {}
    if element.text:
        members["#text"] = element.text
    for child in element.children:
        value = _event_data(child) if child.name == "EventData" else _plain(child)
        known = members.get(child.name)
        if known is None:
            members[child.name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            members[child.name] = [known, value]
    return members
