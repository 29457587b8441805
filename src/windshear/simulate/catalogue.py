"""The scenarios by name."""

from __future__ import annotations

from windshear.core.errors import SettingError
from windshear.language.diagnostics.suggest import closest
from windshear.simulate.scenario import Scenario
from windshear.simulate.scenarios.apt29 import Apt29
from windshear.simulate.scenarios.aws_configure_stolen_keys import AwsConfigureStolenKeys
from windshear.simulate.scenarios.az_login import AzLogin
from windshear.simulate.scenarios.connect_azaccount import ConnectAzAccount
from windshear.simulate.scenarios.consentfix import ConsentFix
from windshear.simulate.scenarios.device_code import DeviceCode
from windshear.simulate.scenarios.golden_saml import GoldenSaml
from windshear.simulate.scenarios.list_resources_after_login import ListResourcesAfterLogin
from windshear.simulate.scenarios.quiet_insider import QuietInsider
from windshear.simulate.scenarios.scattered_spider import ScatteredSpider
from windshear.simulate.scenarios.storm_0501 import Storm0501
from windshear.simulate.scenarios.workload_theft import WorkloadTheft

BACKGROUND = "background"  # the name of what has no attack
SCENARIOS: tuple[type[Scenario], ...] = (
    AzLogin,
    ConnectAzAccount,
    AwsConfigureStolenKeys,
    ListResourcesAfterLogin,
    Storm0501,
    Apt29,
    ScatteredSpider,
    GoldenSaml,
    ConsentFix,
    DeviceCode,
    WorkloadTheft,
    QuietInsider,
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
