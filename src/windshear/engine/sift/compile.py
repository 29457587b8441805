"""All sift formulas of a rule set, compiled together and applied to batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

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
from windshear.engine.sift.values import TIME_COLUMN, is_present

_REMEMBERED_TABLES = 32


def compile_sift(formulas: Sequence[tuple[int, Formula]]) -> Sift:
    """Compile formulas, each under the number by which the answer names it.

    Equal atoms are evaluated once, and all patterns of one leaf together.
    """
    return Sift(formulas)


class Sift:
    """Compiled formulas. Keeps what it learned about tables and texts between batches, within bounds.

    Computing a value costs more than all other tests. So these go first, and computed are values of the rows left.
    """

    def __init__(self, formulas: Sequence[tuple[int, Formula]]) -> None:
        at_once = [(key, replaced(formula, _uncomputed)) for key, formula in formulas]
        rest = [(key, computed) for key, formula in formulas if (computed := _computed(formula)) != ALWAYS]
        numbering = _Numbering(formula for _, formula in (*at_once, *rest))
        self._at_once = _Formulas(at_once, numbering)
        self._rest = _Formulas(rest, numbering)
        self._late_keys = frozenset(key for key, _ in rest)
        self._columns = {leaf.column for _, formula in rest for atom in atoms(formula) for leaf in atom.leaves}

    def apply(self, table: pa.Table) -> dict[int, Rows]:
        """Return the candidate rows (ascending) of every formula that has any in this table."""
        if not table.num_rows:
            return {}
        found = self._at_once.apply(table)
        asked = {key: found.pop(key) for key in self._late_keys & found.keys()}
        return found | self._left(table, asked) if asked else found

    def _left(self, table: pa.Table, asked: Mapping[int, Rows]) -> dict[int, Rows]:
        """Return which rows, of those asked for, pass the tests of computed values, too."""
        rows = np.unique(np.concatenate(list(asked.values())))
        names = [name for name in table.column_names if name in self._columns or name == TIME_COLUMN]
        found = self._rest.apply(table.select(names).take(pa.array(rows)), asked)
        passed = {key: rows[places] for key, places in found.items()}
        left = {key: kept[np.isin(kept, asked[key], assume_unique=True)] for key, kept in passed.items()}
        return {key: kept for key, kept in left.items() if kept.size}


def _uncomputed(atom: Atom) -> Formula:
    return ALWAYS if isinstance(atom.leaf, Computed) else atom


def _computed(formula: Formula) -> Formula:
    """Return what is left to tell of a formula for events that pass all tests of values as they are."""
    parts = formula.items if isinstance(formula, AllOf) else (formula,)
    return all_of(part for part in parts if any(isinstance(atom.leaf, Computed) for atom in atoms(part)))


class _Formulas:
    """Formulas that are told together."""

    def __init__(self, formulas: Sequence[tuple[int, Formula]], numbering: _Numbering) -> None:
        self._leaves, self._atoms = numbering.leaves, numbering.atoms
        self._trees = [(key, numbering.tree(formula)) for key, formula in formulas]
        self._by_columns: dict[frozenset[str], list[tuple[int, Tree | bool]]] = {}

    def apply(self, table: pa.Table, asked: Collection[int] | None = None) -> dict[int, Rows]:
        """Return the rows of every formula, or of those that are asked for, that has any in this table."""
        candidates: dict[int, Rows] = {}
        batch = Batch(table, self._atoms, self._leaves)
        for key, tree in self._trees_for(table):
            if asked is not None and key not in asked:
                continue
            folded = tree if isinstance(tree, bool) else fold(tree, batch.verdict)
            if folded is False:
                continue
            rows = np.arange(table.num_rows) if folded is True else batch.select(folded)
            if rows.size:
                candidates[key] = rows
        return candidates

    def _trees_for(self, table: pa.Table) -> list[tuple[int, Tree | bool]]:
        """Return the formulas that are left once the columns that the table lacks have been read as zero."""
        columns = frozenset(table.column_names)
        known = self._by_columns.get(columns)
        if known is None:
            if len(self._by_columns) >= _REMEMBERED_TABLES:
                self._by_columns.clear()
            known = [(key, tree) for key, tree in self._fold_absent(columns) if tree is not False]
            self._by_columns[columns] = known
        return known

    def _fold_absent(self, columns: frozenset[str]) -> list[tuple[int, Tree | bool]]:
        absent = Batch(pa.table({"": pa.nulls(1)}), self._atoms, self._leaves)
        present = [
            probes.evaluation is not None or is_present(probes.leaf.leaves[0], columns) for probes in self._leaves
        ]

        def verdict(number: int) -> Verdict:
            return None if present[self._atoms[number].leaf] else bool(absent.mask(number)[0])

        return [(key, tree if isinstance(tree, bool) else fold(tree, verdict)) for key, tree in self._trees]


class _Numbering:
    """All atoms of some formulas, and all that they read, numbered, so that equal ones are told once."""

    def __init__(self, formulas: Iterable[Formula]) -> None:
        self.leaves, self.atoms = _number_atoms(formulas)
        self._ranks = _ranks(self.atoms)
        self._numbers = {numbered.atom: number for number, numbered in enumerate(self.atoms)}

    def tree(self, formula: Formula) -> Tree | bool:
        """Return a formula over atom numbers."""
        return _tree(formula, self._numbers, self._ranks)


def _number_atoms(formulas: Iterable[Formula]) -> tuple[list[LeafProbes], list[NumberedAtom]]:
    probes: dict[Leaf | Computed, dict[Probe, None]] = {}
    distinct: dict[Atom, None] = {}
    for formula in formulas:
        for atom in atoms(formula):
            distinct[atom] = None
            probes.setdefault(atom.leaf, {})[atom.probe] = None
    numbers = {leaf: number for number, leaf in enumerate(probes)}
    leaves = [LeafProbes(leaf, looked_for) for leaf, looked_for in probes.items()]
    numbered = []
    for atom in distinct:
        number = numbers[atom.leaf]
        numbered.append(NumberedAtom(atom, number, leaves[number].wanted(atom.probe)))
    return leaves, numbered


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
