"""Decoded command lines as values of a declaration.

Decoding is Python, so it sees few texts: those that hold a sign of something to decode, which the statement tests for
whole columns, and each of them once. Nothing of this runs unless somebody asks for one of the fields.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from windshear.core import sql
from windshear.logs.decoding import MOST_SIGNS, CommandKind, Decoded, decode
from windshear.logs.parser import Label
from windshear.logs.values import Value, shared

DECODED_TEXT, ONE_LINE, DECODING_STEPS, QUOTED = "decoded_text", "one_line", "decoding_steps", "quoted_arguments"
_KINDS: tuple[CommandKind, ...] = ("windows", "script", "posix")
_TEXT, _STEPS = "text", "steps"
Record = dict[str, str]
_RESULT = pa.struct([(_TEXT, pa.string()), (_STEPS, pa.string())])
_MOST_KEPT, _LONGEST_KEPT = 4096, 4096  # texts, and the signs of one

# What each step of decoding needs to find something. They may find more than that, never less.
_ENCODED = r"""[-/\x{2013}-\x{2015}](?i:e[a-z]*)[\s:]+["']?[A-Za-z0-9+/]{8}"""
_JOINED = r"""['"]\s*\)?\s*(?:\+|-[fF])"""
_SCRIPTED = rf"[`\x{{2013}}-\x{{2015}}\x{{2018}}-\x{{201E}}]|{_JOINED}|(?i:\[char|FromBase64String|\$\{{?env:)"
_OPERATED = r"""(?i:-join|replace|string\]::)|['"]\s*\)?\s*\[\s*-1"""
_IN_CMD = r"\^|[%!]\w+[%!:]"
_IN_WORDS = r"""[\w.\-]"["\w.\-\\/]"""
_QUOTED_IN_WORDS = r"""\w(?:'[\w.\-]*'|"[\w.\-]*")[\w\-]"""
_MARKERS: dict[CommandKind, str] = {
    "windows": f"{_ENCODED}|{_SCRIPTED}|{_OPERATED}|{_IN_CMD}|{_IN_WORDS}|{_QUOTED_IN_WORDS}",
    "script": f"{_ENCODED}|{_SCRIPTED}|{_OPERATED}|{_IN_CMD}|{_QUOTED_IN_WORDS}",
    "posix": rf"""{_ENCODED}|base64|(?s:sh['"]?\s+(?:-\w+\s+)*-\w*c\s.*[\\'"$])""",
}


_MACROS = (
    f"""CREATE MACRO {DECODED_TEXT}(decoded, command) AS coalesce(struct_extract(decoded, '{_TEXT}'), command)""",
    # Most commands have single blanks already, and to replace each of these takes longer than to look for others.
    f"""CREATE MACRO {ONE_LINE}(command) AS nullif(CASE WHEN regexp_matches(command, '[\\t\\n\\f\\r]|  |^\\pZ|\\pZ$')
        THEN regexp_replace(trim(command), '\\s+', ' ', 'g') ELSE command END, '')""",
    f"""CREATE MACRO {DECODING_STEPS}(decoded) AS struct_extract(decoded, '{_STEPS}')""",
    f"""CREATE MACRO {QUOTED}(arguments) AS array_to_string(list_transform(arguments, lambda one: CASE
        WHEN regexp_full_match(coalesce(one, ''), '[A-Za-z0-9_@%+=:,./-]+') THEN one
        ELSE concat('''', replace(coalesce(one, ''), '''', '''"''"'''), '''') END), ' ')""",
)


def decoding_name(kind: CommandKind) -> str:
    """Return the name of the function that decodes commands of a kind."""
    return f"decoding_of_{kind}"


def decoding_labels(text: Value, kind: CommandKind) -> tuple[Label, Label]:
    """Return the command as it reads when decoded, and what was done to it.

    The first is there whenever there is a command, so that a rule looks in one place; the second where it was decoded.
    A command line has single blanks and no line ends, a script keeps its lines.
    """
    command = shared(text)
    decoded = shared(Value(sql.call(decoding_name(kind), command.sql), command.reads))
    text = Value(sql.call(DECODED_TEXT, decoded.sql, command.sql), decoded.reads | command.reads)
    if kind != "script":
        line = shared(text)
        text = Value(sql.call(ONE_LINE, line.sql), line.reads)
    return (
        Label("decoded_command_line", text),
        Label("decoding", Value(sql.call(DECODING_STEPS, decoded.sql), decoded.reads)),
    )


def joined_arguments(arguments: Value) -> Label:
    """Return a list of arguments as one text that shows where each ends: with the quotes of a POSIX shell."""
    return Label("joined_arguments", Value(sql.call(QUOTED, arguments.sql), arguments.reads))


def register_decoding(connection: duckdb.DuckDBPyConnection) -> None:
    """Make decoding known to a connection."""
    for kind in _KINDS:
        connection.create_function(
            f"decoded_{kind}_command",
            _column_function(kind),
            ["VARCHAR"],
            connection.struct_type({_TEXT: "VARCHAR", _STEPS: "VARCHAR"}),
            type=PythonUDFType.ARROW,
        )
        connection.execute(
            f"""CREATE MACRO {decoding_name(kind)}(command) AS CASE
                WHEN strlen(command) <= {MOST_SIGNS} AND regexp_matches(command, {sql.text(_MARKERS[kind])})
                THEN decoded_{kind}_command(command) ELSE NULL END"""
        )
    for macro in _MACROS:
        connection.execute(macro)


def _column_function(kind: CommandKind) -> Callable[[pa.ChunkedArray], pa.Array]:
    """Return the function that decodes a column: a record per text, empty where there was nothing to decode."""
    known: dict[str, Record] = {}

    def decoded(texts: pa.ChunkedArray) -> pa.Array:
        cells = texts.to_pylist()
        found = {text: known.get(text) for text in set(cells)}
        for text, result in found.items():
            if result is None:
                found[text] = _record(decode(text, kind))
        if len(known) > _MOST_KEPT:
            known.clear()
        known.update({text: kept for text, kept in found.items() if kept is not None and len(text) <= _LONGEST_KEPT})
        return pa.array([found[text] for text in cells], _RESULT)

    return decoded


def _record(result: Decoded) -> Record:
    return {_TEXT: result.text, _STEPS: ", ".join(result.steps)} if result.steps else {}
