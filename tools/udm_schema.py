"""Make the schema file of the package from a description of the published UDM protos.

    python tools/udm_schema.py DESCRIPTION.json > src/windshear/udm/schema.json

The description is one JSON object made from the compiled descriptors of googleapis `backstory/*.proto`: `source`
(where the protos come from), `messages` (each with `fields`: name, json_name, number, type, ref, map, repeated, oneof,
explicit_presence, deprecated), `enums` (each with `values`: name, number) and `supplement` (fields in use that the
published protos lack, with their types in words). The result is what `windshear.udm.schema` reads: only what differs
from the usual is written, maps have become repeated entry messages as on the wire, and the supplement is merged in.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_WELL_KNOWN = "google."
_TIME = [{"name": "seconds", "number": 1, "type": "int64"}, {"name": "nanos", "number": 2, "type": "int32"}]
_WELL_KNOWN_MESSAGES: dict[str, list[Json]] = {
    "google.protobuf.Timestamp": _TIME,
    "google.protobuf.Duration": _TIME,
    "google.protobuf.Struct": [
        {
            "name": "fields",
            "number": 1,
            "type": "message",
            "ref": "google.protobuf.Struct.FieldsEntry",
            "repeated": True,
            "map": True,
        }
    ],
    "google.protobuf.Struct.FieldsEntry": [
        {"name": "key", "number": 1, "type": "string"},
        {"name": "value", "number": 2, "type": "message", "ref": "google.protobuf.Value"},
    ],
    "google.protobuf.Value": [
        {"name": "number_value", "number": 2, "type": "double", "presence": True, "oneof": "kind"},
        {"name": "string_value", "number": 3, "type": "string", "presence": True, "oneof": "kind"},
        {"name": "bool_value", "number": 4, "type": "bool", "presence": True, "oneof": "kind"},
        {"name": "struct_value", "number": 5, "type": "message", "ref": "google.protobuf.Struct", "oneof": "kind"},
        {"name": "list_value", "number": 6, "type": "message", "ref": "google.protobuf.ListValue", "oneof": "kind"},
    ],
    "google.protobuf.ListValue": [
        {"name": "values", "number": 1, "type": "message", "ref": "google.protobuf.Value", "repeated": True}
    ],
    "google.type.LatLng": [
        {"name": "latitude", "number": 1, "type": "double"},
        {"name": "longitude", "number": 2, "type": "double"},
    ],
    "google.type.Interval": [
        {"name": "start_time", "number": 1, "type": "message", "ref": "google.protobuf.Timestamp"},
        {"name": "end_time", "number": 2, "type": "message", "ref": "google.protobuf.Timestamp"},
    ],
}


def convert(description: Json) -> Json:
    """Return the schema file's content."""
    messages: dict[str, list[Json]] = {}
    for name, message in description["messages"].items():
        messages[name] = [_field(name, field, messages) for field in message["fields"]]
    for name, message in description["supplement"]["messages"].items():
        fields = messages.setdefault(name, [])
        fields.extend(_supplement_field(name, field, messages) for field in message["fields"])
    messages.update(_WELL_KNOWN_MESSAGES)
    enums = {
        name: {value["name"]: value["number"] for value in enum["values"]}
        for name, enum in description["enums"].items()
    }
    source = description["source"]
    return {
        "about": (
            "The published UDM schema as data, made by tools/udm_schema.py. Left out where usual: json_name (the "
            "lowerCamelCase of the name), repeated, deprecated, presence (all false). `supplement` marks fields that "
            "are in use but absent from the published protos."
        ),
        "source": {key: source[key] for key in ("repository", "path", "commit", "licence")},
        "roots": {"udm": "UDM", "graph": "Entity", "detection": "Collection"},
        "messages": dict(sorted(messages.items())),
        "enums": dict(sorted(enums.items())),
    }


def _field(message: str, field: Json, messages: dict[str, list[Json]]) -> Json:
    """Return one published field; a map field also adds the message of its entries."""
    result: Json = {"name": field["name"], "number": field["number"]}
    if field["json_name"] != camel_case(field["name"]):
        result["json_name"] = field["json_name"]
    if field["type"] == "map":
        entry = f"{message}.{field['json_name'][:1].upper()}{field['json_name'][1:]}Entry"
        messages[entry] = [
            {"name": "key", "number": 1, "type": field["map"]["key"]},
            {"name": "value", "number": 2, "type": "message", "ref": field["map"]["value"]},
        ]
        result.update(type="message", ref=entry, repeated=True, map=True)
    elif field["type"].startswith(_WELL_KNOWN):
        result.update(type="message", ref=field["type"])
    else:
        result["type"] = field["type"]
    if "ref" in field:
        result["ref"] = field["ref"]
    flags = {"repeated": "repeated", "deprecated": "deprecated", "explicit_presence": "presence"}
    result.update({ours: True for theirs, ours in flags.items() if field.get(theirs)})
    if "oneof" in field:
        result["oneof"] = field["oneof"]
        result["presence"] = True
    return result


def _supplement_field(message: str, field: Json, messages: dict[str, list[Json]]) -> Json:
    """Return a field that the published protos lack: numberless, and an enum of unknown members is a string."""
    result: Json = {"name": field["name"], "type": field["type"].split(" ")[0].rstrip(","), "supplement": True}
    if field["type"].startswith("message {"):
        result["ref"] = f"{message}.{field['name'].capitalize()}"
        members = [member.split(":") for member in field["type"].removeprefix("message {").rstrip("}").split(", ")]
        messages[result["ref"]] = [{"name": name, "type": kind, "supplement": True} for name, kind in members]
    elif result["type"] == "enum":
        result["type"] = "string"
    if "ref" in field:
        result["ref"] = field["ref"]
    if field["repeated"]:
        result["repeated"] = True
    return result


def camel_case(name: str) -> str:
    """Return the proto3 JSON name of a field."""
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def render(schema: Json) -> str:
    """Return the file's text: one line for each field and each enumeration, so that a diff shows what changed."""
    lines = ["{", *(f' "{key}": {json.dumps(schema[key])},' for key in ("about", "source", "roots")), ' "messages": {']
    lines.append(",\n".join(_render_message(name, fields) for name, fields in schema["messages"].items()))
    lines.append(' },\n "enums": {')
    lines.append(
        ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(members, separators=(',', ':'))}"
            for name, members in schema["enums"].items()
        )
    )
    lines.append(" }\n}\n")
    return "\n".join(lines)


def _render_message(name: str, fields: list[Json]) -> str:
    rows = ",\n".join("   " + json.dumps(field, separators=(",", ":")) for field in fields)
    return f"  {json.dumps(name)}: [\n{rows}\n  ]"


if __name__ == "__main__":
    sys.stdout.write(render(convert(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
