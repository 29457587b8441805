"""Derived context: from logs, since when files, domains, addresses, users and hosts are known, and how common they are.

What comes out are entities of the source type DERIVED_CONTEXT, which `graph` variables of rules range over. Prevalence
counts hosts: `rolling_max` is the largest number on one day of the last `day_count` days, as Google documents it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.batch import EventBatch
from windshear.engine.enrichment.nouns import Numbers, texts_of
from windshear.engine.working_database import lock, open_database
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.well_known import format_timestamp

DAY_COUNT = 10  # days over which the service takes the largest number of hosts

_MICROSECONDS = 1_000_000
_DAY = 86_400 * _MICROSECONDS
_ROWS_AT_A_TIME = 10_000
_MOST_LOOSE = 2_000_000  # rows added before they are summed up
_LONGEST = 2_048  # characters of a value; longer ones are no names

_TEXT, _TEXTS = ScalarColumn("text"), ListColumn("text")
_HASHES = ("sha256", "sha1", "md5")
_FILES = ("target.process.file", "principal.process.file", "target.file", "src.file")
_HOSTS = ("principal.hostname", "principal.asset.hostname", "principal.asset_id")
_ADDRESSES = ("principal.ip", "src.ip", "target.ip")
_USERS = ("principal.user.userid", "target.user.userid")
_QUESTIONS, _TYPE = "network.dns.questions", "metadata.event_type"
_CONTACTS = ("NETWORK_HTTP", "NETWORK_CONNECTION", "NETWORK_DNS")  # events whose target may be a domain of the internet
_DOMAIN = r"^[^\s.:/@]+(?:\.[^\s.:/@]+)*\.[A-Za-z][A-Za-z0-9-]*\.?$"  # ends in a name: no address does
# Private, shared, loopback, link-local, multicast and unspecified: they are another host in every place.
_INTERNAL = (
    r"(?i)^(?:10\.|127\.|0\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[789]\d|1[01]\d|12[0-7])\."
    r"|2(?:2[4-9]|[345]\d)\.|::1?$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)"
)
COLUMNS: Mapping[str, Column] = {
    _TYPE: _TEXT,
    **dict.fromkeys(_HOSTS, _TEXT),
    **dict.fromkeys(_ADDRESSES, _TEXTS),
    **dict.fromkeys(_USERS, _TEXT),
    **{f"{file}.{kind}": _TEXT for file in _FILES for kind in _HASHES},
    _QUESTIONS: MessagesColumn({"name": _TEXT}),
    "target.hostname": _TEXT,
}

_SEEN = "(kind VARCHAR, value VARCHAR, day BIGINT, host VARCHAR, first BIGINT, last BIGINT)"
_SUMMED = "SELECT kind, value, day, host, min(first) AS first, max(last) AS last FROM seen GROUP BY ALL"
_RESULT = """
WITH days AS (
  SELECT kind, value, day, min(first) AS first, max(last) AS last, count(DISTINCT nullif(host, '')) AS hosts
  FROM seen GROUP BY kind, value, day
), latest AS (SELECT max(day) AS day FROM days)
SELECT kind, value, min(first), max(last),
  coalesce(max(hosts) FILTER (WHERE days.day > latest.day - $1), 0),
  coalesce(max(hosts) FILTER (WHERE days.day = latest.day), 0)
FROM days, latest GROUP BY kind, value ORDER BY kind, value
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was seen: when first and last (µs), and by how many hosts on the busiest and on the last day."""

    kind: str
    value: str
    first: int
    last: int
    rolling_max: int
    day_max: int


class DerivedBuilder:
    """Gathers from batches of events what was seen. Use as a context manager; it keeps it below a directory."""

    columns = COLUMNS

    def __init__(self, directory: Path, memory_limit: str = "160MB") -> None:
        """Begin with nothing; `directory` must stay until the context ends."""
        self.events = 0
        self._latest = int(time.time()) * _MICROSECONDS + _DAY
        self._loose = 0
        self._connection = open_database(directory, "derived", memory_limit)
        lock(self._connection, directory)
        self._connection.execute(f"CREATE TABLE seen {_SEEN}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(self, batch: EventBatch) -> None:
        """Take in the events of a batch. Those whose time is more than a day in the future are left out."""
        table = batch.table.filter(pc.less_equal(batch.table.column("ts_us"), self._latest))
        self.events += table.num_rows
        times, hosts = table.column("ts_us").to_numpy(), _hosts(table)
        for kind, rows, values in _found(table):
            moments = times[rows]
            some = pa.table(
                {
                    "value": values,
                    "day": pa.array(moments // _DAY),
                    "host": hosts.take(pa.array(rows)),
                    "time": pa.array(moments),
                }
            )
            self._connection.register("batch", some)
            self._connection.execute(
                "INSERT INTO seen SELECT $kind, value, day, host, min(time), max(time) FROM batch "
                "WHERE length(value) BETWEEN 1 AND $longest GROUP BY ALL",
                {"kind": kind, "longest": _LONGEST},
            )
            self._connection.unregister("batch")
            self._loose += len(rows)
        if self._loose > _MOST_LOOSE:
            self._connection.execute(f"CREATE OR REPLACE TABLE seen AS {_SUMMED}")
            self._loose = 0

    def finish(self) -> Iterator[dict[str, object]]:
        """Yield the entities, as proto-JSON."""
        found = self._connection.execute(_RESULT, [DAY_COUNT])
        while rows := found.fetchmany(_ROWS_AT_A_TIME):
            for row in rows:
                yield entity_of(Seen(*row))


def entity_of(seen: Seen) -> dict[str, object]:
    """Return the entity that says what was seen, as proto-JSON.

    >>> entity_of(Seen("USER", "ann", 0, 1_000_000, 0, 0))["entity"]
    {'user': {'userid': 'ann', 'firstSeenTime': '1970-01-01T00:00:00Z'}}
    """
    first, last = ({name: _moment(time)} for name, time in (("firstSeenTime", seen.first), ("lastSeenTime", seen.last)))
    prevalence = {"dayCount": DAY_COUNT, "rollingMax": seen.rolling_max, "dayMax": seen.day_max}
    known = {**first, **last, "prevalence": {name: number for name, number in prevalence.items() if number}}
    entity: dict[str, object]
    match seen.kind:
        case "IP_ADDRESS":
            entity = {"ip": [seen.value], "artifact": {"ip": seen.value, **known}}
        case "DOMAIN_NAME":
            entity = {"hostname": seen.value, "domain": {"name": seen.value, **known}}
        case "USER":
            entity = {"user": {"userid": seen.value, **first}}
        case "ASSET":
            entity = {"hostname": seen.value, "asset": {"hostname": seen.value, **first}}
        case algorithm:
            entity = {"file": {algorithm: seen.value, **known}}
    metadata = {
        "collectedTimestamp": _moment(seen.last),
        "entityType": "FILE" if seen.kind in _HASHES else seen.kind,
        "sourceType": "DERIVED_CONTEXT",
    }
    return {"metadata": metadata, "entity": entity}


def _moment(micros: int) -> str:
    seconds, rest = divmod(micros, _MICROSECONDS)
    return format_timestamp(seconds, rest * 1000)


def _hosts(table: pa.Table) -> pa.Array:
    """Return by which host each event is: its name, else its id, else its address; empty where nothing says it."""
    present = [table.column(name) for name in _HOSTS if name in table.column_names]
    if "principal.ip" in table.column_names:
        addresses = table.column("principal.ip")
        is_there = pc.greater(pc.fill_null(pc.list_value_length(addresses), 0), 0)
        padded = pc.if_else(is_there, addresses, pa.scalar([""], addresses.type))
        present.append(pc.list_element(padded, 0))
    return pc.utf8_lower(pc.coalesce(*present, pa.repeat("", table.num_rows)))


def _found(table: pa.Table) -> Iterator[tuple[str, Numbers, pa.Array]]:
    """Yield what is seen in which rows, by kind."""
    for algorithm in _HASHES:
        yield algorithm, *_texts(table, [f"{file}.{algorithm}" for file in _FILES])
    yield "USER", *_texts(table, _USERS)
    yield "ASSET", *_texts(table, _HOSTS[:1])
    rows, values = _texts(table, _ADDRESSES)
    is_internal = pc.match_substring_regex(values, _INTERNAL).to_numpy(zero_copy_only=False)
    yield "IP_ADDRESS", rows[~is_internal], values.filter(pa.array(~is_internal))
    rows, values = _domains(table)
    is_domain = pc.match_substring_regex(values, _DOMAIN).to_numpy(zero_copy_only=False)
    yield "DOMAIN_NAME", rows[is_domain], values.filter(pa.array(is_domain))


def _domains(table: pa.Table) -> tuple[Numbers, pa.Array]:
    """Return the names that were asked for, and those of the hosts that were contacted."""
    rows, values = _texts(table, ["target.hostname"])
    if _TYPE in table.column_names:
        is_contact = pc.is_in(table.column(_TYPE), pa.array(_CONTACTS)).to_numpy()[rows]
        rows, values = rows[is_contact], values.filter(pa.array(is_contact))
    if _QUESTIONS not in table.column_names:
        return rows, values
    questions = table.column(_QUESTIONS).combine_chunks()
    names = pc.struct_field(questions.flatten(), "name").fill_null("")
    asked = pc.list_parent_indices(questions).to_numpy().astype(np.int64)
    return np.concatenate([rows, asked]), pa.concat_arrays([values, names])


def _texts(table: pa.Table, names: Sequence[str]) -> tuple[Numbers, pa.Array]:
    """Return the texts of some columns, with the row of each."""
    rows, values = [np.zeros(0, np.int64)], [pa.array([], pa.string())]
    for name in names:
        if name in table.column_names:
            texts = texts_of(table.column(name).combine_chunks())
            rows.append(texts.rows)
            values.append(pa.array(texts.distinct, pa.string()).take(pa.array(texts.codes)))
    return np.concatenate(rows), pa.concat_arrays(values)
