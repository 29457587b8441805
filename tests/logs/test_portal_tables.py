"""Tables of the portals: a row says the same as a record, and what it does not say is not guessed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import pytest

from tests.logs.support import full_events, take
from windshear.logs.catalogue import parser_of
from windshear.logs.normalise import Normaliser
from windshear.logs.parser import LogParser, Plain
from windshear.logs.record import batch_of
from windshear.logs.statement import all_columns, compile_statement
from windshear.logs.values import Path, Reading
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.rows import to_table

_COLUMNS = "Date (UTC),Request ID,Username,Application ID ,Status,Sign-in error code,Location,Conditional Access"
_TIME = "2026-03-02T08:00:00Z"


def _events(*rows: str, columns: str = _COLUMNS) -> list[dict[str, Any]]:
    normaliser = Normaliser()
    taken = take("\r\n".join([columns, *rows, ""]).encode(), normaliser=normaliser)
    assert {part.log_type for part in taken.events} == {"AZURE_AD"}
    return full_events(taken, normaliser)


def _action(event: dict[str, Any]) -> tuple[object, object]:
    (result,) = event["securityResult"]
    return result.get("action"), result.get("ruleId")


def test_a_success_needs_no_code() -> None:
    """A success is allowed with or without its code; without either nobody knows."""
    with_code, without, unknown = _events(
        f"{_TIME},1,sam@example.com,a,Success,0,,",
        f"{_TIME},2,sam@example.com,a,Success,,,",
        f"{_TIME},3,sam@example.com,a,Interrupted,,,",
    )
    assert _action(with_code) == _action(without) == (["ALLOW"], "0")
    assert _action(unknown) == (None, None)


def test_words_that_are_not_known_stay() -> None:
    """A status of a later release, and a place in another form, are no mistake."""
    (event,) = _events(f'{_TIME},1,sam@example.com,a,Success,0,"Somewhere, far, away, from here",Report-only')
    assert "location" not in event["principal"]
    assert "Report-only" in str(event["securityResult"])


def test_a_date_in_the_order_of_a_country_is_not_guessed() -> None:
    """Whether 3/12 is in March or December the row does not say."""
    text = f"{_COLUMNS}\n3/12/2026 8:00:00 AM,1,sam@example.com,a,Success,0,,\n"
    (broken,) = take(text.encode()).quarantined
    assert (broken.number, broken.reason) == (2, "no readable event time")


def test_other_delimiters_and_orders() -> None:
    """Semicolons and another order of the columns change nothing."""
    plain = _events(f'{_TIME},1,sam@example.com,a,Failure,50126,"Berlin, DE",Not Applied')
    columns = "Status;Location;Request ID;Application ID;Date (UTC);Username;Conditional Access;Sign-in error code"
    row = f"Failure;Berlin, DE;1;a;{_TIME};sam@example.com;Not Applied;50126"
    assert _events(row, columns=columns) == plain


_CELLS = (
    "Application", "ServicePrincipal", "User", "Group", "AppInstance", "PolicyRule", "unknown", "null", "None",
    "Success", "Failure", "Not Applied", "Yes", "Berlin, DE", ", Victoria, AU", "Melbourne, Victoria, AU ", "NL",
    "far", "sam@example.com", "192.0.2.1", '["a"]', '"b"', "é", "PolicyId", "MailNickname", "Role.DisplayName",
    "Other.", 7, 50126.5, True, {"a": "b"},
)  # fmt: skip


def _rows(plain: Plain, evidence: Mapping[str, str], *, has_gaps: bool) -> list[str]:
    """Make rows that fill all columns, or some of them, so that lists have gaps."""
    chosen = random.Random(7)
    told = {*plain.names.values(), *(path for value in plain.made.values() for path in _raw(value.reads))}
    columns = sorted(column for (column,) in told if column not in evidence)
    rows: list[str] = []
    for _ in range(200):
        share = chosen.random() if has_gaps else 1.0
        cells = {column: chosen.choice(_CELLS) for column in columns if chosen.random() < share}
        rows.append(orjson.dumps({**evidence, **cells}).decode())
    return rows


def _raw(readings: Iterable[Reading]) -> set[Path]:
    return set().union(
        *({reading.path} if reading.made is None else _raw(reading.made.reads) for reading in readings),
    )


@pytest.mark.parametrize(
    ("log_type", "name", "evidence"),
    [
        ("AZURE_AD", "table of the portal", {"Date (UTC)": _TIME, "Request ID": "1", "Application ID": "a"}),
        ("AZURE_AD_AUDIT", "table of the portal", {"Date (UTC)": _TIME, "CorrelationId": "1", "Activity": "Add user"}),
        ("OKTA", "table of the console", {"timestamp": _TIME, "event_type": "a.b", "outcome.result": "SUCCESS"}),
    ],
)
def test_a_scan_sees_what_whole_events_hold(log_type: str, name: str, evidence: dict[str, str]) -> None:
    """Rows that are read as they are give the columns of the events that they become as a whole, gaps and all."""
    parser = parser_of(log_type)
    assert isinstance(parser, LogParser)
    shape = parser.shape(name)
    assert shape.plain is not None
    columns: dict[str, Column] = {
        column: kind for column, kind in all_columns(parser).items() if not isinstance(kind, MessagesColumn)
    }
    members: dict[str, Column] = {
        "action": ListColumn("text"),
        "description": ScalarColumn("text"),
        "summary": ScalarColumn("text"),
    }
    columns["security_result"] = MessagesColumn(members)
    if "about" in all_columns(parser):
        columns["about"] = MessagesColumn({"resource.name": ScalarColumn("text")})
    assert compile_statement(parser, shape, columns).shape.rewrite is None
    normaliser = Normaliser()
    full, gappy = (_rows(shape.plain, evidence, has_gaps=has_gaps) for has_gaps in (False, True))
    for texts in (full, gappy, *([row] for row in gappy[:8])):
        events = normaliser.normalise_full(texts, log_type)
        expected = to_table([event for event in events if event is not None], columns)
        found = normaliser.normalise(batch_of(texts), log_type, columns, name).table
        assert len(found) == len(expected) == len(texts)
        for column in found.column_names:
            there = expected.column(column).to_pylist() if column in expected.column_names else [None] * len(texts)
            assert [cell or None for cell in found.column(column).to_pylist()] == [cell or None for cell in there], (
                column
            )
