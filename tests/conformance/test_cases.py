"""The reader of case files: what it takes, and that everything else is an error with its place."""

from __future__ import annotations

import pytest

from windshear.conformance.case import ExpectedDetection, ExpectedDetections, ExpectedError
from windshear.conformance.cases import read_cases
from windshear.core.errors import InputError

RULE = "```yaral\nrule t {}\n```\n"
EXPECTED = 'Expected:\n```json\n{"detections": []}\n```\n'
FILE = f"""# Title

Prose, and a section that is no data:

## How to read

```text
### XX-1 not a case
```

## XX: Things

Prose.

### XX-one the first thing

Mode: compat

Context:
```json
{{"lists": {{}}}}
```
Events:
```json
[{{"metadata": {{}}}}]
```
{RULE}Expected:
```json
{{"detections": [{{"match": {{"h": "x"}}, "start": "2025-03-12T13:00:00.5Z", "risk_score": 15}}]}}
```
Basis R. Because.

### XX-2 the second thing

{RULE}Expected:
```json
{{"compile_error": "C7"}}
```

## FN: Calls

```jsonl
{{"call": "f(T)", "result": [1], "basis": "D"}}
```
"""


def test_a_file_is_read_in_its_order() -> None:
    """Cases and vectors keep their titles, data and lines; prose is left out."""
    file = read_cases("x.md", FILE)
    first, second = file.cases
    assert (first.id, first.title, first.section, str(first.place)) == ("XX-one", "the first thing", "XX", "x.md:15")
    assert (first.mode, first.context, first.events) == ("compat", {"lists": {}}, ({"metadata": {}},))
    assert first.rule == "rule t {}\n"
    wanted = ExpectedDetection(match={"h": "x"}, start=1_741_784_400_500_000, risk_score=15)
    assert first.expected == ExpectedDetections((wanted,))
    assert (second.mode, second.expected) == ("strict", ExpectedError("C7"))
    assert [(vector.call, vector.result, vector.place.line) for vector in file.vectors] == [("f(T)", [1], 49)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"## XX: s\n### YY-1 t\n{RULE}{EXPECTED}", "x.md:2: expected a heading `### XX-id title`"),
        (f"## XX: s\n### XX-1 t\n{EXPECTED}", "x.md:2: `XX-1` has no `yaral` block"),
        (f"## XX: s\n### XX-1 t\n{RULE}", "x.md:2: `XX-1` does not say what is expected"),
        (f"## XX: s\n### XX-1 t\nEvents:\n{RULE}{EXPECTED}", "x.md:4: expected a `json` block after `Events:`"),
        (f"## XX: s\n### XX-1 t\n{RULE}Events:\n", "x.md:2: `XX-1` does not say what is expected"),
        (f"## XX: s\n### XX-1 t\n{RULE}{RULE}{EXPECTED}", "x.md:6: a `yaral` block that belongs to nothing in `XX-1`"),
        (f"## XX: s\n### XX-1 t\n{EXPECTED}{EXPECTED}{RULE}", "x.md:8: a `json` block that belongs to nothing"),
        (f"## XX: s\n### XX-1 t\n{RULE}```json\n1\n```\n", "x.md:6: a `json` block that belongs to nothing"),
        (
            f"## XX: s\n### XX-1 t\n```python\n```\n{RULE}",
            "x.md:3: a case has `json`, `yaral` and `udm` blocks, not `python`",
        ),
        (f"## XX: s\n### XX-1 t\n{RULE}Events:\n```json\n[\n", "x.md:7: the block that opens here is not closed"),
        (f"## XX: s\n### XX-1 t\n{RULE}Events:\n```json\n[1,\n```\n", "x.md:7: no JSON"),
        (
            f"## XX: s\n### XX-1 t\n{RULE}Events:\n```json\n{{}}\n```\n{EXPECTED}",
            "x.md:7: events are a list of objects",
        ),
        (f"## XX: s\n### XX-1 t\n{RULE}Events:\n```json\n[1]\n```\n{EXPECTED}", "x.md:7: expected an object"),
        (f"## XX: s\n### XX-1 t\nMode: loose\n{RULE}{EXPECTED}", "x.md:3: a mode is `strict` or `compat`, not `loose`"),
        (f"## XX: s\n### XX-1 t\n{RULE}{EXPECTED}### XX-1 t\n{RULE}{EXPECTED}", "`XX-1` is already at x.md:2"),
        ("## XX: s\n```json\n```\n", "x.md:2: a `json` block outside of a case"),
        ('## XX: s\n```jsonl\n{"call": 1, "result": 1}\n```\n', "x.md:3: a vector has a `call` and a `result`"),
        ('## XX: s\n```jsonl\n{"call": "f()"}\n```\n', "x.md:3: a vector has a `call` and a `result`"),
    ],
)
def test_what_is_not_data_is_an_error_with_its_place(text: str, message: str) -> None:
    """Nothing is skipped in silence."""
    with pytest.raises(InputError) as caught:
        read_cases("x.md", text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ("[]", "expected one of `detections`, `compile_error` and `stopped_by`"),
        ('{"detections": [], "compile_error": "C1"}', "expected one of"),
        ('{"detections": [{"matches": {}}]}', "a detection is an object with keys among"),
        ('{"detections": [{"match": []}]}', "`match` is an object"),
        ('{"detections": [{"start": "noon"}]}', "`start` is an RFC 3339 time"),
        ('{"detections": [{"start": "2025-03-12T13:00:00"}]}', "`start` is an RFC 3339 time"),
        ('{"detections": [{"risk_score": true}]}', "`risk_score` is a number"),
        ('{"detections": [], "tables": {"t": [["a", 1]]}}', "`tables` stands beside `detections`"),
        ('{"compile_error": "C1", "tables": {"t": []}}', "`tables` stands beside `detections`"),
    ],
)
def test_expectations_are_read_strictly(expectation: str, message: str) -> None:
    """A misspelt key would check nothing."""
    with pytest.raises(InputError) as caught:
        read_cases("x.md", f"## XX: s\n### XX-1 t\n{RULE}Expected:\n```json\n{expectation}\n```\n")
    assert message in str(caught.value)
