"""Corpora: repeatable, fresh where it counts, and made of one shape of record."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from bench.corpus import LOG_TYPES, NoSeedsError, Seeds, build, find_seeds, sample
from windshear.packs.pack import demo_folders

SIZE = 300_000
_SAMPLES = Path(__file__).parent.parent / "logs"


def seeds_of(log_type: str) -> Seeds:
    """Return records to start from: the demo's, and the samples of a log type that the demo has none of."""
    real, written = demo_folders()
    samples = _SAMPLES / log_type.lower()
    return find_seeds([real, samples], [written], log_type)


@pytest.mark.parametrize("log_type", LOG_TYPES)
def test_same_seed_same_bytes(log_type: str, tmp_path: Path) -> None:
    """The seed number decides every byte, and another one gives another corpus of the wanted size."""
    seeds = seeds_of(log_type)
    first, again, other = (build(tmp_path / name, seeds, SIZE, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert first.path.read_bytes() == again.path.read_bytes() != other.path.read_bytes()
    assert SIZE <= first.size < SIZE * 1.2


def test_a_corpus_is_built_once(tmp_path: Path) -> None:
    """A corpus of the same parameters is taken from the folder."""
    seeds = seeds_of("AWS_CLOUDTRAIL")
    built = build(tmp_path, seeds, SIZE)
    built.path.write_bytes(b"{}\n")
    assert build(tmp_path, seeds, SIZE).records == 1


def test_records_are_fresh(tmp_path: Path) -> None:
    """No two records share an id, and times go up."""
    corpus = build(tmp_path, seeds_of("AWS_CLOUDTRAIL"), SIZE)
    records = [orjson.loads(line) for line in corpus.path.read_bytes().splitlines()]
    assert len({record["eventID"] for record in records}) == len(records) == corpus.records
    times = [record["eventTime"] for record in records]
    assert times == sorted(times)
    assert {record["eventVersion"][:2] for record in records} == {"1."}


def test_a_sample_is_the_beginning(tmp_path: Path) -> None:
    """A sample holds the first records, or all where there are fewer."""
    corpus = build(tmp_path, seeds_of("WINDOWS_SYSMON"), SIZE)
    part = sample(corpus, 10)
    assert part.records == 10
    assert corpus.path.read_bytes().startswith(part.path.read_bytes())
    assert sample(corpus, 10**6).records == corpus.records


def test_nothing_to_replicate(tmp_path: Path) -> None:
    """A folder without records of the log type is an error that names both."""
    (tmp_path / "other.json").write_text('{"a": 1}')
    with pytest.raises(NoSeedsError, match="no record of AZURE_AD below"):
        find_seeds([tmp_path], [], "AZURE_AD")
