"""Reading tests beside rules: the schema, and errors that name file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.core.errors import InputError
from windshear.ruletest.reading import load_tests, parse_tests

FILE = Path("t.yaml")
GOOD = """
tests:
  - name: one
    why: because
    kind: attack
    logs: { type: AWS_CLOUDTRAIL, records: [{ MFAUsed: No, at: 2026-03-02, n: 1, x: null }] }
    expect: { fires: true, count: 1, outcomes: { risk_score: 60, ip: ["192.0.2.1"] }, events: { e: ["1"] } }
  - name: two
    why: because
    kind: benign
    events:
      - metadata: { eventType: USER_LOGIN }
    expect: { fires: false }
"""

HEAD = "tests:\n  - name: a\n    why: b\n    kind: attack\n"
BROKEN = {
    "not YAML": ("tests: [", "t.yaml:1: "),
    "key given twice": (HEAD + "    kind: benign\n", "t.yaml:5: key `kind` is given twice"),
    "anchor": ("tests: &a []\n", "t.yaml:1: anchors and aliases are not allowed"),
    "alias": ("tests: *a\n", "t.yaml:1: anchors and aliases are not allowed"),
    "tag": ("tests: !!python/object:os.system []\n", "t.yaml:1: tags are not allowed"),
    "key that is no word": ("? [a]\n: b\n", "t.yaml:1: a key must be a word"),
    "forbidden character": ("tests:\n  - \x07\n", "t.yaml:2: character"),
    "too deep": ("tests: " + "[" * 80 + "]" * 80, "t.yaml:1: nested deeper than 60 levels"),
    "empty file": ("", "t.yaml:1: the file: "),
    "no tests": ("tests: []\n", "t.yaml:1: tests: "),
    "unknown key": (
        HEAD + "    expects: {}\n    events: [{}]\n    expect: { fires: true }\n",
        "t.yaml:5: tests.0.expects: unknown key; did you mean `expect`?",
    ),
    "missing key": ("tests:\n  - events: [{}]\n    kind: attack\n", "t.yaml:2: tests.0: `name` is missing"),
    "missing key in one group of logs": (
        HEAD + "    logs: { type: X }\n    expect: { fires: true }\n",
        "t.yaml:5: tests.0.logs: exactly one of `records`, `lines` and `files` must be given",
    ),
    "no input": (HEAD + "    expect: { fires: true }\n", "`events` or `logs` is missing"),
    "text for a truth value": (
        HEAD + "    events: [{}]\n    expect:\n      fires: yes\n",
        "t.yaml:7: tests.0.expect.fires: ",
    ),
    "count against fires": (
        HEAD + "    events: [{}]\n    expect: { fires: true, count: 0 }\n",
        "`fires` and 0 detections contradict each other",
    ),
    "kind against fires": (
        HEAD + "    events: [{}]\n    expect: { fires: false }\n",
        "a rule fires in a test of kind `attack`",
    ),
    "outcomes of a quiet rule": (
        HEAD.replace("attack", "gap") + "    events: [{}]\n    expect: { fires: false, outcomes: { a: 1 } }\n",
        "a rule that stays quiet has no detection to say something of",
    ),
    "name given twice": (GOOD.replace("two", "one"), "test names are not unique: one"),
}


def test_words_are_text_unless_json_reads_them_otherwise() -> None:
    """`No` and a date stay text, as the product wrote them; numbers and null are what they are in JSON."""
    first, second = (one.test for one in parse_tests(GOOD, FILE).tests)
    assert first.logs is not None
    assert first.logs[0].records == [{"MFAUsed": "No", "at": "2026-03-02", "n": 1, "x": None}]
    assert first.expect.outcomes == {"risk_score": 60, "ip": ["192.0.2.1"]}
    assert second.events == [{"metadata": {"eventType": "USER_LOGIN"}}]


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_mistake_is_told_with_its_place(text: str, message: str) -> None:
    """A mistake in a tests file is told with file, line and key."""
    with pytest.raises(InputError) as caught:
        parse_tests(text, FILE)
    assert message in str(caught.value)


def test_all_mistakes_are_told_in_one_run() -> None:
    """Two mistakes give two lines."""
    with pytest.raises(InputError) as caught:
        parse_tests(HEAD + "    events: [1]\n    expect: { fires: 1 }\n", FILE)
    assert len(str(caught.value).splitlines()) == 2


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file and one that is not UTF-8 are told by name."""
    with pytest.raises(InputError, match="cannot be read"):
        load_tests(tmp_path / "tests.yaml")
    (tmp_path / "tests.yaml").write_bytes(b"tests: \xff")
    with pytest.raises(InputError, match="not UTF-8"):
        load_tests(tmp_path / "tests.yaml")
