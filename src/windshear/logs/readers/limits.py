"""What bounds a reader's memory, whatever the input is."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes of UTF-8 text.

    batch_records, batch_bytes: no batch is larger, and it is handed on once it is more than half of either.
    record_bytes: a larger record goes to quarantine, with its beginning.
    record_values: so does one with more commas and opening brackets, for a parsed record takes memory by its values.
    chunk_bytes: what is read at a time; several stages hold one.
    expanded_bytes: what one compressed source may expand to; None is no limit, for reading is streaming and the other
    limits hold.
    """

    batch_records: int = 50_000
    batch_bytes: int = 32 * MEGABYTE
    record_bytes: int = 8 * MEGABYTE  # services write at most one or two
    record_values: int = 300_000  # one of 8 MB with a value to every 28 bytes
    chunk_bytes: int = MEGABYTE  # larger ones are fresh memory each time, which costs more than the reading
    head_bytes: int = 64 << 10
    kept_bytes: int = 1024
    expanded_bytes: int | None = None
