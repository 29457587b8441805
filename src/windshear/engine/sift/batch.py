"""Formulas on one batch: which atoms can be told without looking at rows, and the rows that pass the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from windshear.engine.sift.nodes import Atom, Leaf
from windshear.engine.sift.probes import LeafProbes, LeafValues, Passing
from windshear.engine.sift.together import together
from windshear.engine.sift.values import Values, read_values

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_DENSE_SHARE = 16  # below a 16th of the rows, testing the selected rows beats making a mask for all


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """All or any of some parts."""

    is_all: bool
    parts: tuple[Tree, ...]


Tree = int | Branch  # an atom's number, or a branch
Verdict = bool | None


@dataclass(frozen=True, slots=True)
class NumberedAtom:
    """An atom, the number of its leaf, and the numbers there of the constants or patterns that it looks for."""

    atom: Atom
    leaf: int
    wanted: frozenset[int]


def fold(tree: Tree, verdict: Callable[[int], Verdict]) -> Tree | bool:
    """Replace atoms with a known verdict by it; asks for no more verdicts than needed, in order."""
    if isinstance(tree, int):
        known = verdict(tree)
        return tree if known is None else known
    absorbing = not tree.is_all
    kept: list[Tree] = []
    for part in tree.parts:
        folded = fold(part, verdict)
        if folded is absorbing:
            return absorbing
        if not isinstance(folded, bool):
            kept.append(folded)
    if len(kept) == len(tree.parts):
        return tree
    if len(kept) > 1:
        return Branch(tree.is_all, tuple(kept))
    return kept[0] if kept else tree.is_all


class Batch:
    """One table under the numbered atoms of all formulas. Leaves, verdicts and masks are made when first needed."""

    def __init__(self, table: pa.Table, atoms: Sequence[NumberedAtom], leaves: Sequence[LeafProbes]) -> None:
        self.row_count: int = table.num_rows
        self.columns = frozenset[str](table.column_names)
        self._table = table
        self._atoms = atoms
        self._probes = leaves
        self._read: dict[Leaf, Values] = {}
        self._together: dict[tuple[Leaf, ...], Values] = {}
        self._computed_for: Rows | None = None
        self._leaves: dict[int, LeafValues] = {}
        self._passing: dict[int, Passing] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._masks: dict[int, Flags] = {}

    def compute_for(self, rows: Rows) -> None:
        """Compute values only for some rows, the only ones that are asked about from now on."""
        self._computed_for = rows if rows.size < self.row_count else None

    def verdict(self, number: int) -> Verdict:
        """Say whether an atom holds for every row (True) or for none (False), as far as the distinct values tell."""
        if number not in self._verdicts:
            self._verdicts[number] = self._tell(number)
        return self._verdicts[number]

    def mask(self, number: int) -> Flags:
        """Return for every row whether an atom holds."""
        if number not in self._masks:
            self._masks[number] = self._make_mask(number)
        return self._masks[number]

    def select(self, tree: Tree | None, rows: Rows | None = None) -> Rows:
        """Return the rows, of those given or of all, for which a folded formula holds (None: always); in order."""
        if tree is None:
            return np.arange(self.row_count) if rows is None else rows
        if isinstance(tree, int):
            return self._select_atom(tree, rows)
        if tree.is_all:
            for part in sorted(tree.parts, key=self._estimate):
                rows = self.select(part, rows)
                if not rows.size:
                    break
            return self.select(None, rows)
        hit = np.zeros(self.row_count, dtype=np.bool_)
        for part in tree.parts:
            if isinstance(part, int) and rows is None:
                hit |= self.mask(part)
            else:
                hit[self.select(part, rows)] = True
        return np.flatnonzero(hit) if rows is None else rows[hit[rows]]

    def _leaf(self, number: int) -> LeafValues:
        if number not in self._leaves:
            probes = self._probes[number]
            self._leaves[number] = LeafValues(probes, self._values(probes))
        return self._leaves[number]

    def _values(self, probes: LeafProbes) -> Values:
        leaves = probes.leaf.leaves
        if probes.evaluation is None:
            return self._values_of(leaves[0])
        if leaves not in self._together:
            self._together[leaves] = together([self._values_of(leaf) for leaf in leaves], self._computed_for)
        return probes.evaluation.values(self._together[leaves])

    def _values_of(self, leaf: Leaf) -> Values:
        if leaf not in self._read:
            self._read[leaf] = read_values(leaf, self._table)
        return self._read[leaf]

    def _passes(self, number: int) -> Passing:
        if number not in self._passing:
            atom = self._atoms[number]
            self._passing[number] = self._leaf(atom.leaf).passing(atom.atom.probe, atom.wanted)
        return self._passing[number]

    def _tell(self, number: int) -> Verdict:
        passing, atom = self._passes(number), self._atoms[number]
        known = self._leaf(atom.leaf).count
        count = known - len(passing.surely) if atom.atom.is_negated else len(passing.maybe)
        if count == known and atom.atom.reading != "any":
            return True
        return False if count == 0 and atom.atom.reading != "all" else None

    def _table_of(self, number: int) -> Flags:
        """Return for every distinct value whether it may pass."""
        passing, atom = self._passes(number), self._atoms[number]
        table = np.full(self._leaf(atom.leaf).count, atom.atom.is_negated)
        table[passing.surely if atom.atom.is_negated else passing.maybe] = not atom.atom.is_negated
        return table

    def _make_mask(self, number: int) -> Flags:
        values, reading = self._leaf(self._atoms[number].leaf).values, self._atoms[number].atom.reading
        table = self._table_of(number)
        hit = table[values.codes]
        if values.rows is None:
            return hit
        if reading == "all":
            mask = np.ones(values.row_count, dtype=np.bool_)
            mask[values.rows[~hit]] = False
            return mask
        mask = np.zeros(values.row_count, dtype=np.bool_)
        mask[values.rows[hit]] = True
        if reading == "plain" and values.absent is not None and values.zero is not None and table[values.zero]:
            mask |= values.absent
        return mask

    def _select_atom(self, number: int, rows: Rows | None) -> Rows:
        if rows is None:
            return np.flatnonzero(self.mask(number))
        values = self._leaf(self._atoms[number].leaf).values
        if number in self._masks or values.rows is not None or rows.size * _DENSE_SHARE > self.row_count:
            return rows[self.mask(number)[rows]]
        return rows[self._table_of(number)[values.codes[rows]]]

    def _estimate(self, tree: Tree) -> int:
        """Guess how many rows pass: the elements that do; the zeros of empty lists are not counted."""
        if isinstance(tree, Branch):
            estimates = [self._estimate(part) for part in tree.parts]
            return min(estimates) if tree.is_all else sum(estimates)
        leaf, passing = self._leaf(self._atoms[tree].leaf), self._passes(tree)
        if self._atoms[tree].atom.is_negated:
            return len(leaf.values.codes) - int(leaf.frequency[passing.surely].sum())
        return int(leaf.frequency[passing.maybe].sum())
