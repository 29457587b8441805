"""What is known of events before they are read holds for every sample."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from tests.logs.support import take
from windshear.logs.catalogue import PARSERS, log_types
from windshear.logs.known import NOTHING_KNOWN, PRODUCT, Known, known_of
from windshear.logs.normalise import Normaliser
from windshear.logs.parser import LogParser
from windshear.logs.statement import all_columns
from windshear.udm.columns import Columns, merge

_HERE = Path(__file__).parent
_TYPES = [parser for parser in PARSERS if isinstance(parser, LogParser)]


def _columns() -> Columns:
    """Return all columns that some log type fills."""
    return merge([{name: column} for parser in _TYPES for name, column in all_columns(parser).items()])


def _cells(column: pa.ChunkedArray) -> set[object]:
    return set(column.to_pylist())


@pytest.mark.parametrize("parser", _TYPES, ids=lambda parser: parser.log_type)
def test_samples_hold_what_is_known(parser: LogParser) -> None:
    """A field is nothing but what it can be, and one that is never filled is absent; so is what others are called."""
    columns, normaliser = _columns(), Normaliser()
    known = known_of(parser, columns)
    files = (_HERE / parser.log_type.lower()).iterdir()
    samples = sorted(str(path) for path in files if not path.name.endswith((".expected.json", ".md")))
    taken = take(samples, columns, parser.log_type, normaliser=normaliser)
    tables = [events.table for events in taken.events if events.log_type == parser.log_type]
    assert tables
    for table in tables:
        for name, texts in known.choices.items():
            assert _cells(table.column(name)) <= set(texts)
        assert known.absent.isdisjoint(table.column_names)
        assert known.foreign.isdisjoint(_cells(table.column(PRODUCT)))


def test_nothing_is_known_of_what_is_udm_already() -> None:
    """Its records may be events of any log type."""
    assert known_of(PARSERS[0], ["metadata.product_name"]) == NOTHING_KNOWN
    assert PARSERS[0].log_type == log_types()[0] == "UDM"


def test_only_what_is_asked_for_is_known() -> None:
    """Something else may fill the others."""
    okta = next(parser for parser in _TYPES if parser.log_type == "OKTA")
    known = known_of(okta, ["metadata.vendor_name", "principal.process.pid", 'additional.fields["nobody"]'])
    assert known == Known(
        {"metadata.vendor_name": ["Okta"]},
        frozenset(["principal.process.pid", 'additional.fields["nobody"]']),
        known.foreign,
    )
    assert {"AWS CloudTrail", "Azure AD"} <= known.foreign
