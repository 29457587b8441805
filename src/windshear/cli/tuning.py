"""Tuning: rows of data tables that silence false alarms, tried on the data before they are proposed, and written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from windshear.cli.atomic import output
from windshear.cli.console import count, tell
from windshear.cli.labelled import Asked, opened, refuse_lost
from windshear.cli.progress import InputProgress
from windshear.cli.summary import say_input
from windshear.context.tables import DataTable
from windshear.core.errors import InputError, SettingError
from windshear.evaluate.behaviours import Catalogue
from windshear.evaluate.findings import Finding
from windshear.evaluate.marking import Marker
from windshear.evaluate.proposing import Alarm, Proposal, ProposedRow, propose
from windshear.evaluate.rows import candidates_of, file_with_rows, has_row, problem_of, why_none
from windshear.evaluate.score import Kind, claims_of, score
from windshear.evaluate.trying import Trials

_TABLES = "tables"
_MOST_UNKNOWN = 5
FILLED = ("owner", "reason", "expires")  # columns that only a person can fill


@dataclass(frozen=True, slots=True)
class Job:
    """What to tune on what. benign: a file with ids of detections that are false alarms."""

    asked: Asked
    benign: Path | None


@dataclass(frozen=True, slots=True)
class Tuning:
    """What came of it.

    alarms: false alarms by the ids of their detections. untunable: those that no row can be made for, and why. alerts,
    attacks: how many alerts there are without more rows, and attack records that are found, None without labels.
    """

    proposal: Proposal
    alarms: Mapping[str, Finding]
    untunable: Mapping[str, str]
    tables: Mapping[str, DataTable]
    alerts: int
    attacks: int | None
    is_broken: bool


def run_tuning(job: Job) -> Tuning:
    """Find rows; what cannot be read or run is told. `InputError` if data, labels or ids cannot be used."""
    asked = replace(job.asked, context=None) if _is_new(job.asked.context) else job.asked
    data = opened(asked)
    if data.found.labels is None and job.benign is None:
        raise InputError(
            f"nothing says which detections on `{asked.data}` are false alarms: give --labels FILE, or --benign FILE "
            "with ids of detections"
        )
    with data.rules() as ready:
        names = {plan.facts.name for plan in ready.plans}
        trials = Trials(
            given=data.given,
            rules=[rule for rule in ready.rules if rule.name in names],
            context=ready.context,
            readings=asked.readings,
            settings=data.settings,
            enrichment=data.supplied.enrichment,
            marker=Marker(data.found.labels) if data.found.labels is not None else None,
        )
        return _tuned(job, trials, data.catalogue, is_complete=ready.is_complete)


def _tuned(job: Job, trials: Trials, catalogue: Catalogue, *, is_complete: bool) -> Tuning:
    marker, tables = trials.marker, trials.context.tables
    with InputProgress(trials.given, "scanning", writes_to_terminal=False) as shown:
        trials.progress = lambda doing: lambda size: shown.show(size, "", doing)
        ran, findings = trials.begin()
        say_input(ran.report, tell, is_quarantine_kept=True)
        if not ran.report.event_count:
            raise InputError(f"no event could be read from `{job.asked.data}`")
        alarms = {one.detection.id: one for one in _named(job.benign, findings)}
        if marker is not None:
            refuse_lost(marker, ran)
            judged = score(findings, claims_of(trials.rules), marker, catalogue)
            alarms |= {one.finding.detection.id: one.finding for one in judged.alerts_that_are(Kind.FALSE)}
        trials.alarms = frozenset(alarms)
        wanted, untunable = _candidates(alarms, tables)
        rows = {row for alarm in wanted for some in alarm.candidates for row in some}
        proposal = propose(wanted, trials.attempt, trials.doubts(rows, findings))
    alerts = sum(finding.is_alert for finding in findings)
    return Tuning(
        proposal=proposal,
        alarms=alarms,
        untunable=untunable,
        tables=tables,
        alerts=alerts,
        attacks=None if marker is None else trials.attacks,
        is_broken=not is_complete or any(one.failures for one in ran.findings),
    )


def _is_new(context: Path | None) -> bool:
    """Tell whether a context folder is still to be filled by `--write`."""
    return context is not None and (not context.exists() or (context.is_dir() and not any(context.iterdir())))


def _candidates(alarms: Mapping[str, Finding], tables: Mapping[str, DataTable]) -> tuple[list[Alarm], dict[str, str]]:
    """Return the false alarms that there may be rows for, and why there are none for the others."""
    wanted: list[Alarm] = []
    untunable: dict[str, str] = {}
    for identity, finding in alarms.items():
        found = candidates_of(finding, tables)
        new = tuple(rows for rows in found if not all(has_row(tables[row.table], row) for row in rows))
        if new:
            wanted.append(Alarm(identity, finding.rule, new))
        else:
            untunable[identity] = "its row is there already" if found else why_none(finding, tables)
    return wanted, untunable


def _named(file: Path | None, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings whose ids a file names, one a line, or as detections in JSON."""
    if file is None:
        return
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"cannot read `{file}`: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{file}` is not UTF-8 text: {error.reason}") from error
    by_id = {finding.detection.id: finding for finding in findings}
    unknown = []
    for number, line in enumerate(lines, start=1):
        if not (text := line.strip()) or text.startswith("#"):
            continue
        identity = _identity(text)
        if identity in by_id:
            yield by_id[identity]
        else:
            unknown.append(f"{file}:{number}: the rules have no detection `{identity or text[:60]}` on this data")
    if unknown:
        more = [f"and {len(unknown) - _MOST_UNKNOWN:,} more"] if len(unknown) > _MOST_UNKNOWN else []
        raise InputError("ids cannot be used", [*unknown[:_MOST_UNKNOWN], *more])


def _identity(text: str) -> str:
    if not text.startswith("{"):
        return text
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    return str(record.get("id", ""))


def write_rows(found: Tuning, folder: Path, given: Mapping[str, str], *, allows_losses: bool) -> None:
    """Write the proposed rows into the tables of a context folder, each file whole or not at all.

    given: values of columns that only a person can fill. A table that the folder does not have yet begins as the one
    that comes with the rules.
    """
    rows = rows_to_write(found, allows_losses=allows_losses)
    by_table: dict[str, list[ProposedRow]] = {}
    for one in rows:
        by_table.setdefault(one.row.table, []).append(one)
    for name in by_table:
        _check_filled(found.tables[name], given)
    folder_of_tables = folder / _TABLES
    folder_of_tables.mkdir(parents=True, exist_ok=True)
    for name, some in by_table.items():
        file = folder_of_tables / f"{name}.csv"
        table = found.tables[name]
        before = Path(table.source) if not file.is_file() else file
        text = before.read_text(encoding="utf-8-sig")
        with output(file) as stream:
            stream.write(file_with_rows(text, table, [one.row for one in some], given).encode())
        tell(f"wrote {count(len(some), 'row')} to {file}")


def rows_to_write(found: Tuning, *, allows_losses: bool) -> list[ProposedRow]:
    """Return the rows that are written: the harmless ones, and the harmful ones where losses are allowed."""
    rows = [*found.proposal.rows, *(one for one in found.proposal.harmful if allows_losses and one.is_needed)]
    return list({one.row: one for one in rows}.values())


def _check_filled(table: DataTable, given: Mapping[str, str]) -> None:
    missing = [name for name in FILLED if name in table.columns and not given.get(name)]
    if missing:
        options = ", ".join(f"--{name}" for name in missing)
        raise SettingError(f"`{table.name}` says who answers for a row and how long: give {options} with --write")
    cells = [(name, value) for name, value in given.items() if name in table.columns]
    if problem := problem_of(cells, table):
        raise SettingError(f"`{table.name}`: {problem}")
