"""Which UDM fields rules read, for which log type, and whether records fill them.

    python -m tools.rule_paths RULES_DIR DATA... [--samples DIR] [--page FILE] [--notes FILE]

A variable of a rule is tied to log types by its filters on log type, vendor and product, tried on what the data have,
and by the folder of its file where that says which product it is about. For each log type and each path (or key of a
map) that its rules read the tool counts the records that fill it; for each value that rules compare the event type and
the product's event type with, the records that have it. `--samples` counts in a second set of records; `--notes` gives
reasons for what no record fills, as TOML: `[LOG_TYPE] "path" = "reason"`. `--page` writes a page of the documentation.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tools.rule_paths.fates import KINDS, TIES, Fates, Reader, Records
from tools.rule_paths.page import lines_of, page_of
from windshear.engine.carriage import CARRIED_AS
from windshear.engine.feed import Feed, Input
from windshear.engine.plan import Plan, build_plans
from windshear.engine.settle.fields import access_of
from windshear.engine.settle.lower import Lists
from windshear.engine.settle.variables import all_expressions
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.nodes import ALWAYS, Atom, Formula, Leaf, OneOf, atoms, relaxed
from windshear.engine.sift.values import read_values
from windshear.engine.support import missing_feature
from windshear.language import expressions as ex
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.packs.rules import rule_files
from windshear.udm.columns import Column, ScalarColumn, merge

_WINDOWS = ("WINDOWS_SYSMON", "WINEVTLOG")
# What the folders of the public repository are about; others tell nothing.
_FOLDERS: dict[str, tuple[str, ...]] = {
    "aws/cloudtrail": ("AWS_CLOUDTRAIL",),
    "community/gcp": ("GCP_CLOUDAUDIT",),
    "community/workspace": ("WORKSPACE_ACTIVITY",),
    "community/okta": ("OKTA",),
    "microsoft/entra_id": ("AZURE_AD", "AZURE_AD_AUDIT"),
    "microsoft/graph_activity": ("MICROSOFT_GRAPH_ACTIVITY_LOGS",),
    "microsoft/o365": ("OFFICE_365",),
    "microsoft/adfs": ("ADFS",),
    "microsoft/windows": _WINDOWS,
    "threat_hunting/process_creation": ("WINDOWS_SYSMON", "WINEVTLOG"),
    "ioc_sigma/process_creation": ("WINDOWS_SYSMON", "WINEVTLOG"),
    "proactive_exploit_detection/process_creation": ("WINDOWS_SYSMON", "WINEVTLOG"),
    "active_directory_security/process_creation": ("WINDOWS_SYSMON", "WINEVTLOG"),
    "sysmon": ("WINDOWS_SYSMON",),
    "microsoft_sysmon": ("WINDOWS_SYSMON",),
    "image_load": ("WINDOWS_SYSMON",),
    "file_event": ("WINDOWS_SYSMON",),
    "registry_event": ("WINDOWS_SYSMON",),
    "powershell": ("POWERSHELL",),
    "windows": ("WINEVTLOG", "WINDOWS_SYSMON"),
    "security": ("WINEVTLOG",),
    "linux": ("AUDITD",),
}


def main() -> int:
    """Run the tool."""
    options = _options()
    readers = list(_readers(rule_files([options.rules]), options.rules))
    if not readers:
        sys.stderr.write("no rule that can run was found\n")
        return 1
    leaves = {leaf for reader in readers for leaf in reader.paths.values()}
    columns = merge([{name: ScalarColumn("text") for name in (*TIES, *KINDS)}, *(reader.columns for reader in readers)])
    data = _records([str(path) for path in options.data], columns, leaves)
    samples = _records([str(options.samples)], columns, leaves) if options.samples else Records()
    notes = tomllib.loads(options.notes.read_text(encoding="utf-8")) if options.notes else {}
    about = notes.pop("about", "")
    fates = Fates(data, samples, notes)
    headers = list(data.headers | samples.headers)
    known = pa.table({name: [header[place] for header in headers] for place, name in enumerate((*TIES, *KINDS))})
    for reader in readers:
        passing = _passing(reader.kind, known)
        for log_type in _types(reader, known):
            fates.note(reader, log_type, has_kind=log_type in passing)
    if options.page:
        options.page.write_text(page_of(fates, about), encoding="utf-8")
    print(lines_of(fates))
    return 1 if fates.unexplained else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Tell which UDM fields rules read and records fill.")
    parser.add_argument("rules", type=Path)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--notes", type=Path)
    return parser.parse_args()


def _readers(files: Iterable[Path], root: Path) -> Iterator[Reader]:
    for file in files:
        compiled = compile_source(Source(str(file), file.read_text(encoding="utf-8-sig", errors="replace")))
        where = file.relative_to(root).parent.as_posix()
        folder = next((types for name, types in _FOLDERS.items() if f"/{where}/".endswith(f"/{name}/")), ())
        for rule in compiled.rules:
            if missing_feature(rule) is None:
                # What an empty list holds is known: a rule that asks for it would want no record.
                for plan in build_plans([rule], Lists(dict.fromkeys(_lists_read(rule), ("an entry",)))):
                    yield from _of_plan(plan, folder)


def _lists_read(rule: CheckedRule) -> Iterator[str]:
    for root in (*rule.predicates, *(outcome.value for outcome in rule.outcomes)):
        yield from (node.list_name for node in ex.walk(root) if isinstance(node, ex.Membership))


def _of_plan(plan: Plan, folder: tuple[str, ...]) -> Iterator[Reader]:
    fields: dict[str, dict[str, Leaf]] = defaultdict(dict)
    for expression in all_expressions(plan.rule):
        for node in ex.walk(expression):
            if isinstance(node, ex.Field) and not node.path.text.startswith("metadata.event_timestamp"):
                way = access_of(node.path)
                kind = CARRIED_AS[node.path.type.kind]
                fields[node.variable][node.path.text] = Leaf(way.column, way.hops, kind, node.path.type.zero)
    for name in plan.slots:
        if plan.rule.variables[name].source == "udm":
            formula = plan.formulas[name]
            values: dict[str, set[str]] = defaultdict(set)
            for atom in atoms(formula):
                match atom:
                    case Atom(Leaf(column=column), _, OneOf(constants), False) if column in KINDS:
                        values[column] |= {str(value) for value in constants if value}
            yield Reader(
                plan.rule.name,
                folder,
                fields[name],
                plan.columns[name],
                relaxed(formula, lambda leaf: leaf.column not in TIES),
                relaxed(formula, lambda leaf: leaf.column not in (*TIES, *KINDS)),
                {column: frozenset(found) for column, found in values.items()},
            )


def _records(sources: Sequence[str], columns: Mapping[str, Column], leaves: Iterable[Leaf]) -> Records:
    records = Records()
    for batch in Feed(Input(sources), columns, lambda _record: None).batches():
        if batch.log_type == "UDM":  # made by somebody else's parser
            continue
        records.count[batch.log_type] += batch.table.num_rows
        for leaf in leaves:
            if leaf.column in batch.table.column_names:
                records.filled[batch.log_type][leaf] += _filled(leaf, batch.table)
        header = [
            batch.table.column(name).to_pylist() if name in batch.table.column_names else [""] * len(batch.table)
            for name in (*TIES, *KINDS)
        ]
        records.headers.update(zip(*header, strict=True))
    return records


def _filled(leaf: Leaf, table: pa.Table) -> int:
    """Count the rows that have a value other than zero."""
    values = read_values(leaf, table)
    is_filled = np.array([value not in (None, leaf.zero) for value in values.distinct.to_pylist()], bool)
    elements = is_filled[values.codes] if len(values.codes) else np.zeros(0, bool)
    return int(np.count_nonzero(elements) if values.rows is None else len(np.unique(values.rows[elements])))


def _types(reader: Reader, headers: pa.Table) -> set[str]:
    """Return the log types that a variable is about; none where nothing tells.

    Those of the folder, if records of theirs pass the filters on vendor and product; of these, those that have events
    of the kinds asked for, if any has.
    """
    found = _passing(reader.tie, headers)
    if found == _passing(ALWAYS, headers):  # it says nothing
        found = set(reader.folder)
    found = (found & set(reader.folder)) or found
    return (found & _passing(reader.kind, headers)) or found


def _passing(formula: Formula, headers: pa.Table) -> set[str]:
    rows = compile_sift([(0, formula)]).apply(headers).get(0, np.zeros(0, np.int64))
    return set(headers.column(TIES[0]).take(pa.array(rows)).to_pylist())


if __name__ == "__main__":
    sys.exit(main())
