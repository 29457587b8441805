"""Probes on the distinct values of a leaf: which values may pass, and which pass surely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.sift.evaluation import Evaluation
from windshear.engine.sift.letters import change
from windshear.engine.sift.nodes import Computed, InNetwork, Leaf, Matches, OneOf, Ordered, Pattern, Probe, Value
from windshear.engine.sift.patterns import PatternSet
from windshear.engine.sift.values import Values

Codes = npt.NDArray[np.int64]

_NONE = np.zeros(0, dtype=np.int64)
_ORDERS: Mapping[str, np.ufunc] = MappingProxyType(
    {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
)


@dataclass(frozen=True, slots=True)
class Passing:
    """Codes of the values that may pass a probe, and of those that surely do; they differ where sift cannot tell."""

    maybe: Codes
    surely: Codes


NOTHING = Passing(_NONE, _NONE)


class LeafProbes:
    """All constants and patterns that any formula looks for in one leaf, or computed value, numbered."""

    def __init__(self, leaf: Leaf | Computed, probes: Iterable[Probe]) -> None:
        self.leaf = leaf
        self.evaluation = Evaluation(leaf) if isinstance(leaf, Computed) else None
        self._constants: dict[Value, int] = {}
        self._patterns: dict[Pattern, int] = {}
        for probe in probes:
            self._number(probe)
        self.patterns = PatternSet(tuple(self._patterns))
        self.constants = pa.array(list(self._constants), type=pa.string()) if leaf.kind == "text" else None

    def wanted(self, probe: Probe) -> frozenset[int]:
        """Return the numbers of the constants or patterns of a probe."""
        match probe:
            case OneOf(constants):
                return frozenset(self._constants[constant] for constant in constants)
            case Matches(patterns):
                return frozenset(self._patterns[pattern] for pattern in patterns)
            case _:
                return frozenset()

    def _number(self, probe: Probe) -> None:
        match probe:
            case OneOf(constants):
                for constant in constants:
                    self._constants.setdefault(constant, len(self._constants))
            case Matches(patterns):
                for pattern in patterns:
                    self._patterns.setdefault(pattern, len(self._patterns))
            case _:
                pass


class LeafValues:
    """The values of one leaf in one batch under the probes of that leaf; everything is found when first asked for."""

    def __init__(self, probes: LeafProbes, values: Values) -> None:
        self.values = values
        self.count = len(values.distinct)
        self._probes = probes
        self._is_text = probes.leaf.kind == "text"

    def passing(self, probe: Probe, wanted: frozenset[int]) -> Passing:
        """Return the codes of the distinct values that pass a probe, whose constants or patterns have these numbers."""
        if not self.values.is_known:
            return Passing(np.arange(self.count), _NONE)
        match probe:
            case OneOf(constants) if self._is_text:
                is_sure = not self._unsure.size or all(str(constant).isascii() for constant in constants)
                return self._found(self._codes_by_constant, wanted, is_sure=is_sure)
            case Matches():
                return self._found(self._codes_by_pattern, wanted, is_sure=not self._unsure.size)
            case OneOf(constants):
                return self._equal(constants)
            case Ordered(order, constant):
                return self._ordered(order, constant)
            case InNetwork(networks):
                return self._in_network(networks)

    @cached_property
    def frequency(self) -> Codes:
        """How many elements have each value."""
        return np.bincount(self.values.codes, minlength=self.count)

    def _found(self, hits: Mapping[int, Codes], wanted: frozenset[int], *, is_sure: bool) -> Passing:
        if hits.keys().isdisjoint(wanted):
            return NOTHING if is_sure else Passing(self._unsure, _NONE)
        found = [hits[number] for number in hits.keys() & wanted]
        codes = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        return Passing(codes, codes) if is_sure else self._with_unsure(codes)

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
    def _codes_by_constant(self) -> dict[int, Codes]:
        numbers = pc.index_in(self._texts, value_set=self._probes.constants)
        codes = np.flatnonzero(numbers.is_valid().to_numpy(zero_copy_only=False))
        found: dict[int, list[int]] = {}
        for code, number in zip(codes.tolist(), numbers.drop_null().to_pylist(), strict=True):
            found.setdefault(number, []).append(code)
        return {number: np.array(same, dtype=np.int64) for number, same in found.items()}

    @cached_property
    def _codes_by_pattern(self) -> dict[int, Codes]:
        return self._probes.patterns.hits(self._texts.to_pylist())

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
