"""What is asked for: which scenario, how large, from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from windshear.core.errors import SettingError
from windshear.simulate.scenario import Scenario

_MOST_DAYS = 90
_PLAIN_PERSON_DAYS = 2_000  # more than that is written compressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A simulation. scenario: None for the background alone. history_days: of an earlier clean period, 0 for none."""

    scenario: type[Scenario] | None
    seed: int
    users: int = 1000
    days: int = 7
    start: date = date(2026, 3, 2)
    has_background: bool = True
    history_days: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.days <= _MOST_DAYS:
            raise SettingError(f"`--days {self.days}`: a simulation has 1 to {_MOST_DAYS} days")
        if not 0 <= self.history_days <= _MOST_DAYS:
            raise SettingError(f"`--history-days {self.history_days}`: a history has at most {_MOST_DAYS} days")
        if self.scenario is None and not self.has_background:
            raise SettingError("`background` with `--no-background` is nothing at all")
        if self.scenario is not None and self.days < self.scenario.days():
            raise SettingError(f"`{self.scenario.name()}` takes {self.scenario.days()} days: use `--days`")

    @property
    def name(self) -> str:
        """The name by which it was asked for."""
        return self.scenario.name() if self.scenario else "background"

    @property
    def is_compressed(self) -> bool:
        """Whether files are compressed: if they grow large."""
        return self.has_background and self.users * (self.days + self.history_days) > _PLAIN_PERSON_DAYS

    @property
    def first_attack_day(self) -> int:
        """On which day, counted from 0, a scenario begins: not at once, so that some background lies before it."""
        return min(2, self.days - self.scenario.days()) if self.scenario else 0
