"""All sift formulas of a rule set, compiled together and applied to batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from windshear.engine.sift.batch import Batch, Branch, NumberedAtom, Rows, Tree, Verdict, fold
from windshear.engine.sift.nodes import (
    ALWAYS,
    AllOf,
    AnyOf,
    Atom,
    Computed,
    Constant,
    Formula,
    Leaf,
    Matches,
    Probe,
    all_of,
    atoms,
    replaced,
)
from windshear.engine.sift.probes import LeafProbes
from windshear.engine.sift.values import is_present

_REMEMBERED_TABLES = 32


Probes = Mapping[Leaf | Computed, LeafProbes]


def compile_sift(formulas: Sequence[tuple[int, Formula]], probes: Probes | None = None) -> Sift:
    """Compile formulas, each under the number by which the answer names it.

    Equal atoms are evaluated once, and all patterns of one leaf together. probes: of all that they look for, if others
    look for it, too, and are to share what is learned.
    """
    return Sift(formulas, probes or probes_of(formula for _, formula in formulas))


def probes_of(formulas: Iterable[Formula]) -> Probes:
    """Return the probes of all that formulas look for."""
    found: dict[Leaf | Computed, dict[Probe, None]] = {}
    for formula in formulas:
        for atom in atoms(formula):
            found.setdefault(atom.leaf, {})[atom.probe] = None
    return {leaf: LeafProbes(leaf, looked_for) for leaf, looked_for in found.items()}


class Sift:
    """Compiled formulas. Keeps what it learned about tables and texts between batches, within bounds.

    Computing a value costs more than all other tests. So these go first, and computed are values of the rows left.
    """

    def __init__(self, formulas: Sequence[tuple[int, Formula]], probes: Probes) -> None:
        at_once = [(key, replaced(formula, _uncomputed)) for key, formula in formulas]
        rest = [(key, computed) for key, formula in formulas if (computed := _computed(formula)) != ALWAYS]
        numbering = _Numbering((formula for _, formula in (*at_once, *rest)), probes)
        self._at_once = _Formulas(at_once, numbering)
        self._rest = _Formulas(rest, numbering)
        self._numbering = numbering
        self._computing = frozenset(key for key, _ in rest)

    def apply(self, table: pa.Table) -> dict[int, Rows]:
        """Return the candidate rows (ascending) of every formula that has any in this table."""
        if not table.num_rows:
            return {}
        batch = Batch(table, self._numbering.atoms, self._numbering.leaves)
        found = self._at_once.apply(batch)
        asked = {key: found.pop(key) for key in self._computing & found.keys()}
        if asked:
            batch.compute_for(np.unique(np.concatenate(list(asked.values()))))
            found |= self._rest.apply(batch, asked)
        return found


def _uncomputed(atom: Atom) -> Formula:
    return ALWAYS if isinstance(atom.leaf, Computed) else atom


def _computed(formula: Formula) -> Formula:
    """Return what is left to tell of a formula for events that pass all tests of values as they are."""
    parts = formula.items if isinstance(formula, AllOf) else (formula,)
    return all_of(part for part in parts if any(isinstance(atom.leaf, Computed) for atom in atoms(part)))


class _Formulas:
    """Formulas that are told together."""

    def __init__(self, formulas: Sequence[tuple[int, Formula]], numbering: _Numbering) -> None:
        self._numbering = numbering
        self._trees = [(key, numbering.tree(formula)) for key, formula in formulas]
        self._by_columns: dict[frozenset[str], list[tuple[int, Tree | bool]]] = {}

    def apply(self, batch: Batch, asked: Mapping[int, Rows] | None = None) -> dict[int, Rows]:
        """Return the rows of every formula that has any in this batch; of those asked for, among the rows asked for."""
        candidates: dict[int, Rows] = {}
        for key, tree in self._trees_for(batch.columns):
            among = None if asked is None else asked.get(key)
            if asked is not None and among is None:
                continue
            folded = tree if isinstance(tree, bool) else fold(tree, batch.verdict)
            if folded is False:
                continue
            rows = batch.select(None if folded is True else folded, among)
            if rows.size:
                candidates[key] = rows
        return candidates

    def _trees_for(self, columns: frozenset[str]) -> list[tuple[int, Tree | bool]]:
        """Return the formulas that are left once the columns that a table lacks have been read as zero."""
        known = self._by_columns.get(columns)
        if known is None:
            if len(self._by_columns) >= _REMEMBERED_TABLES:
                self._by_columns.clear()
            known = [(key, tree) for key, tree in self._fold_absent(columns) if tree is not False]
            self._by_columns[columns] = known
        return known

    def _fold_absent(self, columns: frozenset[str]) -> list[tuple[int, Tree | bool]]:
        numbered, leaves = self._numbering.atoms, self._numbering.leaves
        absent = Batch(pa.table({"": pa.nulls(1)}), numbered, leaves)
        present = [probes.evaluation is not None or is_present(probes.leaf.leaves[0], columns) for probes in leaves]

        def verdict(number: int) -> Verdict:
            return None if present[numbered[number].leaf] else bool(absent.mask(number)[0])

        return [(key, tree if isinstance(tree, bool) else fold(tree, verdict)) for key, tree in self._trees]


class _Numbering:
    """All atoms of some formulas, and all that they read, numbered, so that equal ones are told once."""

    def __init__(self, formulas: Iterable[Formula], probes: Probes) -> None:
        self.leaves, self.atoms = _number_atoms(formulas, probes)
        self._ranks = _ranks(self.atoms)
        self._numbers = {numbered.atom: number for number, numbered in enumerate(self.atoms)}

    def tree(self, formula: Formula) -> Tree | bool:
        """Return a formula over atom numbers."""
        return _tree(formula, self._numbers, self._ranks)


def _number_atoms(formulas: Iterable[Formula], probes: Probes) -> tuple[list[LeafProbes], list[NumberedAtom]]:
    distinct = dict.fromkeys(atom for formula in formulas for atom in atoms(formula))
    numbers = {leaf: number for number, leaf in enumerate(dict.fromkeys(atom.leaf for atom in distinct))}
    numbered = [NumberedAtom(atom, numbers[atom.leaf], probes[atom.leaf].wanted(atom.probe)) for atom in distinct]
    return [probes[leaf] for leaf in numbers], numbered


def _tree(formula: Formula, numbers: dict[Atom, int], ranks: list[int]) -> Tree | bool:
    """Return the formula over atom numbers, the parts that are cheap to tell first."""
    match formula:
        case Constant(holds):
            return holds
        case Atom():
            return numbers[formula]
        case AllOf(items) | AnyOf(items):
            parts = [part for item in items if not isinstance(part := _tree(item, numbers, ranks), bool)]
            return Branch(isinstance(formula, AllOf), tuple(sorted(parts, key=lambda part: _rank(part, ranks))))


def _rank(tree: Tree, ranks: list[int]) -> int:
    return ranks[tree] if isinstance(tree, int) else max(_rank(part, ranks) for part in tree.parts)


def _ranks(numbered: Sequence[NumberedAtom]) -> list[int]:
    """Rank atoms by cost: leaves that many atoms read first, as they are read anyway; then searches, functions last."""
    uses = [0] * (1 + max((atom.leaf for atom in numbered), default=0))
    for atom in numbered:
        uses[atom.leaf] += 1
    return [len(numbered) * _cost(atom.atom) - uses[atom.leaf] for atom in numbered]


def _cost(atom: Atom) -> int:
    return 2 if isinstance(atom.leaf, Computed) else int(isinstance(atom.probe, Matches))
