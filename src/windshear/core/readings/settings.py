"""Settings of readings: the open points on which a user may take another reading than ours.

`Readings` is what one run goes by, passed down from the command line to the plans. Each field is one setting, declared
below with its words; its type says which values it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_type_hints

from windshear.core.errors import SettingError

Merging = Literal["coverage", "earliest", "exact"]
DuplicateKeys = Literal["first", "error"]
SearchCase = Literal["sensitive", "insensitive"]
Value = str | int | bool

_SWITCH = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Readings:
    """How the open points are read in one run; the defaults are the readings that are recommended."""

    merging: Merging = "coverage"
    merge_sliding: bool = False
    longest_chain: int = 500_000
    empty_all: bool = True
    duplicate_keys: DuplicateKeys = "first"
    array_cap: int = 25
    alerting: bool = False
    search_case: SearchCase = "sensitive"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name (a field of `Readings`), what it decides, and the bounds of a number."""

    name: str
    what: str
    low: int = 0
    high: int = 0

    @property
    def default(self) -> str:
        """The value without `--set`, as it would be written."""
        return written(getattr(Readings(), self.name))

    @property
    def choices(self) -> tuple[str, ...]:
        """The values, if there are only a few; empty for a number."""
        kind = get_type_hints(Readings)[self.name]
        return tuple(_SWITCH) if kind is bool else () if kind is int else get_args(kind)

    @property
    def values(self) -> str:
        """The values in words."""
        return ", ".join(self.choices) or f"{self.low:,} to {self.high:,}"

    def read(self, text: str) -> Value:
        """Return the value that a text stands for; SettingError says which there are."""
        if self.choices:
            if text in self.choices:
                return _SWITCH[text] if set(self.choices) == set(_SWITCH) else text
            raise SettingError(f"`{self.name}` cannot be `{text}`{_meant(text, self.choices)}; it is {self._one_of()}")
        if text.isascii() and text.isdecimal() and self.low <= int(text[:20]) <= self.high:
            return int(text)
        raise SettingError(f"`{self.name}` cannot be `{text}`; it is a number from {self.low} to {self.high}")

    def _one_of(self) -> str:
        *others, last = (f"`{choice}`" for choice in self.choices)
        return f"{', '.join(others)} or {last}"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "merging",
        "how overlapping hop windows of one match tuple become one detection: the fullest window first (`coverage`), "
        "the earliest first (`earliest`), or the fullest first of windows that begin at an event instead of at fixed "
        "steps (`exact`: each event has a window, so a rule with busy match values may run out of its memory)",
    ),
    Setting("merge_sliding", "whether overlapping sliding windows of one match tuple are merged like hop windows"),
    Setting(
        "longest_chain",
        "how many overlapping windows of one match tuple a rule may have in a row before it is stopped",
        low=1,
        high=100_000_000,
    ),
    Setting("empty_all", "whether `all` holds on an empty list"),
    Setting(
        "duplicate_keys",
        "what happens when a matching event holds a key twice that the rule reads: its first value counts (`first`), "
        "or the rule is stopped (`error`)",
    ),
    Setting("array_cap", "how many elements `array` and `array_distinct` keep", low=1, high=10_000),
    Setting(
        "alerting",
        "whether rules are taken as alerting: their detections say so, and have a higher risk score if the rule sets "
        "none",
    ),
    Setting(
        "search_case",
        "whether searches tell upper from lower case; `--ignore-case` of `search` is short for `insensitive`",
    ),
)


def read_settings(assignments: Iterable[str], start: Readings | None = None) -> Readings:
    """Return readings with some settings changed, each written `name=value`; SettingError says what is wrong.

    >>> read_settings(["merging=exact", "array_cap=100"]).array_cap
    100
    """
    changed: dict[str, Any] = {}
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        setting = next((known for known in SETTINGS if known.name == name.strip()), None)
        if not sign:
            raise SettingError(f"a setting is written `name=value`, not `{assignment}`{_names(name)}")
        if setting is None:
            raise SettingError(f"there is no setting `{name}`{_names(name)}")
        changed[setting.name] = setting.read(text.strip())
    return replace(start or Readings(), **changed)


def written(value: Value) -> str:
    """Return a value as a user writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _names(name: str) -> str:
    names = [setting.name for setting in SETTINGS]
    return f"{_meant(name, names)}; there are {', '.join(f'`{known}`' for known in names)}"


def _meant(word: str, known: Iterable[str]) -> str:
    """Return a question for the word that was probably meant, if one is close."""
    found = get_close_matches(word.strip().lower().replace("-", "_"), list(known), n=1)
    return f" (did you mean `{found[0]}`?)" if found and found[0] != word else ""
