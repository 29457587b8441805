"""Figures as texts: shares, rates and time spans."""

from __future__ import annotations

NOTHING = "-"


def days(number: int) -> str:
    """Return a number of days.

    >>> days(1), days(30)
    ('1 day', '30 days')
    """
    return f"{number:,} day{'' if number == 1 else 's'}"


def percent(value: float | None) -> str:
    """Return a share in per cent; only all is 100 %.

    >>> percent(0.999), percent(1.0), percent(None)
    ('99 %', '100 %', '-')
    """
    return NOTHING if value is None else f"{int(value * 100)} %"


def duration(microseconds: int | None) -> str:
    """Return a time span in its two largest units.

    >>> duration(3_725_000_000), duration(59_000_000), duration(0), duration(None)
    ('1 h 2 m', '59 s', '0 s', '-')
    """
    if microseconds is None:
        return NOTHING
    seconds = round(microseconds / 1_000_000)
    units = ((seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    first = next((place for place, (number, _) in enumerate(units) if number), len(units) - 1)
    shown = [f"{number} {unit}" for number, unit in units[first : first + 2] if number]
    return " ".join(shown) or "0 s"


def rate(value: float | None) -> str:
    """Return a rate with as many digits as it deserves.

    >>> rate(0.0), rate(0.123), rate(12.34), rate(None)
    ('0', '0.12', '12.3', '-')
    """
    if value is None:
        return NOTHING
    return "0" if value == 0 else f"{value:.2f}" if value < 10 else f"{value:,.1f}"
