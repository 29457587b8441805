"""What functions know of the run: its time and its seed, as macros that the settle connection defines."""

from __future__ import annotations

NOW = "windshear_now"  # seconds since 1970
SEED = "windshear_seed"
