"""Extraction: from raw text to one column per reading, with as few passes over the JSON as possible.

All readings of a statement become members of one typed structure, so a record is parsed once. DuckDB names members
without regard to case and a place cannot be a scalar and an object at once; a reading that collides with others goes
into a second structure, which costs a second parse. What is read below a place that is also read as a whole is taken
out of the JSON of that place. A root that may hold its object as a JSON string is read as text, which is that object's.

An extraction that raises where a text is not JSON is a good deal quicker than one that gives NULL there.

A value that looks at other records is worked out in a table of its own, of the records that may have what it needs:
working it out beside all the rest would hold every text of a batch.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import orjson

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.logs.parser import Shape
from windshear.logs.prepared import RECORDS, ROW_COLUMN, TEXT_COLUMN, Given, given_records
from windshear.logs.values import Each, Item, Path, Reading, ReadingKind, Value, reads_of

VALID_COLUMN = "valid"

_ELEMENT = ""
_BLANKS = " \t\r\n"
_LEAVES: dict[ReadingKind, str] = {"text": "VARCHAR", "json": "JSON"}


@dataclass(slots=True)
class _Structure:
    """A typed structure under construction: keys to members, or a leaf type."""

    members: dict[str, _Structure] = field(default_factory=dict)  # of an array: one, for all elements
    leaf: str | None = None
    is_array: bool = False

    def add(self, path: Path, leaf: str) -> bool:
        """Add a leaf unless it collides with what is there."""
        node = self
        for step, key in enumerate(path):
            is_item = isinstance(key, Item)
            name = _ELEMENT if is_item else key
            if node.leaf is not None or any(k != name and k.casefold() == name.casefold() for k in node.members):
                return False
            if node.members and node.is_array != is_item:
                return False
            node.is_array = is_item
            is_new = name not in node.members
            node = node.members.setdefault(name, _Structure())
            if is_new and step == len(path) - 1:
                node.leaf = leaf
        if node.leaf is None:
            return False
        node.leaf = "JSON" if "JSON" in (leaf, node.leaf) else node.leaf
        return True

    def leaf_at(self, path: Path) -> str:
        """Return the type of a leaf that was added."""
        node = self
        for key in path:
            node = node.members[_ELEMENT if isinstance(key, Item) else key]
        return node.leaf or ""

    def plain(self) -> object:
        """Return the structure as `json_transform` reads it."""
        if self.is_array:
            return [self.members[_ELEMENT].plain()]
        return self.leaf or {key: member.plain() for key, member in self.members.items()}

    def transform(self, document: Sql, *, is_strict: bool) -> Sql:
        """Extract the structure from a JSON text; if it is not JSON, raise (strict) or give NULL."""
        shape = orjson.dumps(self.plain()).decode()
        transformed = sql.call("json_transform", document, sql.text(shape))
        return transformed if is_strict else sql.call("try", transformed)


@dataclass(slots=True)
class _Layout:
    """Where each reading is found."""

    structures: list[_Structure] = field(default_factory=lambda: [_Structure()])
    places: dict[Reading, tuple[int, Path]] = field(default_factory=dict)

    def add(self, reading: Reading, path: Path) -> None:
        leaf = _LEAVES[reading.kind]
        for number, structure in enumerate(self.structures):
            if structure.add(path, leaf):
                self.places[reading] = (number, path)
                return
        self.structures.append(_Structure())
        self.structures[-1].add(path, leaf)
        self.places[reading] = (len(self.structures) - 1, path)

    def value(self, reading: Reading, prefix: str) -> Sql:
        number, path = self.places[reading]
        value = sql.name(f"{prefix}{number}")
        for step, key in enumerate(path):
            if isinstance(key, Each):
                inner = self._leaf(reading, sql.name("one"), path[step + 1 :], self.structures[number].leaf_at(path))
                return sql.call("list_transform", value, sql.lambda_("one", inner))
            value = _step(value, key)
        return self._leaf(reading, value, (), self.structures[number].leaf_at(path))

    def _leaf(self, reading: Reading, value: Sql, path: Path, leaf: str) -> Sql:
        for key in path:
            value = _step(value, key)
        match reading.kind, leaf:
            case "text", "JSON":
                return unquoted(sql.cast(value, "VARCHAR"))
            case "json", _:
                return sql.cast(value, "VARCHAR")
            case _:
                return sql.call("nullif", value, sql.text(""))


def _step(value: Sql, key: str) -> Sql:
    return sql.element(value, int(key[1:-1])) if isinstance(key, Item) else sql.member(value, key)


def unquoted(json: Sql) -> Sql:
    """Give the text of a JSON string, and any other JSON as it is."""
    is_text = sql.call("starts_with", json, sql.text('"'))
    inner = sql.call("nullif", sql.call("json_extract_string", json, sql.text("$")), sql.text(""))
    return sql.case(is_text, inner, json)


def _held(json: Sql) -> Sql:
    """Give the JSON that a JSON string holds, and any other JSON as it is."""
    inner = unquoted(json)
    holds = sql.all_of([sql.call("starts_with", json, sql.text('"')), sql.call("json_valid", inner)])
    return sql.case(holds, inner, json)


def _nested(text: Sql) -> Sql:
    """Give a text that looks like an object or array, for each that is none would be an error that has to be caught."""
    bare = sql.case(sql.binary("<", text, sql.text("!")), sql.call("ltrim", text, sql.text(_BLANKS)), text)
    looks = (sql.call("starts_with", bare, sql.text(sign)) for sign in "{[")
    return sql.case(sql.any_of(looks), text, sql.NULL)


def extraction(readings: Iterable[Reading], shape: Shape, *, is_strict: bool = False) -> Sql:
    """Return the table that holds row, validity and one column per reading for the records at hand.

    is_strict: raise where a record, or an object in it that is held as text, is not JSON.
    """
    return _extraction(readings, RECORDS, shape, is_strict=is_strict)


def _extraction(readings: Iterable[Reading], records: Sql, shape: Shape, *, is_strict: bool) -> Sql:
    layers = _layers(readings, shape)
    table = _places(layers[0], records, shape, is_strict=is_strict)
    for layer in layers[1:]:
        table = _made(layer, shape, table)
        for reading in sorted((one for one in layer if one.among is not None), key=lambda one: one.column):
            table = sql.left_join(table, _among_records(reading, records, shape, is_strict=is_strict), ROW_COLUMN)
    return table


def _among_records(reading: Reading, records: Sql, shape: Shape, *, is_strict: bool) -> Sql:
    """Return the table of a value that looks at other records: those in which the key that it asks for is written."""
    if reading.made is None or reading.among is None:
        raise TypeError(f"{reading.column} looks at no other record")
    *_, key = places_of([reading.among], shape)[reading.among]
    is_written = sql.call("contains", sql.name(TEXT_COLUMN), sql.text(key))  # nobody escapes letters of a key
    some = sql.raw(f"{sql.select([sql.raw('*')], records)} WHERE {is_written}")
    table = _extraction(reading.made.reads, some, shape, is_strict=is_strict)
    return sql.select([sql.name(ROW_COLUMN), sql.aliased(reading.made.sql, reading.column)], table)


def places_of(readings: Iterable[Reading], shape: Shape) -> dict[Reading, Path]:
    """Return where in a record of a shape those places stand that readings are, or are made of."""
    places: dict[Reading, Path] = {}
    for reading in readings:
        made = shape.made_of(reading)
        if made is not None:
            places |= places_of(made.reads, shape)
        else:
            places[reading] = reading.path if reading.is_raw else shape.locate(reading.path)
    return places


def given_extraction(values: Mapping[str, Value], shape: Shape) -> Given | None:
    """Return the statement for values of records whose reader gives what they are made of; None if that is JSON."""
    readings = reads_of(values.values())
    places = places_of(readings, shape)
    layers = _layers(readings, shape)
    is_text = any(reading.kind == "json" for reading in places) or any(one.among for layer in layers for one in layer)
    if shape.text_roots or is_text:
        return None
    distinct = sorted(set(places.values()))
    columns = {reading.column: distinct.index(path) for reading, path in places.items()}
    function = "given_" + sha256(repr(distinct).encode()).hexdigest()[:16]
    valid = sql.aliased(sql.TRUE, VALID_COLUMN)
    table = sql.select([sql.raw("*"), valid], given_records(function, columns))
    for layer in layers[1:]:
        table = _made(layer, shape, table)
    items = [sql.name(ROW_COLUMN), *(sql.aliased(value.sql, name) for name, value in values.items())]
    return Given(function, distinct, sql.select(items, table).text)


def _layers(readings: Iterable[Reading], shape: Shape) -> list[set[Reading]]:
    layers: list[set[Reading]] = [set()]
    for reading in readings:
        _layer(reading, layers, shape)
    return layers


def _made(layer: Iterable[Reading], shape: Shape, table: Sql) -> Sql:
    """Add the values that are made of readings of the same record."""
    alone = ((one.column, made.sql) for one in layer if (made := shape.made_of(one)) and one.among is None)
    return sql.select([sql.raw("*"), *(sql.aliased(value, column) for column, value in sorted(alone))], table)


def _layer(reading: Reading, layers: list[set[Reading]], shape: Shape) -> int:
    """Put a reading behind all that it is made of; return the number of its layer."""
    made = shape.made_of(reading)
    number = 0 if made is None else 1 + max((_layer(part, layers, shape) for part in made.reads), default=0)
    layers += [set() for _ in range(number + 1 - len(layers))]
    layers[number].add(reading)
    return number


def _places(readings: Iterable[Reading], records: Sql, shape: Shape, *, is_strict: bool) -> Sql:
    located = {reading: reading.path if reading.is_raw else shape.locate(reading.path) for reading in readings}
    ordered = sorted(located.items(), key=lambda item: (item[1], item[0].kind))
    direct = _Layout()
    inner: dict[Path, _Layout] = {}
    whole = set(located.values())
    for reading, path in ordered:
        root = _first_root(path, shape.text_roots) or _first_root(path, whole)
        if root is None or root == path:
            direct.add(reading, path)
        else:
            inner.setdefault(root, _Layout()).add(reading, path[len(root) :])
    roots = {root: Reading(root, "text" if root in shape.text_roots else "json", is_raw=True) for root in inner}
    for root, reading in roots.items():
        direct.add(reading, root)

    row, text = sql.name(ROW_COLUMN), sql.name(TEXT_COLUMN)
    first = [structure.transform(text, is_strict=is_strict) for structure in direct.structures]
    table = sql.select([row, *_numbered(first, "r")], records)
    columns = {reading: direct.value(reading, "r") for reading in direct.places}
    columns |= {
        reading: _held(columns[reading])
        for reading, (_, path) in direct.places.items()
        if reading.kind == "json" and path in shape.text_roots
    }
    if inner:
        documents = _numbered([direct.value(roots[root], "r") for root in inner], "t")
        table = sql.select([sql.raw("*"), *documents], table)
        second: list[Sql] = []
        for order, (root, layout) in enumerate(inner.items()):
            document = sql.name(f"t{order}")
            document = _nested(document) if root in shape.text_roots else document
            transformed = [structure.transform(document, is_strict=is_strict) for structure in layout.structures]
            second += _numbered(transformed, f"d{order}_")
            columns |= {reading: layout.value(reading, f"d{order}_") for reading in layout.places}
        table = sql.select([sql.raw("*"), *second], table)
    valid = sql.aliased(sql.raw("(r0 IS NOT NULL)"), VALID_COLUMN)
    named = [sql.aliased(value, reading.column) for reading, value in columns.items()]
    return sql.select([row, valid, *named], table)


def _first_root(path: Path, roots: Container[Path]) -> Path | None:
    return next((path[:length] for length in range(1, len(path) + 1) if path[:length] in roots), None)


def _numbered(values: Sequence[Sql], prefix: str) -> list[Sql]:
    return [sql.aliased(value, f"{prefix}{number}") for number, value in enumerate(values)]
