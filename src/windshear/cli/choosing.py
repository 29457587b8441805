"""Which of many detections the demo tells in full: the gravest of every file; the others are counted by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from windshear.cli.formats import story
from windshear.cli.formats.names import severity_rank
from windshear.detections.detection import Detection

_GRAVE = severity_rank("medium")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is told of some detections.

    full: those that are told with their reasons, gravest first. named: of the rules of the other grave ones, the
    gravest detection and how many there are, gravest first. slight: how many others are below medium severity, by rule.
    files: where the records of all detections stand.
    """

    full: Sequence[Detection]
    named: Sequence[tuple[Detection, int]]
    slight: Mapping[str, int]
    files: AbstractSet[str]


def choose(detections: Sequence[Detection]) -> Choice:
    """Choose the fewest of the gravest detections that leave no file out in which something was found."""
    known = {detection.id: detection for detection in detections}
    ordered = sorted(detections, key=lambda found: (-story.rank(found), -found.risk_score))
    full: list[Detection] = []
    others: list[Detection] = []
    seen: set[str] = set()
    for detection in ordered:
        files = set(_files(detection, known))
        (others if files <= seen else full).append(detection)
        seen |= files
    rules = Counter(found.rule.name for found in others)
    first = {found.rule.name: found for found in reversed(others)}
    grave = [found for found in ordered if first.get(found.rule.name) is found and story.rank(found) >= _GRAVE]
    named = [(found, rules.pop(found.rule.name)) for found in grave]
    return Choice(full, named, rules, seen)


def _files(detection: Detection, known: Mapping[str, Detection]) -> Iterator[str]:
    """Yield the files of the records that a detection is about, through the detections that it is made of."""
    for bound in detection.bound.values():
        for reference in bound.references:
            if bound.source == "udm":
                yield reference.source.rpartition(":")[0]
            elif reference.id in known:
                yield from _files(known[reference.id], known)
