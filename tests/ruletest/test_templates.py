"""Records that are like a template: what they stand for, and what is told when they cannot stand for anything."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest

from windshear.core.errors import InputError
from windshear.ruletest.reading import load_tests, parse_tests
from windshear.ruletest.templates import Templates
from windshear.ruletest.tests_file import Record

LOGIN: Record = {
    "eventName": "ConsoleLogin",
    "userIdentity": {"type": "IAMUser", "userName": "ann"},
    "additionalEventData": {"MFAUsed": "Yes", "LoginTo": "console"},
    "resources": [{"arn": "a"}, {"arn": "b"}],
    "k8s.io/name": "x",
}
BOB: Record = {"type": "IAMUser", "userName": "bob"}
RECORDS: dict[str, Record] = {
    "login": LOGIN,
    "alone": {"like": "login", "with": {"additionalEventData.MFAUsed": "No"}},
    "odd": {"like": "odd"},
}


@pytest.mark.parametrize(
    ("written", "changes"),
    [
        ({"like": "login"}, {}),
        ({"like": "login", "with": {"eventName": None}}, {"eventName": None}),
        ({"like": "login", "with": {"userIdentity.userName": "bob"}}, {"userIdentity": BOB}),
        ({"like": "login", "with": {"userIdentity": {"userName": "bob"}}}, {"userIdentity": BOB}),
        ({"like": "login", "with": {"resources": []}}, {"resources": []}),
        ({"like": "login", "with": {"resources.1.arn": "c"}}, {"resources": [{"arn": "a"}, {"arn": "c"}]}),
        ({"like": "login", "with": {"resources.2": {"x": 1}}}, {"resources": [{"arn": "a"}, {"arn": "b"}, {"x": 1}]}),
        ({"like": "login", "with": {"k8s.io/name": "y"}}, {"k8s.io/name": "y"}),
        ({"like": "login", "with": {"new.inside": 1}}, {"new": {"inside": 1}}),
        ({"like": "login", "without": ["additionalEventData.LoginTo"]}, {"additionalEventData": {"MFAUsed": "Yes"}}),
        ({"like": "login", "without": ["resources.0"]}, {"resources": [{"arn": "b"}]}),
        ({"like": "alone"}, {"additionalEventData": {"MFAUsed": "No", "LoginTo": "console"}}),
    ],
)
def test_record_made_from_a_template(written: Record, changes: Record) -> None:
    """A record is its template with its changes, and the template stays as it was."""
    before = deepcopy(RECORDS)
    assert Templates(RECORDS).made(written) == {**LOGIN, **changes}
    assert before == RECORDS, "a template was changed by its use"


def test_record_without_like_is_itself() -> None:
    """Vendors' records may have keys of these names, too."""
    record: Record = {"with": 1, "eventName": "x"}
    assert Templates(RECORDS).made(record) is record


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"like": "logn"}, "did you mean `login`?"),
        ({"like": 4}, "`like` is the name of a template"),
        ({"like": "login", "eventName": "x"}, "`eventName` beside `like`"),
        ({"like": "login", "with": []}, "`with` is a mapping"),
        ({"like": "login", "without": "eventName"}, "`without` is a list"),
        ({"like": "login", "without": ["nothing.here"]}, "the template has no `nothing.here`"),
        ({"like": "login", "with": {"eventName.deep": 1}}, "no place `eventName.deep`"),
        ({"like": "login", "with": {"resources.7": {}}}, "no place `resources.7`"),
        ({"like": "odd"}, "over more than 8 steps"),
    ],
)
def test_record_that_cannot_be_made(written: Record, told: str) -> None:
    """What is wrong is said, and nothing is made."""
    with pytest.raises(InputError) as caught:
        Templates(RECORDS).made(written)
    assert told in str(caught.value)


FILE = """\
templates_from: shared.yaml
templates:
  logout: { like: login, with: { metadata.eventType: USER_LOGOUT } }
tests:
  - name: one
    events: [{ like: logout }, { metadata: { eventType: USER_LOGIN } }]
    expect: { fires: false }
    context: { history: [{ like: login }], entities: [{ like: login }] }
  - name: two
    logs: { type: UDM, records: [{ like: login, with: { target.user.userid: bob } }] }
    kind: attack
"""


def test_templates_of_a_file_and_of_shared_files(tmp_path: Path) -> None:
    """Events, logs and context are made; a template of the file may be like one of a shared file."""
    (tmp_path / "shared.yaml").write_text(
        "templates:\n  login: { metadata: { eventType: USER_LOGIN }, target: { user: { userid: ann } } }\n"
    )
    (tmp_path / "tests.yaml").write_text(FILE)
    one, two = (read.test for read in load_tests(tmp_path / "tests.yaml").tests)
    login = {"metadata": {"eventType": "USER_LOGIN"}, "target": {"user": {"userid": "ann"}}}
    assert one.events == [
        {**login, "metadata": {"eventType": "USER_LOGOUT"}},
        {"metadata": {"eventType": "USER_LOGIN"}},
    ]
    assert one.context is not None
    assert one.context.history is not None
    assert one.context.history.events == one.context.entities == [login]
    assert two.logs is not None
    assert two.logs[0].records == [{**login, "target": {"user": {"userid": "bob"}}}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FILE, "shared.yaml` cannot be read"),
        (
            "tests:\n  - { name: one, events: [{ like: login }], kind: attack }\n",
            "tests.yaml:2: test `one`: there is no",
        ),
        ("template: {}\ntests: []\n", "did you mean `templates`?"),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, told: str, tmp_path: Path) -> None:
    """A missing file, an unknown template, an unknown key."""
    with pytest.raises(InputError) as caught:
        parse_tests(text, tmp_path / "tests.yaml")
    assert told in str(caught.value)


def test_mistakes_of_shared_files_are_told_with_their_place(tmp_path: Path) -> None:
    """The place is one in the shared file."""
    (tmp_path / "shared.yaml").write_text("templates: {}\ntest: []\n")
    with pytest.raises(InputError) as caught:
        parse_tests(FILE, tmp_path / "tests.yaml")
    assert "shared.yaml:2: test: unknown key; expected one of templates" in str(caught.value)
