"""What a team may set: which lints are on, how severe they are, and what its tenant allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from windshear.language.diagnostics.diagnostic import Severity

Edition = Literal["standard", "enterprise", "enterprise-plus"]
RunFrequency = Literal["live", "10m", "hourly", "daily"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """The tenant that the rules are for. None: not known, so nothing is said about it.

    edition: decides how many rules may be in force. run_frequency: how often multi-event rules run.
    """

    edition: Edition | None = None
    run_frequency: RunFrequency | None = None


@dataclass(frozen=True, slots=True)
class LintSettings:
    """Settings of a run.

    select, ignore: codes, beginnings of codes, names or categories; the longer word wins, of equal ones `ignore`.
    severities: by code or name, instead of the lint's own. required_meta: keys that every rule must have; `a|b` is
    one of several. most_literals: how long a list of constants may be before it belongs into a data table.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    required_meta: tuple[str, ...] = ("author", "description", "severity")
    most_literals: int = 20
    tenant: Tenant = Tenant()
