"""What became of the fields that rules read, as text for the terminal and as a page of the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tools.pages.markdown import bullets, code, table
from tools.rule_paths.fates import KINDS, Fates

_WORDS = {
    "filled": "filled",
    "samples": "filled by our samples only",
    "declared": "declared, no record has it",
    "absent": "not in the logs",
}


def lines_of(fates: Fates) -> str:
    """Return everything, one line per path."""
    lines: list[str] = []
    for log_type, paths in fates.by_type():
        counts = Counter(fate for fate, _ in paths.values())
        summary = ", ".join(f"{number} {fate}" for fate, number in sorted(counts.items()))
        lines.append(
            f"{log_type}: {fates.data.count[log_type]} records, {len(fates.rules[log_type])} rules, "
            f"{len(paths)} paths: {summary}"
        )
        for path, (fate, count) in sorted(paths.items(), key=lambda item: (item[1][0], item[0])):
            rules = fates.paths[log_type][path]
            note = fates.reason(log_type, path) if fate == "absent" else ""
            lines.append(f"  {fate:8} {count:7} {path}  ({len(rules)} rules, {min(rules)}) {note}")
        lines += [f"  other kind: {rule}: {how}" for rule, how in sorted(fates.others[log_type].items())]
        for column, values in fates.missing_values(log_type).items():
            lines += [f"  no record {column} = {value}" for value in values]
    return "\n".join([*lines, f"{len(fates.unexplained)} paths are not filled by a parser and no note says why"])


def page_of(fates: Fates, about: str) -> str:
    """Return the page; `about` says which rules and records these are."""
    parts = ["# What public rules read", about.strip("\n"), _summary(fates)]
    for log_type, paths in fates.by_type():
        parts += _of_type(fates, log_type, paths)
    return "\n\n".join(part for part in parts if part) + "\n"


def _summary(fates: Fates) -> str:
    rows = []
    for log_type, paths in fates.by_type():
        counts = Counter(fate for fate, _ in paths.values())
        found = [str(counts[fate]) for fate in _WORDS]
        sizes = (f"{fates.data.count[log_type]:,}", str(len(fates.rules[log_type])), str(len(paths)))
        rows.append((log_type, *sizes, *found))
    titles = (word[0].upper() + word[1:] for word in _WORDS.values())
    return table(("Log type", "Records", "Rules", "Fields read", *titles), rows)


def _of_type(fates: Fates, log_type: str, paths: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    yield f"## {log_type}"
    rows = [
        (code(path), str(len(fates.paths[log_type][path])), _count(fates, log_type, path, found))
        for path, found in sorted(paths.items(), key=lambda item: (item[1][1] == 0, item[0]))
    ]
    yield table(("Field", "Rules", "Records that fill it"), rows)
    missing = {column: values for column, values in fates.missing_values(log_type).items() if values}
    if missing:
        yield "Values that rules ask for and no record has, our samples included:"
        yield bullets(
            f"{code(column)}: {', '.join(code(value) for value in values)}" for column, values in missing.items()
        )
    if fates.others[log_type]:
        yield f"Rules that ask for another {code(KINDS[0])} than these events have:"
        yield bullets(f"{code(rule)}: {how}" for rule, how in sorted(fates.others[log_type].items()))


def _count(fates: Fates, log_type: str, path: str, found: tuple[str, int]) -> str:
    fate, count = found
    reason = fates.reason(log_type, path) if fate == "absent" else ""
    return f"{count:,}" if count else f"none: {reason or _WORDS[fate]}"
