"""What is wrong with an event that somebody wrote by hand: a field that UDM does not have, a value it does not take."""

from __future__ import annotations

import re

from windshear.udm.proto_json import EventProblem
from windshear.udm.schema import Message, message, schema
from windshear.udm.suggestions import suggest_fields

_INDEX = re.compile(r"\[\d+\]")


def described(problem: EventProblem) -> str:
    """Say what was left out of an event, and which field was probably meant.

    >>> described(EventProblem("unknown-field", "principal.hostnme", "web-1"))
    '`principal.hostnme` is not a UDM field; did you mean `principal.hostname`?'
    """
    found = f" (found `{problem.found}`)" if problem.found else ""
    if problem.kind != "unknown-field":
        return f"`{problem.path}`: {problem.kind.replace('-', ' ')}{found}"
    above, _, name = problem.path.rpartition(".")
    parent = _message_at(above)
    meant = suggest_fields(parent, name) if parent is not None else ()
    hint = f"; did you mean `{f'{above}.' if above else ''}{meant[0]}`?" if meant else ""
    return f"`{problem.path}` is not a UDM field{hint}"


def _message_at(path: str) -> Message | None:
    """Return the message that stands at a path, as it was written, of an event."""
    here: Message | None = schema().roots["udm"]
    for step in _INDEX.sub("", path).split(".") if path else ():
        field = None if here is None else here.spellings.get(step)
        here = message(field.ref) if field is not None and field.type == "message" and field.ref else None
    return here
