"""A guide with a detection's own values: `{{person_id}}` becomes who it was.

Values come from logs, so they are hostile. In prose a value becomes a code span, in which Markdown has no other marks.
In a block of commands it is escaped twice: as a text of a search query, and as part of an argument in single quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

Values = Callable[[str], Sequence[str]]  # from the name of a variable to its values

_PLACE = re.compile(r"(`?)\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}(`?)")
_SPECIAL = re.compile(r"[\\`*\[\]<>|&~#]")
_SHOWN = 5  # values of one variable in prose, and commands made for them
_UNKNOWN = "not known"


def filled(guide: str, values: Values) -> str:
    """Return a guide with the values in place of their names; commands are repeated for each of several values."""
    lines: list[str] = []
    in_commands = False
    for line in guide.splitlines():
        if line.lstrip().startswith("```"):
            in_commands = not in_commands
            lines.append(line)
        elif in_commands:
            lines += _commands(line, values)
        else:
            lines.append(_PLACE.sub(lambda match: _prose(values(match[2])), line))
    return "\n".join(lines)


def quoted(value: str) -> str:
    r"""Return a value as it stands within a text of a query within an argument in single quotes.

    >>> print(quoted("a'b"))
    a'\''b
    """
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return _plain(text).replace("'", "'\\''")


def code(value: str) -> str:
    """Return a value as a code span of Markdown, longer fences around values that hold some.

    >>> code("a`b")
    '`` a`b ``'
    """
    text = _plain(value).replace("|", "¦")
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest or text.strip() != text or not text else ""
    return f"{fence}{space}{text or ' '}{space}{fence}"


def prose(text: str) -> str:
    r"""Return what a rule says of itself, on one line in which nothing is Markdown.

    >>> print(prose("a|b <i> *c*"))
    a\|b \<i\> \*c\*
    """
    return _SPECIAL.sub(r"\\\g<0>", _plain(" ".join(text.split())))


def _prose(values: Sequence[str]) -> str:
    if not values:
        return f"*{_UNKNOWN}*"
    more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return ", ".join(map(code, values[:_SHOWN])) + more


def _commands(line: str, values: Values) -> list[str]:
    names = list(dict.fromkeys(match[2] for match in _PLACE.finditer(line)))
    if not names:
        return [line]
    missing = [name for name in names if not values(name)]
    if missing:
        return [f"# {_PLACE.sub('…', line).strip()}   ({', '.join(missing)}: {_UNKNOWN})"]
    several = max(names, key=lambda name: len(values(name)))
    made = []
    for value in values(several)[:_SHOWN]:
        chosen = {name: value if name == several else values(name)[0] for name in names}
        made.append(_filled(line, chosen))
    return made


def _filled(line: str, chosen: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: quoted(chosen[match[2]]), line)


def _plain(value: str) -> str:
    """Return a value without line breaks and other control characters, which neither form can hold."""
    return "".join(character if character.isprintable() else "�" for character in value)
