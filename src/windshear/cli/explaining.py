"""The work of `windshear explain`: the rule found, the logs read, and the explanation written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from windshear.cli.atomic import output
from windshear.cli.console import Exit, count, some, tell, worst
from windshear.cli.counting import history_beside
from windshear.cli.enriching import expired_of, say_expired, say_supplied
from windshear.cli.formats.explained_writers import write_explanation
from windshear.cli.inputs import existing, quarantine_file
from windshear.cli.progress import InputProgress
from windshear.cli.rule_sets import Ready, ready_rules
from windshear.cli.summary import context_mistakes, input_mistakes, say_context, say_input
from windshear.context.context import Context
from windshear.core.errors import SettingError
from windshear.core.readings.settings import Readings
from windshear.engine.context_feed import ContextFeed
from windshear.engine.enrichment.supplied import Supplied
from windshear.engine.explain.explanation import Explanation
from windshear.engine.explain.run import Explaining, Wanted
from windshear.engine.feed import Feed, Input
from windshear.logs.quarantine import Quarantined
from windshear.packs.pack import builtin_pack
from windshear.packs.tables import load_with_tables

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Question:
    """What to explain, on what, and where to.

    others, packs: rules whose detections the rule may read. history: earlier logs that metrics count.
    """

    rule: Path
    name: str | None
    others: tuple[Path, ...]
    packs: tuple[str, ...]
    given: Input
    history: tuple[str, ...]
    context: Context
    supplied: Supplied
    readings: Readings
    wanted: Wanted
    form: Literal["text", "json", "markdown"]
    to: Path | None
    quarantine: Path | None
    is_strict: bool


def explain_rule(question: Question, directory: Path) -> Exit:
    """Explain, write, and say what was read. directory: for temporary files."""
    earlier = history_beside(
        question.given, question.history, directory, question.supplied.enrichment, is_strict=question.is_strict
    )
    present = question.wanted.settings.now_seconds
    paths = [question.rule, *question.others, *(p for name in question.packs for p in builtin_pack(name).rule_files)]
    ready = ready_rules(list(dict.fromkeys(paths)), (), question.context, question.readings, earlier, present)
    name = _name(question, ready)
    if name is None:
        return Exit.BROKEN_RULE
    explanation, code = _explained(question, ready, name)
    for unknown in explanation.unknown:
        hint = "give its id, the vendor's id, or FILE:NUMBER as explanations show it"
        tell(f"`--event {unknown}` names no record that was read; {hint}", style="bold red", lead="error")
    return worst(
        code,
        Exit.BAD_INPUT if explanation.unknown or (earlier and earlier.is_bad) else Exit.OK,
        Exit.OK if ready.is_complete and explanation.verdict != "stopped" else Exit.BROKEN_RULE,
    )


def _name(question: Question, ready: Ready) -> str | None:
    """Return the name of the rule that is asked for; None if it cannot run, which was told already."""
    loaded, _ = load_with_tables([question.rule], context=ready.context)
    names = [rule.name for rule in loaded.rules]
    running = {plan.facts.name for plan in ready.plans}
    if question.name is not None:
        if question.name not in names and not loaded.broken:
            raise SettingError(f"`{question.rule}` holds no rule `{question.name}`; it holds {_listed(names)}")
        return question.name if question.name in running else None
    if len(names) > 1:
        raise SettingError(f"`{question.rule}` holds several rules; choose one with `--name`: {_listed(names)}")
    return next((name for name in names if name in running), None)


def _listed(names: Sequence[str]) -> str:
    return some((f"`{name}`" for name in names), _SHOWN)


def _explained(question: Question, ready: Ready, name: str) -> tuple[Explanation, Exit]:
    given, missing = existing(question.given)
    read: list[str | Path] = [*given.sources, question.rule, *question.others]
    with (
        output(question.to, read) as stream,
        quarantine_file(question.quarantine, beside=question.to, read=read) as keep,
    ):
        explanation, feed, context = _run(question, ready, given, name, keep)
        write_explanation(explanation, question.form, stream, is_shown=question.to is None)
    say_input(feed.report, tell, is_quarantine_kept=question.quarantine is not None)
    say_supplied(question.supplied, tell)
    say_expired(expired_of(ready.context, ready.plans), tell)
    say_context(context.reports, tell)
    mistakes = [
        *input_mistakes(given, feed.report, is_strict=question.is_strict),
        *context_mistakes(context.reports, is_strict=question.is_strict),
    ]
    for mistake in mistakes:
        tell(mistake, style="bold red", lead="error")
    return explanation, Exit.BAD_INPUT if missing or mistakes else Exit.OK


def _run(
    question: Question, ready: Ready, given: Input, name: str, keep: Callable[[Quarantined], None]
) -> tuple[Explanation, Feed, ContextFeed]:
    progress = InputProgress(given, "explaining", writes_to_terminal=question.to is None)
    feeds: list[Feed] = []  # the run asks for full events only while there is a feed

    def full_events(log_type: str, texts: Sequence[str]) -> Sequence[dict[str, object]]:
        return [dict(event) for event in feeds[0].full_events(log_type, texts)]

    with progress, Explaining(ready.plans, name, full_events, question.wanted.settings) as run:
        feed = Feed(given, run.columns, keep, enrichment=question.supplied.enrichment)
        feeds.append(feed)
        context = ContextFeed(ready.context, run.plans, keep, given.since, given.until)
        for batch in context.batches():
            run.feed(batch)
        for batch in feed.batches():
            run.feed(batch)
            progress.show(feed.report.bytes_read, count(feed.report.event_count, "event"))
            del batch  # before the next one is made
        progress.show(feed.report.bytes_read, "", "looking")
        return run.explanation(question.wanted), feed, context
