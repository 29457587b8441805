"""Tables of the portals: a row says the same as a record, and what it does not say is not guessed."""

from __future__ import annotations

from typing import Any

from tests.logs.support import full_events, take
from windshear.logs.normalise import Normaliser

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
