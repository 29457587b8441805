"""All functions of the language that rules may call, by name."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from windshear.language.functions import arrays, cast, math, net, optimization, re, strings, timestamp
from windshear.language.functions import bytes as binary
from windshear.language.functions import hash as digests
from windshear.language.functions.function import Function

_MODULES = (arrays, binary, cast, digests, math, net, optimization, re, strings, timestamp)


def find(name: str) -> Function | None:
    """Return the function of this name, or None."""
    return _by_name().get(name)


def lookup(name: str) -> Function:
    """Return a function that exists; KeyError if it does not."""
    return _by_name()[name]


def names() -> tuple[str, ...]:
    """Return the names of all functions, in alphabetical order."""
    return tuple(sorted(_by_name()))


@functools.cache
def _by_name() -> Mapping[str, Function]:
    found: dict[str, Function] = {}
    for module in _MODULES:
        namespace = module.__name__.rpartition(".")[2]
        for function in module.FUNCTIONS:
            if function.name in found or not function.name.startswith(namespace + "."):
                raise ValueError(f"`{function.name}` is declared twice, or in the wrong file `{namespace}`")
            found[function.name] = function
    return MappingProxyType(found)
