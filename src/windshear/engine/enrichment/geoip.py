"""Where addresses are and to whom they belong: `ip_geo_artifact`, one for each address that the user's files know.

A list that the log brought stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from windshear.context.geoip import NUMBER_FIELDS, TEXT_FIELDS, Artifact, GeoIp
from windshear.engine.enrichment.nouns import Nouns, Numbers, first_filled, lists_of, texts_of
from windshear.udm.columns import Column, Columns, ListColumn, MessagesColumn, ScalarColumn, arrow_type
from windshear.udm.nesting import nested

ARTIFACTS = "ip_geo_artifact"

_TEXTS = ListColumn("text")
_FIELDS = MessagesColumn(
    {**dict.fromkeys(TEXT_FIELDS, ScalarColumn("text")), **dict.fromkeys(NUMBER_FIELDS, ScalarColumn("float"))}
)

_READS: Columns = {"ip": _TEXTS, ARTIFACTS: _FIELDS}


class GeoIpAddition:
    """Adds places and networks."""

    nouns = ("principal", "src", "target", "observer")
    all_reads = _READS

    def __init__(self, geoip: GeoIp) -> None:
        """Add what the files say."""
        self._geoip = geoip

    def reads(self, name: str, column: Column) -> Columns | None:
        """Return what is needed of nouns to fill a column of theirs; None if nothing is added to it."""
        if name != ARTIFACTS or not isinstance(column, MessagesColumn):
            return None
        return {"ip": _TEXTS, ARTIFACTS: column}

    def added(self, nouns: Nouns, name: str, column: Column, _counts: bool) -> pa.Array:
        """Return a column with the artifacts added."""
        rows, codes, artifacts = self._artifacts(nouns)
        kind = arrow_type(column).value_type
        members = [_member(artifacts, member) for member in kind]
        messages = pa.StructArray.from_arrays(members, [member.name for member in kind])
        return first_filled(nouns.get(name), lists_of(rows, messages.take(pa.array(codes)), nouns.count))

    def fragments(self, nouns: Nouns, _counts: bool) -> list[Mapping[str, object] | None]:
        """Return for each canonical noun what is added to it."""
        rows, codes, artifacts = self._artifacts(nouns)
        own = nouns.get(ARTIFACTS)
        is_free = np.ones(nouns.count, np.bool_) if own is None else own.is_null().to_numpy(zero_copy_only=False)
        messages = [nested("Artifact", artifact) for artifact in artifacts]
        found: list[list[object]] = [[] for _ in range(nouns.count)]
        for row, code in zip(rows.tolist(), codes.tolist(), strict=True):
            found[row].append(messages[code])
        return [{ARTIFACTS: some} if some and free else None for some, free in zip(found, is_free, strict=True)]

    def _artifacts(self, nouns: Nouns) -> tuple[Numbers, Numbers, list[Artifact]]:
        """Return the noun and the artifact of each address that is known, in order, and the artifacts."""
        texts = texts_of(nouns.get("ip"))
        artifacts: list[Artifact] = []
        codes = np.full(len(texts.distinct), -1, np.int64)
        for code, artifact in enumerate(self._geoip.artifacts(texts.distinct)):
            if artifact is not None:
                codes[code] = len(artifacts)
                artifacts.append(artifact)
        found = codes[texts.codes]
        is_known = found >= 0
        return texts.rows[is_known], found[is_known], artifacts


def _member(artifacts: list[Artifact], member: pa.Field) -> pa.Array:
    """Return one field of all artifacts; what no file says is NULL."""
    if member.name not in _FIELDS.members or member.type != arrow_type(_FIELDS.members[member.name]):
        return pa.nulls(len(artifacts), member.type)
    return pa.array([artifact.get(member.name) for artifact in artifacts], member.type)
