"""Readings and their settings: all are there, each is shown by something, and each value of a setting has a case."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from windshear.conformance.case import Case, QueryCase
from windshear.conformance.cases import read_cases
from windshear.core.errors import SettingError
from windshear.core.readings.catalogue import all_readings
from windshear.core.readings.reading import Reading
from windshear.core.readings.settings import SETTINGS, Readings, read_settings, written
from windshear.language.diagnostics.catalogue import all_mistakes
from windshear.language.functions import catalogue

ROOT = Path(__file__).parents[2]
AMBIGUITIES = 35  # of the language reference
FILES = [read_cases(path.name, path.read_text("utf-8")) for path in (ROOT / "tests" / "conformance").glob("*.md")]
_ALL: list[Case | QueryCase] = [case for file in FILES for case in file.cases]
_ALL += [case for file in FILES for case in file.queries]
CASES = {case.id: case for case in _ALL}
EACH_READING = pytest.mark.parametrize("reading", all_readings(), ids=lambda reading: reading.number)


def test_every_ambiguity_is_read() -> None:
    """Each ambiguity of the reference is declared once, and no two readings share a number."""
    numbers = [reading.number for reading in all_readings()]
    assert [number for number in numbers if number.startswith("A")] == [f"A{i + 1}" for i in range(AMBIGUITIES)]
    assert len(set(numbers)) == len(numbers)


@EACH_READING
def test_reading_is_shown(reading: Reading) -> None:
    """A reading names something that shows it, and what it names exists."""
    assert reading.cases or reading.diagnostics or reading.functions or reading.tests
    assert set(reading.cases) - CASES.keys() == set()
    assert set(reading.diagnostics) - {mistake.slug for mistake in all_mistakes()} == set()
    assert all(catalogue.lookup(name).examples for name in reading.functions)
    for test in reading.tests:
        file, _, function = test.partition("::")
        assert f"\ndef {function}(" in (ROOT / file).read_text(encoding="utf-8")


@EACH_READING
def test_reading_is_told_in_sentences(reading: Reading) -> None:
    """What is taken, and why, are sentences of their own."""
    assert reading.point
    assert reading.sources
    assert reading.taken.endswith(".")
    assert reading.why.endswith(".")


def test_every_setting_belongs_to_a_field_and_a_reading() -> None:
    """A setting is a field of the readings, and one reading at least says what it decides."""
    names = [setting.name for setting in SETTINGS]
    assert names == [field.name for field in fields(Readings)]
    assert {name for reading in all_readings() for name in reading.settings} == set(names)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_value_of_a_setting_has_a_case(setting: object) -> None:
    """Each choice of a setting is run by a case, each number with at least two values besides the usual one."""
    (known,) = (other for other in SETTINGS if other is setting)
    given = {value for case in CASES.values() for name, _, value in _assignments(case.settings) if name == known.name}
    if known.choices:
        assert given == set(known.choices)
    else:
        assert len(given - {known.default}) >= 2


def _assignments(settings: tuple[str, ...]) -> list[tuple[str, str, str]]:
    return [setting.partition("=") for setting in settings]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_defaults_can_be_written(setting: object) -> None:
    """The usual value, written as on the command line, is read as itself."""
    (known,) = (other for other in SETTINGS if other is setting)
    assert read_settings([f"{known.name}={known.default}"]) == Readings()
    assert written(known.read(known.default)) == known.default


def test_later_settings_win() -> None:
    """Of two values for one setting the later counts, and others keep theirs."""
    start = read_settings(["array_cap=7"])
    assert read_settings(["merging=exact", "merging=earliest"], start) == Readings(merging="earliest", array_cap=7)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("mergng=exact", r"no setting `mergng` \(did you mean `merging`\?\); there are `merging`, "),
        ("array-cap=3", r"no setting `array-cap` \(did you mean `array_cap`\?\)"),
        (
            "merging=exat",
            r"`merging` cannot be `exat` \(did you mean `exact`\?\); it is `coverage`, `earliest` or `exact`",
        ),
        ("merging", r"written `name=value`, not `merging`"),
        ("alerting=yes", r"`alerting` cannot be `yes`; it is `on` or `off`"),
        ("array_cap=0", r"`array_cap` cannot be `0`; it is a number from 1 to 10000"),
        ("array_cap=" + "9" * 5000, r"it is a number from 1 to 10000"),
        ("array_cap=-1", r"it is a number"),
        ("array_cap=²", r"it is a number"),
        ("=", r"there is no setting ``; there are"),
    ],
)
def test_a_wrong_setting_says_what_there_is(assignment: str, message: str) -> None:
    """A name or value that is not known is answered by those that are."""
    with pytest.raises(SettingError) as found:
        read_settings([assignment])
    assert re.search(message, str(found.value))
