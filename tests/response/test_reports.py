"""Reports of detections: what is read back, what is told, and that nothing of a log becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest

from windshear.core.errors import InputError
from windshear.packs.pack import content_folder
from windshear.response.document import report_of
from windshear.response.drawing import drawings
from windshear.response.found import Found, found_of, read_found
from windshear.response.guides import Guide, cloud_guide, guides_of, read_guide
from windshear.response.page import Section, page

HOSTILE = "<script>alert(1)</script>`|[x](javascript:alert(1))\n# head"

ANN = {"userid": "ann", "attribute": {"labels": [{"key": "person_id", "value": "ann@corp.example"}]}}
CLAUSE = {"clause": '$login.x = "y"', "values": [{"field": "x", "value": "y"}]}


def event(time: str, **parts: Any) -> dict[str, Any]:
    """Return an event of a detection."""
    metadata = {
        "eventTimestamp": time,
        "logType": "AWS_CLOUDTRAIL",
        "productLogId": f"id-{time}",
        **parts.pop("metadata", {}),
    }
    return {"event": {"metadata": metadata, **parts}}


def detection(**changes: Any) -> dict[str, Any]:
    """Return a detection in JSON."""
    return {
        "type": "RULE_DETECTION",
        "id": "de_1",
        "detectionTime": "2026-03-02T10:00:00Z",
        "timeWindow": {"startTime": "2026-03-02T08:00:00Z", "endTime": "2026-03-02T10:00:00Z"},
        "detection": [
            {
                "ruleName": "aws_console_login_without_mfa",
                "description": "A user signed in with a password alone",
                "severity": "MEDIUM",
                "riskScore": 60,
                "ruleLabels": [{"key": "mitre_attack_technique", "value": "T1021.007"}],
                "variables": {
                    "person_id": {"type": "MATCH", "value": "ann", "stringVal": "ann@corp.example"},
                    "risk_base": {"type": "OUTCOME", "value": "50", "int64Val": "50"},
                    "risk_root": {"type": "OUTCOME", "value": "10", "int64Val": "10"},
                    "risk_score": {"type": "OUTCOME", "value": "60", "int64Val": "60"},
                    "ip": {"value": "", "stringSeq": {"stringVals": ["203.0.113.7", "", "203.0.113.7", HOSTILE]}},
                },
            }
        ],
        "collectionElements": [
            {
                "label": "login",
                "references": [
                    event("2026-03-02T09:00:05Z", principal={"ip": ["203.0.113.7"], "user": {"userid": HOSTILE}}),
                    event(
                        "2026-03-02T09:00:00Z",
                        principal={"hostname": "ws-042", "user": ANN},
                        target={"resource": {"name": "vault"}},
                        securityResult=[{"action": ["ALLOW"]}],
                    ),
                ],
            }
        ],
        "explanation": {"variables": {"login": [{"clauses": [CLAUSE]}]}},
        **changes,
    }


@pytest.fixture
def guide() -> Guide:
    """Return a guide of a built-in rule."""
    return guides_of([])["aws_console_login_without_mfa"]


def test_detection_is_read_back() -> None:
    """Values come as texts, lists as several; events in the order of time."""
    found = found_of(detection())
    assert found.value("person_id") == ("ann@corp.example",)
    assert found.value("ip") == ("203.0.113.7", HOSTILE)
    assert found.value("nothing") == ()
    assert [moment.time[-3:] for moment in found.all_moments] == ["00Z", "05Z"]
    first = found.all_moments[0]
    assert (first.who, first.host, first.target, first.result) == ("ann@corp.example", "ws-042", "vault", "ALLOW")
    assert found.reasons == ('$login: $login.x = "y" (x = y)',)


def test_report_tells_everything_once(guide: Guide) -> None:
    """Each part of a report is there, with the values of the detection."""
    text = report_of(found_of(detection()), guide)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "## What happened",
        "## How the risk comes about",
        "## What is known",
        "## Why the rule fired",
        "## Investigate",
        "## Respond",
        "## Evidence to keep",
        "## What else looks like this",
        "## What the rule cannot see",
    ]
    assert "| 2026-03-02T09:00:05Z | +5 s |" in text
    assert "| base | 50 |\n| root | 10 |\n| **sum** | 60 |" in text
    assert "{{" not in text


def test_report_of_a_rule_without_a_guide() -> None:
    """There are no steps, and everything that the detection itself says."""
    text = report_of(found_of(detection()), None)
    assert "## What happened" in text
    assert "## Investigate" not in text


def test_chain_tells_what_it_rests_on(guide: Guide) -> None:
    """Events of inputs are events of the chain, each once."""
    inner = detection(id="de_2")
    chain = found_of(
        detection(
            id="de_3", collectionElements=[{"label": "d", "references": [{"detection": inner}, {"detection": inner}]}]
        )
    )
    assert len(chain.inputs) == 2
    assert len(chain.all_moments) == 2
    assert "## Detections that it rests on" in report_of(chain, guide)


class Markup(HTMLParser):
    """Collects the elements of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element's name and where it points."""
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def parsed(found: Found, guide: Guide) -> Markup:
    """Return the page of two reports, read by a parser."""
    section = Section(f"a {HOSTILE}", report_of(found, guide), drawings(found), found.severity)
    markup = Markup()
    markup.feed(page(f"b {HOSTILE}", [section, section]))
    return markup


def test_nothing_of_a_log_becomes_markup(guide: Guide) -> None:
    """A page has no script, no picture from elsewhere and no link but those within it, whatever events hold."""
    hostile = orjson.loads(orjson.dumps(detection()).replace(b"ws-042", orjson.dumps(HOSTILE)[1:-1]))
    hostile["detection"][0]["description"] = HOSTILE.splitlines()[0].split("`")[0]
    markup = parsed(found_of(hostile), guide)
    assert "script" not in markup.tags
    assert "img" not in markup.tags
    assert all(link.startswith(("#r", "https://attack.mitre.org")) for link in markup.links)
    assert "alert(1)" in markup.text


def test_drawings_name_the_path(guide: Guide) -> None:
    """Host, person, address and cloud stand in the drawing; empty columns do not."""
    markup = parsed(found_of(detection()), guide)
    for word in ("Host", "ws-042", "ann@corp.example", "203.0.113.7", "AWS", "vault"):
        assert word in drawings(found_of(detection()))
    assert "Session or key" not in drawings(found_of(detection()))
    assert "svg" in markup.tags
    assert drawings(found_of(detection(collectionElements=[]))) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b'{"a": 1}\n', None),
        (orjson.dumps(detection()) + b"\n{broken\n", 2),
        (orjson.dumps(detection()) + b'\n{"detection": []}\n', 2),
    ],
)
def test_file_that_holds_no_detections(text: bytes, number: int | None, tmp_path: Path) -> None:
    """The file and the line are named."""
    file = tmp_path / "d.jsonl"
    file.write_bytes(text)
    with pytest.raises(InputError) as caught:
        list(read_found(file))
    assert f"d.jsonl:{number or 1}: not " in str(caught.value)


def test_lines_lists_and_documents_are_read(tmp_path: Path) -> None:
    """Detections come as lines, as a list, or within the document that `--format json` writes."""
    for name, data in {
        "lines": orjson.dumps(detection()) + b"\n" + orjson.dumps(detection()) + b"\n",
        "list": orjson.dumps([detection(), detection()], option=orjson.OPT_INDENT_2),
        "document": orjson.dumps({"detections": [detection(), detection()]}, option=orjson.OPT_INDENT_2),
    }.items():
        file = tmp_path / name
        file.write_bytes(data)
        assert [found.id for found in read_found(file)] == ["de_1", "de_1"]


GUIDES = sorted(content_folder().rglob("rules/*/README.md"))


@pytest.mark.parametrize("file", GUIDES, ids=lambda file: file.parent.name)
def test_guide_of_a_builtin_rule_is_complete(file: Path) -> None:
    """Each guide says what the rule sees and cannot see, what to ask and what to do, and its clouds have guides."""
    guide = read_guide(file)
    assert {"behaviour", "data", "risk", "false positives", "known gaps"} <= guide.parts.keys()
    assert guide.investigate
    assert guide.respond
    assert guide.clouds
    for cloud in guide.clouds:
        assert cloud_guide(guide, cloud)


def test_guide_names_only_what_its_rule_says() -> None:
    """A place in a guide is the name of an outcome or of a match variable of its rule."""
    wrong = [
        f"{file.parent.name}: {name}"
        for file in GUIDES
        for name in sorted(set(re.findall(r"\{\{\s*(\w+)\s*\}\}", file.read_text())))
        if not re.search(rf"\${name}\b(?!\.)", (file.parent / "rule.yaral").read_text())
    ]
    assert wrong == []
