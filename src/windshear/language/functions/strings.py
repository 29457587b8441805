"""`strings.*`: text. Lengths, positions and order are by code point; case is the simple mapping of Unicode."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from urllib.parse import unquote_to_bytes

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.expressions import Call
from windshear.language.functions.conversions import printed
from windshear.language.functions.function import Example, Function, Kernel, Parameter
from windshear.language.functions.hosts import hostname, registrable_domain
from windshear.language.functions.parameters import text
from windshear.language.types import BOOL, BYTES, INT, STRING, Kind

_EMPTY = sql.text("")
_HEX = frozenset("0123456789abcdefABCDEF")


def _per_value(convert: Callable[[str], str]) -> Callable[[Sequence[str]], list[str]]:
    """Apply a conversion to each value of a column."""

    def column(values: Sequence[str]) -> list[str]:
        return [convert(value) for value in values]

    return column


def _kernel(name: str, convert: Callable[[str], str]) -> Kernel:
    return Kernel(name, ("VARCHAR",), "VARCHAR", _per_value(convert))


def _by_kernel(kernel: Kernel) -> Callable[[tuple[Sql, ...], Call], Sql]:
    def write(arguments: tuple[Sql, ...], _call: Call) -> Sql:
        return sql.call(kernel.name, arguments[0])

    return write


def _decode_base64(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:  # not base64, or not text once decoded
        return value


def _canonical_base64(value: str) -> str:
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode()
    except ValueError:
        return ""


def _base64_of_hex(value: str) -> str:
    try:
        return base64.b64encode(binascii.unhexlify(value)).decode()
    except ValueError:
        return ""


def _decode_url(value: str) -> str:
    if "%" not in value:
        return value
    for piece in value.split("%")[1:]:
        if len(piece) < 2 or not _HEX.issuperset(piece[:2]):
            return ""
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        return ""


def _domain(url: str) -> str:
    return registrable_domain(hostname(url))


_BASE64_DECODE = _kernel("windshear_base64_decode", _decode_base64)
_FROM_BASE64 = _kernel("windshear_from_base64", _canonical_base64)
_FROM_HEX = _kernel("windshear_from_hex", _base64_of_hex)
_URL_DECODE = _kernel("windshear_url_decode", _decode_url)
_EXTRACT_HOSTNAME = _kernel("windshear_extract_hostname", hostname)
_EXTRACT_DOMAIN = _kernel("windshear_extract_domain", _domain)


def _coalesce(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    result = arguments[-1]
    for value in reversed(arguments[:-1]):
        result = sql.case(sql.binary("<>", value, _EMPTY), value, result)
    return result


def _concat(arguments: tuple[Sql, ...], call: Call) -> Sql:
    texts = [printed(value, node.type.kind) for value, node in zip(arguments, call.arguments, strict=True)]
    return sql.call("concat", *texts)


def _contains(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    return sql.call("contains", *arguments)


def _count_substrings(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    value, part = arguments
    removed = sql.binary("-", sql.call("strlen", value), sql.call("strlen", sql.call("replace", value, part, _EMPTY)))
    return sql.case(sql.binary("=", part, _EMPTY), sql.integer(0), sql.binary("//", removed, sql.call("strlen", part)))


def _at_edge(function: str) -> Callable[[tuple[Sql, ...], Call], Sql]:
    """Call an SQL function that looks at one edge of a text; the empty text is found at none."""

    def write(arguments: tuple[Sql, ...], _call: Call) -> Sql:
        return sql.all_of([sql.binary("<>", arguments[1], _EMPTY), sql.call(function, *arguments)])

    return write


def _sql_function(function: str) -> Callable[[tuple[Sql, ...], Call], Sql]:
    def write(arguments: tuple[Sql, ...], _call: Call) -> Sql:
        return sql.call(function, *arguments)

    return write


def _reverse(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    characters = sql.call("string_split", arguments[0], _EMPTY)  # by code point; SQL's `reverse` keeps clusters
    return sql.call("array_to_string", sql.call("list_reverse", characters), _EMPTY)


def _split(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    delimiter = arguments[1] if len(arguments) > 1 else sql.text(",")
    return sql.call("string_split", arguments[0], delimiter)


_CUT = text("characters")

FUNCTIONS = (
    Function(
        "strings.base64_decode",
        (text("text"),),
        STRING,
        "Decode base64 to text. What is no base64, or no UTF-8 once decoded, is returned unchanged.",
        (
            Example('strings.base64_decode("dWRt")', "udm"),
            Example('strings.base64_decode("%%")', "%%"),
            Example('strings.base64_decode("dWR")', "dWR"),
        ),
        _by_kernel(_BASE64_DECODE),
        kernels=(_BASE64_DECODE,),
    ),
    Function(
        "strings.coalesce",
        (text("first"), Parameter("others", (Kind.STRING,), is_variadic=True, is_optional=True)),
        STRING,
        "Return the first argument that is not empty, or the empty text.",
        (Example('strings.coalesce("", "b", "c")', "b"), Example('strings.coalesce("", "")', "")),
        _coalesce,
    ),
    Function(
        "strings.concat",
        (
            Parameter(
                "values",
                (Kind.STRING, Kind.INT, Kind.UINT, Kind.FLOAT, Kind.BOOL),
                is_variadic=True,
                takes_enum=True,
            ),
        ),
        STRING,
        "Join values to one text. A float without a fraction is written as an integer, an enum value as its name.",
        (
            Example('strings.concat("p", 80, "/", 1.0)', "p80/1"),
            Example('strings.concat("a", 1.25, true)', "a1.25true"),
        ),
        _concat,
    ),
    Function(
        "strings.contains",
        (text("text"), text("part")),
        BOOL,
        "Tell whether a text holds a part, with regard to case. The empty part is in every text.",
        (
            Example('strings.contains("udm event", "event")', result=True),
            Example('strings.contains("udm event", "Event")', result=False),
        ),
        _contains,
    ),
    Function(
        "strings.count_substrings",
        (text("text"), text("part")),
        INT,
        "Count how often a part occurs without overlaps; the empty part never does.",
        (Example('strings.count_substrings("aaaa", "aa")', 2), Example('strings.count_substrings("abc", "")', 0)),
        _count_substrings,
    ),
    Function(
        "strings.ends_with",
        (text("text"), text("ending")),
        BOOL,
        "Tell whether a text ends with another. Nothing ends with the empty text.",
        (
            Example('strings.ends_with("a.exe", ".exe")', result=True),
            Example('strings.ends_with("a.exe", "")', result=False),
        ),
        _at_edge("ends_with"),
    ),
    Function(
        "strings.extract_domain",
        (text("url"),),
        STRING,
        "Return the registered domain of a URL: the label before the public suffix, with it. Domains that companies "
        "open to their customers count as ordinary ones.",
        (
            Example('strings.extract_domain("https://a.b.example.co.uk/x")', "example.co.uk"),
            Example('strings.extract_domain("google.co.in")', "google.co.in"),
            Example('strings.extract_domain("https://#@example.com/")', ""),
            Example('strings.extract_domain("http://192.0.2.1/")', ""),
            Example('strings.extract_domain("https://me.github.io")', "github.io"),
        ),
        _by_kernel(_EXTRACT_DOMAIN),
        kernels=(_EXTRACT_DOMAIN,),
    ),
    Function(
        "strings.extract_hostname",
        (text("url"),),
        STRING,
        "Return the host part of a URL as written, without checking that it is a host. The scheme may be missing.",
        (
            Example('strings.extract_hostname("https://a.example.com:8443/p")', "a.example.com"),
            Example('strings.extract_hostname("mailto:x@y")', "mailto"),
            Example('strings.extract_hostname("https://user@[2001:db8::1]:80/")', "[2001:db8::1]"),
            Example('strings.extract_hostname("1234")', "1234"),
        ),
        _by_kernel(_EXTRACT_HOSTNAME),
        kernels=(_EXTRACT_HOSTNAME,),
    ),
    Function(
        "strings.from_base64",
        (text("text"),),
        BYTES,
        "Decode base64 to bytes; what is no base64 gives no bytes.",
        (Example('bytes.to_base64(strings.from_base64("dWRt"))', "dWRt"), Example('strings.from_base64("%%")', "")),
        _by_kernel(_FROM_BASE64),
        kernels=(_FROM_BASE64,),
    ),
    Function(
        "strings.from_hex",
        (text("text"),),
        BYTES,
        "Decode hexadecimal digits to bytes; what is none gives no bytes.",
        (Example('bytes.to_base64(strings.from_hex("75646d"))', "dWRt"), Example('strings.from_hex("7")', "")),
        _by_kernel(_FROM_HEX),
        kernels=(_FROM_HEX,),
    ),
    Function(
        "strings.ltrim",
        (text("text"), _CUT),
        STRING,
        "Cut characters of a set from the beginning of a text.",
        (Example('strings.ltrim("xyxa", "xy")', "a"), Example('strings.ltrim("a", "")', "a")),
        _sql_function("ltrim"),
    ),
    Function(
        "strings.reverse",
        (text("text"),),
        STRING,
        "Return the characters of a text in reverse order, code point by code point.",
        (Example('strings.reverse("abc")', "cba"), Example('strings.reverse("")', "")),
        _reverse,
    ),
    Function(
        "strings.rtrim",
        (text("text"), _CUT),
        STRING,
        "Cut characters of a set from the end of a text.",
        (Example('strings.rtrim("axyx", "xy")', "a"), Example('strings.rtrim("xa", "x")', "xa")),
        _sql_function("rtrim"),
    ),
    Function(
        "strings.split",
        (text("text"), text("delimiter", is_optional=True)),
        STRING.list_of,
        "Split a text at each delimiter (a comma if none is given); the empty delimiter gives the characters.",
        (
            Example('strings.split("a,b")', ["a", "b"]),
            Example('strings.split("a,b", ";")', ["a,b"]),
            Example('strings.split("ab", "")', ["a", "b"]),
        ),
        _split,
    ),
    Function(
        "strings.starts_with",
        (text("text"), text("beginning")),
        BOOL,
        "Tell whether a text begins with another. Nothing begins with the empty text.",
        (
            Example('strings.starts_with("svc-x", "svc-")', result=True),
            Example('strings.starts_with("svc-x", "SVC")', result=False),
        ),
        _at_edge("starts_with"),
    ),
    Function(
        "strings.to_lower",
        (text("text"),),
        STRING,
        "Return a text in lower case.",
        (Example('strings.to_lower("ADMIN")', "admin"), Example('strings.to_lower("ÄÖ")', "äö")),
        _sql_function("lower"),
    ),
    Function(
        "strings.to_upper",
        (text("text"),),
        STRING,
        "Return a text in upper case.",
        (Example('strings.to_upper("admin")', "ADMIN"), Example('strings.to_upper("é")', "É")),
        _sql_function("upper"),
    ),
    Function(
        "strings.trim",
        (text("text"), _CUT),
        STRING,
        "Cut characters of a set from both ends of a text.",
        (Example('strings.trim("..a.b..", ".")', "a.b"), Example('strings.trim(" a ", "")', " a ")),
        _sql_function("trim"),
    ),
    Function(
        "strings.url_decode",
        (text("text"),),
        STRING,
        "Decode percent signs; a malformed text gives the empty one. A plus sign stays.",
        (
            Example('strings.url_decode("a%20b+c")', "a b+c"),
            Example('strings.url_decode("50%")', ""),
            Example('strings.url_decode("%ff")', ""),
        ),
        _by_kernel(_URL_DECODE),
        kernels=(_URL_DECODE,),
    ),
)
