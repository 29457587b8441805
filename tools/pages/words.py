"""What a value of a log parser says, in words.

A declared value is SQL. DuckDB parses that text, and the tree it returns is written here for people, so that the page
cannot say anything else than what runs. Parts to which the declaration gives a name are shown by that name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from tools.pages.markdown import code
from windshear.core import sql
from windshear.logs.addresses import is_ip
from windshear.logs.values import Condition, Path, Value, choose, constant, is_any, read

Node = dict[str, Any]
Option = tuple[Node, tuple[Node, ...]]  # a value, and the conditions under which it is taken

_SHORT = 40  # a named part that takes no more room stands where it is used
_LITTLE: Final = frozenset({"alias", "query_location", "query_location_length"})
_HOLE: Final = "?"
_OF_TEXTS: Final = frozenset(
    {"contains", "replace", "concat_ws", "line_after", "month_first", "right", "shortened", "split_part"}
)
# Blanks around a text, that it is taken as its lines, and that IPv4 may stand in the form of IPv6: said once, above.
_UNTOLD: Final = frozenset({"unpadded", "string_split", "unmapped"})


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a declaration with a name of its own."""

    name: str
    part: Value | Condition


class Writer:
    """Writes the values of one declaration; `used` collects the terms that it mentions, in order."""

    def __init__(self, terms: Iterable[Term], mention: Callable[[str], str]) -> None:
        """Know the terms; `mention` gives what stands for one, for instance a link."""
        self._mention = mention
        self._terms: dict[str, Term] = {}
        self._columns: dict[str, str] = {}
        self._address_test = _parse(is_ip(Value(sql.name(_HOLE))).sql.text)
        self.used: list[Term] = []
        for term in terms:
            tree = self._tree(term.part)
            if tree["class"] != "COLUMN_REF" and len(self._text(tree)) > _SHORT:
                self._terms[_key(tree)] = term
        self.used.clear()

    def line(self, part: Value | Condition) -> str:
        """Return a value or condition in one line."""
        return self._text(self._tree(part))

    def cases(self, part: Value | Condition) -> list[str]:
        """Return what a value is, or where a condition holds, as one line per case, tried in this order."""
        node = self._tree(part)
        if node["class"] == "CONJUNCTION":
            word = "or " if node["type"] == "CONJUNCTION_OR" else "and "
            return [("" if not place else word) + self._text(child) for place, child in enumerate(node["children"])]
        options = self._options(node, is_root=True)
        if len(options) == 1 and options[0][0] is node:
            return [self._inner(node)]
        lines = self._lines(options)
        is_plain = [bool(place) and not conditions for place, (_, conditions) in enumerate(options)]
        return [f"else {line}" if plain else line for line, plain in zip(lines, is_plain, strict=True)]

    def _lines(self, options: list[Option]) -> list[str]:
        """Return each option with its conditions."""
        lines = []
        for then, conditions in options:
            text = self._operand(then) if conditions else self._text(then)
            test = " and ".join(self._operand(condition) for condition in conditions)
            lines.append(f"{text} if {test}" if conditions else text)
        return lines

    def _options(self, node: Node, *, is_root: bool = False) -> list[Option]:
        """Return the values that a node may have, in the order in which they are tried, each with its conditions."""
        if (not is_root and self._is_known(node)) or self._address(node) is not None:
            return [(node, ())]
        if node["type"] == "OPERATOR_COALESCE" and not _is_total(node):
            parts = [child for child in node["children"] if not _is_absent(child)]
            return [
                option for child in parts for option in (self._options(child) if _is_table(child) else [(child, ())])
            ]
        if node["class"] != "CASE" or _is_joined(node):
            return [(node, ())]
        options: list[Option] = [(case["then_expr"], (case["when_expr"],)) for case in node["case_checks"]]
        if not _is_absent(node["else_expr"]):
            return options + self._options(node["else_expr"])
        # What the last case gives may itself be a choice: there is nothing after it that would be taken instead.
        then, conditions = options.pop()
        inner = self._options(then) if then["class"] == "CASE" else [(then, ())]
        return options + [(value, (*conditions, *more)) for value, more in inner]

    def _tree(self, part: Value | Condition) -> Node:
        made = {reading.column: self._tree(reading.made) for reading in part.reads if reading.made is not None}
        self._columns |= {read(reading).sql.text: path_text(reading.path) for reading in part.reads}
        tree: Node = _changed(_filled(_parse(part.sql.text), made), _as_choice)
        return tree

    def _is_known(self, node: Node) -> bool:
        return _key(node) in self._terms or self._address(node) is not None

    def _text(self, node: Node) -> str:
        """Return a node in words, by its name if it has one."""
        term = self._terms.get(_key(node))
        if term is None:
            return self._inner(node)
        if term not in self.used:
            self.used.append(term)
        return self._mention(term.name)

    def _inner(self, node: Node) -> str:
        match node["class"]:
            case "COLUMN_REF":
                name = node["column_names"][0].replace('"', '""')
                return code(self._columns[f'"{name}"'])
            case "CONSTANT":
                return _constant(node)
            case "CAST":
                return self._text(node["child"])
            case "CASE" if _is_joined(node):
                return self._joined(node["case_checks"][0]["then_expr"])
            case "CASE":
                return self._choice(node)
            case "CONJUNCTION":
                return self._conjunction(node)
            case "FUNCTION":
                return self._call(node)
            case _:
                return self._operator(node)

    def _joined(self, window: Node) -> str:
        """Return what is put together out of several records."""
        part = self._text(window["arguments"][0]["expression"])
        same = " and ".join(self._operand(partition) for partition in window["partitions"])
        return f"{part} of all parts with the same {same}, joined at the last part if none is missing"

    def _choice(self, node: Node) -> str:
        address = self._address(node)
        if address is not None:
            return f"{self._text(address)} is an IP address"
        return ", else ".join(self._lines(self._options(node, is_root=True)))

    def _conjunction(self, node: Node) -> str:
        word = " and " if node["type"] == "CONJUNCTION_AND" else " or "
        return word.join(self._operand(child) for child in node["children"])

    def _operand(self, node: Node) -> str:
        """Return a node as part of something larger: in parentheses if it is several words with a structure."""
        text = self._text(node)
        is_compound = node["class"] in ("CASE", "CONJUNCTION") and not self._is_known(node)
        is_list = node["type"] == "OPERATOR_COALESCE" and not _is_total(node) and not self._is_known(node)
        return f"({text})" if is_compound or is_list else text

    def _operator(self, node: Node) -> str:
        children = node["children"]
        match node["type"]:
            case "OPERATOR_COALESCE" if _is_total(node):
                return self._text(children[0])
            case "OPERATOR_COALESCE":
                return ", else ".join(self._lines(self._options(node, is_root=True)))
            case "COMPARE_IN":
                return self._membership(children)
            case "OPERATOR_IS_NOT_NULL" if _is_test(children[0]):
                return self._text(children[0]["case_checks"][0]["when_expr"])
            case "OPERATOR_TRY":  # what cannot be worked out is absent
                return self._text(children[0])
            case "OPERATOR_IS_NOT_NULL":
                return f"{self._operand(children[0])} is present"
            case "OPERATOR_NOT":
                return self._negated(children[0])
            case other:
                raise ValueError(f"no words for {other}")

    def _membership(self, children: list[Node], word: str = "is") -> str:
        options = ", ".join(self._text(child) for child in children[1:])
        some = "" if len(children) == 2 else "one of "
        return f"{self._operand(children[0])} {word} {some}{options}"

    def _negated(self, node: Node) -> str:
        address = self._address(node)
        if address is not None:
            return f"{self._text(address)} is not an IP address"
        inner = node["children"][0] if node["type"] == "OPERATOR_COALESCE" else node
        if inner["type"] == "COMPARE_IN" and not self._is_known(node):
            return self._membership(inner["children"], "is not")
        return f"not {self._operand(node)}"

    def _call(self, node: Node) -> str:
        arguments = [argument["expression"] for argument in node["arguments"]]
        name = node["function_name"]
        if name.startswith("regexp_"):
            return self._search(name, arguments)
        if name == "list_extract":
            return self._element(arguments)
        if name in _UNTOLD:
            return self._text(arguments[0])
        if name in _OF_TEXTS:
            return self._of_text(name, arguments)
        match name:
            case "lower" | "upper":
                return f"{self._operand(arguments[0])} in {name} case"
            case "array_to_string":
                return f"{self._operand(arguments[0])}, joined by {self._text(arguments[1])}"
            case "nullif":
                text, placeholder = self._text(arguments[0]), self._text(arguments[1])
                return text if placeholder == code('""') else f"{text} unless it is {placeholder}"  # empty is none
            case "make_timestamp":
                return f"the time {self._text(arguments[0])} microseconds after 1970"
            case "micros_of" | "seconds_ahead":
                whole = self._operand(arguments[0])
                return f"{whole if name == 'micros_of' else f'the seconds that {whole} begins with,'} in microseconds"
            case "bare_text" | "unescaped":
                return (
                    f"{self._operand(arguments[0])} without {'JSON quotes' if name == 'bare_text' else 'XML escapes'}"
                )
            case "divided" | "left_over" | "*" | "+" as sign:
                word = {"divided": "divided by", "left_over": "modulo", "*": "times", "+": "plus"}[sign]
                return f"{self._operand(arguments[0])} {word} {self._text(arguments[1])}"
            case "||":
                return " + ".join(self._operand(argument) for argument in arguments)
            case "decoded_text" | "decoding_steps" | "one_line":
                return self._decoded(name, arguments)
            case "quoted_arguments":
                return f"{self._operand(arguments[0])}, joined with blanks, in quotes where they need some"
            case other:
                raise ValueError(f"no words for the function {other}")

    def _decoded(self, name: str, arguments: list[Node]) -> str:
        """Return what is made of a command that was decoded."""
        if name == "one_line":
            return f"{self._text(arguments[0])}, with single blanks"
        command = self._operand(arguments[0]["arguments"][0]["expression"])
        return f"{command}, decoded" if name == "decoded_text" else f"what was undone in {command}"

    def _of_text(self, name: str, arguments: list[Node]) -> str:
        """Return what is made of a text or looked for in it."""
        whole = self._operand(arguments[0])
        match name:
            case "contains":
                return f"{whole} contains {self._text(arguments[1])}"
            case "replace":
                piece, replacement = (self._operand(argument) for argument in arguments[1:])
                return f"{whole} with {piece} as {replacement}"
            case "concat_ws":
                return f"the lines {', '.join(self._operand(argument) for argument in arguments[1:])}"
            case "split_part":
                return f"what stands behind the first {self._text(arguments[1])} in {whole}"
            case "shortened":
                return f"{whole}, {self._text(arguments[1])} characters at most"
            case "month_first":
                return f"{whole}, with slashes as month, day and year in UTC"
            case "line_after":
                return f"the rest of the line of {whole} that begins with {self._operand(arguments[1])}"
            case _:
                return f"the last {self._text(arguments[1])} characters of {whole}"

    def _search(self, name: str, arguments: list[Node]) -> str:
        """Return what a pattern does."""
        whole, pattern = self._operand(arguments[0]), _pattern(arguments[1])
        match name:
            case "regexp_extract" if len(arguments) == 2:
                return f"what {pattern} finds in {whole}"
            case "regexp_extract":
                return f"what {pattern} captures in {whole}"
            case "regexp_extract_all":
                return f"what {pattern} captures in {whole}, each"
            case "regexp_replace":
                return f"{whole} with what {pattern} finds as {self._text(arguments[2])}"
            case _:
                return f"{whole} matches {pattern}"

    def _element(self, arguments: list[Node]) -> str:
        """Return which element of a list is taken."""
        whole = self._operand(arguments[0])
        if arguments[1].get("function_name") == "list_position":
            keys, wanted = (self._operand(item["expression"]) for item in arguments[1]["arguments"])
            return f"{whole} where {keys} is {wanted}"
        return f"number {self._text(arguments[1])} of {self._text(arguments[0])}"

    def _address(self, node: Node) -> Node | None:
        """Return the value that a node tests for being an IP address, if that is what it does."""
        if node["class"] != "CASE":
            return None
        found = _differences(self._address_test, node)
        return found[0] if found and all(item == found[0] for item in found) else None


def _parse(expression: str) -> Node:
    """Return DuckDB's syntax tree of an SQL expression, without places."""
    row = duckdb.execute("SELECT json_serialize_sql(?)", [f"SELECT {expression}"]).fetchone()
    parsed = json.loads(row[0], object_hook=_without_places) if row else {}
    if parsed.get("error") is not False:
        raise ValueError(f"{parsed}: {expression}")
    node: Node = parsed["statements"][0]["node"]["select_list"][0]
    return node


def _without_places(node: Node) -> Node:
    return {key: value for key, value in node.items() if key not in _LITTLE}


def _changed(node: Node, change: Callable[[Node], Node]) -> Node:
    """Change each node of a tree, those below another before it."""

    def below(value: object) -> object:
        if isinstance(value, dict):
            return _changed(value, change)
        return [below(item) for item in value] if isinstance(value, list) else value

    return change({key: below(value) for key, value in node.items()})


def _filled(tree: Node, made: Mapping[str, Node]) -> Node:
    """Put what a column was made of in the place of its name."""

    def fill(node: Node) -> Node:
        return made.get(node["column_names"][0], node) if node.get("class") == "COLUMN_REF" else node

    return _changed(tree, fill)


def _as_choice(node: Node) -> Node:
    """Write what is looked up in a table as a choice by what it is looked up by."""
    if node.get("function_name") != "map_extract_value":
        return node
    table, looked_up = (argument["expression"] for argument in node["arguments"])
    keys, names = (
        [item["expression"]["literal"]["text"] for item in texts["expression"]["arguments"]]
        for texts in table["arguments"]
    )
    groups: dict[str, list[str]] = {}
    for key, name in zip(keys, names, strict=True):
        groups.setdefault(name, []).append(key)
    hole = Value(sql.name(_HOLE))
    choice = choose(*((is_any(hole, group), constant(name)) for name, group in groups.items()))
    return _filled(_parse(choice.sql.text), {_HOLE: looked_up})


def _key(node: object) -> str:
    return json.dumps(node, sort_keys=True)


def _differences(template: object, found: object) -> list[Node]:
    """Return what stands in a tree where its template has a hole; [] if they differ elsewhere."""
    if isinstance(template, dict) and isinstance(found, dict) and template.get("column_names") == [_HOLE]:
        return [found]
    pairs = _pairs(template, found)
    parts = [_differences(left, right) for left, right in pairs]
    is_same = all(part or _key(left) == _key(right) for part, (left, right) in zip(parts, pairs, strict=True))
    return [item for part in parts for item in part] if is_same else []


def _pairs(template: object, found: object) -> list[tuple[object, object]]:
    """Return the parts of two trees that stand in the same places; [] if they are not of the same form."""
    if isinstance(template, list) and isinstance(found, list) and len(template) == len(found):
        return list(zip(template, found, strict=True))
    if isinstance(template, dict) and isinstance(found, dict) and template.keys() == found.keys():
        return [(value, found[key]) for key, value in template.items()]
    return []


def path_text(path: Path) -> str:
    """Write a path with its keys and positions.

    >>> path_text(("targetResources", "[0]", "id"))
    'targetResources[0].id'
    """
    return ".".join(path).replace(".[", "[")


def _constant(node: Node) -> str:
    literal = node["literal"]
    text = str(literal.get("text", "")).replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    return code(f'"{text}"' if literal["kind"] == "STRING" else text)


def _pattern(node: Node) -> str:
    return code(str(node["literal"]["text"]))


def _is_absent(node: Node) -> bool:
    inner = node["child"] if node["class"] == "CAST" else node
    return bool(inner["class"] == "CONSTANT" and inner["literal"]["kind"] == "NULL_LITERAL")


def _is_joined(node: Node) -> bool:
    """Whether a node is a text whose parts stand in several records."""
    return bool(node["class"] == "CASE" and node["case_checks"][0]["then_expr"]["class"] == "WINDOW")


def _is_test(node: Node) -> bool:
    """Whether a node has a value just where a condition holds: a condition that was given a name."""
    if node["class"] != "CASE" or len(node["case_checks"]) != 1 or not _is_absent(node["else_expr"]):
        return False
    return bool(node["case_checks"][0]["then_expr"]["class"] == "CONSTANT")


def _is_table(node: Node) -> bool:
    """Whether a node chooses among constants, so that a case that holds always has a value."""
    chosen = [case["then_expr"] for case in node["case_checks"]] if node["class"] == "CASE" else []
    return bool(chosen) and all(item["class"] == "CONSTANT" or _is_table(item) for item in chosen)


def _is_total(node: Node) -> bool:
    """Whether a node is a test made false where there is no value, which goes without saying."""
    last = node["children"][-1]
    return len(node["children"]) == 2 and last["class"] == "CONSTANT" and last["literal"]["kind"] == "BOOLEAN"
