"""The explanation: what a rule made of some events, clause by clause, record by record, group by group.

Values only; `windshear.engine.explain.run` makes them. Times are microseconds since 1970 UTC. Every text of a rule or a
log is as it was found: whoever shows it makes it safe to print.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from windshear.detections.detection import EventReference, NamedValue
from windshear.udm.schema import Root

Verdict = Literal["match", "miss", "stopped"]
NodeKind = Literal["test", "and", "or", "not", "n of"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that a test read, as text.

    name: what was read, as in the rule. is_text: the value is a text, which quotes belong around. place: the element
    of a repeated field that it is, as in `2 of 3 of security_result`; empty for a field with one value. decides: of a
    quantified field, whether this element decided: it satisfied `any`, or failed `all`.
    """

    name: str
    value: str
    is_text: bool = True
    place: str = ""
    decides: bool = True


@dataclass(frozen=True, slots=True)
class Node:
    """A clause or a part of it: whether it holds, and for a test the values that it read.

    note: what else there is to know: how far a number is from its threshold, what a list holds instead.
    minimum: of `n of`, how many parts must hold.
    """

    kind: NodeKind
    text: str
    holds: bool
    values: tuple[Shown, ...] = ()
    parts: tuple[Node, ...] = ()
    note: str = ""
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Frequency:
    """A value that a field has, and the number of records that have it."""

    value: str
    records: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a field holds in the records at hand: its commonest values, and in how many records it is filled at all."""

    field: str
    filled: int
    common: tuple[Frequency, ...]


@dataclass(frozen=True, slots=True)
class ClauseCount:
    """A clause of one variable: how many records pass it, and where none does, what the fields hold instead.

    is_key: it says that a match key is not empty, which nobody writes.
    """

    text: str
    passed: int
    is_key: bool
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordStory:
    """One record held against all clauses of a variable, in the copy that passes most of them.

    copies: rows that its repeated fields make. alike: records that fail the same clauses, this one included.
    """

    reference: EventReference
    clauses: tuple[Node, ...]
    copies: int = 1
    alike: int = 1

    @property
    def passed(self) -> int:
        """How many clauses hold."""
        return sum(clause.holds for clause in self.clauses)

    @property
    def is_candidate(self) -> bool:
        """Whether all clauses hold, so that settle takes the record for this variable."""
        return self.passed == len(self.clauses)


@dataclass(frozen=True, slots=True)
class VariableStory:
    """One variable: the records at hand, how many pass all its clauses, and those that come nearest.

    records: of the kind that the variable ranges over; for a table its rows. keyless: records that pass everything but
    that a match key must not be empty. is_required: without a candidate the rule cannot match.
    """

    name: str
    source: Root | Literal["table"]
    records: int
    candidates: int
    keyless: int
    is_required: bool
    clauses: tuple[ClauseCount, ...]
    nearest: tuple[RecordStory, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equality between variables: how many records bring how many different values."""

    variable: str
    text: str
    records: int
    values: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearKey:
    """Two values that would meet but for a small difference; `difference` says which."""

    first: str
    second: str
    difference: str


@dataclass(frozen=True, slots=True)
class KeyStory:
    """An equality that ties variables together: which values met, and which nearly did.

    is_text: the values are texts.
    """

    text: str
    is_text: bool
    sides: tuple[Side, ...]
    met: int
    examples: tuple[str, ...]
    near: tuple[NearKey, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Records, one for each variable, that fit each other in all but `failing`.

    clauses: the failing ties with the values that they read. distance: in words, how the records lie in time.
    """

    failing: str
    records: tuple[tuple[str, EventReference], ...]
    keys: tuple[Shown, ...]
    clauses: tuple[Node, ...]
    distance: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one row of a group brought to an aggregate: the records of the row that were read, and the value."""

    records: tuple[tuple[str, EventReference], ...]
    value: str


@dataclass(frozen=True, slots=True)
class AggregateStory:
    """An aggregate of an outcome, as written, with the rows that contributed; `rows` counts those, shown or not."""

    text: str
    is_text: bool
    contributions: tuple[Contribution, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class OutcomeStory:
    """An outcome of a group and what it was computed from."""

    value: NamedValue
    text: str
    aggregates: tuple[AggregateStory, ...]


@dataclass(frozen=True, slots=True)
class BoundStory:
    """The records that a group holds for one variable: how many, and the first of them, held against the clauses."""

    name: str
    source: Root
    total: int
    records: tuple[RecordStory, ...]


Fate = Literal["detection", "condition failed", "merged", "suppressed"]


@dataclass(frozen=True, slots=True)
class GroupStory:
    """One group: match values and window, or a single event, with the condition and what became of the group.

    notes: what nearly made the condition hold, as records outside the window; why a qualifying group was left out.
    """

    match: tuple[NamedValue, ...]
    start: int | None
    end: int | None
    fate: Fate
    total: int
    condition: Node
    ties: tuple[Node, ...]
    outcomes: tuple[OutcomeStory, ...]
    bound: tuple[BoundStory, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedStory:
    """What became of a record that was asked for.

    variables: how it does as each variable. groups: those that it is in. together: what keeps it from its partners.
    """

    reference: EventReference
    verdict: str
    variables: tuple[tuple[str, RecordStory], ...]
    groups: tuple[GroupStory, ...]
    together: tuple[Together, ...]


@dataclass(frozen=True, slots=True)
class BranchStory:
    """One rule, or one branch of a rule that has several.

    reason: in a sentence, why it matched or missed. groups: of a match the first detections, else the groups that come
    nearest. qualifying: groups whose condition holds, of which merging and suppression leave `detections`.
    notes: what is not explained, each with why.
    """

    branch: str
    verdict: Verdict
    reason: str
    detections: int
    qualifying: int
    variables: tuple[VariableStory, ...]
    keys: tuple[KeyStory, ...]
    together: tuple[Together, ...]
    groups: tuple[GroupStory, ...]
    asked: tuple[AskedStory, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule made of the records at hand; `records` counts them by log type, `window` is in words.

    duplicates: records that came again. unknown: ids that were asked for and name no record.
    """

    rule: str
    records: tuple[tuple[str, int], ...]
    window: str
    branches: tuple[BranchStory, ...]
    duplicates: int = 0
    unknown: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """A match if any branch matches."""
        verdicts = [branch.verdict for branch in self.branches]
        return "match" if "match" in verdicts else "stopped" if "stopped" in verdicts else "miss"

    @property
    def detections(self) -> int:
        """What a scan would find."""
        return sum(branch.detections for branch in self.branches)

    @property
    def reason(self) -> str:
        """Why it matched or missed, in a sentence."""
        verdict = self.verdict
        return next(branch.reason for branch in self.branches if branch.verdict == verdict)
