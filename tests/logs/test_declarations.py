"""Declarations: every log type fills real UDM fields, in the kinds that UDM says."""

from __future__ import annotations

import re
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest

from windshear.logs import catalogue
from windshear.logs.catalogue import ENTITY_PARSERS, PARSERS, log_types
from windshear.logs.parser import Labels, Listed, LogParser, Messages, Repeated, Scalar, UdmValue
from windshear.logs.statement import all_columns, compile_statement
from windshear.udm.columns import ScalarKind
from windshear.udm.paths import ResolvedPath, parse_path, resolve
from windshear.udm.requests import scalar_kind
from windshear.udm.schema import enumeration

_DECLARED = [parser for parser in (*PARSERS, *ENTITY_PARSERS) if isinstance(parser, LogParser)]


def _leaves(fields: tuple[UdmValue, ...], above: str = "") -> list[tuple[str, ScalarKind, bool]]:
    """Give each leaf's path, kind and whether it is a list."""
    found: list[tuple[str, ScalarKind, bool]] = []
    for field in fields:
        name = above + field.name
        match field:
            case Scalar():
                found.append((name, field.kind, False))
            case Repeated():
                found.append((name, "text", True))
            case Labels():
                found.append((f'{name}["k"]', "text", False))
            case Listed():
                found.append((f"{name}.{field.member}", "text", False))
            case Messages():
                for element in field.elements:
                    found += _leaves(element.members, name + ".")
    return found


@pytest.mark.parametrize("parser", _DECLARED, ids=lambda parser: parser.log_type)
def test_fields_are_udm(parser: LogParser) -> None:
    """Each declared field is a UDM leaf of that kind, and a list where UDM says list."""
    for name, kind, is_list in _leaves(parser.fields):
        resolved = resolve(parser.root, parse_path(name))
        assert isinstance(resolved, ResolvedPath), name
        assert scalar_kind(resolved.kind) == kind, name
        assert resolved.steps[-1].is_repeated == is_list or resolved.steps[-1].key, name


@pytest.mark.parametrize("parser", _DECLARED, ids=lambda parser: parser.log_type)
def test_fields_are_declared_once(parser: LogParser) -> None:
    """No field and no label key is declared twice."""
    names = [field.name for field in parser.fields]
    assert len(names) == len(set(names))
    for field in parser.fields:
        if isinstance(field, Labels):
            keys = [entry.key for entry in field.entries]
            assert len(keys) == len(set(keys)), field.name


@pytest.mark.parametrize("parser", _DECLARED, ids=lambda parser: parser.log_type)
def test_every_shape_compiles(parser: LogParser) -> None:
    """Every column can be asked for in every shape."""
    columns = all_columns(parser)
    for shape in parser.shapes:
        assert set(compile_statement(parser, shape, columns).filled.columns) == set(columns)


def test_event_types_exist() -> None:
    """The event types that statements name are members of UDM's enumeration."""
    members = enumeration("Metadata.EventType").members
    for parser in _DECLARED:
        if parser.root != "udm":
            continue
        field = next(field for field in parser.fields if field.name == "metadata.event_type")
        assert isinstance(field, Scalar)
        written = field.value.sql.text
        words = set(re.findall(r"(?:THEN|ELSE) '([^']*)'|^'([^']*)'$|'([^']*)'\)+$", written))
        named = {word for group in words for word in group if word}
        for names in re.findall(r"map\(\[[^\]]*\], \[([^\]]*)\]", written):
            named |= set(re.findall("'([^']*)'", names))
        assert named
        assert named <= set(members), parser.log_type


def test_log_types_are_named_after_their_modules() -> None:
    """A module whose log type is not its name is refused."""
    module = cast("ModuleType", SimpleNamespace(__name__="windshear.logs.parsers.okta", PARSER=_DECLARED[0]))
    with pytest.raises(ValueError, match="must declare log type `OKTA`"):
        catalogue.declared(module)
    assert log_types()[0] == "UDM"
    assert len(set(log_types())) == len(log_types())
