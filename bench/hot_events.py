"""Events of which one user has half: made as columns, so that the hot-key bench measures settling and not parsing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from windshear.engine.batch import EventBatch
from windshear.logs.record import batch_of

LOG_TYPE = "BENCH"
_START = 1_772_438_400_000_000  # 2026-03-02 08:00 UTC, in microseconds
_DAY = 86_400_000_000
_HOT_SHARE = 0.5
_EVENTS_OF_OTHERS = 10  # per user, on average
_BATCH = 50_000
_KINDS = (["USER_LOGIN", "NETWORK_HTTP", "FILE_CREATION"], [0.4, 0.4, 0.2])


def batches(count: int, seed: int = 7) -> Iterator[EventBatch]:
    """Yield `count` events of one day in order of time.

    More events make the day denser, not longer, so the hot user's windows fill up; there are more other users then, not
    busier ones.
    """
    chooser = np.random.default_rng(seed)
    others = max(1, round(count * (1 - _HOT_SHARE) / _EVENTS_OF_OTHERS))
    names = [f"user-{n:06d}" for n in range(others + 1)]
    times = np.sort(chooser.integers(0, _DAY, count)) + _START
    for first in range(0, count, _BATCH):
        size = min(_BATCH, count - first)
        is_hot = chooser.random(size) < _HOT_SHARE
        users = np.where(is_hot, 0, chooser.integers(1, others + 1, size))
        table = pa.table(
            {
                "ts_us": pa.array(times[first : first + size]),
                "metadata.event_type": _named(_KINDS[0], chooser.choice(3, size, p=_KINDS[1])),
                "principal.user.userid": _named(names, users),
                "principal.hostname": _named([f"host-{n:02d}" for n in range(100)], chooser.integers(0, 100, size)),
                "target.port": pa.array(chooser.integers(0, 1_000, size)),
                "network.sent_bytes": pa.array(chooser.integers(0, 1 << 20, size).astype(np.uint64)),
            }
        )
        texts = [f'{{"number":{first + n}}}' for n in range(size)]
        yield EventBatch(LOG_TYPE, table, batch_of(texts, "events", first + 1))


def full_events(_log_type: str, texts: Sequence[str]) -> list[dict[str, object]]:
    """Return what a detection shows of sample events; here as good as nothing."""
    return [{"metadata": {"description": text}} for text in texts]


def _named(names: Sequence[str], indexes: np.ndarray) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(indexes))
