"""Which rows are proposed, given what rows do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from windshear.evaluate.proposing import Alarm, Effect, Rows, propose
from windshear.evaluate.rows import Row


def _row(name: str) -> Row:
    return Row("t", (("c", name),))


class _World:
    """Rows with what each silences, and sets of rows that lose an attack together."""

    def __init__(self, silences: Mapping[str, str], losing: Sequence[str]) -> None:
        self.silences = silences
        self.losing = [frozenset(words.split("+")) for words in losing]
        self.attempts = 0

    def attempt(self, sets: Sequence[Rows]) -> list[Effect]:
        """Return what sets of rows do."""
        self.attempts += len(sets)
        return [self._effect({value for row in rows for _, value in row.cells}) for rows in sets]

    def _effect(self, names: set[str]) -> Effect:
        silenced = {alarm for name in names for alarm in self.silences.get(name, "").split()}
        return Effect(
            frozenset(silenced), tuple(f"by {'+'.join(sorted(some))}" for some in self.losing if some <= names)
        )


def _alarms(said: Mapping[str, str]) -> list[Alarm]:
    """Return alarms: `a+b c` is first the rows a and b, then the row c."""
    return [
        Alarm(name, f"rule_{name}", tuple(tuple(map(_row, some.split("+"))) for some in words.split()))
        for name, words in said.items()
    ]


@pytest.mark.parametrize(
    ("alarms", "silences", "losing", "rows", "harmful", "left"),
    [
        pytest.param({}, {}, [], {}, {}, [], id="nothing to do"),
        pytest.param({"1": "a", "2": "a b"}, {"a": "1 2"}, [], {"a": 2}, {}, [], id="one row for two alarms"),
        pytest.param({"1": "a A"}, {"A": "1"}, [], {"A": 1}, {}, [], id="the first row silences nothing"),
        pytest.param(
            {"1": "a", "2": "a b"}, {"a": "1", "b": "2"}, [], {"a": 1, "b": 1}, {}, [], id="one row, two answers"
        ),
        pytest.param({"1": "a b"}, {"a": "1", "b": "1"}, ["a"], {"b": 1}, {"a": False}, [], id="another row instead"),
        pytest.param(
            {"1": "a", "2": "b"}, {"a": "1", "b": "2"}, ["a"], {"b": 1}, {"a": True}, [], id="nothing else silences it"
        ),
        pytest.param({"1": "a"}, {}, [], {}, {}, ["1"], id="no row silences it"),
        pytest.param(
            {"1": "a", "2": "b", "3": "c"},
            {"a": "1", "b": "2", "c": "3"},
            ["a+b"],
            {"a": 1, "c": 1},
            {"b": True},
            [],
            id="two rows lose together",
        ),
        pytest.param({"1": "a+b"}, {"a": "1", "b": ""}, [], {"a": 1, "b": 1}, {}, [], id="rows that belong together"),
    ],
)
def test_rows_are_proposed(
    alarms: dict[str, str],
    silences: dict[str, str],
    losing: list[str],
    rows: dict[str, int],
    harmful: dict[str, bool],
    left: list[str],
) -> None:
    """Rows that silence and lose nothing; those that lose are named, with whether they are needed."""
    found = propose(_alarms(alarms), _World(silences, losing).attempt)
    assert {one.row.cells[0][1]: one.silenced for one in found.rows} == rows
    assert {one.row.cells[0][1]: one.is_needed for one in found.harmful} == harmful
    assert [alarm.id for alarm in found.left] == left
    assert found.effect.lost == ()
    assert all(one.lost for one in found.harmful)


def test_doubtful_rows_give_way() -> None:
    """What loses nothing and is not to be trusted is shown, and another row taken if there is one."""
    world = _World({"a": "1 2", "b": "1"}, [])
    found = propose(_alarms({"1": "a b", "2": "a"}), world.attempt, {_row("a"): "an attacker's"})
    assert [one.row for one in found.rows] == [_row("b")]
    assert [(one.row, one.doubt, one.is_needed) for one in found.harmful] == [(_row("a"), "an attacker's", True)]
    assert found.left == ()


def test_many_rows_are_halved() -> None:
    """One bad row among many is found without trying each alone."""
    names = [f"r{number:03}" for number in range(200)]
    world = _World({name: name for name in names}, ["r077"])
    found = propose(_alarms({name: name for name in names}), world.attempt)
    assert len(found.rows) == 199
    assert [one.lost for one in found.harmful] == [("by r077",)]
    assert world.attempts < 25
