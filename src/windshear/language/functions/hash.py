"""`hash.*`: digests."""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.expressions import Call
from windshear.language.functions.function import Example, Function, Parameter
from windshear.language.functions.parameters import text
from windshear.language.types import STRING, UINT, Kind

HASHED = Parameter("value", (Kind.STRING, Kind.BYTES))
_SMALLEST = 2


def fingerprint(value: Sql, kind: Kind) -> Sql:
    """Return a 64-bit number that is the same for the same text or bytes everywhere, and never below 2."""
    hashed = value
    if kind is Kind.BYTES:  # a text and the same bytes have the same fingerprint
        hashed = sql.coalesce(sql.call("TRY", sql.call("from_base64", value)), sql.call("encode", value))
    number = sql.call("md5_number_lower", hashed)
    return sql.call("greatest", number, sql.cast(sql.integer(_SMALLEST), "UBIGINT"))


def _fingerprint2011(arguments: tuple[Sql, ...], call: Call) -> Sql:
    return fingerprint(arguments[0], call.arguments[0].type.kind)


def _sha256(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    return sql.call("sha256", arguments[0])


FUNCTIONS = (
    Function(
        "hash.fingerprint2011",
        (HASHED,),
        UINT,
        "Return a 64-bit fingerprint of a text or of bytes, from 2 to 2⁶⁴ - 1. It is the same in every run and on "
        "every machine, but not the number that the service gives, whose algorithm is not documented.",
        (
            Example('hash.fingerprint2011("abc")', 8250560606382298838),
            Example('hash.fingerprint2011(strings.from_hex("616263"))', 8250560606382298838),
        ),
        _fingerprint2011,
        use="rules",
    ),
    Function(
        "hash.sha256",
        (text("text"),),
        STRING,
        "Return the SHA-256 digest of a text in lower-case hexadecimal digits.",
        (
            Example('hash.sha256("abc")', "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            Example('hash.sha256("")', "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ),
        _sha256,
        use="rules",
    ),
)
