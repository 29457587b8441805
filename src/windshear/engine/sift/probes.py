"""Probes on the distinct values of a leaf: which values may pass, and which pass surely."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.sift.letters import change
from windshear.engine.sift.nodes import InNetwork, Leaf, Matches, OneOf, Ordered, Pattern, Probe, Value
from windshear.engine.sift.patterns import PatternSet
from windshear.engine.sift.values import Values

Codes = npt.NDArray[np.int64]

_NONE = np.zeros(0, dtype=np.int64)
_ORDERS: Mapping[str, Callable[[object, object], object]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)


@dataclass(frozen=True, slots=True)
class Passing:
    """Codes of the values that may pass a probe, and of those that surely do; they differ where sift cannot tell."""

    maybe: Codes
    surely: Codes


class LeafProbes:
    """All constants and patterns that any formula looks for in one leaf, numbered."""

    def __init__(self, leaf: Leaf, probes: Iterable[Probe]) -> None:
        self.leaf = leaf
        constants: dict[Value, int] = {}
        patterns: dict[Pattern, int] = {}
        for probe in probes:
            match probe:
                case OneOf(wanted):
                    for constant in wanted:
                        constants.setdefault(constant, len(constants))
                case Matches(searched):
                    for pattern in searched:
                        patterns.setdefault(pattern, len(patterns))
                case _:
                    pass
        self.constants = constants
        self.patterns = patterns
        self.pattern_set = PatternSet(tuple(patterns))
        self.constant_set = pa.array(list(constants), type=pa.string()) if leaf.kind == "text" else None


class LeafValues:
    """The values of one leaf in one batch under the probes of that leaf; everything is found when first asked for."""

    def __init__(self, probes: LeafProbes, values: Values) -> None:
        self.values = values
        self._probes = probes

    def passing(self, probe: Probe) -> Passing:
        """Return the codes of the distinct values that pass a probe."""
        match probe:
            case OneOf(constants) if self._probes.leaf.kind == "text":
                return self._one_of(constants)
            case OneOf(constants):
                return self._equal(constants)
            case Ordered(order, constant):
                return self._ordered(order, constant)
            case Matches(patterns):
                return self._matches(patterns)
            case InNetwork(networks):
                return self._in_network(networks)

    @cached_property
    def frequency(self) -> Codes:
        """How many elements have each value."""
        return np.bincount(self.values.codes, minlength=len(self.values.distinct))

    def _one_of(self, constants: frozenset[Value]) -> Passing:
        numbers = self._probes.constants
        found = [code for constant in constants for code in self._codes_by_constant.get(numbers[constant], ())]
        equal = np.array(found, dtype=np.int64) if found else _NONE
        if not self._unsure.size or all(str(constant).isascii() for constant in constants):
            return Passing(equal, equal)
        return self._with_unsure(equal)

    def _equal(self, constants: frozenset[Value]) -> Passing:
        hit = np.zeros(len(self._numbers), dtype=np.bool_)
        for constant in constants:
            hit |= self._numbers == constant
        codes = np.flatnonzero(hit)
        return Passing(codes, codes)

    def _ordered(self, order: str, constant: float) -> Passing:
        hit = np.asarray(_ORDERS[order](self._numbers, constant), dtype=np.bool_)
        unordered = self._numbers != self._numbers
        return Passing(np.flatnonzero(hit | unordered), np.flatnonzero(hit))

    def _matches(self, patterns: frozenset[Pattern]) -> Passing:
        numbers = self._probes.patterns
        found = [self._codes_by_pattern.get(numbers[pattern], _NONE) for pattern in patterns]
        codes = found[0] if len(found) == 1 else np.unique(np.concatenate(found)) if found else _NONE
        return self._with_unsure(codes) if self._unsure.size else Passing(codes, codes)

    def _in_network(self, networks: frozenset[str]) -> Passing:
        wanted = [ip_network(network, strict=False) for network in networks]
        inside = [code for code, address in self._addresses.items() if any(address in network for network in wanted)]
        codes = np.array(inside, dtype=np.int64)
        return self._with_unsure(codes) if self._unsure.size else Passing(codes, codes)

    def _with_unsure(self, codes: Codes) -> Passing:
        return Passing(np.union1d(codes, self._unsure), np.setdiff1d(codes, self._unsure))

    @cached_property
    def _numbers(self) -> npt.NDArray[np.generic]:
        return np.asarray(self.values.distinct.to_numpy(zero_copy_only=False))

    @cached_property
    def _texts(self) -> pa.Array:
        """The distinct values in the letters of the leaf."""
        letters = self._probes.leaf.letters
        if letters == "as written":
            return self.values.distinct
        if pc.all(pc.string_is_ascii(self.values.distinct)).as_py():
            return (pc.ascii_lower if letters == "lower" else pc.ascii_upper)(self.values.distinct)
        return pa.array([change(text, letters) for text in self.values.distinct.to_pylist()], type=pa.string())

    @cached_property
    def _unsure(self) -> Codes:
        """Codes of the values whose other letters only the settle stage knows."""
        if self._probes.leaf.letters == "as written":
            return _NONE
        return np.flatnonzero(pc.invert(pc.string_is_ascii(self._texts)).to_numpy(zero_copy_only=False))

    @cached_property
    def _codes_by_constant(self) -> dict[int, list[int]]:
        numbers = pc.index_in(self._texts, value_set=self._probes.constant_set)
        codes = np.flatnonzero(numbers.is_valid().to_numpy(zero_copy_only=False))
        found: dict[int, list[int]] = {}
        for code, number in zip(codes.tolist(), numbers.drop_null().to_pylist(), strict=True):
            found.setdefault(number, []).append(code)
        return found

    @cached_property
    def _codes_by_pattern(self) -> dict[int, Codes]:
        return self._probes.pattern_set.hits(self._texts.to_pylist())

    @cached_property
    def _addresses(self) -> dict[int, IPv4Address | IPv6Address]:
        """The values that are addresses."""
        parsed = ((code, _address(text)) for code, text in enumerate(self._texts.to_pylist()))
        return {code: address for code, address in parsed if address is not None}


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if "." not in text and ":" not in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None
