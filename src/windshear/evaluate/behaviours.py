"""Behaviours: what a pack is about, which of them its rules claim to find, and which of them a label means.

<pack>/
  behaviours.yaml  behaviours: B01: {name: …}
  labels.yaml      labels: <label>: [B01, B02], or <label>: a sentence that says why no behaviour is claimed
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from windshear.core.errors import InputError
from windshear.evaluate.labels import Label, Labels, Verdict, refuse
from windshear.language.diagnostics.suggest import closest
from windshear.packs.pack import RULE_FOLDERS, content_folder
from windshear.packs.yaml_text import YamlError, read_yaml

BEHAVIOURS_FILE, LABELS_FILE = "behaviours.yaml", "labels.yaml"

_META = "behaviours"  # the entry of a rule's meta section
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The behaviours of packs by id, with their names, and what labels mean: behaviours, or why there is none."""

    names: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, tuple[str, ...] | str] = field(default_factory=dict)

    def behaviours_of(self, label: Label) -> tuple[str, ...]:
        """Return the behaviours that a label means: those that it names itself, or those of its words."""
        if label.behaviours:
            return label.behaviours
        found = (self.meanings.get(name, "") for name in label.names)
        return tuple(dict.fromkeys(behaviour for some in found if not isinstance(some, str) for behaviour in some))

    def reason_of(self, label: Label) -> str:
        """Return why a label means no behaviour, as far as that is known."""
        reasons = [reason for name in label.names if isinstance(reason := self.meanings.get(name), str)]
        return "; ".join(dict.fromkeys(reasons))


def read_catalogue(packs: Iterable[Path]) -> Catalogue:
    """Read what some packs say of behaviours and labels. `InputError` says what is wrong with a file."""
    names: dict[str, str] = {}
    meanings: dict[str, tuple[str, ...] | str] = {}
    for folder in packs:
        names |= _names(folder / BEHAVIOURS_FILE)
        meanings |= _meanings(folder / LABELS_FILE, names)
    return Catalogue(names, meanings)


def catalogue_folders(rules: Iterable[Path]) -> list[Path]:
    """Return the folders that may say what behaviours and labels are: the built-in packs, and those of some rules."""
    own = [
        folder.parent
        for path in rules
        for folder in (path.resolve(), *path.resolve().parents)
        if folder.name in RULE_FOLDERS
    ]
    return list(dict.fromkeys([*sorted(path for path in content_folder().iterdir() if path.is_dir()), *own]))


def claimed(meta: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the behaviours that a rule says it finds.

    >>> claimed([("author", "me"), ("behaviours", "B05, B06")])
    ('B05', 'B06')
    """
    text = next((value for key, value in meta if key.lower() == _META), "")
    return tuple(part for part in _BETWEEN.split(text) if part)


def check_labels(labels: Labels, catalogue: Catalogue) -> None:
    """Raise `InputError` for labels that name behaviours that are not there, or none where one is needed."""
    refuse(labels.path, list(_problems(labels.labels, catalogue)))


def _problems(labels: Sequence[Label], catalogue: Catalogue) -> Iterator[str]:
    for label in labels:
        for behaviour in label.behaviours if catalogue.names else ():
            if behaviour not in catalogue.names:
                yield f"{label.line}: {_unknown('behaviour', behaviour, catalogue.names)}"
        has_meaning = label.behaviours or any(name in catalogue.meanings for name in label.names)
        if label.verdict is Verdict.FLAG_IF_COVERED and not has_meaning:
            yield f"{label.line}: {_without_meaning(label, catalogue)}"


def _without_meaning(label: Label, catalogue: Catalogue) -> str:
    if not label.names:
        return "flag_if_covered needs `behaviours`, or `labels` that a pack's labels.yaml explains"
    near = [_unknown("label", name, catalogue.meanings) for name in label.names]
    return f"{'; '.join(near)} (a pack's {LABELS_FILE} says what labels mean; or name `behaviours` in the line)"


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    near = closest(name, known)
    return f"{what} `{name}` is unknown" + (f", did you mean `{near}`?" if near else "")


def _names(file: Path) -> dict[str, str]:
    entries = _entries(file, "behaviours")
    found = {}
    for name, entry in entries.items():
        text = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(text, str):
            raise InputError(f"`{file}`: behaviour `{name}` has no name")
        found[name] = text
    return found


def _meanings(file: Path, names: Mapping[str, str]) -> dict[str, tuple[str, ...] | str]:
    found: dict[str, tuple[str, ...] | str] = {}
    for label, entry in _entries(file, "labels").items():
        if isinstance(entry, str):
            found[label] = entry
            continue
        behaviours = tuple(map(str, entry)) if isinstance(entry, list) else ()
        strange = [name for name in behaviours if name not in names]
        if not behaviours or strange:
            wanted = (
                f"`{strange[0]}` is no behaviour of {BEHAVIOURS_FILE}" if strange else "name behaviours or a reason"
            )
            raise InputError(f"`{file}`: label `{label}`: {wanted}")
        found[label] = behaviours
    return found


def _entries(file: Path, key: str) -> dict[str, JsonValue]:
    if not file.is_file():
        return {}
    try:
        value = read_yaml(file.read_text(encoding="utf-8-sig")).value
    except YamlError as error:
        raise InputError(f"{file}:{error.line}: {error.reason}") from error
    entries = value.get(key) if isinstance(value, dict) else None
    if not isinstance(entries, dict):
        raise InputError(f"`{file}` has no `{key}`")
    return entries
