"""Linting: from compiled files to findings, with selection, suppression and severity applied.

Rules that cannot run are left out: their diagnostics say what is wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from windshear.language.diagnostics.catalogue import lookup as lookup_mistake
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic, Severity, Suggestion
from windshear.language.front import Compiled
from windshear.language.lint.catalogue import lookup, selected
from windshear.language.lint.lint import Finding, Lint
from windshear.language.lint.lints import suppressions as about_suppressions
from windshear.language.lint.settings import LintSettings
from windshear.language.lint.subject import Subject
from windshear.language.lint.suppressions import Suppression, find_suppressions
from windshear.language.source import Span
from windshear.language.syntax.lexer import lex

_MAY_BE_COMMENT = re.compile(r"(?<!https:)(?<!http:)//|/\*")


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a run: by which lint, how severe, and in which rule (empty for what is outside of rules)."""

    lint: Lint
    severity: Severity
    rule: str
    finding: Finding

    @property
    def span(self) -> Span:
        """The place."""
        return self.finding.span

    @property
    def diagnostic(self) -> Diagnostic:
        """The finding as a diagnostic, to be shown as those of the checker are."""
        found = self.finding
        edit = found.fix[0] if len(found.fix) == 1 else None
        suggestion = Suggestion(edit.span, edit.replacement) if edit else None
        return Diagnostic(
            self.lint.mistake(self.severity),
            found.message,
            found.span,
            help=found.help,
            labels=found.labels,
            suggestion=suggestion,
        )


@dataclass(frozen=True, slots=True)
class LintedFile:
    """A file with its findings, in the order of the text; `suppressed` counts those that a comment took away."""

    compiled: Compiled
    findings: tuple[Found, ...]
    suppressed: int = 0


def lint_files(files: Sequence[Compiled], settings_of: Callable[[str], LintSettings]) -> tuple[LintedFile, ...]:
    """Lint files. `settings_of` gives the settings for a file by its name."""
    settings = [settings_of(file.source.name) for file in files]
    subjects = [tuple(_subjects(file, its)) for file, its in zip(files, settings, strict=True)]
    found = [[item for subject in group for item in _found(subject)] for group in subjects]
    _add_common([subject for group in subjects for subject in group], subjects, found)
    return tuple(
        _suppressed(file, group, items, its)
        for file, group, items, its in zip(files, subjects, found, settings, strict=True)
    )


def _subjects(file: Compiled, settings: LintSettings) -> Iterator[Subject]:
    if not file.rules:
        return
    # Only comments are looked at, and reading a file once more costs a third of linting it.
    tokens = lex(file.source, Collector()) if _MAY_BE_COMMENT.search(file.source.text) else ()
    trees = {tree.span: tree for tree in file.trees}
    for rule in file.rules:
        yield Subject(file.source, trees[rule.span], rule, tokens, settings)


def _found(subject: Subject) -> Iterator[Found]:
    for lint, severity in selected(subject.settings):
        if lint.check is not None:
            seen: set[tuple[Span, str]] = set()
            for finding in lint.check(subject):
                key = (finding.span, finding.message)
                if key not in seen:
                    seen.add(key)
                    yield Found(lint, severity, subject.rule.name, finding)


def _add_common(all_subjects: Sequence[Subject], groups: Sequence[Sequence[Subject]], found: list[list[Found]]) -> None:
    """Add what only shows when all rules are seen together to the files that it belongs to."""
    if not all_subjects:
        return
    places = {id(subject): number for number, group in enumerate(groups) for subject in group}
    checks = {
        lint.code: (lint, check)
        for subject in all_subjects
        for lint, _ in selected(subject.settings)
        if (check := lint.check_all)
    }
    for lint, check in checks.values():
        for subject, finding in check(all_subjects):
            severity = next((its for known, its in selected(subject.settings) if known is lint), None)
            if severity is not None:
                found[places[id(subject)]].append(Found(lint, severity, subject.rule.name, finding))


def _suppressed(
    file: Compiled, subjects: Sequence[Subject], found: Sequence[Found], settings: LintSettings
) -> LintedFile:
    """Take away what comments suppress, warnings of the checker included, and add what is to be said of comments."""
    ignored = {word.upper() for word in settings.ignore} | set(settings.ignore)
    shown = [d for d in file.diagnostics if d.is_error or not {d.mistake.code, d.mistake.slug} & ignored]
    if not subjects:
        return LintedFile(replace(file, diagnostics=tuple(shown)), ())
    comments = tuple(find_suppressions(file.source, subjects[0].tokens)) if "lint:" in file.source.text.lower() else ()
    by_line: dict[int, list[tuple[str, Span]]] = {}
    for comment in comments:
        by_line.setdefault(comment.line, []).extend(comment.words)
    used: set[Span] = set()
    kept: list[Found] = []
    for item in found:
        line = file.source.position(item.span.start).line
        words = [place for word, place in by_line.get(line, ()) if _is(word, item.lint)]
        used.update(words)
        if not words:
            kept.append(item)
    told = []
    for diagnostic in shown:
        line = file.source.position(diagnostic.span.start).line
        kind = diagnostic.mistake
        words = [place for word, place in by_line.get(line, ()) if word.upper() == kind.code or word == kind.slug]
        if not words or diagnostic.is_error:
            told.append(diagnostic)
        else:
            used.update(words)
    suppressed = len(found) - len(kept) + len(shown) - len(told)
    severities = {lint.code: severity for lint, severity in selected(settings)}
    about = () if file.is_broken else comments  # a comment may be for a rule that could not be looked at
    for lint, finding in (pair for comment in about for pair in _about(comment, used, severities)):
        if lint.code in severities:
            kept.append(Found(lint, severities[lint.code], _rule_at(finding.span, subjects), finding))
    kept.sort(key=lambda item: (item.span, item.lint.code))
    return LintedFile(replace(file, diagnostics=tuple(told)), tuple(kept), suppressed)


def _is(word: str, lint: Lint) -> bool:
    return word.upper() == lint.code or word == lint.name


def _about(comment: Suppression, used: set[Span], severities: dict[str, Severity]) -> Iterator[tuple[Lint, Finding]]:
    if not comment.reason:
        yield (
            about_suppressions.WITHOUT_REASON,
            Finding("the comment does not say why", comment.span, help="write the reason behind the bracket"),
        )
    for word, place in comment.words:
        lint = lookup(word)
        if lint is None and lookup_mistake(word) is None:
            yield (
                about_suppressions.UNKNOWN,
                Finding(f"there is no lint `{word}`", place, help="`windshear lint --list` shows all of them"),
            )
        elif place not in used and (lint is None or lint.code in severities):
            yield (
                about_suppressions.UNUSED,
                Finding(f"`{word}` finds nothing here", place, help="remove it from the comment"),
            )


def _rule_at(span: Span, subjects: Sequence[Subject]) -> str:
    """Name the rule around a place, or the first one behind it."""
    return next((s.rule.name for s in subjects if span.start <= s.written.span.end), "")
