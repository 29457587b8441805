"""What the Windows command processor, and the splitting of a Windows command line, make of a text.

Each function undoes one way to write the same command differently, and leaves alone what is not that for certain.
"""

from __future__ import annotations

import re

_SHELL = re.compile(r"""(?i)(?:\bcmd(?:\.exe)?["']*|%comspec%["']*)\s+(?:/[a-z](?::\w+)?\s*)*?/[ckr]""")
_INSIDE_WORD = re.compile(r"(?<=[A-Za-z])\^+(?=[A-Za-z])")
_EMPTY_QUOTES = re.compile(r'(?<=\w)(?:"")+(?=\w)')
_QUOTED_END = re.compile(r'(?<=\w)"([\w.\-\\/]+)"')
_QUOTED_BEGINNING = re.compile(r'(?:(?<=[\s&|(])|^)"([\w.\-]+)"(?=\w)')
_SET = re.compile(r"""(?i)(?:^|[\s&|("])set\s+(?:"([a-z_]\w*)=([^"%!&|]*)"|([a-z_]\w*)=([^"%!&|]*))\s*(?=&)""")
_PART = r"(?::~(-?\d{1,4})(?:,(-?\d{1,4}))?)?"
_READ = re.compile(rf"(?i)%([a-z_]\w*){_PART}%|!([a-z_]\w*){_PART}!")
_MOST_VALUES = 100

# Windows sets these itself, and nobody installs it elsewhere.
_SET_BY_WINDOWS = {
    "comspec": r"C:\Windows\System32\cmd.exe",
    "systemroot": r"C:\Windows",
    "windir": r"C:\Windows",
    "os": "Windows_NT",
}


def carets(text: str) -> str:
    r"""Drop the carets outside quotes behind `cmd /c`, as the command processor does.

    >>> carets('cmd /c "a^z lo^gin ^& exit"')
    'cmd /c "az login & exit"'
    """
    called = _SHELL.search(text) if "^" in text else None
    return text if called is None else text[: called.end()] + _unescaped(text[called.end() :])


def carets_in_words(text: str) -> str:
    r"""Drop carets between letters.

    >>> carets_in_words("p^ower^shell"), carets_in_words('findstr /r "^abc"')
    ('powershell', 'findstr /r "^abc"')
    """
    return _INSIDE_WORD.sub("", text)


def _unescaped(command: str) -> str:
    """Drop carets outside quotes; the quotes around a whole command do not count, for the processor drops them."""
    kept: list[str] = []
    pieces = command.split('"')
    is_wrapped = len(pieces) > 2 and not pieces[0].strip() and not pieces[-1].strip()
    for number, piece in enumerate(pieces):
        is_quoted = number % 2 == 1
        if is_wrapped and 0 < number < len(pieces) - 1:
            is_quoted = not is_quoted
        kept.append(piece if is_quoted else piece.replace("^^", "\0").replace("^", "").replace("\0", "^"))
    return '"'.join(kept)


def quotes(text: str) -> str:
    """Drop the double quotes inside and at the edges of words, which end up in no argument.

    >>> quotes('a"z" login'), quotes('po""wer""shell'), quotes('"a"z login')
    ('az login', 'powershell', 'az login')
    >>> quotes('az.exe --name="x" "C:/Program Files/y" {"a":"b"}')
    'az.exe --name="x" "C:/Program Files/y" {"a":"b"}'
    """
    if '"' not in text:
        return text
    for pattern, kept in ((_EMPTY_QUOTES, ""), (_QUOTED_END, r"\1"), (_QUOTED_BEGINNING, r"\1")):
        text = pattern.sub(kept, text)
    return text


def variables(text: str) -> str:
    r"""Put in what variables hold for certain: what the line itself sets, and what Windows sets.

    >>> variables(r"%COMSPEC% /v:on /c set x=login&az !x!")
    'C:\\Windows\\System32\\cmd.exe /v:on /c set x=login&az login'
    >>> variables('cmd /c "set a=azlogin&& call %a:~0,2% %a:~2% %USERNAME%"')
    'cmd /c "set a=azlogin&& call az login %USERNAME%"'
    """
    if "%" not in text and "!" not in text:
        return text
    values = dict(_SET_BY_WINDOWS)
    for number, found in enumerate(_SET.finditer(text)):
        if number < _MOST_VALUES:
            name = (found[1] or found[3]).lower()
            # What is set twice holds now this, now that.
            values[name] = "" if name in values else (found[2] if found[1] else found[4])

    def held(found: re.Match[str]) -> str:
        value = values.get((found[1] or found[4]).lower())
        if not value:
            return found[0]
        start, length = (found[2], found[3]) if found[1] else (found[5], found[6])
        return value if start is None else _part(value, int(start), None if length is None else int(length))

    return _READ.sub(held, text)


def _part(value: str, start: int, length: int | None) -> str:
    """Take the part of a value that `%name:~start,length%` means; a negative number counts from the end."""
    rest = value[start:] if start >= 0 else value[max(0, len(value) + start) :]
    return rest if length is None else rest[:length]
