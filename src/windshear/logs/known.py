"""What is known of the events of a log type before any is read: what its declaration says.

Rules of other log types can be set aside by it, and nothing is read for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from windshear.logs.catalogue import PARSERS
from windshear.logs.event_reader import EventReader
from windshear.logs.outputs import may_fill
from windshear.logs.parser import LogParser, Scalar
from windshear.logs.statement import fields_of

PRODUCT = "metadata.product_name"
_NO_CHOICES: Mapping[str, Sequence[str | None]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Known:
    """What a log type says of its events.

    choices: of some fields all that they can be, None for absent. absent: fields that it never fills. foreign: products
    that only other log types name.
    """

    choices: Mapping[str, Sequence[str | None]] = field(default_factory=lambda: _NO_CHOICES)
    absent: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


NOTHING_KNOWN = Known()


def known_of(parser: LogParser | EventReader, names: Collection[str]) -> Known:
    """Return what is known of some fields of the events of a log type; nothing, if its records are events already.

    >>> from windshear.logs.parsers import okta
    >>> known = known_of(okta.PARSER, ["metadata.product_name", "principal.process.pid"])
    >>> known.choices, known.absent
    ({'metadata.product_name': ['Okta']}, frozenset({'principal.process.pid'}))
    """
    if isinstance(parser, EventReader):
        return NOTHING_KNOWN
    fields = fields_of(parser)
    choices = {
        item.name: sorted(item.value.texts, key=lambda text: text or "")
        for item in fields
        if isinstance(item, Scalar) and item.kind == "text" and item.value.texts is not None and item.name in names
    }
    absent = frozenset(name for name in names if not may_fill(fields, name))
    return Known(choices, absent, _products() - set(choices.get(PRODUCT, ())))


@cache
def _products() -> frozenset[str]:
    """Return the products that log types name of their own."""
    fields = (item for parser in PARSERS if isinstance(parser, LogParser) for item in parser.fields)
    named = (item.value.texts or () for item in fields if isinstance(item, Scalar) and item.name == PRODUCT)
    return frozenset(text for texts in named for text in texts if text)
