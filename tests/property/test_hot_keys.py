"""Rules over a busy key: what is settled without joined rows is what joined rows and the evaluator give."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.property.agreement import Tally, assert_agreement, compiled_rules
from tests.property.hot_keys import busy_rules, busy_worlds
from tests.property.rules import RuleParts
from tests.property.worlds import World
from windshear.core.readings.settings import Readings
from windshear.engine.settle import ways
from windshear.engine.settle.factors import factors
from windshear.engine.settle.variables import layout

READINGS = st.builds(Readings, merge_sliding=st.booleans(), array_cap=st.sampled_from([1, 25]))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(busy_rules(), min_size=4, max_size=8), busy_worlds(), READINGS)
def test_factors_change_nothing(parts: list[RuleParts], world: World, readings: Readings) -> None:
    """Detections are those of the evaluator, with factors and with joined rows only."""
    for rule in compiled_rules(parts, {}):
        event("factors" if factors(rule, layout(rule)) else "joined rows")
    assert_agreement(parts, world, Tally(), readings)
    with patch.object(ways, "factors", lambda _rule, _plan: None):
        assert_agreement(parts, world, Tally(), readings)
