"""The scenarios by name."""

from __future__ import annotations

from windshear.core.errors import SettingError
from windshear.language.diagnostics.suggest import closest
from windshear.simulate.scenario import Scenario
from windshear.simulate.scenarios.aws_configure_stolen_keys import AwsConfigureStolenKeys
from windshear.simulate.scenarios.az_login import AzLogin
from windshear.simulate.scenarios.connect_azaccount import ConnectAzAccount
from windshear.simulate.scenarios.list_resources_after_login import ListResourcesAfterLogin

BACKGROUND = "background"  # the name of what has no attack
SCENARIOS: tuple[type[Scenario], ...] = (
    AzLogin,
    ConnectAzAccount,
    AwsConfigureStolenKeys,
    ListResourcesAfterLogin,
)


def find_scenario(name: str) -> type[Scenario] | None:
    """Give the scenario of a name, None for the background alone; `SettingError` if there is none."""
    if name == BACKGROUND:
        return None
    named = {scenario.name(): scenario for scenario in SCENARIOS}
    if name not in named:
        meant = closest(name, (*named, BACKGROUND))
        hint = f"did you mean `{meant}`?" if meant else "`windshear simulate --list` shows all"
        raise SettingError(f"there is no scenario `{name}`; {hint}")
    return named[name]
