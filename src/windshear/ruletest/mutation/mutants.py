"""Mutants: the rules that edits make of a rule, without those that do not compile or mean the same."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from windshear.language.front import compile_source
from windshear.language.lists import ListTypes
from windshear.language.rule import CheckedRule
from windshear.language.source import Source, Span
from windshear.language.syntax.parser import parse
from windshear.language.tables import TableSchemas
from windshear.ruletest.mutation.edits import Edit, Kind, edits_of

MOST = 400  # mutants of a rule
_WITHOUT_MEANING = frozenset({"span", "text", "operator_span"})
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed rule; `line`, `column` are where the change stands, from 1. before, after: the clause, on one line."""

    kind: Kind
    line: int
    column: int
    before: str
    after: str
    rule: CheckedRule

    @property
    def said(self) -> str:
        """The mutation in words, without its place."""
        if not self.after:
            return f"without `{self.before}`"
        if self.kind == "nocase":
            return f"without `nocase`: `{self.after}`"
        return f"`{self.before}` becomes `{self.after}`"


@dataclass(frozen=True, slots=True)
class Mutants:
    """The mutants of a rule. skipped: edits that give no rule, or one that means the same. cut: edits beyond `MOST`."""

    mutants: tuple[Mutant, ...]
    skipped: int = 0
    cut: int = 0


def mutants_of(path: Path, text: str, name: str, tables: TableSchemas, lists: ListTypes) -> Mutants:
    """Return the mutants of a rule of a file."""
    source = Source(str(path), text)
    written = next(rule for rule in parse(source).rules if rule.name == name)
    original = _compiled(source, name, tables, lists)
    known: set[Hashable] = {meaning(original)} if original is not None else set()
    found: list[Mutant] = []
    edits = list(edits_of(written, source))
    skipped = 0
    for edit in edits[:MOST]:
        changed = _compiled(Source(str(path), edit.apply(text)), name, tables, lists)
        means = meaning(changed) if changed is not None else None
        if changed is None or means in known:
            skipped += 1
            continue
        known.add(means)
        found.append(_mutant(edit, source, changed))
    return Mutants(tuple(found), skipped, max(0, len(edits) - MOST))


def _compiled(source: Source, name: str, tables: TableSchemas, lists: ListTypes) -> CheckedRule | None:
    compiled = compile_source(source, tables=tables, lists=lists)
    return None if compiled.is_broken else next((rule for rule in compiled.rules if rule.name == name), None)


def _mutant(edit: Edit, source: Source, rule: CheckedRule) -> Mutant:
    text, clause, span = source.text, edit.clause, edit.span
    place = source.position(clause.start if edit.kind == "remove" else span.start)
    start, end = min(clause.start, span.start), max(clause.end, span.end)
    after = text[start : span.start] + edit.replacement + text[span.end : end]
    if edit.kind == "remove":
        return Mutant("remove", place.line, place.column, _line(text, clause), "", rule)
    return Mutant(edit.kind, place.line, place.column, _line(text, Span(start, end)), _one_line(after), rule)


def _line(text: str, span: Span) -> str:
    return _one_line(text[span.start : span.end])


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def meaning(value: object) -> Hashable:
    """Return what a checked rule means, places in its text left out: equal for rules that say the same."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = [meaning(getattr(value, f.name)) for f in fields(value) if f.name not in _WITHOUT_MEANING]
        return (type(value).__name__, *parts)
    match value:
        case str() | int() | float() | None:
            return (type(value).__name__, value)
        case Mapping():
            return tuple((key, meaning(item)) for key, item in value.items())
        case Sequence():
            return tuple(map(meaning, value))
        case frozenset() | set():
            return frozenset(map(meaning, value))
        case Hashable():
            return value
    raise TypeError(f"a rule holds a {type(value).__name__}")


def justifications(text: str) -> Iterator[tuple[int, frozenset[str], str]]:
    """Yield the comments `// mutant: ok[kinds] reason` of a text: the line that each is about, the kinds, the reason.

    A comment behind a clause is about its line, one that stands alone about the line below. No kinds: all of them.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.search(r"//\s*mutant:\s*ok(?:\[([^\]]*)\])?\s*(.*)", line)
        if found:
            kinds = frozenset(kind.strip() for kind in (found[1] or "").split(",") if kind.strip())
            is_alone = not line[: found.start()].strip()
            yield number + is_alone, kinds, found[2].strip()
