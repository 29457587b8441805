"""One Windows event from XML to the JSON that the declarations of the Windows log types read.

The form follows the XML: `System`, `EventData`, `UserData` and `RenderingInfo`, attributes under `#attributes`, the
text beside them under `#text`. Only two things differ, for they are names rather than structure: event data stand
under the names that they are given, nameless ones as `Data`, `Data_1` and so on, and all of these one below the other
as `#text`; and `EventID` is the number alone. What the members mean is said in the declarations.

Most events are parsed as a tree at once. One that is large, or has what a tree does not tell as it is written
(prefixes, document types), is parsed call by call, with its depth watched; both give the same.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET
from xml.parsers import expat

import orjson

_MOST_DEPTH = 64
_TOO_DEEP = f"nested deeper than {_MOST_DEPTH} levels"


# What a tree is not asked for: a prefix needs one of the two, and a large event may be nothing but depth.
_UNUSUAL = (b"<!", b"xmlns:", b"xml:")
_MOST_TREE_BYTES = 1 << 16


def event_json(xml: bytes) -> str:
    """Return an event as JSON; raise `ValueError` that says why it is none.

    >>> event_json(b"<Event><System><EventID Qualifiers='0'>400</EventID></System></Event>")
    '{"System":{"EventID":"400","Qualifiers":"0"}}'
    """
    if len(xml) <= _MOST_TREE_BYTES and not any(sign in xml for sign in _UNUSUAL):
        try:
            return _written(ET.fromstring(xml))  # noqa: S314 (there is no document type)
        except (ET.ParseError, ValueError):
            pass  # why is said below
    return _written(_parse(xml))


def _written(event: ET.Element) -> str:
    if _name(event) != "Event":
        raise ValueError("not a Windows event")
    members: dict[str, object] = {}
    for part in event:
        name = _name(part)
        if name in members:
            continue
        if name == "EventData":
            members[name] = _event_data(part, 2)
        elif name == "System":
            members[name] = _system(part)
        else:
            members[name] = _plain(part, 2)
    return orjson.dumps(members).decode()


def _parse(xml: bytes) -> ET.Element:
    """Parse a document without document type; entities other than those of XML itself are errors."""
    builder = ET.TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            raise ValueError(_TOO_DEEP)
        named = {key: value for key, value in attributes.items() if not key.startswith("xmlns")}
        builder.start(name.rpartition(":")[2], named)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise ValueError("document type declarations are refused")

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - the parser takes no names
    except expat.ExpatError as error:
        raise ValueError(f"not valid XML: {error}") from error
    return builder.close()


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element) -> str:
    """Give the text directly in an element; white space alone is none."""
    text = element.text or ""
    if len(element):
        text += "".join(child.tail or "" for child in element)
    return text if text and not text.isspace() else ""


def _system(element: ET.Element) -> dict[str, object]:
    members: dict[str, object] = {}
    for child in element:
        name = _name(child)
        if name == "EventID":
            members |= {"EventID": _text(child), **child.attrib}
        elif name not in members:
            members[name] = _plain(child, 3)
    return members


def _event_data(element: ET.Element, depth: int) -> dict[str, object]:
    """Give event data by name; a name that was there before gets a number."""
    members: dict[str, object] = {}
    seen: dict[str, int] = {}
    nameless: list[str] = []
    for child in element:
        name = _name(child)
        if name == "Data":
            name = child.get("Name") or name
            if name == "Data":
                nameless.append(_text(child))
        count = seen[name] = seen.get(name, -1) + 1
        members[f"{name}_{count}" if count else name] = _plain(child, depth + 1) if len(child) else _text(child)
    return members | {"#text": "\n".join(nameless)} if any(nameless) else members


def _plain(element: ET.Element, depth: int) -> object:
    """Give a text, or an object where there is more to say."""
    attributes = element.attrib
    if not len(element) and not attributes:
        return _text(element)
    if depth >= _MOST_DEPTH and len(element):
        raise ValueError(_TOO_DEEP)
    members: dict[str, object] = {"#attributes": dict(attributes)} if attributes else {}
    text = _text(element)
    if text:
        members["#text"] = text
    for child in element:
        name = _name(child)
        value = _event_data(child, depth + 1) if name == "EventData" else _plain(child, depth + 1)
        known = members.get(name)
        if known is None:
            members[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            members[name] = [known, value]
    return members
