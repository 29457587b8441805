"""`hash.*`: digests."""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.expressions import Call
from windshear.language.functions.function import Example, Function
from windshear.language.functions.parameters import text
from windshear.language.types import STRING


def _sha256(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    return sql.call("sha256", arguments[0])


FUNCTIONS = (
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
    ),
)
