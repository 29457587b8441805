"""By which public addresses a principal reaches the internet: `principal.nat_ip`, where the log does not say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import numpy as np
import pyarrow as pa

from windshear.context.egress import Addresses, Egress
from windshear.engine.enrichment.nouns import Nouns, first_filled, lists_of, texts_of
from windshear.udm.columns import Column, Columns, ListColumn, ScalarColumn

NAT_IP = "nat_ip"

_TEXT, _TEXTS = ScalarColumn("text"), ListColumn("text")
_ADDRESSES: Columns = {"ip": _TEXTS, "asset.ip": _TEXTS}
_NAMES: Columns = {"hostname": _TEXT, "asset.hostname": _TEXT}
_READS: Columns = {**_ADDRESSES, **_NAMES, NAT_IP: _TEXTS}
_REMEMBERED = 100_000  # addresses and names


class EgressAddition:
    """Adds public addresses."""

    nouns = ("principal",)
    all_reads = _READS

    def __init__(self, egress: Egress) -> None:
        """Add what the table says."""
        self._of_address = lru_cache(_REMEMBERED)(egress.of_address)
        self._of_host = lru_cache(_REMEMBERED)(egress.of_host)

    def reads(self, name: str, column: Column) -> Columns | None:
        """Return what is needed of nouns to fill a column of theirs; None if nothing is added to it."""
        return _READS if name == NAT_IP and column == _TEXTS else None

    def added(self, nouns: Nouns, name: str, _column: Column, _counts: bool) -> pa.Array:
        """Return a column with the addresses added."""
        return first_filled(nouns.get(name), self._addresses(nouns))

    def fragments(self, nouns: Nouns, _counts: bool) -> list[Mapping[str, object] | None]:
        """Return for each canonical noun what is added to it."""
        own = nouns.get(NAT_IP)
        is_free = np.ones(nouns.count, np.bool_) if own is None else own.is_null().to_numpy(zero_copy_only=False)
        found = self._addresses(nouns).to_pylist()
        return [{NAT_IP: cell} if cell and free else None for cell, free in zip(found, is_free, strict=True)]

    def _addresses(self, nouns: Nouns) -> pa.Array:
        """Return the public addresses of all that a noun is known by, in the order of its identifiers."""
        numbers: dict[str, int] = {}
        rows, values = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for names, find in ((_ADDRESSES, self._of_address), (_NAMES, self._of_host)):
            for name in names:
                texts = texts_of(nouns.get(name))
                lists = [_numbered(addresses, numbers) for addresses in _found(texts.distinct, find)]
                lengths = np.fromiter(map(len, lists), np.int64, len(lists))[texts.codes]
                flat = np.fromiter((number for some in lists for number in some), np.int64)
                starts = np.cumsum([0, *map(len, lists)])[texts.codes]
                rows.append(np.repeat(texts.rows, lengths))
                within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
                values.append(flat[np.repeat(starts, lengths) + within])
        row, value = np.concatenate(rows), np.concatenate(values)
        # Once each, and at the place where it came first.
        _, firsts = np.unique(row * max(1, len(numbers)) + value, return_index=True)
        firsts.sort()
        row, value = row[firsts], value[firsts]
        order = np.argsort(row, kind="stable")
        texts_by_number = pa.array(list(numbers), pa.string())
        return lists_of(row[order], texts_by_number.take(pa.array(value[order])), nouns.count)


def _found(texts: Iterable[str], find: Callable[[str], Addresses]) -> list[Addresses]:
    return [find(text) for text in texts]


def _numbered(addresses: Addresses, numbers: dict[str, int]) -> list[int]:
    return [numbers.setdefault(address, len(numbers)) for address in addresses]
