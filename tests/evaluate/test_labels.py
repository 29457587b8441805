"""Labels files: both forms, and every mistake with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from windshear.core.errors import InputError
from windshear.evaluate.behaviours import Catalogue, catalogue_folders, check_labels, read_catalogue
from windshear.evaluate.dataset import open_data
from windshear.evaluate.labels import read_labels

_GOOD = '{"file": "a.jsonl", "record_id": "x", "verdict": "flag"}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", r"are empty: write one JSON object"),
        ("\n\n", r"are empty"),
        ("nonsense", r"1: Invalid JSON"),
        ("[]", r"1: "),
        (_GOOD + '\n{"file": "a"}', r"labels.jsonl:2: record_id: Field required"),
        ('{"file": "", "record_id": "x", "verdict": "flag"}', r"1: file: "),
        (
            '{"file": "a", "record_id": "x", "verdict": "flagged"}',
            r"1: verdict `flagged` is unknown, did you mean `flag`",
        ),
        ('{"file": "a", "record_id": "x", "verdict": "zzz"}', r"it is one of flag, flag_if_covered, neutral, clean"),
        ('{"file": "../a", "record_id": "x", "verdict": "flag"}', r"1: file `../a` must lie below the folder"),
        ('{"file": "/a", "record_id": "x", "verdict": "flag"}', r"1: file `/a` must lie below the folder"),
        (_GOOD + "\n" + _GOOD, r"2: `x` of `a.jsonl` is labelled in line 1 already"),
        (
            _GOOD.replace('"x"', '"*"') + "\n" + _GOOD.replace('"x"', '"every x"'),
            r"2: `every x` of `a.jsonl` is labelled in line 1 already",
        ),
        ('{"file": "a", "record_id": "x", "verdict": "flag", "behaviours": "B01"}', r"1: behaviours: "),
        ('{"file": "a", "record_id": "x", "verdict": "flag", "time": "2026-03-02T10:00:00"}', r"1: time: "),
        ("x" * 100_001, r"1: longer than 100,000 characters"),
    ],
)
def test_wrong_labels_are_named_with_their_line(text: str, reason: str, tmp_path: Path) -> None:
    """What cannot be used is refused, never left out in silence."""
    file = tmp_path / "labels.jsonl"
    file.write_text(text)
    with pytest.raises(InputError, match=reason):
        read_labels(file, tmp_path)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """A file with several wrong lines is mended in one round."""
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join([_GOOD, *["{}"] * 30]))
    with pytest.raises(InputError) as caught:
        read_labels(file, tmp_path)
    places = re.findall(r"labels\.jsonl:(\d+):", str(caught.value))
    assert places == [str(number) for number in range(2, 22)]
    assert "and 10 more" in str(caught.value)


def test_both_forms_are_read(tmp_path: Path) -> None:
    """A source is a folder; null is as good as nothing; other keys are left alone."""
    file = tmp_path / "EXPECTED.jsonl"
    file.write_text(
        '{"source": "aws", "file": "t*.json", "record_id": "line 7", "labels": ["l"], "verdict": "neutral"}\n'
        '{"file":"logs/a.jsonl","record_id":"7","verdict":"flag","behaviours":["B01"],"campaign":"c","stage":"access",'
        '"step":3,"time":"2026-03-02T10:00:00Z","person":"p"}\n'
        '{"file":"*","record_id":"*","verdict":"clean","campaign":null}\n'
    )
    labels = read_labels(file, tmp_path)
    assert labels.latest == 1_772_445_600
    first, second, rest = labels.labels
    assert (first.file, first.number, first.names, first.is_rest) == ("aws/t*.json", 7, ("l",), False)
    assert (second.number, second.behaviours, second.campaign, second.step) == (None, ("B01",), "c", 3)
    assert (rest.is_rest, rest.is_background, rest.campaign) == (True, True, "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"file": "a", "record_id": "x", "verdict": "flag_if_covered"}', "1: flag_if_covered needs `behaviours`"),
        (
            '{"file": "a", "record_id": "x", "verdict": "flag_if_covered", "labels": ["odd_logi"]}',
            "1: label `odd_logi` is unknown, did you mean `odd_login`?",
        ),
        ('{"file": "a", "record_id": "x", "verdict": "flag", "behaviours": ["B9"]}', "1: behaviour `B9` is unknown"),
    ],
)
def test_labels_that_mean_nothing_are_refused(line: str, reason: str, tmp_path: Path) -> None:
    """A record that must be found "if covered" needs something that can be covered."""
    file = tmp_path / "labels.jsonl"
    file.write_text(line)
    catalogue = Catalogue({"B01": "one"}, {"odd_login": ("B01",)})
    with pytest.raises(InputError, match=re.escape(reason)):
        check_labels(read_labels(file, tmp_path), catalogue)


def test_the_built_in_pack_says_what_labels_mean() -> None:
    """Every label means behaviours that have a name, or a sentence says why it means none."""
    catalogue = read_catalogue(catalogue_folders(()))
    assert len(catalogue.names) >= 46
    assert catalogue.meanings["console_login_no_mfa"] == ("B17",)
    reasons = [reason for reason in catalogue.meanings.values() if isinstance(reason, str)]
    assert all(reason.endswith(".") and len(reason) > 10 for reason in reasons)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("behaviours.yaml", "behaviours:\n  B01: {}", "behaviour `B01` has no name"),
        ("behaviours.yaml", "a: b", "has no `behaviours`"),
        ("behaviours.yaml", "a: [", "behaviours.yaml:1: "),
        ("labels.yaml", "labels:\n  x: [B01]", "label `x`: `B01` is no behaviour"),
        ("labels.yaml", "labels:\n  x: []", "label `x`: name behaviours or a reason"),
    ],
)
def test_wrong_catalogues_are_named(name: str, text: str, reason: str, tmp_path: Path) -> None:
    """A pack's files say what they must, or the run ends."""
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=re.escape(reason)):
        read_catalogue([tmp_path])


def _data(folder: Path) -> Path:
    for name in ("logs/a.jsonl", "logs/sub/b.jsonl", "context/entities.jsonl", "history/old.jsonl", "labels.jsonl"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}\n")
    return folder


def test_labels_context_and_history_are_no_logs(tmp_path: Path) -> None:
    """What belongs to the data set is found beside the logs, and not read as logs."""
    data = _data(tmp_path / "sim")
    (data / "labels.jsonl").write_text('{"file": "logs/a.jsonl", "record_id": "x", "verdict": "flag"}')
    found = open_data(data, None)
    assert found.files == (str(data / "logs/a.jsonl"), str(data / "logs/sub/b.jsonl"))
    assert (found.context, found.history) == (data / "context", data / "history")
    (data / "logs" / "labels.jsonl").write_text('{"file": "a.jsonl", "record_id": "x", "verdict": "flag"}')
    one = open_data(data / "logs" / "a.jsonl", None)
    assert one.files == (str(data / "logs" / "a.jsonl"),)
    assert one.labels is not None


@pytest.mark.parametrize("way", ["relative", "absolute", "inside"])
def test_labels_of_a_larger_folder(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of a data set is evaluated with the labels of the whole; those of other parts are left out."""
    data = _data(tmp_path / "all")
    labels = data / "labels.jsonl"
    labels.write_text(
        '{"file": "logs/a.jsonl", "record_id": "x", "verdict": "flag"}\n'
        '{"file": "logs/sub/b.jsonl", "record_id": "y", "verdict": "flag"}\n'
        '{"file": "*", "record_id": "*", "verdict": "clean"}\n'
    )
    monkeypatch.chdir(data / "logs" / "sub" if way == "inside" else tmp_path)
    given = {
        "relative": (Path("all/logs/sub"), Path("all/labels.jsonl")),
        "absolute": (data / "logs/sub", labels),
        "inside": (Path(), Path("../../labels.jsonl")),
    }
    found = open_data(*given[way])
    assert found.labels is not None
    assert [label.record_id for label in found.labels.labels] == ["y", "*"]
    assert found.elsewhere == 1


def test_labels_of_files_that_are_not_there(tmp_path: Path) -> None:
    """A label about no file is a mistake of the labels; a file of labels about nothing here is one of the call."""
    data = _data(tmp_path / "all")
    labels = tmp_path / "labels.jsonl"
    labels.write_text(_GOOD)
    with pytest.raises(InputError, match=r"labels.jsonl:1: there is no file `a.jsonl` below"):
        open_data(data, labels)
    labels.write_text('{"file": "all/logs/a.jsonl", "record_id": "x", "verdict": "flag"}')
    with pytest.raises(InputError, match=r"no label of `.*` is about a file of"):
        open_data(data / "logs" / "sub", labels)
    with pytest.raises(InputError, match="`nowhere` does not exist"):
        open_data(Path("nowhere"), None)
    with pytest.raises(InputError, match="do not exist"):
        open_data(data, tmp_path / "none.jsonl")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no logs"):
        open_data(tmp_path / "empty", None)
