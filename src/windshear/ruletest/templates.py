"""Templates: records that stand once and are used by many tests, each with its own changes.

    templates:
      login: { eventName: ConsoleLogin, additionalEventData: { MFAUsed: "Yes", LoginTo: "https://..." } }
    tests:
      - name: password alone
        logs:
          type: AWS_CLOUDTRAIL
          records:
            - { like: login, with: { additionalEventData.MFAUsed: "No" }, without: [additionalEventData.LoginTo] }

A record with the key `like` stands for the template of that name. `with` changes it: mappings are merged, other values
are replaced, and a key with dots is a path (a number in it is a place in a list, from 0). `without` leaves paths out.
A template may be like another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from pydantic import JsonValue

from windshear.core.errors import InputError
from windshear.language.diagnostics.suggest import closest
from windshear.ruletest.tests_file import Record

_LIKE, _WITH, _WITHOUT = "like", "with", "without"
_KEYS = frozenset((_LIKE, _WITH, _WITHOUT))
_MOST_STEPS = 8  # templates that are like templates


@dataclass(slots=True)
class Templates:
    """The templates that a tests file may use, by name."""

    records: Mapping[str, Record] = field(default_factory=dict)

    def made(self, record: Record) -> Record:
        """Return what a record stands for; one without `like` is itself. `InputError` says what is wrong with it."""
        return self._made(record, 0) if _LIKE in record else record

    def _made(self, record: Record, steps: int) -> Record:
        if odd := sorted(record.keys() - _KEYS):
            raise InputError(f"`{odd[0]}` beside `{_LIKE}`: changes stand below `{_WITH}`")
        if steps > _MOST_STEPS:
            raise InputError(f"the template `{record[_LIKE]}` is like another, over more than {_MOST_STEPS} steps")
        base = self._named(record[_LIKE])
        found = self._made(base, steps + 1) if _LIKE in base else deepcopy(base)
        changes, left_out = record.get(_WITH, {}), record.get(_WITHOUT, [])
        if not isinstance(changes, dict):
            raise InputError(f"`{_WITH}` is a mapping of paths to values")
        if not isinstance(left_out, list) or not all(isinstance(path, str) for path in left_out):
            raise InputError(f"`{_WITHOUT}` is a list of paths")
        for path in left_out:
            _remove(found, str(path))
        _merge(found, changes)
        return found

    def _named(self, name: JsonValue) -> Record:
        if not isinstance(name, str):
            raise InputError(f"`{_LIKE}` is the name of a template")
        if name not in self.records:
            meant = closest(name, self.records)
            raise InputError(f"there is no template `{name}`" + (f"; did you mean `{meant}`?" if meant else ""))
        return self.records[name]


def _merge(into: dict[str, JsonValue], changes: Mapping[str, JsonValue]) -> None:
    for key, value in changes.items():
        holder, last = _place(into, key, makes=True)
        old = _get(holder, last)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        else:
            _set(holder, last, deepcopy(value), key)


def _remove(record: dict[str, JsonValue], path: str) -> None:
    holder, last = _place(record, path, makes=False)
    if isinstance(holder, dict) and last in holder:
        del holder[last]
    elif isinstance(holder, list) and _get(holder, last) is not None:
        del holder[int(last)]
    else:
        raise InputError(f"`{_WITHOUT}`: the template has no `{path}`")


def _place(record: dict[str, JsonValue], path: str, *, makes: bool) -> tuple[JsonValue, str]:
    """Return what holds the value at a path, and its key there. A key that the record has as written comes first."""
    steps = [path] if path in record else path.split(".")
    holder: JsonValue = record
    for step in steps[:-1]:
        inside = _get(holder, step)
        if inside is None and makes:
            inside = {}
            _set(holder, step, inside, path)
        holder = inside
    return holder, steps[-1]


def _get(holder: JsonValue, step: str) -> JsonValue:
    if isinstance(holder, dict):
        return holder.get(step)
    if isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        return holder[int(step)]
    return None


def _set(holder: JsonValue, step: str, value: JsonValue, path: str) -> None:
    if isinstance(holder, dict):
        holder[step] = value
    elif isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        holder[int(step)] = value
    elif isinstance(holder, list) and step.isdecimal() and int(step) == len(holder):
        holder.append(value)
    else:
        raise InputError(
            f"`{_WITH}`: the template has no place `{path}`: `{step}` is within a value that holds no others"
        )


def made_all(templates: Templates, records: Sequence[Record] | None) -> list[Record] | None:
    """Return what some records stand for."""
    return None if records is None else [templates.made(record) for record in records]
