"""Rules that take too much memory are settled slice by slice, and detections in halves: the answers stay the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from windshear.conformance.case import Case
from windshear.conformance.cases import read_cases
from windshear.conformance.engine import Answer, settle_alone
from windshear.conformance.runner import run_case
from windshear.engine.settle.slices import in_halves, sliced_by
from windshear.engine.store import CandidateStore, Row, TooMuchMemoryError
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source

_PAGES = ("windows", "joins", "aggregates", "conditions")
_FOLDER = Path(__file__).parents[1] / "conformance"
CASES = [
    case
    for page in _PAGES
    for case in read_cases(f"{page}.md", (_FOLDER / f"{page}.md").read_text(encoding="utf-8")).cases
    if "match:" in case.rule
]


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let groups be found in no fewer than sixteen slices; give the statements of slices that were run."""
    run: list[str] = []
    stream, keep, keep_more = CandidateStore.stream, CandidateStore.keep, CandidateStore.keep_more

    def streaming(self: CandidateStore, statement: str, **relations: pa.Table) -> Iterator[Row]:
        if statement.endswith("ORDER BY ALL") and "@found" not in statement:
            raise TooMuchMemoryError("all together")
        yield from stream(self, statement, **relations)

    def keeping(self: CandidateStore, relation: str, statement: str) -> None:
        refuse(statement)
        keep(self, relation, statement)

    def keeping_more(self: CandidateStore, relation: str, statement: str) -> None:
        refuse(statement)
        keep_more(self, relation, statement)

    def refuse(statement: str) -> None:
        run.append(statement)
        if "% (4)::BIGINT" in statement:
            raise TooMuchMemoryError("a slice")

    monkeypatch.setattr(CandidateStore, "stream", streaming)
    monkeypatch.setattr(CandidateStore, "keep", keeping)
    monkeypatch.setattr(CandidateStore, "keep_more", keeping_more)
    return run


def sliceable(rule: CheckedRule, case: Case) -> Answer:
    """Run a case whose rule can be settled in slices."""
    if not sliced_by(rule):
        pytest.skip("no match variable tells slices apart")
    return settle_alone(rule, case)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_slices_give_what_all_together_give(case: Case, slices: list[str]) -> None:
    """A case of the language has its detections in sixteen slices as well."""
    result = run_case(case, sliceable)
    assert result.status == "passed", f"{case.place}: " + "\n".join(result.details)
    assert not slices or len(slices) == 20


def test_halves_give_what_all_together_give() -> None:
    """Items that take too much memory together are worked on in halves, in their order; a single one is not cut."""
    worked_on: list[int] = []

    def doubled(items: Sequence[int]) -> list[int]:
        worked_on.append(len(items))
        if len(items) > most:
            raise TooMuchMemoryError("too many")
        return [2 * item for item in items]

    most = 3
    assert list(in_halves(range(10), doubled)) == [2 * item for item in range(10)]
    assert worked_on == [10, 5, 2, 3, 5, 2, 3]
    most = 0
    with pytest.raises(TooMuchMemoryError):
        list(in_halves(range(2), doubled))
    assert list(in_halves([], doubled)) == []


_RULE = """rule told {{
  meta: author = "test"
  events: $a.metadata.event_type = "USER_LOGIN"
    {events}
  match: {keys} over 10m
  condition: {condition}
}}"""


@pytest.mark.parametrize(
    ("events", "keys", "condition", "told_by"),
    [
        ("$a.principal.hostname = $h $a.principal.port = $p", "$h, $p", "$a", ["h", "p"]),
        (
            "$a.principal.hostname = $h $b.principal.hostname = $h $b.principal.port = $p",
            "$h, $p",
            "$a and $b",
            ["h", "p"],
        ),
        (
            "$a.principal.hostname = $h $a.principal.ip = $i $b.principal.ip = $i $b.principal.port = $p",
            "$h, $p",
            "$a and $b",
            ["h"],
        ),
        ("$a.principal.hostname = $h $a.security_result.risk_score = $r", "$h, $r", "$a", ["h"]),
        ("$a.security_result.risk_score = $r", "$r", "$a", []),
    ],
)
def test_slices_are_told_apart_by_what_one_event_holds(
    events: str, keys: str, condition: str, told_by: Sequence[str]
) -> None:
    """The match variables of the event that holds most of them, of those that must be there; no floats."""
    result = compile_source(Source("test", _RULE.format(events=events, keys=keys, condition=condition)))
    (rule,) = result.rules
    assert [key.name for key in sliced_by(rule)] == told_by
