"""Which detections the demo tells in full, and how it counts the others."""

from __future__ import annotations

from windshear.cli.choosing import choose
from windshear.detections.detection import Bound, Detection, EventReference, RuleFacts


def detection(identity: str, severity: str, risk: float, *files: str, of: tuple[str, ...] = ()) -> Detection:
    """Return a detection of a rule named by the identity's letters, on records of files or made of detections."""
    records = [EventReference(f"id-{file}", 0, "UDM", "", f"{file}:1") for file in files]
    parts = [EventReference(part, 0, "", "", f"rule:{place}") for place, part in enumerate(of)]
    rule = RuleFacts(identity.rstrip("0123456789"), "", (("severity", severity),), is_multi_event=True)
    bound = {"e": Bound(len(records), records, []), "d": Bound(len(parts), parts, [], "detection")}
    return Detection(identity, rule, "", 0, 0, 0, (), (), risk, bound)


def test_each_file_has_its_gravest_detection_and_no_other_is_told_in_full() -> None:
    """Severity goes before risk, and a detection that brings no new file is counted only."""
    found = [
        detection("low", "LOW", 90, "a", "b"),
        detection("grave", "HIGH", 60, "a"),
        detection("graver", "HIGH", 80, "a"),
        detection("again1", "MEDIUM", 50, "a"),
        detection("again2", "MEDIUM", 55, "a"),
        detection("slight", "INFORMATIONAL", 5, "b"),
    ]
    choice = choose(found)
    assert [one.id for one in choice.full] == ["graver", "low"]
    assert [(one.id, number) for one, number in choice.named] == [("grave", 1), ("again2", 2)]
    assert choice.slight == {"slight": 1}
    assert choice.files == {"a", "b"}


def test_a_detection_of_detections_is_about_the_files_of_its_parts() -> None:
    """Through any number of steps; a part that is not of this run has no file."""
    found = [
        detection("part", "LOW", 10, "a", "b"),
        detection("middle", "LOW", 20, of=("part", "of another run")),
        detection("chain", "CRITICAL", 95, of=("middle",)),
    ]
    choice = choose(found)
    assert [one.id for one in choice.full] == ["chain"]
    assert choice.slight == {"middle": 1, "part": 1}
    assert choice.files == {"a", "b"}


def test_the_gravest_detection_of_a_rule_may_be_told_and_another_counted() -> None:
    """A rule whose first detection is told is still named for its others."""
    choice = choose([detection("r1", "HIGH", 80, "a"), detection("r2", "HIGH", 70, "a")])
    assert [one.id for one in choice.full] == ["r1"]
    assert [(one.id, number) for one, number in choice.named] == [("r2", 1)]


def test_nothing_found_is_nothing_told() -> None:
    """Without detections there is nothing to choose."""
    choice = choose([])
    assert (choice.full, choice.named, choice.slight, choice.files) == ([], [], {}, set())
