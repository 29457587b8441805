"""Why a test failed: its rule explained on its own data, by the expressions that decided."""

from __future__ import annotations

from dataclasses import replace

from windshear.engine.batch import EventBatch
from windshear.engine.explain.explanation import Explanation
from windshear.engine.explain.run import Explaining, Wanted
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.scan import Settings
from windshear.logs.normalise import Normaliser
from windshear.ruletest.batches import meanings_of
from windshear.ruletest.feeding import Feeding, place_of
from windshear.ruletest.trial import Trial
from windshear.ruletest.trying import unfit

_NEAREST = 1  # records and groups that are shown; a test is small, and has one cause


def explained(trial: Trial, rule: str, normaliser: Normaliser) -> Explanation | None:
    """Explain what a rule of a trial made of its data; None if it cannot be evaluated, which is told elsewhere."""
    failed = unfit(trial)
    if rule in failed:
        return None
    rules = [one for one in trial.rules if one.name not in failed]
    plans = build_plans(rules, lists_of(meanings_of(trial).context), trial.readings)
    settings = Settings(now_seconds=trial.now_seconds, seed=trial.seed)
    feeding = Feeding([trial.data], plans, normaliser)
    with Explaining(plans, rule, feeding.full_events, settings) as run:
        for batch in feeding.batches():
            run.feed(_alone(batch))
        return run.explanation(Wanted(limit=_NEAREST, settings=settings))


def _alone(batch: EventBatch) -> EventBatch:
    """Return a batch of the only data set that there is."""
    records = replace(batch.records, sources=tuple(map(place_of, batch.records.sources)))
    return replace(batch, partitions=None, records=records)
