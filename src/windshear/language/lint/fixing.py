"""Applying the fixes of findings to the text of a file."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from windshear.language.front import Compiled
from windshear.language.lint.lint import Edit, FixKind
from windshear.language.lint.run import Found, lint_files
from windshear.language.lint.settings import LintSettings
from windshear.language.source import Source, Span

_MOST_ROUNDS = 20  # a fix may make room for another one; each round applies at least one


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text of a file after its fixes, and what was fixed, in the order in which it was."""

    text: str
    applied: tuple[Found, ...]


def fix_file(
    file: Compiled,
    settings: LintSettings,
    kinds: Collection[FixKind],
    compile_text: Callable[[Source], Compiled],
) -> Fixed:
    """Return the text of a file with the fixes of these kinds applied, until none is left.

    `compile_text` compiles as the file itself was. A round after which fewer rules can run is taken back.
    """
    applied: list[Found] = []
    for _ in range(_MOST_ROUNDS):
        (linted,) = lint_files([file], lambda _: settings)
        chosen = _apart([found for found in linted.findings if found.finding.fix and found.lint.fix in kinds])
        if not chosen:
            break
        text = apply_edits(file.source.text, [edit for found in chosen for edit in found.finding.fix])
        changed = compile_text(Source(file.source.name, text))
        if len(changed.rules) < len(file.rules):
            break
        file = changed
        applied += chosen
    return Fixed(file.source.text, tuple(applied))


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits applied that do not touch each other.

    >>> apply_edits("a = b", [Edit(Span(0, 1), "x"), Edit(Span(5, 5), " nocase")])
    'x = b nocase'
    """
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def _apart(found: Sequence[Found]) -> list[Found]:
    """Return findings whose edits do not touch those of one chosen before; the others wait for the next round."""
    chosen: list[Found] = []
    taken: list[Span] = []  # in the order of the text
    for item in found:
        spans = [edit.span for edit in item.finding.fix]
        if not any(_touches(span, taken) for span in spans):
            chosen.append(item)
            for span in spans:
                insort(taken, span)
    return chosen


def _touches(span: Span, taken: Sequence[Span]) -> bool:
    """Tell whether a span touches one of some that do not touch each other, but for those of one fix."""
    place = bisect(taken, span)
    near = taken[max(0, place - 2) : place + 2]
    return any(span.start <= other.end and other.start <= span.end for other in near)
